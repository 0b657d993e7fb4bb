"""How fast the bot is: beside a bare echo bot of the same library, and for who asks at a busy time.

    python -m tests.soak.speed --messages 2000 --rounds 3 --seconds 20

Throughput: messages of 100 chats wait, limits are off on both sides, and the clock runs from the first to
the last answer. All bots are processes of their own, take turns, and talk to the same kind of server. The
questions are those of config/questions.jsonl, one after the other; inbox and journal are on disk, as always.

Latency: questions from 90 chats with Telegram's limits on, from sending to the answer's arrival, evenly or at
random (a Poisson process). Beside it stands what the limits alone take, when more than 30 a second are asked:
"""

import argparse
import contextlib
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from telegram import Update
from telegram.ext import ApplicationBuilder, CallbackContext, MessageHandler, filters

from bot.chat.app import Around, serve
from bot.home import Home
from bot.sandbox.limits import UNLIMITED, Limits
from bot.sandbox.run import run_in_thread
from bot.sandbox.sandbox import BOT_KEY, Call, Sandbox
from bot.settings import Secret, TelegramSettings
from bot.wiring import assemble

from .parts import bot_process, home_in, until

BOTS = ("echo", "echo, concurrent", "wenbao")
CHATS = 100
ROOT = Path(__file__).parents[2]


class Timed(Sandbox):
    """A sandbox that notes when each message was sent, and how the call ended."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(**kwargs)
        self.sent: list[tuple[float, int]] = []
        self.statuses: Counter[int] = Counter()

    def note(self, call: Call) -> None:
        """Note the time of a message that was accepted."""
        if call.method == "sendMessage":
            self.statuses[call.status] += 1
            if call.status == 200:
                self.sent.append((time.monotonic(), int(call.given["chat_id"])))
        super().note(call)


def questions() -> tuple[str, ...]:
    """Return different questions, as many as the sample reports are judged with."""
    lines = (ROOT / "config" / "questions.jsonl").read_text("utf-8").splitlines()
    return tuple(dict.fromkeys(json.loads(line)["question"] for line in lines))


def throughput(folder: Path, home: Path, bot: str, messages: int) -> float:
    """Return answers a second of one bot to messages that wait for it."""
    sandbox = Timed(limits=UNLIMITED)
    people = [sandbox.join(f"人{number}", language_code="zh-hans") for number in range(CHATS)]
    asked = questions()
    for number in range(messages):
        people[number % CHATS].send(asked[number % len(asked)])
    with run_in_thread(sandbox) as server, _bot(bot, server.base_url, home, folder):
        until(lambda: len(sandbox.sent) >= messages, 120, f"{messages} answers of {bot}")
    first, last = sandbox.sent[0][0], sandbox.sent[-1][0]
    return (messages - 1) / (last - first)


def moments(*, rate: float, seconds: float, evenly: bool) -> list[float]:
    """Return when to ask, in seconds from the start."""
    if evenly:
        return [number / rate for number in range(int(rate * seconds))]
    draw = random.Random(1)  # noqa: S311
    steps = itertools.accumulate(draw.expovariate(rate) for _ in range(int(rate * seconds)))
    return list(steps)


def least(asked: Sequence[float]) -> list[float]:
    """Return the sorted seconds that answers must wait for the limit of all chats, whoever sends them."""
    window = Limits().overall
    assert window is not None
    sent: list[float] = []
    for number, moment in enumerate(asked):
        held = sent[number - window.messages] + window.seconds if number >= window.messages else 0.0
        sent.append(max(moment, held))
    return sorted(at - moment for at, moment in zip(sent, asked, strict=True))


def latency(home: Path, log: Path, asked: Sequence[float]) -> tuple[list[float], int]:
    """Return the sorted seconds from question to answer, and how often Telegram asked for a pause.

    Args:
        home: Of the reports.
        log: Of the bot.
        asked: When, in seconds from the start.
    """
    for file in (home / ".wenbao").glob("inbox.sqlite3*"):
        file.unlink()  # each server numbers its updates from the beginning
    sandbox = Timed()
    people = [sandbox.join(f"人{number}", language_code="zh-hans") for number in range(90)]
    waiting: dict[int, deque[float]] = {person.chat.chat_id: deque() for person in people}
    texts = questions()
    with run_in_thread(sandbox) as server, bot_process(home, sandbox, server.port, log, settings={}):
        until(lambda: sandbox.calls("setMyCommands"), 60, "the bot answers")
        begin = time.monotonic()
        for number, moment in enumerate(asked):
            time.sleep(max(0.0, begin + moment - time.monotonic()))
            person = people[number % len(people)]
            waiting[person.chat.chat_id].append(time.monotonic())
            person.send(texts[number % len(texts)])
        until(lambda: len(sandbox.sent) >= len(asked), 60, f"{len(asked)} answers")
    times = sorted(at - waiting[chat].popleft() for at, chat in sandbox.sent)
    return times, sandbox.statuses[429]


@contextlib.contextmanager
def _bot(bot: str, base_url: str, home: Path, folder: Path) -> Iterator[None]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("WENBAO_")}
    command = [sys.executable, "-m", "tests.soak.speed", "--as", bot, base_url, str(home)]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _echo(base_url: str, *, concurrent: bool) -> None:
    async def reply(update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        if update.message is not None and update.message.text is not None:
            await update.message.reply_text(update.message.text)

    app = ApplicationBuilder().token(BOT_KEY).base_url(base_url).concurrent_updates(concurrent).build()
    app.add_handler(MessageHandler(filters.TEXT, reply))
    app.run_polling()


def _wenbao(base_url: str, home: Path) -> None:
    service = assemble(Home(home), {}, warn=print, many=True)
    service.generation()
    inbox = home / ".wenbao" / f"speed-{os.getpid()}.sqlite3"
    settings = TelegramSettings(base_url=base_url)
    around = Around(service.journal, inbox=inbox, paced=False)
    serve(settings, Secret(BOT_KEY), service, say=print, around=around)


def compared(folder: Path, *, messages: int, rounds: int) -> dict[str, list[float]]:
    """Return each bot's answers a second, a figure a round; the bots take turns."""
    home = home_in(folder)
    rates: dict[str, list[float]] = {bot: [] for bot in BOTS}
    for _ in range(rounds):
        for bot in BOTS:
            rates[bot].append(throughput(folder, home, bot, messages))
    return rates


def _print_latency(home: Path, log: Path, seconds: float) -> None:
    for rate, evenly in ((10.0, True), (25.0, True), (30.0, True), (25.0, False), (30.0, False)):
        asked = moments(rate=rate, seconds=seconds, evenly=evenly)
        times, refused = latency(home, log, asked)
        print(
            f"{rate:.0f} questions/s {'evenly' if evenly else 'at random'} for {seconds:.0f} s: "
            f"{_ms(times)}, refused with 429: {refused}; the limits alone: {_ms(least(asked))}",
            flush=True,
        )


def _ms(times: Sequence[float]) -> str:
    p50, p95 = (times[int(len(times) * share)] for share in (0.5, 0.95))
    return f"p50 {p50 * 1000:.0f}, p95 {p95 * 1000:.0f}, longest {times[-1] * 1000:.0f} ms"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--as", dest="role", choices=BOTS)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("rest", nargs="*")
    given = parser.parse_args()
    if given.role == "wenbao":
        _wenbao(given.rest[0], Path(given.rest[1]))
        return
    if given.role:
        _echo(given.rest[0], concurrent=given.role != "echo")
        return
    with tempfile.TemporaryDirectory(prefix="wenbao-speed-") as name:
        folder = Path(name)
        rates = compared(folder, messages=given.messages, rounds=given.rounds)
        for bot, figures in rates.items():
            each = ", ".join(f"{figure:.0f}" for figure in figures)
            print(f"{bot}: {statistics.median(figures):.0f} answers/s ({each})")
        ours = statistics.median(rates["wenbao"])
        for bot in BOTS[:2]:
            print(f"wenbao / {bot}: {ours / statistics.median(rates[bot]):.2f}")
        _print_latency(folder / "home", folder / "log", given.seconds)


if __name__ == "__main__":
    main()

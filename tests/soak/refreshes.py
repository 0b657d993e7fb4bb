"""Refresh every few seconds while people ask: no answer fails, and neither memory nor open files grow.

python -m tests.soak.refreshes --refreshes 60 --every 3 --rate 10
"""

import argparse
import json
import signal
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.limits import UNLIMITED, Limits
from bot.sandbox.run import run_in_thread
from bot.sandbox.sandbox import Call, Sandbox

from .parts import QUESTIONS, Group, bot_process, home_in, memory_kb, open_files, until

_TROUBLE = "这会儿查不了"
_MORE_KB = 30_000
_MORE_FILES = 8


class Noting(Sandbox):
    """A sandbox that notes when each question was answered, by chat and message."""

    def __init__(self, *, limits: Limits) -> None:
        super().__init__(limits=limits)
        self.times: dict[tuple[int, int], float] = {}

    def note(self, call: Call) -> None:
        """Note the time of an answer that was accepted."""
        if call.method == "sendMessage" and call.status == 200:
            question = json.loads(call.given["reply_parameters"])["message_id"]
            self.times[int(call.given["chat_id"]), question] = time.monotonic()
        super().note(call)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Attributes:
        asked: Questions.
        answered: That got one answer which is no apology.
        refreshes: That published another index.
        memory_kb: Of the process, after each quarter.
        files: Open ones, after each quarter; the last time, those that stay open.
        times_ms: Median, 95th hundredth and longest time from question to answer.
    """

    asked: int
    answered: int
    refreshes: int
    memory_kb: tuple[int, ...]
    files: tuple[int, ...]
    times_ms: tuple[int, ...]

    @property
    def holds(self) -> bool:
        """Tell whether all was answered, and the second half needed no more than the first."""
        return (
            self.asked == self.answered
            and self.memory_kb[-1] <= self.memory_kb[1] + _MORE_KB
            and self.files[-1] <= self.files[1] + _MORE_FILES
        )


def run(folder: Path, *, refreshes: int, every: float, rate: float) -> Outcome:
    """Change a report and refresh, `refreshes` times with pauses of `every` seconds; ask all the while.

    Args:
        folder: Empty; for the home and the bot's log.
        refreshes: How many.
        every: Seconds from the end of one to the next.
        rate: Questions a second.
    """
    home = home_in(folder)
    sandbox = Noting(limits=UNLIMITED)
    # No group reaches the limit of twenty answers a minute.
    groups = [Group(sandbox, number) for number in range(int(rate * 4) + 1)]
    over = threading.Event()
    asking = threading.Thread(target=_ask, args=(groups, rate, over))
    log = folder / "log"
    memory, files = [], []
    with run_in_thread(sandbox) as server, bot_process(home, sandbox, server.port, log, settings={}) as bot:
        until(lambda: sandbox.calls("setMyCommands"), 60, "the bot answers")
        asking.start()
        try:
            for number in range(refreshes):
                report = home / "corpus" / "变.md"
                report.write_text(f"# 变动\n\n## 第{number}版\n\n这是第{number}版的规定。\n", "utf-8")
                bot.send_signal(signal.SIGHUP)
                wanted = number + 1
                until(lambda wanted=wanted: _done(log) >= wanted, 60, f"refresh {wanted}")  # type: ignore[misc]
                time.sleep(every)
                if number % max(1, refreshes // 4) == refreshes // 4 - 1 or refreshes < 4:
                    memory.append(memory_kb(bot.pid))
                    files.append(open_files(bot.pid))
            files[-1] = _settled_files(bot.pid, files[1 % len(files)] + _MORE_FILES)
        finally:
            over.set()
            asking.join()
        asked = sum(len(group.asked) for group in groups)
        until(lambda: sum(len(group.answers()) for group in groups) == asked, 60, "all are answered")
        bot.send_signal(signal.SIGTERM)
        bot.wait(60)
    return Outcome(
        asked, _answered(groups), _done(log), tuple(memory), tuple(files), _times_ms(sandbox, groups)
    )


def _ask(groups: list[Group], rate: float, over: threading.Event) -> None:
    number = 0
    while not over.wait(1 / rate):
        groups[number % len(groups)].ask(QUESTIONS[number % len(QUESTIONS)])
        number += 1


def _settled_files(pid: int, most: int, patience_s: float = 30.0) -> int:
    """Return how many files are open when there are no more than `most`, or after a while.

    A question that holds the generation before the last one holds its files; another may come meanwhile.
    """
    deadline = time.monotonic() + patience_s
    while (found := open_files(pid)) > most and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def _done(log: Path) -> int:
    return log.read_text("utf-8").count("refresh (SIGHUP): ")


def _answered(groups: list[Group]) -> int:
    fine = 0
    for group in groups:
        good = {reply.reply_to for reply in group.replies() if _TROUBLE not in reply.text}
        fine += sum(count == 1 and number in good for number, count in group.answers().items())
    return fine


def _times_ms(sandbox: Noting, groups: list[Group]) -> tuple[int, ...]:
    begun = {(group.chat.chat_id, number): at for group in groups for number, at in group.asked.items()}
    times = sorted(at - begun[key] for key, at in sandbox.times.items())
    return tuple(round(times[int((len(times) - 1) * share)] * 1000) for share in (0.5, 0.95, 1.0))


def main() -> None:
    """Run as told on the command line; fail unless it holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--refreshes", type=int, default=60)
    parser.add_argument("--every", type=float, default=3.0)
    parser.add_argument("--rate", type=float, default=10.0)
    with tempfile.TemporaryDirectory(prefix="wenbao-refreshes-") as folder:
        outcome = run(Path(folder), **vars(parser.parse_args()))
        print(outcome)
        if not outcome.holds:
            print((Path(folder) / "log").read_text("utf-8")[-5000:])
            raise SystemExit(1)


if __name__ == "__main__":
    main()

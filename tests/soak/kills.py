"""Kill the bot at random moments while people ask: every question is answered, hardly any twice.

python -m tests.soak.kills --mode polling --kills 30 --questions 500 --chats 50 --seed 1
"""

import argparse
import itertools
import os
import random
import shutil
import signal
import socket
import sqlite3
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from bot.chat.ledger import Ledger
from bot.sandbox.limits import Limits
from bot.sandbox.run import run_in_thread
from bot.sandbox.sandbox import Sandbox

from .parts import QUESTIONS, Group, bot_process, home_in, until

SECRET = "a-secret-for-the-soak-test"  # noqa: S105
_BOT = 123456789


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Attributes:
        questions: That were asked.
        answered: At least once.
        duplicates: Further answers to the same questions.
        most_after_one_kill: Of those.
        kills: That hit a running process.
        damaged: Times that the inbox did not open clean after a kill.
        given_up: Updates that were set aside.
        seconds: In all.
    """

    questions: int
    answered: int
    duplicates: int
    most_after_one_kill: int
    kills: int
    damaged: int
    given_up: int
    seconds: float

    @property
    def holds(self) -> bool:
        """Tell whether nothing was lost, little came twice, and the inbox stayed whole."""
        return (
            self.answered == self.questions
            and self.duplicates <= self.kills
            and self.damaged == self.given_up == 0
        )


def run(folder: Path, *, mode: str, kills: int, questions: int, chats: int, seed: int) -> Outcome:
    """Ask, kill and count.

    Args:
        folder: Empty; for the home and the bot's log.
        mode: "polling" or "webhook".
        kills: How often the process is killed, each time 0.3 to 3 seconds after its start.
        questions: How many, asked evenly while the kills last, and as many in each chat.
        chats: Groups that ask.
        seed: Of the moments.
    """
    start = time.monotonic()
    moments = random.Random(seed)  # noqa: S311
    home = home_in(folder)
    # Telegram delivers again after a minute or more; here the minutes are short.
    sandbox = Sandbox(limits=Limits(retry_s=0.1, longest_retry_s=0.5))
    groups = [Group(sandbox, number) for number in range(chats)]
    inbox = home / ".wenbao" / "inbox.sqlite3"
    lives_s = [moments.uniform(0.3, 3.0) for _ in range(kills)]
    asking = threading.Thread(target=_ask, args=(groups, questions, sum(lives_s)))
    damaged, after_each = 0, [0]
    options, settings = _way(mode)
    with run_in_thread(sandbox) as server:
        asking.start()
        for life_s in lives_s:
            with bot_process(home, sandbox, server.port, folder / "log", *options, settings=settings) as bot:
                time.sleep(life_s)
                assert bot.poll() is None, (folder / "log").read_text("utf-8")
                os.kill(bot.pid, signal.SIGKILL)
                bot.wait()
            damaged += not _is_clean(inbox, folder / "copy")
            after_each.append(_duplicates(groups))
        asking.join()
        with bot_process(home, sandbox, server.port, folder / "log", *options, settings=settings) as bot:
            until(lambda: _answered(groups) == questions, 120 + questions / 10, "all are answered")
            time.sleep(2.0)  # for answers that should not come
            bot.send_signal(signal.SIGTERM)
            bot.wait(60)
    after_each.append(_duplicates(groups))
    ledger = _opened(inbox)
    given_up = ledger.aside()
    left = len(ledger.waiting())
    ledger.close()
    assert left == 0, f"{left} updates wait although all was answered"
    steps = [later - earlier for earlier, later in itertools.pairwise(after_each)]
    return Outcome(
        questions,
        _answered(groups),
        _duplicates(groups),
        max(steps),
        kills,
        damaged,
        given_up,
        round(time.monotonic() - start, 1),
    )


def _ask(groups: list[Group], questions: int, seconds: float) -> None:
    for number in range(questions):
        group = groups[number % len(groups)]
        group.ask(QUESTIONS[(number // len(groups) + number) % len(QUESTIONS)])
        time.sleep(seconds / questions)


def _answered(groups: list[Group]) -> int:
    return sum(len(group.answers()) for group in groups)


def _duplicates(groups: list[Group]) -> int:
    return sum(group.answers().total() - len(group.answers()) for group in groups)


def _is_clean(inbox: Path, copy: Path) -> bool:
    """Open a copy of what the killed process left, so that the bot itself is the first to mend it."""
    if not inbox.exists():
        return True  # killed before it was made
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for suffix in ("", "-wal"):
        if (part := inbox.with_name(inbox.name + suffix)).exists():
            shutil.copyfile(part, copy / part.name)
    connection = sqlite3.connect(copy / inbox.name)
    try:
        whole: bool = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
    return whole


def _opened(inbox: Path) -> Ledger:
    def refuse(line: str) -> None:
        raise AssertionError(line)

    ledger = Ledger(inbox, _BOT, now=time.time, warn=refuse)
    ledger.open()
    return ledger


def _way(mode: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the options and settings of a mode."""
    if mode == "polling":
        return (), {}
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    settings = {
        "WENBAO_WEBHOOK__URL": f"http://127.0.0.1:{port}/telegram",
        "WENBAO_WEBHOOK__PORT": str(port),
        "WENBAO_WEBHOOK_SECRET": SECRET,
    }
    return ("--webhook",), settings


def main() -> None:
    """Run as told on the command line; fail unless it holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mode", choices=("polling", "webhook"), default="polling")
    for name, default in (("kills", 30), ("questions", 500), ("chats", 50), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    with tempfile.TemporaryDirectory(prefix="wenbao-kills-") as folder:
        outcome = run(Path(folder), **vars(parser.parse_args()))
        print(outcome)
        if not outcome.holds:
            print((Path(folder) / "log").read_text("utf-8")[-5000:])
            raise SystemExit(1)


if __name__ == "__main__":
    main()

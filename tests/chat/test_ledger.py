"""The inbox on disk: what was taken is there until it is dealt with, whatever happens in between."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.ledger import KEEP_ASIDE_S, KEEP_DONE_S, Done, Entry, Ledger, SetAside, Take
from bot.errors import InboxUnavailable

BOT = 123456789


class Clock:
    """Turned by hand."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def opened(path: Path | None, clock: Clock | None = None, bot: int = BOT) -> Ledger:
    """Return an open ledger; a warning fails the test."""
    ledger = Ledger(path, bot, now=clock or Clock(), warn=lambda line: pytest.fail(line))
    ledger.open()
    return ledger


def ids(ledger: Ledger) -> list[int]:
    return [one.update_id for one in ledger.waiting()]


def entries() -> st.SearchStrategy[Entry]:
    numbers = st.integers(0, 5)
    return st.one_of(
        st.builds(Take, numbers, st.text(max_size=5), st.just("")),
        st.builds(Take, numbers, st.text(max_size=5), st.just("unreadable")),
        st.builds(Done, numbers),
        st.builds(SetAside, numbers, st.just("failed")),
    )


@given(st.lists(st.lists(entries(), max_size=6), max_size=6))
def test_each_update_is_taken_once_and_ends_once(batches: list[list[Entry]]) -> None:
    """Against a plain model: order of arrival, first Take wins, what is done or aside stays so."""
    ledger = opened(None)
    states: dict[int, str] = {}
    for batch in batches:
        expected = []
        for entry in batch:
            before = states.get(entry.update_id)
            match entry:
                case Take(update_id, _, unreadable):
                    expected.append(before is None)
                    states.setdefault(update_id, "aside" if unreadable else "waiting")
                case Done(update_id):
                    expected.append(before == "waiting")
                    if before == "waiting":
                        states[update_id] = "done"
                case SetAside(update_id, _):
                    expected.append(before == "waiting")
                    if before == "waiting":
                        states[update_id] = "aside"
        assert ledger.write(batch) == expected
    assert ids(ledger) == [number for number, state in states.items() if state == "waiting"]
    assert ledger.aside() == list(states.values()).count("aside")
    ledger.close()


def test_what_waits_is_there_after_reopening(tmp_path: Path) -> None:
    """In the order in which it came, not by number: Telegram may start anywhere after a quiet week."""
    path = tmp_path / "inbox.sqlite3"
    first = opened(path)
    first.write([Take(9, "九"), Take(3, "三")])
    first.write([Take(7, "七"), Done(3)])
    first.close()
    second = opened(path)
    assert [(one.update_id, one.body, one.since) for one in second.waiting()] == [
        (9, "九", Clock.now),
        (7, "七", Clock.now),
    ]
    assert second.write([Take(3, "三")]) == [False]
    second.close()


def test_another_bots_updates_are_not_ours(tmp_path: Path) -> None:
    """After a change of token the same number is another update."""
    path = tmp_path / "inbox.sqlite3"
    first = opened(path)
    first.write([Take(1, "a")])
    first.close()
    other = opened(path, bot=7)
    assert ids(other) == []
    assert other.write([Take(1, "b")]) == [True]
    other.close()


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    """It and the log beside it; a file that was open to others is closed to them."""
    path = tmp_path / "inbox.sqlite3"
    path.touch(0o644)
    ledger = opened(path)
    ledger.write([Take(1, "a")])
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {"inbox.sqlite3": 0o600, "inbox.sqlite3-wal": 0o600}
    ledger.close()


def test_texts_are_gone_once_dealt_with(tmp_path: Path) -> None:
    """From the rows at once; from the bytes on disk when the log is emptied, at the latest on closing."""
    path = tmp_path / "inbox.sqlite3"
    ledger = opened(path)
    ledger.write([Take(1, "personal-and-private" * 10)])
    ledger.write([Done(1)])
    ledger.close()
    assert b"personal-and-private" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_what_is_kept_is_kept_for_a_time(tmp_path: Path) -> None:
    """Numbers of what is done for two days, what was set aside for a week, what waits for ever."""
    clock = Clock()
    path = tmp_path / "inbox.sqlite3"
    ledger = opened(path, clock)
    ledger.write([Take(1, "a"), Take(2, "b"), Take(3, "c"), Done(1), SetAside(2, "failed")])
    for age, known in ((KEEP_DONE_S, {1, 2, 3}), (KEEP_DONE_S + 1, {2, 3}), (KEEP_ASIDE_S + 1, {3})):
        clock.now = Clock.now + age
        ledger.close()
        ledger.open()
        assert {number for number in (1, 2, 3) if not _fresh(ledger, number)} == known
    ledger.close()


def test_a_bot_that_runs_for_days_forgets_too(tmp_path: Path) -> None:
    """Once an hour: among two million numbers it takes a quarter of a second to look for old ones."""
    clock = Clock()
    ledger = opened(tmp_path / "inbox.sqlite3", clock)
    ledger.write([Take(1, "a"), Done(1)])
    clock.now += KEEP_DONE_S + 1
    for number in range(2, 203):
        ledger.write([Take(number, "b"), Done(number)])
    assert _fresh(ledger, 1)
    assert not _fresh(ledger, 202)
    ledger.close()


def _fresh(ledger: Ledger, number: int) -> bool:
    """Tell whether an id is unknown, without leaving it known."""
    connection = ledger._open_connection()
    return not connection.execute("SELECT 1 FROM updates WHERE update_id = ?", (number,)).fetchone()


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    """Two bots on one inbox would answer everything twice."""
    path = tmp_path / "inbox.sqlite3"
    ledger = opened(path)
    code = (
        "import sys; from pathlib import Path; from bot.chat.ledger import Ledger\n"
        "Ledger(Path(sys.argv[1]), 1, now=lambda: 0.0, warn=print).open()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert "another wenbao serve runs here" in done.stderr
    ledger.close()


@pytest.mark.parametrize("damage", [b"no database" * 1000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_kept_aside(tmp_path: Path, damage: bytes) -> None:
    """The bot starts with a new one and says so; the old one can be looked at."""
    path = tmp_path / "inbox.sqlite3"
    path.write_bytes(damage)
    lines: list[str] = []
    ledger = Ledger(path, BOT, now=Clock(), warn=lines.append)
    ledger.open()
    assert ledger.write([Take(1, "a")]) == [True]
    ledger.close()
    assert (tmp_path / "inbox.sqlite3.damaged").read_bytes() == damage
    assert len(lines) == 1


def test_a_newer_file_is_not_touched(tmp_path: Path) -> None:
    """A version that this program does not know is an error that says so."""
    path = tmp_path / "inbox.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(InboxUnavailable, match="version 99"):
        opened(path)
    assert not (tmp_path / "inbox.sqlite3.damaged").exists()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """One line with the path."""
    with pytest.raises(InboxUnavailable, match="nowhere"):
        opened(tmp_path / "nowhere" / "inbox.sqlite3")


@pytest.mark.parametrize(
    "use",
    [lambda one: one.write([]), lambda one: one.waiting(), lambda one: one.aside(), lambda one: one.began()],
)
def test_a_closed_ledger_says_so(use: Callable[[Ledger], object]) -> None:
    """Closing twice does nothing."""
    ledger = opened(None)
    ledger.close()
    ledger.close()
    with pytest.raises(InboxUnavailable, match="not open"):
        use(ledger)


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    """All entries of a commit or none; when there is room again the next commit works."""
    ledger = opened(tmp_path / "inbox.sqlite3")
    connection = ledger._open_connection()
    connection.execute("PRAGMA max_page_count = 20")
    with pytest.raises(InboxUnavailable, match="full"):
        ledger.write([Take(1, "a"), Take(2, "x" * 200_000)])
    assert ids(ledger) == []
    connection.execute("PRAGMA max_page_count = 10000")
    assert ledger.write([Take(1, "a"), Take(2, "x" * 200_000)]) == [True, True]
    ledger.close()


def test_a_disk_that_takes_nothing_is_found_out(tmp_path: Path) -> None:
    """By writing, not by asking for leave to write."""
    ledger = opened(tmp_path / "inbox.sqlite3")
    ledger.check()
    ledger._open_connection().execute("PRAGMA query_only = ON")
    with pytest.raises(InboxUnavailable, match="check the disk"):
        ledger.check()
    ledger.close()


def test_runs_without_a_result_are_counted(tmp_path: Path) -> None:
    """Until the first update that is dealt with."""
    path = tmp_path / "inbox.sqlite3"
    for expected in (0, 1, 2):
        ledger = opened(path)
        ledger.write([Take(1, "a")])
        assert ledger.began() == expected
        ledger.close()
    ledger = opened(path)
    ledger.write([Done(1)])
    assert ledger.began() == 0
    ledger.close()


def test_a_killed_process_loses_nothing_it_wrote(tmp_path: Path) -> None:
    """SIGKILL right after the commit: the updates are there and the file opens clean."""
    path = tmp_path / "inbox.sqlite3"
    code = (
        "import os, signal, sys; from pathlib import Path; from bot.chat.ledger import Ledger, Take\n"
        "ledger = Ledger(Path(sys.argv[1]), 123456789, now=lambda: 0.0, warn=print); ledger.open()\n"
        "ledger.write([Take(number, 'x') for number in range(50)])\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, path], check=False, timeout=60, env=dict(os.environ))
    assert done.returncode == -9
    ledger = opened(path)
    assert ids(ledger) == list(range(50))
    ledger.close()

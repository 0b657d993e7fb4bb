"""The lock for building: one at a time, and the others are told who."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import IndexLocked
from bot.index.lock import building_lock

ROOT = Path(__file__).parents[2]
NOW = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
AT_ONCE = timedelta(0)

HOLD = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from bot.index.lock import building_lock
with building_lock(Path("lock"), timeout=timedelta(0), now=datetime(2024, 5, 1, 12, 30, tzinfo=UTC)):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(folder: Path) -> "subprocess.Popen[str]":
    """Start another process that holds the lock until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_who_holds_it_stands_beside_it(tmp_path: Path) -> None:
    """While it is held, and no longer."""
    with building_lock(tmp_path / "lock", timeout=AT_ONCE, now=NOW):
        note = json.loads((tmp_path / "lock.owner").read_text())
        assert note == {"pid": os.getpid(), "since": "2024-05-01T12:30:00+00:00"}
    assert not (tmp_path / "lock.owner").exists()
    with building_lock(tmp_path / "lock", timeout=AT_ONCE, now=NOW):
        assert (tmp_path / "lock.owner").exists()


def test_a_failure_lets_go_of_it(tmp_path: Path) -> None:
    """The next one need not wait."""

    def fail() -> None:
        with building_lock(tmp_path / "lock", timeout=AT_ONCE, now=NOW):
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail()
    with building_lock(tmp_path / "lock", timeout=AT_ONCE, now=NOW):
        assert (tmp_path / "lock.owner").exists()


@pytest.mark.parametrize(
    ("garble", "named"),
    [
        (lambda _: None, "process {pid} since 2024-05-01T12:30:00+00:00, for 0:00:00"),
        (lambda owner: owner.unlink(), "another process"),
        (lambda owner: owner.write_text("{"), "another process"),
        (lambda owner: owner.write_text("[]"), "another process"),
    ],
    ids=["whole", "gone", "cut short", "not a note"],
)
def test_who_holds_it_is_named(tmp_path: Path, garble: Callable[[Path], object], named: str) -> None:
    """By its process and time, if its note can be read; with what to do, on one line."""
    with holder(tmp_path) as process:
        garble(tmp_path / "lock.owner")
        with (
            pytest.raises(IndexLocked) as caught,
            building_lock(tmp_path / "lock", timeout=AT_ONCE, now=NOW),
        ):
            pass
        assert process.stdin is not None
        process.stdin.close()
    assert str(caught.value) == (
        f"the index is being built by {named.format(pid=process.pid)}; waited 0 s for "
        f"{tmp_path / 'lock'}; try again when it is done"
    )


def test_a_killed_holder_lets_go_of_it(tmp_path: Path) -> None:
    """The lock goes with its process; the note that it left does no harm."""
    with holder(tmp_path) as process:
        process.kill()
    assert (tmp_path / "lock.owner").exists()
    with building_lock(tmp_path / "lock", timeout=AT_ONCE, now=NOW):
        assert json.loads((tmp_path / "lock.owner").read_text())["pid"] == os.getpid()


@pytest.mark.parametrize(
    ("later", "age"),
    [
        (timedelta(minutes=5, seconds=3), ", for 0:05:03"),
        (timedelta(days=2), ", for 2 days, 0:00:00"),
        (timedelta(seconds=-1), ""),
        (timedelta(days=-9000), ""),
    ],
)
def test_how_long_it_is_held_is_told_unless_the_clock_jumped(
    tmp_path: Path, later: timedelta, age: str
) -> None:
    """Back behind the owner's note an age makes no sense; the lock itself knows no clock."""
    with holder(tmp_path) as process:
        with (
            pytest.raises(IndexLocked, match=f"since 2024-05-01T12:30:00\\+00:00{age}; waited"),
            building_lock(tmp_path / "lock", timeout=AT_ONCE, now=NOW + later),
        ):
            pass
        assert process.stdin is not None
        process.stdin.close()


def test_a_process_id_that_is_used_again_locks_nobody_out(tmp_path: Path) -> None:
    """The note of a dead owner names a process that is alive: it is not asked."""
    (tmp_path / "lock").touch()
    (tmp_path / "lock.owner").write_text(json.dumps({"pid": os.getppid(), "since": NOW.isoformat()}))
    with building_lock(tmp_path / "lock", timeout=AT_ONCE, now=NOW):
        assert json.loads((tmp_path / "lock.owner").read_text())["pid"] == os.getpid()

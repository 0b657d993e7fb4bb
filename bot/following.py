"""Folders that change: told of once what changed has settled.

The system tells of most changes at once. Where it does not (network folders, a folder that was put in the
place of another), a look every few seconds finds them: what counts is how the files look, not what was told.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from bot.errors import InputError, WenbaoError
from bot.reports.scanning import IGNORED

SETTLE_S = 2.0
"""A change is taken in when no file looks different for so long: copies of many files are one change."""
LOOK_EVERY_S = 10.0
_LONGEST_WAIT_S = 600.0  # for a file that changes all the time, so that the others are taken in
_MISSING = "watching needs one more library; run: pip install 'wenbao[watch]'"


def check() -> None:
    """Make sure that folders can be watched.

    Raises:
        InputError: The library is not installed.
    """
    try:
        import watchfiles  # noqa: F401
    except ImportError:
        raise InputError(_MISSING) from None


def settled(
    folders: Sequence[Path],
    stop: threading.Event,
    *,
    warn: Callable[[str], None],
    settle_s: float = SETTLE_S,
    look_every_s: float = LOOK_EVERY_S,
) -> Iterator[None]:
    """Yield at once, for what changed while nobody watched, and then after each change that has settled.

    What changes between two yields, also while the caller is at work, is one change.

    Args:
        folders: Need not exist.
        stop: Ends it when set, also from another thread.
        warn: Told once if the system does not tell of changes.
        settle_s: Seconds in which no file looks different.
        look_every_s: Seconds between two looks where nothing is told.
    """
    known: Mapping[str, object] | None = None
    told = _told(folders, stop, warn, look_every_s)
    while not stop.is_set():
        now = _looks(folders)
        if known is not None and now != known:
            now = _when_settled(folders, now, stop, settle_s)
        if now != known and not stop.is_set():
            known = now
            yield
        else:
            next(told, None)


def follow(folders: Sequence[Path], refresh: Callable[[], object], *, say: Callable[[str], None]) -> None:
    """Refresh now and whenever something below `folders` changed, until interrupted.

    Args:
        folders: Of reports and of words.
        refresh: What it cannot do is said, and tried again after the next change.
        say: Told in one line.
    """
    check()
    try:
        for _ in settled(folders, threading.Event(), warn=say):
            try:
                refresh()
            except WenbaoError as error:
                say(" ".join(str(error).split()))
    except KeyboardInterrupt:
        return


def _looks(folders: Sequence[Path]) -> Mapping[str, object]:
    """Return how each file below some folders looks; what cannot be looked at is not there."""
    found: dict[str, object] = {}
    for folder in folders:
        for parent, below, names in os.walk(folder):
            below[:] = [name for name in below if not IGNORED.match(name)]
            for name in names:
                if IGNORED.match(name):
                    continue
                path = os.path.join(parent, name)  # noqa: PTH118 - ten thousand files are looked at often
                try:
                    status = os.stat(path)  # noqa: PTH116
                except OSError:
                    continue
                found[path] = status.st_size, status.st_mtime_ns, status.st_ino
    return found


def _when_settled(
    folders: Sequence[Path], before: Mapping[str, object], stop: threading.Event, settle_s: float
) -> Mapping[str, object]:
    deadline = time.monotonic() + _LONGEST_WAIT_S
    while not stop.wait(settle_s):
        now = _looks(folders)
        if now == before or time.monotonic() > deadline:
            return now
        before = now
    return before


def _told(
    folders: Sequence[Path], stop: threading.Event, warn: Callable[[str], None], look_every_s: float
) -> Iterator[None]:
    """Yield when the system tells of a change, and every few seconds, until stopped."""
    import watchfiles

    try:
        there = [folder for folder in folders if folder.is_dir()]
        if there:
            for _ in watchfiles.watch(
                *there,
                watch_filter=None,
                debounce=100,
                step=20,
                stop_event=stop,
                rust_timeout=int(look_every_s * 1000),
                yield_on_timeout=True,
                raise_interrupt=True,
            ):
                yield
    except (OSError, RuntimeError) as error:
        warn(f"the system does not tell of changes ({error}); looking every {look_every_s:g} s instead")
    while not stop.wait(look_every_s):
        yield

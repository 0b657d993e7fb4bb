"""One builder at a time: a lock that says who holds it and goes with its process.

The system's lock on an open file decides: it ends with the process that holds it, however that ends, so that
a file that was left behind locks nobody out, and a process id that is used again means nothing. The note
beside it only tells people whom they wait for.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from bot.errors import IndexLocked, IndexUnwritable
from bot.index.unwritable import writing


@contextmanager
def building_lock(path: Path, *, timeout: timedelta, now: datetime) -> Iterator[None]:
    """Hold the lock for building while the block runs.

    Args:
        path: The lock file; its folder exists. Who holds it stands beside it, in `<path>.owner`.
        timeout: How long to wait for another process.
        now: For the owner's note, and to tell how old another one's is.

    Raises:
        IndexLocked: It was still held after `timeout`; the message names the holder.
        IndexUnwritable: The lock file cannot be made, or its file system has no locks.
    """
    import filelock

    owner = path.with_name(f"{path.name}.owner")
    lock = filelock.FileLock(path, timeout=timeout.total_seconds())
    try:
        with writing(path):
            lock.acquire()
    except filelock.Timeout as error:
        raise IndexLocked(
            f"the index is being built by {_holder(owner, now + timeout)}; waited "
            f"{timeout.total_seconds():g} s for {path}; try again when it is done"
        ) from error
    except NotImplementedError as error:
        raise IndexUnwritable(
            f"{path} cannot be locked: its file system has no locks; put the home where there are some"
        ) from error
    try:
        # On a full disk there is no room for the note, and pruning is what makes some.
        with contextlib.suppress(OSError):
            owner.write_text(json.dumps({"pid": os.getpid(), "since": now.isoformat(timespec="seconds")}))
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()


def _holder(owner: Path, now: datetime) -> str:
    """Return who holds the lock and for how long, as far as its note can be read and makes sense."""
    try:
        note = json.loads(owner.read_text())
        held = now - datetime.fromisoformat(note["since"])
        # After a jump of the clock the age would be nonsense.
        age = f", for {timedelta(seconds=int(held.total_seconds()))}" if held >= timedelta(0) else ""
        return f"process {int(note['pid'])} since {note['since']}{age}"
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return "another process"

"""One builder at a time: a lock that says who holds it and goes with its process."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from bot.errors import IndexLocked


@contextmanager
def building_lock(path: Path, *, timeout: timedelta, now: datetime) -> Iterator[None]:
    """Hold the lock for building while the block runs.

    Args:
        path: The lock file; its folder exists. Who holds it stands beside it, in `<path>.owner`.
        timeout: How long to wait for another process.
        now: For the owner's note.

    Raises:
        IndexLocked: It was still held after `timeout`; the message names the holder.
    """
    import filelock

    owner = path.with_name(f"{path.name}.owner")
    try:
        with filelock.FileLock(path, timeout=timeout.total_seconds()):
            owner.write_text(json.dumps({"pid": os.getpid(), "since": now.isoformat(timespec="seconds")}))
            try:
                yield
            finally:
                owner.unlink(missing_ok=True)
    except filelock.Timeout as error:
        raise IndexLocked(
            f"the index is being built by {_holder(owner)}; waited {timeout.total_seconds():g} s for "
            f"{path}; try again when it is done"
        ) from error


def _holder(owner: Path) -> str:
    try:
        note = json.loads(owner.read_text())
        return f"process {note['pid']} since {note['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"

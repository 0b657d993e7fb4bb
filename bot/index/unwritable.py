"""What the system says when an index cannot be written, as a person is told it."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import IndexUnwritable

_ADVICE = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space of your quota",
    errno.EFBIG: "allow larger files",
    errno.EROFS: "put the home where it can be written",
    errno.EACCES: "give this user the right to write",
    errno.EPERM: "give this user the right to write",
    errno.EIO: "look at the disk",
}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Name what could not be written while the block runs.

    Args:
        path: What is being written, unless the system's error names a file.

    Raises:
        IndexUnwritable: The disk is full, of another user, read-only or broken.
    """
    try:
        yield
    except (OSError, RuntimeError) as error:
        number = _number(error)
        if number not in _ADVICE:
            raise
        name = getattr(error, "filename", None) or path
        raise IndexUnwritable(
            f"{name} cannot be written: {os.strerror(number)}; {_ADVICE[number]}"
        ) from error


def sync(path: Path) -> None:
    """Have the system write a file or a folder to the disk, and wait until it has."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _number(error: OSError | RuntimeError) -> int:
    """Return the system's number of an error, 0 for none; two libraries tell of a full disk in words."""
    if "MARISA_IO_ERROR" in str(error) or re.fullmatch(r"[0-9]+ requested and [0-9]+ written", str(error)):
        return errno.ENOSPC
    return getattr(error, "errno", None) or 0

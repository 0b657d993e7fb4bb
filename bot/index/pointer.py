"""The small file that says what is published, read again only when it is another one."""

import os
import threading
from pathlib import Path

# More than stands in it, bytes.
_LONGEST = 1000


class Pointer:
    """A file that is replaced, never written to; each question asks for it. Safe to share between threads.

    It is kept open after it was read: so long no other file has its number, whatever the clock says.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reading = threading.Lock()
        self._handle = -1
        self._identity: tuple[int, ...] = ()
        self._words: list[str] = []

    def words(self) -> list[str]:
        """Return what stands in it; OSError or UnicodeDecodeError when it cannot be read."""
        with self._reading:
            if self._handle < 0 or self._identity != _identity(self.path.stat()):
                self._close()
                self._read()
            return self._words

    def _read(self) -> None:
        handle = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._words = os.read(handle, _LONGEST).decode("ascii").split()
            self._identity = _identity(os.fstat(handle))
        except BaseException:
            os.close(handle)
            raise
        self._handle = handle

    def _close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __del__(self) -> None:
        self._close()


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns

"""Checksums of files by blocks: what is read of a large file is compared with what was written, and no more.

The first use of a block reads all of it, 64 KB, which takes some ten microseconds. From then on a byte says
that it is right.
"""

from collections.abc import Mapping
from copy import copy
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import xxhash

from bot.distinct import distinct
from bot.errors import IndexDamaged

Sums = npt.NDArray[np.uint64]
Known = Mapping[str, Sums]
"""Names of files → checksums of their blocks."""
NOTHING: Known = MappingProxyType({})

_BITS = 16
BLOCK = 1 << _BITS
_AT_ONCE = 4 * BLOCK


def of_bytes(content: memoryview | bytes) -> Sums:
    """Return the checksum of each block of a file's content, XXH3 of 64 bits; the last may be shorter."""
    starts = range(0, len(content), BLOCK)
    sums = [xxhash.xxh3_64_intdigest(content[start : start + BLOCK]) for start in starts]
    return np.array(sums, np.uint64)


def of_file(path: Path) -> Sums:
    """Return the same of a file, which is read a few blocks at a time."""
    sums = [np.empty(0, np.uint64)]
    buffer = memoryview(bytearray(_AT_ONCE))
    with path.open("rb") as file:
        while size := file.readinto(buffer):
            sums.append(of_bytes(buffer[:size]))
    return np.concatenate(sums)


def digest(sums: Sums) -> str:
    """Return the checksum of a whole file from those of its blocks, in hexadecimal; XXH3 of 128 bits."""
    return xxhash.xxh3_128(sums.astype("<u8").tobytes()).hexdigest()


def blocks_of(size: int) -> int:
    """Return how many blocks a file of so many bytes has."""
    return -(-size // BLOCK)


class Blocks:
    """The content of a file; a block is compared before it is first relied on. Safe to share between threads.

    Args:
        path: To name it by.
        content: All of it, mapped.
        sums: Of its blocks; None if there is nothing to compare with, or all was compared before.
    """

    __slots__ = ("_content", "_path", "_right", "_start", "_sums", "_width")

    def __init__(self, path: Path, content: memoryview, sums: Sums | None) -> None:
        self._path = path
        self._content = content
        self._start, self._width = 0, 1
        self._sums = np.empty(0, np.uint64) if sums is None else sums
        # Of each block a byte: 0 while it has not been compared.
        self._right = bytearray(len(sums)) if sums is not None else bytearray(b"\1") * blocks_of(len(content))

    def in_rows(self, start: int, width: int) -> "Blocks":
        """Return the same, whose places are rows of `width` bytes; the first of them begins at `start`."""
        rows = copy(self)
        rows._start, rows._width = start, width  # noqa: SLF001
        return rows

    def check(self, first: int, end: int) -> None:
        """Compare what stands from one place to another, as far as that was not done yet.

        Raises:
            IndexDamaged: It is not what was written.
        """
        if first < end:
            block = self._start + first * self._width >> _BITS
            stop = (self._start + end * self._width - 1 >> _BITS) + 1
            if self._right.find(0, block, stop) >= 0:
                self._compare(block, stop)

    def check_each(self, places: npt.NDArray[np.int64]) -> None:
        """Compare the blocks that some places begin in, in any order; as `check`."""
        for block in distinct(self._start + places * self._width >> _BITS).tolist():
            self._compare(block, block + 1)

    def _compare(self, first: int, stop: int) -> None:
        block = self._right.find(0, first, stop)
        while block >= 0:
            content = self._content[block << _BITS : block + 1 << _BITS]
            if xxhash.xxh3_64_intdigest(content) != self._sums[block]:
                raise IndexDamaged(f"the index file {self._path} is not what was written")
            self._right[block] = 1
            block = self._right.find(0, block + 1, stop)

    def is_checked(self, first: int, end: int) -> bool:
        """Tell whether what stands from one place to another was all compared already."""
        start, stop = (self._start + place * self._width for place in (first, end))
        return first >= end or self._right.find(0, start >> _BITS, (stop - 1 >> _BITS) + 1) < 0

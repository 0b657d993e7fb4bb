"""Checksums of files by blocks: what is read of a large file is compared with what was written, and no more.

The first use of a block reads all of it, 64 KB, which takes some ten microseconds. From then on a byte says
that it is right.
"""

from collections.abc import Mapping
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

    __slots__ = ("_content", "_path", "_right", "_sums")

    def __init__(self, path: Path, content: memoryview, sums: Sums | None) -> None:
        self._path = path
        self._content = content
        self._sums = np.empty(0, np.uint64) if sums is None else sums
        # Of each block a byte: 0 while it has not been compared.
        self._right = bytearray(len(sums)) if sums is not None else bytearray(b"\1") * blocks_of(len(content))

    def check(self, first: int, end: int) -> None:
        """Compare the bytes from `first` up to `end`, as far as that was not done yet.

        Raises:
            IndexDamaged: They are not what was written.
        """
        if first >= end:
            return
        stop = (end - 1 >> _BITS) + 1
        block = self._right.find(0, first >> _BITS, stop)
        while block >= 0:
            content = self._content[block << _BITS : block + 1 << _BITS]
            if xxhash.xxh3_64_intdigest(content) != self._sums[block]:
                raise IndexDamaged(f"the index file {self._path} is not what was written")
            self._right[block] = 1
            block = self._right.find(0, block + 1, stop)

    def check_each(self, places: npt.NDArray[np.int64]) -> None:
        """Compare the blocks that bytes at some places stand in; as `check`."""
        for block in distinct(places >> _BITS).tolist():
            self.check(block << _BITS, (block << _BITS) + 1)

    def is_checked(self, first: int, end: int) -> bool:
        """Tell whether the bytes from `first` up to `end` were all compared already."""
        return first >= end or self._right.find(0, first >> _BITS, (end - 1 >> _BITS) + 1) < 0

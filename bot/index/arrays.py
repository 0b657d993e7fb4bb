"""Arrays of numbers on disk, mapped when they are opened; a pickle is never among them."""

import io
import math
import mmap
import os
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from io import FileIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bot.index.checksums import Blocks, Sums

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

# Linux keeps in one piece what is written at once, and maps all of it when one byte is read: a question to an
# index of a million passages, which reads a hundred places, then had 400 MB resident.
_WRITTEN_AT_ONCE = 2**18
# What systems take at once at most.
_MOST_PIECES = 1024
_SYNCED_AT_ONCE = 2**24
_sync_data = getattr(os, "fdatasync", os.fsync)  # only some systems can leave out the times of change
HEADER_BYTES = 128
"""What numpy's header takes for an array of one or two dimensions."""


class Mapped:
    """An array of one or two dimensions on disk, mapped; its rows are checked before they are relied on.

    Attributes:
        array: All of it, not to be written to.
        rows: What compares them with what was written: `check` from one row to another, `check_each` of some
            of which none stands in two blocks. IndexDamaged if they are not that.
    """

    __slots__ = ("array", "rows")

    def __init__(self, path: Path, sums: Sums | None = None) -> None:
        """Map a file that numpy saved.

        Args:
            path: Of the file.
            sums: See Blocks.

        Raises:
            IndexDamaged: Its header is not what was written.
            ValueError: It is not an array that can be mapped.
            OSError: It cannot be read.
        """
        with path.open("rb") as file:
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        blocks = Blocks(path, content, sums)
        blocks.check(0, min(HEADER_BYTES, len(content)))
        header = io.BytesIO(content[:HEADER_BYTES])
        try:
            version = np.lib.format.read_magic(header)
            shape, by_columns, dtype = np.lib.format.read_array_header_1_0(header)
            if version != (1, 0) or by_columns or len(shape) not in {1, 2} or header.tell() != HEADER_BYTES:
                raise ValueError(f"{path.name} has another header than it was written with")
            flat = np.frombuffer(content, dtype, math.prod(shape), offset=HEADER_BYTES)
            self.array: npt.NDArray[Any] = flat.reshape(shape)
        except (SyntaxError, tokenize.TokenError, TypeError, OverflowError, Warning) as error:
            raise ValueError(f"{path.name} has no readable header: {error}") from error
        self.rows = blocks.in_rows(HEADER_BYTES, self.array.strides[0])

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.array)

    def checked(self) -> npt.NDArray[Any]:
        """Return the array after comparing all of it; IndexDamaged as `rows` raises it."""
        self.rows.check(0, len(self.array))
        return self.array


def mapped(path: Path) -> npt.NDArray[Any]:
    """Map an array that there is nothing to compare with; see Mapped for the errors."""
    return Mapped(path).array


def read(path: Path, dtype: npt.DTypeLike, first: int, end: int) -> npt.NDArray[Any]:
    """Read some numbers of an array of one dimension that numpy saved; a ninth of the time of mapping it."""
    kind = np.dtype(dtype)
    return np.fromfile(path, kind, end - first, offset=HEADER_BYTES + first * kind.itemsize)


def fetch(arrays: Iterable[npt.NDArray[Any]]) -> None:
    """Read a byte of each page of mapped arrays, so that who reads there later waits for nothing."""
    for array in arrays:
        content = array.reshape(-1).view(np.uint8)
        for part in (content[:: mmap.PAGESIZE], content[-1:]):  # an array need not begin with a page
            part.max(initial=0)


class Appended:
    """An array that is written a part at a time; the file is the one that numpy would write of the whole.

    What was written of a large one goes to the disk while more is: at its end little is left to wait for.

    Args:
        path: Of the file.
        dtype: Of the numbers.
        columns: Of each row; 0 for an array of one dimension.
    """

    def __init__(self, path: Path, dtype: npt.DTypeLike, *, columns: int = 0) -> None:
        self._dtype = np.dtype(dtype)
        self._columns = columns
        self._rows = 0
        self._unsynced = 0
        self._synced: list[Future[None]] = []
        self._executor: ThreadPoolExecutor | None = None
        self._file = path.open("wb", buffering=0)
        _write(self._file, [memoryview(bytes(HEADER_BYTES))])

    def append(self, *parts: npt.NDArray[Any]) -> None:
        """Write more rows, one part after the other."""
        self._rows += sum(map(len, parts))
        for group in _grouped(chain.from_iterable(map(self._pieces, parts))):
            _write(self._file, group)
        self._unsynced += sum(part.size for part in parts) * self._dtype.itemsize
        if self._unsynced >= _SYNCED_AT_ONCE:
            self._unsynced = 0
            self._synced.append(self._aside().submit(_sync_data, self._file.fileno()))

    def _aside(self) -> "ThreadPoolExecutor":
        from concurrent.futures import ThreadPoolExecutor  # for large files of builds

        if self._executor is None:
            self._executor = ThreadPoolExecutor(1)
        return self._executor

    def _pieces(self, part: npt.NDArray[Any]) -> Sequence[memoryview]:
        """Return what is written at once, one after the other."""
        content = np.ascontiguousarray(part, self._dtype)
        if content.nbytes <= _WRITTEN_AT_ONCE:
            return (content.data,)
        flat = content.reshape(-1).view(np.uint8).data
        return [flat[start : start + _WRITTEN_AT_ONCE] for start in range(0, len(flat), _WRITTEN_AT_ONCE)]

    def __enter__(self) -> "Appended":
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor is not None:
            self._executor.shutdown()
        shape = (self._rows, self._columns) if self._columns else (self._rows,)
        description = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": shape,
        }
        with self._file:
            self._file.seek(0)
            np.lib.format.write_array_header_1_0(self._file, description)
            if self._file.tell() != HEADER_BYTES:
                raise ValueError(f"{self._file.name} has a header of {self._file.tell()} bytes")
        for synced in self._synced:  # an error of the disk is told once
            synced.result()


def _grouped(pieces: Iterable[memoryview]) -> Iterator[Sequence[memoryview]]:
    """Yield pieces in groups that are written at once."""
    group: list[memoryview] = []
    size = 0
    for piece in pieces:
        if group and (size + piece.nbytes > _WRITTEN_AT_ONCE or len(group) == _MOST_PIECES):
            yield group
            group, size = [], 0
        group.append(piece)
        size += piece.nbytes
    if group:
        yield group


def _write(file: FileIO, pieces: Sequence[memoryview]) -> None:
    """Write pieces one after the other, in one call: after each, other threads have to let this one go on."""
    written = os.writev(file.fileno(), pieces)
    if written < sum(piece.nbytes for piece in pieces):  # the disk is full, which the next try tells
        left = memoryview(b"".join(pieces))[written:]
        while left:
            left = left[file.write(left) :]

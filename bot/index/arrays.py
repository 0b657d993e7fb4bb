"""Arrays of numbers on disk, mapped when they are opened; a pickle is never among them."""

import tokenize
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

# What numpy's header takes for an array of one or two dimensions.
_HEADER_BYTES = 128


def mapped(path: Path) -> npt.NDArray[Any]:
    """Map an array and return it as a plain view, which slices faster than a memmap.

    Raises:
        ValueError: It is not an array that can be mapped.
        OSError: It cannot be read.
    """
    try:
        return np.asarray(np.lib.format.open_memmap(path, mode="r")).view()
    except (SyntaxError, tokenize.TokenError, TypeError, OverflowError, Warning) as error:
        raise ValueError(f"{path.name} has no readable header: {error}") from error


def read(path: Path, dtype: npt.DTypeLike, first: int, end: int) -> npt.NDArray[Any]:
    """Read some numbers of an array of one dimension that numpy saved; a ninth of the time of mapping it."""
    kind = np.dtype(dtype)
    return np.fromfile(path, kind, end - first, offset=_HEADER_BYTES + first * kind.itemsize)


class Appended:
    """An array that is written a part at a time; the file is the one that numpy would write of the whole.

    Args:
        path: Of the file.
        dtype: Of the numbers.
        columns: Of each row; 0 for an array of one dimension.
    """

    def __init__(self, path: Path, dtype: npt.DTypeLike, *, columns: int = 0) -> None:
        self._dtype = np.dtype(dtype)
        self._columns = columns
        self._rows = 0
        self._file = path.open("wb")
        self._file.write(bytes(_HEADER_BYTES))

    def append(self, part: npt.NDArray[Any]) -> None:
        """Write more rows."""
        self._rows += len(part)
        self._file.write(np.ascontiguousarray(part, self._dtype).data)

    def __enter__(self) -> "Appended":
        return self

    def __exit__(self, *_: object) -> None:
        shape = (self._rows, self._columns) if self._columns else (self._rows,)
        description = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": shape,
        }
        with self._file:
            self._file.seek(0)
            np.lib.format.write_array_header_1_0(self._file, description)
            if self._file.tell() != _HEADER_BYTES:
                raise ValueError(f"{self._file.name} has a header of {self._file.tell()} bytes")

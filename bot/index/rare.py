"""Postings of terms that are not common, whole and one after the other; see `common` for the others."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from bot.index.arrays import Mapped
from bot.index.checksums import Sums
from bot.index.packed import COUNT_BITS, Flags, Numbers, Places

_COUNT = np.uint32(COUNT_BITS)
Found = tuple[Places, Flags]


class Lists(Protocol):
    """Postings of many terms in one array, on disk; `number` is a term's among those that are common."""

    @property
    def array(self) -> npt.NDArray[Any]:
        """Return all of them; the lowest bits are the counts."""

    def check(self, number: int, start: int, end: int) -> None:
        """Compare the postings of a term from one place to another; IndexDamaged if not what was written."""

    def packed(self, number: int, start: int, end: int) -> Numbers:
        """Return the postings of a term from one place to another, whole."""

    def places(self, number: int, start: int, end: int, wanted: Numbers) -> Found:
        """Find passages among the postings of a term.

        Whatever a search goes by, it came to the right place if the postings beside it are right and in
        order: so of many postings only those few are compared.

        Args:
            number: Of the term.
            start: Place of the first posting.
            end: Place after the last, above `start`.
            wanted: Passages, any.

        Returns:
            Of each the place of the first posting whose passage is not lower, and whether it is the same.
        """


class Rare:
    """See Lists; the number of a term plays no part."""

    def __init__(self, path: Path, sums: Sums | None) -> None:
        """Open a file; see Mapped."""
        self._mapped = Mapped(path, sums)
        self.array: Numbers = self._mapped.array

    def check(self, number: int, start: int, end: int) -> None:
        """See Lists."""
        del number
        self._mapped.rows.check(start, end)

    def packed(self, number: int, start: int, end: int) -> Numbers:
        """See Lists; it cannot be written to."""
        self.check(number, start, end)
        return self.array[start:end]

    def places(self, number: int, start: int, end: int, wanted: Numbers) -> Found:
        """See Lists."""
        packed, least = self.array[start:end], wanted << _COUNT
        places, there = found(packed, wanted)
        if not self._mapped.rows.is_checked(start, end):
            before, after = np.maximum(places - 1, 0), np.minimum(places, end - start - 1)
            self._mapped.rows.check_each(np.concatenate((before, after)) + start)
            misled = (places > 0) & (packed[before] >= least)
            misled |= (places < end - start) & (packed[after] < least)
            if misled.any():
                self.check(number, start, end)
        return places + start, there


def found(packed: Numbers, wanted: Numbers) -> Found:
    """Find passages among whole postings, at least one; see Lists.places."""
    places = packed.searchsorted(wanted << _COUNT)
    return places, packed[np.minimum(places, len(packed) - 1)] >> _COUNT == wanted

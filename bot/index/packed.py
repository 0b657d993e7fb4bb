"""A posting as one number of 32 bits: the passage in the upper 28, in the lower 4 how often it has the term.

15 means "15 or more", and the count then stands elsewhere. The numbers of a term rise, so that a passage is
found among them by bisection.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

COUNT_BITS = 4
MANY = 2**COUNT_BITS - 1
GONE = 2**32 - 1
"""In place of the number of a passage that an index no longer has."""
MOST_PASSAGES = 2 ** (32 - COUNT_BITS) - 1


def narrow(most: int) -> type[np.uint16 | np.uint32 | np.uint64]:
    """Return the smallest type of an index's files that holds `most`."""
    return np.uint16 if most < 2**16 else np.uint32 if most < 2**32 else np.uint64


def bisected(array: npt.NDArray[Any], first: Places, end: Places, wanted: npt.NDArray[Any]) -> Places:
    """Return where each of some numbers would come in a stretch of an array of its own.

    Args:
        array: Rising in each stretch.
        first: Where the stretches begin.
        end: Where they end.
        wanted: A number for each.
    """
    first = first.copy()
    end = end.copy()
    while len(undecided := np.flatnonzero(first < end)):
        low, high = first[undecided], end[undecided]
        middle = low + high >> 1
        below = array[middle] < wanted[undecided]
        first[undecided], end[undecided] = np.where(below, middle + 1, low), np.where(below, high, middle)
    return first

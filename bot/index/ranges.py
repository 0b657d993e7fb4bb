"""Ranges of rows of an index: so much of it is held in memory at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.index.packed import Places
from bot.index.postings import Postings
from bot.index.vocabulary import Keys

# Postings that are held at a time.
_AT_ONCE = 2**21


def ranges(old: Postings) -> Iterator[range]:
    """Yield ranges of rows with about as many postings as are held at once; at least one."""
    targets = np.arange(_AT_ONCE, int(old.offsets[-1]), _AT_ONCE).astype(old.offsets.dtype)
    edges = sorted({0, len(old), *old.offsets.searchsorted(targets).tolist()})
    yield from (range(first, end) for first, end in pairwise(edges)) if len(edges) > 1 else [range(0)]


@dataclass(frozen=True, slots=True)
class Terms:
    """Some terms of an index, rising.

    Attributes:
        keys, bounds: Of each; bounds as on disk.
        starts: Of each the place of its first posting among theirs, and their number.
        excess: Places among their postings and counts of those that have MANY or more.
    """

    keys: Keys
    bounds: npt.NDArray[Any]
    starts: Places
    excess: npt.NDArray[np.int64]

    @classmethod
    def of(cls, old: Postings, rows: range) -> "Terms":
        """Take some rows of an index."""
        start, stop = old.edges(rows)
        inside = slice(*old.excess[0].searchsorted(np.array((start, stop), np.uint64)).tolist())
        excess = old.excess[:, inside].astype(np.int64)
        excess[0] -= start
        starts = old.offsets[rows.start : rows.stop + 1].astype(np.int64) - start
        own = slice(rows.start, rows.stop)
        return cls(old.vocabulary.keys[own], old.bounds[own], starts, excess)

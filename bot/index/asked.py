"""What compiled loops are given: an index and a query, both as arrays."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bot.index.packed import Flags, Numbers
from bot.index.pruned import Floats

Whole = npt.NDArray[np.int64]

START, END, ROW, NUMBER, BEFORE = range(5)
"""Columns of Asked.names."""


class Index(NamedTuple):
    """What the loops read of an index.

    Attributes:
        rare: Postings of terms that are not common; see Rare.
        common: Lower halves of the others; see Common.
        starts: Where their buckets begin.
        excess: See Postings.
        lengths: By channel.
        bounds: Of each term; see Posting.
        table: Scores by channel, and there by count and length.
        tabled: Of each channel whether the table has all its scores.
        averages: Of the lengths of each channel.
        k1, b: See bm25.
    """

    rare: Numbers
    common: npt.NDArray[np.uint16]
    starts: Numbers
    excess: npt.NDArray[np.uint64]
    lengths: Numbers
    bounds: Numbers
    table: npt.NDArray[np.float32]
    tabled: Flags
    averages: Floats
    k1: float
    b: float


class Asked(NamedTuple):
    """A query, as three arrays; parts of two of them have names here.

    Attributes:
        names: Of each name what `Posting.numbers` has; see START and so on.
        weights: Of each name; in `real` behind `scales`.
        firsts: Of each group its first name, and the end; in `whole`.
        scales: Of each group; in `real`.
        channels: Of each group; in `whole` behind `firsts`.
    """

    names: Whole
    weights: Floats
    firsts: Whole
    scales: Floats
    channels: Whole

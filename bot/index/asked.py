"""What compiled loops are given: an index and a query, both as arrays."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bot.index.postings import Numbers
from bot.index.pruned import Floats


class Index(NamedTuple):
    """What the loops read of an index.

    `table` holds scores by channel, and there by count and length; `tabled` tells for which it has all.
    """

    packed: Numbers
    excess: npt.NDArray[np.uint64]
    lengths: Numbers
    bounds: Numbers
    table: npt.NDArray[np.float32]
    tabled: npt.NDArray[np.bool_]
    averages: Floats
    k1: float
    b: float


class Asked(NamedTuple):
    """A query: of each name edges, weight and row; of each group its first name, scale and channel."""

    edges: npt.NDArray[np.int64]
    weights: Floats
    rows: npt.NDArray[np.int64]
    firsts: npt.NDArray[np.int64]
    scales: Floats
    channels: npt.NDArray[np.int64]

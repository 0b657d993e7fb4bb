"""Ranking with loops that numba compiles: the same passages with the same scores as `pruned`, sooner."""

from collections.abc import Sequence

import numpy as np

from bot.index.loops import TABLED, Asked, Index, best, united
from bot.index.postings import CHANNELS, MANY, Ids, Posting, Postings
from bot.index.pruned import Floats, Plan, saturated

_PLACES = {channel: place for place, channel in enumerate(CHANNELS)}


class Compiled:
    """Ranks with compiled loops; see pruned.Engine. Safe to share between threads."""

    def __init__(self, postings: Postings, k1: float, b: float) -> None:
        self._postings = postings
        averages = np.array([postings.average_lengths[channel] for channel in CHANNELS])
        counts = np.arange(MANY, dtype=np.float64)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            tables = [saturated(counts, np.arange(TABLED) / average, k1=k1, b=b) for average in averages]
        statistics = postings.packed, postings.excess, postings.all_lengths, postings.bounds
        self._index = Index(*statistics, np.array(tables, np.float32), averages, float(k1), float(b))

    def united(self, found: Sequence[Posting]) -> int:
        """See pruned.Engine."""
        self._postings.check(found)
        edges = np.array([(p.start, p.end) for p in found], np.int64).reshape(-1, 2)
        return int(united(self._index.packed, edges))

    def __call__(self, plans: Sequence[Plan], k: int, within: range | None) -> tuple[Ids, Floats]:
        """See pruned.Engine."""
        edges: list[int] = []
        weights, rows, firsts, scales, channels = [], [], [0], [], []
        for plan in plans:
            self._postings.check(plan.found)  # loops look at no bounds, and read what they were given
            for weight, posting in zip(plan.weights, plan.found, strict=True):
                inside = posting if within is None else posting.within(within)
                edges += (inside.start, inside.end)
                weights.append(weight)
                rows.append(posting.row)
            firsts.append(len(weights))
            scales.append(plan.scale)
            channels.append(_PLACES[plan.channel])
        asked = Asked(
            np.array(edges, np.int64).reshape(-1, 2),
            np.array(weights, np.float64),
            np.array(rows, np.int64),
            np.array(firsts, np.int64),
            np.array(scales, np.float64),
            np.array(channels, np.int64),
        )
        ids, scores = best(self._index, asked, k)
        return ids, scores

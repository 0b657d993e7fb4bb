"""Ranking with loops that numba compiles: the same passages with the same scores as `pruned`, sooner."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from bot.index.asked import Asked, Index
from bot.index.loops import TABLED, best
from bot.index.postings import CHANNELS, MANY, Ids, Posting, Postings
from bot.index.pruned import Floats, Plan, saturated
from bot.index.uniting import united

_PLACES = {channel: place for place, channel in enumerate(CHANNELS)}


class Compiled:
    """Ranks with compiled loops; see pruned.Engine. Safe to share between threads."""

    def __init__(self, postings: Postings, k1: float, b: float) -> None:
        self._postings = postings
        averages = np.array([postings.average_lengths[channel] for channel in CHANNELS])
        counts = np.arange(MANY, dtype=np.float64)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            tables = [
                saturated(counts, np.arange(TABLED) / average, k1=k1, b=b).reshape(-1) for average in averages
            ]
        statistics = postings.packed, postings.excess, postings.all_lengths, postings.bounds
        tabled = postings.all_lengths.max(axis=1, initial=0) < TABLED
        self._index = Index(*statistics, np.array(tables, np.float32), tabled, averages, float(k1), float(b))

    def united(self, found: Sequence[Posting]) -> int:
        """See pruned.Engine."""
        self._postings.check(found)
        edges = np.array([(p.start, p.end) for p in found], np.int64).reshape(-1, 2)
        return int(united(self._index.packed, edges, self._postings.size))

    def __call__(self, plans: Sequence[Plan], k: int, within: range | None) -> tuple[Ids, Floats]:
        """See pruned.Engine."""
        found = [posting for plan in plans for posting in plan.found]
        self._postings.check(found)  # loops look at no bounds, and read what they were given
        rows = [posting.row for posting in found]
        if within is not None:
            found = [posting.within(within) for posting in found]
        edges = [edge for posting in found for edge in (posting.start, posting.end)]
        firsts = [0, *accumulate(len(plan.found) for plan in plans)]
        # Two arrays are made sooner than six.
        whole = np.array([*edges, *rows, *firsts, *(_PLACES[plan.channel] for plan in plans)], np.int64)
        names, groups = len(found), len(plans)
        weights = [weight for plan in plans for weight in plan.weights]
        real = np.array([*weights, *(plan.scale for plan in plans)], np.float64)
        asked = Asked(
            whole[: 2 * names].reshape(-1, 2),
            real[:names],
            whole[2 * names : 3 * names],
            whole[3 * names : -groups],
            real[names:],
            whole[-groups:],
        )
        ids, scores = best(self._index, asked, k)
        return ids, scores

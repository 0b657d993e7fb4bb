"""Ranking with loops that numba compiles: the same passages with the same scores as `pruned`, sooner."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from bot.index.asked import Index
from bot.index.loops import TABLED, best
from bot.index.packed import MANY
from bot.index.postings import CHANNELS, Ids, Posting, Postings
from bot.index.pruned import Floats, Plan, saturated
from bot.index.uniting import united

_PLACES = {channel: place for place, channel in enumerate(CHANNELS)}


class Compiled:
    """Ranks with compiled loops; see pruned.Engine. Safe to share between threads."""

    def __init__(self, postings: Postings, k1: float, b: float) -> None:
        postings.fetch()
        self._size = postings.size
        averages = np.array([postings.average_lengths[channel] for channel in CHANNELS])
        counts = np.arange(MANY, dtype=np.float64)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            tables = [
                saturated(counts, np.arange(TABLED) / average, k1=k1, b=b).reshape(-1) for average in averages
            ]
        self._index = Index(
            rare=postings.rare.array,
            common=postings.common.array,
            starts=postings.common.starts,
            excess=postings.excess,
            lengths=postings.all_lengths,
            bounds=postings.bounds,
            table=np.array(tables, np.float32),
            tabled=postings.all_lengths.max(axis=1, initial=0) < TABLED,
            averages=averages,
            k1=float(k1),
            b=float(b),
        )

    def united(self, found: Sequence[Posting]) -> int:
        """See pruned.Engine."""
        for posting in found:
            posting.check()
        return int(united(self._index, _names(found), self._size))

    def __call__(self, plans: Sequence[Plan], k: int, within: range | None) -> tuple[Ids, Floats]:
        """See pruned.Engine."""
        found = [posting for plan in plans for posting in plan.found]
        for posting in found:  # loops look at no bounds, and read what they were given
            posting.check()
        if within is not None:
            found = [posting.within(within) for posting in found]
        ends = accumulate([len(plan.found) for plan in plans])
        whole = np.array([0, *ends, *[_PLACES[plan.channel] for plan in plans]], np.int64)
        weights = [weight for plan in plans for weight in plan.weights]
        real = np.array([*[plan.scale for plan in plans], *weights], np.float64)
        ids, scores = best(self._index, _names(found), whole, real, k)
        return ids, scores


def _names(found: Sequence[Posting]) -> npt.NDArray[np.int64]:
    return np.frombuffer(b"".join([posting.numbers for posting in found]), np.int64).reshape(-1, 5)

"""The best passages of a query without scoring all that match: MaxScore over groups.

Groups are taken in the order of the most that each can add. Once the k-th best sum so far is above what all
remaining groups could add, no new passage can get among the best; the remaining groups, the common ones, are
then looked up only for passages that still can. At the end the few that are left are scored anew by the plain
formula, in the query's own order, so that scores are those of `get_scores` to the last digit.

Source: Turtle and Flood, Query evaluation: strategies and optimizations (1995).
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from bot.domain import Channel
from bot.index.postings import FEW, Ids, Posting, Postings

Floats = npt.NDArray[np.float64]

# Sums in another order differ in their last digits, and compiled loops add in single precision: what is that
# near to the k-th best is kept and scored exactly.
SLACK = 1 - 1e-4


def saturated(tf: Floats, length: Floats, *, k1: float, b: float) -> Floats:
    """Return tf·(k1 + 1)/(tf + k1·(1 − b + b·length)); `length` is dl/avgdl. In [0, k1 + 1)."""
    return tf * (k1 + 1) / (tf + k1 * (1 - b + b * length))


class Plan(NamedTuple):
    """A group as it is ranked: its names' weights and postings, and its weight times its idf."""

    channel: Channel
    weights: Sequence[float]
    found: Sequence[Posting]
    scale: float


class Engine(Protocol):
    """Something that ranks over postings."""

    def __call__(self, plans: Sequence[Plan], k: int, within: range | None) -> tuple[Ids, Floats]:
        """Return passages with their exact scores; the best `k` by (−score, ordinal) are among them."""

    def united(self, found: Sequence[Posting]) -> int:
        """Return how many passages are in any of some postings."""


def most(plan: Plan, average: float, k1: float, b: float) -> float:
    """Return what a group can add to a score at most."""
    total = 0.0
    for weight, posting in zip(plan.weights, plan.found, strict=True):
        if len(posting):
            once, few, more, highest = posting.bounds.tolist()
            pairs = ((1, once), (min(FEW, highest), few), (highest, more))
            total += max(
                _saturated(weight * times, length / average, k1, b) for times, length in pairs if length
            )
    return plan.scale * min(total, k1 + 1)


def _saturated(tf: float, length: float, k1: float, b: float) -> float:
    return tf * (k1 + 1) / (tf + k1 * (1 - b + b * length))


class Dense:
    """Ranks few passages: a place for each of them costs less than leaving any out."""

    def __init__(self, postings: Postings, k1: float, b: float) -> None:
        self._postings = postings
        self._k1 = k1
        self._b = b

    def united(self, found: Sequence[Posting]) -> int:
        """See Engine."""
        there = np.zeros(self._postings.size, np.bool_)
        for posting in found:
            there[posting.ids] = True
        return int(np.count_nonzero(there))

    def __call__(self, plans: Sequence[Plan], k: int, within: range | None) -> tuple[Ids, Floats]:
        """See Engine; all that match are returned, however large `k` is."""
        del k
        scores = np.zeros(self._postings.size)
        for plan in plans:
            ids, tf = self._frequencies(plan)
            length = self._postings.lengths[plan.channel][ids] / self._postings.average_lengths[plan.channel]
            scores[ids] += plan.scale * saturated(tf, length, k1=self._k1, b=self._b)
        first, end = (within.start, within.stop) if within is not None else (0, len(scores))
        found = np.flatnonzero(scores[first:end]) + first
        return found.astype(np.uint32), scores[found]

    def _frequencies(self, plan: Plan) -> tuple[Ids, Floats]:
        """Return the passages that have any of a group's names, and how often by their weights."""
        there = [pair for pair in zip(plan.weights, plan.found, strict=True) if len(pair[1])]
        if len(there) == 1:
            weight, posting = there[0]
            return posting.ids, np.multiply(weight, posting.counts, dtype=np.float64)
        tf = np.zeros(self._postings.size)
        for weight, posting in there:
            tf[posting.ids] += weight * posting.counts
        ids = np.flatnonzero(tf)
        return ids.astype(np.uint32), tf[ids]


class Arrays:
    """Ranks with numpy alone."""

    def __init__(self, postings: Postings, k1: float, b: float) -> None:
        self._postings = postings
        self._k1 = k1
        self._b = b

    def united(self, found: Sequence[Posting]) -> int:
        """See Engine."""
        if len(found) < 2:
            return len(found[0]) if found else 0
        ids = np.concatenate([posting.ids for posting in found])
        ids.sort()
        return 1 + int(np.count_nonzero(ids[1:] != ids[:-1]))

    def __call__(self, plans: Sequence[Plan], k: int, within: range | None) -> tuple[Ids, Floats]:
        """See Engine."""
        average = self._postings.average_lengths
        bounds = [most(plan, average[plan.channel], self._k1, self._b) for plan in plans]
        if within is not None:
            plans = [
                Plan(p.channel, p.weights, [one.within(within) for one in p.found], p.scale) for p in plans
            ]
        order = sorted(range(len(plans)), key=lambda i: -bounds[i])
        remaining = sum(bounds)
        ids, sums, least = np.empty(0, np.uint32), np.empty(0), 0.0
        for place, i in enumerate(order):
            if remaining < least * SLACK:
                return self._exact(plans, self._looked_up(plans, bounds, order[place:], ids, sums, k))
            ids, sums = self._merged(ids, sums, plans[i])
            remaining -= bounds[i]
            if len(sums) >= k:
                least = float(np.partition(sums, -k)[-k])
        return self._exact(plans, ids[sums >= least * SLACK])

    def _looked_up(
        self,
        plans: Sequence[Plan],
        bounds: Sequence[float],
        order: Sequence[int],
        ids: Ids,
        sums: Floats,
        k: int,
    ) -> Ids:
        """Return those of some passages that can be among the best, looking up the remaining groups."""
        for place, i in enumerate(order):
            least = float(np.partition(sums, -k)[-k])
            kept = sums + sum(bounds[j] for j in order[place:]) >= least * SLACK
            ids, sums = ids[kept], sums[kept]
            sums += self._shares(plans[i], ids)
        return ids[sums >= float(np.partition(sums, -k)[-k]) * SLACK]

    def _merged(self, ids: Ids, sums: Floats, plan: Plan) -> tuple[Ids, Floats]:
        """Add a group to the sums of the passages so far, and the passages that only it has."""
        pairs = zip(plan.weights, plan.found, strict=True)
        there = [
            (posting.ids, np.multiply(weight, posting.counts, dtype=np.float64))
            for weight, posting in pairs
            if len(posting)
        ]
        if not there:
            return ids, sums
        others, tf = there[0]
        if len(there) > 1:
            others = np.concatenate([own for own, _ in there])
            others.sort()
            others = others[np.concatenate((others[:1] == others[:1], others[1:] != others[:-1]))]
            tf = np.zeros(len(others))
            for own, times in there:
                tf[others.searchsorted(own)] += times
        shares = self._saturated(plan, others, tf)
        if not len(ids):
            return others, shares
        both = np.concatenate((ids, others))
        added = np.concatenate((sums, shares))
        order = both.argsort(kind="stable")
        both = both[order]
        first = np.flatnonzero(np.concatenate(([True], both[1:] != both[:-1])))
        return both[first], np.add.reduceat(added[order], first)

    def _exact(self, plans: Sequence[Plan], ids: Ids) -> tuple[Ids, Floats]:
        scores = np.zeros(len(ids))
        for plan in plans:
            scores += self._shares(plan, ids)
        return ids[scores > 0], scores[scores > 0]

    def _shares(self, plan: Plan, ids: Ids) -> Floats:
        """Return what a group adds to the scores of some passages."""
        tf = np.zeros(len(ids))
        for weight, posting in zip(plan.weights, plan.found, strict=True):
            tf += weight * posting.counts_at(ids)
        shares = np.zeros(len(ids))
        here = np.flatnonzero(tf)
        shares[here] = self._saturated(plan, ids[here], tf[here])
        return shares

    def _saturated(self, plan: Plan, ids: Ids, tf: Floats) -> Floats:
        """Return what a group adds to the scores of passages that have it so often."""
        length = self._postings.lengths[plan.channel][ids] / self._postings.average_lengths[plan.channel]
        return plan.scale * saturated(tf, length, k1=self._k1, b=self._b)

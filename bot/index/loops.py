"""`pruned`'s way of ranking as loops that numba compiles: the same passages with the same scores, sooner.

What is compiled is kept beside this file, or in the user's cache folder if that is read-only, so that only the
first process after an installation waits for it.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from numba import njit

from bot.index.postings import CHANNELS, COUNT_BITS, MANY, Ids, Posting, Postings
from bot.index.pruned import SLACK, Floats, Plan, most

_BITS = np.uint32(COUNT_BITS)
_MANY = np.uint32(MANY)
# A list is bisected for the passages to look up if it has so many times more postings, else gone through.
_LONGER = 64
# Lengths up to here have their scores in a table.
_TABLED = 1024

# What the loops take of a query: per name its postings' edges and weight, per group its first name, scale,
# bound and channel.
_Arrays = npt.NDArray[np.generic]


class Loops:
    """Ranks with compiled loops; see pruned.Engine.

    A query borrows a set of buffers, as many as there are threads asking; pages of theirs that no posting
    touches are never made, and what was touched is cleared after each query.
    """

    def __init__(self, postings: Postings, k1: float, b: float) -> None:
        self._postings = postings
        self._k1 = k1
        self._b = b
        self._spare: list[tuple[Floats, Floats, Ids, Ids]] = []
        averages = [postings.average_lengths[channel] for channel in CHANNELS]
        self._averages = np.array(averages)
        counts = np.arange(MANY, dtype=np.float64)[:, None]
        length = np.arange(_TABLED)
        with np.errstate(divide="ignore", invalid="ignore"):
            tables = [counts * (k1 + 1) / (counts + k1 * (1 - b + b * (length / a))) for a in averages]
        self._table = np.array(tables, np.float32)

    def united(self, found: Sequence[Posting]) -> int:
        """See pruned.Engine."""
        edges = np.array([(p.start, p.start + len(p)) for p in found], np.int64).reshape(-1, 2)
        buffers = self._borrowed()
        df = _united(self._postings.packed, edges, buffers[0], buffers[2])
        self._spare.append(buffers)
        return int(df)

    def __call__(self, plans: Sequence[Plan], k: int, within: range | None) -> tuple[Ids, Floats]:
        """See pruned.Engine."""
        edges, weights, firsts, scales, bounds, channels = [], [], [0], [], [], []
        for plan in plans:
            bounds.append(most(plan, self._postings.average_lengths[plan.channel], self._k1, self._b))
            for weight, posting in zip(plan.weights, plan.found, strict=True):
                inside = posting if within is None else posting.within(within)
                edges.append((inside.start, inside.start + len(inside)))
                weights.append(weight)
            firsts.append(len(weights))
            scales.append(plan.scale)
            channels.append(CHANNELS.index(plan.channel))
        buffers = self._borrowed()
        ids, scores = _best(
            self._postings.packed,
            self._postings.excess,
            self._postings.all_lengths,
            self._table,
            self._averages,
            np.array(edges, np.int64),
            np.array(weights),
            np.array(firsts, np.int64),
            np.array(scales),
            np.array(bounds),
            np.array(channels, np.int64),
            k,
            self._k1,
            self._b,
            *buffers,
        )
        self._spare.append(buffers)
        return ids, scores

    def _borrowed(self) -> tuple[Floats, Floats, Ids, Ids]:
        try:
            return self._spare.pop()
        except IndexError:
            size = self._postings.size
            return np.zeros(size), np.zeros(size), np.empty(size, np.uint32), np.empty(size, np.uint32)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _count(packed, excess, at):  # type: ignore[no-untyped-def]
    """Return the count of the posting at a place."""
    count = packed[at] & _MANY
    if count == _MANY:
        return float(excess[1, np.searchsorted(excess[0], np.uint64(at))])
    return float(count)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _place(packed, start, end, passage):  # type: ignore[no-untyped-def]
    """Return the place of a passage's posting, -1 if there is none."""
    low, high = start, end
    while low < high:
        middle = (low + high) >> 1
        if packed[middle] >> _BITS < passage:
            low = middle + 1
        else:
            high = middle
    if low < end and packed[low] >> _BITS == passage:
        return low
    return -1


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _united(packed, edges, seen, touched):  # type: ignore[no-untyped-def]
    """Return how many passages have postings between any of the edges."""
    df = 0
    for name in range(len(edges)):
        for at in range(edges[name, 0], edges[name, 1]):
            passage = packed[at] >> _BITS
            if seen[passage] == 0.0:
                seen[passage] = 1.0
                touched[df] = passage
                df += 1
    for i in range(df):
        seen[touched[i]] = 0.0
    return df


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _share(packed, excess, lengths, averages, edges, weights, firsts, scales, channels, k1, b, group, passage):  # type: ignore[no-untyped-def]
    """Return what a group adds to a passage's score, by the plain formula."""
    tf = 0.0
    for name in range(firsts[group], firsts[group + 1]):
        at = _place(packed, edges[name, 0], edges[name, 1], passage)
        if at >= 0:
            tf += weights[name] * _count(packed, excess, at)
    if tf == 0.0:
        return 0.0
    channel = channels[group]
    length = lengths[channel, passage] / averages[channel]
    return scales[group] * (tf * (k1 + 1) / (tf + k1 * (1 - b + b * length)))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _keep(heap, value):  # type: ignore[no-untyped-def]
    """Put a value that is above the least of a heap in its place."""
    place, size = 0, len(heap)
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= value:
            break
        heap[place] = heap[child]
        place = child
    heap[place] = value


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _best(  # type: ignore[no-untyped-def]
    packed,
    excess,
    lengths,
    table,
    averages,
    edges,
    weights,
    firsts,
    scales,
    bounds,
    channels,
    k,
    k1,
    b,
    sums,
    frequencies,
    touched,
    kept,
):
    """Return passages that can be among the best, and their exact scores."""
    groups = len(scales)
    order = np.argsort(-bounds)
    remaining = np.zeros(groups + 1)
    for i in range(groups - 1, -1, -1):
        remaining[i] = remaining[i + 1] + bounds[order[i]]
    heap = np.empty(k)
    least = 0.0
    count = 0  # passages touched
    step = 0
    tabled = table.shape[2]
    while step < groups and remaining[step] >= least * SLACK:
        group = order[step]
        step += 1
        channel, scale = channels[group], scales[group]
        heap[:] = 0.0
        if firsts[group + 1] - firsts[group] == 1 and weights[firsts[group]] == 1.0:
            name = firsts[group]
            for at in range(edges[name, 0], edges[name, 1]):
                posting = packed[at]
                passage = posting >> _BITS
                times = posting & _MANY
                length = lengths[channel, passage]
                if times < _MANY and length < tabled:
                    share = scale * table[channel, times, length]
                else:
                    tf = _count(packed, excess, at)
                    share = scale * (tf * (k1 + 1) / (tf + k1 * (1 - b + b * (length / averages[channel]))))
                before = sums[passage]
                if before == 0.0:
                    touched[count] = passage
                    count += 1
                after = before + share
                sums[passage] = after
                if after > heap[0]:
                    _keep(heap, after)
        else:
            mine = 0
            for name in range(firsts[group], firsts[group + 1]):
                weight = weights[name]
                for at in range(edges[name, 0], edges[name, 1]):
                    passage = packed[at] >> _BITS
                    before = frequencies[passage]
                    if before == 0.0:
                        kept[mine] = passage
                        mine += 1
                    frequencies[passage] = before + weight * _count(packed, excess, at)
            for i in range(mine):
                passage = kept[i]
                tf = frequencies[passage]
                frequencies[passage] = 0.0
                length = lengths[channel, passage] / averages[channel]
                before = sums[passage]
                if before == 0.0:
                    touched[count] = passage
                    count += 1
                after = before + scale * (tf * (k1 + 1) / (tf + k1 * (1 - b + b * length)))
                sums[passage] = after
                if after > heap[0]:
                    _keep(heap, after)
        least = max(least, heap[0])
    few = 0
    for i in range(count):
        passage = touched[i]
        if sums[passage] + remaining[step] >= least * SLACK:
            kept[few] = passage
            few += 1
    while step < groups:
        group = order[step]
        step += 1
        postings = 0
        for name in range(firsts[group], firsts[group + 1]):
            postings += edges[name, 1] - edges[name, 0]
        channel, scale = channels[group], scales[group]
        alone = firsts[group + 1] - firsts[group] == 1 and weights[firsts[group]] == 1.0
        if alone and postings < few * _LONGER:
            name = firsts[group]
            for at in range(edges[name, 0], edges[name, 1]):
                passage = packed[at] >> _BITS
                if sums[passage] != 0.0:
                    tf = _count(packed, excess, at)
                    length = lengths[channel, passage] / averages[channel]
                    sums[passage] += scale * (tf * (k1 + 1) / (tf + k1 * (1 - b + b * length)))
        else:
            for i in range(few):
                sums[kept[i]] += _share(
                    packed, excess, lengths, averages, edges, weights, firsts, scales, channels, k1, b, group, kept[i]
                )
        heap[:] = 0.0
        for i in range(few):
            if sums[kept[i]] > heap[0]:
                _keep(heap, sums[kept[i]])
        least = max(least, heap[0])
        still = 0
        for i in range(few):
            if sums[kept[i]] + remaining[step] >= least * SLACK:
                kept[still] = kept[i]
                still += 1
        few = still
    ids = kept[:few].copy()
    scores = np.zeros(few)
    for i in range(few):
        for group in range(groups):
            scores[i] += _share(
                packed, excess, lengths, averages, edges, weights, firsts, scales, channels, k1, b, group, ids[i]
            )
    for i in range(count):
        sums[touched[i]] = 0.0
    return ids, scores

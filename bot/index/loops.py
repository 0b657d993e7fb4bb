"""`pruned`'s way of ranking as loops that numba compiles: the same passages with the same scores, sooner.

What is compiled is kept beside this file, or in the user's cache folder if that is read-only, so that only
the first process after an installation waits for it.
"""

# numba infers types; annotations would only repeat them.
# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from bot.index.postings import CHANNELS, COUNT_BITS, FEW, MANY, NEVER, Ids, Numbers, Posting, Postings
from bot.index.pruned import SLACK, Floats, Plan, saturated

_BITS = np.uint32(COUNT_BITS)
_MANY = np.uint32(MANY)
_NEVER = np.uint32(NEVER)
_FEW = float(FEW)
_PLACES = {channel: place for place, channel in enumerate(CHANNELS)}
# A list is bisected for the passages to look up if it has so many times more postings, else gone through.
_LONGER = 32
# Passages whose sums are held at once; their buffers fit a processor's cache. The first windows are smaller:
# they have nothing to be pruned by.
_FIRST_WINDOW = 2**7
_WINDOW = 2**13
# Lengths up to here have their scores in a table.
_TABLED = 1024


compiled = njit(cache=True, nogil=True)


class Index(NamedTuple):
    """What the loops read of an index; `table` holds scores by channel, count and length."""

    packed: Numbers
    excess: npt.NDArray[np.uint64]
    lengths: Numbers
    bounds: Numbers
    table: npt.NDArray[np.float32]
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


class Loops:
    """Ranks with compiled loops; see pruned.Engine. Safe to share between threads."""

    def __init__(self, postings: Postings, k1: float, b: float) -> None:
        averages = np.array([postings.average_lengths[channel] for channel in CHANNELS])
        counts = np.arange(MANY, dtype=np.float64)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            tables = [saturated(counts, np.arange(_TABLED) / average, k1=k1, b=b) for average in averages]
        statistics = postings.packed, postings.excess, postings.all_lengths, postings.bounds
        self._index = Index(*statistics, np.array(tables, np.float32), averages, float(k1), float(b))

    def united(self, found: Sequence[Posting]) -> int:
        """See pruned.Engine."""
        edges = np.array([(p.start, p.end) for p in found], np.int64).reshape(-1, 2)
        return int(_united(self._index.packed, edges))

    def __call__(self, plans: Sequence[Plan], k: int, within: range | None) -> tuple[Ids, Floats]:
        """See pruned.Engine."""
        edges, weights, rows, firsts, scales, channels = [], [], [], [0], [], []
        for plan in plans:
            for weight, posting in zip(plan.weights, plan.found, strict=True):
                inside = posting if within is None else posting.within(within)
                edges.append((inside.start, inside.end))
                weights.append(weight)
                rows.append(posting.row)
            firsts.append(len(weights))
            scales.append(plan.scale)
            channels.append(_PLACES[plan.channel])
        asked = Asked(
            np.array(edges, np.int64),
            np.array(weights, np.float64),
            np.array(rows, np.int64),
            np.array(firsts, np.int64),
            np.array(scales, np.float64),
            np.array(channels, np.int64),
        )
        ids, scores = _best(self._index, asked, k)
        return ids, scores


@compiled
def _count(index, at):
    """Return the count of the posting at a place."""
    count = index.packed[at] & _MANY
    if count == _MANY:
        return float(index.excess[1, np.searchsorted(index.excess[0], np.uint64(at))])
    return float(count)


@compiled
def _start(packed, at, edges):
    """Return the lowest passage that stands at any of some places, -1 when all have come to their ends."""
    lowest = np.int64(-1)
    for name in range(len(edges)):
        if at[name] < edges[name, 1]:
            passage = np.int64(packed[at[name]] >> _BITS)
            if lowest < 0 or passage < lowest:
                lowest = passage
    return lowest


@compiled
def _united(packed, edges):
    """Return how many passages have postings between any of the edges."""
    seen = np.zeros(_WINDOW, np.uint8)
    touched = np.empty(_WINDOW, np.int64)
    at = edges[:, 0].copy()
    df = 0
    while True:
        low = _start(packed, at, edges)
        if low < 0:
            return df
        count = 0
        for name in range(len(edges)):
            place, end = at[name], edges[name, 1]
            while place < end:
                passage = np.int64(packed[place] >> _BITS) - low
                if passage >= _WINDOW:
                    break
                if not seen[passage]:
                    seen[passage] = 1
                    touched[count] = passage
                    count += 1
                place += 1
            at[name] = place
        for i in range(count):
            seen[touched[i]] = 0
        df += count


@compiled
def _forward(packed, start, end, passage):
    """Return the place of the first posting from `start` whose passage is not lower."""
    step = 1
    low = start
    while start + step < end and np.int64(packed[start + step] >> _BITS) < passage:
        low = start + step
        step *= 2
    high = min(start + step, end)
    while low < high:
        middle = (low + high) >> 1
        if np.int64(packed[middle] >> _BITS) < passage:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _saturated(tf, relative, k1, b):
    return tf * (k1 + 1) / (tf + k1 * (1 - b + b * relative))


@compiled
def _share(index, asked, group, passage):
    """Return what a group adds to a passage's score, by the plain formula."""
    tf = 0.0
    for name in range(asked.firsts[group], asked.firsts[group + 1]):
        end = asked.edges[name, 1]
        at = _forward(index.packed, asked.edges[name, 0], end, passage)
        if at < end and np.int64(index.packed[at] >> _BITS) == passage:
            tf += asked.weights[name] * _count(index, at)
    if tf == 0.0:
        return 0.0
    relative = index.lengths[asked.channels[group], passage] / index.averages[asked.channels[group]]
    return asked.scales[group] * _saturated(tf, relative, index.k1, index.b)


@compiled
def _keep(heap, value):
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


@compiled
def _most(index, asked):
    """Return what each group adds at most; see `pruned.most`."""
    found = np.zeros(len(asked.scales))
    for group in range(len(found)):
        for name in range(asked.firsts[group], asked.firsts[group + 1]):
            row = asked.rows[name]
            top = 0.0
            if row >= 0:
                highest = float(index.bounds[row, 3])
                for column in range(3):
                    shortest = index.bounds[row, column]
                    if shortest != _NEVER:
                        times = 1.0 if column == 0 else min(_FEW, highest) if column == 1 else highest
                        relative = shortest / index.averages[asked.channels[group]]
                        top = max(top, _saturated(asked.weights[name] * times, relative, index.k1, index.b))
            found[group] += top
        found[group] = asked.scales[group] * min(found[group], index.k1 + 1)
    return found


@compiled
def _ordered(asked, order):
    """Return the same groups in another order."""
    edges, weights, rows = np.empty_like(asked.edges), np.empty_like(asked.weights), np.empty_like(asked.rows)
    firsts = np.zeros_like(asked.firsts)
    for place, group in enumerate(order):
        first, end = asked.firsts[group], asked.firsts[group + 1]
        firsts[place + 1] = firsts[place] + end - first
        edges[firsts[place] : firsts[place + 1]] = asked.edges[first:end]
        weights[firsts[place] : firsts[place + 1]] = asked.weights[first:end]
        rows[firsts[place] : firsts[place + 1]] = asked.rows[first:end]
    return Asked(edges, weights, rows, firsts, asked.scales[order], asked.channels[order])


@compiled
def _lead(index, asked, leading, at, low, width, held):
    """Sum the first groups over the passages of a window; return how many were touched."""
    sums, frequencies, touched, kept = held
    count = 0
    for group in range(leading):
        scale, channel = asked.scales[group], asked.channels[group]
        first, last = asked.firsts[group], asked.firsts[group + 1]
        alone = last - first == 1 and asked.weights[first] == 1.0
        mine = 0
        for name in range(first, last):
            place, end = at[name], asked.edges[name, 1]
            while place < end:
                posting = index.packed[place]
                passage = np.int64(posting >> _BITS) - low
                if passage >= width:
                    break
                times = posting & _MANY
                length = index.lengths[channel, low + passage]
                if alone and times < _MANY and length < _TABLED:
                    if sums[passage] == 0.0:
                        touched[count] = passage
                        count += 1
                    sums[passage] += scale * index.table[channel, times, length]
                else:
                    if frequencies[passage] == 0.0:
                        kept[mine] = passage
                        mine += 1
                    frequencies[passage] += asked.weights[name] * _count(index, place)
                place += 1
            at[name] = place
        for i in range(mine):
            passage = kept[i]
            if sums[passage] == 0.0:
                touched[count] = passage
                count += 1
            relative = index.lengths[channel, low + passage] / index.averages[channel]
            sums[passage] += scale * _saturated(frequencies[passage], relative, index.k1, index.b)
            frequencies[passage] = 0.0
    return count


@compiled
def _look_up(index, asked, group, at, low, width, held, few):
    """Add a group to the sums of the passages that are kept."""
    sums, frequencies, _, kept = held
    for name in range(asked.firsts[group], asked.firsts[group + 1]):
        weight, last = asked.weights[name], asked.edges[name, 1]
        place = _forward(index.packed, at[name], last, low)
        end = _forward(index.packed, place, last, low + width)
        at[name] = end
        if end - place > few * _LONGER:
            for i in range(few):
                here = _forward(index.packed, place, end, low + kept[i])
                if here < end and np.int64(index.packed[here] >> _BITS) == low + kept[i]:
                    frequencies[kept[i]] += weight * _count(index, here)
        else:
            for here in range(place, end):
                passage = np.int64(index.packed[here] >> _BITS) - low
                if sums[passage] != 0.0:
                    frequencies[passage] += weight * _count(index, here)
    scale, channel = asked.scales[group], asked.channels[group]
    for i in range(few):
        passage = kept[i]
        if frequencies[passage] != 0.0:
            relative = index.lengths[channel, low + passage] / index.averages[channel]
            sums[passage] += scale * _saturated(frequencies[passage], relative, index.k1, index.b)
            frequencies[passage] = 0.0


@compiled
def _still(sums, passages, count, kept, enough):
    """Keep the passages whose sums are enough and clear the others; return how many."""
    few = 0
    for i in range(count):
        passage = passages[i]
        if sums[passage] >= enough:
            kept[few] = passage
            few += 1
        else:
            sums[passage] = 0.0
    return few


@compiled
def _best(index, asked, k):
    """Return passages that can be among the best, and their exact scores.

    Passages are gone through window after window, so that the k-th best of the earlier ones prunes the later.
    """
    most = _most(index, asked)
    order = np.argsort(-most)
    ordered = _ordered(asked, order)
    groups = len(order)
    remaining = np.zeros(groups + 1)
    for group in range(groups - 1, -1, -1):
        remaining[group] = remaining[group + 1] + most[order[group]]
    held = (
        np.zeros(_WINDOW, np.float32),
        np.zeros(_WINDOW),
        np.empty(_WINDOW, np.int64),
        np.empty(_WINDOW, np.int64),
    )
    sums, _, touched, kept = held
    at = ordered.edges[:, 0].copy()
    heap = np.zeros(k)
    ids, scored, found = np.empty(4 * k + 64, np.int64), np.empty(4 * k + 64), 0
    leading, width = groups, _FIRST_WINDOW
    while True:
        least = heap[0] * SLACK
        while leading > 0 and remaining[leading - 1] < least:
            leading -= 1
        names = ordered.firsts[leading]
        low = _start(index.packed, at[:names], ordered.edges[:names])
        if low < 0:
            break
        count = _lead(index, ordered, leading, at, low, width, held)
        few = _still(sums, touched, count, kept, least - remaining[leading])
        for group in range(leading, groups):
            if few:
                _look_up(index, ordered, group, at, low, width, held, few)
                few = _still(sums, kept, few, kept, least - remaining[group + 1])
        for i in range(few):
            score = sums[kept[i]]
            sums[kept[i]] = 0.0
            if found == len(ids):
                found = _compacted(ids, scored, found, heap[0] * SLACK)
                if found * 2 > len(ids):
                    ids = np.concatenate((ids, np.empty(len(ids), np.int64)))
                    scored = np.concatenate((scored, np.empty(len(scored))))
            ids[found], scored[found] = low + kept[i], score
            found += 1
            if score > heap[0]:
                _keep(heap, score)
        width = min(2 * width, _WINDOW)
    found = _compacted(ids, scored, found, heap[0] * SLACK)
    scores = np.zeros(found)
    for i in range(found):
        for group in range(groups):
            scores[i] += _share(index, asked, group, ids[i])
    return ids[:found].astype(np.uint32), scores


@compiled
def _compacted(ids, scored, found, least):
    """Keep the candidates that still reach the least score; return how many."""
    still = 0
    for i in range(found):
        if scored[i] >= least:
            ids[still], scored[still] = ids[i], scored[i]
            still += 1
    return still

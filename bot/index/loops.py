"""`pruned`'s way of ranking as loops that numba compiles; see `compiled`, which calls `best` and `united`.

What is compiled is kept beside this file, or in the user's cache folder if that is read-only, so that only
the first process after an installation waits for it. All of it is one file: numba does not notice that a
function of another one has changed.
"""

# numba infers types; annotations would only repeat them.
# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from bot.index.postings import COUNT_BITS, FEW, MANY, Numbers
from bot.index.pruned import SLACK, Floats

_BITS = np.uint32(COUNT_BITS)
_MANY = np.uint32(MANY)
_FEW = float(FEW)
# A list is bisected for the passages to look up if it has so many times more postings, else gone through.
_LONGER = 64
# Passages whose sums are held at once; their buffers fit a processor's cache. The first windows are smaller:
# they have nothing to be pruned by.
_FIRST_WINDOW = 2**7
_WINDOW = 2**15
# Lengths up to here have their scores in a table.
TABLED = 1024

compiled = njit(cache=True, nogil=True, error_model="numpy")
inlined = njit(nogil=True, error_model="numpy", inline="always")


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


@inlined
def _count(index, at):
    """Return the count of the posting at a place."""
    count = index.packed[at] & _MANY
    if count == _MANY:
        return float(index.excess[1, np.searchsorted(index.excess[0], np.uint64(at))])
    return float(count)


@inlined
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
def united(packed, edges):
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


@inlined
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


@inlined
def _saturated(tf, relative, k1, b):
    return tf * (k1 + 1) / (tf + k1 * (1 - b + b * relative))


@compiled
def _share(index, asked, group, at, ends, passage):
    """Return what a group adds to a passage that is looked for between places of its lists."""
    tf = 0.0
    for name in range(asked.firsts[group], asked.firsts[group + 1]):
        here = _forward(index.packed, at[name], ends[name], passage)
        if here < ends[name] and np.int64(index.packed[here] >> _BITS) == passage:
            tf += asked.weights[name] * _count(index, here)
    if tf == 0.0:
        return 0.0
    channel = asked.channels[group]
    relative = index.lengths[channel, passage] / index.averages[channel]
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
                    if shortest:
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
def _ends(packed, ordered, names, at, edge, ends):
    """Find where the postings of the first names leave a window."""
    for name in range(names):
        ends[name] = _forward(packed, at[name], ordered.edges[name, 1], edge)


@compiled
def _add_alone(index, asked, group, at, ends, low, sums, touched, count):
    """Add a group of one name to the sums of a window; return how many passages are listed as touched.

    `touched` may be None. They are listed without a branch: whether a sum is new cannot be foretold.
    """
    name, channel = asked.firsts[group], asked.channels[group]
    lengths, table = index.lengths[channel], index.table[channel]
    base, scale = np.uint64(low), np.float32(asked.scales[group])
    for place in range(at[name], ends[name]):
        posting = index.packed[place]
        passage = np.uint64(posting >> _BITS)
        times, length = posting & _MANY, lengths[passage]
        if touched is not None:
            touched[count] = passage - base
            count += sums[passage - base] == 0.0
        if times < _MANY and length < TABLED:
            sums[passage - base] += scale * table[times, length]
        else:
            relative = length / index.averages[channel]
            share = scale * _saturated(_count(index, place), relative, index.k1, index.b)
            sums[passage - base] += np.float32(share)
    return count


@compiled
def _weigh(index, asked, group, at, ends, low, frequencies, touched):
    """Add a group's weighted counts to the frequencies of a window; list in `touched` as above."""
    base, count = np.uint64(low), 0
    for name in range(asked.firsts[group], asked.firsts[group + 1]):
        weight = np.float32(asked.weights[name])
        for place in range(at[name], ends[name]):
            posting = index.packed[place]
            passage, times = np.uint64(posting >> _BITS) - base, posting & _MANY
            if touched is not None:
                touched[count] = passage
                count += frequencies[passage] == 0.0
            exact = np.float32(times) if times < _MANY else np.float32(_count(index, place))
            frequencies[passage] += weight * exact
    return count


@compiled
def _fold(index, asked, group, low, sums, frequencies, passages, few, touched, count):
    """Turn the frequencies of some passages into sums; return how many are listed as touched."""
    channel, base = asked.channels[group], np.uint64(low)
    scale = np.float32(asked.scales[group] * (index.k1 + 1))
    flat = np.float32(index.k1 * (1 - index.b))
    sloped = np.float32(index.k1 * index.b / index.averages[channel])
    lengths = index.lengths[channel]
    for i in range(few):
        passage = passages[i]
        tf = frequencies[passage]
        if touched is not None:
            touched[count] = passage
            count += sums[passage] == 0.0
        if tf > 0:
            sums[passage] += scale * tf / (tf + flat + sloped * np.float32(lengths[base + passage]))
            frequencies[passage] = 0.0
    return count


@inlined
def _alone(asked, group):
    """Tell whether a group has one name only, that counts in full."""
    first = asked.firsts[group]
    return asked.firsts[group + 1] - first == 1 and asked.weights[first] == 1.0


@compiled
def _look_up(index, asked, group, at, ends, low, width, sums, frequencies, kept, few):
    """Add a group to the sums of the passages that are kept; return whether other sums changed too.

    A list is searched for each of them, unless it is so short that adding all of it takes less time.
    """
    first, last = asked.firsts[group], asked.firsts[group + 1]
    inside = 0
    for name in range(first, last):
        at[name] = _forward(index.packed, at[name], asked.edges[name, 1], low)
        ends[name] = _forward(index.packed, at[name], asked.edges[name, 1], low + width)
        inside += ends[name] - at[name]
    all_of_it = inside <= few * (last - first) * _LONGER
    if not all_of_it:
        for i in range(few):
            share = _share(index, asked, group, at, ends, low + np.int64(kept[i]))
            sums[kept[i]] += np.float32(share)
    elif _alone(asked, group):
        _add_alone(index, asked, group, at, ends, low, sums, None, 0)
    else:
        _weigh(index, asked, group, at, ends, low, frequencies, None)
        _fold(index, asked, group, low, sums, frequencies, kept, few, None, 0)
        frequencies[:width] = 0.0
    for name in range(first, last):
        at[name] = ends[name]
    return all_of_it and _alone(asked, group)


@compiled
def _still(sums, passages, count, kept, enough):
    """Keep the passages whose sums are enough; return how many."""
    few = 0
    for i in range(count):
        passage = passages[i]
        kept[few] = passage
        few += sums[passage] >= enough
    return few


@compiled
def best(index, asked, k):
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
    sums, frequencies = np.zeros(_WINDOW, np.float32), np.zeros(_WINDOW, np.float32)
    touched, mine = np.empty(_WINDOW + 1, np.uint64), np.empty(_WINDOW + 1, np.uint64)
    kept = np.empty(_WINDOW + 1, np.uint64)
    at = ordered.edges[:, 0].copy()
    ends = at.copy()
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
        _ends(index.packed, ordered, names, at, low + width, ends)
        count, junk = 0, False
        for group in range(leading):
            if _alone(ordered, group):
                count = _add_alone(index, ordered, group, at, ends, low, sums, touched, count)
            else:
                few = _weigh(index, ordered, group, at, ends, low, frequencies, mine)
                count = _fold(index, ordered, group, low, sums, frequencies, mine, few, touched, count)
        at[:names] = ends[:names]
        few = _still(sums, touched, count, kept, least - remaining[leading])
        for group in range(leading, groups):
            if few:
                junk |= _look_up(index, ordered, group, at, ends, low, width, sums, frequencies, kept, few)
                few = _still(sums, kept, few, kept, least - remaining[group + 1])
        for i in range(few):
            score = sums[kept[i]]
            if found == len(ids):
                found = _compacted(ids, scored, found, heap[0] * SLACK)
                if found * 2 > len(ids):
                    ids = np.concatenate((ids, np.empty(len(ids), np.int64)))
                    scored = np.concatenate((scored, np.empty(len(scored))))
            ids[found], scored[found] = low + np.int64(kept[i]), score
            found += 1
            if score > heap[0]:
                _keep(heap, score)
        if junk:
            sums[:width] = 0.0
        else:
            for i in range(count):
                sums[touched[i]] = 0.0
        width = min(2 * width, _WINDOW)
    found = _compacted(ids, scored, found, heap[0] * SLACK)
    return ids[:found].astype(np.uint32), _exact(index, asked, ids[:found])


@compiled
def _exact(index, asked, ids):
    """Return the scores of some passages by the plain formula, added up in the query's own order."""
    scores = np.zeros(len(ids))
    starts, ends = asked.edges[:, 0].copy(), asked.edges[:, 1].copy()
    for i in range(len(ids)):
        for group in range(len(asked.scales)):
            scores[i] += _share(index, asked, group, starts, ends, ids[i])
    return scores


@compiled
def _compacted(ids, scored, found, least):
    """Keep the candidates that still reach the least score; return how many."""
    still = 0
    for i in range(found):
        if scored[i] >= least:
            ids[still], scored[still] = ids[i], scored[i]
            still += 1
    return still

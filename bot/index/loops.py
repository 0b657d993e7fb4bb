"""`pruned`'s way of ranking as loops that numba compiles: the same passages with the same scores, sooner.

What is compiled is kept beside this file, or in the user's cache folder if that is read-only, so that only the
first process after an installation waits for it.
"""

from collections.abc import Sequence

import numpy as np
from numba import njit

from bot.index.postings import CHANNELS, COUNT_BITS, FEW, MANY, NEVER, Ids, Posting, Postings
from bot.index.pruned import SLACK, Floats, Plan

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


class Loops:
    """Ranks with compiled loops; see pruned.Engine. Safe to share between threads."""

    def __init__(self, postings: Postings, k1: float, b: float) -> None:
        self._postings = postings
        self._k1 = k1
        self._b = b
        self._averages = np.array([postings.average_lengths[channel] for channel in CHANNELS])
        counts = np.arange(MANY, dtype=np.float64)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            lengths = [np.arange(_TABLED) / average for average in self._averages]
            tables = [counts * (k1 + 1) / (counts + k1 * (1 - b + b * length)) for length in lengths]
        self._table = np.array(tables, np.float32)

    def united(self, found: Sequence[Posting]) -> int:
        """See pruned.Engine."""
        edges = np.array([(p.start, p.end) for p in found], np.int64).reshape(-1, 2)
        return int(_united(self._postings.packed, edges))

    def __call__(self, plans: Sequence[Plan], k: int, within: range | None) -> tuple[Ids, Floats]:
        """See pruned.Engine."""
        edges, weights, rows, firsts, scales, channels = [], [], [], [0], [], []
        for plan in plans:
            for weight, posting in zip(plan.weights, plan.found, strict=True):
                inside = posting if within is None else posting.within(within)
                edges.append((inside.start, inside.end))
                rows.append(posting.row)
                weights.append(weight)
            firsts.append(len(weights))
            scales.append(plan.scale)
            channels.append(_PLACES[plan.channel])
        return _best(  # type: ignore[no-any-return]
            self._postings.packed,
            self._postings.excess,
            self._postings.all_lengths,
            self._postings.bounds,
            self._table,
            self._averages,
            np.array(edges, np.int64),
            np.array(weights),
            np.array(rows, np.int64),
            np.array(firsts, np.int64),
            np.array(scales),
            np.array(channels, np.int64),
            k,
            self._k1,
            self._b,
        )


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
def _start(packed, at, edges):  # type: ignore[no-untyped-def]
    """Return the lowest passage that stands at any of some places, -1 when all have come to their ends."""
    lowest = np.int64(-1)
    for name in range(len(edges)):
        if at[name] < edges[name, 1]:
            passage = np.int64(packed[at[name]] >> _BITS)
            if lowest < 0 or passage < lowest:
                lowest = passage
    return lowest


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _united(packed, edges):  # type: ignore[no-untyped-def]
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


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _forward(packed, start, end, passage):  # type: ignore[no-untyped-def]
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


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _share(
    packed, excess, lengths, averages, edges, weights, firsts, scales, channels, k1, b, group, passage
):  # type: ignore[no-untyped-def]
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
def _bounds(bounds, averages, weights, rows, firsts, scales, channels, k1, b):  # type: ignore[no-untyped-def]
    """Return what each group adds at most; `pruned.most` compiled."""
    found = np.zeros(len(scales))
    for group in range(len(scales)):
        for name in range(firsts[group], firsts[group + 1]):
            if rows[name] < 0:
                continue
            highest = float(bounds[rows[name], 3])
            top = 0.0
            for column in range(3):
                shortest = bounds[rows[name], column]
                if shortest != _NEVER:
                    times = 1.0 if column == 0 else min(_FEW, highest) if column == 1 else highest
                    tf = weights[name] * times
                    length = shortest / averages[channels[group]]
                    top = max(top, tf * (k1 + 1) / (tf + k1 * (1 - b + b * length)))
            found[group] += top
        found[group] = scales[group] * min(found[group], k1 + 1)
    return found


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _best(  # type: ignore[no-untyped-def]
    packed,
    excess,
    lengths,
    bounds,
    table,
    averages,
    edges,
    weights,
    rows,
    firsts,
    scales,
    channels,
    k,
    k1,
    b,
):
    """Return passages that can be among the best, and their exact scores.

    Passages are gone through window after window, so that the k-th best of the earlier ones prunes the later.
    """
    groups = len(scales)
    most = _bounds(bounds, averages, weights, rows, firsts, scales, channels, k1, b)
    order = np.argsort(-most)
    remaining = np.zeros(groups + 1)
    for i in range(groups - 1, -1, -1):
        remaining[i] = remaining[i + 1] + most[order[i]]
    heap = np.zeros(k)
    sums = np.zeros(_WINDOW, np.float32)
    frequencies = np.zeros(_WINDOW)
    touched = np.empty(_WINDOW, np.int64)
    kept = np.empty(_WINDOW, np.int64)
    # The first names of the order's groups come first, so that the leading groups' names are a slice.
    at = np.empty(len(weights), np.int64)
    named = np.empty(groups + 1, np.int64)
    ends = np.empty((len(weights), 2), np.int64)
    shares = np.empty(len(weights))
    named[0] = 0
    for i in range(groups):
        first, last = firsts[order[i]], firsts[order[i] + 1]
        named[i + 1] = named[i] + last - first
        for j in range(last - first):
            at[named[i] + j] = edges[first + j, 0]
            ends[named[i] + j] = edges[first + j]
            shares[named[i] + j] = weights[first + j]
    candidates = np.empty(4 * k + 64, np.int64)
    scored = np.empty(4 * k + 64)
    found = 0
    leading = groups
    width = _FIRST_WINDOW
    while True:
        least = heap[0] * SLACK
        while leading > 0 and remaining[leading - 1] < least:
            leading -= 1
        low = _start(packed, at[: named[leading]], ends[: named[leading]])
        if low < 0:
            break
        count = 0
        for i in range(leading):
            scale, channel = scales[order[i]], channels[order[i]]
            alone = named[i + 1] - named[i] == 1 and shares[named[i]] == 1.0
            mine = 0
            for name in range(named[i], named[i + 1]):
                place, end = at[name], ends[name, 1]
                while place < end:
                    posting = packed[place]
                    passage = np.int64(posting >> _BITS) - low
                    if passage >= width:
                        break
                    times = posting & _MANY
                    if alone:
                        length = lengths[channel, low + passage]
                        if times < _MANY and length < _TABLED:
                            share = scale * table[channel, times, length]
                        else:
                            tf = _count(packed, excess, place)
                            relative = length / averages[channel]
                            share = scale * (tf * (k1 + 1) / (tf + k1 * (1 - b + b * relative)))
                        before = sums[passage]
                        if before == 0.0:
                            touched[count] = passage
                            count += 1
                        sums[passage] = before + share
                    else:
                        if frequencies[passage] == 0.0:
                            kept[mine] = passage
                            mine += 1
                        frequencies[passage] += shares[name] * _count(packed, excess, place)
                    place += 1
                at[name] = place
            for j in range(mine):
                passage = kept[j]
                tf = frequencies[passage]
                frequencies[passage] = 0.0
                relative = lengths[channel, low + passage] / averages[channel]
                before = sums[passage]
                if before == 0.0:
                    touched[count] = passage
                    count += 1
                sums[passage] = before + scale * (tf * (k1 + 1) / (tf + k1 * (1 - b + b * relative)))
        few = 0
        for i in range(count):
            passage = touched[i]
            if sums[passage] + remaining[leading] >= least:
                kept[few] = passage
                few += 1
            else:
                sums[passage] = 0.0
        for i in range(leading, groups):
            if few == 0:
                break
            scale, channel = scales[order[i]], channels[order[i]]
            for name in range(named[i], named[i + 1]):
                place = _forward(packed, at[name], ends[name, 1], low)
                end = _forward(packed, place, ends[name, 1], low + width)
                at[name] = end
                if end - place > few * _LONGER:
                    for j in range(few):
                        found_at = _forward(packed, place, end, low + kept[j])
                        if found_at < end and np.int64(packed[found_at] >> _BITS) == low + kept[j]:
                            frequencies[kept[j]] += shares[name] * _count(packed, excess, found_at)
                else:
                    for here in range(place, end):
                        passage = np.int64(packed[here] >> _BITS) - low
                        if sums[passage] != 0.0:
                            frequencies[passage] += shares[name] * _count(packed, excess, here)
            for j in range(few):
                passage = kept[j]
                tf = frequencies[passage]
                frequencies[passage] = 0.0
                if tf != 0.0:
                    relative = lengths[channel, low + passage] / averages[channel]
                    sums[passage] += scale * (tf * (k1 + 1) / (tf + k1 * (1 - b + b * relative)))
            still = 0
            for j in range(few):
                passage = kept[j]
                if sums[passage] + remaining[i + 1] >= least:
                    kept[still] = passage
                    still += 1
                else:
                    sums[passage] = 0.0
            few = still
        for j in range(few):
            score = sums[kept[j]]
            if score >= heap[0] * SLACK:
                if found == len(candidates):
                    found = _compacted(candidates, scored, found, heap[0] * SLACK)
                    if found * 2 > len(candidates):
                        candidates = np.concatenate((candidates, np.empty(len(candidates), np.int64)))
                        scored = np.concatenate((scored, np.empty(len(scored))))
                candidates[found] = low + kept[j]
                scored[found] = score
                found += 1
                if score > heap[0]:
                    _keep(heap, score)
        for j in range(few):
            sums[kept[j]] = 0.0
        width = min(2 * width, _WINDOW)
    found = _compacted(candidates, scored, found, heap[0] * SLACK)
    scores = np.zeros(found)
    for i in range(found):
        for group in range(groups):
            scores[i] += _share(
                packed,
                excess,
                lengths,
                averages,
                edges,
                weights,
                firsts,
                scales,
                channels,
                k1,
                b,
                group,
                np.uint32(candidates[i]),
            )
    return candidates[:found].astype(np.uint32), scores


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _compacted(candidates, scored, found, least):  # type: ignore[no-untyped-def]
    """Keep the candidates that still reach the least score; return how many."""
    still = 0
    for i in range(found):
        if scored[i] >= least:
            candidates[still], scored[still] = candidates[i], scored[i]
            still += 1
    return still

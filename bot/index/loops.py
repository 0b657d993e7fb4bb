"""`pruned`'s way of ranking as loops that numba compiles; see `compiled`, which calls `best`.

What is compiled is kept beside this file, or in the user's cache folder if that is read-only, so that only
the first process after an installation waits for it. All of it is one file: numba does not notice that a
function of another one has changed.
"""

# numba infers types; annotations would only repeat them.
# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False

import numpy as np
from numba import njit

from bot.index.asked import Asked
from bot.index.postings import COUNT_BITS, FEW, MANY
from bot.index.pruned import SLACK

_BITS = np.uint32(COUNT_BITS)
_MANY = np.uint32(MANY)
_FEW = float(FEW)
# A list is bisected for the passages to look up if it has so many times more postings, else gone through.
_LONGER = 512
# Passages whose sums are held at once; their buffers fit a processor's cache. The first windows are smaller:
# they have nothing to be pruned by.
_FIRST_WINDOW = 2**7
_WINDOW = 2**15
# Of how many neighbours in a window is seen at once whether any sum is enough; the least sum that is not 0.
_TOGETHER = 64
_LEAST = float(np.finfo(np.float32).smallest_subnormal)
# A window that gets more postings than one for so many passages is looked through; of others those are listed
# that got some.
_LISTED = 4
# Shorter passages have their scores in a table, by count and length.
_TABLE_BITS = np.uint64(10)
TABLED = 1 << 10

compiled = njit(cache=True, nogil=True, error_model="numpy")
inlined = njit(nogil=True, error_model="numpy", inline="always")


@inlined
def _count(packed, excess, at):
    """Return the count of the posting at a place."""
    count = packed[at] & _MANY
    if count == _MANY:
        return float(excess[1, np.searchsorted(excess[0], np.uint64(at))])
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
def _place(packed, start, end, guess, passage):
    """Return the place of the first posting from `start` whose passage is not lower, `end` if there is none.

    It is looked for around a guess, farther and farther: most lists are spread evenly, and so few places are
    read, which lie together.
    """
    wanted = np.uint32(passage << COUNT_BITS)
    low, high, step = start, end, 1
    guess = max(start, min(guess, end - 1))
    if guess < end and packed[guess] < wanted:
        low = guess + 1
        while guess + step < end and packed[guess + step] < wanted:
            low = guess + step + 1
            step *= 2
        high = min(guess + step, end)
    else:
        high = guess
        while guess - step >= start and packed[guess - step] >= wanted:
            high = guess - step
            step *= 2
        low = max(guess - step, start)
    while low < high:
        middle = (low + high) >> 1
        if packed[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def _saturated(tf, relative, k1, b):
    return tf * (k1 + 1) / (tf + k1 * (1 - b + b * relative))


@compiled
def _share(index, asked, group, at, ends, passage, low, width):
    """Return what a group adds to a passage, which is looked for in what a window has of its lists."""
    tf = 0.0
    for name in range(asked.firsts[group], asked.firsts[group + 1]):
        guess = at[name] + (ends[name] - at[name]) * (passage - low) // width
        here = _place(index.packed, at[name], ends[name], guess, passage)
        if here < ends[name] and np.int64(index.packed[here] >> _BITS) == passage:
            tf += asked.weights[name] * _count(index.packed, index.excess, here)
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
    """Return what each group adds at most (see `pruned.most`), and whether it is plain.

    A plain one has one name, which counts in full and whose scores are all in the table.
    """
    most, plain = np.zeros(len(asked.scales)), np.zeros(len(asked.scales), np.bool_)
    for group in range(len(most)):
        channel = asked.channels[group]
        for name in range(asked.firsts[group], asked.firsts[group + 1]):
            row = asked.rows[name]
            if row < 0:
                continue
            top, highest = 0.0, float(index.bounds[row, 3])
            for column in range(3):
                shortest = index.bounds[row, column]
                if shortest:
                    times = 1.0 if column == 0 else min(_FEW, highest) if column == 1 else highest
                    relative = shortest / index.averages[channel]
                    top = max(top, _saturated(asked.weights[name] * times, relative, index.k1, index.b))
            most[group] += top
            plain[group] = asked.weights[name] == 1.0 and highest < _MANY and index.tabled[channel]
        most[group] = asked.scales[group] * min(most[group], index.k1 + 1)
        plain[group] &= asked.firsts[group + 1] - asked.firsts[group] == 1
    return most, plain


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
def _cut(packed, edges, first, last, at, low, width, size, ends):
    """Find where the postings of some names enter a window, at some place or later, and leave it."""
    stop = min(low + width, size)
    for name in range(first, last):
        start, end = edges[name]
        many = end - start
        if at[name] < end and np.int64(packed[at[name]] >> _BITS) < low:
            at[name] = _place(packed, at[name], end, start + many * low // size, low)
        ends[name] = _place(packed, at[name], end, at[name] + many * width // size, stop)


@compiled
def _add(packed, lengths, table, scale, base, sums, touched, count):
    """Add one name's postings to the sums of a window; return how many passages are listed as touched.

    `touched` may be None. They are listed without a branch: whether a sum is new cannot be foretold.
    """
    for posting in packed:
        passage = np.uint64(posting >> _BITS) - base
        if touched is not None:
            touched[count] = passage
            count += sums[passage] == 0.0
        times, length = np.uint64(posting & _MANY), np.uint64(lengths[passage])
        sums[passage] += scale * table[times << _TABLE_BITS | length]
    return count


@inlined
def _add_plain(index, asked, group, at, ends, low, sums, touched, count):
    """Add a plain group; as `_add`."""
    name, channel = asked.firsts[group], asked.channels[group]
    packed, lengths = index.packed[at[name] : ends[name]], index.lengths[channel, low:]
    scale, base = np.float32(asked.scales[group]), np.uint64(low)
    return _add(packed, lengths, index.table[channel], scale, base, sums, touched, count)


@compiled
def _tally(packed, excess, start, end, weight, base, frequencies, touched, count):
    """Add one name's weighted counts to the frequencies of a window; as `_add`."""
    for place in range(start, end):
        posting = packed[place]
        passage, times = np.uint64(posting >> _BITS) - base, posting & _MANY
        if touched is not None:
            touched[count] = passage
            count += frequencies[passage] == 0.0
        exact = np.float32(times) if times < _MANY else np.float32(_count(packed, excess, place))
        frequencies[passage] += weight * exact
    return count


@inlined
def _weigh(index, asked, group, at, ends, low, frequencies, touched):
    """Add a group's weighted counts to the frequencies of a window; list in `touched` as above."""
    base, listed = np.uint64(low), 0
    for name in range(asked.firsts[group], asked.firsts[group + 1]):
        weight, start, end = np.float32(asked.weights[name]), at[name], ends[name]
        listed = _tally(index.packed, index.excess, start, end, weight, base, frequencies, touched, listed)
    return listed


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


@compiled
def _look_up(index, asked, group, plain, at, ends, low, width, sums, frequencies, kept, few):
    """Add a group to the sums of the passages that are kept; return whether other sums changed too.

    A list is searched for each of them, unless it is so short that adding all of it takes less time.
    """
    first, last = asked.firsts[group], asked.firsts[group + 1]
    _cut(index.packed, asked.edges, first, last, at, low, width, index.lengths.shape[1], ends)
    inside = np.sum(ends[first:last] - at[first:last])
    all_of_it = inside <= few * (last - first) * _LONGER
    if not all_of_it:
        for i in range(few):
            share = _share(index, asked, group, at, ends, low + np.int64(kept[i]), low, width)
            sums[kept[i]] += np.float32(share)
    elif plain:
        _add_plain(index, asked, group, at, ends, low, sums, None, 0)
    else:
        _weigh(index, asked, group, at, ends, low, frequencies, None)
        _fold(index, asked, group, low, sums, frequencies, kept, few, None, 0)
        frequencies[:width] = 0.0
    at[first:last] = ends[first:last]
    return all_of_it and plain


@compiled
def _still(sums, passages, count, kept, enough):
    """Keep the passages whose sums are enough; return how many."""
    few = 0
    for i in range(count):
        passage = passages[i]
        kept[few] = passage
        few += sums[passage] >= enough
    return few


@inlined
def _reach(sums, least):
    """Return how many sums reach the least, compared several at a time."""
    count = 0
    for place in range(len(sums)):
        count += sums[place] >= least
    return count


@compiled
def _found(sums, width, kept, enough):
    """List the passages of a window whose sums are enough and not 0; return how many."""
    few, enough = 0, max(enough, _LEAST)
    least = np.float32(enough * SLACK)
    for start in range(0, width, _TOGETHER):
        neighbours = sums[start : start + _TOGETHER]
        if _reach(neighbours, least):
            for place in range(_TOGETHER):
                kept[few] = start + place
                few += neighbours[place] >= enough
    return few


@compiled
def best(index, asked, k):
    """Return passages that can be among the best, and their exact scores.

    Passages are gone through window after window, so that the k-th best of the earlier ones prunes the later.
    """
    most, plain = _most(index, asked)
    order = np.argsort(-most)
    ordered, plain, groups = _ordered(asked, order), plain[order], len(order)
    remaining = np.zeros(groups + 1)
    for group in range(groups - 1, -1, -1):
        remaining[group] = remaining[group + 1] + most[order[group]]
    sums, frequencies = np.zeros(_WINDOW, np.float32), np.zeros(0 if plain.all() else _WINDOW, np.float32)
    touched, kept = np.empty(_WINDOW + 1, np.uint32), np.empty(_WINDOW + 1, np.uint32)
    mine = np.empty(_WINDOW + 1, np.uint32)
    at = ordered.edges[:, 0].copy()
    ends = at.copy()
    heap = np.zeros(k)
    ids, scored, found = np.empty(4 * k + 64, np.int64), np.empty(4 * k + 64), 0
    leading, width, size = groups, _FIRST_WINDOW, index.lengths.shape[1]
    while True:
        least = heap[0] * SLACK
        while leading > 0 and remaining[leading - 1] < least:
            leading -= 1
        names = ordered.firsts[leading]
        low = _start(index.packed, at[:names], ordered.edges[:names])
        if low < 0:
            break
        _cut(index.packed, ordered.edges, 0, names, at, low, width, size, ends)
        count, junk = 0, np.sum(ends[:names] - at[:names]) * _LISTED > width
        for group in range(leading):
            if not plain[group]:
                few = _weigh(index, ordered, group, at, ends, low, frequencies, mine)
                count = _fold(index, ordered, group, low, sums, frequencies, mine, few, touched, count)
            elif junk:
                _add_plain(index, ordered, group, at, ends, low, sums, None, 0)
            else:
                count = _add_plain(index, ordered, group, at, ends, low, sums, touched, count)
        at[:names] = ends[:names]
        if junk:
            few = _found(sums, width, kept, least - remaining[leading])
        else:
            few = _still(sums, touched, count, kept, least - remaining[leading])
        for group in range(leading, groups):
            if few:
                junk |= _look_up(
                    index, ordered, group, plain[group], at, ends, low, width, sums, frequencies, kept, few
                )
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
        width = min(4 * width, _WINDOW)
    found = _compacted(ids, scored, found, heap[0] * SLACK)
    return ids[:found].astype(np.uint32), _exact(index, asked, ids[:found])


@compiled
def _exact(index, asked, ids):
    """Return the scores of some passages by the plain formula, added up in the query's own order."""
    scores = np.zeros(len(ids))
    starts, ends = asked.edges[:, 0].copy(), asked.edges[:, 1].copy()
    for i in range(len(ids)):
        for group in range(len(asked.scales)):
            scores[i] += _share(index, asked, group, starts, ends, ids[i], 0, index.lengths.shape[1])
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

"""`pruned`'s way of ranking as loops that numba compiles; see `compiled`, which calls `best`."""

# numba infers types; annotations would only repeat them.
# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False

import numpy as np

from bot.index import asked as asking
from bot.index import common, jit, packed, postings, pruned, seeking
from bot.index.asked import BEFORE, END, NUMBER, ROW, START, Asked
from bot.index.common import BUCKET_BITS
from bot.index.jit import compiled, inlined
from bot.index.postings import FEW
from bot.index.pruned import SLACK
from bot.index.seeking import BITS, MANY_TIMES, bucket_edges, count_of, cut, first_passage, frequency

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


@inlined
def _saturated(tf, relative, k1, b):
    return tf * (k1 + 1) / (tf + k1 * (1 - b + b * relative))


@inlined
def _share(index, asked, group, passage):
    """Return what a group adds to a passage."""
    tf = 0.0
    for name in range(asked.firsts[group], asked.firsts[group + 1]):
        tf += asked.weights[name] * frequency(index, asked, name, passage)
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
def _add(postings, lengths, table, scale, base, sums, touched, count):
    """Add one name's postings to the sums of a window; return how many passages are listed as touched.

    `touched` may be None. They are listed without a branch: whether a sum is new cannot be foretold.
    """
    for posting in postings:
        passage = np.uint64(posting >> BITS) - base
        if touched is not None:
            touched[count] = passage
            count += sums[passage] == 0.0
        times, length = np.uint64(posting & MANY_TIMES), np.uint64(lengths[passage])
        sums[passage] += scale * table[times << _TABLE_BITS | length]
    return count


@inlined
def _add_plain(index, asked, group, at, ends, low, sums, touched, count):
    """Add a plain group; as `_add`."""
    name, channel = asked.firsts[group], asked.channels[group]
    lengths, table = index.lengths[channel, low:], index.table[channel]
    place, end, number = at[name], ends[name], asked.names[name, NUMBER]
    scale = np.float32(asked.scales[group])
    if number < 0:
        return _add(index.rare[place:end], lengths, table, scale, np.uint64(low), sums, touched, count)
    bucket = low >> BUCKET_BITS
    while place < end:
        first, place = bucket_edges(index.starts, number, bucket, place, end)
        base = np.uint64(low - (bucket << BUCKET_BITS))
        count = _add(index.common[first:place], lengths, table, scale, base, sums, touched, count)
        bucket += 1
    return count


@compiled
def _tally(excess, postings, before, weight, base, frequencies, touched, count):
    """Add one name's weighted counts to the frequencies of a window; as `_add`."""
    for place in range(len(postings)):
        posting = postings[place]
        passage, times = np.uint64(posting >> BITS) - base, posting & MANY_TIMES
        if touched is not None:
            touched[count] = passage
            count += frequencies[passage] == 0.0
        exact = (
            np.float32(times) if times < MANY_TIMES else np.float32(count_of(excess, posting, before + place))
        )
        frequencies[passage] += weight * exact
    return count


@inlined
def _weigh(index, asked, group, at, ends, low, frequencies, touched):
    """Add a group's weighted counts to the frequencies of a window; list in `touched` as above."""
    listed = 0
    for name in range(asked.firsts[group], asked.firsts[group + 1]):
        weight, place, end = np.float32(asked.weights[name]), at[name], ends[name]
        number, before = asked.names[name, NUMBER], asked.names[name, BEFORE]
        if number < 0:
            postings, base = index.rare[place:end], np.uint64(low)
            listed = _tally(
                index.excess, postings, before + place, weight, base, frequencies, touched, listed
            )
            continue
        bucket = low >> BUCKET_BITS
        while place < end:
            first, place = bucket_edges(index.starts, number, bucket, place, end)
            postings, base = index.common[first:place], np.uint64(low - (bucket << BUCKET_BITS))
            listed = _tally(
                index.excess, postings, before + first, weight, base, frequencies, touched, listed
            )
            bucket += 1
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
    first, last, many = asked.firsts[group], asked.firsts[group + 1], 0
    for name in range(first, last):
        many += asked.names[name, END] - asked.names[name, START]
    if many * width // index.lengths.shape[1] > few * (last - first) * _LONGER:
        for i in range(few):
            sums[kept[i]] += np.float32(_share(index, asked, group, low + np.int64(kept[i])))
        return False
    cut(index, asked, group, at, low, width, ends)
    if plain:
        _add_plain(index, asked, group, at, ends, low, sums, None, 0)
    else:
        _weigh(index, asked, group, at, ends, low, frequencies, None)
        _fold(index, asked, group, low, sums, frequencies, kept, few, None, 0)
        frequencies[:width] = 0.0
    at[first:last] = ends[first:last]
    return plain


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
def _enough(sums, width, kept, enough):
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
def _most(index, asked):
    """Return what each group adds at most (see `pruned.most`), and whether it is plain.

    A plain one has one name, which counts in full and whose scores are all in the table.
    """
    most, plain = np.zeros(len(asked.scales)), np.zeros(len(asked.scales), np.bool_)
    for group in range(len(most)):
        channel = asked.channels[group]
        for name in range(asked.firsts[group], asked.firsts[group + 1]):
            row = asked.names[name, ROW]
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
            plain[group] = asked.weights[name] == 1.0 and highest < MANY_TIMES and index.tabled[channel]
        most[group] = asked.scales[group] * min(most[group], index.k1 + 1)
        plain[group] &= asked.firsts[group + 1] - asked.firsts[group] == 1
    return most, plain


@compiled
def _best(index, names, whole, real, k):
    """Return passages that can be among the best, and their exact scores.

    Passages are gone through window after window, so that the k-th best of the earlier ones prunes the later.
    What is asked is given as the three arrays that Asked tells of.
    """
    groups = len(whole) // 2
    asked = Asked(names, real[groups:], whole[: groups + 1], real[:groups], whole[groups + 1 :])
    most, plain = _most(index, asked)
    order = np.argsort(-most)
    remaining = np.zeros(groups + 1)
    for place in range(groups - 1, -1, -1):
        remaining[place] = remaining[place + 1] + most[order[place]]
    sums, frequencies = np.zeros(_WINDOW, np.float32), np.zeros(0 if plain.all() else _WINDOW, np.float32)
    touched, kept = np.empty(_WINDOW + 1, np.uint32), np.empty(_WINDOW + 1, np.uint32)
    mine = np.empty(_WINDOW + 1, np.uint32)
    at, ends = names[:, START].copy(), names[:, START].copy()
    heap = np.zeros(k)
    ids, scored, found = np.empty(4 * k + 64, np.int64), np.empty(4 * k + 64), 0
    leading, width, stop = groups, _FIRST_WINDOW, 0
    while True:
        least = heap[0] * SLACK
        while leading > 0 and remaining[leading - 1] < least:
            leading -= 1
        low, inside = first_passage(index, asked, order[:leading], at, stop), 0
        if low < 0:
            break
        for group in order[:leading]:
            inside += cut(index, asked, group, at, low, width, ends)
        count, junk = 0, inside * _LISTED > width
        for group in order[:leading]:
            if not plain[group]:
                few = _weigh(index, asked, group, at, ends, low, frequencies, mine)
                count = _fold(index, asked, group, low, sums, frequencies, mine, few, touched, count)
            elif junk:
                _add_plain(index, asked, group, at, ends, low, sums, None, 0)
            else:
                count = _add_plain(index, asked, group, at, ends, low, sums, touched, count)
            at[asked.firsts[group] : asked.firsts[group + 1]] = ends[
                asked.firsts[group] : asked.firsts[group + 1]
            ]
        if junk:
            few = _enough(sums, width, kept, least - remaining[leading])
        else:
            few = _still(sums, touched, count, kept, least - remaining[leading])
        for place in range(leading, groups):
            if few:
                group = order[place]
                junk |= _look_up(
                    index, asked, group, plain[group], at, ends, low, width, sums, frequencies, kept, few
                )
                few = _still(sums, kept, few, kept, least - remaining[place + 1])
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
        stop, width = low + width, min(4 * width, _WINDOW)
    found = _compacted(ids, scored, found, heap[0] * SLACK)
    return ids[:found].astype(np.uint32), _exact(index, asked, ids[:found])


@compiled
def _exact(index, asked, ids):
    """Return the scores of some passages by the plain formula, added up in the query's own order."""
    scores = np.zeros(len(ids))
    for i in range(len(ids)):
        for group in range(len(asked.scales)):
            scores[i] += _share(index, asked, group, ids[i])
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


def _entry(made_of):
    @jit.entry
    def best(index, names, whole, real, k):
        """See `_best`; what is kept of it is for these files only."""
        _ = made_of
        return _best(index, names, whole, real, k)

    return best


best = _entry(jit.checksum(asking, common, jit, packed, postings, pruned, seeking))

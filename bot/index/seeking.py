"""Where passages, and windows of them, stand among a name's postings, in functions that numba compiles."""

# numba infers types; annotations would only repeat them.
# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False

import numpy as np

from bot.index.asked import BEFORE, END, NUMBER, START
from bot.index.common import BUCKET_BITS
from bot.index.jit import compiled, inlined
from bot.index.packed import COUNT_BITS, MANY

BITS = np.uint32(COUNT_BITS)
MANY_TIMES = np.uint32(MANY)
_INSIDE = (1 << BUCKET_BITS) - 1


@inlined
def count_of(excess, posting, place):
    """Return the count of a posting that has a place among those of all terms."""
    count = np.uint32(posting) & MANY_TIMES
    if count == MANY_TIMES:
        return float(excess[1, np.searchsorted(excess[0], np.uint64(place))])
    return float(count)


@inlined
def bucket_edges(starts, number, bucket, start, end):
    """Return where a bucket of a common term begins and ends between two places."""
    first, last = np.int64(starts[number, bucket]), np.int64(starts[number, bucket + 1])
    return min(max(start, first), end), min(max(start, last), end)


@compiled
def lower_bound(array, start, end, guess, wanted):
    """Return the place of the first number from `start` that is not lower, `end` if there is none.

    It is looked for around a guess, farther and farther: most lists are spread evenly, and so few places are
    read, which lie together.
    """
    low, high, step = start, end, 1
    guess = max(start, min(guess, end - 1))
    if guess < end and array[guess] < wanted:
        low = guess + 1
        while guess + step < end and array[guess + step] < wanted:
            low = guess + step + 1
            step *= 2
        high = min(guess + step, end)
    else:
        high = guess
        while guess - step >= start and array[guess - step] >= wanted:
            high = guess - step
            step *= 2
        low = max(guess - step, start)
    while low < high:
        middle = (low + high) >> 1
        if array[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def common_place(common, starts, number, start, end, passage):
    """Return the place of a passage, or of the next, of a common term; as `lower_bound`."""
    bucket, inside = passage >> BUCKET_BITS, passage & _INSIDE
    if bucket + 1 >= starts.shape[1]:
        return end
    first, last = bucket_edges(starts, number, bucket, start, end)
    if not inside:
        return first
    guess = first + ((last - first) * inside >> BUCKET_BITS)
    return lower_bound(common, first, last, guess, np.uint32(inside << COUNT_BITS))


@compiled
def common_start(common, starts, number, start):
    """Return the passage of the first posting of a common term, from a place on."""
    bucket = 0
    while np.int64(starts[number, bucket + 1]) <= start:
        bucket += 1
    return bucket << BUCKET_BITS | np.int64(common[start] >> BITS)


@inlined
def frequency(index, asked, name, passage):
    """Return how often a passage has a name, tf."""
    start, end, number = asked.names[name, START], asked.names[name, END], asked.names[name, NUMBER]
    if number < 0:
        guess = start + (end - start) * passage // index.lengths.shape[1]
        here = lower_bound(index.rare, start, end, guess, np.uint32(passage << COUNT_BITS))
        if here < end and np.int64(index.rare[here] >> BITS) == passage:
            return count_of(index.excess, index.rare[here], here + asked.names[name, BEFORE])
        return 0.0
    inside = passage & _INSIDE
    first, last = bucket_edges(index.starts, number, passage >> BUCKET_BITS, start, end)
    guess = first + ((last - first) * inside >> BUCKET_BITS)
    here = lower_bound(index.common, first, last, guess, np.uint32(inside << COUNT_BITS))
    if here < last and np.int64(index.common[here] >> BITS) == inside:
        return count_of(index.excess, index.common[here], here + asked.names[name, BEFORE])
    return 0.0


@inlined
def first_passage(index, asked, leading, at, stop):
    """Return the lowest passage that stands at the places of some groups' names, -1 at the ends of all.

    A common term has none before `stop`, where the last window ended, and soon one behind it.
    """
    lowest = np.int64(-1)
    for group in leading:
        for name in range(asked.firsts[group], asked.firsts[group + 1]):
            if at[name] < asked.names[name, END]:
                number = asked.names[name, NUMBER]
                if number < 0:
                    passage = np.int64(index.rare[at[name]] >> BITS)
                elif stop:
                    passage = stop
                else:
                    passage = common_start(index.common, index.starts, number, at[name])
                if lowest < 0 or passage < lowest:
                    lowest = passage
    return lowest


@inlined
def cut(index, asked, group, at, low, width, ends):
    """Find where a group's postings enter a window, at some place or later, and leave it; return how many."""
    size, inside = index.lengths.shape[1], 0
    stop = min(low + width, size)
    for name in range(asked.firsts[group], asked.firsts[group + 1]):
        start, end, number = asked.names[name, START], asked.names[name, END], asked.names[name, NUMBER]
        first = at[name]
        if number < 0:
            wanted, many = np.uint32(low << COUNT_BITS), end - start
            if first < end and index.rare[first] < wanted:
                first = lower_bound(index.rare, first, end, start + many * low // size, wanted)
            guess = first + many * width // size
            ends[name] = lower_bound(index.rare, first, end, guess, np.uint32(stop << COUNT_BITS))
        else:
            first = common_place(index.common, index.starts, number, first, end, low)
            ends[name] = common_place(index.common, index.starts, number, first, end, stop)
        at[name] = first
        inside += ends[name] - first
    return inside

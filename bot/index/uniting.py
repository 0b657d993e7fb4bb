"""How many passages have any of some terms, in a loop that numba compiles; `loops` says where it is kept."""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False

import numpy as np

from bot.index import asked, common, jit, packed, seeking
from bot.index.asked import END, NUMBER, START
from bot.index.common import BUCKET_BITS
from bot.index.seeking import BITS

# Passages that are looked at at once, whole buckets.
_WINDOW = 2**15


@jit.inlined
def _mark(postings, base, seen, touched, count):
    """Mark the passages of a window; return how many postings that were, and how many are now listed."""
    place = 0
    while place < len(postings):
        passage = np.int64(postings[place] >> BITS) - base
        if passage >= _WINDOW:
            break
        if not seen[passage]:
            seen[passage] = 1
            touched[count] = passage
            count += 1
        place += 1
    return place, count


@jit.compiled
def _united(index, names, size):
    """Return how many passages, of so many in all, have any of some names, given as `loops.best` is."""
    seen = np.zeros(_WINDOW, np.uint8)
    touched = np.empty(_WINDOW, np.int64)
    at = names[:, START].copy()
    df = 0
    for low in range(0, size, _WINDOW):
        count = 0
        for name in range(len(names)):
            end, number = names[name, END], names[name, NUMBER]
            if number < 0:
                done, count = _mark(index.rare[at[name] : end], low, seen, touched, count)
                at[name] += done
                continue
            first = low >> BUCKET_BITS
            for bucket in range(first, min(first + (_WINDOW >> BUCKET_BITS), index.starts.shape[1] - 1)):
                postings = index.common[index.starts[number, bucket] : index.starts[number, bucket + 1]]
                _, count = _mark(postings, low - (bucket << BUCKET_BITS), seen, touched, count)
        for i in range(count):
            seen[touched[i]] = 0
        df += count
    return df


def _entry(made_of):
    @jit.entry
    def united(index, names, size):
        """See `_united`; what is kept of it is for these files only."""
        _ = made_of
        return _united(index, names, size)

    return united


united = _entry(jit.checksum(asked, common, jit, packed, seeking))

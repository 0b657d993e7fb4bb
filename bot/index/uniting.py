"""How many passages have any of some terms, in a loop that numba compiles; `loops` says where it is kept."""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False

import numpy as np
from numba import njit

from bot.index.postings import COUNT_BITS

_BITS = np.uint32(COUNT_BITS)
# Passages that are looked at at once.
_WINDOW = 2**15


@njit(cache=True, nogil=True)
def united(packed, edges, size):
    """Return how many passages, of so many in all, have postings between any of the edges."""
    seen = np.zeros(_WINDOW, np.uint8)
    touched = np.empty(_WINDOW, np.int64)
    at = edges[:, 0].copy()
    df = 0
    for low in range(0, size, _WINDOW):
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
    return df

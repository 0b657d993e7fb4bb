"""How many passages have any of some terms, in a loop that numba compiles; `loops` says where it is kept."""

# mypy: disallow-untyped-defs=False, disallow-untyped-calls=False

import numpy as np

from bot.index.loops import BITS, WINDOW, compiled, start


@compiled
def united(packed, edges):
    """Return how many passages have postings between any of the edges."""
    seen = np.zeros(WINDOW, np.uint8)
    touched = np.empty(WINDOW, np.int64)
    at = edges[:, 0].copy()
    df = 0
    while True:
        low = start(packed, at, edges)
        if low < 0:
            return df
        count = 0
        for name in range(len(edges)):
            place, end = at[name], edges[name, 1]
            while place < end:
                passage = np.int64(packed[place] >> BITS) - low
                if passage >= WINDOW:
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

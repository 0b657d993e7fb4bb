"""New numbers for the passages that stay, in an index that is updated."""

from itertools import pairwise

import numpy as np

from bot.index.packed import COUNT_BITS, GONE, MANY, Numbers, Places

# Postings that are looked through at a time: so many stay in a core's cache.
_LOOKED_THROUGH = 2**17
# From so many stretches of passages on each number is looked up: adding to all takes longer then.
_MANY_STRETCHES = 12
_FOUR = np.uint32(COUNT_BITS)


class Renumbering:
    """Gives postings the new numbers of their passages.

    Attributes:
        few: Whether passages stay and go in few stretches.
        shifts: Of each stretch that stays its first passage, 0 for the first, and how far its numbers move.
        lost: Passages that go; rising.

    Args:
        numbers: Of each passage; rising but for those that are GONE.
    """

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        # Of those that stay their new numbers, and their old ones with the number of all.
        stay = np.flatnonzero(numbers != GONE)
        self._stay, self._before = numbers[stay], np.append(stay, len(numbers)).astype(np.uint32)
        self.lost: Numbers = np.flatnonzero(numbers == GONE).astype(np.uint32)
        shifts = numbers.astype(np.int64) - np.arange(len(numbers))
        shifts[self.lost] = GONE
        firsts = np.flatnonzero(np.diff(shifts, prepend=shifts[:1] + 1))
        self.few = len(firsts) <= _MANY_STRETCHES
        edges = pairwise([*firsts.tolist(), len(numbers)]) if self.few else []
        stretches = list(zip(edges, shifts[firsts].tolist(), strict=False))
        self.shifts = [(first, shift) for (first, _), shift in stretches if shift != GONE]
        self.shifts[:1] = [(0, shift) for _, shift in self.shifts[:1]]
        # Of each stretch that is gone the least posting, and how far its postings reach.
        self._gone = [
            (np.uint32(first << COUNT_BITS), np.uint32(end - first << COUNT_BITS))
            for (first, end), shift in stretches
            if shift == GONE
        ]

    def __call__(self, packed: Numbers) -> Numbers:
        """Return postings with the new numbers of their passages, any of those that are gone."""
        if not self.few:
            looked_up: Numbers = self._numbers[packed >> _FOUR] << _FOUR | packed & np.uint32(MANY)
            return looked_up
        new, before = packed, 0
        for first, shift in self.shifts:
            if shift != before:
                more = np.uint32((shift - before << COUNT_BITS) % 2**32)
                new = new + (packed >= np.uint32(first << COUNT_BITS)) * more
                before = shift
        return new

    def gone(self, packed: Numbers) -> Places:
        """Return the places of postings whose passages are gone."""
        found = [np.empty(0, np.int64)]
        for start in range(0, len(packed), _LOOKED_THROUGH):
            part = packed[start : start + _LOOKED_THROUGH]
            if self.few:
                of_stretches = [np.flatnonzero(part - first < size) for first, size in self._gone]
                found += (places + start for places in of_stretches)
            else:
                found.append(np.flatnonzero(self._numbers[part >> _FOUR] == GONE) + start)
        return np.sort(np.concatenate(found), kind="stable")

    def before(self, numbers: Numbers) -> Numbers:
        """Return the passage of the old ones before which one with a new number comes, for each of some."""
        return self._before[self._stay.searchsorted(numbers)]

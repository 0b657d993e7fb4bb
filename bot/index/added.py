"""Postings that come to an index, from passages that are new to it or stood elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.index.blocks import Block
from bot.index.merging import Stored
from bot.index.packed import COUNT_BITS, GONE, MANY, Flags, Numbers
from bot.index.postings import Postings
from bot.index.ranges import ranges
from bot.index.vocabulary import Keys

_FOUR = np.uint32(COUNT_BITS)


@dataclass(frozen=True, slots=True)
class Added:
    """Postings that come to those that stay, sorted by key and passage.

    Attributes:
        keys: Of each posting.
        passages: Their numbers in the new index.
        counts: How often each passage has the term.
    """

    keys: Keys
    passages: Numbers
    counts: Numbers

    def of(self, chosen: Flags) -> "Added":
        """Return some of them."""
        return Added(self.keys[chosen], self.passages[chosen], self.counts[chosen])

    def between(self, first: int, end: int) -> "Added":
        """Return the postings of keys from `first` up to `end`."""
        begin = int(self.keys.searchsorted(np.uint64(first)))
        stop = len(self.keys) if end == 2**64 else int(self.keys.searchsorted(np.uint64(end)))
        return Added(self.keys[begin:stop], self.passages[begin:stop], self.counts[begin:stop])

    @property
    def packed(self) -> Numbers:
        """Return passages and counts in one, as on disk."""
        return self.passages << _FOUR | np.minimum(self.counts, np.uint32(MANY))


def added(parts: Sequence[Added]) -> Added:
    """Return all of some postings, sorted."""
    keys = np.concatenate([np.empty(0, np.uint64), *(part.keys for part in parts)])
    passages = np.concatenate([np.empty(0, np.uint32), *(part.passages for part in parts)])
    counts = np.concatenate([np.empty(0, np.uint32), *(part.counts for part in parts)])
    order = np.lexsort((passages, keys))
    return Added(keys[order], passages[order], counts[order])


def of_block(block: Block | Stored, numbers: Numbers) -> Added:
    """Return the postings of a block whose passages get these numbers."""
    keys, df, packed, excess = block.arrays()
    counts = packed & np.uint32(MANY)
    counts[excess[0].astype(np.int64)] = excess[1]
    return Added(np.repeat(keys, df), numbers[packed >> _FOUR], counts)


def of_moved(old: Postings, numbers: Numbers) -> Added:
    """Return the postings of the passages of an index that get new numbers; the others are GONE."""
    found = []
    for rows in ranges(old):
        start, _ = old.edges(rows)
        packed = old.packed(rows)
        new = numbers[packed >> _FOUR]
        here = np.flatnonzero(new != GONE)
        counts = packed[here] & np.uint32(MANY)
        many = counts == MANY
        counts[many] = old.excess[1][old.excess[0].searchsorted((here[many] + start).astype(np.uint64))]
        row = old.offsets[rows.start : rows.stop + 1].searchsorted(here + start, "right") - 1 + rows.start
        found.append(Added(old.vocabulary.keys[row], new[here], counts))
    return added(found)

"""Postings of common terms in half the room: of each the lower 16 bits.

The upper bits of a posting number the bucket of its passage: 4,096 neighbours. Of a term that stands in many
passages of most buckets these need not be kept, if it is known where the postings of each bucket begin. And a
passage is looked for in its bucket only, however many have the term.

Source: Lemire et al., Roaring bitmaps (2016), for the parting of sorted numbers by their upper bits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.errors import IndexDamaged
from bot.index.arrays import Appended, Mapped
from bot.index.checksums import NOTHING, Known
from bot.index.packed import COUNT_BITS, Numbers, Places, bisected, narrow
from bot.index.rare import Found, found

Halves = npt.NDArray[np.uint16]

FILES = ("common.npy", "common.rows.npy", "common.starts.npy")

BUCKET_BITS = 16 - COUNT_BITS
_HALF = np.uint32(16)
# In place of the row of a term after all.
_END = 2**63 - 1
_BUCKET = np.uint32(BUCKET_BITS)
_COUNT = np.uint16(COUNT_BITS)
# Passages of each bucket that have a common term, on average, at least: for fewer the places where buckets
# begin would soon take the room that the halves save.
_LEAST = 16
# Up to so many postings, or so many for each passage that is looked for, making them whole takes less time
# than looking for each passage in its bucket.
_SOON_WHOLE = 2**17
_FOR_EACH = 200


def buckets_of(size: int) -> int:
    """Return how many buckets so many passages have."""
    return -(-size >> BUCKET_BITS)


def least(size: int) -> int:
    """Return the df from which on a term is common, among so many passages."""
    return max(1, _LEAST * buckets_of(size))


@dataclass(frozen=True, slots=True)
class Parted:
    """Postings of a range of rows, as they are on disk.

    Attributes:
        rare: Those of rare terms; in pieces one after the other.
        halves: Lower halves of those of common terms; in pieces one after the other.
        rows: Of the common terms, among those of the range; rising.
        starts: Of each common term where its buckets begin in `halves`, and the end; shape
            (terms, buckets + 1).
    """

    rare: Sequence[Numbers]
    halves: Sequence[Halves]
    rows: Places
    starts: Places


def parted(df: Places, packed: Sequence[Numbers], size: int) -> Parted:
    """Part the postings of common terms from those of rare ones.

    Args:
        df: Of each term.
        packed: Postings, those of a term together; in pieces one after the other.
        size: Passages of the index.
    """
    buckets = buckets_of(size)
    rows = np.flatnonzero(df >= least(size))
    if not len(rows):
        return Parted(packed, [], rows, np.empty((0, buckets + 1), np.int64))
    whole = packed[0] if len(packed) == 1 else np.concatenate(packed)
    ends = np.cumsum(df)[rows]
    own = list(zip((ends - df[rows]).tolist(), ends.tolist(), strict=True))
    between = zip([0, *(end for _, end in own)], [*(first for first, _ in own), len(whole)], strict=True)
    halved = np.concatenate([whole[first:end] for first, end in own])
    starts = _starts(halved, np.cumsum(df[rows]) - df[rows], buckets)
    return Parted([whole[first:end] for first, end in between], [halved.astype(np.uint16)], rows, starts)


def _starts(packed: Numbers, firsts: Places, buckets: int) -> Places:
    """Return where the buckets of terms begin, and the ends; see Parted.

    Args:
        packed: Postings, those of a term together; at least one of each.
        firsts: Where the terms begin.
        buckets: How many a term has.
    """
    begins = np.ones(len(packed), np.bool_)
    np.greater(packed[1:] ^ packed[:-1], np.uint32(2**16 - 1), out=begins[1:])
    begins[firsts] = True
    places = np.flatnonzero(begins)
    term = np.repeat(np.arange(len(firsts)), np.diff(places.searchsorted(firsts), append=len(places)))
    filled = term * buckets + (packed[places] >> _HALF)
    starts = np.append(places, len(packed))[filled.searchsorted(np.arange(len(firsts) * buckets))]
    return np.column_stack((starts.reshape(-1, buckets), np.append(firsts[1:], len(packed))))


class Writer:
    """Writes the postings of common terms into an existing folder, a range of rows after the other.

    Args:
        folder: Where to.
        size: Passages of the index.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder
        self._halves = Appended(folder / FILES[0], np.uint16)
        self._rows: list[Places] = [np.empty(0, np.int64)]
        self._starts: list[Places] = [np.empty((0, buckets_of(size) + 1), np.int64)]
        self._done = 0

    def add(self, parted: Parted, first_row: int) -> None:
        """Write those of a range whose first row is `first_row`."""
        self._halves.append(*parted.halves)
        self._rows.append(parted.rows + first_row)
        self._starts.append(parted.starts + self._done)
        self._done += sum(map(len, parted.halves))

    def __enter__(self) -> "Writer":
        self._halves.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._halves.__exit__(*raised)
        starts = np.concatenate(self._starts)
        rows = np.append(np.concatenate(self._rows), _END), np.append(starts[:, 0], self._done)
        np.save(self._folder / FILES[1], np.stack(rows).astype(np.uint64))
        np.save(self._folder / FILES[2], starts.astype(narrow(self._done)))


class Common:
    """Opened postings of common terms; see Lists.

    Attributes:
        array: Lower halves; shape (postings,).
        starts: Where the buckets of each term begin, and the end; shape (terms, buckets + 1).
        rows: Of the terms, rising, and a higher one than any.
        firsts: Places of the terms' first postings, and the end.
    """

    def __init__(self, folder: Path, size: int, sums: Known = NOTHING) -> None:
        """Open what a Writer wrote; IndexDamaged when the files do not fit each other.

        Args:
            folder: Where they lie.
            size: Passages of the index.
            sums: Of what has to be compared before it is relied on.
        """
        try:
            self._halves, rows, self._starts = (Mapped(folder / name, sums.get(name)) for name in FILES)
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"the common postings in {folder} cannot be opened: {error}") from error
        self.array: Halves = self._halves.array
        self.starts = self._starts.array
        count = len(self.starts)
        shapes = [array.shape for array in (rows.array, self.starts)]
        types = [array.dtype for array in (self.array, rows.array)]
        fits = shapes == [(2, count + 1), (count, buckets_of(size) + 1)] and types == [np.uint16, np.uint64]
        if not fits or self.array.ndim != 1 or self.starts.dtype.kind != "u":
            raise IndexDamaged(f"the common postings in {folder} do not fit each other")
        self.rows, self.firsts = rows.checked().tolist()

    def check(self, number: int, start: int, end: int) -> None:
        """See Lists; compares the term's buckets too."""
        self._starts.rows.check(number, number + 1)
        self._halves.rows.check(start, end)

    def packed(self, number: int, start: int, end: int) -> Numbers:
        """See Lists."""
        self.check(number, start, end)
        return _whole(self.starts[number].clip(start, end)[None], self.array[start:end])

    def all_packed(self, numbers: range) -> Numbers:
        """Return all postings of some terms, at least one, whole."""
        halves = self.halves(numbers)
        return _whole(self.starts[numbers.start : numbers.stop], halves)

    def halves(self, numbers: range) -> Halves:
        """Return the lower halves of all postings of some terms."""
        start, end = self.firsts[numbers.start], self.firsts[numbers.stop]
        self._starts.rows.check(numbers.start, numbers.stop)
        self._halves.rows.check(start, end)
        return self.array[start:end]

    def places(self, number: int, start: int, end: int, wanted: Numbers) -> Found:
        """See Lists."""
        if end - start <= max(_SOON_WHOLE, _FOR_EACH * len(wanted)):
            places, there = found(self.packed(number, start, end), wanted)
            return places + start, there
        self._starts.rows.check(number, number + 1)
        starts = self.starts[number].clip(start, end).astype(np.int64)
        bucket = np.minimum(wanted >> _BUCKET, np.uint32(len(starts) - 1))
        first, last = starts[bucket], np.append(starts, end)[bucket + np.uint32(1)]
        halves = (wanted << _COUNT).astype(np.uint16)
        places = bisected(self.array, first, last, halves)
        if not self._halves.rows.is_checked(start, end) and self._misled(places, first, last, halves):
            self._halves.rows.check(start, end)
        there = places < last
        there[there] = self.array[places[there]] >> _COUNT == halves[there] >> _COUNT
        return places, there

    def _misled(self, places: Places, first: Places, last: Places, halves: Halves) -> bool:
        """Tell whether a bisection came to wrong places, by the postings beside them, which are compared."""
        behind, ahead = places > first, places < last
        before, after = places[behind] - 1, places[ahead]
        self._halves.rows.check_each(np.concatenate((before, after)))
        return bool((self.array[before] >= halves[behind]).any() or (self.array[after] < halves[ahead]).any())


def _whole(starts: npt.NDArray[Any], halves: Halves) -> Numbers:
    """Return postings whole, by where the buckets of their terms begin and end; see Parted."""
    sizes = (starts[:, 1:] - starts[:, :-1]).astype(np.int64)
    upper = np.arange(sizes.shape[1], dtype=np.uint32) << _HALF
    packed: Numbers = np.repeat(np.tile(upper, len(sizes)), sizes.reshape(-1))
    packed |= halves
    return packed

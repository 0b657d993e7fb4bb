"""Postings of an index without some passages and with others → the files of the next one.

Nothing is analysed and nothing counted anew: what stays is copied, a range of rows at a time, with the new
numbers of its passages. The files are those that a build from the beginning would write.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.index.blocks import Block
from bot.index.merging import Rows, Stored, bounds_of, files, stored_bounds
from bot.index.postings import COUNT_BITS, MANY, NEVER, Postings, narrow
from bot.index.threads import in_order
from bot.index.vocabulary import CHANNELS, Keys, channels_of

Numbers = npt.NDArray[np.uint32]
_Places = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]

GONE = 2**32 - 1
# Postings that are held at a time, and how many are looked through at a time: so many stay in a core's cache.
_AT_ONCE = 2**21
_LOOKED_THROUGH = 2**17
# From so many stretches of passages on each number is looked up: adding to all takes longer then.
_MANY_STRETCHES = 12
# From one change in so many rows on they are picked out: until then they are copied in pieces.
_SELDOM = 64
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
    for rows in _ranges(old):
        start, stop = old.edges(rows)
        packed = old.packed[start:stop]
        new = numbers[packed >> _FOUR]
        here = np.flatnonzero(new != GONE)
        counts = packed[here] & np.uint32(MANY)
        many = counts == MANY
        counts[many] = old.excess[1][old.excess[0].searchsorted((here[many] + start).astype(np.uint64))]
        row = old.offsets[rows.start : rows.stop + 1].searchsorted(here + start, "right") - 1 + rows.start
        found.append(Added(old.vocabulary.keys[row], new[here], counts))
    return added(found)


def patch(folder: Path, old: Postings, numbers: Numbers, more: Added, lengths: Numbers) -> None:
    """Write keys, offsets, postings, excess and bounds.

    Args:
        folder: Where to.
        old: The index before.
        numbers: New numbers of its passages, rising but for those that are GONE.
        more: What comes to it.
        lengths: Terms per channel and passage of the new index.
    """
    renumbering = _Renumbering(numbers)

    def patched(rows: range) -> Rows:
        first = int(old.vocabulary.keys[rows.start]) if rows.start else 0
        following = 2**64 if rows.stop == len(old) else int(old.vocabulary.keys[rows.stop])
        return _patched(_Range.of(old, rows), renumbering, more.between(first, following), lengths)

    with files(folder, lengths) as append:
        for part in in_order(patched, _ranges(old)):
            append(part)


def _ranges(old: Postings) -> Iterator[range]:
    """Yield ranges of rows with about as many postings as are held at once; at least one."""
    targets = np.arange(_AT_ONCE, len(old.packed), _AT_ONCE).astype(old.offsets.dtype)
    edges = sorted({0, len(old), *old.offsets.searchsorted(targets).tolist()})
    yield from (range(first, end) for first, end in pairwise(edges)) if len(edges) > 1 else [range(0)]


@dataclass(frozen=True, slots=True)
class _Range:
    """A range of rows of the index before.

    Attributes:
        keys, bounds: Of each row; bounds as on disk.
        starts: Of each row the place of its first posting among those here, and their number.
        packed: Their postings.
        excess: Places among them and counts of those that have MANY or more.
        lengths: Terms per channel and passage.
    """

    keys: Keys
    bounds: npt.NDArray[Any]
    starts: _Places
    packed: Numbers
    excess: npt.NDArray[np.int64]
    lengths: Numbers

    @classmethod
    def of(cls, old: Postings, rows: range) -> "_Range":
        """Take some rows of an index; nothing is copied that is as long as they are."""
        start, stop = old.edges(rows)
        inside = slice(*old.excess[0].searchsorted(np.array((start, stop), np.uint64)).tolist())
        excess = old.excess[:, inside].astype(np.int64)
        excess[0] -= start
        return cls(
            old.vocabulary.keys[rows.start : rows.stop],
            old.bounds[rows.start : rows.stop],
            old.offsets[rows.start : rows.stop + 1].astype(np.int64) - start,
            old.packed[start:stop],
            excess,
            old.all_lengths,
        )

    def bounds_of(self, rows: _Places, df: _Places, places: _Places) -> Numbers:
        """Return the bounds that some rows have by some of their postings; see `_bounds`.

        Args:
            rows: Which; rising.
            df: Of each how many of the postings are its own, > 0.
            places: Of the postings; rising.
        """
        at = places.searchsorted(self.excess[0])
        inside = np.append(places, -1)[at] == self.excess[0]
        excess = np.stack((at[inside], self.excess[1][inside]))
        return _bounds(self.keys[rows], df, self.packed[places], excess, self.lengths)


@dataclass(frozen=True, slots=True)
class _Edit:
    """What goes from an array and where others come.

    Attributes:
        gone: Places of what goes; rising, none twice.
        places: Before what stands there now others come, one for each of these; rising.
    """

    gone: _Places
    places: _Places

    def of(self, array: npt.NDArray[Any], others: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the rows of an array that stay, with the others between them."""
        parts = self.parts(array, others)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def parts(self, array: npt.NDArray[Any], others: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        """Return the same in pieces one after the other, of which most are not copied."""
        changes = len(self.gone) + len(self.places)
        if changes * _SELDOM > len(array):
            places = self.places - self.gone.searchsorted(self.places)
            return [np.insert(np.delete(array, self.gone, axis=0), places, others, axis=0)]
        ends = np.concatenate((self.places, self.gone))
        order = ends.argsort(kind="stable")  # what comes stands before what goes
        ends, begins = ends[order].tolist(), np.concatenate((self.places, self.gone + 1))[order].tolist()
        parts: list[npt.NDArray[Any]] = []
        begin = 0
        for number, end, following in zip(order.tolist(), ends, begins, strict=True):
            parts.append(array[begin:end])
            if number < len(self.places):
                parts.append(others[number : number + 1])
            begin = following
        parts.append(array[begin:])
        return parts

    def moved(self, places: _Places) -> _Places:
        """Return where rows that stay stand afterwards."""
        return places - self.gone.searchsorted(places) + self.places.searchsorted(places, "right")

    @property
    def come(self) -> _Places:
        """Return where the others stand afterwards."""
        return self.places - self.gone.searchsorted(self.places) + np.arange(len(self.places))


def _patched(old: _Range, numbers: "_Renumbering", more: Added, lengths: Numbers) -> Rows:
    gone = numbers.gone(old.packed)
    losing, lost = np.unique(old.starts.searchsorted(gone, "right") - 1, return_counts=True)
    keys, times = np.unique(more.keys, return_counts=True)
    row = old.keys.searchsorted(keys)
    known = row < len(old.keys)
    known[known] = old.keys[row[known]] == keys[known]
    edit = _Edit(gone, _places(old, row, known, times, numbers.before(more.passages) << _FOUR))
    df = np.diff(old.starts)
    df[losing] -= lost
    stay = df[losing]
    df[row[known]] += times[known]
    more_many = np.flatnonzero(more.counts >= MANY)
    of_more = _bounds(keys, times, more.packed, np.stack((more_many, more.counts[more_many])), lengths)
    bounds = old.bounds.astype(narrow(int(lengths.max(initial=0))))
    if len(losing):
        bounds[losing] = stored_bounds(_of_staying(old, losing, lost, stay, gone))
    if known.any():
        bounds[row[known]] = stored_bounds(_both(_opened(bounds[row[known]]), of_more[known]))
    of_rows = _Edit(np.flatnonzero(df == 0), row[~known])
    staying = ~np.isin(old.excess[0], gone)
    where = np.concatenate((edit.moved(old.excess[0][staying]), edit.come[more_many]))
    excess = np.stack((where, np.concatenate((old.excess[1][staying], more.counts[more_many]))))
    return Rows(
        of_rows.of(old.keys, keys[~known]),
        of_rows.of(df, times[~known]),
        edit.parts(numbers(old.packed), more.packed),
        of_rows.of(bounds, stored_bounds(of_more[~known])),
        excess[:, where.argsort()].astype(np.uint64),
    )


class _Renumbering:
    """Gives postings the new numbers of their passages.

    Args:
        numbers: Of each passage; rising but for those that are GONE.
    """

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._stay = np.flatnonzero(numbers != GONE)
        shifts = numbers.astype(np.int64) - np.arange(len(numbers))
        shifts[numbers == GONE] = GONE
        firsts = np.flatnonzero(np.diff(shifts, prepend=shifts[:1] + 1))
        self._few = len(firsts) <= _MANY_STRETCHES
        edges = pairwise([*firsts.tolist(), len(numbers)]) if self._few else []
        self._stretches = list(zip(edges, shifts[firsts].tolist(), strict=False))
        # Of each stretch that is gone the least posting, and how far its postings reach.
        self._gone = [
            (np.uint32(first << COUNT_BITS), np.uint32(end - first << COUNT_BITS))
            for (first, end), shift in self._stretches
            if shift == GONE
        ]

    def __call__(self, packed: Numbers) -> Numbers:
        """Return postings with the new numbers of their passages, any of those that are gone."""
        if not self._few:
            looked_up: Numbers = self._numbers[packed >> _FOUR] << _FOUR | packed & np.uint32(MANY)
            return looked_up
        new, before = packed, 0
        for (first, _), shift in self._stretches:
            if shift not in (before, GONE):
                more = np.uint32((shift - before << COUNT_BITS) % 2**32)
                new = new + (packed >= np.uint32(first << COUNT_BITS)) * more
                before = shift
        return new

    def gone(self, packed: Numbers) -> _Places:
        """Return the places of postings whose passages are gone."""
        found = [np.empty(0, np.int64)]
        for start in range(0, len(packed), _LOOKED_THROUGH):
            part = packed[start : start + _LOOKED_THROUGH]
            if self._few:
                of_stretches = [np.flatnonzero(part - first < size) for first, size in self._gone]
                found += (places + start for places in of_stretches)
            else:
                found.append(np.flatnonzero(self._numbers[part >> _FOUR] == GONE) + start)
        return np.sort(np.concatenate(found), kind="stable")

    def before(self, numbers: Numbers) -> Numbers:
        """Return the passage of the old ones before which one with a new number comes, for each of some."""
        places = self._numbers[self._stay].searchsorted(numbers)
        before: Numbers = np.append(self._stay, len(self._numbers))[places].astype(np.uint32)
        return before


def _places(old: _Range, row: _Places, known: _Flags, times: _Places, wanted: Numbers) -> _Places:
    """Return where postings, those of a key together, come among those of a range.

    Args:
        old: The range.
        row: Of each key, or the one before which it comes.
        known: Of each key whether it is there.
        times: Of each key how many postings it has.
        wanted: Of each posting the least that may stand behind it.
    """
    first = np.repeat(old.starts[row], times)
    end = np.repeat(old.starts[row + known], times)
    while len(undecided := np.flatnonzero(first < end)):
        low, high = first[undecided], end[undecided]
        middle = low + high >> 1
        below = old.packed[middle] < wanted[undecided]
        first[undecided], end[undecided] = np.where(below, middle + 1, low), np.where(below, high, middle)
    return first


def _of_staying(old: _Range, rows: _Places, lost: _Places, stay: _Places, gone: _Places) -> Numbers:
    """Return the bounds of rows by those of their postings that stay.

    Args:
        old: The range.
        rows: Those that lose some; rising.
        lost: Of each how many go, > 0.
        stay: Of each how many stay.
        gone: Places of the postings that go.
    """
    bounds = _opened(old.bounds[rows])
    stale = _tell_of(bounds, old.bounds_of(rows, lost, gone))
    bounds[stay == 0] = (NEVER, NEVER, NEVER, 0)
    again = np.flatnonzero(stale & (stay > 0))
    if len(again):
        first, own = old.starts[rows[again]], stay[again] + lost[again]
        places = np.arange(int(own.sum())) + np.repeat(first - (np.cumsum(own) - own), own)
        staying = np.ones(len(old.packed), bool)
        staying[gone] = False
        bounds[again] = old.bounds_of(rows[again], stay[again], places[staying[places]])
    return bounds


def _opened(bounds: npt.NDArray[Any]) -> Numbers:
    """Return bounds that are as on disk as `bounds_of` gives them."""
    opened = bounds.astype(np.uint32)
    opened[:, :3][opened[:, :3] == 0] = NEVER
    return opened


def _bounds(keys: Keys, df: _Places, packed: Numbers, excess: npt.NDArray[Any], lengths: Numbers) -> Numbers:
    """Return the bounds of terms of any channels; see `bounds_of`."""
    bounds = np.empty((len(keys), 4), np.uint32)
    ends = np.concatenate(([0], np.cumsum(df)))
    channels = channels_of(keys)
    for channel in range(len(CHANNELS)):
        first, end = channels.searchsorted((channel, channel + 1)).tolist()
        if first == end:
            continue
        start, stop = int(ends[first]), int(ends[end])
        inside = slice(*excess[0].searchsorted(np.array((start, stop), excess.dtype)).tolist())
        own = np.stack((excess[0][inside].astype(np.int64) - start, excess[1][inside].astype(np.int64)))
        bounds[first:end] = bounds_of(df[first:end], packed[start:stop], own, lengths[channel])
    return bounds


def _both(one: Numbers, other: Numbers) -> Numbers:
    """Return the bounds of what has either bounds."""
    return np.column_stack((np.minimum(one[:, :3], other[:, :3]), np.maximum(one[:, 3], other[:, 3])))


def _tell_of(bounds: Numbers, gone: Numbers) -> _Flags:
    """Tell of which terms the bounds may be those of the postings that are gone."""
    shortest: _Flags = ((gone[:, :3] == bounds[:, :3]) & (gone[:, :3] != NEVER)).any(axis=1)
    # Whatever stays stands at least once.
    most: _Flags = (gone[:, 3] == bounds[:, 3]) & (gone[:, 3] > 1)
    return shortest | most

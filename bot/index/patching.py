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
from bot.index.merging import Rows, Stored, bounds_of, files
from bot.index.postings import COUNT_BITS, MANY, NEVER, Postings
from bot.index.threads import in_order
from bot.index.vocabulary import CHANNELS, Keys, channels_of

Numbers = npt.NDArray[np.uint32]
_Places = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]

GONE = 2**32 - 1
# Postings that are held at a time.
_AT_ONCE = 2**19
# From so many stretches of passages on each number is looked up: adding to all takes longer then.
_MANY_STRETCHES = 12
# From one change in so many postings on they are picked out: until then they are copied in pieces.
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
        return _patched(old, rows, renumbering, more.between(first, following), lengths)

    with files(folder, lengths) as append:
        for part in in_order(patched, _ranges(old)):
            append(part)


def _ranges(old: Postings) -> Iterator[range]:
    """Yield ranges of rows with about as many postings as are held at once; at least one."""
    targets = np.arange(_AT_ONCE, len(old.packed), _AT_ONCE).astype(old.offsets.dtype)
    edges = sorted({0, len(old), *old.offsets.searchsorted(targets).tolist()})
    yield from (range(first, end) for first, end in pairwise(edges)) if len(edges) > 1 else [range(0)]


def _patched(old: Postings, rows: range, numbers: "_Renumbering", more: Added, lengths: Numbers) -> Rows:
    kept = _kept(old, rows, numbers)
    keys, first, times = np.unique(more.keys, return_index=True, return_counts=True)
    row = kept.keys.searchsorted(keys)
    known = row < len(kept.keys)
    known[known] = kept.keys[row[known]] == keys[known]
    places = _places(kept, more.packed, first, times, row, known)
    packed = _with(kept.packed, places, more.packed)
    df = kept.df.copy()
    df[row[known]] += times[known]
    alive = df > 0
    excess = _excess(kept, more, places)
    at = np.concatenate(([0], np.cumsum(alive)))[row[~known]]
    all_keys = np.insert(kept.keys[alive], at, keys[~known])
    all_df = np.insert(df[alive], at, times[~known])
    more_excess = np.flatnonzero(more.counts >= MANY)
    of_more = _bounds(keys, times, more.packed, np.stack((more_excess, more.counts[more_excess])), lengths)
    bounds, stale = kept.bounds, kept.stale
    bounds[row[known]] = _both(bounds[row[known]], of_more[known])
    all_bounds = np.insert(bounds[alive], at, of_more[~known], axis=0)
    again = np.flatnonzero(np.insert(stale[alive], at, False))
    if len(again):
        all_bounds[again] = _again(again, all_keys, all_df, packed, excess, lengths)
    return Rows(all_keys, all_df, packed, all_bounds, excess)


class _Renumbering:
    """Gives postings the new numbers of their passages.

    Args:
        numbers: Of each passage; rising but for those that are GONE.
    """

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        shifts = numbers.astype(np.int64) - np.arange(len(numbers))
        shifts[numbers == GONE] = GONE
        firsts = np.flatnonzero(np.diff(shifts, prepend=shifts[:1] + 1))
        self._few = len(firsts) <= _MANY_STRETCHES
        if self._few:
            edges = pairwise([*firsts.tolist(), len(numbers)])
            self._stretches = list(zip(edges, shifts[firsts].tolist(), strict=True))

    def __call__(self, packed: Numbers) -> tuple[_Places, Numbers]:
        """Return the places of postings that are gone, and all with new numbers, if they have any."""
        if not self._few:
            new = self._numbers[packed >> _FOUR]
            return np.flatnonzero(new == GONE), new << _FOUR | packed & np.uint32(MANY)
        new, gone, before = packed, [np.empty(0, np.int64)], 0
        for (first, end), shift in self._stretches:
            edge = np.uint32(first << COUNT_BITS)
            if shift == GONE:
                gone.append(np.flatnonzero(packed - edge < np.uint32(end - first << COUNT_BITS)))
            elif shift != before:
                more = np.uint32((shift - before << COUNT_BITS) % 2**32)
                new = new + (packed >= edge) * more
                before = shift
        return np.sort(np.concatenate(gone)), new


def _without(packed: Numbers, gone: _Places) -> Numbers:
    if len(gone) * _SELDOM > len(packed):
        return np.delete(packed, gone)
    starts = [0, *(gone + 1).tolist()]
    ends = [*gone.tolist(), len(packed)]
    return np.concatenate([packed[start:end] for start, end in zip(starts, ends, strict=True)])


def _with(packed: Numbers, places: _Places, more: Numbers) -> Numbers:
    """Return postings with more of them put before those at `places`, which rise."""
    if len(places) * _SELDOM > len(packed):
        return np.insert(packed, places, more)
    edges = [0, *places.tolist(), len(packed)]
    parts = [packed[: edges[1]]]
    for number, (start, end) in enumerate(pairwise(edges[1:])):
        parts += (more[number : number + 1], packed[start:end])
    return np.concatenate(parts)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What stays of a range of rows.

    Attributes:
        keys: All of the range, also those that nothing stays of.
        df: Of each key how many passages stay.
        packed: With the new numbers of passages.
        excess: Places in `packed`, and counts.
        bounds: Of each key as they were.
        stale: Of each key whether a posting that is gone may have been what its bounds tell of.
    """

    keys: Keys
    df: _Places
    packed: Numbers
    excess: npt.NDArray[np.uint64]
    bounds: Numbers
    stale: _Flags


def _kept(old: Postings, rows: range, numbers: "_Renumbering") -> _Kept:
    start, stop = old.edges(rows)
    keys = old.vocabulary.keys[rows.start : rows.stop]
    starts = (old.offsets[rows.start : rows.stop + 1] - np.uint64(start)).astype(np.int64)
    packed = old.packed[start:stop]
    gone, new = numbers(packed)
    inside = slice(*old.excess[0].searchsorted(np.array((start, stop), np.uint64)).tolist())
    places, counts = old.excess[0][inside].astype(np.int64) - start, old.excess[1][inside]
    df, bounds = np.diff(starts), old.bounds[rows.start : rows.stop].astype(np.uint32)
    bounds[bounds == 0] = NEVER
    stale = np.zeros(len(keys), bool)
    if len(gone):
        row = starts.searchsorted(gone, "right") - 1
        lost = np.bincount(row, minlength=len(keys))
        df -= lost
        touched = np.flatnonzero(lost)
        at = gone.searchsorted(places)
        is_gone = gone[np.minimum(at, len(gone) - 1)] == places
        excess = np.stack((at[is_gone], counts[is_gone].astype(np.int64)))
        of_gone = _bounds(keys[touched], lost[touched], packed[gone], excess, old.all_lengths)
        stale[touched] = _tell_of(bounds[touched], of_gone)
        new = _without(new, gone)
        places, counts = (places - at)[~is_gone], counts[~is_gone]
    return _Kept(keys, df, new, np.stack((places.astype(np.uint64), counts)), bounds, stale)


def _places(
    kept: _Kept, packed: Numbers, first: _Places, times: _Places, row: _Places, known: _Flags
) -> _Places:
    """Return where postings, those of a key together, come among those that stay."""
    starts = np.concatenate(([0], np.cumsum(kept.df))).tolist()
    places = np.empty(len(packed), np.int64)
    for begin, count, at, is_known in zip(
        first.tolist(), times.tolist(), row.tolist(), known.tolist(), strict=True
    ):
        mine = slice(begin, begin + count)
        places[mine] = starts[at]
        if is_known:
            places[mine] += kept.packed[starts[at] : starts[at + 1]].searchsorted(packed[mine])
    return places


def _excess(kept: _Kept, more: Added, places: _Places) -> npt.NDArray[np.uint64]:
    """Return the places of high counts among all postings."""
    stay = kept.excess[0].astype(np.int64)
    stay += places.searchsorted(stay, "right")
    many = np.flatnonzero(more.counts >= MANY)
    where = np.concatenate((stay, places[many] + many))
    counts = np.concatenate((kept.excess[1], more.counts[many]))
    order = where.argsort()
    return np.stack((where[order], counts[order])).astype(np.uint64)


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


def _again(
    rows: _Places,
    keys: Keys,
    df: _Places,
    packed: Numbers,
    excess: npt.NDArray[np.uint64],
    lengths: Numbers,
) -> Numbers:
    """Return the bounds of some rows from all their postings."""
    ends = np.cumsum(df)
    own = df[rows]
    targets = np.cumsum(own) - own
    starts = (ends - df)[rows]
    places = np.arange(int(own.sum())) + np.repeat(starts - targets, own)
    old = excess[0].astype(np.int64)
    at = places.searchsorted(old)
    inside = (at < len(places)) & (places[np.minimum(at, len(places) - 1)] == old)
    mine = np.stack((at[inside], excess[1][inside].astype(np.int64)))
    return _bounds(keys[rows], own, packed[places], mine, lengths)

"""Postings of an index without some passages and with others → the files of the next one.

Nothing is analysed and nothing counted anew: what stays is copied, a range of rows at a time, with the new
numbers of its passages. The files are those that a build from the beginning would write.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.distinct import counted, sought
from bot.index import common
from bot.index.added import Added
from bot.index.content import Apart, Coming, Content, Patched, Whole
from bot.index.edit import Edit
from bot.index.merging import Rows, bounds_of, files, stored_bounds
from bot.index.packed import MANY, Flags, Numbers, Places, narrow
from bot.index.postings import NEVER, Postings
from bot.index.ranges import Terms, ranges
from bot.index.renumbering import Renumbering
from bot.index.threads import in_order
from bot.index.vocabulary import CHANNELS, Keys, channels_of

# Of the passages; if more go, looking for each in its bucket takes longer than reading all.
_MOST_LOST = 0.125
# Ranges that may be ready before they are written.
_AHEAD = 5


def patch(folder: Path, old: Postings, numbers: Numbers, more: Added, lengths: Numbers) -> None:
    """Write keys, offsets, postings, excess and bounds.

    Args:
        folder: Where to.
        old: The index before.
        numbers: New numbers of its passages, rising but for those that are GONE.
        more: What comes to it.
        lengths: Terms per channel and passage of the new index.
    """
    renumbering = Renumbering(numbers)
    apart = renumbering.few and len(renumbering.lost) <= _MOST_LOST * old.size
    apart &= common.buckets_of(lengths.shape[1]) == common.buckets_of(old.size)
    kind = narrow(int(lengths.max(initial=0)))

    def patched(rows: range) -> Rows:
        first = int(old.vocabulary.keys[rows.start]) if rows.start else 0
        following = 2**64 if rows.stop == len(old) else int(old.vocabulary.keys[rows.stop])
        change = _Change(more.between(first, following), old.all_lengths, lengths, kind)
        terms = Terms.of(old, rows)
        if apart and old.common_in(rows):
            halved = Apart(old, rows, terms.starts, renumbering)
            now = _patched(terms, halved, change)
            if parted := halved.parted(now, lengths.shape[1]):
                return Rows(now.keys, now.df, parted, now.bounds, now.excess)
        whole = Whole(old.packed(rows), terms.starts, renumbering)
        now = _patched(terms, whole, change)
        return Rows(now.keys, now.df, whole.parted(now, lengths.shape[1]), now.bounds, now.excess)

    with files(folder, lengths) as append:
        # This thread writes. Two more would wait for one another's Python longer than what they do takes.
        for part in in_order(patched, ranges(old), threads=1, ahead=_AHEAD):
            append(part)


@dataclass(frozen=True, slots=True)
class _Change:
    """What changes of some terms besides the passages that go.

    Attributes:
        more: Postings that come.
        before, after: Terms per channel and passage of the index before, and of the next one.
        kind: Of bounds on disk.
    """

    more: Added
    before: Numbers
    after: Numbers
    kind: npt.DTypeLike


def _patched(old: Terms, content: Content, change: _Change) -> Patched:
    """Return terms without the postings that go and with those that come."""
    more, gone = change.more, content.gone()
    losing, lost = counted(old.starts.searchsorted(gone, "right") - 1)
    keys, times = counted(more.keys)
    row, known = sought(keys, old.keys)
    coming = Coming(more, np.repeat(row, times), np.repeat(known, times))
    edit = Edit(gone, content.places(coming))
    df = np.diff(old.starts)
    df[losing] -= lost
    stay = df[losing]
    df[row[known]] += times[known]
    more_many = np.flatnonzero(more.counts >= MANY)
    of_more = _bounds(keys, times, more.packed, np.stack((more_many, more.counts[more_many])), change.after)
    bounds = old.bounds.astype(change.kind)
    if len(losing):
        still = _of_staying(old, content, losing, lost, stay, gone, change.before)
        bounds[losing] = stored_bounds(still)
    if known.any():
        bounds[row[known]] = stored_bounds(_both(_opened(bounds[row[known]]), of_more[known]))
    of_rows = Edit(np.flatnonzero(df == 0), row[~known])
    staying = ~sought(old.excess[0], gone)[1]
    where = np.concatenate((edit.moved(old.excess[0][staying]), edit.come[more_many]))
    excess = np.stack((where, np.concatenate((old.excess[1][staying], more.counts[more_many]))))
    return Patched(
        of_rows.of(old.keys, keys[~known]),
        of_rows.of(df, times[~known]),
        of_rows.of(bounds, stored_bounds(of_more[~known])),
        excess[:, where.argsort()].astype(np.uint64),
        edit,
        coming,
        of_rows,
    )


def _of_staying(
    old: Terms, content: Content, rows: Places, lost: Places, stay: Places, gone: Places, lengths: Numbers
) -> Numbers:
    """Return the bounds of terms by those of their postings that stay.

    Args:
        old: The terms.
        content: Their postings.
        rows: Those that lose some; rising.
        lost: Of each how many go, > 0.
        stay: Of each how many stay.
        gone: Places of the postings that go.
        lengths: Terms per channel and passage.
    """

    def own_bounds(rows: Places, df: Places, places: Places) -> Numbers:
        at, inside = sought(old.excess[0], places)
        excess = np.stack((at[inside], old.excess[1][inside]))
        return _bounds(old.keys[rows], df, content.at(places), excess, lengths)

    bounds = _opened(old.bounds[rows])
    stale = _tell_of(bounds, own_bounds(rows, lost, gone))
    bounds[stay == 0] = (NEVER, NEVER, NEVER, 0)
    again = np.flatnonzero(stale & (stay > 0))
    if len(again):
        first, own = old.starts[rows[again]], stay[again] + lost[again]
        places = np.arange(int(own.sum())) + np.repeat(first - (np.cumsum(own) - own), own)
        _, goes = sought(places, gone)
        bounds[again] = own_bounds(rows[again], stay[again], places[~goes])
    return bounds


def _opened(bounds: npt.NDArray[Any]) -> Numbers:
    """Return bounds that are as on disk as `bounds_of` gives them."""
    opened = bounds.astype(np.uint32)
    opened[:, :3][opened[:, :3] == 0] = NEVER
    return opened


def _bounds(keys: Keys, df: Places, packed: Numbers, excess: npt.NDArray[Any], lengths: Numbers) -> Numbers:
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


def _tell_of(bounds: Numbers, gone: Numbers) -> Flags:
    """Tell of which terms the bounds may be those of the postings that are gone."""
    shortest: Flags = ((gone[:, :3] == bounds[:, :3]) & (gone[:, :3] != NEVER)).any(axis=1)
    # Whatever stays stands at least once.
    most: Flags = (gone[:, 3] == bounds[:, 3]) & (gone[:, 3] > 1)
    return shortest | most

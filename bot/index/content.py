"""Postings of a range of rows, as an update reads and changes them."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from bot.distinct import distinct, sought
from bot.index import common
from bot.index.added import Added
from bot.index.common import BUCKET_BITS, Halves, Parted
from bot.index.edit import Edit
from bot.index.packed import COUNT_BITS, Flags, Numbers, Places, bisected
from bot.index.postings import RARE, Postings
from bot.index.renumbering import Renumbering
from bot.index.vocabulary import Keys

_FOUR = np.uint32(COUNT_BITS)
_BUCKET = np.uint32(BUCKET_BITS)
_INSIDE = np.uint32((1 << BUCKET_BITS) - 1)


@dataclass(frozen=True, slots=True)
class Coming:
    """Postings that come to some terms.

    Attributes:
        more: The postings, sorted.
        row: Of each its term, or the one before which it comes.
        known: Of each whether its term is there.
    """

    more: Added
    row: Places
    known: Flags


@dataclass(frozen=True, slots=True)
class Patched:
    """Terms without some postings and with others.

    Attributes:
        keys, df, bounds: Of each term; bounds as on disk.
        excess: Places among all postings and counts of those that have MANY or more.
        of_postings: What went and where the others came, by `Content.gone` and `places`.
        coming: The others.
        of_rows: Which terms went, and where others came.
    """

    keys: Keys
    df: Places
    bounds: npt.NDArray[Any]
    excess: npt.NDArray[np.uint64]
    of_postings: Edit
    coming: Coming
    of_rows: Edit


class Content(Protocol):
    """The postings of Terms; places are those among all of them."""

    def gone(self) -> Places:
        """Return the places of postings whose passages are gone; rising."""

    def places(self, coming: Coming) -> Places:
        """Return where others come among those that are there."""

    def at(self, places: Places) -> Numbers:
        """Return the postings at some places, whole, as they are numbered before."""


class Whole:
    """See Content; postings that are read whole."""

    def __init__(self, packed: Numbers, starts: Places, numbers: Renumbering) -> None:
        self._packed = packed
        self._starts = starts
        self._numbers = numbers

    def gone(self) -> Places:
        """See Content."""
        return self._numbers.gone(self._packed)

    def places(self, coming: Coming) -> Places:
        """See Content."""
        first, end = self._starts[coming.row], self._starts[coming.row + coming.known]
        return bisected(self._packed, first, end, self._numbers.before(coming.more.passages) << _FOUR)

    def at(self, places: Places) -> Numbers:
        """See Content."""
        return self._packed[places]

    def parted(self, now: Patched, size: int) -> Parted:
        """Return all postings as they are now; of so many passages."""
        content = now.of_postings.parts(self._numbers(self._packed), now.coming.more.packed)
        return common.parted(now.df, content, size)


class Apart:
    """See Content; postings of common terms are read and changed as they lie on disk, in halves.

    Passages that go are then looked for in their own buckets only, and as long as no passage gets another
    number the rest stays as it is.
    """

    def __init__(self, old: Postings, rows: range, starts: Places, numbers: Renumbering) -> None:
        """Take some rows of an index.

        Args:
            old: The index.
            rows: Which; at least one term of them is common.
            starts: See Terms.
            numbers: New numbers of the passages, in few stretches.
        """
        own = old.common_in(rows)
        (begin, stop), firsts = old.edges(rows), old.common.firsts[own.start : own.stop + 1]
        self._numbers = numbers
        self._starts = starts
        self._rare = old.rare.packed(RARE, begin - firsts[0], stop - firsts[-1])
        buckets = old.common.starts[own.start : own.stop].astype(np.int64) - firsts[0]
        self._halved = Halved(old.common.halves(own), buckets, numbers)
        self._rows = np.array(old.common.rows[own.start : own.stop]) - rows.start
        # Of each common term the places of its first posting among the halves and among the others.
        self._firsts = np.array(firsts) - firsts[0]
        self._among_rare = starts[self._rows] - self._firsts[:-1]

    def gone(self) -> Places:
        """See Content."""
        rare, halves = self._numbers.gone(self._rare), self._halved.gone()
        term = self._firsts.searchsorted(halves, "right") - 1
        rare = rare + self._firsts[self._among_rare.searchsorted(rare, "right")]
        return np.sort(np.concatenate((rare, halves + self._among_rare[term])), kind="stable")

    def places(self, coming: Coming) -> Places:
        """See Content."""
        before, is_common = sought(coming.row, self._rows)
        halved = is_common & coming.known
        places = np.empty(len(coming.row), np.int64)
        passages, term = self._numbers.before(coming.more.passages), before[halved]
        places[halved] = self._halved.places(term, passages[halved]) + self._among_rare[term]
        rare = ~halved
        more, row = self._firsts[before[rare]], coming.row[rare]
        first, end = self._starts[row] - more, self._starts[row + coming.known[rare]] - more
        places[rare] = bisected(self._rare, first, end, passages[rare] << _FOUR) + more
        return places

    def at(self, places: Places) -> Numbers:
        """See Content."""
        before, is_common = sought(self._starts.searchsorted(places, "right") - 1, self._rows)
        packed = np.empty(len(places), np.uint32)
        packed[is_common] = self._halved.at(places[is_common] - self._among_rare[before[is_common]])
        rare = ~is_common
        packed[rare] = self._rare[places[rare] - self._firsts[before[rare]]]
        return packed

    def parted(self, now: Patched, size: int) -> Parted | None:
        """Return the same; None if a rare term becomes a common one, or the reverse."""
        edit, coming, rows = now.of_postings, now.coming, np.flatnonzero(now.df >= common.least(size))
        if not np.array_equal(rows, now.of_rows.moved(self._rows)):
            return None
        went, goes = sought(self._starts.searchsorted(edit.gone, "right") - 1, self._rows)
        before, comes = sought(coming.row, self._rows)
        comes &= coming.known
        halved = Edit(
            edit.gone[goes] - self._among_rare[went[goes]],
            edit.places[comes] - self._among_rare[before[comes]],
        )
        rare = Edit(
            edit.gone[~goes] - self._firsts[went[~goes]], edit.places[~comes] - self._firsts[before[~comes]]
        )
        packed = coming.more.packed
        return Parted(
            rare.parts(self._numbers(self._rare), packed[~comes]),
            halved.parts(self._halved.content(), packed[comes].astype(np.uint16)),
            rows,
            self._halved.starts_after(halved.gone, before[comes], coming.more.passages[comes]),
        )


class Halved:
    """Postings of common terms as halves; places are those among them.

    Args:
        halves: Of all terms.
        starts: Where the buckets of each term begin in `halves`, and the end; shape (terms, buckets + 1).
        numbers: New numbers of the passages, in few stretches.
    """

    def __init__(self, halves: Halves, starts: Places, numbers: Renumbering) -> None:
        self._halves = halves
        self._starts = starts
        self._numbers = numbers
        self._begins = starts[:, :-1].reshape(-1)

    def gone(self) -> Places:
        """Return the places of postings whose passages are gone; rising."""
        found = [np.empty(0, np.int64)]
        of = self._numbers.lost >> _BUCKET
        for bucket in distinct(of).tolist():
            lost = np.zeros(1 << BUCKET_BITS, np.bool_)
            lost[self._numbers.lost[of == bucket] & _INSIDE] = True
            first, end = self._starts[:, bucket], self._starts[:, bucket + 1]
            places = np.arange(int((end - first).sum()))
            places += np.repeat(first - (np.cumsum(end - first) - (end - first)), end - first)
            found.append(places[lost[self._halves[places] >> np.uint16(COUNT_BITS)]])
        return np.sort(np.concatenate(found), kind="stable")

    def places(self, term: Places, passages: Numbers) -> Places:
        """Return the places of the first postings of some terms whose passages are not lower."""
        bucket = passages >> _BUCKET
        last = np.minimum(bucket + np.uint32(1), np.uint32(self._starts.shape[1] - 1))
        first, end = self._starts[term, np.minimum(bucket, last)], self._starts[term, last]
        return bisected(self._halves, first, end, (passages << _FOUR).astype(np.uint16))

    def at(self, places: Places) -> Numbers:
        """Return the postings at some places, whole, as they are numbered before."""
        bucket = (self._begins.searchsorted(places, "right") - 1) % (self._starts.shape[1] - 1)
        packed: Numbers = bucket.astype(np.uint32) << np.uint32(16) | self._halves[places]
        return packed

    def content(self) -> Halves:
        """Return all with the new numbers of their passages."""
        shifts = self._numbers.shifts
        if not any(shift for _, shift in shifts):
            return self._halves
        terms = np.arange(len(self._starts))
        edges = [self.places(terms, np.full(len(terms), first, np.uint32)) for first, _ in shifts]
        sizes = np.diff(np.column_stack([*edges, self._starts[:, -1]]), axis=1)
        more = np.array([shift << COUNT_BITS for _, shift in shifts], np.int64).astype(np.uint16)
        return self._halves + np.repeat(np.tile(more, len(terms)), sizes.reshape(-1))

    def starts_after(self, gone: Places, term: Places, passages: Numbers) -> Places:
        """Return where buckets begin without the postings at some places and with others.

        Args:
            gone: The places.
            term: Of each posting that comes its term, by its place among those here.
            passages: Of each, as they are numbered afterwards.
        """
        terms, buckets = len(self._starts), self._starts.shape[1] - 1
        firsts = self._numbers.before(np.arange(buckets, dtype=np.uint32) << _BUCKET)
        stay = self._starts.copy()
        for bucket, first in enumerate(firsts.tolist()):
            if first != bucket << BUCKET_BITS:
                stay[:, bucket] = self.places(np.arange(terms), np.full(terms, first, np.uint32))
        stay[:, 0] = self._starts[:, 0]
        stay -= gone.searchsorted(stay)
        sizes = np.diff(stay, axis=1).reshape(-1)
        sizes += np.bincount(term * buckets + (passages >> _BUCKET), minlength=len(sizes))
        ends = np.cumsum(sizes)
        return np.column_stack(((ends - sizes).reshape(-1, buckets), ends.reshape(-1, buckets)[:, -1]))

"""Postings as arrays: on disk, memory-mapped, and never unpickled.

All channels share one vocabulary, whose rows are the terms' places in the arrays here; lengths are kept per
channel. A posting is a number, see `packed`; counts that it has no room for stand in a small array beside it.
Common terms have only half of each, see `common`. Of each term there is besides what bounds its scores,
whatever k1 and b are: the shortest passages that have it often and seldom.
"""

import struct
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.domain import Channel
from bot.errors import IndexDamaged
from bot.index import common, vocabulary
from bot.index.arrays import Mapped, fetch
from bot.index.checksums import NOTHING, Known
from bot.index.common import Common
from bot.index.packed import COUNT_BITS, MANY, Numbers, Places
from bot.index.rare import Lists, Rare
from bot.index.vocabulary import CHANNELS as CHANNELS
from bot.index.vocabulary import Vocabulary

Ids = Numbers
Counts = Numbers

FILES = (
    *vocabulary.FILES,
    "offsets.npy",
    "postings.npy",
    *common.FILES,
    "excess.npy",
    "bounds.npy",
    "lengths.npy",
    "totals.npy",
)

# A term's bounds: the shortest passages that have it once, at most FEW times, more often; how often at most.
# On disk 0 stands for the length of none.
FEW = 3
NEVER = 2**32 - 1
RARE = -1
"""In place of the number of a common term."""
_NUMBERS = struct.Struct("=5q").pack


class Posting:
    """Where one term stands: some of an array of postings, of the common terms' or of the others'.

    Attributes:
        start: Place of the first in that array.
        end: Place after the last.
        row: Of the term in the vocabulary, -1 for a term that no passage has.
        number: Of the term among the common ones, or RARE.
        before: How many postings of terms before it stand in the other array.
        numbers: All these in 8 bytes each, which of several terms are put together sooner than numbers.
        checked: Whether all that is told of the term was compared already.
    """

    __slots__ = ("_all", "_lists", "before", "checked", "end", "number", "numbers", "row", "start")

    def __init__(
        self, postings: "Postings", start: int, end: int, row: int, number: int = RARE, before: int = 0
    ) -> None:
        self._all = postings
        self._lists: Lists = postings.rare if number == RARE else postings.common
        self.start = start
        self.end = end
        self.row = row
        self.number = number
        self.before = before
        self.numbers = _NUMBERS(start, end, row, number, before)
        self.checked = start == end

    def __len__(self) -> int:
        """Return df, the number of passages that have the term."""
        return self.end - self.start

    @property
    def packed(self) -> Numbers:
        """Return passages and counts in one, rising; shape (df,)."""
        return self._lists.packed(self.number, self.start, self.end)

    @property
    def bounds(self) -> Numbers:
        """Return the shortest lengths with a count of 1, of 2 to FEW, above, or 0; and the highest count."""
        return self._all.bounds_of(self.row)

    @property
    def ids(self) -> Ids:
        """Return the passages, rising; shape (df,)."""
        return self.packed >> np.uint32(COUNT_BITS)

    @property
    def counts(self) -> Counts:
        """Return how often each passage has the term; shape (df,)."""
        self._lists.check(self.number, self.start, self.end)
        return self._counts(self._lists.array[self.start : self.end])

    def _counts(self, postings: npt.NDArray[Any], places: Places | None = None) -> Counts:
        """Return the counts of some postings, of the first ones if no places are given."""
        counts = postings.astype(np.uint32) & np.uint32(MANY)
        many = np.flatnonzero(counts == MANY)
        if len(many):
            at = many + self.start if places is None else places[many]
            counts[many] = self._all.excess_at(at + self.before)
        return counts

    def counts_at(self, wanted: Ids) -> Counts:
        """Return how often each of some passages has the term, 0 where it does not; any order."""
        counts = np.zeros(len(wanted), np.uint32)
        if len(self):
            places, there = self._lists.places(self.number, self.start, self.end, wanted)
            counts[there] = self._counts(self._lists.array[places[there]], places[there])
        return counts

    def within(self, numbers: range) -> "Posting":
        """Return the postings of passages numbered so, step 1; the bounds stay those of all."""
        if not len(self):
            return self
        edges = np.array([numbers.start, numbers.stop], np.uint32)
        places, _ = self._lists.places(self.number, self.start, self.end, edges)
        first, end = places.tolist()
        return Posting(self._all, first, end, self.row, self.number, self.before)

    def check(self) -> None:
        """Compare all that is told of the term with what was written; IndexDamaged if it is not that."""
        if not self.checked:
            self._lists.check(self.number, self.start, self.end)
            self._all.check_bounds(self.row)
            self.checked = True


class Postings:
    """Opened postings of one generation.

    Attributes:
        size: Passages, N.
        rare: Postings of terms that are not common, term after term.
        common: Those of the others.
        excess: Places, among those of all terms, with a count of MANY or more, rising, and their counts;
            shape (2, any).
        bounds: Of each term; see Posting. Shape (terms, 4), 16 or 32 bits.
        vocabulary: Says which term has which row.
        offsets: Of each row how many postings the terms before it have, and the number of all, in as many
            bits as that needs; shape (terms + 1,).
        all_lengths: Terms per channel and passage; shape (channels, N).
        lengths: The same by channel; shape (N,) each.
        average_lengths: Mean of them; 0.0 when no passage has a term in the channel.
    """

    def __init__(self, folder: Path, sums: Known = NOTHING) -> None:
        """Open the files that `writing` made; IndexDamaged when they do not fit each other.

        Args:
            folder: Where they lie.
            sums: Of what has to be compared before it is relied on. What most questions need all of is
                compared now.
        """
        self.vocabulary = Vocabulary(folder, sums)
        names = ("offsets.npy", "bounds.npy", "excess.npy", "lengths.npy", "totals.npy")
        try:
            self._offsets, self._bounds, *whole = (Mapped(folder / name, sums.get(name)) for name in names)
            self.rare = Rare(folder / "postings.npy", sums.get("postings.npy"))
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"the postings in {folder} cannot be opened: {error}") from error
        self.offsets = self._offsets.array
        self.bounds: Numbers = self._bounds.array
        self.excess, self.all_lengths, totals = (one.checked() for one in whole)
        self.size = int(self.all_lengths.shape[-1])
        self.common = Common(folder, self.size, sums)
        self._check(folder, totals)
        self._edges = self.offsets.data  # gives an int in a third of the time
        self.lengths: Mapping[Channel, Counts] = dict(zip(CHANNELS, self.all_lengths, strict=True))
        self.average_lengths: Mapping[Channel, float] = {
            channel: total / max(1, self.size)
            for channel, total in zip(CHANNELS, totals.tolist(), strict=True)
        }

    def _check(self, folder: Path, totals: npt.NDArray[np.uint64]) -> None:
        self._offsets.rows.check(max(0, len(self.offsets) - 1), len(self.offsets))
        total = int(self.offsets.flat[-1]) if self.offsets.size else -1
        keys = len(self.vocabulary)
        rare = total - len(self.common.array)
        shapes = [array.shape for array in (self.offsets, self.rare.array, self.bounds)]
        types = [array.dtype for array in (self.rare.array, self.excess)]
        kinds = {array.dtype.kind for array in (self.offsets, self.bounds, self.all_lengths)}
        fits = shapes == [(keys + 1,), (rare,), (keys, 4)] and self.excess.ndim == 2 == len(self.excess)
        fits = fits and types == [np.uint32, np.uint64] and kinds == {"u"}
        lengths = self.all_lengths
        fits = fits and totals.shape == (len(CHANNELS),) and totals.dtype == np.uint64
        if not fits or lengths.ndim != 2 or len(lengths) != len(CHANNELS):
            raise IndexDamaged(f"the postings in {folder} do not fit each other")

    def __len__(self) -> int:
        """Return the number of keys in the vocabulary."""
        return len(self.vocabulary)

    def fetch(self) -> None:
        """Read all of it once, for who is to answer many questions; see arrays.fetch."""
        known, common = self.vocabulary, self.common
        fetch((known.keys, known.term_starts, self.offsets, self.bounds))
        fetch((self.rare.array, common.array, common.starts))

    def find(self, channel: Channel, term: str) -> Posting:
        """Return a term's postings, empty when no passage has it."""
        row = self.vocabulary.row(channel, term)
        return Posting(self, 0, 0, -1) if row is None else self.at(row)

    def at(self, row: int) -> Posting:
        """Return the postings of the term in a row of the vocabulary."""
        self._offsets.rows.check(row, row + 2)
        start, end = self._edges[row], self._edges[row + 1]
        number = bisect_left(self.common.rows, row)
        place = self.common.firsts[number]
        if self.common.rows[number] == row:
            return Posting(self, place, place + end - start, row, number, start - place)
        return Posting(self, start - place, end - place, row, RARE, place)

    def edges(self, rows: range) -> tuple[int, int]:
        """Return how many postings the terms before some rows have, and those before the rows after them."""
        self._offsets.rows.check_each(np.array((rows.start, rows.stop)))
        return self._edges[rows.start], self._edges[rows.stop]

    def common_in(self, rows: range) -> range:
        """Return the numbers of the common terms that stand in some rows."""
        return range(*[bisect_left(self.common.rows, row) for row in (rows.start, rows.stop)])

    def packed(self, rows: range) -> Numbers:
        """Return the postings of the terms in some rows, whole, in their order; not to be written to."""
        numbers = self.common_in(rows)
        (start, end), firsts = self.edges(rows), self.common.firsts
        first, last = start - firsts[numbers.start], end - firsts[numbers.stop]
        if not numbers:
            return self.rare.packed(RARE, first, last)
        common, pieces, taken = self.common.all_packed(numbers), [], 0
        for number in numbers:
            until = self._edges[self.common.rows[number]] - firsts[number]
            size = firsts[number + 1] - firsts[number]
            pieces += [self.rare.packed(RARE, first, until), common[taken : taken + size]]
            first, taken = until, taken + size
        return np.concatenate([*pieces, self.rare.packed(RARE, first, last)])

    def excess_at(self, places: Places) -> npt.NDArray[np.uint64]:
        """Return the counts of postings that stand for MANY or more, by their places."""
        at, more = self.excess
        counts: npt.NDArray[np.uint64] = more[at.searchsorted(places.astype(np.uint64))]
        return counts

    def bounds_of(self, row: int) -> Numbers:
        """Return the bounds of a term; see Posting."""
        self.check_bounds(row)
        bounds: Numbers = self.bounds[row]
        return bounds

    def check_bounds(self, row: int) -> None:
        """Compare the bounds of a term with what was written; IndexDamaged if they are not that."""
        self._bounds.rows.check(row, row + 1)

    def terms(self, channel: Channel) -> Iterator[tuple[str, int]]:
        """Yield the vocabulary of one channel, each term with its df."""
        for term, row in self.vocabulary.terms(channel):
            yield term, len(self.at(row))

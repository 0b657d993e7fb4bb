"""Postings as arrays: on disk, memory-mapped, and never unpickled.

All channels share one vocabulary, whose rows are the terms' places in the arrays here; lengths are kept per
channel.

A posting is one number of 32 bits: the passage in the upper 28, in the lower 4 how often it has the term.
15 means "15 or more", and the count then stands in a small array beside it. The numbers of a term rise, so
that a passage is found among them by bisection. Of each term there is besides what bounds its scores,
whatever k1 and b are: the shortest passages that have it often and seldom.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.domain import Channel
from bot.errors import IndexDamaged
from bot.index import vocabulary
from bot.index.arrays import Mapped
from bot.index.checksums import NOTHING, Known
from bot.index.vocabulary import CHANNELS as CHANNELS
from bot.index.vocabulary import Vocabulary

Numbers = npt.NDArray[np.uint32]
Ids = Numbers
Counts = Numbers

FILES = (
    *vocabulary.FILES,
    "offsets.npy",
    "postings.npy",
    "excess.npy",
    "bounds.npy",
    "lengths.npy",
    "totals.npy",
)

COUNT_BITS = 4
MANY = 2**COUNT_BITS - 1
MOST_PASSAGES = 2 ** (32 - COUNT_BITS) - 1
# A term's bounds: the shortest passages that have it once, at most FEW times, more often; how often at most.
# On disk 0 stands for the length of none.
FEW = 3
NEVER = 2**32 - 1


def narrow(most: int) -> type[np.uint16 | np.uint32 | np.uint64]:
    """Return the smallest type of the files here that holds `most`."""
    return np.uint16 if most < 2**16 else np.uint32 if most < 2**32 else np.uint64


class Posting:
    """Where one term stands: some of the array of all postings.

    Attributes:
        start: Place of the first in that array.
        end: Place after the last.
        row: Of the term in the vocabulary, -1 for a term that no passage has.
        checked: Whether all that is told of the term was compared already.
    """

    __slots__ = ("_all", "checked", "end", "row", "start")

    def __init__(self, postings: "Postings", start: int, end: int, row: int) -> None:
        self._all = postings
        self.start = start
        self.end = end
        self.row = row
        self.checked = start == end

    def __len__(self) -> int:
        """Return df, the number of passages that have the term."""
        return self.end - self.start

    @property
    def packed(self) -> Numbers:
        """Return passages and counts in one, rising; shape (df,)."""
        return self._all.between(self.start, self.end)

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
        packed = self.packed
        counts = packed & np.uint32(MANY)
        many = np.flatnonzero(counts == MANY)
        if len(many):
            counts[many] = self._all.excess_at(self.start + many)
        return counts

    def counts_at(self, wanted: Ids) -> Counts:
        """Return how often each of some passages has the term, 0 where it does not; any order."""
        if not len(self):
            return np.zeros(len(wanted), np.uint32)
        places = self._all.places(self.start, self.end, wanted << np.uint32(COUNT_BITS))
        np.minimum(places, self.end - 1, out=places)
        packed = self._all.packed[places]
        counts = packed & np.uint32(MANY)
        many = np.flatnonzero(counts == MANY)
        if len(many):
            counts[many] = self._all.excess_at(places[many])
        counts[packed >> np.uint32(COUNT_BITS) != wanted] = 0
        return counts

    def within(self, numbers: range) -> "Posting":
        """Return the postings of passages numbered so, step 1; the bounds stay those of all."""
        edges = np.array([numbers.start, numbers.stop], np.uint32) << np.uint32(COUNT_BITS)
        first, end = self._all.places(self.start, self.end, edges).tolist()
        return Posting(self._all, first, end, self.row)


class Postings:
    """Opened postings of one generation.

    Attributes:
        size: Passages, N.
        packed: All postings, term after term.
        excess: Places with a count of MANY or more, rising, and their counts; shape (2, any).
        bounds: Of each term; see Posting. Shape (terms, 4), 16 or 32 bits.
        vocabulary: Says which term has which row.
        offsets: Of each row the place of its first posting, and the number of all, in as many bits as that
            needs; shape (terms + 1,).
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
        names = ("offsets.npy", "postings.npy", "bounds.npy", "excess.npy", "lengths.npy", "totals.npy")
        try:
            self._offsets, self._packed, self._bounds, *whole = (
                Mapped(folder / name, sums.get(name)) for name in names
            )
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"the postings in {folder} cannot be opened: {error}") from error
        self.offsets = self._offsets.array
        self.packed: Numbers = self._packed.array
        self.bounds: Numbers = self._bounds.array
        self.excess, self.all_lengths, totals = (one.checked() for one in whole)
        self._check(folder, totals)
        self._edges = self.offsets.data  # gives an int in a third of the time
        self.size = int(self.all_lengths.shape[1])
        self.lengths: Mapping[Channel, Counts] = dict(zip(CHANNELS, self.all_lengths, strict=True))
        self.average_lengths: Mapping[Channel, float] = {
            channel: total / max(1, self.size)
            for channel, total in zip(CHANNELS, totals.tolist(), strict=True)
        }

    def _check(self, folder: Path, totals: npt.NDArray[np.uint64]) -> None:
        self._offsets.check(max(0, len(self.offsets) - 1), len(self.offsets))
        total = int(self.offsets.flat[-1]) if self.offsets.size else -1
        keys = len(self.vocabulary)
        shapes = [array.shape for array in (self.offsets, self.packed, self.bounds)]
        types = [array.dtype for array in (self.packed, self.excess)]
        kinds = {array.dtype.kind for array in (self.offsets, self.bounds, self.all_lengths)}
        fits = shapes == [(keys + 1,), (total,), (keys, 4)] and self.excess.ndim == 2 == len(self.excess)
        fits = fits and types == [np.uint32, np.uint64] and kinds == {"u"}
        lengths = self.all_lengths
        fits = fits and totals.shape == (len(CHANNELS),) and totals.dtype == np.uint64
        if not fits or lengths.ndim != 2 or len(lengths) != len(CHANNELS):
            raise IndexDamaged(f"the postings in {folder} do not fit each other")

    def __len__(self) -> int:
        """Return the number of keys in the vocabulary."""
        return len(self.vocabulary)

    def find(self, channel: Channel, term: str) -> Posting:
        """Return a term's postings, empty when no passage has it."""
        row = self.vocabulary.row(channel, term)
        return Posting(self, 0, 0, -1) if row is None else self.at(row)

    def at(self, row: int) -> Posting:
        """Return the postings of the term in a row of the vocabulary."""
        self._offsets.check(row, row + 2)
        return Posting(self, self._edges[row], self._edges[row + 1], row)

    def edges(self, rows: range) -> tuple[int, int]:
        """Return the place of the first posting of some rows, and the one after the last."""
        self._offsets.check_each(np.array((rows.start, rows.stop)))
        return self._edges[rows.start], self._edges[rows.stop]

    def between(self, start: int, end: int) -> Numbers:
        """Return the postings from one place to another."""
        self._packed.check(start, end)
        return self.packed[start:end]

    def places(self, start: int, end: int, wanted: Numbers) -> npt.NDArray[np.int64]:
        """Return the places where others would come among the postings of a term, from `start` to `end`.

        Whatever a search goes by, it came to the right place if the postings beside it are right and in
        order: so of many postings only those few are compared.
        """
        packed = self.packed[start:end]
        places = packed.searchsorted(wanted)
        if self._packed.is_checked(start, end):
            return places + start
        before, after = np.maximum(places - 1, 0), np.minimum(places, end - start - 1)
        self._packed.check_each(np.concatenate((before, after)) + start)
        misled = (places > 0) & (packed[before] >= wanted) | (places < end - start) & (packed[after] < wanted)
        if misled.any():
            self._packed.check(start, end)
        return places + start

    def excess_at(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
        """Return the counts of postings that stand for MANY or more, by their places."""
        at, more = self.excess
        counts: npt.NDArray[np.uint64] = more[at.searchsorted(places.astype(np.uint64))]
        return counts

    def bounds_of(self, row: int) -> Numbers:
        """Return the bounds of a term; see Posting."""
        self._bounds.check(row, row + 1)
        bounds: Numbers = self.bounds[row]
        return bounds

    def check(self, found: Iterable[Posting]) -> None:
        """Compare all that is told of some terms; for what reads `packed` and `bounds` by itself."""
        for posting in found:
            if not posting.checked:
                self._packed.check(posting.start, posting.end)
                self._bounds.check(posting.row, posting.row + 1)
                posting.checked = True

    def terms(self, channel: Channel) -> Iterator[tuple[str, int]]:
        """Yield the vocabulary of one channel, each term with its df."""
        for term, row in self.vocabulary.terms(channel):
            yield term, len(self.at(row))

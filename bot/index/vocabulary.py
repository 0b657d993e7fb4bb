"""Which terms an index has: each is a number of 64 bits, its key, and the keys lie sorted in a mapped array.

A key has the channel in its two highest bits. A term of one or two characters is its own key, 21 bits a
character; a longer one has a bit set and 61 bits of its hash, and stands in a file beside the keys, in their
order, so that a term is never taken for another of the same hash. Terms of a channel stand together.
"""

import bisect
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.analysis.keys import CHARACTER_BITS, LONG, bare_key, short_term
from bot.distinct import sought
from bot.domain import Channel
from bot.errors import IndexDamaged, IndexUnavailable
from bot.index.arrays import Mapped, mapped
from bot.index.checksums import NOTHING, Known

Keys = npt.NDArray[np.uint64]

CHANNELS = tuple(Channel)
FILES = ("keys.npy", "terms.npy", "terms.starts.npy")

CHANNEL_BIT = 62
_NUMBERS = {channel: place for place, channel in enumerate(CHANNELS)}


def key(channel: Channel, term: str) -> int:
    """Return the key of a term without NUL and halves of surrogate pairs."""
    return _NUMBERS[channel] << CHANNEL_BIT | bare_key(term)


def pair_keys(channel: Channel, first: Keys, second: Keys) -> Keys:
    """Return the keys of pairs of characters, of single ones where `second` is 0; code points as numbers."""
    keys: Keys = first << np.uint64(CHARACTER_BITS) | second | np.uint64(_NUMBERS[channel] << CHANNEL_BIT)
    return keys


def channels_of(keys: Keys) -> npt.NDArray[np.int64]:
    """Return the places in CHANNELS of the channels of keys."""
    return (keys >> np.uint64(CHANNEL_BIT)).astype(np.int64)


class Vocabulary:
    """The terms of one index; a term's row is the place of its key.

    Attributes:
        keys: Rising; shape (terms,).
        term_starts: Where each long term begins among them all, and the end.
    """

    def __init__(self, folder: Path, sums: Known = NOTHING) -> None:
        """Open what `write` made; IndexDamaged when the files do not fit each other.

        Args:
            folder: Where it lies.
            sums: Of what has to be compared before it is relied on.
        """
        try:
            self._keys, self._terms, self._starts = (Mapped(folder / name, sums.get(name)) for name in FILES)
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"the vocabulary in {folder} cannot be opened: {error}") from error
        arrays = (self._keys.array, self._terms.array, self._starts.array)
        types = [array.dtype for array in arrays]
        if types != [np.uint64, np.uint8, np.uint64] or any(array.ndim != 1 for array in arrays):
            raise IndexDamaged(f"the vocabulary in {folder} has files of other kinds")
        self.keys: Keys = self._keys.array
        self.term_starts = self._starts.array
        # Python's numbers are compared sooner than numpy's.
        self._sorted: Sequence[int] = self.keys.data.cast("B").cast("Q") if len(self.keys) else ()
        # Of each channel the rows of its short and of its long terms, and how many long ones stand before.
        self._channels: dict[Channel, tuple[range, range, int]] = {}
        before = 0
        for number, channel in enumerate(CHANNELS):
            own = number << CHANNEL_BIT
            first, long, end = map(self._place, (own, own + LONG, own + 2 * LONG))
            self._channels[channel] = (range(first, long), range(long, end), before)
            before += end - long
        if before != len(self.term_starts) - 1 or self._start(before) != len(self._terms):
            raise IndexDamaged(f"the vocabulary in {folder} does not fit its terms")

    def __len__(self) -> int:
        """Return the number of terms of all channels."""
        return len(self._sorted)

    def row(self, channel: Channel, term: str) -> int | None:
        """Return a term's row, None when no passage has it."""
        wanted = key(channel, term)
        row = self._place(wanted)
        if row == len(self._sorted) or self._sorted[row] != wanted:
            return None
        return None if wanted & LONG and self._long(channel, row) != term.encode() else row

    def terms(self, channel: Channel) -> Iterator[tuple[str, int]]:
        """Yield the terms of a channel with their rows, which rise."""
        short, _, _ = self._channels[channel]
        self._keys.rows.check(short.start, short.stop)
        for row, number in zip(short, self.keys[short.start : short.stop].tolist(), strict=True):
            yield short_term(number), row
        yield from self.long_terms(channel)

    def long_terms(self, channel: Channel) -> Iterator[tuple[str, int]]:
        """Yield the terms of a channel that are not of one or two characters, with their rows, which rise."""
        for row in self._channels[channel][1]:
            yield self._long(channel, row).decode(), row

    def bare(self, channel: Channel) -> Keys:
        """Return the keys of a channel without what stands for it; rising."""
        short, long, _ = self._channels[channel]
        self._keys.rows.check(short.start, long.stop)
        return self.keys[short.start : long.stop] & np.uint64((1 << CHANNEL_BIT) - 1)

    def terms_of(self, channel: Channel, bare: Keys) -> Iterator[str]:
        """Yield the terms of a channel that have such keys."""
        own = _NUMBERS[channel] << CHANNEL_BIT
        for number in bare.tolist():
            long = number & LONG
            yield self._long(channel, self._place(own | number)).decode() if long else short_term(number)

    def ascii_terms(self, channel: Channel) -> Iterator[str]:
        """Yield the terms of a channel that are longer than two characters and begin with one of ASCII."""
        _, long, before = self._channels[channel]
        starts = self._starts.checked()[before : before + len(long)]
        for place in np.flatnonzero(self._terms.checked()[starts.astype(np.int64)] < 128).tolist():
            yield self._long(channel, long.start + place).decode()

    def term_bytes(self, first: int, end: int) -> bytes:
        """Return long terms one after the other, by their places among the long terms of all channels."""
        start, stop = self._start(first), self._start(end)
        self._terms.rows.check(start, stop)
        return bytes(self._terms.array[start:stop])

    def _start(self, place: int) -> int:
        self._starts.rows.check(place, place + 1)
        return int(self.term_starts[place])

    def _place(self, wanted: int) -> int:
        """Return the place of the first key that is not below `wanted`.

        Whatever the search goes by, it came to the right place if the keys beside it are right and in order.
        """
        keys = self._sorted
        place = bisect.bisect_left(keys, wanted)
        before, end = max(0, place - 1), len(keys)
        self._keys.rows.check(before, min(place + 1, end))
        if (place and keys[before] >= wanted) or (place < end and keys[place] < wanted):
            self._keys.rows.check(0, end)
        return place

    def _long(self, channel: Channel, row: int) -> bytes:
        _, long, before = self._channels[channel]
        place = before + row - long.start
        return self.term_bytes(place, place + 1)


def _long_keys(keys: Keys) -> Keys:
    """Return those of some keys, which rise, that are of long terms."""
    found = [np.empty(0, np.uint64)]
    for number in range(len(CHANNELS)):
        own = number << CHANNEL_BIT
        first, end = keys.searchsorted(np.array((own + LONG, own + 2 * LONG), np.uint64)).tolist()
        found.append(keys[first:end])
    return np.concatenate(found)


def write_terms(folder: Path, terms: Mapping[int, str]) -> None:
    """Write the long terms of the keys that lie in a folder, where the files of a vocabulary will be.

    Args:
        folder: Has the keys.
        terms: Bare keys of long terms → the terms; may have more than are wanted.
    """
    now = _long_keys(mapped(folder / "keys.npy"))
    bare = (now & np.uint64((1 << CHANNEL_BIT) - 1)).tolist()
    found = list(map(str.encode, map(terms.__getitem__, bare)))
    np.save(folder / "terms.npy", np.frombuffer(b"".join(found), np.uint8))
    starts = np.zeros(len(found) + 1, np.uint64)
    np.fromiter(map(len, found), np.uint64, len(found)).cumsum(out=starts[1:])
    np.save(folder / "terms.starts.npy", starts)


def write_terms_after(folder: Path, old: "Vocabulary", terms: Mapping[int, str]) -> None:
    """Write the long terms of the keys that lie in a folder, most of which another vocabulary has.

    Args:
        folder: Has the keys.
        old: The other vocabulary.
        terms: Bare keys of those long terms that it may lack → the terms.
    """
    before, now = _long_keys(old.keys), _long_keys(mapped(folder / "keys.npy"))
    rows, known = sought(now, before)
    new = [terms[long & (1 << CHANNEL_BIT) - 1].encode() for long in now[~known].tolist()]
    sizes = np.empty(len(now), np.uint64)
    sizes[known] = np.diff(old.term_starts)[rows[known]]
    sizes[~known] = np.fromiter(map(len, new), np.uint64, len(new))
    # What both have without a gap is copied at once.
    gaps = np.concatenate((rows[1:] != rows[:-1] + 1, [True])) | ~known
    gaps[:-1] |= ~known[1:]
    ends = np.flatnonzero(gaps) + 1
    parts, following = [], iter(new)
    for first, end in pairwise([0, *ends.tolist()]):
        if known[first]:
            parts.append(old.term_bytes(int(rows[first]), int(rows[end - 1]) + 1))
        else:
            parts.append(next(following))
    np.save(folder / "terms.npy", np.frombuffer(b"".join(parts), np.uint8))
    starts = np.concatenate((np.zeros(1, np.uint64), np.cumsum(sizes, dtype=np.uint64)))
    np.save(folder / "terms.starts.npy", starts)


def remember(known: dict[int, str], terms: Mapping[int, str]) -> None:
    """Add long terms by their bare keys to those that are known.

    Raises:
        IndexUnavailable: Two terms have the same key.
    """
    for number, term in terms.items():
        if known.setdefault(number, term) != term:
            raise IndexUnavailable(
                f"{known[number]} and {term} cannot be told apart by the index; change one in the reports"
            )

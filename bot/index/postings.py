"""Postings as arrays: on disk, memory-mapped, and never unpickled.

A key is a channel's letter and a term ("w投诉"). Its postings are the passages that have it, in rising
order, and how often. All channels share one vocabulary, a marisa trie, which is searched where it
lies; lengths are kept per channel.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import marisa_trie
import numpy as np
import numpy.typing as npt

from bot.domain import Channel
from bot.errors import IndexDamaged
from bot.index.arrays import mapped

Ids = npt.NDArray[np.uint32]
Counts = npt.NDArray[np.uint32]

CHANNELS = tuple(Channel)
FILES = ("vocabulary.marisa", "offsets.npy", "passages.npy", "counts.npy", "lengths.npy")


@dataclass(frozen=True, slots=True)
class Posting:
    """Where one term stands: `ids[i]` has it `counts[i]` times; rising ids, equal shapes (df,)."""

    ids: Ids
    counts: Counts


_NOTHING = Posting(np.empty(0, np.uint32), np.empty(0, np.uint32))


class Postings:
    """Opened postings of one generation.

    Attributes:
        size: Passages, N.
        lengths: Terms per passage, for each channel; shape (N,).
        average_lengths: Mean of them; 0.0 when no passage has a term in the channel.
    """

    def __init__(self, folder: Path) -> None:
        """Open the files that `write` made; IndexDamaged when they do not fit each other."""
        try:
            self._vocabulary = marisa_trie.Trie()
            self._vocabulary.mmap(str(folder / "vocabulary.marisa"))
            self._offsets = mapped(folder / "offsets.npy")
            self._ids = mapped(folder / "passages.npy")
            self._counts = mapped(folder / "counts.npy")
            lengths = mapped(folder / "lengths.npy")
        except (OSError, ValueError, RuntimeError) as error:
            raise IndexDamaged(f"the postings in {folder} cannot be opened: {error}") from error
        shapes = [array.shape for array in (self._offsets, self._ids, self._counts)]
        total = int(self._offsets.flat[-1]) if self._offsets.size else -1
        fits = shapes == [(len(self._vocabulary) + 1,), (total,), (total,)]
        if not fits or lengths.ndim != 2 or len(lengths) != len(CHANNELS):
            raise IndexDamaged(f"the postings in {folder} do not fit each other")
        self.size = int(lengths.shape[1])
        self.lengths: Mapping[Channel, Counts] = dict(zip(CHANNELS, lengths, strict=True))
        self.average_lengths: Mapping[Channel, float] = {
            channel: float(row.mean(dtype=np.float64)) if self.size else 0.0
            for channel, row in self.lengths.items()
        }

    def __len__(self) -> int:
        """Return the number of keys in the vocabulary."""
        return len(self._vocabulary)

    def find(self, channel: Channel, term: str) -> Posting:
        """Return a term's postings, empty when no passage has it."""
        key = self._vocabulary.get(channel + term)
        if key is None:
            return _NOTHING
        start, end = int(self._offsets[key]), int(self._offsets[key + 1])
        return Posting(self._ids[start:end], self._counts[start:end])

    def terms(self, channel: Channel) -> Iterator[str]:
        """Yield the vocabulary of one channel."""
        for key in self._vocabulary.iterkeys(channel.value):
            yield key[1:]


def write(folder: Path, passages: Iterable[Mapping[Channel, Sequence[str]]]) -> None:
    """Write the postings of passages, given as their terms per channel, into an existing folder."""
    numbers: dict[str, int] = {}
    keys, ids, counts, lengths = (array("I") for _ in range(4))
    for ordinal, channels in enumerate(passages):
        lengths.extend(len(channels.get(channel, ())) for channel in CHANNELS)
        frequencies: dict[int, int] = {}
        for channel, terms in channels.items():
            for term in terms:
                number = numbers.setdefault(channel + term, len(numbers))
                frequencies[number] = frequencies.get(number, 0) + 1
        keys.extend(frequencies)
        ids.extend([ordinal] * len(frequencies))
        counts.extend(frequencies.values())
    vocabulary = marisa_trie.Trie(sorted(numbers))
    place = np.fromiter((vocabulary[key] for key in numbers), np.int64, len(numbers))
    rows = place[np.array(keys, np.uint32)]
    order = np.argsort(rows, kind="stable")
    df = np.bincount(rows, minlength=len(numbers))
    vocabulary.save(str(folder / "vocabulary.marisa"))
    np.save(folder / "offsets.npy", np.concatenate(([0], np.cumsum(df))).astype(np.uint64))
    np.save(folder / "passages.npy", np.array(ids, np.uint32)[order])
    np.save(folder / "counts.npy", np.array(counts, np.uint32)[order])
    np.save(folder / "lengths.npy", np.array(lengths, np.uint32).reshape(-1, len(CHANNELS)).T.copy())

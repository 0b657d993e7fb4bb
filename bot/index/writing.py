"""Terms of passages → the files of postings, in bounded memory.

What was counted goes to disk in runs; when all has come, each run is sorted and its postings go to their
places. The files depend on what is in them only, not on the runs or on the order in which terms came.
"""

import os
import tempfile
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import marisa_trie
import numpy as np
import numpy.typing as npt

from bot.domain import Channel
from bot.errors import IndexUnavailable
from bot.index.postings import CHANNELS, COUNT_BITS, FEW, MANY, MOST_PASSAGES, NEVER

Numbers = npt.NDArray[np.uint32]
# Of memory for one posting while its run is sorted and put to its place.
_BYTES = 40
_DEFAULT_MEMORY_MB = 256
_SHARES = 2**21


@dataclass(frozen=True, slots=True)
class Block:
    """What was counted in some passages that stand together.

    Attributes:
        keys: A channel's letter and a term each.
        key: Of each posting its key's place in `keys`, any order.
        passage: Of each posting its passage, 0 the first of the block.
        count: Of each posting how often the passage has the key, > 0.
        lengths: Terms of each passage per channel; shape (passages, channels).
    """

    keys: Sequence[str]
    key: Numbers
    passage: Numbers
    count: Numbers
    lengths: Numbers


def count(passages: Iterable[Mapping[Channel, Sequence[str]]]) -> Block:
    """Count the terms of passages, given per channel."""
    numbers: dict[str, int] = {}
    key, passage, counts, lengths = (array("I") for _ in range(4))
    for ordinal, channels in enumerate(passages):
        lengths.extend(len(channels.get(channel, ())) for channel in CHANNELS)
        for channel, terms in channels.items():
            frequencies: dict[str, int] = {}
            for term in terms:
                frequencies[term] = frequencies.get(term, 0) + 1
            letter = channel.value
            key.extend([numbers.setdefault(letter + term, len(numbers)) for term in frequencies])
            passage.extend([ordinal] * len(frequencies))
            counts.extend(frequencies.values())
    shape = (-1, len(CHANNELS))
    one, two, three, four = (np.array(values, np.uint32) for values in (key, passage, counts, lengths))
    return Block(list(numbers), one, two, three, four.reshape(shape))


class Writer:
    """Takes blocks in the order of their passages and writes the files of postings.

    Args:
        folder: Existing; runs lie in it until `finish`.
        memory_mb: What may be held besides the vocabulary, > 0.
    """

    def __init__(self, folder: Path, *, memory_mb: float = _DEFAULT_MEMORY_MB) -> None:
        self._folder = folder
        self._most = max(1, int(memory_mb * 2**20 / _BYTES))
        self._numbers: dict[str, int] = {}
        self._pending: list[tuple[Numbers, Numbers]] = []
        self._held = 0
        self._excess: list[tuple[Numbers, Numbers, Numbers]] = []
        self._lengths: list[Numbers] = []
        self._size = 0
        self._runs: list[Path] = []

    def add(self, block: Block) -> None:
        """Take the passages of a block after all that came before."""
        known = self._numbers
        names = np.fromiter(
            (known.setdefault(key, len(known)) for key in block.keys), np.uint32, len(block.keys)
        )
        first = self._size
        self._size += len(block.lengths)
        if self._size > MOST_PASSAGES:
            raise IndexUnavailable(f"more than {MOST_PASSAGES} passages; split the reports between homes")
        self._lengths.append(block.lengths)
        self._take(names[block.key], block.passage + np.uint32(first), block.count)

    def _take(self, numbers: Numbers, passages: Numbers, counts: Numbers) -> None:
        many = counts >= MANY
        if many.any():
            self._excess.append((numbers[many], passages[many], counts[many]))
        packed = passages << np.uint32(COUNT_BITS) | np.minimum(counts, np.uint32(MANY))
        self._pending.append((numbers, packed))
        self._held += len(numbers)
        if self._held >= self._most:
            self._spill()

    def _spill(self) -> None:
        """Put what is held on disk."""
        with tempfile.NamedTemporaryFile(
            dir=self._folder, prefix="run-", suffix=".npy", delete=False
        ) as file:
            self._runs.append(Path(file.name))
            np.save(file, np.stack([np.concatenate(part) for part in zip(*self._pending, strict=True)]))
        self._pending, self._held = [], 0

    def finish(self) -> None:
        """Write the files and remove the runs."""
        if self._held:
            self._spill()
        rows = self._write_vocabulary()
        lengths = np.concatenate([np.empty((0, len(CHANNELS)), np.uint32), *self._lengths]).T
        small = np.uint16 if lengths.size == 0 or lengths.max() < 2**16 else np.uint32
        np.save(self._folder / "lengths.npy", np.ascontiguousarray(lengths, small))
        np.save(self._folder / "totals.npy", lengths.sum(axis=1, dtype=np.uint64))
        df = np.zeros(len(rows), np.int64)
        for run in self._runs:
            df += np.bincount(rows[_opened(run)[0]], minlength=len(rows))
        offsets = np.concatenate(([0], np.cumsum(df)))
        np.save(self._folder / "offsets.npy", offsets.astype(np.uint64))
        self._place(rows, offsets)
        self._write_excess(rows, offsets)
        self._write_bounds(offsets, lengths)

    def _write_vocabulary(self) -> npt.NDArray[np.int64]:
        """Write the trie and return each key's row in it."""
        vocabulary = marisa_trie.Trie(sorted(self._numbers))
        vocabulary.save(str(self._folder / "vocabulary.marisa"))
        return np.fromiter((vocabulary[key] for key in self._numbers), np.int64, len(self._numbers))

    def _place(self, rows: npt.NDArray[np.int64], offsets: npt.NDArray[np.int64]) -> None:
        """Put every run's postings where they belong: passages of a later run stand after an earlier's."""
        total = int(offsets[-1])
        path = self._folder / "postings.npy"
        if not total:
            np.save(path, np.empty(0, np.uint32))
            return
        out = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint32, shape=(total,))
        _reserve(path)
        following = offsets[:-1].copy()
        for run in self._runs:
            numbers, packed = _opened(run)
            both = rows[numbers].astype(np.uint64) << np.uint64(32) | packed
            both.sort()
            mine = (both >> np.uint64(32)).astype(np.int64)
            first = np.flatnonzero(np.diff(mine, prepend=-1))
            here = np.diff(first, append=len(mine))
            shift = following[mine[first]] - first
            out[np.arange(len(mine)) + np.repeat(shift, here)] = both.astype(np.uint32)
            following[mine[first]] += here
            run.unlink()
        out.flush()

    def _write_excess(self, rows: npt.NDArray[np.int64], offsets: npt.NDArray[np.int64]) -> None:
        """Write the counts that do not fit a posting, each with the posting's place."""
        places, counts = [], []
        packed = np.load(self._folder / "postings.npy", mmap_mode="r", allow_pickle=False)
        for numbers, passages, more in self._excess:
            triples = zip(rows[numbers].tolist(), passages.tolist(), more.tolist(), strict=True)
            for row, passage, times in triples:
                start, end = offsets[row : row + 2].tolist()
                places.append(start + int(packed[start:end].searchsorted(np.uint32(passage << COUNT_BITS))))
                counts.append(times)
        both = np.array((places, counts), np.uint64)
        np.save(self._folder / "excess.npy", both[:, both[0].argsort()])

    def _write_bounds(self, offsets: npt.NDArray[np.int64], lengths: Numbers) -> None:
        """Write of each key how short the passages are that have it once, a few times, more often."""
        bounds = np.full((len(offsets) - 1, 4), NEVER, np.uint32)
        bounds[:, 3] = 0
        packed = np.load(self._folder / "postings.npy", mmap_mode="r", allow_pickle=False)
        excess = np.load(self._folder / "excess.npy", allow_pickle=False)
        channels = self._channels()
        for first, end in _shares(offsets):
            start, stop = int(offsets[first]), int(offsets[end])
            part = np.asarray(packed[start:stop])
            counts = part & np.uint32(MANY)
            inside = slice(*excess[0].searchsorted(np.array((start, stop), np.uint64)).tolist())
            counts[excess[0][inside].astype(np.int64) - start] = excess[1][inside]
            df = np.diff(offsets[first : end + 1])
            length = lengths[np.repeat(channels[first:end], df), part >> np.uint32(COUNT_BITS)]
            at = offsets[first:end] - start
            for column, low, high in ((0, 1, 1), (1, 2, FEW), (2, FEW + 1, NEVER)):
                chosen = np.where((counts >= low) & (counts <= high), length, np.uint32(NEVER))
                bounds[first:end, column] = np.minimum.reduceat(chosen, at)
            bounds[first:end, 3] = np.maximum.reduceat(counts, at)
        np.save(self._folder / "bounds.npy", bounds)

    def _channels(self) -> npt.NDArray[np.int64]:
        """Return the channel of each row of the vocabulary, by its place in CHANNELS."""
        vocabulary = marisa_trie.Trie()
        vocabulary.load(str(self._folder / "vocabulary.marisa"))
        letters = {channel.value: place for place, channel in enumerate(CHANNELS)}
        channels = np.empty(len(vocabulary), np.int64)
        for key, row in vocabulary.iteritems():
            channels[row] = letters[key[0]]
        return channels


def write(
    folder: Path,
    passages: Iterable[Mapping[Channel, Sequence[str]]],
    *,
    memory_mb: float = _DEFAULT_MEMORY_MB,
) -> None:
    """Write the postings of passages, given as their terms per channel, into an existing folder."""
    writer = Writer(folder, memory_mb=memory_mb)
    batch: list[Mapping[Channel, Sequence[str]]] = []
    for passage in passages:
        batch.append(passage)
        if len(batch) == 1000:
            writer.add(count(batch))
            batch = []
    writer.add(count(batch))
    writer.finish()


def _reserve(path: Path) -> None:
    """Take the room of a file that will be written through a map: when there is none, that kills the process.

    Raises:
        OSError: There is none.
    """
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def _opened(run: Path) -> npt.NDArray[np.uint32]:
    opened: npt.NDArray[np.uint32] = np.load(run, mmap_mode="r", allow_pickle=False)
    return opened


def _shares(offsets: npt.NDArray[np.int64]) -> Iterable[tuple[int, int]]:
    """Yield ranges of rows that have some millions of postings together."""
    if len(offsets) < 2:
        return ()
    targets = np.arange(0, int(offsets[-1]), _SHARES)
    edges = np.unique(np.concatenate((offsets.searchsorted(targets, "right") - 1, [len(offsets) - 1])))
    return pairwise(edges.tolist())

"""Blocks of postings → the files of postings, in bounded memory.

What does not fit into memory goes to disk in runs, which are merged when all has come. The files depend on
what is in them only, not on the runs.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from bot.domain import Channel
from bot.errors import IndexUnavailable
from bot.index import merging, vocabulary
from bot.index.blocks import Block, Counter
from bot.index.packed import MOST_PASSAGES, Numbers, narrow
from bot.index.vocabulary import CHANNELS

DEFAULT_MEMORY_MB = 512
# Of memory for one term of a passage while its block is counted.
BYTES_PER_TERM = 48
RUNS = "runs"
# What takes long to be summed and to reach the disk.
LARGE = ("postings.npy", "common.npy", "keys.npy", "bounds.npy", "offsets.npy")


class Writer:
    """Takes blocks in the order of their passages and writes the files of postings.

    Args:
        folder: Existing; runs lie in a folder of it until `finish`.
        memory_mb: What may be held besides the words, > 0.
    """

    def __init__(self, folder: Path, *, memory_mb: float = DEFAULT_MEMORY_MB) -> None:
        self._folder = folder
        self._memory_mb = memory_mb
        self._runs: list[merging.Run] = []
        self._in_memory = 0
        self._terms: dict[int, str] = {}
        self._lengths: list[Numbers] = []
        self._size = 0

    def add(self, block: Block | merging.Stored) -> None:
        """Take the passages of a block after all that came before."""
        vocabulary.remember(self._terms, block.terms)
        first = self._size
        self._size += block.lengths.shape[1]
        if self._size > MOST_PASSAGES:
            raise IndexUnavailable(f"more than {MOST_PASSAGES} passages; split the reports between homes")
        self._lengths.append(block.lengths)
        self._runs.append(merging.Run(self._kept(block) if isinstance(block, Block) else block, first))

    def _kept(self, block: Block) -> Block | merging.Stored:
        """Return a block, on disk when there are too many to be held."""
        self._in_memory += len(block.packed)
        if self._in_memory * BYTES_PER_TERM <= self._memory_mb * 2**20:
            return block
        self._in_memory -= len(block.packed)
        (self._folder / RUNS).mkdir(exist_ok=True)
        return merging.store(self._folder / RUNS / f"own-{len(self._runs)}", block)

    def finish(self) -> None:
        """Write the files and remove the runs."""
        lengths = np.concatenate([np.empty((len(CHANNELS), 0), np.uint32), *self._lengths], axis=1)
        write_lengths(self._folder, lengths)
        merging.merge(self._folder, self._runs, lengths, memory_mb=self._memory_mb)
        vocabulary.write_terms(self._folder, self._terms)
        self._runs.clear()
        shutil.rmtree(self._folder / RUNS, ignore_errors=True)


def write_lengths(folder: Path, lengths: Numbers) -> None:
    """Write how many terms each passage has per channel, and their sums."""
    np.save(folder / "lengths.npy", np.ascontiguousarray(lengths, narrow(int(lengths.max(initial=0)))))
    np.save(folder / "totals.npy", lengths.sum(axis=1, dtype=np.uint64))


def write(
    folder: Path,
    passages: Iterable[Mapping[Channel, Sequence[str]]],
    *,
    memory_mb: float = DEFAULT_MEMORY_MB,
) -> None:
    """Write the postings of passages, given as their terms per channel, into an existing folder."""
    writer = Writer(folder, memory_mb=memory_mb)
    counter = Counter()
    most = memory_mb * 2**20 / BYTES_PER_TERM / 2
    batch: list[Mapping[Channel, Sequence[str]]] = []
    held = 0
    for passage in passages:
        batch.append(passage)
        held += sum(map(len, passage.values()))
        if held >= most:
            writer.add(counter.of_terms(batch))
            batch, held = [], 0
    writer.add(counter.of_terms(batch))
    writer.finish()

"""Blocks of postings on disk → the files of an index, a range of keys at a time.

A block lies on disk as a run. Keys rise in all runs, so that runs are merged from their beginnings to their
ends; what is held in memory is a range of them, whatever the size of the index.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.cores import cores
from bot.distinct import distinct
from bot.index import common
from bot.index.arrays import Appended, mapped, read
from bot.index.blocks import Block
from bot.index.common import Parted
from bot.index.packed import COUNT_BITS, MANY, Numbers, Places, narrow
from bot.index.postings import FEW, NEVER
from bot.index.threads import in_order
from bot.index.vocabulary import CHANNEL_BIT, CHANNELS, Keys, channels_of

# Of memory for one posting while its range is merged.
_BYTES = 48
# Postings that are put in order at once.
_PART = 2**17
_ARRAYS = ("keys", "df", "packed", "excess")


Arrays = tuple[Keys, Numbers, Numbers, npt.NDArray[np.uint64]]


@dataclass(frozen=True, slots=True)
class Stored:
    """A block on disk.

    Attributes:
        path: What the names of its files begin like.
        lengths, terms: See Block.
    """

    path: Path
    lengths: Numbers
    terms: Mapping[int, str]

    def arrays(self) -> Arrays:
        """Map keys, df, packed and excess anew, so that what was read of them does not stay in memory."""
        keys, df, packed, excess = (mapped(_file(self.path, name)) for name in _ARRAYS)
        return keys, df, packed, excess

    def between(self, first: int, end: int, start: int, stop: int) -> tuple[Keys, Numbers, Numbers]:
        """Read keys and df from `first` to `end`, and packed from `start` to `stop`."""
        keys = read(_file(self.path, "keys"), np.uint64, first, end)
        df, packed = (
            read(_file(self.path, name), np.uint32, *edges)
            for name, edges in (("df", (first, end)), ("packed", (start, stop)))
        )
        return keys, df, packed


@dataclass(frozen=True, slots=True)
class Run:
    """A block and the number that its first passage has in the index."""

    block: Block | Stored
    first: int


def store(path: Path, block: Block) -> Stored:
    """Write the postings of a block to files whose names begin like `path`."""
    for name, array in zip(_ARRAYS, block.arrays(), strict=True):
        np.save(_file(path, name), np.asarray(array))
    return Stored(path, block.lengths, block.terms)


def _file(path: Path, name: str) -> Path:
    return path.with_name(f"{path.name}.{name}.npy")


def merge(folder: Path, runs: Sequence[Run], lengths: Numbers, *, memory_mb: float) -> None:
    """Write keys, offsets, postings, excess and bounds.

    Args:
        folder: Where to.
        runs: In the order of their passages.
        lengths: Terms per channel and passage; shape (channels, passages).
        memory_mb: What may be held, > 0; a term that has more postings than that holds is held all the same.
    """
    edges = _edges(runs, max(1, int(memory_mb * 2**20 / _BYTES / cores())))
    cuts = [_Cut.of(run, edges) for run in runs]

    def rows(number: int) -> Rows | None:
        part = [one for one in (cut.range(number) for cut in cuts) if len(one.keys)]
        if not part:
            return None
        merged = _merged(part)
        channel = int(channels_of(merged.keys[:1])[0])
        bounds = bounds_of(merged.df, merged.packed, merged.excess, lengths[channel])
        parted = common.parted(merged.df, [merged.packed], lengths.shape[1])
        return Rows(merged.keys, merged.df, parted, stored_bounds(bounds), merged.excess)

    with files(folder, lengths) as append:
        for merged in in_order(rows, range(len(edges))):
            if merged:
                append(merged)


@dataclass(frozen=True, slots=True)
class Rows:
    """A range of rows of an index.

    Attributes:
        keys: Rising, none twice.
        df: Of each key, > 0.
        parted: Postings, of those keys that are common and of the others.
        bounds: Of each key, as on disk; see `stored_bounds`.
        excess: Places among all postings and counts of those that have MANY or more.
    """

    keys: Keys
    df: Places
    parted: Parted
    bounds: Numbers
    excess: npt.NDArray[np.uint64]


@contextmanager
def files(folder: Path, lengths: Numbers) -> Iterator[Callable[[Rows], None]]:
    """Give what writes the files of postings, a range of rows after the other.

    Args:
        folder: Where to.
        lengths: Terms per channel and passage; shape (channels, passages).
    """
    dfs: list[Numbers] = [np.empty(0, np.uint32)]
    excess: list[npt.NDArray[np.uint64]] = [np.empty((2, 0), np.uint64)]
    rows_done = done = 0
    with (
        Appended(folder / "keys.npy", np.uint64) as keys,
        Appended(folder / "postings.npy", np.uint32) as rare,
        common.Writer(folder, lengths.shape[1]) as halved,
        Appended(folder / "bounds.npy", narrow(int(lengths.max(initial=0))), columns=4) as bounds,
    ):

        def append(rows: Rows) -> None:
            nonlocal rows_done, done
            keys.append(rows.keys)
            rare.append(*rows.parted.rare)
            halved.add(rows.parted, rows_done)
            bounds.append(rows.bounds)
            dfs.append(rows.df.astype(np.uint32))
            excess.append(np.stack((rows.excess[0] + np.uint64(done), rows.excess[1])))
            rows_done += len(rows.keys)
            done += int(rows.df.sum())

        yield append
    df = np.concatenate(dfs)
    offsets = np.zeros(len(df) + 1, narrow(done))
    np.cumsum(df, out=offsets[1:], dtype=offsets.dtype)
    with Appended(folder / "offsets.npy", offsets.dtype) as file:
        file.append(offsets)
    np.save(folder / "excess.npy", np.concatenate(excess, axis=1))


def bounds_of(df: Places, packed: Numbers, excess: npt.NDArray[np.uint64], lengths: Numbers) -> Numbers:
    """Return of each term how short the passages are that have it once, a few times, often; and the most.

    Args:
        df: Of each term, > 0.
        packed: Postings, those of a term together.
        excess: Places among them and counts of those that have MANY or more.
        lengths: Of each passage in the terms' channel.
    """
    counts = packed & np.uint32(MANY)
    counts[excess[0].astype(np.int64)] = excess[1]
    length = lengths[packed >> np.uint32(COUNT_BITS)]
    bounds = np.full((len(df), 4), NEVER, np.uint32)
    starts = np.cumsum(df) - df
    bounds[:, 0] = np.minimum.reduceat(np.where(counts == 1, length, np.uint32(NEVER)), starts)
    bounds[:, 3] = 1
    often = np.flatnonzero(counts > 1)  # seldom: most terms stand once in a passage
    term, counts, length = starts.searchsorted(often, "right") - 1, counts[often], length[often]
    for column, chosen, values, best in (
        (1, counts <= FEW, length, np.minimum),
        (2, counts > FEW, length, np.minimum),
        (3, counts > 1, counts, np.maximum),
    ):
        of = term[chosen]
        if len(of):
            first = np.flatnonzero(np.diff(of, prepend=-1))
            bounds[of[first], column] = best.reduceat(values[chosen], first)
    return bounds


def stored_bounds(bounds: Numbers) -> Numbers:
    """Return bounds as they are on disk, where 0 stands for the length of none."""
    return np.where(bounds == NEVER, np.uint32(0), bounds)


@dataclass(frozen=True, slots=True)
class _Range:
    """Postings of a range of keys of one channel, of one run or of all merged; passages as in the index."""

    keys: Keys
    df: Places
    packed: Numbers
    excess: npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class _Cut:
    """A run, cut into ranges of keys.

    Attributes:
        run: Which.
        keys: Of each range the place of its first key among those of the run, and their number.
        postings: The same of postings.
        excess: Of the run.
    """

    run: Run
    keys: Sequence[int]
    postings: Sequence[int]
    excess: npt.NDArray[np.uint64]

    @classmethod
    def of(cls, run: Run, edges: Sequence[int]) -> "_Cut":
        """Cut a run before each edge; the last one ends all."""
        keys, df, _, excess = run.block.arrays()
        places = [0, *keys.searchsorted(np.array(edges[:-1], np.uint64)).tolist(), len(keys)]
        starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(df, dtype=np.int64)))
        return cls(run, places, starts[places].tolist(), np.array(excess))

    def range(self, number: int) -> _Range:
        """Return a range, read from the disk if the run lies there."""
        first, end = self.keys[number : number + 2]
        start, stop = self.postings[number : number + 2]
        keys, df, packed = self.run.block.between(first, end, start, stop)
        inside = slice(*self.excess[0].searchsorted(np.array((start, stop), np.uint64)).tolist())
        excess = np.stack((self.excess[0][inside] - np.uint64(start), self.excess[1][inside]))
        return _Range(keys, df.astype(np.int64), packed + np.uint32(self.run.first << COUNT_BITS), excess)


def _edges(runs: Sequence[Run], most: int) -> list[int]:
    """Return the ends of ranges of keys that have at most about `most` postings; none spans two channels."""
    step = max(1, most // max(1, 2 * len(runs)))
    samples = []
    for run in runs:
        keys, df, packed, _ = run.block.arrays()
        steps = np.arange(step, len(packed), step)
        samples.append(keys[distinct(np.cumsum(df, dtype=np.int64).searchsorted(steps))])
    candidates = np.sort(np.concatenate([np.empty(0, np.uint64), *samples]))
    chosen = candidates[:: max(1, most // (2 * step))].tolist() if len(candidates) else []
    channels = [number << CHANNEL_BIT for number in range(1, len(CHANNELS) + 1)]
    return sorted({*chosen, *channels})


def _merged(part: Sequence[_Range]) -> _Range:
    """Return the ranges of all runs as one, each key's postings in the order of the runs."""
    if len(part) == 1:
        return part[0]
    keys = np.concatenate([one.keys for one in part])
    order = keys.argsort(kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    df = np.concatenate([one.df for one in part])
    sources = np.cumsum(df) - df
    df = df[order]
    targets = np.cumsum(df) - df
    packed = _gathered(np.concatenate([one.packed for one in part]), sources[order], df)
    excess = _moved_excess(part, sources, targets, order)
    return _Range(keys[first], np.add.reduceat(df, first), packed, excess)


def _gathered(packed: Numbers, starts: Places, sizes: Places) -> Numbers:
    """Return stretches of postings, one after the other: where each begins, and how many they are.

    A part at a time: to find places for all of them at once takes six times the memory of the postings, which
    the system has to give anew for each range: half of the time.
    """
    gathered = np.empty_like(packed)
    ends = np.cumsum(sizes)
    shifts = starts - (ends - sizes)
    done = 0
    for first, end in pairwise(_steps(ends)):
        stop = int(ends[end - 1])
        places = np.arange(done, stop)
        places += np.repeat(shifts[first:end], sizes[first:end])
        packed.take(places, out=gathered[done:stop], mode="clip")
        done = stop
    return gathered


def _steps(ends: Places) -> list[int]:
    """Return places among some that end at `ends`, 0 and their number as well: about `_PART` between two."""
    steps = np.arange(_PART, int(ends[-1]), _PART)
    places: list[int] = distinct(np.concatenate(([0], ends.searchsorted(steps), [len(ends)]))).tolist()
    return places


def _moved_excess(
    part: Sequence[_Range], sources: Places, targets: Places, order: Places
) -> npt.NDArray[np.uint64]:
    """Return the places of high counts after the merge.

    Args:
        part: What is merged.
        sources: Where the postings of each key begin in all of it, one after the other.
        targets: Where those of each begin after the merge.
        order: Of each of these keys its place among those of `sources`.
    """
    before = [0, *np.cumsum([len(one.packed) for one in part]).tolist()]
    old = np.concatenate(
        [one.excess[0].astype(np.int64) + start for one, start in zip(part, before, strict=False)]
    )
    if not len(old):  # as nearly always: who has a term 16 times in a passage?
        return np.empty((2, 0), np.uint64)
    moved = np.empty_like(sources)
    moved[order] = targets - sources[order]
    new = old + moved[sources.searchsorted(old, "right") - 1]
    counts = np.concatenate([one.excess[1] for one in part])
    order = new.argsort()
    return np.stack((new[order].astype(np.uint64), counts[order]))

"""A generation and the corpus as it is now → the files of the next generation, in little work.

What a file gave is taken over as long as its bytes are the same, also under another name. The result is what
a build from the beginning would write, byte for byte.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bot.index import added, builder, names, patching, records, vocabulary, writing
from bot.index.builder import Advance, Means
from bot.index.building import Building
from bot.index.checksums import Known
from bot.index.packed import GONE, Numbers
from bot.index.pieces import Corpus, Piece, Read
from bot.index.postings import Postings
from bot.index.records import Part, Records, Told
from bot.reports.manifest import Changes, Entry, Manifest, Skipped
from bot.reports.passages import ID_CHARS

_Lines = Sequence[tuple[str, str, str, int]]
# Of the bytes of the corpus; when more is new, a build from the beginning costs less.
_MOST_NEW = 0.25


class Kept(NamedTuple):
    """A file whose reports are taken over.

    Attributes:
        before: As it was.
        reports: Numbers of its reports in the old generation; empty when it gave none.
        passages: Numbers of its passages there.
    """

    before: Entry
    reports: range
    passages: range


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of the files of the corpus, in their order.

    Attributes:
        files: Each with what is taken over for it, or None when it has to be read.
        new: Those that have to be read.
    """

    files: Sequence[tuple[Entry, Kept | None]]
    new: tuple[Entry, ...]

    @property
    def pays(self) -> bool:
        """Tell whether taking over is less work than building from the beginning."""
        return sum(entry.size for entry in self.new) <= _MOST_NEW * sum(entry.size for entry, _ in self.files)


class Basis:
    """The generation that is taken over from.

    Attributes:
        folder: Where it lies.
        postings, records: As they are opened.
        known: Its manifest.
        report_lines: See Records; those of all reports.
        firsts: Of each report its first passage, and the number of all.
    """

    def __init__(self, folder: Path, sums: Known, known: Manifest) -> None:
        """Open a generation.

        Args:
            folder: Of the generation.
            sums: Of the files that were not read for damage yet, COPIED: what is copied of them is compared.
            known: Its manifest.
        """
        self.folder = folder
        self.postings = Postings(folder, sums)
        self.records = Records(folder, sums)
        self.known = known
        self.report_lines: _Lines = list(self.records.report_lines)
        self.firsts: Sequence[int] = self.records.firsts.tolist()


def plan(basis: Basis, now: Manifest, changes: Changes) -> Plan:
    """Find out which files can be taken over from a generation.

    Args:
        basis: The generation.
        now: The corpus.
        changes: From the one to the other.
    """
    lines = basis.report_lines
    there = _kept_files(lines, basis.firsts, basis.known)
    names = {new: former for former, new in changes.renamed}
    changed = {*changes.changed, *changes.added}
    files = []
    for entry in now.entries:
        kept = there.get(names.get(entry.source, entry.source))
        if kept and (entry.source in changed or not _same_however_named(lines, kept, entry)):
            kept = None
        files.append((entry, kept))
    return Plan(files, tuple(entry for entry, kept in files if kept is None))


def _kept_files(lines: _Lines, firsts: Sequence[int], known: Manifest) -> dict[str, Kept]:
    # The reports of a file stand together.
    first: dict[str, int] = {}
    end: dict[str, int] = {}
    for number, (_, _, source, _) in enumerate(lines, start=1):
        first.setdefault(source, number - 1)
        end[source] = number
    found = {}
    for entry in known.entries:
        own = range(first.get(entry.source, 0), end.get(entry.source, 0))
        passages = range(firsts[own.start], firsts[own.stop]) if own else range(0)
        found[entry.source] = Kept(entry, own, passages)
    return found


def _same_however_named(lines: _Lines, kept: Kept, entry: Entry) -> bool:
    """Tell whether the file's name plays no part in what it gave, or is the same."""
    if kept.before.source == entry.source:
        return True
    before, after = PurePosixPath(kept.before.source), PurePosixPath(entry.source)
    if before.name == after.name:
        return True
    titles = {lines[number][1] for number in kept.reports}
    return before.suffix.lower() == after.suffix.lower() and before.stem not in titles


@dataclass(frozen=True, slots=True)
class Done:
    """What an update did.

    Attributes:
        counts: Of passages, sections and reports.
        read: As a build from the beginning gives it, but what was left out of files that were read only.
        compiled: Whether any of the lexicon had to be compiled.
    """

    counts: Mapping[str, int]
    read: Read
    compiled: bool


def update(
    basis: Basis,
    planned: Plan,
    corpus: Corpus,
    means: Means,
    building: Building,
    *,
    same_names: bool,
    advance: Advance,
) -> Done:
    """Write the files of a generation; the large ones are on their way to the disk while others are made.

    Args:
        basis: See `plan`.
        planned: By `plan`.
        corpus: How files are read.
        means: What to work with.
        building: Its folder is empty.
        same_names: Whether synonyms and glossary are those of the old generation.
        advance: Told the passages of files that are read, and how many there will be.

    Raises:
        IndexDamaged: What was to be copied is not what was written.
    """
    if not same_names:
        means.sources.check()
    folder, coming = building.folder, Future[_Fresh]()
    # One core copies records while another one reads and patches.
    with ThreadPoolExecutor(1) as aside:
        counted = aside.submit(_write_records, building, planned, basis, coming)
        try:
            made = list(builder.made(planned.new, corpus, means, folder, advance))
            fresh = _Fresh(made)
            coming.set_result(fresh)
        finally:
            coming.cancel()
        places = _Places.of(planned, fresh, basis.postings.size)
        _write_postings(folder, basis.postings, made, places)
        building.finish(*writing.LARGE)
        builder.remove_runs(folder)
        compiled = names.write(folder, means.sources, old=basis.folder if same_names else None)
        counts = counted.result()
    return Done(counts, _read(planned, basis.known, made), compiled)


class _Fresh:
    """The records of files that were read, one after the other."""

    def __init__(self, made: Sequence[Piece]) -> None:
        self.lines = b"".join(piece.part.lines for piece in made)
        self.sizes = np.concatenate([np.empty(0, np.uint32), *(piece.part.sizes for piece in made)])
        self._starts = np.concatenate(([0], np.cumsum(self.sizes, dtype=np.int64)))
        self._ids = [piece.part.ids for piece in made if len(piece)]
        self.reports: dict[str, list[Told]] = {}
        for report in records.joined(report for piece in made for report in piece.part.reports):
            self.reports.setdefault(report.source, []).append(report)

    def count(self, source: str) -> int:
        """Return how many passages a file gave."""
        return sum(report.passages for report in self.reports.get(source, ()))

    def part(self, first: int, source: str) -> Part:
        """Return the records of a file whose first passage is the `first` of all."""
        end = first + self.count(source)
        ids = np.concatenate([np.empty((0, ID_CHARS), np.uint8), *self._ids])[first:end]
        lines = self.lines[self._starts[first] : self._starts[end]]
        return Part(lines, self.sizes[first:end], ids, self.reports.get(source, []))


@dataclass(frozen=True, slots=True)
class _Places:
    """Where passages stand in the new generation.

    Attributes:
        stay: Of each passage of the old one its number, rising but for those that are GONE.
        moved: Of each passage of the old one that stood elsewhere among the others its number, or GONE.
        fresh: Of each passage of files that were read its number; rising.
        size: Of the new generation.
    """

    stay: Numbers
    moved: Numbers
    fresh: Numbers
    size: int

    @classmethod
    def of(cls, planned: Plan, fresh: _Fresh, old_size: int) -> "_Places":
        """Number the passages of all files in their order."""
        counts = [len(kept.passages) if kept else fresh.count(entry.source) for entry, kept in planned.files]
        ends = np.cumsum(np.array([0, *counts]))
        old_firsts = np.array([kept.passages.start if kept else -1 for _, kept in planned.files], np.int64)
        filled = np.diff(ends) > 0
        firsts, sizes, old_firsts = ends[:-1][filled], np.diff(ends)[filled], old_firsts[filled]
        here = old_firsts >= 0
        in_place = np.zeros(len(firsts), np.bool_)
        in_place[np.flatnonzero(here)[_longest_rising(old_firsts[here])]] = True
        stay, moved = np.full(old_size, GONE, np.uint32), np.full(old_size, GONE, np.uint32)
        for numbers, chosen in ((stay, in_place), (moved, here & ~in_place)):
            numbers[_counted(old_firsts[chosen], sizes[chosen])] = _counted(firsts[chosen], sizes[chosen])
        new = _counted(firsts[~here], sizes[~here]).astype(np.uint32)
        return cls(stay, moved, new, int(ends[-1]))


def _counted(firsts: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the numbers of stretches, each from a first one on, one stretch after the other."""
    counted: npt.NDArray[np.int64] = np.arange(int(sizes.sum()))
    counted += np.repeat(firsts - (np.cumsum(sizes) - sizes), sizes)
    return counted


def _longest_rising(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the places of the most of some different numbers that rise as they are given."""
    if (np.diff(numbers) > 0).all():  # as nearly always: files keep their order
        return np.arange(len(numbers))
    ends: list[int] = []
    best: list[int] = []  # of each length the place of the least last number
    before: list[int] = []
    for place, number in enumerate(numbers.tolist()):
        at = bisect_left(ends, number)
        before.append(best[at - 1] if at else -1)
        ends[at : at + 1], best[at : at + 1] = [number], [place]
    found = []
    place = best[-1]
    while place >= 0:
        found.append(place)
        place = before[place]
    return np.array(found[::-1])


def _write_postings(folder: Path, old: Postings, made: Sequence[Piece], places: _Places) -> None:
    lengths = np.zeros((len(old.all_lengths), places.size), np.uint32)
    for numbers in (places.stay, places.moved):
        here = np.flatnonzero(numbers != GONE)
        lengths[:, numbers[here]] = old.all_lengths[:, here]
    more = []
    terms: dict[int, str] = {}
    done = 0
    for piece in made:
        own = places.fresh[done : done + len(piece)]
        done += len(piece)
        lengths[:, own] = piece.block.lengths
        more.append(added.of_block(piece.block, own))
        vocabulary.remember(terms, piece.block.terms)
    if (places.moved != GONE).any():
        more.append(added.of_moved(old, places.moved))
    writing.write_lengths(folder, lengths)
    patching.patch(folder, old, places.stay, added.added(more), lengths)
    vocabulary.write_terms_after(folder, old.vocabulary, terms)


def _write_records(
    building: Building, planned: Plan, basis: Basis, coming: "Future[_Fresh]"
) -> Mapping[str, int]:
    with records.Writer(building.folder) as lines:
        for part in _parts(planned, basis, coming):
            lines.add(part)
        counts = lines.finish(number=True)
    building.finish("passages.jsonl")
    return counts


def _parts(planned: Plan, basis: Basis, coming: "Future[_Fresh]") -> Iterator[Part]:
    """Yield the records of all files; neighbours that are taken over go together."""
    waiting: list[tuple[Entry, Kept]] = []
    done = 0
    for entry, kept in planned.files:
        if kept and not len(kept.passages):
            continue
        if waiting and not (kept and kept.passages.start == waiting[-1][1].passages.stop):
            yield _part(waiting, basis)
            waiting = []
        if kept:
            waiting.append((entry, kept))
        else:
            fresh = coming.result()
            yield fresh.part(done, entry.source)
            done += fresh.count(entry.source)
    if waiting:
        yield _part(waiting, basis)


def _part(files: Sequence[tuple[Entry, Kept]], basis: Basis) -> Part:
    """Return the records of files that stood together; their reports get the names of the files now."""
    first, end = files[0][1].passages.start, files[-1][1].passages.stop
    sizes = np.diff(basis.records.lines.starts[first : end + 1].astype(np.int64)).astype(np.uint32)
    reports = []
    for entry, kept in files:
        for number in kept.reports:
            report_id, title, _, sections = basis.report_lines[number]
            # After the id of its file a report of a compilation has its number.
            report_id = entry.report_id + report_id[len(kept.before.report_id) :]
            count = basis.firsts[number + 1] - basis.firsts[number]
            reports.append(Told(report_id, title, entry.source, count, sections))
    ids = basis.records.ids[first:end, :ID_CHARS]
    return Part(basis.records.lines.raw(first, end), sizes, ids, reports)


def _read(planned: Plan, known: Manifest, made: Sequence[Piece]) -> Read:
    """Return what reading all files would have given."""
    read = builder.all_read([piece.read for piece in made])
    by_source = {entry.source: entry for entry in read.entries}
    entries = [entry if kept else by_source.get(entry.source) for entry, kept in planned.files]
    reasons = {skipped.source: skipped.reason for skipped in known.skipped}
    skipped = [
        Skipped(entry.source, reasons[kept.before.source])
        for entry, kept in planned.files
        if kept and not kept.reports and kept.before.source in reasons
    ]
    return replace(
        read,
        entries=tuple(entry for entry in entries if entry),
        skipped=(*read.skipped, *skipped),
    )

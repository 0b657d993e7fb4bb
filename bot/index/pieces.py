"""Report files or passages → pieces of an index: postings and records of passages that stand together.

A piece is made in this process or in another one, which leaves it on disk.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bot.analysis.analyzer import Analyzer
from bot.analysis.bulk import BulkAnalyzer
from bot.domain import Omission, Passage, Span
from bot.index import merging, records
from bot.index.blocks import Block, Counter
from bot.reports.library import LeftOut, ReadFile, read_file
from bot.reports.manifest import Entry, Skipped
from bot.reports.passages import of_report


@dataclass(frozen=True, slots=True)
class Corpus:
    """Where reports lie and how they are read.

    Attributes:
        folder: Of the reports.
        home: What sources are relative to.
        max_bytes: Larger files are skipped.
        max_chars: Of a passage.
    """

    folder: Path
    home: Path
    max_bytes: int
    max_chars: int


@dataclass(frozen=True, slots=True)
class Read:
    """What reading files gave besides reports.

    Attributes:
        entries: Of the bytes that were read.
        skipped: Files that gave no report.
        left_out: Text that belongs to no section.
    """

    entries: tuple[Entry, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """Passages that stand together, of whole files or not.

    Attributes:
        block: Their postings.
        part: Their records.
        read: Of the files that end with this piece.
    """

    block: Block | merging.Stored
    part: records.Part
    read: Read

    def __len__(self) -> int:
        """Return the number of passages."""
        return len(self.part.sizes)


class Maker:
    """Makes pieces; remembers what it learnt of characters and words.

    Args:
        analyzer: The one that questions will go through.
        most_chars: Of the passages of one piece, > 0; a passage is not divided.
    """

    def __init__(self, analyzer: Analyzer, *, most_chars: int) -> None:
        self._analyzer = BulkAnalyzer(analyzer)
        self._counter = Counter()
        self._most_chars = most_chars

    def of_files(self, entries: Iterable[Entry], corpus: Corpus) -> Iterator[Piece]:
        """Read files of the corpus and yield at least one piece; the last one tells what reading gave."""
        files: list[ReadFile] = []
        shares = self._shares(_passages(entries, corpus, files))
        share = next(shares)
        for following in shares:
            yield self._piece(share, Read())
            share = following
        read = Read(
            tuple(file.entry for file in files if file.entry),
            tuple(file.skipped for file in files if file.skipped),
            tuple(left_out for file in files for left_out in file.left_out),
        )
        yield self._piece(share, read)

    def of_passages(self, passages: Iterable[Passage]) -> Iterator[Piece]:
        """Yield pieces of passages, those of a report together."""
        return (self._piece(share, Read()) for share in self._shares(passages))

    def _shares(self, passages: Iterable[Passage]) -> Iterator[list[Passage]]:
        """Yield passages in shares that are large enough, and then the rest."""
        share: list[Passage] = []
        held = 0
        for passage in passages:
            share.append(passage)
            held += len(passage.text)
            if held >= self._most_chars:
                yield share
                share, held = [], 0
        yield share

    def _piece(self, passages: Sequence[Passage], read: Read) -> Piece:
        numbers: dict[tuple[str, ...], int] = {}
        heading_of = [numbers.setdefault((p.report, *p.section), len(numbers)) for p in passages]
        headings = self._analyzer(["\n".join(dict.fromkeys(above)) for above in numbers])
        texts = self._analyzer([passage.text for passage in passages])
        block = self._counter.of_bulk(texts, headings, np.array(heading_of, np.int64))
        return Piece(block, records.part(passages), read)


def _passages(entries: Iterable[Entry], corpus: Corpus, files: list[ReadFile]) -> Iterator[Passage]:
    """Yield the passages of files; what else reading them gave comes to `files`."""
    folder = corpus.folder.resolve()
    for entry in entries:
        file = read_file(entry, folder, corpus.home, max_bytes=corpus.max_bytes)
        for report in file.reports:
            yield from of_report(report, corpus.max_chars)
        files.append(replace(file, reports=()))


def store(path: Path, piece: Piece) -> None:
    """Write a piece, made in this process, to files whose names begin like `path`."""
    if isinstance(piece.block, Block):
        merging.store(path, piece.block)
    np.save(_beside(path, "lengths.npy"), piece.block.lengths)
    np.save(_beside(path, "sizes.npy"), piece.part.sizes)
    np.save(_beside(path, "ids.npy"), piece.part.ids)
    _beside(path, "lines").write_bytes(piece.part.lines)
    told = {
        "terms": dict(piece.block.terms),
        "reports": piece.part.reports,
        "entries": piece.read.entries,
        "skipped": piece.read.skipped,
        "left_out": [asdict(one) for one in piece.read.left_out],
    }
    _beside(path, "json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")


def stored(path: Path) -> Piece:
    """Open what `store` wrote; postings are mapped, and the records' file is removed."""
    told = json.loads(_beside(path, "json").read_text("utf-8"))
    lengths, sizes, ids = (
        np.load(_beside(path, f"{name}.npy"), allow_pickle=False) for name in ("lengths", "sizes", "ids")
    )
    terms = {int(number): term for number, term in told["terms"].items()}
    lines = _beside(path, "lines")
    part = records.Part(lines.read_bytes(), sizes, ids, [records.Told(*report) for report in told["reports"]])
    lines.unlink()
    return Piece(merging.Stored(path, lengths, terms), part, _read(told))


def _read(told: Mapping[str, Any]) -> Read:
    return Read(
        tuple(Entry(*entry) for entry in told["entries"]),
        tuple(Skipped(*skipped) for skipped in told["skipped"]),
        tuple(
            LeftOut(one["source"], Omission(Span(**one["omission"]["span"]), one["omission"]["reason"]))
            for one in told["left_out"]
        ),
    )


def _beside(path: Path, name: str) -> Path:
    return path.with_name(f"{path.name}.{name}")

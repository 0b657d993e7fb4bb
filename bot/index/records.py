"""Passages and their citations on disk: a line of JSON each, found by an array of offsets.

Opening reads nothing; one passage costs one line of each of two files. Reports have a file of their own,
so that a passage does not repeat its title and path.
"""

import json
import mmap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bot.domain import Passage
from bot.errors import IndexDamaged
from bot.index.arrays import mapped

FILES = ("passages.jsonl", "passages.starts.npy", "reports.jsonl", "reports.starts.npy")


class Records:
    """Opened records of one generation; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Open what `write` made; IndexDamaged when it cannot be mapped."""
        self._passages = _Lines(folder, "passages")
        self._reports = _Lines(folder, "reports")

    def __len__(self) -> int:
        """Return the number of passages."""
        return len(self._passages)

    def passage(self, ordinal: int) -> Passage:
        """Return one passage by its number, 0..len-1."""
        passage_id, report, section, start, end, text = self._passages[ordinal]
        report_id, title, source = self._reports[report]
        return Passage(passage_id, report_id, title, tuple(section), source, start, end, text)

    def report_ids(self) -> Sequence[str]:
        """Return the ids of all reports, in order."""
        return [self._reports[i][0] for i in range(len(self._reports))]


def write(folder: Path, passages: Iterable[Passage]) -> None:
    """Write the records of passages, in their order, into an existing folder."""
    reports: dict[tuple[str, str, str], int] = {}
    with _LineWriter(folder, "passages") as lines:
        for p in passages:
            report = reports.setdefault((p.report_id, p.report, p.source), len(reports))
            lines.add([p.passage_id, report, p.section, p.start, p.end, p.text])
    with _LineWriter(folder, "reports") as lines:
        for key in reports:
            lines.add(key)


class _Lines:
    def __init__(self, folder: Path, name: str) -> None:
        try:
            self._starts = mapped(folder / f"{name}.starts.npy")
            with (folder / f"{name}.jsonl").open("rb") as file:
                size = file.seek(0, 2)
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"the {name} in {folder} cannot be opened: {error}") from error
        if self._starts.ndim != 1 or not len(self._starts) or int(self._starts[-1]) != size:
            raise IndexDamaged(f"the {name} in {folder} do not fit their offsets")

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, number: int) -> Any:  # noqa: ANN401
        return json.loads(self._bytes[int(self._starts[number]) : int(self._starts[number + 1])])


class _LineWriter:
    def __init__(self, folder: Path, name: str) -> None:
        self._file = (folder / f"{name}.jsonl").open("wb")
        self._starts_path = folder / f"{name}.starts.npy"
        self._starts = [0]

    def add(self, value: object) -> None:
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        self._starts.append(self._starts[-1] + self._file.write(line))

    def __enter__(self) -> "_LineWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        np.save(self._starts_path, np.array(self._starts, np.uint64))

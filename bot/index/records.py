"""Passages and their citations on disk: a line of JSON each, found by an array of offsets.

Opening reads nothing; one passage costs one line of each of two files. Reports have a file of their own,
so that a passage does not repeat its title and path. A passage is found by the hash of its id in a sorted
array.
"""

import json
import mmap
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from bot.domain import Listed, Passage
from bot.errors import IndexDamaged
from bot.index.arrays import mapped

FILES = ("passages.jsonl", "passages.starts.npy", "passages.ids.npy", "reports.jsonl", "reports.starts.npy")


class Records:
    """Opened records of one generation; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Open what `write` made; IndexDamaged when it cannot be mapped."""
        self._passages = _Lines(folder, "passages")
        self._reports = _Lines(folder, "reports")
        try:
            self._hashes, self._ordinals = mapped(folder / "passages.ids.npy")
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"the ids of passages in {folder} cannot be opened: {error}") from error
        if self._hashes.shape != (len(self._passages),):
            raise IndexDamaged(f"the ids of passages in {folder} do not fit the passages")

    def __len__(self) -> int:
        """Return the number of passages."""
        return len(self._passages)

    def passage(self, ordinal: int) -> Passage:
        """Return one passage by its number, 0..len-1."""
        passage_id, report, section, start, end, text = self._passages[ordinal]
        report_id, title, source, _, _ = self._reports[report]
        return Passage(passage_id, report_id, title, tuple(section), source, start, end, text)

    def find(self, passage_id: str) -> int | None:
        """Return a passage's number, None when no passage has this id."""
        wanted = _hash(passage_id)
        place = int(self._hashes.searchsorted(wanted))
        while place < len(self) and self._hashes[place] == wanted:
            ordinal = int(self._ordinals[place])
            if self._passages[ordinal][0] == passage_id:
                return ordinal
            place += 1
        return None

    def reports(self) -> tuple[Listed, ...]:
        """Return all reports, in order."""
        rows = (self._reports[i] for i in range(len(self._reports)))
        return tuple(
            Listed(report_id, title, source, range(first, end))
            for report_id, title, source, first, end in rows
        )


def write(folder: Path, passages: Iterable[Passage]) -> None:
    """Write the records of passages into an existing folder.

    Args:
        folder: Where to.
        passages: In their order; those of one report stand together.
    """
    hashes: list[np.uint64] = []
    rows: list[tuple[str, str, str, int]] = []
    with _LineWriter(folder, "passages") as lines:
        for ordinal, p in enumerate(passages):
            report = (p.report_id, p.report, p.source)
            if not rows or rows[-1][:3] != report:
                rows.append((*report, ordinal))
            lines.add([p.passage_id, len(rows) - 1, p.section, p.start, p.end, p.text])
            hashes.append(_hash(p.passage_id))
    ends = [*(first for *_, first in rows[1:]), len(hashes)]
    with _LineWriter(folder, "reports") as lines:
        for row, end in zip(rows, ends, strict=False):
            lines.add([*row, end])
    numbers = np.array(hashes, np.uint64)
    order = np.argsort(numbers, kind="stable")
    np.save(folder / "passages.ids.npy", np.stack((numbers[order], order.astype(np.uint64))))


def _hash(passage_id: str) -> np.uint64:
    return np.uint64(int.from_bytes(blake2b(passage_id.encode(), digest_size=8).digest()))


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
        return json.loads(
            str(self._bytes[int(self._starts[number]) : int(self._starts[number + 1])], "utf-8")
        )


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

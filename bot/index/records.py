"""Passages and their citations on disk: a line of JSON each, found by an array of offsets.

Opening reads nothing. Reports have a file of their own with the number of their first passage each, so that a
passage's line is the same wherever it stands. A passage is found by its id among the ids in order.
"""

import bisect
import functools
import json
import mmap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from json.encoder import encode_basestring as _text
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bot.domain import Listed, Passage
from bot.errors import IndexDamaged
from bot.index.arrays import Mapped
from bot.index.checksums import NOTHING, Blocks, Known

FILES = (
    "passages.jsonl",
    "passages.starts.npy",
    "passages.ids.npy",
    "passages.order.npy",
    "reports.jsonl",
    "reports.starts.npy",
    "reports.firsts.npy",
)

_REPORTS_KEPT = 256
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # `dumps` would make one for each line
_Bytes = npt.NDArray[np.uint8]
_Places = npt.NDArray[np.uint64]


class Records:
    """Opened records of one generation; safe to share between threads."""

    def __init__(self, folder: Path, sums: Known = NOTHING) -> None:
        """Open what `Writer` made; IndexDamaged when it cannot be mapped.

        Args:
            folder: Where it lies.
            sums: Of what has to be compared before it is relied on.
        """
        self.lines = Lines(folder, "passages", sums)
        self.report_lines = Lines(folder, "reports", sums)
        names = ("passages.ids.npy", "passages.order.npy", "reports.firsts.npy")
        try:
            self._ids, self._order, firsts = (Mapped(folder / name, sums.get(name)) for name in names)
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"the ids of passages in {folder} cannot be opened: {error}") from error
        self.ids: _Bytes = self._ids.array
        self.firsts: _Places = firsts.checked()
        # Python's numbers are compared sooner than numpy's; the passages of an answer are of few reports.
        self._sorted_firsts: Sequence[int] = self.firsts.data
        self._report = functools.lru_cache(maxsize=_REPORTS_KEPT)(self.report_lines.__getitem__)
        arrays = (self.ids, self._order.array, self.firsts)
        fits = [array.dtype for array in arrays] == [np.uint8, np.uint32, np.uint64]
        fits = fits and self.ids.ndim == 2 and self._order.array.shape == (len(self),) == self.ids.shape[:1]
        if not fits or self.firsts.shape != (len(self.report_lines) + 1,) or self.firsts[-1] != len(self):
            raise IndexDamaged(f"the ids of passages in {folder} do not fit the passages")

    def __len__(self) -> int:
        """Return the number of passages."""
        return len(self.lines)

    def passage(self, ordinal: int) -> Passage:
        """Return one passage by its number, 0..len-1."""
        section, start, end, text = self.lines[ordinal]
        report_id, title, source, _ = self._report(bisect.bisect_right(self._sorted_firsts, ordinal) - 1)
        passage_id = self._id(ordinal).decode()
        return Passage(passage_id, report_id, title, tuple(section), source, start, end, text)

    def find(self, passage_id: str) -> int | None:
        """Return a passage's number, None when no passage has this id."""
        wanted = passage_id.encode()
        place = bisect.bisect_left(range(len(self)), wanted, key=lambda place: self._id(self._at(place)))
        if place == len(self):
            return None
        ordinal = self._at(place)
        return ordinal if self._id(ordinal) == wanted else None

    def reports(self) -> tuple[Listed, ...]:
        """Return all reports, in order."""
        firsts = self.firsts.tolist()
        return tuple(
            Listed(report_id, title, source, range(firsts[i], firsts[i + 1]))
            for i, (report_id, title, source, _) in enumerate(self.report_lines)
        )

    def _at(self, place: int) -> int:
        """Return the number of the passage that has this place in the order of ids."""
        self._order.rows.check(place, place + 1)
        return int(self._order.array[place])

    def _id(self, ordinal: int) -> bytes:
        self._ids.rows.check(ordinal, ordinal + 1)
        passage_id: bytes = self.ids[ordinal].tobytes()
        return passage_id.rstrip(b"\0")


class Told(NamedTuple):
    """A report as its passages cite it.

    Attributes:
        passages: How many.
        sections: How many have passages; two of the same name that do not touch are two.
        begins: The first of these sections, and
        ends: the last, by which the parts of a report are put together; not known of a whole one.
    """

    report_id: str
    title: str
    source: str
    passages: int
    sections: int
    begins: Sequence[str] = ()
    ends: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Records of passages that stand together.

    Attributes:
        lines: Of all, one after the other.
        sizes: Of each line, bytes.
        ids: Of each passage, filled up with zeros; shape (passages, any).
        reports: Of which they are, in order; the first may go on from the part before.
    """

    lines: bytes | memoryview
    sizes: npt.NDArray[np.uint32]
    ids: _Bytes
    reports: Sequence[Told]


def part(passages: Iterable[Passage]) -> Part:
    """Return the records of passages; those of one report stand together."""
    lines: list[bytes] = []
    ids: list[bytes] = []
    reports: list[Told] = []
    for report, own in groupby(passages, key=lambda p: (p.report_id, p.report, p.source)):
        sections, before = [], len(lines)
        for section, of_section in groupby(own, key=lambda p: p.section):
            sections.append(section)
            path = _JSON.encode(section)
            for p in of_section:
                # What an encoder gives of all four at once, in a third of the time.
                lines.append(f"[{path},{p.start},{p.end},{_text(p.text)}]\n".encode())
                ids.append(p.passage_id.encode())
        reports.append(Told(*report, len(lines) - before, len(sections), sections[0], sections[-1]))
    sizes = np.fromiter(map(len, lines), np.uint32, len(lines))
    return Part(b"".join(lines), sizes, _id_array(ids), reports)


class Writer:
    """Takes the records of passages in their order and writes the files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sizes: list[npt.NDArray[np.uint32]] = []
        self._ids: list[_Bytes] = []
        self._reports: list[Told] = []
        self._file = (folder / "passages.jsonl").open("wb")

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, part: Part) -> None:
        """Take passages after all that came before."""
        self._file.write(part.lines)
        self._sizes.append(part.sizes)
        self._ids.append(part.ids)
        self._reports += part.reports

    def finish(self, *, number: bool = False) -> dict[str, int]:
        """Write what is found by; return the counts of passages, sections and reports.

        Args:
            number: From the second passage of an id on, put its number after it.
        """
        ids = np.concatenate([_widened(ids, _width(self._ids)) for ids in self._ids] or [_id_array([])])
        order = _sorted(ids)
        if number and len(changed := _numbered(ids, order)) > 0:
            ids = _widened(ids, max(ids.shape[1], *map(len, changed.values())))
            for ordinal, passage_id in changed.items():
                ids[ordinal, : len(passage_id)] = np.frombuffer(passage_id, np.uint8)
            order = _sorted(ids)
        np.save(self._folder / "passages.ids.npy", ids)
        np.save(self._folder / "passages.order.npy", order.astype(np.uint32))
        _save_starts(
            self._folder / "passages.starts.npy", np.concatenate([np.empty(0, np.uint32), *self._sizes])
        )
        reports = list(joined(self._reports))
        lines = [
            f"[{_text(r.report_id)},{_text(r.title)},{_text(r.source)},{r.sections}]\n".encode()
            for r in reports
        ]
        (self._folder / "reports.jsonl").write_bytes(b"".join(lines))
        _save_starts(self._folder / "reports.starts.npy", np.fromiter(map(len, lines), np.uint32, len(lines)))
        passages = np.fromiter((report.passages for report in reports), np.uint64, len(lines))
        _save_starts(self._folder / "reports.firsts.npy", passages)
        sections = sum(report.sections for report in reports)
        return {"passages": len(ids), "sections": sections, "reports": len(lines)}


def write(folder: Path, passages: Iterable[Passage]) -> dict[str, int]:
    """Write the records of passages, those of a report together, into a folder; return their counts."""
    with Writer(folder) as writer:
        writer.add(part(passages))
        return writer.finish()


class Lines:
    """A file with a value in JSON a line, mapped."""

    def __init__(self, folder: Path, name: str, sums: Known = NOTHING) -> None:
        """Open `name`.jsonl and its offsets; IndexDamaged when they do not fit each other."""
        path, starts = folder / f"{name}.jsonl", f"{name}.starts.npy"
        try:
            self._starts = Mapped(folder / starts, sums.get(starts))
            with path.open("rb") as file:
                size = file.seek(0, 2)
                content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"the {name} in {folder} cannot be opened: {error}") from error
        self._bytes = memoryview(content)
        self._blocks = Blocks(path, self._bytes, sums.get(path.name))
        self.starts: _Places = self._starts.array
        if self.starts.ndim != 1 or not len(self.starts) or self._start(len(self)) != size:
            raise IndexDamaged(f"the {name} in {folder} do not fit their offsets")

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.starts) - 1

    def __getitem__(self, number: int) -> Any:  # noqa: ANN401
        """Return the value of a line."""
        return json.loads(str(self.raw(number, number + 1), "utf-8"))

    def __iter__(self) -> Iterator[Any]:
        """Yield all values, which are read at once."""
        lines = bytes(self.raw(0, len(self))).rstrip(b"\n").replace(b"\n", b",")
        return iter(json.loads(b"[%s]" % lines))

    def raw(self, first: int, end: int) -> memoryview:
        """Return lines as they stand in the file."""
        start, stop = self._start(first), self._start(end)
        self._blocks.check(start, stop)
        return self._bytes[start:stop]

    def _start(self, number: int) -> int:
        self._starts.rows.check(number, number + 1)
        return int(self.starts[number])


def joined(parts: Iterable[Told]) -> Iterator[Told]:
    """Yield reports of which some were told in several parts."""
    waiting: Told | None = None
    for one in parts:
        if waiting and waiting[:3] == one[:3]:
            goes_on = list(waiting.ends) == list(one.begins)
            sections = waiting.sections + one.sections - goes_on
            waiting = one._replace(passages=waiting.passages + one.passages, sections=sections)
            continue
        if waiting:
            yield waiting
        waiting = one
    if waiting:
        yield waiting


def _save_starts(path: Path, sizes: npt.NDArray[Any]) -> None:
    np.save(path, np.concatenate((np.zeros(1, np.uint64), np.cumsum(sizes, dtype=np.uint64))))


def _id_array(ids: Sequence[bytes]) -> _Bytes:
    width = max(map(len, ids), default=1)
    filled = b"".join(one.ljust(width, b"\0") for one in ids)
    return np.frombuffer(filled, np.uint8).reshape(len(ids), width)


def _width(parts: Iterable[_Bytes]) -> int:
    return max((part.shape[1] for part in parts if len(part)), default=1)


def _widened(ids: _Bytes, width: int) -> _Bytes:
    """Return ids in as many bytes; those that are cut off are zeros."""
    wide = np.zeros((len(ids), width), np.uint8)
    both = min(width, ids.shape[1])
    wide[:, :both] = ids[:, :both]
    return wide


def _sorted(ids: _Bytes) -> npt.NDArray[np.int64]:
    """Return the stable order of ids by their bytes."""
    words = _in_words(ids)
    order = words[:, 0].argsort()
    # Few begin alike. Only these are put in order by all of their bytes: that is a fifth of the time.
    alike = np.diff(words[order, 0]) == 0
    places = np.flatnonzero(np.append(alike, False) | np.append(False, alike))
    begin_alike = np.sort(order[places])
    order[places] = begin_alike[np.lexsort(words[begin_alike].T[::-1])]
    return order


def _in_words(ids: _Bytes) -> npt.NDArray[np.uint64]:
    """Return ids in numbers of eight bytes, whose order is theirs."""
    words: npt.NDArray[np.uint64] = _widened(ids, -(-ids.shape[1] // 8) * 8).view(">u8").astype(np.uint64)
    return words


def _numbered(ids: _Bytes, order: npt.NDArray[np.int64]) -> dict[int, bytes]:
    """Return the ids that have to be changed so that there are no two alike, by their passages."""
    words = _in_words(ids)[order]
    alike = np.flatnonzero((words[1:] == words[:-1]).all(axis=1)) + 1
    changed: dict[int, bytes] = {}
    nth, last = 1, -1
    for place in alike.tolist():
        nth = nth + 1 if place == last + 1 else 2
        last = place
        ordinal = int(order[place])
        changed[ordinal] = ids[ordinal].tobytes().rstrip(b"\0") + b"-%d" % nth
    return changed

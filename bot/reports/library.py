"""The reports of the corpus, and those of a compilation."""

import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bot.domain import Omission, Report
from bot.errors import UnreadableReport
from bot.reports.manifest import Entry, Manifest, Skipped, by_name
from bot.reports.outline import outline
from bot.reports.readers import parse, read, read_bytes
from bot.reports.scanning import scan

_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]+')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)", re.IGNORECASE)
_NAME_CHARS, _NAME_BYTES = 80, 200


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Text of a file that belongs to no section."""

    source: str
    omission: Omission


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What one file gave.

    Attributes:
        entry: Of the bytes that were read; None when they could not be.
        reports: None, one, or those of a compilation.
        left_out: In order.
        skipped: Why it gave no report; None when it gave some.
    """

    entry: Entry | None
    reports: tuple[Report, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    skipped: Skipped | None = None


@dataclass(frozen=True, slots=True)
class Library:
    """The corpus as read.

    Attributes:
        manifest: Of the very bytes that were read.
        reports: In the order of the manifest.
        skipped: Every file that gave no report, by name; those of the manifest are among them.
        left_out: In the order of the manifest.
    """

    manifest: Manifest
    reports: tuple[Report, ...]
    skipped: tuple[Skipped, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """A report of a compilation as a file of its own.

    Attributes:
        name: For the file: safe on all systems, at most 80 characters.
        text: Verbatim from the compilation.
    """

    name: str
    text: str


def load(corpus: Path, home: Path, *, max_bytes: int, manifest: Manifest | None = None) -> Library:
    """Read the reports of the corpus; files that cannot be read are skipped and named.

    Args:
        corpus: The folder.
        home: What sources are relative to.
        max_bytes: Larger files are skipped, > 0.
        manifest: What to read, as `scan` gave it; None to scan first.

    Returns:
        All reports, perhaps none. Its manifest is that of the bytes read, should a file have changed
        since the scan.

    Raises:
        CorpusError: There is no such folder.
    """
    manifest = manifest or scan(corpus, home, max_bytes=max_bytes)
    folder = corpus.resolve()
    files = [read_file(entry, folder, home, max_bytes=max_bytes) for entry in manifest.entries]
    skipped = (*manifest.skipped, *(file.skipped for file in files if file.skipped))
    return Library(
        Manifest(tuple(file.entry for file in files if file.entry), manifest.skipped),
        tuple(report for file in files for report in file.reports),
        tuple(sorted(skipped, key=lambda one: by_name(one.source))),
        tuple(left_out for file in files for left_out in file.left_out),
    )


def read_file(entry: Entry, corpus: Path, home: Path, *, max_bytes: int) -> ReadFile:
    """Read one report file; the arguments are those of `load`, the folder's path has no links in it."""
    path = home / entry.source
    read = None
    try:
        data = read_bytes(path, max_bytes=max_bytes, within=corpus, name=entry.source)
        read = entry._replace(size=len(data), sha256=sha256(data).hexdigest())
        file = parse(data, path, name=entry.source)
    except UnreadableReport as error:
        return ReadFile(read, skipped=Skipped(entry.source, str(error).removeprefix(f"{entry.source}: ")))
    found, omissions = outline(file, source=entry.source, report_id=entry.report_id)
    left_out = tuple(LeftOut(entry.source, omission) for omission in omissions)
    without = Skipped(entry.source, "there is no text in it; write some, or remove it")
    return ReadFile(read, found, left_out, None if found else without)


def split(path: Path, *, max_bytes: int) -> tuple[Slice, ...]:
    """Return the reports of one file, each as a file of its own.

    Read again, a slice gives the report that it was cut from: same title, sections and passages.

    Args:
        path: A compilation, or a single report, which gives one slice.
        max_bytes: Largest size that is read, > 0.

    Returns:
        As many slices as there are reports, with different names; what belongs to none is in none.

    Raises:
        UnreadableReport: It cannot be read.
    """
    reports, _ = outline(read(path, max_bytes=max_bytes), source=path.name, report_id="")
    width = max(2, len(str(len(reports))))
    return tuple(
        Slice(
            _file_name(path, f"-{nth:0{width}}" if len(reports) > 1 and report.title != path.stem else ""),
            report.text[report.span.start : report.span.end],
        )
        for nth, report in enumerate(reports, 1)
    )


def _file_name(path: Path, number: str) -> str:
    """Return a name like that of `path` that any system takes and `scan` does not ignore."""
    stem = _UNSAFE.sub("_", unicodedata.normalize("NFC", path.stem)).strip(" .~$") or "report"
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    rest = number + path.suffix
    stem = (
        stem[: _NAME_CHARS - len(rest)].encode()[: _NAME_BYTES - len(rest.encode())].decode("utf-8", "ignore")
    )
    return stem.rstrip(" .") + rest

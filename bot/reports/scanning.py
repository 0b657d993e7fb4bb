"""The corpus folder as it lies on disk: which files are reports, and whether they have changed."""

import os
import re
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path, PurePosixPath

from bot.errors import CorpusError
from bot.reports.manifest import Entry, Manifest, Skipped, by_name
from bot.reports.readers import READERS, too_large, unsupported

IGNORED = re.compile(r"\.|~\$|.*(?:\.tmp|~)\Z|(?:thumbs\.db|desktop\.ini)\Z", re.IGNORECASE | re.DOTALL)
"""Names that are passed over in silence: hidden ones, and what editors write beside a file."""


@dataclass(frozen=True, slots=True)
class _Found:
    path: str
    source: str
    size: int
    mtime_ns: int


def scan(corpus: Path, home: Path, *, max_bytes: int, previous: Manifest | None = None) -> Manifest:
    """Return what lies in `corpus` now, without reading reports.

    Hidden files, "~$…" and "….tmp" are passed over in silence. Nothing outside the corpus is followed.

    Args:
        corpus: The folder.
        home: What sources are relative to.
        max_bytes: Larger files are skipped, > 0.
        previous: Gives the hashes of files whose name, size and time of change are still the same, so
            that an unchanged corpus costs no reading.

    Raises:
        CorpusError: There is no such folder.
    """
    if not corpus.is_dir():
        raise CorpusError(f"{corpus}: no such folder; make it and put reports into it")
    known = {entry.source: entry for entry in previous.entries} if previous else {}
    entries: list[Entry] = []
    skipped: list[Skipped] = []
    for found in _walk(corpus, home, max_bytes, known):
        if isinstance(found, Entry):
            entries.append(found)
        elif isinstance(found, Skipped):
            skipped.append(found)
        else:
            try:
                entries.append(Entry(found.source, "", found.size, found.mtime_ns, _hash(Path(found.path))))
            except OSError as error:
                skipped.append(Skipped(found.source, _unopened(error)))
    return Manifest(
        _ordered(entries, known, _relative(corpus, home)),
        tuple(sorted(skipped, key=lambda one: by_name(one.source))),
    )


def _ordered(entries: Sequence[Entry], known: Mapping[str, Entry], corpus: str) -> tuple[Entry, ...]:
    """Return entries in order and with the ids of their reports; `known` are those before, in order."""
    found = {entry.source: entry for entry in entries}
    if found.keys() == known.keys():
        return tuple(
            entry if found[source] is entry else found[source]._replace(report_id=entry.report_id)
            for source, entry in known.items()
        )
    in_order = sorted(entries, key=lambda entry: by_name(entry.source))
    ids = _report_ids([entry.source for entry in in_order], corpus)
    return tuple(entry._replace(report_id=report_id) for entry, report_id in zip(in_order, ids, strict=True))


def _walk(
    corpus: Path, home: Path, max_bytes: int, known: Mapping[str, Entry]
) -> Iterator[Entry | _Found | Skipped]:
    root = corpus.resolve()
    folders = [corpus]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as listing:
                children = list(listing)
        except OSError as error:
            yield Skipped(_relative(folder, home), _unopened(error))
            continue
        # Paths of ten thousand files are joined as text: as Path objects they take longer than all else.
        within = _prefix(_relative(folder, home))
        for child in children:
            source = within + child.name
            if before := _as_before(child, known.get(source), root, max_bytes):
                yield before  # most of ten thousand files, which a question looks at: so they come first
            elif IGNORED.match(child.name):
                continue
            elif child.is_dir(follow_symlinks=False):
                folders.append(folder / child.name)
            else:
                yield _look_at(child, source, root, max_bytes)


def _as_before(child: os.DirEntry[str], known: Entry | None, root: Path, max_bytes: int) -> Entry | None:
    """Return the entry of a file that looks as it did; None if it must be looked at, or there is none."""
    if known is None:
        return None
    try:
        if child.is_symlink() and _why_not_follow(Path(child.path), root):
            return None
        status = child.stat()
    except (OSError, RuntimeError):
        return None
    same = (status.st_size, status.st_mtime_ns) == (known.size, known.mtime_ns)
    return known if same and stat.S_ISREG(status.st_mode) and known.size <= max_bytes else None


def _look_at(child: os.DirEntry[str], source: str, root: Path, max_bytes: int) -> _Found | Skipped:
    try:
        source.encode()
    except UnicodeEncodeError:
        name = os.fsencode(source).decode("utf-8", "replace")
        return Skipped(name, "its name is not UTF-8; rename it")
    try:
        if child.is_symlink() and (reason := _why_not_follow(Path(child.path), root)):
            return Skipped(source, reason)
        status = child.stat()
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before Python 3.13
        return Skipped(source, _unopened(error))
    if not stat.S_ISREG(status.st_mode):
        return Skipped(source, "not a regular file; remove it from the corpus")
    if os.path.splitext(child.name)[1].lower() not in READERS:  # noqa: PTH122
        return Skipped(source, unsupported(PurePosixPath(child.name).suffix))
    if status.st_size > max_bytes:
        return Skipped(source, too_large(max_bytes))
    return _Found(child.path, source, status.st_size, status.st_mtime_ns)


def _why_not_follow(link: Path, root: Path) -> str:
    target = link.resolve(strict=True)
    if not target.is_relative_to(root):
        return "links to something outside the corpus; put a copy there instead"
    if target.is_dir():
        return "links to a folder of the corpus, which is read in its own place; remove the link"
    return ""


def _unopened(error: Exception) -> str:
    reason = getattr(error, "strerror", None) or str(error)
    return f"cannot be opened ({reason}); check that it exists and may be read"


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _relative(path: Path, home: Path) -> str:
    return Path(os.path.relpath(path, home)).as_posix()


def _prefix(folder: str) -> str:
    """Return what stands before the names of a folder's files."""
    return "" if folder == "." else f"{folder}/"


def _report_ids(sources: Sequence[str], corpus: str) -> list[str]:
    """Return a different id for each source: its path in the corpus, with suffix only where it must be."""
    within = len(unicodedata.normalize("NFC", _prefix(corpus)))
    paths = [unicodedata.normalize("NFC", source)[within:] for source in sources]
    stems = [os.path.splitext(path)[0] for path in paths]  # noqa: PTH122
    count = Counter(stems)
    taken: set[str] = set()
    ids = []
    for path, stem in zip(paths, stems, strict=True):
        wanted = unique = path if count[stem] > 1 else stem
        nth = 1
        while unique in taken:
            nth += 1
            unique = f"{wanted}~{nth}"
        taken.add(unique)
        ids.append(unique)
    return ids

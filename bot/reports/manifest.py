"""What lay in the corpus folder when it was last looked at, and what changed since."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar


class Entry(NamedTuple):
    """A report file as it was when it was last looked at.

    A tuple, since each question reads as many as there are files: a dataclass takes more than twice as long.

    Attributes:
        source: Path relative to the home, forward slashes, spelt as on disk.
        report_id: Id of its report; those of a compilation have "#1", "#2", … after it.
        size: Bytes.
        mtime_ns: Time of its last change, nanoseconds since 1970.
        sha256: Of its bytes, 64 hex digits.
    """

    source: str
    report_id: str
    size: int
    mtime_ns: int
    sha256: str


class Skipped(NamedTuple):
    """A file or folder of the corpus that is not read, and in one line why and what to do."""

    source: str
    reason: str


Row = TypeVar("Row", Entry, Skipped)
_ENTRY = [str, str, int, int, str]
_SKIPPED = [str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What lies in the corpus; both ordered by path in NFC.

    Attributes:
        entries: Files of a kind that is read, whether or not their bytes turn out to be readable.
        skipped: What is left out without looking inside.
    """

    entries: tuple[Entry, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as values that `json` takes, each file as a row: there are tens of thousands."""
        return {"entries": self.entries, "skipped": self.skipped}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Manifest":
        """Return the manifest that `to_json` gave.

        Raises:
            ValueError: It did not give `value`.
        """
        try:
            return cls(_rows(Entry, _ENTRY, value["entries"]), _rows(Skipped, _SKIPPED, value["skipped"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a manifest: {error}") from error


def _rows(kind: type[Row], types: Sequence[type], rows: Iterable[Sequence[Any]]) -> tuple[Row, ...]:
    """Return rows as what they are of.

    Raises:
        TypeError: One has other values.
    """
    found: tuple[Row, ...] = tuple(map(kind._make, rows))
    columns = [set(map(type, column)) for column in zip(*found, strict=True)]
    if found and columns != [{one} for one in types]:
        raise TypeError(f"a {kind.__name__} has other values")
    return found


@dataclass(frozen=True, slots=True)
class Changes:
    """Sources that differ between two manifests, each in order; false when none does.

    Attributes:
        renamed: Pairs of the old and the new name of the same bytes.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    deleted: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.renamed or self.deleted)


def diff(old: Manifest, new: Manifest) -> Changes:
    """Return what changed from `old` to `new`."""
    if old.entries == new.entries:
        return Changes()
    before = {entry.source: entry.sha256 for entry in old.entries}
    after = {entry.source: entry.sha256 for entry in new.entries}
    gone: dict[str, list[str]] = {}
    for source in sorted(before.keys() - after.keys(), key=by_name, reverse=True):
        gone.setdefault(before[source], []).append(source)
    added: list[str] = []
    renamed: list[tuple[str, str]] = []
    for source in sorted(after.keys() - before.keys(), key=by_name):
        if origins := gone.get(after[source]):
            renamed.append((origins.pop(), source))
        else:
            added.append(source)
    changed = [source for source, sha256 in after.items() if before.get(source, sha256) != sha256]
    deleted = [source for sources in gone.values() for source in sources]
    return Changes(tuple(added), tuple(changed), tuple(renamed), tuple(sorted(deleted, key=by_name)))


def by_name(source: str) -> tuple[str, str]:
    """Return the key that sources are ordered by: NFC, so that all systems agree."""
    return unicodedata.normalize("NFC", source), source

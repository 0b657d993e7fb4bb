"""Generations: immutable indexes, published by one rename.

    <home>/.wenbao/index/
        current                 the id of the generation that answers
        held                    the id of the one that was rolled back to; it holds while it is current
        000007-4f1c9a02e3b1/    a generation; its number rises
        000006-….damaged/       kept aside, for a person to look at
        building-…/             not yet, or never, published

A reader opens what `current` names. Whatever is killed whenever, that is a whole generation.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.domain import Channel, Explanation, Group, Listed, Passage, Query
from bot.errors import IndexDamaged, IndexForeign, IndexUnavailable, InputError
from bot.index import postings, records
from bot.index.bm25 import GroupedBM25
from bot.index.ranker import Scored
from bot.lexicon import lexicon

FORMAT = 5
MANIFEST = "manifest.json"
FILES = (*postings.FILES, *records.FILES, *lexicon.FILES, MANIFEST)
_NAME = re.compile(r"[0-9]{6}-[0-9a-f]{12}")
# Checksums of smaller generations are verified whenever they are opened (about a millisecond a megabyte).
_VERIFIED_ON_OPEN = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Meta:
    """What a generation says of itself.

    Attributes:
        generation: Its id, `NNNNNN-` and 12 hexadecimal digits of its inputs and files.
        made_of: Each input that the index depends on and its version or hash.
        passages: How many.
        sections: How many have passages.
        reports: How many have passages.
        seconds: Its build took.
        files: Name → (bytes, SHA-256).
    """

    generation: str
    made_of: Mapping[str, str]
    passages: int
    sections: int
    reports: int
    seconds: float
    files: Mapping[str, tuple[int, str]]

    @property
    def bytes(self) -> int:
        """Return the size of its files on disk."""
        return sum(size for size, _ in self.files.values())


class Generation:
    """An opened generation: a Ranker over its files. Stays usable while it is replaced or removed."""

    def __init__(self, folder: Path, *, k1: float, b: float, compiled: bool = False) -> None:
        """Open a folder that `Store.publish` made; see GroupedBM25 for the numbers and `compiled`.

        Raises:
            IndexForeign: It has another format version.
            IndexDamaged: A file is missing, has another size or (small indexes) another checksum.
        """
        self.folder = folder
        self.meta = read_meta(folder)
        verify(folder, self.meta, deep=self.meta.bytes <= _VERIFIED_ON_OPEN)
        self._records = records.Records(folder)
        self._postings = postings.Postings(folder)
        self._bm25 = GroupedBM25(self._postings, k1=k1, b=b, compiled=compiled)

    @property
    def generation(self) -> str:
        """Return its id."""
        return self.meta.generation

    @property
    def size(self) -> int:
        """Return the number of passages."""
        return self._bm25.corpus_size

    def top(self, query: Query, k: int, *, within: range | None = None) -> tuple[Scored, ...]:
        """See Ranker."""
        return self._bm25.top(query, k, within=within)

    def idf(self, group: Group) -> float:
        """See Ranker."""
        return self._bm25.group_idf(group)

    def explain(self, query: Query, ordinals: Sequence[int]) -> tuple[Explanation, ...]:
        """See Ranker."""
        return self._bm25.explain(query, ordinals)

    def df(self, word: str) -> int:
        """Return in how many passages a word stands, or if none has it as a word, a pair of characters."""
        return len(self._postings.find(Channel.WORD, word)) or len(self._postings.find(Channel.CHAR, word))

    def passage(self, ordinal: int) -> Passage:
        """See Ranker."""
        return self._records.passage(ordinal)

    def find(self, passage_id: str) -> int | None:
        """See Ranker."""
        return self._records.find(passage_id)

    def reports(self) -> tuple[Listed, ...]:
        """See Ranker."""
        return self._records.reports()


class Store:
    """The folder of generations.

    Args:
        folder: `<home>/.wenbao/index`; made, with mode 0700, when the first one is published.
        only: Open this generation, whichever is published.
    """

    def __init__(self, folder: Path, *, only: str | None = None) -> None:
        self.folder = folder
        self._only = only

    def current(self) -> str | None:
        """Return the id of the published generation, None when there is none."""
        if self._only is not None:
            return self._only
        try:
            name = (self.folder / "current").read_text("ascii").strip()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise IndexDamaged(f"{self.folder / 'current'} cannot be read: {error}") from error
        if not _NAME.fullmatch(name):
            raise IndexDamaged(f"{self.folder / 'current'} does not name a generation")
        return name

    def open(self, *, k1: float, b: float, compiled: bool = False) -> Generation:
        """Open the published generation.

        Raises:
            IndexUnavailable: Nothing was published yet.
            IndexForeign, IndexDamaged: It cannot be used; see `set_aside`.
        """
        name = self.current()
        if name is None:
            raise IndexUnavailable(f"there is no index in {self.folder}; run: wenbao refresh")
        return Generation(self.folder / name, k1=k1, b=b, compiled=compiled)

    def meta(self) -> Meta | None:
        """Return what the published generation says of itself, None when there is none."""
        name = self.current()
        return None if name is None else read_meta(self.folder / name)

    @contextmanager
    def building(self) -> Iterator[Path]:
        """Give an empty folder to build in; it is removed unless `publish` took it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="building-", dir=self.folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def publish(
        self,
        folder: Path,
        made_of: Mapping[str, str],
        counts: Mapping[str, int],
        *,
        seconds: float,
        check: Callable[[str], None] | None = None,
    ) -> Meta:
        """Make what was built in `folder` the generation that answers; the rename of `current` does it.

        Args:
            folder: As `building` gave it, with all of FILES.
            made_of: What the index depends on.
            counts: Of passages, sections and reports.
            seconds: That the build took so far.
            check: Told the id when it can be opened; if it raises, the generation is removed instead.
        """
        files = {name: (size, digest) for name, size, digest in _digests(folder)}
        inputs = json.dumps([made_of, files], sort_keys=True).encode()
        name = f"{self._last_number() + 1:06d}-{hashlib.sha256(inputs).hexdigest()[:12]}"
        numbers = (counts["passages"], counts["sections"], counts["reports"])
        meta = Meta(name, dict(made_of), *numbers, round(seconds, 3), files)
        _write_synced(folder / "meta.json", json.dumps(_to_json(meta), ensure_ascii=False, indent=1))
        for file in FILES:
            _sync(folder / file)
        _sync(folder)
        folder.rename(self.folder / name)
        if check is not None:
            try:
                check(name)
            except BaseException:
                shutil.rmtree(self.folder / name, ignore_errors=True)
                raise
        self._point_to(name)
        return meta

    def set_aside(self, name: str) -> Path:
        """Keep a generation that cannot be used under another name, so that a new one can be built."""
        source, target = self.folder / name, self.folder / f"{name}.damaged"
        if target.exists():
            shutil.rmtree(target)
        if source.exists():
            source.rename(target)
        (self.folder / "current").unlink(missing_ok=True)
        return target

    def prune(self, keep: int) -> list[str]:
        """Remove all but the last `keep` generations, and what killed builds left; return the generations.

        Only for the one who holds the lock: a build of another process would look like one that was killed.
        """
        current = self.current()
        older = [name for name in self.names() if name != current]
        gone = older[: max(0, len(older) - (keep - 1))]
        for name in (*gone, *(folder.name for folder in self.folder.glob("building-*"))):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        return gone

    def roll_back(self, to: str | None = None) -> Meta:
        """Let an older generation answer, until the next refresh; only for the one who holds the lock.

        Args:
            to: Its id; the one before the current if left out.

        Raises:
            InputError: There is no such generation.
            IndexForeign, IndexDamaged: It cannot be used; the current one answers on.
        """
        names, current = self.names(), self.current()
        older = [name for name in names if current is None or name < current]
        if to is None and not older:
            raise InputError(
                f"there is no older index in {self.folder}; wenbao index list shows what is there"
            )
        name = to or older[-1]
        if name not in names:
            raise InputError(f"there is no index {name}; wenbao index list shows what is there")
        meta = read_meta(self.folder / name)
        verify(self.folder / name, meta, deep=True)
        _write_synced(self.folder / "held", name + "\n")
        self._point_to(name)
        return meta

    def held(self) -> bool:
        """Tell whether the current generation was rolled back to, and so is not to be renewed unasked."""
        try:
            return (self.folder / "held").read_text("ascii").strip() == self.current()
        except (OSError, UnicodeDecodeError):
            return False

    def names(self) -> list[str]:
        """Return the ids of all whole generations, oldest first."""
        folders = (file.parent.name for file in self.folder.glob("*/meta.json"))
        return sorted(name for name in folders if _NAME.fullmatch(name))

    def _last_number(self) -> int:
        numbers = [int(f.name[:6]) for f in self.folder.glob("[0-9][0-9][0-9][0-9][0-9][0-9]-*")]
        return max(numbers, default=0)

    def _point_to(self, name: str) -> None:
        aside = self.folder / f"current.{name}"
        _write_synced(aside, name + "\n")
        aside.replace(self.folder / "current")
        _sync(self.folder)


def read_meta(folder: Path) -> Meta:
    """Read a generation's own description; IndexForeign or IndexDamaged when it is not one of ours."""
    try:
        raw = json.loads((folder / "meta.json").read_text("utf-8"))
        version = raw["format"]
        if version != FORMAT:
            raise IndexForeign(f"the index {folder} has format {version}, this version reads {FORMAT}")
        whole = raw.pop("check") == _check(raw)
        files = {name: (int(size), str(digest)) for name, (size, digest) in raw["files"].items()}
        passages, sections, reports = (int(raw[name]) for name in ("passages", "sections", "reports"))
        seconds = float(raw["seconds"])
        meta = Meta(raw["generation"], raw["made_of"], passages, sections, reports, seconds, files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise IndexDamaged(f"the index {folder} has no readable meta.json: {error}") from error
    if not whole:
        raise IndexDamaged(f"the index file {folder / 'meta.json'} is not what was written")
    if set(meta.files) != set(FILES) or meta.generation != folder.name:
        raise IndexDamaged(f"the index {folder} does not describe itself")
    return meta


def verify(folder: Path, meta: Meta, *, deep: bool) -> None:
    """Compare a generation's files with what it says of them: sizes, and checksums when `deep`."""
    for name, (size, digest) in meta.files.items():
        path = folder / name
        try:
            fits = path.stat().st_size == size and (not deep or _digest(path) == digest)
        except OSError as error:
            raise IndexDamaged(f"the index file {path} cannot be read: {error}") from error
        if not fits:
            raise IndexDamaged(f"the index file {path} is not what was written")


def _to_json(meta: Meta) -> dict[str, object]:
    described: dict[str, object] = {
        "format": FORMAT,
        "generation": meta.generation,
        "made_of": dict(meta.made_of),
        "passages": meta.passages,
        "sections": meta.sections,
        "reports": meta.reports,
        "seconds": meta.seconds,
        "files": {name: list(file) for name, file in meta.files.items()},
    }
    return described | {"check": _check(described)}


def _check(described: Mapping[str, object]) -> str:
    """Return the checksum of a description; the order of its keys does not count."""
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def _digests(folder: Path) -> Iterator[tuple[str, int, str]]:
    for name in FILES:
        path = folder / name
        yield name, path.stat().st_size, _digest(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_synced(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

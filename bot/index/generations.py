"""Generations: immutable indexes, published by one rename.

    <home>/.wenbao/index/
        current                 the id of the one that answers; then "held" if it was rolled back to
        000007-4f1c9a02e3b1/    a generation; its number rises
        000006-….damaged/       kept aside, for a person to look at
        building-…/             not yet, or never, published
        removing-…/             on its way out

A reader opens what `current` names. Whatever is killed whenever, that is a whole generation; what a kill left
in the way is removed by the next who holds the lock.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bot.domain import Channel, Explanation, Group, Listed, Passage, Query
from bot.errors import IndexDamaged, IndexUnavailable, InputError
from bot.index import postings, records
from bot.index.bm25 import GroupedBM25
from bot.index.meta import SUMMED, SUMS, Meta, describe, distrust, read_meta, verify
from bot.index.pointer import Pointer
from bot.index.ranker import Scored
from bot.index.unwritable import sync, writing

if TYPE_CHECKING:
    from bot.index.building import Building

T = TypeVar("T")

_NAME = re.compile(r"[0-9]{6}-[0-9a-f]{12}")
_HELD = "held"
# Files that are finished side by side while others are made, with what is removed.
_ASIDE = 4
_LEFT = ("building-*", "removing-*", "current.*")


class Generation:
    """An opened generation: a Ranker over its files. Stays usable while it is replaced or removed."""

    def __init__(self, folder: Path, *, k1: float, b: float, compiled: bool = False) -> None:
        """Open a folder that `Store.publish` made; see GroupedBM25 for the numbers and `compiled`.

        Raises:
            IndexForeign: It has another format version.
            IndexDamaged: A file is missing or is not what was written; see `meta` on what is found.
        """
        self.folder = folder
        self.meta = read_meta(folder)
        unread = verify(folder, self.meta, deep=False)
        self._records = records.Records(folder, unread)
        self._postings = postings.Postings(folder, unread)
        self._bm25 = GroupedBM25(self._postings, k1=k1, b=b, compiled=compiled)

    def suspect(self, error: Exception) -> None:
        """Read every byte after an error that nothing else explains, unless the files are gone by now.

        Raises:
            IndexDamaged: They are not what was written, which is not seen of large generations at opening.
        """
        if not self.folder.is_dir():
            return
        try:
            verify(self.folder, self.meta, deep=True)
        except IndexDamaged as damage:
            raise damage from error

    def distrust(self) -> None:
        """Have every byte read when it is opened next."""
        distrust(self.folder)

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
        """See Ranker. Read once: each answer says where in their reports its passages stand."""
        return self._reports

    @cached_property
    def _reports(self) -> tuple[Listed, ...]:
        return self._records.reports()


class Store:
    """The folder of generations.

    Args:
        folder: `<home>/.wenbao/index`; made, with mode 0700, when the first one is published.
        only: Open this generation, whichever is published; nothing is built in place of it.
    """

    def __init__(self, folder: Path, *, only: str | None = None) -> None:
        self.folder = folder
        self.only = only
        self._pointer = Pointer(folder / "current")

    def current(self) -> str | None:
        """Return the id of the published generation, None when there is none."""
        return self.only or self._current()[0]

    def held(self) -> bool:
        """Tell whether the current generation was rolled back to, and so is not to be renewed unasked."""
        try:
            return self._current()[1]
        except IndexDamaged:
            return False

    def latest(self, opening: Callable[[Path], T]) -> T:
        """Return what `opening` makes of the published generation's folder.

        It is called again when the generation was replaced, and perhaps removed, while it was being opened.

        Raises:
            IndexUnavailable: Nothing was published yet.
            IndexForeign, IndexDamaged: It cannot be used.
        """
        while True:
            name = self.current()
            if name is None:
                raise IndexUnavailable(f"there is no index in {self.folder}; run: wenbao refresh")
            try:
                return opening(self.folder / name)
            except IndexDamaged:
                if self.current() == name:
                    raise

    def open(self, *, k1: float, b: float, compiled: bool = False) -> Generation:
        """Open the published generation; see `latest` and Generation."""
        return self.latest(lambda folder: Generation(folder, k1=k1, b=b, compiled=compiled))

    def meta(self) -> Meta | None:
        """Return what the published generation says of itself, None when there is none."""
        return None if self.current() is None else self.latest(read_meta)

    @contextmanager
    def building(self, *, keep: int | None = None) -> "Iterator[Building]":
        """Give an empty folder to build in; it is removed unless `publish` took it.

        Args:
            keep: Generations that stay when this one is published, for the one who holds the lock. The others
                are removed meanwhile, which waits for the disk, but for two, whatever becomes of the build.

        Raises:
            IndexUnwritable: Something could not be written.
        """
        from concurrent.futures import ThreadPoolExecutor  # for builds; a question has no need of it

        from bot.index.building import Building

        with writing(self.folder), ThreadPoolExecutor(_ASIDE) as aside:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            removed = aside.submit(self._keep_only, max(2, keep - 1)) if keep else None
            around = Path(tempfile.mkdtemp(prefix="building-", dir=self.folder))
            try:
                folder = around / "files"
                folder.mkdir(mode=0o700)
                yield Building(folder, aside)
                if removed:
                    removed.result()
            finally:
                shutil.rmtree(around, ignore_errors=True)

    def publish(
        self,
        building: "Building",
        made_of: Mapping[str, str],
        counts: Mapping[str, int],
        *,
        seconds: float,
        check: Callable[[Path], None] | None = None,
    ) -> Meta:
        """Make what was built the generation that answers; the rename of `current` does it.

        Args:
            building: As `Store.building` gave it, with all of SUMMED in its folder.
            made_of: What the index depends on.
            counts: Of passages, sections and reports.
            seconds: That the build took so far.
            check: Told the folder when it can be opened as a generation; if it raises, nothing is published.
        """
        folder = building.folder
        building.finish(*SUMMED)
        sums = building.finished()
        meta = describe(folder, self._last_number() + 1, made_of, counts, seconds, sums)
        building.finish(SUMS, "meta.json")
        building.finished()
        sync(folder)
        whole = folder.rename(folder.with_name(meta.generation))
        if check is not None:
            check(whole)
        whole.rename(self.folder / meta.generation)
        sync(self.folder)
        self._point_to(meta.generation)
        return meta

    def set_aside(self, name: str) -> Path:
        """Keep a generation that cannot be used under another name, so that a new one can be built."""
        source, target = self.folder / name, self.folder / f"{name}.damaged"
        if target.exists():
            self._remove(target)
        if source.exists():
            source.rename(target)
        (self.folder / "current").unlink(missing_ok=True)
        return target

    def prune(self, keep: int) -> list[str]:
        """Remove all but the last `keep` generations, and what kills left; return the generations.

        Only for the one who holds the lock: a build of another process would look like one that was killed.
        """
        gone = self._keep_only(keep)
        self.tidy()
        return gone

    def _keep_only(self, keep: int) -> list[str]:
        """Remove all but the current and the last generations; return those that are gone."""
        names, current = self.names(), self.current()
        older = [name for name in names if name != current]
        stay = keep - (len(names) - len(older))
        gone = older[: max(0, len(older) - stay)]
        for name in gone:
            self._remove(self.folder / name)
        return gone

    def tidy(self) -> None:
        """Remove what kills left; only for the one who holds the lock."""
        for pattern in _LEFT:
            for path in self.folder.glob(pattern):
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)

    def roll_back(self, to: str | None = None) -> Meta:
        """Let an older generation answer, until the next refresh; only for the one who holds the lock.

        Args:
            to: Its id; the one before the current if left out.

        Raises:
            InputError: There is no such generation.
            IndexForeign, IndexDamaged: It cannot be used; the current one answers on.
            IndexUnwritable: It could not be written down.
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
        with writing(self.folder):
            self._point_to(name, held=True)
        return meta

    def names(self) -> list[str]:
        """Return the ids of all whole generations, oldest first."""
        folders = (file.parent.name for file in self.folder.glob("*/meta.json"))
        return sorted(name for name in folders if _NAME.fullmatch(name))

    def _current(self) -> tuple[str | None, bool]:
        """Return what `current` names, and whether it is held."""
        path = self._pointer.path
        try:
            words = self._pointer.words()
        except (FileNotFoundError, NotADirectoryError):
            return None, False
        except (OSError, UnicodeDecodeError) as error:
            raise IndexDamaged(f"{path} cannot be read: {error}") from error
        if words[1:] not in ([], [_HELD]) or not _NAME.fullmatch("".join(words[:1])):
            raise IndexDamaged(f"{path} does not name a generation")
        return words[0], len(words) > 1

    def _last_number(self) -> int:
        numbers = [int(f.name[:6]) for f in self.folder.glob("[0-9][0-9][0-9][0-9][0-9][0-9]-*")]
        return max(numbers, default=0)

    def _point_to(self, name: str, *, held: bool = False) -> None:
        aside = self.folder / f"current.{name}"
        with aside.open("w", encoding="ascii") as file:
            file.write(f"{name} {_HELD}\n" if held else f"{name}\n")
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self.folder / "current")
        sync(self.folder)

    def _remove(self, folder: Path) -> None:
        """Remove a folder: under its own name it is whole or not there, whenever this is killed."""
        gone = self.folder / f"removing-{folder.name}"
        shutil.rmtree(gone, ignore_errors=True)
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

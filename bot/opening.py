"""The generation that answers: built if need be, opened once, and replaced when another was published."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bot.errors import (
    HomeError,
    IndexDamaged,
    IndexForeign,
    IndexLocked,
    IndexUnavailable,
    IndexUnwritable,
    SettingsError,
    WenbaoError,
)
from bot.home import Home
from bot.index.generations import Generation, Store
from bot.index.refresh import Ingredients, Refreshed, Refresher, State
from bot.lexicon.lexicon import Lexicon
from bot.parts import Parts
from bot.search.finder import PASSAGES_KEPT, Finder
from bot.search.searcher import Searcher
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.index.builder import Means

Progress = Callable[[int, int], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a question needs, all of one generation: also its dictionary and stop words.

    Attributes:
        search: Finds what answers a question.
    """

    generation: Generation
    names: Lexicon
    searcher: Searcher
    search: Finder


class Opening(Parts):
    """Parts with a store of generations. Safe to share between threads.

    Args:
        home: Whose reports and settings.
        settings: Of that home.
        warn: Told, in one line, what went wrong and was mended.
        many: It will answer many questions, which pays for importing what ranks sooner, and keeps what was
            found for the last ones.
    """

    def __init__(
        self, home: Home, settings: Settings, *, warn: Callable[[str], None], many: bool = False
    ) -> None:
        super().__init__(home, settings)
        self.store = Store(home.index)
        self._warn = warn
        self._many = many
        self._opening = threading.Lock()
        self._opened: Opened | None = None
        self._refused: str | None = None
        self.on_damage: Callable[[], object] = lambda: None
        """Told, in the thread that asked, that the generation in hand is damaged."""

    @cached_property
    def refresher(self) -> Refresher:
        """Return what keeps the index up to date."""
        ingredients = Ingredients(
            max_file_bytes=self.max_file_bytes,
            max_passage_chars=self.settings.corpus.max_passage_chars,
            dictionary=_digest(self.home.config("dictionary.txt")),
            synonyms=_digest(self.home.config("synonyms.toml"), self.home.config("glossary.toml")),
            lock_timeout=timedelta(seconds=self.settings.index.lock_timeout_s),
            keep=self.settings.index.keep,
        )
        return Refresher(
            self.home.root,
            self.home.corpus,
            self.store,
            ingredients,
            self.means,
            warn=self._warn,
        )

    def means(self) -> "Means":
        """Return what an index is built with."""
        from bot.index.builder import Means

        memory = self.settings.index.build_memory_mb
        return Means(self.analyzer_of, self.sources(), memory_mb=memory, recipe=self.recipe)

    @property
    def max_file_bytes(self) -> int:
        """Return the size above which a file is not read."""
        return int(self.settings.corpus.max_file_mb * 2**20)

    def state(self) -> State:
        """Compare the corpus with the index."""
        return self.refresher.state()

    def refresh(
        self,
        *,
        full: bool = False,
        dry_run: bool = False,
        strict: bool = False,
        advance: Progress = lambda _done, _total: None,
        check: Callable[[Path], None] | None = None,
    ) -> Refreshed:
        """Bring the index up to date; see Refresher.refresh."""
        if not dry_run:
            self.home.make_private()
        return self.refresher.refresh(full=full, dry_run=dry_run, strict=strict, advance=advance, check=check)

    def ready(self, *, advance: Callable[[], Progress]) -> None:
        """Open the index for questions, after building it if it is missing, outdated or damaged.

        One that was rolled back to is not outdated. Where nothing can be built (no room, no right to write,
        another build that does not end) what is there answers, and one line says so.

        Args:
            advance: Called when something has to be built; gives what is told of it.

        Raises:
            IndexUnavailable: There is nothing to answer from, and nothing can be built.
        """
        trouble = None
        if not self.store.held() and self.state().reasons:
            trouble = self._built(advance, full=False)
        try:
            generation = self.generation()
        except IndexUnavailable:
            trouble = trouble or self._built(advance, full=True)
            generation = self._older(trouble) if trouble else self.generation()
        if trouble:
            self._warn(f"{trouble}; until then {generation.generation} answers")

    def _built(self, advance: Callable[[], Progress], *, full: bool) -> WenbaoError | None:
        """Refresh; return what made it impossible."""
        try:
            self.refresh(full=full, advance=advance())
        except (IndexUnwritable, IndexLocked, HomeError) as error:
            return error
        return None

    def _older(self, trouble: WenbaoError) -> Generation:
        """Answer from the newest generation that can be used, where a new one cannot be built.

        Raises:
            WenbaoError: The trouble, when there is none.
        """
        for name in reversed(self.store.names()):
            try:
                opened = self._open(self.store.folder / name)
            except (IndexDamaged, IndexForeign):
                continue
            self._opened = opened
            self._refused = self._published()
            return opened.generation
        raise trouble

    def _published(self) -> str | None:
        """Return what is published, None when that cannot be told."""
        try:
            return self.store.current()
        except IndexDamaged:
            if self._opened is None:
                raise
            return None

    def generation(self) -> Generation:
        """Return the published generation, opened once and again when another was published.

        With it config/dictionary.txt and stopwords.txt are read again: they belong to the generation.
        One that was published meanwhile and cannot be used is named once; the one in hand answers on.

        Raises:
            IndexUnavailable: There is none, or it cannot be used.
        """
        return self.opened().generation

    def reopen(self) -> None:
        """Open the published generation anew, with config/ as it is now; questions go on meanwhile."""
        with self._opening:
            self._open_current(self.store.current())

    def suspecting(self, asking: Callable[[], T]) -> T:
        """Do something with the generation in hand; see whether its bytes explain an error."""
        try:
            return asking()
        except WenbaoError:
            raise
        except Exception as error:
            if self._opened is not None:
                self._opened.generation.suspect(error)
            raise

    def mend(self, damage: IndexDamaged) -> None:
        """Answer from a sound index again after what was read of this one was not what was written.

        Raises:
            IndexDamaged: It answers many questions, and will do so once whom `on_damage` tells has built, or
                was to answer from this index only.
            IndexUnavailable: There is nothing to answer from, and nothing can be built.
        """
        if self._opened is not None:
            self._opened.generation.distrust()
        if self._many or self.store.only:
            self.on_damage()
            raise IndexDamaged(f"{damage}; run: wenbao refresh") from damage
        self._opened = None
        self.ready(advance=lambda: lambda _done, _total: None)

    def opened(self) -> Opened:
        """Return the published generation with all that goes with it; see `generation`."""
        name = self._published()
        opened = self._opened
        if opened is not None:
            if name in {opened.generation.generation, self._refused, None}:
                return opened
            if not self._opening.acquire(blocking=False):
                return opened  # another thread opens the new one; no question waits for that
        else:
            self._opening.acquire()
        try:
            if self._opened is not None and name in {self._opened.generation.generation, self._refused}:
                return self._opened
            return self._open_current(name)
        finally:
            self._opening.release()

    def _open_current(self, name: str | None) -> Opened:
        """Open what is published; only for the one who holds `_opening`."""
        try:
            self._opened = self.store.latest(self._open)
        except (IndexUnavailable, SettingsError) as error:
            if self._opened is None:
                raise
            self._refused = name
            self._warn(f"{error}; {self._opened.generation.generation} answers on; run: wenbao refresh")
        return self._opened

    def _open(self, folder: Path) -> Opened:
        search = self.settings.search
        generation = Generation(folder, k1=search.k1, b=search.b, compiled=self._many)
        if self._opened is not None:
            self.reread()
        names = Lexicon(folder, self.cedict, self.frequencies, generation.df)
        find = partial(self.searcher.search, ranker=generation, names=names)
        return Opened(generation, names, self.searcher, Finder(find, most=PASSAGES_KEPT if self._many else 0))


def _digest(*paths: Path) -> str:
    digests = (hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()[:16]

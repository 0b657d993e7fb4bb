"""Settings → one assembled service; the only place where the parts are put together."""

import gc
import hashlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bot import answer as answers
from bot.domain import Answer, Listed, Passage
from bot.errors import EmptyCorpus, IndexDamaged, IndexForeign, IndexUnavailable, SettingsError
from bot.home import Home
from bot.index.generations import MANIFEST, Generation, Store
from bot.index.refresh import Ingredients, Refreshed, Refresher, State
from bot.lexicon.lexicon import Lexicon
from bot.parts import Parts
from bot.search import browsing
from bot.search.searcher import Searcher
from bot.settings import Settings
from bot.settings_loader import load

if TYPE_CHECKING:
    from bot.index.builder import Means
    from bot.journal.journal import Journal

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Opened:
    """What a question needs, all of one generation: also its dictionary and stop words."""

    generation: Generation
    names: Lexicon
    searcher: Searcher


class Service(Parts):
    """Everything that a command or the bot can ask for. Safe to share between threads.

    Args:
        home: Whose reports and settings.
        settings: Of that home.
        warn: Told, in one line, what went wrong and was mended.
        many: It will answer many questions, which pays for importing what ranks sooner.
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
        self.on_answer: Callable[[Answer], object] = lambda _answer: None
        """Told of every answer, in the thread that asked."""

    @cached_property
    def journal(self) -> "Journal":
        """Return what remembers questions, judgements, buttons and choices; opened when first needed.

        Raises:
            JournalUnavailable: It cannot be opened.
        """
        from bot.journal.journal import Journal
        from bot.journal.pseudonyms import read_key
        from bot.journal.tables import file_url

        settings = self.settings.journal
        private = self.home.make_private()
        return Journal(
            settings.url or file_url(private / "journal.sqlite3"),
            key=read_key(private / "journal.key"),
            keep_questions=settings.keep_questions,
            keep_days=settings.keep_days,
            clock=lambda: datetime.now().astimezone(),
            grouping=self.meaning,
        )

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
        return Means(self.analyzer, self.sources(), memory_mb=memory, recipe=self.recipe)

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
        check: Callable[[str], None] | None = None,
    ) -> Refreshed:
        """Bring the index up to date; see Refresher.refresh."""
        if not dry_run:
            self.home.make_private()
        return self.refresher.refresh(full=full, dry_run=dry_run, strict=strict, advance=advance, check=check)

    def ready(self, *, advance: Callable[[], Progress]) -> None:
        """Open the index for questions, after building it if it is missing, outdated or damaged.

        One that was rolled back to is not outdated.

        Args:
            advance: Called when something has to be built; gives what is told of it.
        """
        if not self.store.held() and self.state().reasons:
            self.refresh(advance=advance())
        try:
            self.generation()
        except (IndexDamaged, IndexForeign) as error:
            self.refresher.set_aside(error)
            self.refresh(advance=advance())
            self.generation()

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
        gc.collect()  # the one before has caches that refer to it: its files would stay open for a while

    def answering_from(self, generation: str) -> "Service":
        """Return this service over one whole generation of its store, published or not."""
        other = Service(self.home, self.settings, warn=self._warn, many=self._many)
        other.__dict__["searcher"] = self.searcher
        other.store = Store(self.store.folder, only=generation)
        return other

    def opened(self) -> Opened:
        """Return the published generation with all that goes with it; see `generation`."""
        name = self.store.current()
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
        search = self.settings.search
        try:
            generation = self.store.open(k1=search.k1, b=search.b, compiled=self._many)
            if self._opened is not None:
                self.reread()
            names = Lexicon(generation.folder, self.cedict, self.frequencies, generation.df)
            self._opened = Opened(generation, names, self.searcher)
        except (IndexUnavailable, SettingsError) as error:
            if self._opened is None:
                raise
            self._refused = name
            self._warn(f"{error}; {self._opened.generation.generation} answers on; run: wenbao refresh")
        return self._opened

    def ask(
        self,
        question: str,
        *,
        hits: int | None = None,
        explain: bool = False,
        literal: bool = False,
        report_id: str | None = None,
    ) -> Answer:
        """Answer a question from the published generation.

        Args:
            question: 1–512 characters.
            hits: Most passages wanted, 1–100; the setting if left out.
            explain: Give each hit its explanation.
            literal: Look up what was written, without repairing what looks mistyped.
            report_id: Search only this report; None searches all, as does an id that no report has.

        Raises:
            BlankQuestion, QuestionTooLong: It is not a question that can be asked.
            EmptyCorpus: There is no report.
            IndexUnavailable: There is no index.
        """
        start = time.perf_counter()
        asked = answers.checked_question(question)
        opened = self.opened()
        ranker = opened.generation
        if not ranker.size:
            raise EmptyCorpus(self.how_to_add_reports())
        k = hits or self.settings.search.hits
        only = browsing.report(ranker, report_id) if report_id else None
        found = opened.searcher.search(
            asked,
            ranker,
            opened.names,
            k=k,
            explain=explain,
            literal=literal,
            within=only.passages if only else None,
        )
        answer = answers.compose(
            question,
            found,
            min_confidence=self.settings.search.min_confidence,
            generation=ranker.generation,
            took_ms=(time.perf_counter() - start) * 1000,
        )
        self.on_answer(answer)
        return answer

    def passage(self, passage_id: str) -> Passage | None:
        """Return a passage of the published generation by its id, None when it has none of that id."""
        ranker = self.generation()
        ordinal = ranker.find(passage_id)
        return None if ordinal is None else ranker.passage(ordinal)

    def around(self, passage_id: str, *, before: int = 1, after: int = 1) -> tuple[Passage, ...]:
        """Return a passage between so many of its report before and after it; empty for an unknown id."""
        ranker = self.generation()
        ordinal = ranker.find(passage_id)
        return () if ordinal is None else browsing.around(ranker, ordinal, before=before, after=after)

    def section(self, passage_id: str) -> tuple[Passage, ...]:
        """Return all passages of a passage's section, in order; empty for an unknown id."""
        ranker = self.generation()
        ordinal = ranker.find(passage_id)
        return () if ordinal is None else browsing.section(ranker, ordinal)

    def reports(self) -> tuple[Listed, ...]:
        """Return the reports of the published generation, in order."""
        return self.generation().reports()

    def report(self, report_id: str) -> Listed | None:
        """Return a report by its id or by the figures that its file's name begins with, None for neither."""
        return browsing.report(self.generation(), report_id)

    def document(self, report_id: str) -> Path | None:
        """Return the file that a report stands in; None when it is gone or lies outside of the home."""
        listed = self.report(report_id)
        if listed is None:
            return None
        path = (self.home.root / listed.source).resolve()
        return path if path.is_relative_to(self.home.root.resolve()) and path.is_file() else None

    def passages(self, report_id: str) -> tuple[Passage, ...]:
        """Return the passages of a report, in order; empty for an unknown id."""
        ranker = self.generation()
        listed = browsing.report(ranker, report_id)
        return tuple(map(ranker.passage, listed.passages)) if listed else ()

    def how_to_add_reports(self) -> str:
        """Return what to tell whoever has no reports yet."""
        return (
            f"there are no reports in {self.home.corpus}; copy .md or .txt files into it, "
            "or run: wenbao import FILE"
        )

    def suggestions(self, count: int) -> tuple[str, ...]:
        """Return up to `count` questions that the reports answer, each from another report.

        They ask for a section by its heading; the headings with the most words of content come first.
        """
        from bot.suggest import suggest

        try:
            ranker = self.generation()
        except IndexUnavailable:
            return ()
        return suggest(ranker, lambda question: self.ask(question, hits=1), count)


def assemble(
    home: Home, environ: Mapping[str, str], *, warn: Callable[[str], None], many: bool = False
) -> Service:
    """Return the service of a home; see Service for `many`.

    Raises:
        SettingsError: A setting is malformed, unknown or out of range.
    """
    settings = load(home.config("bot.toml"), environ, home.private / "settings.json")
    return Service(home, settings, warn=warn, many=many)


def index_of(service: Service, passages: Sequence[Passage], folder: Path) -> tuple[Generation, Lexicon]:
    """Index passages as they are, for an evaluation, and open the index."""
    from bot.index import builder

    start = time.perf_counter()
    store = Store(folder)
    with store.building() as building:
        counts = builder.build(passages, service.means(), building)
        (building / MANIFEST).write_text('{"entries": [], "skipped": []}')
        store.publish(building, {}, counts, seconds=time.perf_counter() - start)
    search = service.settings.search
    generation = store.open(k1=search.k1, b=search.b)
    return generation, Lexicon(generation.folder, service.cedict, service.frequencies, generation.df)


def _digest(*paths: Path) -> str:
    digests = (hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()[:16]

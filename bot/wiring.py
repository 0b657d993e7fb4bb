"""Settings → one assembled service; the only place where the parts are put together."""

import hashlib
import threading
import time
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bot import answer as answers
from bot.analysis.analyzer import Analyzer
from bot.analysis.frequencies import Frequencies
from bot.analysis.normalize import Normalizer, simplifier
from bot.analysis.segment import QuestionSegmenter, UserWord, segmenter
from bot.domain import Answer, Passage
from bot.errors import EmptyCorpus, IndexDamaged, IndexForeign, IndexUnavailable, SettingsError
from bot.home import Home
from bot.index.generations import MANIFEST, Generation, Store
from bot.index.refresh import Ingredients, Refreshed, Refresher, State
from bot.lexicon import wordlists
from bot.lexicon.cedict import Cedict
from bot.lexicon.english import Stemmer
from bot.lexicon.lexicon import Lexicon, Sources
from bot.search import browsing
from bot.search.query import QueryBuilder, Weights
from bot.search.searcher import Searcher
from bot.settings import Settings
from bot.settings_loader import load
from bot.shelf import Shelf

if TYPE_CHECKING:
    from bot.journal.journal import Journal

Progress = Callable[[int, int], None]

_READ_FROM_CONFIG = ("words", "stop_words", "analyzer", "question_analyzer", "searcher", "refresher")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a question needs, all of one generation: also its dictionary and stop words."""

    generation: Generation
    names: Lexicon
    searcher: Searcher


class Service(Shelf):
    """Everything that a command or the bot can ask for. Safe to share between threads.

    Args:
        home: Whose reports and settings.
        settings: Of that home.
        warn: Told, in one line, what went wrong and was mended.
    """

    def __init__(self, home: Home, settings: Settings, *, warn: Callable[[str], None]) -> None:
        super().__init__(home.root, lambda: self.generation())
        self.home = home
        self.settings = settings
        self.store = Store(home.index)
        self._warn = warn
        self._opening = threading.Lock()
        self._opened: Opened | None = None
        self._refused: str | None = None
        self.on_answer: Callable[[Answer], object] = lambda _answer: None
        """Told of every answer, in the thread that asked."""

    @cached_property
    def analyzer(self) -> Analyzer:
        """Return the analyzer; made when first needed, which loads the segmenter's dictionary."""
        return Analyzer(self.normalizer, segmenter(self.settings.analysis.segmenter, self.words, self.cache))

    @cached_property
    def normalizer(self) -> Normalizer:
        """Return what brings text into its one spelling."""
        return Normalizer(simplifier())

    @cached_property
    def question_analyzer(self) -> Analyzer:
        """Return an analyzer of the same terms that starts sooner where it can, for questions."""
        if "analyzer" in self.__dict__ or self.settings.analysis.segmenter == "jieba":
            return self.analyzer
        try:
            return Analyzer(self.normalizer, QuestionSegmenter(self.words, self.frequencies))
        except ImportError:
            return self.analyzer

    @cached_property
    def frequencies(self) -> Frequencies:
        """Return how often words are used; the file is made in the home's cache when first needed."""
        return Frequencies(self.cache)

    @cached_property
    def cache(self) -> Path:
        """Return the folder of what can be made again."""
        cache = self.home.make_private() / "cache"
        cache.mkdir(mode=0o700, exist_ok=True)
        return cache

    @cached_property
    def words(self) -> Sequence[UserWord]:
        """Return the words of config/dictionary.txt."""
        return wordlists.dictionary(self.home.config("dictionary.txt"))

    @cached_property
    def searcher(self) -> Searcher:
        """Return what makes queries and picks hits."""
        search = self.settings.search
        weights = Weights(
            word=search.word_weight,
            char=search.char_weight,
            heading=search.heading_weight,
            single=search.single_weight,
            synonym=search.synonym_weight,
            meaning=search.meaning_weight,
            meaning_least=search.meaning_least,
            translated_char=search.translated_char_weight,
            phrase=search.phrase_weight,
            part=search.part_weight,
        )
        queries = QueryBuilder(self.stop_words.__contains__, weights, self.stemmer.phrase)
        return Searcher(
            self.question_analyzer,
            queries,
            sentence_weight=search.sentence_weight,
            intent_weight=search.intent_weight,
            spread=search.spread,
        )

    @cached_property
    def stemmer(self) -> Stemmer:
        """Return what takes English words to their stems."""
        return Stemmer()

    @cached_property
    def cedict(self) -> Cedict:
        """Return the dictionary; its file is made in the home's cache when first needed."""
        return Cedict(self.cache, self.stemmer)

    def sources(self) -> Sources:
        """Return what a lexicon is compiled from."""
        from bot.lexicon import glossary

        synonyms = glossary.synonyms(self.home.config("synonyms.toml"))
        terms = glossary.glossary(self.home.config("glossary.toml"))
        return Sources(
            self.cedict, synonyms, terms, self.stemmer.phrase, lambda text: self.analyzer.normalize(text).text
        )

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

    def meaning(self, question: str) -> frozenset[str]:
        """Return the words of a question that carry content, English ones as stems; the same for the same."""
        words = [word for word in self.question_analyzer.tokens(question)[0] if word not in self.stop_words]
        stems = self.stemmer.phrase(" ".join(word for word in words if word.isascii()))
        return frozenset([*stems, *(word for word in words if not word.isascii())]) or frozenset([question])

    @cached_property
    def stop_words(self) -> Container[str]:
        """Return the words of config/stopwords.txt."""
        return wordlists.stop_words(self.home.config("stopwords.txt"))

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
            lambda: self.analyzer,
            self.sources,
            warn=self._warn,
        )

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

        Args:
            advance: Called when something has to be built; gives what is told of it.
        """
        if self.state().reasons:
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

    def reread(self) -> None:
        """Forget what was read from config/; it is read again when next needed."""
        for name in _READ_FROM_CONFIG:
            self.__dict__.pop(name, None)

    def answering_from(self, generation: str) -> "Service":
        """Return this service over one whole generation of its store, published or not."""
        other = Service(self.home, self.settings, warn=self._warn)
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
            generation = self.store.open(k1=search.k1, b=search.b)
            if self._opened is not None:
                self.reread()
            names = Lexicon(generation.folder, self.cedict, self.frequencies)
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


def assemble(home: Home, environ: Mapping[str, str], *, warn: Callable[[str], None]) -> Service:
    """Return the service of a home.

    Raises:
        SettingsError: A setting is malformed, unknown or out of range.
    """
    settings = load(home.config("bot.toml"), environ, home.private / "settings.json")
    return Service(home, settings, warn=warn)


def index_of(service: Service, passages: Sequence[Passage], folder: Path) -> tuple[Generation, Lexicon]:
    """Index passages as they are, for an evaluation, and open the index."""
    from bot.index import builder

    start = time.perf_counter()
    store = Store(folder)
    with store.building() as building:
        counts = builder.build(passages, service.analyzer, service.sources(), building)
        (building / MANIFEST).write_text('{"entries": [], "skipped": []}')
        store.publish(building, {}, counts, seconds=time.perf_counter() - start)
    search = service.settings.search
    generation = store.open(k1=search.k1, b=search.b)
    return generation, Lexicon(generation.folder, service.cedict, service.frequencies)


def _digest(*paths: Path) -> str:
    digests = (hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()[:16]

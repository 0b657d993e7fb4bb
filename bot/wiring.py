"""Settings → one assembled service; the only place where the parts are put together."""

import functools
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from bot import answer as answers
from bot.domain import Answer, Listed, Passage
from bot.errors import EmptyCorpus, IndexDamaged, IndexUnavailable
from bot.home import Home
from bot.index.generations import Generation, Store
from bot.index.meta import MANIFEST
from bot.lexicon.lexicon import Lexicon
from bot.opening import Opening
from bot.search import browsing
from bot.settings import Settings
from bot.settings_loader import load

if TYPE_CHECKING:
    from bot.journal.journal import Journal

P = ParamSpec("P")
T = TypeVar("T")


# Of 20,000 passages a question of 64 characters took 4.6 ms at the median, 7.5 at most.
_FEW_PASSAGES = 20_000
_SHORT = 64


def _minding_damage(asking: Callable[Concatenate["Service", P], T]) -> Callable[Concatenate["Service", P], T]:
    """Wrap what reads a generation: where that turns out not to be what was written, it is mended."""

    @functools.wraps(asking)
    def asked(service: "Service", /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return service.suspecting(lambda: asking(service, *args, **kwargs))
        except IndexDamaged as damage:
            service.mend(damage)
        return asking(service, *args, **kwargs)

    return asked


class Service(Opening):
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
        super().__init__(home, settings, warn=warn, many=many)
        self._suggested: tuple[tuple[str, int], tuple[str, ...]] = (("", 0), ())
        self.on_answer: Callable[[Answer], object] = lambda _answer: None
        """Told of every answer, in the thread that asked."""

    def answering_from(self, folder: Path) -> "Service":
        """Return this service over the whole generation in a folder, published or not."""
        other = Service(self.home, self.settings, warn=self._warn, many=self._many)
        other.__dict__["searcher"] = self.searcher
        other.store = Store(folder.parent, only=folder.name)
        return other

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

    @_minding_damage
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
        answer = self._answer(question, hits, explain=explain, literal=literal, report_id=report_id)
        self.on_answer(answer)
        return answer

    def _answer(
        self,
        question: str,
        hits: int | None = None,
        *,
        explain: bool = False,
        literal: bool = False,
        report_id: str | None = None,
    ) -> Answer:
        start = time.perf_counter()
        asked = answers.checked_question(question)
        opened = self.opened()
        ranker = opened.generation
        if not ranker.size:
            raise EmptyCorpus(self.how_to_add_reports())
        k = hits or self.settings.search.hits
        only = browsing.report(ranker, report_id) if report_id else None
        within = only.passages if only else None
        found = opened.search(asked, k, explain=explain, literal=literal, within=within)
        return answers.compose(
            question,
            found,
            min_confidence=self.settings.search.min_confidence,
            generation=ranker.generation,
            took_ms=(time.perf_counter() - start) * 1000,
        )

    def at_hand(self, question: str, *, hits: int) -> bool:
        """Tell whether `ask` takes milliseconds and opens nothing: few passages, or it was asked lately."""
        opened = self._opened
        if opened is None or self._published() != opened.generation.generation:
            return False
        if opened.generation.size <= _FEW_PASSAGES and len(question) <= _SHORT:
            return True
        return opened.search.kept(question.strip(), hits) is not None

    @_minding_damage
    def passage(self, passage_id: str) -> Passage | None:
        """Return a passage of the published generation by its id, None when it has none of that id."""
        ranker = self.generation()
        ordinal = ranker.find(passage_id)
        return None if ordinal is None else ranker.passage(ordinal)

    @_minding_damage
    def places(self, passage_ids: Sequence[str]) -> tuple[tuple[int, int] | None, ...]:
        """Return each passage's 1-based number in its report and how many that has; None if unknown."""
        ranker = self.generation()
        ordinals = map(ranker.find, passage_ids)
        return tuple(None if at is None else browsing.place(ranker, at) for at in ordinals)

    @_minding_damage
    def around(self, passage_id: str, *, before: int = 1, after: int = 1) -> tuple[Passage, ...]:
        """Return a passage between so many of its report before and after it; empty for an unknown id."""
        ranker = self.generation()
        ordinal = ranker.find(passage_id)
        return () if ordinal is None else browsing.around(ranker, ordinal, before=before, after=after)

    @_minding_damage
    def section(self, passage_id: str) -> tuple[Passage, ...]:
        """Return all passages of a passage's section, in order; empty for an unknown id."""
        ranker = self.generation()
        ordinal = ranker.find(passage_id)
        return () if ordinal is None else browsing.section(ranker, ordinal)

    @_minding_damage
    def reports(self) -> tuple[Listed, ...]:
        """Return the reports of the published generation, in order."""
        return self.generation().reports()

    @_minding_damage
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

    @_minding_damage
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

        They ask for a section by its heading; the headings with the most words of content come first. They
        are chosen once for a generation, which takes a look at all of it.
        """
        from bot.suggest import suggest

        try:
            ranker = self.generation()
        except IndexUnavailable:
            return ()
        made_for = (ranker.generation, count)
        if self._suggested[0] != made_for:
            self._suggested = (made_for, suggest(ranker, lambda question: self._answer(question, 1), count))
        return self._suggested[1]


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
        counts = builder.build(passages, service.means(), building.folder)
        (building.folder / MANIFEST).write_text('{"entries": [], "skipped": []}')
        store.publish(building, {}, counts, seconds=time.perf_counter() - start)
    search = service.settings.search
    generation = store.open(k1=search.k1, b=search.b)
    return generation, Lexicon(generation.folder, service.cedict, service.frequencies, generation.df)

"""Judged questions, asked: of a set of passages indexed as they are, or of a home."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import BlankQuestion, EmptyCorpus, QuestionTooLong
from bot.evaluation.figures import by_kind, figures, query_ms, refusals
from bot.evaluation.judged import (
    DEPTH,
    Judged,
    Outcome,
    Reply,
    by_id,
    by_substring,
    judge,
    read_passages,
    read_questions,
)
from bot.home import Home
from bot.index.generations import Generation
from bot.lexicon.lexicon import Lexicon
from bot.search.searcher import Searcher
from bot.settings import Settings
from bot.spreading import spread

if TYPE_CHECKING:
    from bot.wiring import Service


@dataclass(frozen=True, slots=True)
class Measured:
    """A home's evaluation.

    Attributes:
        generation: Id of the index that answered.
        figures: The contract's object, with `no_answer` and `kinds`.
        outcomes: Of each question, in order.
    """

    generation: str
    figures: dict[str, Any]
    outcomes: tuple[Outcome, ...]


def on_passages(service: "Service", passages: Path, questions: Path) -> dict[str, Any]:
    """Index a set of passages as they are and return the contract's figures of ranking them.

    Whether an answer counts as found plays no part: what is measured is the order.
    """
    from bot.wiring import index_of

    judged = read_questions(questions)
    given = read_passages(passages)
    with tempfile.TemporaryDirectory(prefix="wenbao-eval-") as folder:
        generation, names = index_of(service, given, Path(folder))
        here = partial(_ranked, service.searcher, generation, names)
        opening = partial(_ranking, service.home, service.settings, generation.folder)
        outcomes = list(spread(judged, here, opening))
        meta = generation.meta
    return {
        **figures(outcomes),
        "questions": len(judged),
        "passages": len(given),
        "build_s": round(meta.seconds, 3),
        "query_ms": query_ms(outcomes),
        "index_bytes": meta.bytes,
    }


def on_home(service: "Service", questions: Sequence[Judged]) -> Measured:
    """Ask a home's reports the judged questions.

    Raises:
        EmptyCorpus: There is no report to ask.
    """
    generation = service.generation()
    if not generation.size:
        raise EmptyCorpus(service.how_to_add_reports())
    outcomes = ask_all(service, questions)
    measured = {
        **figures(outcomes),
        "questions": len(questions),
        "passages": generation.size,
        "build_s": round(generation.meta.seconds, 3),
        "query_ms": query_ms(outcomes),
        "index_bytes": generation.meta.bytes,
        "no_answer": refusals(outcomes),
        "kinds": by_kind(outcomes),
    }
    return Measured(generation.generation, measured, tuple(outcomes))


def ask_all(service: "Service", questions: Sequence[Judged]) -> list[Outcome]:
    """Ask a home the judged questions as a person would.

    A question that was refused has no hits, as for the one who asked it; nor has one that cannot be asked,
    or that is asked of no reports at all.
    """
    if not questions:
        return []
    here = partial(_asked, service)
    opening = partial(_asking, service.home, service.settings, service.generation().folder)
    return list(spread(questions, here, opening))


def _asked(service: "Service", judged: Judged) -> Outcome:
    def ask(question: str) -> Reply:
        try:
            answer = service.ask(question, hits=DEPTH)
        except (BlankQuestion, QuestionTooLong, EmptyCorpus):
            return Reply(False, 0.0, ())
        return Reply(answer.answered, answer.confidence, [hit.passage for hit in answer.hits])

    return judge(judged, ask, by_substring)


def _asking(home: Home, settings: Settings, folder: Path) -> Callable[[Judged], Outcome]:
    """Open a home's generation in another process; return what asks and judges."""
    from bot.wiring import Service

    return partial(_asked, Service(home, settings, warn=_in_silence).answering_from(folder))


def _ranked(searcher: Searcher, generation: Generation, names: Lexicon, judged: Judged) -> Outcome:
    def ask(question: str) -> Reply:
        found = searcher.search(question, generation, names, k=DEPTH)
        return Reply(bool(found.hits), found.confidence, [hit.passage for hit in found.hits])

    return judge(judged, ask, by_id)


def _ranking(home: Home, settings: Settings, folder: Path) -> Callable[[Judged], Outcome]:
    """Open an index of passages in another process; return what ranks and judges."""
    from bot.wiring import Service

    service = Service(home, settings, warn=_in_silence).answering_from(folder)
    opened = service.opened()
    return partial(_ranked, opened.searcher, opened.generation, opened.names)


def _in_silence(_line: str) -> None:
    """Say nothing: the process that was asked says it."""

"""Judged questions → figures.

Two forms of judgement: passages by their id, on a set of passages indexed as they are; and substrings of
the relevant passages, on a home's reports, where no substring means that the reports do not say.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.domain import Passage
from bot.errors import BlankQuestion, InputError, QuestionTooLong

if TYPE_CHECKING:
    from bot.wiring import Service

CUTOFFS = (1, 3, 5)
DEPTH = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """A question and what answers it.

    Attributes:
        relevant: Ids of passages, or substrings of them; empty: the reports do not say.
        kind: For the rows of the table.
    """

    question_id: str
    question: str
    relevant: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question.

    Attributes:
        ranked: Whether each hit was relevant, best first, at most `DEPTH`.
        answered: Whether the reports were said to have an answer.
        took_ms: Milliseconds for the whole answer.
    """

    judged: Judged
    ranked: tuple[bool, ...]
    answered: bool
    took_ms: float


def read_questions(path: Path) -> list[Judged]:
    """Read judged questions, an object a line: question, relevant, and if wanted an id and a kind.

    Raises:
        InputError: With file:line, when a line is not such an object or there is none.
    """
    judged = []
    for number, row in _rows(path):
        question, relevant = row.get("question"), row.get("relevant")
        if not isinstance(question, str) or not isinstance(relevant, list):
            raise InputError(f'{path}:{number}: needs "question" (text) and "relevant" (a list)')
        name = str(row.get("question_id") or row.get("id") or number)
        kind = str(row.get("kind") or ("question" if relevant else "unanswerable"))
        judged.append(Judged(name, question, tuple(map(str, relevant)), kind))
    return _some(judged, path, "question")


def read_passages(path: Path) -> list[Passage]:
    """Read passages to be indexed as they are, an object a line: passage_id and text.

    Raises:
        InputError: With file:line, when a line is not such an object, an id comes twice, or there is none.
    """
    passages: dict[str, Passage] = {}
    for number, row in _rows(path):
        name, text = row.get("passage_id"), row.get("text")
        if not isinstance(name, str) or not isinstance(text, str):
            raise InputError(f'{path}:{number}: needs "passage_id" (text) and "text" (text)')
        if name in passages:
            raise InputError(f"{path}:{number}: passage_id {name} stands twice")
        passages[name] = Passage(name, name, "", (), path.name, 0, len(text), text)
    return _some(list(passages.values()), path, "passage")


def run(
    questions: Iterable[Judged],
    ask: Callable[[str], tuple[bool, Sequence[Passage]]],
    is_relevant: Callable[[Judged, Passage], bool],
) -> list[Outcome]:
    """Ask every question and judge what came.

    Args:
        questions: To be asked.
        ask: Gives whether there is an answer, and the ranked passages (also those of a refused answer).
        is_relevant: Compares a passage with a judgement.
    """
    outcomes = []
    for judged in questions:
        start = time.perf_counter()
        answered, passages = ask(judged.question)
        took_ms = (time.perf_counter() - start) * 1000
        ranked = tuple(is_relevant(judged, passage) for passage in passages[:DEPTH])
        outcomes.append(Outcome(judged, ranked, answered, took_ms))
    return outcomes


def by_id(judged: Judged, passage: Passage) -> bool:
    """Tell whether a judgement names this passage."""
    return passage.passage_id in judged.relevant


def by_substring(judged: Judged, passage: Passage) -> bool:
    """Tell whether a passage contains one of a judgement's substrings."""
    return any(substring in passage.text for substring in judged.relevant)


def figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return hit@1, hit@3, hit@5 and mrr@10 over the questions that have an answer, 0..1.

    A hit is a relevant passage among the first k; measured by ir-measures (Success@k, RR@10).
    """
    import ir_measures
    from ir_measures import RR, Success

    answerable = [outcome for outcome in outcomes if outcome.judged.relevant]
    if not answerable:
        return {}
    names = {f"hit@{k}": Success @ k for k in CUTOFFS} | {f"mrr@{DEPTH}": RR @ DEPTH}
    qrels = [ir_measures.Qrel(str(q), f"{q}+", 1) for q in range(len(answerable))]
    ran = [
        ir_measures.ScoredDoc(str(q), name, -float(rank))
        for q, outcome in enumerate(answerable)
        for rank, name in _names(q, outcome.ranked)
    ]
    measured = ir_measures.calc_aggregate(list(names.values()), qrels, ran)
    return {name: round(float(measured[measure]), 4) for name, measure in names.items()}


def refusals(outcomes: Sequence[Outcome]) -> dict[str, float | int]:
    """Return how well "the reports do not say" was told: precision and recall of it, 0..1.

    Precision is over what was refused, recall over what has no answer; 1.0 where there was nothing to tell.
    """
    refused = [outcome for outcome in outcomes if not outcome.answered]
    silent = [outcome for outcome in outcomes if not outcome.judged.relevant]
    right = sum(not outcome.judged.relevant for outcome in refused)
    return {
        "precision": round(right / len(refused), 4) if refused else 1.0,
        "recall": round(right / len(silent), 4) if silent else 1.0,
        "questions": len(silent),
        "refused": len(refused),
    }


def by_kind(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float | int]]:
    """Return figures per kind of question, in order of first appearance."""
    kinds: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        kinds.setdefault(outcome.judged.kind, []).append(outcome)
    return {
        kind: {
            "questions": len(some),
            "refused": sum(not outcome.answered for outcome in some),
            **figures(some),
        }
        for kind, some in kinds.items()
    }


def query_ms(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the 50th and 95th percentile of the time of an answer, in milliseconds."""
    import numpy as np

    times = [outcome.took_ms for outcome in outcomes]
    return {f"p{p}": round(float(np.percentile(times, p)), 3) for p in (50, 95)}


def on_passages(service: "Service", passages: Path, questions: Path) -> dict[str, Any]:
    """Index a set of passages as they are and return the contract's figures of ranking them.

    Whether an answer counts as found plays no part: what is measured is the order.
    """
    from bot.wiring import index_of

    judged = read_questions(questions)
    given = read_passages(passages)
    with tempfile.TemporaryDirectory(prefix="wenbao-eval-") as folder:
        generation, names = index_of(service, given, Path(folder))

        def ask(question: str) -> tuple[bool, Sequence[Passage]]:
            found = service.searcher.search(question, generation, names, k=DEPTH)
            return bool(found.hits), [hit.passage for hit in found.hits]

        outcomes = run(judged, ask, by_id)
        meta = generation.meta
    return {
        **figures(outcomes),
        "questions": len(judged),
        "passages": len(given),
        "build_s": round(meta.seconds, 3),
        "query_ms": query_ms(outcomes),
        "index_bytes": meta.bytes,
    }


def on_home(service: "Service", questions: Path) -> dict[str, Any]:
    """Ask a home's reports the judged questions and return the contract's figures.

    A question that was refused has no hits, as for the one who asked it.
    """
    judged = read_questions(questions)
    generation = service.generation()

    def ask(question: str) -> tuple[bool, Sequence[Passage]]:
        try:
            answer = service.ask(question, hits=DEPTH)
        except (BlankQuestion, QuestionTooLong):
            return False, []
        return answer.answered, [hit.passage for hit in answer.hits]

    outcomes = run(judged, ask, by_substring)
    return {
        **figures(outcomes),
        "questions": len(judged),
        "passages": generation.size,
        "build_s": round(generation.meta.seconds, 3),
        "query_ms": query_ms(outcomes),
        "index_bytes": generation.meta.bytes,
        "no_answer": refusals(outcomes),
        "kinds": by_kind(outcomes),
    }


def _names(question: int, ranked: Sequence[bool]) -> Iterator[tuple[int, str]]:
    """Name ranked passages for the measures: the first relevant one is the one in the qrels."""
    found = False
    for rank, relevant in enumerate(ranked):
        yield rank, f"{question}+" if relevant and not found else f"{question}-{rank}"
        found = found or relevant


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"{path} cannot be read: {reason}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"{path}:{number}: is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise InputError(f"{path}:{number}: is not a JSON object")
        yield number, row


def _some(rows: list[Any], path: Path, noun: str) -> list[Any]:
    if not rows:
        raise InputError(f"{path}: has no {noun}")
    return rows

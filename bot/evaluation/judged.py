"""Judged questions: what they are, how files of them are read, and what came of asking them.

Two forms of judgement: passages by their id, on a set of passages indexed as they are; and substrings of
the relevant passages, on a home's reports, where no substring means that the reports do not say.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain import Passage
from bot.errors import InputError

DEPTH = 10
# A person reads three passages before asking again, and the bot sends three.
RIGHT_WITHIN = 3


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
class Reply:
    """What a question got.

    Attributes:
        answered: Whether the reports were said to have an answer.
        confidence: In the best passage, 0..1.
        passages: Best first.
    """

    answered: bool
    confidence: float
    passages: Sequence[Passage]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question.

    Attributes:
        rank: Of the first relevant passage, 1..`DEPTH`; None: it was not among them.
        answered: Whether the reports were said to have an answer.
        confidence: 0..1.
        took_ms: Milliseconds for the whole answer.
    """

    judged: Judged
    rank: int | None
    answered: bool
    confidence: float
    took_ms: float

    @property
    def right(self) -> bool:
        """Tell whether it was refused rightly, or answered with a relevant passage among the first three."""
        if not self.judged.relevant:
            return not self.answered
        return self.answered and self.rank is not None and self.rank <= RIGHT_WITHIN

    @property
    def worth(self) -> float:
        """Return 1 / rank of a question that has an answer, 1 for one rightly refused, else 0."""
        if not self.judged.relevant:
            return float(not self.answered)
        return 1 / self.rank if self.answered and self.rank else 0.0


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


def judge(
    judged: Judged, ask: Callable[[str], Reply], is_relevant: Callable[[Judged, Passage], bool]
) -> Outcome:
    """Ask one question and judge what came.

    Args:
        judged: To be asked.
        ask: Gives the reply, also with the passages of a refused answer where it has them.
        is_relevant: Compares a passage with a judgement.
    """
    start = time.perf_counter()
    reply = ask(judged.question)
    took_ms = (time.perf_counter() - start) * 1000
    ranked = enumerate(reply.passages[:DEPTH], 1)
    rank = next((rank for rank, passage in ranked if is_relevant(judged, passage)), None)
    return Outcome(judged, rank, reply.answered, reply.confidence, took_ms)


def run(
    questions: Iterable[Judged],
    ask: Callable[[str], Reply],
    is_relevant: Callable[[Judged, Passage], bool],
) -> list[Outcome]:
    """Ask every question, one after another, and judge what came; see `judge`."""
    return [judge(judged, ask, is_relevant) for judged in questions]


def by_id(judged: Judged, passage: Passage) -> bool:
    """Tell whether a judgement names this passage."""
    return passage.passage_id in judged.relevant


def by_substring(judged: Judged, passage: Passage) -> bool:
    """Tell whether a passage contains one of a judgement's substrings."""
    return any(substring in passage.text for substring in judged.relevant)


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
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}:{number}: is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise InputError(f"{path}:{number}: is not a JSON object")
        yield number, row


def _some(rows: list[Any], path: Path, noun: str) -> list[Any]:
    if not rows:
        raise InputError(f"{path}: has no {noun}")
    return rows

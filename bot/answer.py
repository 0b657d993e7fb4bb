"""Hits → Answer, and an Answer as the JSON of the contract."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from bot.domain import Answer, Explanation, GroupShare, Hit, Passage
from bot.errors import BlankQuestion, InputError, QuestionTooLong
from bot.search.searcher import Found

MAX_QUESTION_CHARS = 512
_MOST_NEAREST = 3


def checked_question(question: str) -> str:
    """Return a question without surrounding white space.

    Raises:
        InputError: It is not Unicode.
        BlankQuestion: Nothing that can be seen is left of it.
        QuestionTooLong: It has more than 512 characters.
    """
    question = question.strip()
    if any("\ud800" <= char <= "\udfff" for char in question):
        raise InputError("the question is not UTF-8; set the terminal to UTF-8 and ask again")
    if all(unicodedata.category(char)[0] in "CZ" for char in question):
        raise BlankQuestion("the question is blank; ask for example: wenbao ask 怎么处理投诉")
    if len(question) > MAX_QUESTION_CHARS:
        raise QuestionTooLong(
            f"the question has {len(question)} characters, at most {MAX_QUESTION_CHARS} are read; shorten it"
        )
    return question


def compose(question: str, found: Found, *, min_confidence: float, generation: str, took_ms: float) -> Answer:
    """Return the answer; without hits when too little of the question was found.

    Args:
        question: As it was asked.
        found: What the search came to.
        min_confidence: Below it, the reports do not say.
        generation: Id of the index that was searched.
        took_ms: Milliseconds.
    """
    answered = bool(found.hits) and found.confidence >= min_confidence
    return Answer(
        question,
        answered,
        found.confidence,
        generation,
        took_ms,
        hits=found.hits if answered else (),
        repairs=found.repairs,
        missing=found.missing,
        nearest=() if answered else _nearest(found.hits),
    )


def _nearest(hits: Sequence[Hit]) -> tuple[Passage, ...]:
    """Return the best passage of each of the first sections that something of the question stands in."""
    sections: dict[tuple[str, ...], Passage] = {}
    for hit in hits:
        if hit.highlights:
            sections.setdefault((hit.passage.report_id, *hit.passage.section), hit.passage)
    return tuple(sections.values())[:_MOST_NEAREST]


def to_json(answer: Answer) -> dict[str, Any]:
    """Return the object that `ask --json` prints."""
    return {
        "question": answer.question,
        "answered": answer.answered,
        "confidence": round(answer.confidence, 4),
        "generation": answer.generation,
        "took_ms": round(answer.took_ms, 3),
        "hits": [_hit(hit) for hit in answer.hits],
    }


def unasked(question: str, reason: str) -> dict[str, Any]:
    """Return the object for a line of a batch that is no question, and why."""
    return to_json(Answer(question, answered=False, confidence=0.0, generation="", took_ms=0.0, hits=())) | {
        "error": reason
    }


def _hit(hit: Hit) -> dict[str, Any]:
    passage = hit.passage
    fields: dict[str, Any] = {
        "rank": hit.rank,
        "score": hit.score,
        "report_id": passage.report_id,
        "report": passage.report,
        "section": list(passage.section),
        "passage_id": passage.passage_id,
        "text": passage.text,
        "highlights": [[span.start, span.end] for span in hit.highlights],
        "source": passage.source,
        "start": passage.start,
        "end": passage.end,
    }
    return fields | ({"explanation": _explanation(hit.explanation)} if hit.explanation else {})


def _explanation(explanation: Explanation) -> dict[str, Any]:
    return {"score": explanation.score, "groups": [_group(share) for share in explanation.groups]}


def _group(share: GroupShare) -> dict[str, Any]:
    return {
        "channel": share.group.channel.name.lower(),
        "weight": share.group.weight,
        "tf": share.tf,
        "df": share.df,
        "idf": share.idf,
        "share": share.share,
        "terms": [
            {"term": n.term, "source": n.source, "weight": n.weight, "tf": n.tf, "df": n.df, "idf": share.idf}
            for n in share.names
        ],
    }

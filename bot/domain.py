"""The nouns. Frozen values without behaviour beyond what their fields say.

All offsets are half-open and count code points. Field names are the field's terms:
a report is TREC's document, a passage is what is retrieved.
"""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of code points, `0 <= start <= end`."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the text up to the next heading of any level.

    Attributes:
        path: Headings from the outermost to its own, as written, without the report's title.
            Text without a heading has the path `(report.title,)`.
        span: Its own text in the report's text, without the heading line.
        order: 0-based position in its report.
    """

    path: tuple[str, ...]
    span: Span
    order: int


@dataclass(frozen=True, slots=True)
class Omission:
    """Text of a file that belongs to no section, and why."""

    span: Span
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """One report, as understood.

    Attributes:
        report_id: Unique in the corpus and stable while its file keeps its name.
        title: As a person would cite it.
        source: The file, relative to the home, with forward slashes.
        text: The decoded text of the whole file; line ends are LF. Several reports of one
            compilation share it, so that every span can be checked against the file.
        span: The part of `text` that is this report, title line included.
        sections: In order of appearance; each has text.
    """

    report_id: str
    title: str
    source: str
    text: str = field(repr=False)
    span: Span
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of retrieval: `report.text[start:end] == text`, at most 350 characters.

    Attributes:
        passage_id: `[A-Za-z0-9_-]{1,64}`; made from its content, so that it survives a refresh and a rename.
        report: Title of its report.
        section: Heading path of its section.
        source: File of its report, relative to the home.
    """

    passage_id: str
    report_id: str
    report: str
    section: tuple[str, ...]
    source: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A report as an index lists it.

    Attributes:
        passages: Ordinals of its passages, in the order of its text; not empty.
    """

    report_id: str
    title: str
    source: str
    passages: range


class Channel(StrEnum):
    """The fields of a passage that are indexed apart, each with its own lengths and weight."""

    WORD = "w"
    CHAR = "c"
    HEADING = "h"


@dataclass(frozen=True, slots=True)
class Term:
    """A unit of the index and where it stood in the text that was analysed.

    Attributes:
        text: Normalised form.
        span: Its place in the original, not the normalised, text.
    """

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """One name of an idea: a term and how surely it means the idea, weight in (0, 1]."""

    term: str
    weight: float
    source: str = "word"


@dataclass(frozen=True, slots=True)
class Group:
    """One idea of a question with all its names, scored as if they were one term.

    Attributes:
        channel: Where its names are looked up.
        names: At least one; no term twice.
        weight: Of the whole idea in the score, > 0.
        span: Its place in the question.
        says: How much the idea says at all, wherever it is asked, 0..1; plays no part in the score.
    """

    channel: Channel
    names: tuple[Name, ...]
    weight: float
    span: Span
    says: float = 1.0


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the ranker sees it; no groups when nothing in it can be looked up."""

    text: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class NameShare:
    """What one name of a group did in one passage."""

    term: str
    source: str
    weight: float
    tf: int
    df: int


@dataclass(frozen=True, slots=True)
class GroupShare:
    """A group's part of a score; `share` is 0 when the passage has none of its names.

    Attributes:
        names: Those that the passage has, and those that are as sure as the surest.
        tf: Weighted frequency in the passage, Σ weight·tf over the names.
        df: Passages that have any of the names.
        idf: Of the group; natural logarithm.
        share: Its summand in the hit's score, group and channel weights included.
    """

    group: Group
    names: tuple[NameShare, ...]
    tf: float
    df: int
    idf: float
    share: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a passage has its score: the shares of the groups sum to it."""

    score: float
    groups: tuple[GroupShare, ...]


@dataclass(frozen=True, slots=True)
class Repair:
    """A mistyped piece of a question and what was looked up for it.

    Attributes:
        span: Its place in the question.
        written: As it stands there.
        read: The likeliest word of the index.
    """

    span: Span
    written: str
    read: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that matched.

    Attributes:
        rank: 1-based.
        score: BM25 and the best sentence's weight; unitless, > 0, comparable within one query only.
        highlights: Disjoint spans into `passage.text`, in order: what matched.
        excerpt: The one to three sentences that answer, spans into `passage.text`, in order.
        also: Passages that say nearly the same, of other reports or sections; they are no hits themselves.
    """

    passage: Passage
    score: float
    rank: int
    highlights: tuple[Span, ...] = ()
    excerpt: tuple[Span, ...] = ()
    explanation: Explanation | None = None
    also: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the reports say about a question, or that they do not.

    Attributes:
        answered: False when the reports do not say; `hits` is then empty.
        confidence: 0..1, how much of what was asked the best passage speaks of.
        generation: Id of the index that answered.
        took_ms: Milliseconds from the question to the answer.
        repairs: What was read for mistyped pieces of the question, in order; of a refused question as well.
        missing: Words of the question, as written, that no report has under any name, in order.
        nearest: When it is not answered: a passage each of the sections that come nearest, best first.
    """

    question: str
    answered: bool
    confidence: float
    generation: str
    took_ms: float
    hits: tuple[Hit, ...]
    repairs: tuple[Repair, ...] = ()
    missing: tuple[str, ...] = ()
    nearest: tuple[Passage, ...] = ()

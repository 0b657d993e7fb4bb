"""What the journal is told and tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.domain import Answer


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to be written down.

    Attributes:
        answer: What the reports say, with the hits that are shown.
        user: Telegram's id of who asked; None when unknown.
        chat: Telegram's id of where; None when unknown.
        language: IETF tag of the language that is spoken to them, "" when unknown.
        via: "private" or "group".
        card: What the buttons of its card mean, JSON; its number is put there as "asked". None: it has none.
    """

    answer: Answer
    user: int | None
    chat: int | None
    language: str
    via: str
    card: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A question that is in the journal.

    Attributes:
        number: Its own.
        button: Id of the buttons of its card; "" when it has none.
    """

    number: int
    button: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much of a user was deleted.

    Attributes:
        questions: That they asked, with everybody's judgements of the answers.
        judgements: That they gave, of their own questions and others'.
        buttons: That only they could press.
        settings: That they chose.
    """

    questions: int
    judgements: int
    buttons: int
    settings: int


@dataclass(frozen=True, slots=True)
class DayCount:
    """The questions of one day; `0 <= answered <= questions`."""

    day: date
    questions: int
    answered: int


@dataclass(frozen=True, slots=True)
class SectionCount:
    """How often a section gave the first passage of an answer."""

    report: str
    section: tuple[str, ...]
    answers: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Figures of some days.

    Attributes:
        days: Each day, also those without a question, the last one today.
        people: How many different users asked.
        sections: Those that answered most, at most ten, most first.
        good: 👍 given on these days.
        bad: 👎 given on these days.
        reasons: Of the 👎, with how often, most first; those without a reason are not in it.
    """

    days: tuple[DayCount, ...]
    people: int
    sections: tuple[SectionCount, ...]
    good: int
    bad: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def questions(self) -> int:
        """Return how many there were in all."""
        return sum(day.questions for day in self.days)

    @property
    def answered(self) -> int:
        """Return how many the reports answered."""
        return sum(day.answered for day in self.days)

    @property
    def answered_share(self) -> float | None:
        """Return `answered / questions`, None when nothing was asked."""
        return self.answered / self.questions if self.questions else None


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that people asked and the reports do not say, or do not say well.

    Attributes:
        question: As it was asked last.
        wordings: Other ways in which it was asked, latest first, at most three.
        unanswered: How often the reports did not say, since they last answered it.
        bad: 👎 for answers to it.
        reasons: Of these 👎, each once.
        last: When it was asked last.
    """

    question: str
    wordings: tuple[str, ...]
    unanswered: int
    bad: int
    reasons: tuple[str, ...]
    last: datetime

    @property
    def count(self) -> int:
        """Return by what gaps are ordered: how often somebody was not helped."""
        return self.unanswered + self.bad

"""What the chat needs from the rest of the house: somebody who answers, beside a shelf of reports."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from bot.domain import Answer, Listed, Passage


class Shelf(Protocol):
    """The reports, to be read without a question. All methods block and may be called from any thread.

    Raises:
        IndexUnavailable: No index can be opened; so in every method.
    """

    def reports(self) -> tuple[Listed, ...]:
        """Return all reports, in order."""
        ...

    def report(self, report_id: str) -> Listed | None:
        """Return a report by its id or by the figures that its file's name begins with, None for neither."""
        ...

    def passages(self, report_id: str) -> tuple[Passage, ...]:
        """Return the passages of a report, in order; empty for an unknown id."""
        ...

    def passage(self, passage_id: str) -> Passage | None:
        """Return a passage, None for an unknown id."""
        ...

    def places(self, passage_ids: Sequence[str]) -> tuple[tuple[int, int] | None, ...]:
        """Return each passage's 1-based number in its report and how many that has; None if unknown."""
        ...

    def around(self, passage_id: str, *, before: int = 1, after: int = 1) -> tuple[Passage, ...]:
        """Return a passage between so many of its report before and after it; empty for an unknown id."""
        ...

    def section(self, passage_id: str) -> tuple[Passage, ...]:
        """Return all passages of a passage's section, in order; empty for an unknown id."""
        ...

    def document(self, report_id: str) -> Path | None:
        """Return the file that a report stands in, None when there is none to give away."""
        ...


class Desk(Shelf, Protocol):
    """Answers questions from the reports. All methods block and may be called from any thread."""

    def ask(
        self,
        question: str,
        *,
        hits: int,
        explain: bool = False,
        literal: bool = False,
        report_id: str | None = None,
    ) -> Answer:
        """Return what the reports say.

        Args:
            question: 1–512 characters.
            hits: Most passages wanted.
            explain: Give each hit its explanation.
            literal: Look up what was written, without repairing what looks mistyped.
            report_id: Search this report only; None searches all.

        Raises:
            BlankQuestion: `question` has no visible character.
            QuestionTooLong: `question` has more than 512 characters.
            EmptyCorpus: There is no report to answer from.
            IndexUnavailable: No index can be opened.
        """
        ...

    def at_hand(self, question: str, *, hits: int) -> bool:
        """Tell whether `ask` takes a moment only, of all reports, so that it needs no thread."""
        ...

    def suggestions(self, count: int) -> tuple[str, ...]:
        """Return 0 to `count` questions that the reports can answer."""
        ...

"""The one thing the chat needs from the rest of the house: somebody who answers."""

from typing import Protocol

from bot.domain import Answer


class Desk(Protocol):
    """Answers questions from the reports. Both methods block and may be called from any thread."""

    def ask(self, question: str, *, hits: int) -> Answer:
        """Return what the reports say, with at most `hits` passages.

        Raises:
            BlankQuestion: `question` has no visible character.
            QuestionTooLong: `question` has more than 512 characters.
            EmptyCorpus: There is no report to answer from.
            IndexUnavailable: No index can be opened.
        """
        ...

    def suggestions(self, count: int) -> tuple[str, ...]:
        """Return 0 to `count` questions that the reports can answer."""
        ...

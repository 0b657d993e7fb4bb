"""What the chat needs somebody to remember: questions, the meaning of buttons, and how people read."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bot.journal.nouns import Asked, Written


class Memory(Protocol):
    """Remembers beyond a restart. All methods block and may be called from any thread.

    Attributes:
        near: Whether it is on this machine, so that what is asked of it is known in a moment.

    Raises:
        WenbaoError: It cannot be reached; so in every method.
    """

    @property
    def near(self) -> bool:
        """See the class."""
        ...

    def remember(self, payload: Mapping[str, Any], *, user: int | None) -> str:
        """Return a short id for a button's payload, the same one for the same payload.

        Args:
            payload: JSON; small.
            user: Whose button it is alone, so that it is forgotten with them; None when it is anybody's.

        Returns:
            1–32 ASCII characters that nobody can guess.
        """
        ...

    def recall(self, button: str) -> Mapping[str, Any] | None:
        """Return the payload of an id, None for one that was never given or is forgotten."""
        ...

    def language(self, user: int) -> str | None:
        """Return the language that a user chose, as it was set; None when they chose none."""
        ...

    def set_language(self, user: int, language: str) -> None:
        """Keep a user's choice."""
        ...

    def asked(self, questions: Sequence[Asked]) -> Sequence[Written]:
        """Write down questions, what was shown for them and what their cards' buttons mean; all or none."""
        ...

    def judged(
        self, question: int, *, user: int, passage_id: str | None, good: bool, reason: str = ""
    ) -> None:
        """Write down what somebody thinks of an answer, in place of what they thought of it before.

        Args:
            question: Its number.
            user: Who judges.
            passage_id: What of the answer; None: all of it.
            good: 👍 or 👎.
            reason: Of a 👎: "passage", "outdated", "incomplete" or "other"; "" when none was given.
        """
        ...

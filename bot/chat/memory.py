"""What the chat needs somebody to remember: the meaning of its buttons, and how people read."""

from collections.abc import Mapping
from typing import Any, Protocol


class Memory(Protocol):
    """Remembers beyond a restart. All methods block and may be called from any thread."""

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

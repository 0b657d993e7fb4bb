"""The one seam between search and whatever engine holds the postings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain import Explanation, Passage, Query


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage's number in its generation and its score, > 0."""

    ordinal: int
    score: float


class Ranker(Protocol):
    """An opened generation; read-only, safe to share between threads.

    Attributes:
        generation: Its id.
        size: Passages in it; their numbers are 0..size-1, in the order of their reports.
    """

    @property
    def generation(self) -> str: ...

    @property
    def size(self) -> int: ...

    def top(self, query: Query, k: int) -> tuple[Scored, ...]:
        """Return at most `k` passages that match, ordered by (−score, ordinal).

        Raises:
            IndexUnavailable: The engine did not answer; its error is the cause.
        """

    def explain(self, query: Query, ordinals: Sequence[int]) -> tuple[Explanation, ...]:
        """Return why passages have their scores; the shares sum to what `top` gives them."""

    def passage(self, ordinal: int) -> Passage:
        """Return one passage."""

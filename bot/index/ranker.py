"""The one seam between search and whatever engine holds the postings."""

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from bot.domain import Explanation, Group, Listed, Passage, Query


class Scored(NamedTuple):
    """A passage's number in its generation and its score, > 0. A tuple, since each query makes dozens."""

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

    def top(self, query: Query, k: int, *, within: range | None = None) -> tuple[Scored, ...]:
        """Return at most `k` passages that match, ordered by (−score, ordinal).

        Args:
            query: What is looked up.
            k: At least 1.
            within: Only passages of these numbers, step 1; all if left out. Scores stay the same.

        Raises:
            IndexUnavailable: The engine did not answer; its error is the cause.
        """

    def idf(self, group: Group) -> float:
        """Return how much a group says, > 0: the fewer passages have one of its names, the more."""

    def explain(self, query: Query, ordinals: Sequence[int]) -> tuple[Explanation, ...]:
        """Return why passages have their scores; the shares sum to what `top` gives them."""

    def passage(self, ordinal: int) -> Passage:
        """Return one passage."""

    def find(self, passage_id: str) -> int | None:
        """Return a passage's number, None when there is no such passage."""

    def reports(self) -> tuple[Listed, ...]:
        """Return all reports that have passages, in order."""


def idf(size: int, df: int) -> float:
    """Return ln(1 + (N − df + 0.5)/(df + 0.5)): > 0 for 0 ≤ df ≤ N, falling with df."""
    return math.log1p((size - df + 0.5) / (df + 0.5))

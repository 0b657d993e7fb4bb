"""A question → the passages that answer it, or none."""

from dataclasses import dataclass

from bot.analysis.analyzer import Analyzer
from bot.domain import Hit, Passage, Query, Span
from bot.index.ranker import Ranker
from bot.search import excerpt, query
from bot.search.confidence import coverage
from bot.search.query import Weights

# The best by score does not always cover most of the question; one of the first few does.
_WEIGHED = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    Attributes:
        hits: Best first; empty when nothing matched.
        confidence: 0..1; the most that one of the first hits covers of the question.
    """

    hits: tuple[Hit, ...]
    confidence: float


class Searcher:
    """Makes queries and ranks passages; holds no index, so that it outlives generations."""

    def __init__(self, analyzer: Analyzer, stop_words: frozenset[str], weights: Weights) -> None:
        self._analyzer = analyzer
        self._stop_words = stop_words
        self._weights = weights

    def query(self, question: str) -> Query:
        """Return what is looked up for a question; without groups when it has no content word."""
        return query.build(
            question,
            self._analyzer(question),
            is_stop_word=self._stop_words.__contains__,
            weights=self._weights,
        )

    def search(self, question: str, ranker: Ranker, *, k: int, explain: bool = False) -> Found:
        """Return the passages that best match a question, best first.

        Args:
            question: In the reports' language.
            ranker: An opened generation.
            k: Most hits wanted, 1–100. Having fewer is not an error.
            explain: Give each hit its explanation.
        """
        asked = self.query(question)
        best = ranker.top(asked, max(k, _WEIGHED))
        if not best:
            return Found((), 0.0)
        top = best[:k]
        explained = ranker.explain(asked, [s.ordinal for s in (best if explain else best[:_WEIGHED])])
        confidence = max(coverage(explanation) for explanation in explained[:_WEIGHED])
        reasons = explained[:k] if explain else (None,) * len(top)
        hits = tuple(
            Hit(passage, scored.score, rank, self._marks(passage, asked), reason)
            for rank, (scored, reason) in enumerate(zip(top, reasons, strict=True), 1)
            if (passage := ranker.passage(scored.ordinal))
        )
        return Found(hits, confidence)

    def _marks(self, passage: Passage, asked: Query) -> tuple[Span, ...]:
        return excerpt.highlights(self._analyzer.normalize(passage.text), asked)

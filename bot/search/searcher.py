"""A question → the passages that answer it, or none."""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.analysis.analyzer import Analyzer
from bot.domain import Explanation, Hit, Passage, Query
from bot.index.ranker import Ranker, Scored
from bot.search import excerpt
from bot.search.confidence import confidence, weigh
from bot.search.query import Names, QueryBuilder

# The best by score does not always cover most of the question; one of the first few does.
_WEIGHED = 3
# Candidates whose sentences count.
_DEPTH = 10
_PASSAGES_KEPT = 1024


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    Attributes:
        hits: Best first; empty when nothing matched.
        confidence: 0..1; how sure it is that one of the first hits answers.
    """

    hits: tuple[Hit, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    scored: Scored
    passage: Passage
    found: excerpt.Found
    score: float


class Searcher:
    """Makes queries and ranks passages; holds no index, so that it outlives generations.

    Args:
        analyzer: The one that the reports went through.
        queries: Makes queries.
        sentence_weight: What the ideas in a passage's best sentence count again, as a share of their weight.
    """

    def __init__(self, analyzer: Analyzer, queries: QueryBuilder, sentence_weight: float) -> None:
        self._analyzer = analyzer
        self._queries = queries
        self._sentence_weight = sentence_weight
        # The passages that answer are much the same from question to question.
        self._spelt = functools.lru_cache(maxsize=_PASSAGES_KEPT)(analyzer.normalize)

    def query(self, question: str, names: Names, *, literal: bool = False) -> Query:
        """Return what is looked up for a question; without groups when it has no content word."""
        return self._queries.build(question, self._analyzer(question), names, literal=literal)

    def search(
        self,
        question: str,
        ranker: Ranker,
        names: Names,
        *,
        k: int,
        explain: bool = False,
        literal: bool = False,
        within: range | None = None,
    ) -> Found:
        """Return the passages that best match a question, best first.

        A passage's score is BM25, and what the ideas weigh that stand together in its best sentence.

        Args:
            question: In Chinese or English.
            ranker: An opened generation.
            names: Of that generation.
            k: Most hits wanted, 1–100. Having fewer is not an error.
            explain: Give each hit its explanation.
            literal: Repair nothing.
            within: Only passages of these numbers; all if left out.
        """
        asked = self.query(question, names, literal=literal)
        top = ranker.top(asked, max(k, _DEPTH), within=within)
        if not top:
            return Found((), 0.0)
        weights = [group.weight * ranker.idf(group) for group in asked.groups]
        ordered = self._ordered(asked, [(scored, ranker.passage(scored.ordinal)) for scored in top], weights)
        evidence = (
            weigh(asked, c.found.matched, score=c.score, weights=weights, idf=ranker.idf)
            for c in ordered[:_WEIGHED]
        )
        surest = max(evidence, key=lambda e: e.coverage)
        shown = ordered[:k]
        explained = self._explained(asked, shown, ranker, weights) if explain else (None,) * len(shown)
        hits = tuple(
            Hit(
                candidate.passage,
                candidate.score,
                rank,
                candidate.found.marks,
                candidate.found.excerpt,
                explanation,
            )
            for rank, (candidate, explanation) in enumerate(zip(shown, explained, strict=True), 1)
        )
        return Found(hits, confidence(surest))

    def _ordered(
        self, asked: Query, top: Sequence[tuple[Scored, Passage]], weights: Sequence[float]
    ) -> list[_Candidate]:
        candidates = []
        for place, (scored, passage) in enumerate(top):
            headings = self._spelt("\n".join((passage.report, *passage.section))).text
            found = excerpt.find(self._spelt(passage.text), headings, asked, weights)
            if place >= _DEPTH:
                # Its sentences count for nothing, or the order would depend on how many hits are wanted.
                found = replace(found, best=0.0, ideas=())
            score = scored.score + self._sentence_weight * found.best
            candidates.append(_Candidate(scored, passage, found, score))
        return sorted(candidates, key=lambda c: (-c.score, c.scored.ordinal))

    def _explained(
        self, asked: Query, shown: Sequence[_Candidate], ranker: Ranker, weights: Sequence[float]
    ) -> list[Explanation]:
        plain = ranker.explain(asked, [candidate.scored.ordinal for candidate in shown])
        return [self._with_sentence(e, c.found, weights) for e, c in zip(plain, shown, strict=True)]

    def _with_sentence(
        self, explanation: Explanation, found: excerpt.Found, weights: Sequence[float]
    ) -> Explanation:
        """Add to each group's share what it counts again in the best sentence."""
        shares = list(explanation.groups)
        for index, share in found.ideas:
            added = self._sentence_weight * weights[index] * share
            shares[index] = replace(shares[index], share=shares[index].share + added)
        return Explanation(math.fsum(share.share for share in shares), tuple(shares))

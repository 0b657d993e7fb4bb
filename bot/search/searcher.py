"""A question → the passages that answer it, or none."""

import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.analysis.analyzer import Analyzer
from bot.domain import Explanation, Hit, Passage, Query, Repair, Span
from bot.index.ranker import Ranker, Scored, idf
from bot.search import excerpt
from bot.search.choosing import Ranked, collapsed, spread
from bot.search.confidence import Content, Evidence, confidence, content, weigh
from bot.search.intent import Intent, wanted
from bot.search.query import Names, QueryBuilder

# The best by score does not always cover most of the question; one of the first few does.
_WEIGHED = 3
# Candidates whose sentences count.
_DEPTH = 10
_PASSAGES_KEPT = 1024
# How much a word must say to be named as missing; 一直 or "happen" explain nothing.
_WORTH_NAMING = 0.3


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    Attributes:
        hits: Best first; empty when nothing matched.
        confidence: 0..1; how sure it is that one of the first hits answers.
        evidence: What `confidence` was made of; None when nothing matched.
        repairs: What was read for mistyped pieces of the question.
        missing: Words of the question that no report has under any name, as written.
    """

    hits: tuple[Hit, ...]
    confidence: float
    evidence: Evidence | None = None
    repairs: tuple[Repair, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    scored: Scored
    passage: Passage
    found: excerpt.Found
    score: float
    bonus: float


class Searcher:
    """Makes queries and ranks passages; holds no index, so that it outlives generations.

    Args:
        analyzer: The one that the reports went through.
        queries: Makes queries.
        sentence_weight: What the ideas in a passage's best sentence count again, as a share of their weight.
        intent_weight: Added, as a share of its score, to a passage that has what the question wants.
        spread: Share of the third hit's score from which another report takes its place when all three are of
            one report.
    """

    def __init__(
        self,
        analyzer: Analyzer,
        queries: QueryBuilder,
        *,
        sentence_weight: float,
        intent_weight: float,
        spread: float,
    ) -> None:
        self._analyzer = analyzer
        self._queries = queries
        self._sentence_weight = sentence_weight
        self._intent_weight = intent_weight
        self._spread = spread
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
        wants = wanted(self._analyzer.normalize(question).text)
        top = ranker.top(asked, max(k, _DEPTH), within=within)
        repairs = _repairs(asked)
        said = content(asked, ranker.idf)
        missing = tuple(_missing(said, idf(ranker.size, 0), names)) if ranker.size else ()
        if not top:
            return Found((), 0.0, None, repairs, missing)
        weights = [group.weight * says for group, says in zip(asked.groups, said.idfs, strict=True)]
        passages = [(scored, ranker.passage(scored.ordinal)) for scored in top]
        ordered = self._ordered(asked, passages, weights, wants)
        evidence = (
            weigh(
                said,
                c.found.matched,
                score=c.score,
                weights=weights,
                no_figure=Intent.FIGURES in wants and not self._has_figure(c),
            )
            for c in ordered[:_WEIGHED]
        )
        surest = max(evidence, key=confidence)
        chosen = spread(collapsed([self._ranked(c) for c in ordered]), self._spread)[:k]
        shown = [_raised(one.item, one.score) for one in chosen]
        explained = self._explained(asked, shown, ranker, weights) if explain else (None,) * len(shown)
        hits = tuple(
            Hit(
                candidate.passage,
                candidate.score,
                rank,
                candidate.found.marks,
                candidate.found.excerpt,
                explanation,
                one.also,
            )
            for rank, (one, candidate, explanation) in enumerate(
                zip(chosen, shown, explained, strict=True), 1
            )
        )
        return Found(hits, confidence(surest), surest, repairs, missing)

    def _ranked(self, candidate: _Candidate) -> Ranked[_Candidate]:
        text = self._spelt(candidate.passage.text).text
        return Ranked(candidate, candidate.passage, text, candidate.score)

    def _has_figure(self, candidate: _Candidate) -> bool:
        text = candidate.passage.text
        said = "\n".join(text[span.start : span.end] for span in candidate.found.excerpt)
        return Intent.FIGURES.is_met(self._spelt(said).text)

    def _ordered(
        self,
        asked: Query,
        top: Sequence[tuple[Scored, Passage]],
        weights: Sequence[float],
        wants: Sequence[Intent],
    ) -> list[_Candidate]:
        headings = [self._spelt("\n".join((passage.report, *passage.section))).text for _, passage in top]
        texts = [self._spelt(passage.text) for _, passage in top]
        sought = excerpt.Sought(asked, weights, "\n".join(text.text for text in texts), "\n".join(headings))
        candidates = []
        for place, ((scored, passage), spelt, above) in enumerate(zip(top, texts, headings, strict=True)):
            found = sought.find(spelt, above)
            if place >= _DEPTH:
                # Its sentences count for nothing, or the order would depend on how many hits are wanted.
                found = replace(found, best=0.0, ideas=())
            bonus = 1.0
            if wants and place < _DEPTH:
                bonus += self._intent_weight * sum(want.is_met(spelt.text) for want in wants) / len(wants)
            score = (scored.score + self._sentence_weight * found.best) * bonus
            candidates.append(_Candidate(scored, passage, found, score, bonus))
        return sorted(candidates, key=lambda c: (-c.score, c.scored.ordinal))

    def _explained(
        self, asked: Query, shown: Sequence[_Candidate], ranker: Ranker, weights: Sequence[float]
    ) -> list[Explanation]:
        plain = ranker.explain(asked, [candidate.scored.ordinal for candidate in shown])
        return [self._in_full(e, c, weights) for e, c in zip(plain, shown, strict=True)]

    def _in_full(
        self, explanation: Explanation, candidate: _Candidate, weights: Sequence[float]
    ) -> Explanation:
        """Add to each group's share what it counts again in the best sentence, and its part of the bonus."""
        shares = list(explanation.groups)
        for index, share in candidate.found.ideas:
            added = self._sentence_weight * weights[index] * share
            shares[index] = replace(shares[index], share=shares[index].share + added)
        shares = [replace(share, share=share.share * candidate.bonus) for share in shares]
        return Explanation(math.fsum(share.share for share in shares), tuple(shares))


def _raised(candidate: _Candidate, score: float) -> _Candidate:
    """Return the candidate with the score that its place has."""
    return replace(candidate, score=score, bonus=candidate.bonus * score / candidate.score)


def _repairs(asked: Query) -> tuple[Repair, ...]:
    """Return what was read for each mistyped piece, once, in the question's order."""
    found: dict[Span, str] = {}
    for group in asked.groups:
        if group.names[0].source == "repair":
            found.setdefault(group.span, group.names[0].term)
    in_order = sorted(found.items(), key=lambda pair: pair[0].start)
    return tuple(Repair(span, asked.text[span.start : span.end], read) for span, read in in_order)


def _missing(asked: Content, nowhere: float, names: Names) -> Iterator[str]:
    """Yield the words that say something and that no report has under any name, as written.

    `nowhere` is the idf of what stands in no passage.
    """
    for idea in asked.ideas:
        word = idea.group
        if word.says >= _WORTH_NAMING and idea.idf >= nowhere:
            name = word.names[0].term
            if name.isascii() or names.is_word(name):
                yield asked.query.text[word.span.start : word.span.end]

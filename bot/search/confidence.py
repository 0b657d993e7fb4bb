"""How sure is it that a passage answers? A calibrated confidence, 0..1.

BM25 scores are not comparable between questions. What is: the share of a question's content that a passage
covers, by idf, so that rare words, and words that no report has, decide; its score as a share of what all
ideas weigh; and how many ideas there are, since the same share of more ideas is more evidence. A logistic
function of the three was fitted to the judged questions of the development sets.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain import Channel, Group, Name, Query, Span

# Fitted on 208 judged questions on two corpora (34 of them unanswerable) and 10 of another subject.
_COVERAGE, _MATCH, _IDEAS, _CONSTANT = 3.52, 5.19, 5.10, -9.28
# A word that was cut another way in the passage counts by its bigrams, if they are at least half of it.
_BY_CHARACTERS, _LEAST_OF_A_WORD = 0.9, 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a passage.

    Attributes:
        coverage: Share of the question's content that it covers, 0..1.
        match: Its score as a share of what all ideas weigh, ≥ 0.
        ideas: Words and phrases that the question has.
    """

    coverage: float
    match: float
    ideas: int


def confidence(evidence: Evidence) -> float:
    """Return how sure it is that the passage answers, 0..1; 0 when nothing was covered."""
    if not evidence.ideas or not evidence.coverage:
        return 0.0
    ideas = _IDEAS * math.log1p(evidence.ideas)
    z = _COVERAGE * evidence.coverage + _MATCH * evidence.match + ideas + _CONSTANT
    return 1 / (1 + math.exp(-z))


def weigh(
    query: Query,
    matched: Sequence[float],
    *,
    score: float,
    weights: Sequence[float],
    idf: Callable[[Group], float],
) -> Evidence:
    """Return the evidence for a passage.

    Args:
        query: What was looked up.
        matched: For each group the weight of its surest name that the passage or its headings have.
        score: Of the passage.
        weights: Of each group.
        idf: Of a group.
    """
    words = [i for i, group in enumerate(query.groups) if group.channel is Channel.WORD]
    whole = [i for i in words if not _is_part(query.groups[i], [query.groups[j] for j in words])]
    alike: dict[tuple[Name, ...], float] = {}
    for group, weight in zip(query.groups, matched, strict=True):
        if group.channel is not Channel.CHAR:
            alike[group.names] = max(weight, alike.get(group.names, 0.0))
    characters = _matched_characters(query, matched)
    said = [(_own_idf(query.groups[i], idf), _covered(query.groups[i], alike, characters)) for i in whole]
    total = sum(weight for weight, _ in said)
    coverage = sum(weight * covered for weight, covered in said) / total if total else 0.0
    all_weights = sum(weights)
    return Evidence(min(coverage, 1.0), score / all_weights if all_weights else 0.0, len(whole))


def _own_idf(word: Group, idf: Callable[[Group], float]) -> float:
    """Return what the word itself says, not its synonyms: that of its surest and commonest name."""
    surest = (name for name in word.names if name.weight >= word.names[0].weight)
    return min(idf(Group(word.channel, (name,), 1.0, Span(0, 0))) for name in surest)


def _covered(word: Group, alike: Mapping[tuple[Name, ...], float], characters: frozenset[int]) -> float:
    """Return how surely the passage, or a heading above it, has a word under one of its names, 0..1."""
    surest = alike[word.names]
    share = sum(place in characters for place in range(word.span.start, word.span.end)) / len(word.span)
    if len(word.span) > 1 and share >= _LEAST_OF_A_WORD:
        surest = max(surest, _BY_CHARACTERS * share)
    return min(surest, 1.0)


def _matched_characters(query: Query, matched: Sequence[float]) -> frozenset[int]:
    """Return the places of the question that stand in a bigram of its own that the passage has."""
    spans = (
        group.span
        for group, weight in zip(query.groups, matched, strict=True)
        if weight and group.channel is Channel.CHAR and len(group.names[0].term) == len(group.span) > 1
    )
    return frozenset(place for span in spans for place in range(span.start, span.end))


def _is_part(word: Group, words: Sequence[Group]) -> bool:
    return any(_inside(word.span, other.span) for other in words)


def _inside(span: Span, other: Span) -> bool:
    return other.start <= span.start and span.end <= other.end and len(span) < len(other)

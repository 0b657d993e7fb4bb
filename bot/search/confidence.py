"""How sure is it that a passage answers? A calibrated confidence, 0..1.

BM25 scores are not comparable between questions. What is: the share of a question's content that a passage
covers; its score as a share of what all ideas weigh; and how many ideas there are, since the same share of
more ideas is more evidence. What an idea counts is how much it says here (idf), less when it says little
anywhere (一直, happen). A question for a figure is hardly answered by sentences without one. A logistic
function of these was fitted to judged questions by tests/tuning/confidence.py.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.domain import Channel, Group, Name, Query, Span

_COVERAGE, _MATCH, _IDEAS, _NO_FIGURE, _CONSTANT = 5.87, 3.13, 3.62, -2.42, -7.95
# More ideas than these are no more evidence: a long question about something else has many.
_MOST_IDEAS = 5
# Of what an idea says here, when it says nothing anywhere else.
_COMMON = 0.15
# A word that was cut another way in the passage counts by its bigrams, if they are at least half of it: less
# without its end, which is the head of a Chinese compound (加班费 is a fee).
_BY_CHARACTERS, _WITHOUT_HEAD, _LEAST_OF_A_WORD = 0.9, 0.5, 0.5
# The parts of a phrase that no report has.
_PARTS = 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a passage.

    Attributes:
        coverage: Share of the question's content that it covers, 0..1.
        match: Its score as a share of what all ideas weigh, ≥ 0.
        ideas: Words and phrases that the question has.
        no_figure: A figure is asked for, and the passage's best sentences have none.
    """

    coverage: float
    match: float
    ideas: int
    no_figure: bool = False

    def features(self) -> tuple[float, ...]:
        """Return what the logistic function weighs, without its constant."""
        return self.coverage, self.match, math.log1p(min(self.ideas, _MOST_IDEAS)), float(self.no_figure)


def confidence(evidence: Evidence) -> float:
    """Return how sure it is that the passage answers, 0..1; 0 when nothing was covered."""
    if not evidence.ideas or not evidence.coverage:
        return 0.0
    weights = (_COVERAGE, _MATCH, _IDEAS, _NO_FIGURE)
    z = _CONSTANT + math.fsum(w * f for w, f in zip(weights, evidence.features(), strict=True))
    return 1 / (1 + math.exp(-z))


@dataclass(frozen=True, slots=True)
class Content:
    """What a question asks for, whatever a passage has of it.

    Attributes:
        query: What was looked up.
        words: Groups of its words.
        whole: Those that are neither parts of longer ones nor were read as something else.
        own: What each of `whole` says, ≥ 0.
    """

    query: Query
    words: tuple[Group, ...]
    whole: tuple[Group, ...]
    own: tuple[float, ...]


def content(query: Query, idf: Callable[[Group], float]) -> Content:
    """Return what a question asks for; `idf` is that of a group in the index."""
    words = tuple(group for group in query.groups if group.channel is Channel.WORD)
    whole = tuple(word for word in words if not any(_is_part(word, other) for other in words))
    return Content(query, words, whole, tuple(_own_weight(word, idf) for word in whole))


def weigh(
    asked: Content,
    matched: Sequence[float],
    *,
    score: float,
    weights: Sequence[float],
    no_figure: bool = False,
) -> Evidence:
    """Return the evidence for a passage.

    Args:
        asked: What the question asks for.
        matched: For each group the weight of its surest name that the passage or its headings have.
        score: Of the passage.
        weights: Of each group.
        no_figure: A figure is asked for, and the passage's best sentences have none.
    """
    alike: dict[tuple[Name, ...], float] = {}
    for group, weight in zip(asked.query.groups, matched, strict=True):
        if group.channel is not Channel.CHAR:
            alike[group.names] = max(weight, alike.get(group.names, 0.0))
    characters = _matched_characters(asked.query, matched)
    covered = (
        max(_covered(word, alike, characters), _by_parts(word, asked.words, alike)) for word in asked.whole
    )
    total = sum(asked.own)
    said = sum(own * share for own, share in zip(asked.own, covered, strict=True))
    coverage = said / total if total else 0.0
    all_weights = sum(weights)
    match = score / all_weights if all_weights else 0.0
    return Evidence(min(coverage, 1.0), match, len(asked.whole), no_figure)


def _own_weight(word: Group, idf: Callable[[Group], float]) -> float:
    """Return what the word itself says, not its synonyms: that of its surest and commonest name."""
    surest = (name for name in word.names if name.weight >= word.names[0].weight)
    here = min(idf(Group(word.channel, (name,), 1.0, Span(0, 0))) for name in surest)
    return here * (_COMMON + (1 - _COMMON) * word.says)


def _covered(word: Group, alike: Mapping[tuple[Name, ...], float], characters: frozenset[int]) -> float:
    """Return how surely the passage, or a heading above it, has a word under one of its names, 0..1."""
    surest = alike[word.names]
    share = sum(place in characters for place in range(word.span.start, word.span.end)) / len(word.span)
    if len(word.span) > 1 and share >= _LEAST_OF_A_WORD:
        head = word.span.end - 1 in characters
        surest = max(surest, (_BY_CHARACTERS if head else _WITHOUT_HEAD) * share)
    return min(surest, 1.0)


def _by_parts(word: Group, words: Sequence[Group], alike: Mapping[tuple[Name, ...], float]) -> float:
    """Return how surely the passage has the words of an English phrase, each for itself."""
    if " " not in word.names[0].term:
        return 0.0
    parts = [alike[part.names] for part in words if part is not word and _inside(part.span, word.span)]
    return _PARTS * sum(parts) / len(parts) if parts else 0.0


def _matched_characters(query: Query, matched: Sequence[float]) -> frozenset[int]:
    """Return the places of the question that stand in a bigram of its own that the passage has."""
    spans = (
        group.span
        for group, weight in zip(query.groups, matched, strict=True)
        if weight and group.channel is Channel.CHAR and len(group.names[0].term) == len(group.span) > 1
    )
    return frozenset(place for span in spans for place in range(span.start, span.end))


def _is_part(word: Group, other: Group) -> bool:
    """Tell whether a word is a part of another, or was repaired."""
    repaired = other.names[0].source == "repair" != word.names[0].source
    return _inside(word.span, other.span) and (repaired or len(word.span) < len(other.span))


def _inside(span: Span, other: Span) -> bool:
    return other.start <= span.start and span.end <= other.end

"""How sure is it that a passage answers? A calibrated confidence, 0..1.

BM25 scores are not comparable between questions. What is: the share of a question's content that a passage
covers; its score as a share of what all ideas weigh; and how many ideas there are, since the same share of
more ideas is more evidence. What an idea counts is how much it says here (idf), less when it says little
anywhere (一直, happen). A question for a figure is hardly answered by sentences without one. A logistic
function of these was fitted to judged questions by tests/tuning/confidence.py.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.domain import Channel, Group, Query, Span

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
class Idea:
    """A word or phrase of a question that is no part of a longer one and was not read as something else.

    Attributes:
        group: Of the words channel.
        idf: Of that group.
        own: What it says itself, ≥ 0.
        alike: Indexes of the groups that have its names, in texts and headings.
        parts: For each word of an English phrase the indexes of the groups that have that word's names.
    """

    group: Group
    idf: float
    own: float
    alike: Sequence[int]
    parts: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Content:
    """What a question asks for, whatever a passage has of it.

    Attributes:
        query: What was looked up.
        idfs: Of each of its groups.
        ideas: Its words and phrases.
        pairs: Index and place of each group that is a pair of characters as it stands in the question.
    """

    query: Query
    idfs: Sequence[float]
    ideas: Sequence[Idea]
    pairs: Sequence[tuple[int, range]]


def content(query: Query, idf: Callable[[Group], float]) -> Content:
    """Return what a question asks for; `idf` is that of a group in the index."""
    idfs = [idf(group) for group in query.groups]
    words = [(index, group) for index, group in enumerate(query.groups) if group.channel is Channel.WORD]
    named = _by_first_name(query.groups)
    ideas = []
    for index, word in words:
        if any(_is_part(word, other) for _, other in words):
            continue
        phrase = " " in word.names[0].term
        inside = (part for _, part in words if phrase and part is not word and _inside(part.span, word.span))
        own = _own_weight(word, idfs[index], idf)
        parts = [_alike(part, named, query.groups) for part in inside]
        ideas.append(Idea(word, idfs[index], own, _alike(word, named, query.groups), parts))
    pairs = [
        (index, range(group.span.start, group.span.end))
        for index, group in enumerate(query.groups)
        if group.channel is Channel.CHAR and len(group.names[0].term) == len(group.span) > 1
    ]
    return Content(query, idfs, ideas, pairs)


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
    characters = {place for index, places in asked.pairs if matched[index] for place in places}
    total = sum(idea.own for idea in asked.ideas)
    said = sum(
        idea.own * max(_covered(idea, matched, characters), _by_parts(idea, matched)) for idea in asked.ideas
    )
    coverage = said / total if total else 0.0
    all_weights = sum(weights)
    match = score / all_weights if all_weights else 0.0
    return Evidence(min(coverage, 1.0), match, len(asked.ideas), no_figure)


def _by_first_name(groups: Iterable[Group]) -> dict[str, list[int]]:
    """Return the indexes of the groups of texts and headings by their first names."""
    found: dict[str, list[int]] = defaultdict(list)
    for index, group in enumerate(groups):
        if group.channel is not Channel.CHAR:
            found[group.names[0].term].append(index)
    return found


def _alike(word: Group, named: dict[str, list[int]], groups: Sequence[Group]) -> list[int]:
    """Return the indexes of the groups with the names of a word."""
    return [index for index in named[word.names[0].term] if groups[index].names == word.names]


def _own_weight(word: Group, here: float, idf: Callable[[Group], float]) -> float:
    """Return what the word itself says, not its synonyms: that of its surest and commonest name."""
    if len(word.names) > 1:
        surest = (name for name in word.names if name.weight >= word.names[0].weight)
        here = min(idf(Group(word.channel, (name,), 1.0, Span(0, 0))) for name in surest)
    return here * (_COMMON + (1 - _COMMON) * word.says)


def _covered(idea: Idea, matched: Sequence[float], characters: set[int]) -> float:
    """Return how surely the passage, or a heading above it, has a word under one of its names, 0..1."""
    surest = max(matched[index] for index in idea.alike)
    span = idea.group.span
    if surest < _BY_CHARACTERS and len(span) > 1:
        share = sum(place in characters for place in range(span.start, span.end)) / len(span)
        if share >= _LEAST_OF_A_WORD:
            head = span.end - 1 in characters
            surest = max(surest, (_BY_CHARACTERS if head else _WITHOUT_HEAD) * share)
    return min(surest, 1.0)


def _by_parts(idea: Idea, matched: Sequence[float]) -> float:
    """Return how surely the passage has the words of an English phrase, each for itself."""
    parts = [max(matched[index] for index in alike) for alike in idea.parts]
    return _PARTS * sum(parts) / len(parts) if parts else 0.0


def _is_part(word: Group, other: Group) -> bool:
    """Tell whether a word is a part of another, or was repaired."""
    if not _inside(word.span, other.span):
        return False
    repaired = other.names[0].source == "repair" != word.names[0].source
    return repaired or len(word.span) < len(other.span)


def _inside(span: Span, other: Span) -> bool:
    return other.start <= span.start and span.end <= other.end

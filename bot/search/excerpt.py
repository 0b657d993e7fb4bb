"""Where a question's ideas stand in a passage: what to mark, and the sentences that answer.

Names are looked for as text, not as terms, so that a word that was cut another way is found too.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from bot.analysis.normalize import Normalized
from bot.domain import Channel, Query, Span

# A full stop ends a sentence unless a figure or a Latin letter follows it.
_SENTENCE = re.compile(r"(?:[^。！？!?；;\n.]+|\.(?=[0-9a-z]))+[。！？!?；;\n.”’」』)）]*")
_MOST_SENTENCES = 3
_WORTH_ADDING = 0.6

_Range = tuple[int, int]
_NOWHERE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """What of a query stands in a passage; spans are into its original text.

    Attributes:
        best: Of the sentence that says most: the sum of its ideas' weights.
        ideas: Indexes of the groups that stand in that sentence, and the share of their weight that counts.
        matched: For each group of the query the weight of its surest name that the passage has, or the
            headings above it for the groups of that channel; 0.0 when it has none.
    """

    best: float
    ideas: tuple[tuple[int, float], ...]
    matched: tuple[float, ...]
    _passage: Normalized = field(repr=False)
    _places: Sequence[_Range] = field(repr=False)
    _sentences: Sequence[_Range] = field(repr=False)
    _scores: Sequence[float] = field(repr=False)

    @property
    def marks(self) -> tuple[Span, ...]:
        """Return disjoint spans of what matched, in order; single Han characters are not marked."""
        text, original = self._passage.text, self._passage.original
        return _merged(original(start, end) for start, end in self._places if _is_marked(text[start:end]))

    @property
    def excerpt(self) -> tuple[Span, ...]:
        """Return one to three sentences that say most of what was asked, in order; none without a match."""
        chosen = _worth_showing(self._scores) if self._places else ()
        return tuple(_trimmed(self._passage, *self._sentences[i]) for i in chosen)


class Sought:
    """The ideas of a query, as they are looked for in passages.

    Args:
        query: What was looked up.
        weights: Of each group, ≥ 0; a name counts by its own weight.
        texts: All that the passages say, normalised as their terms were: most names stand in none of them.
        headings: All that stands above them, normalised alike.
    """

    def __init__(self, query: Query, weights: Sequence[float], texts: str, headings: str) -> None:
        self._size = len(weights)
        # Words, and pairs of characters, often have the same names: each is looked for once.
        numbers: dict[str, int] = {}
        self._above: list[tuple[int, list[tuple[str, float]]]] = []
        self._inside: list[tuple[int, float, list[tuple[int, float]]]] = []
        for index, (group, weight) in enumerate(zip(query.groups, weights, strict=True)):
            if group.channel is Channel.HEADING:
                if above := [(name.term, name.weight) for name in group.names if name.term in headings]:
                    self._above.append((index, above))
                continue
            here = (name for name in group.names if name.term in numbers or name.term in texts)
            if inside := [(numbers.setdefault(name.term, len(numbers)), name.weight) for name in here]:
                self._inside.append((index, weight, inside))
        self._terms = tuple(numbers)

    def find(self, passage: Normalized, headings: str) -> Found:
        """Look for the ideas in one of the passages and in the headings above it."""
        text = passage.text
        sentences = [match.span() for match in _SENTENCE.finditer(text)] or [(0, len(text))]
        starts = [start for start, _ in sentences]
        starts[0] = 0  # what stands before the first sentence counts as its part
        places: list[_Range] = []
        standing: list[AbstractSet[int]] = []
        for term in self._terms:
            found = _places(text, term)
            places += found
            standing.append({bisect_right(starts, start) - 1 for start, _ in found} if found else _NOWHERE)
        scores = [0.0] * len(sentences)
        ideas: list[list[tuple[int, float]]] = [[] for _ in sentences]
        matched = [0.0] * self._size
        for index, weight, names in self._inside:
            best_in: dict[int, float] = {}
            for number, share in names:
                for sentence in standing[number]:
                    if share > best_in.get(sentence, 0.0):
                        best_in[sentence] = share
            for sentence, share in best_in.items():
                scores[sentence] += weight * share
                ideas[sentence].append((index, share))
                if share > matched[index]:
                    matched[index] = share
        for index, above in self._above:
            matched[index] = max((share for term, share in above if _places(headings, term)), default=0.0)
        best = scores.index(max(scores))
        return Found(scores[best], tuple(ideas[best]), tuple(matched), passage, places, sentences, scores)


def _places(text: str, term: str) -> list[_Range]:
    """Return where a term stands in a text, Latin words and figures as whole ones."""
    found: list[_Range] = []
    at = text.find(term)
    if at < 0:
        return found
    size, part = len(term), term[0].isascii()
    while at >= 0:
        if not (part and _goes_on(text, at, at + size)):
            found.append((at, at + size))
        at = text.find(term, at + 1)
    return found


def _goes_on(text: str, start: int, end: int) -> bool:
    """Tell whether a word of Latin letters or figures is a part of a longer one."""
    return _is_latin(text[start - 1 : start]) or _is_latin(text[end : end + 1])


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _is_marked(text: str) -> bool:
    return len(text) > 1 or text.isascii()


def _worth_showing(scores: Sequence[float]) -> list[int]:
    """Return the sentence that says most, and those that say nearly as much, in order."""
    most = max(scores)
    best = scores.index(most)
    worth = [i for i, score in enumerate(scores) if i != best and score >= _WORTH_ADDING * most > 0]
    worth.sort(key=lambda i: -scores[i])
    return sorted([best, *worth[: _MOST_SENTENCES - 1]])


def _trimmed(passage: Normalized, start: int, end: int) -> Span:
    """Return a sentence's place in the original, without white space around it."""
    text = passage.text[start:end]
    left = len(text) - len(text.lstrip())
    right = len(text) - len(text.rstrip())
    return passage.original(start + left, max(end - right, start + left + 1))


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[list[int]] = []
    for start, end in sorted((span.start, span.end) for span in spans):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return tuple([Span(start, end) for start, end in merged])

"""Where a question's ideas stand in a passage: what to mark, and the sentences that answer.

Names are looked for as text, not as terms, so that a word that was cut another way is found too.
"""

import bisect
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.analysis.normalize import Normalized
from bot.domain import Channel, Group, Query, Span

# A full stop ends a sentence unless a figure or a Latin letter follows it.
_SENTENCE = re.compile(r"(?:[^。！？!?；;\n.]|\.(?=[0-9a-z]))+[。！？!?；;\n.”’」』)）]*")
_MOST_SENTENCES = 3
_WORTH_ADDING = 0.6


@dataclass(frozen=True, slots=True)
class Found:
    """What of a query stands in a passage; spans are into its original text.

    Attributes:
        marks: Disjoint spans of what matched, in order; single Han characters are not marked.
        excerpt: One to three sentences that say most of what was asked, in order; none if nothing matched.
        best: Of the sentence that says most: the sum of its ideas' weights.
        ideas: Indexes of the groups that stand in that sentence, and the share of their weight that counts.
        matched: For each group of the query the weight of its surest name that the passage has, or the
            headings above it for the groups of that channel; 0.0 when it has none.
    """

    marks: tuple[Span, ...]
    excerpt: tuple[Span, ...]
    best: float
    ideas: tuple[tuple[int, float], ...]
    matched: tuple[float, ...]


def find(passage: Normalized, headings: str, query: Query, weights: Sequence[float]) -> Found:
    """Look for the ideas of a query in a passage.

    Args:
        passage: The passage's text, normalised as its terms were.
        headings: Those above it, normalised alike.
        query: What was looked up.
        weights: Of each group, ≥ 0; a name counts by its own weight.
    """
    spans = [match.span() for match in _SENTENCE.finditer(passage.text)] or [(0, len(passage.text))]
    starts = [start for start, _ in spans]
    scores = [0.0] * len(spans)
    ideas: list[list[tuple[int, float]]] = [[] for _ in spans]
    marks: list[tuple[int, int]] = []
    matched = [0.0] * len(weights)
    for index, (group, weight) in enumerate(zip(query.groups, weights, strict=True)):
        if group.channel is Channel.HEADING:
            matched[index] = max((share for _, _, share in _occurrences(headings, group)), default=0.0)
            continue
        best_in: dict[int, float] = {}
        for start, end, share in _occurrences(passage.text, group):
            marks.append((start, end))
            sentence = max(0, bisect.bisect_right(starts, start) - 1)
            best_in[sentence] = max(share, best_in.get(sentence, 0.0))
        for sentence, share in best_in.items():
            matched[index] = max(matched[index], share)
            scores[sentence] += weight * share
            ideas[sentence].append((index, share))
    if not marks:
        return Found((), (), 0.0, (), tuple(matched))
    best = max(range(len(spans)), key=lambda i: (scores[i], -i))
    chosen = _worth_showing(scores, best)
    return Found(
        _merged(passage.original(start, end) for start, end in marks if _is_marked(passage.text[start:end])),
        tuple(_trimmed(passage, *spans[i]) for i in chosen),
        scores[best],
        tuple(ideas[best]),
        tuple(matched),
    )


def _occurrences(text: str, group: Group) -> Iterator[tuple[int, int, float]]:
    """Yield where the names of a group stand, and the weight of each."""
    for name in group.names:
        term = name.term
        at = text.find(term)
        while at >= 0:
            if _stands_alone(text, at, at + len(term)):
                yield at, at + len(term), name.weight
            at = text.find(term, at + 1)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether a word of Latin letters or figures is not a part of a longer one."""
    if not text[start].isascii():
        return True
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (_is_latin(before) or _is_latin(after))


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _is_marked(text: str) -> bool:
    return len(text) > 1 or text.isascii()


def _worth_showing(scores: Sequence[float], best: int) -> list[int]:
    others = sorted((i for i in range(len(scores)) if i != best), key=lambda i: -scores[i])
    worth = [i for i in others if scores[i] >= _WORTH_ADDING * scores[best] > 0]
    return sorted([best, *worth[: _MOST_SENTENCES - 1]])


def _trimmed(passage: Normalized, start: int, end: int) -> Span:
    """Return a sentence's place in the original, without white space around it."""
    text = passage.text[start:end]
    left = len(text) - len(text.lstrip())
    right = len(text) - len(text.rstrip())
    return passage.original(start + left, max(end - right, start + left + 1))


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)

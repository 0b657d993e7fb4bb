"""Which of the ranked passages are shown, and in what order: none twice, and not all of one report."""

import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from bot.domain import Passage

# Of two texts' pairs of characters, from which they say the same.
_ALIKE = 0.8
# Shorter than this share of the other, a text is not even compared.
_LENGTHS = 0.7
# Places that should not all go to one report.
_FIRST = 3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ranked(Generic[T]):
    """A ranked passage with whatever belongs to it.

    Attributes:
        text: The passage's, normalised.
        also: Passages that were ranked lower and say nearly the same, in their order.
    """

    item: T
    passage: Passage
    text: str
    score: float
    also: tuple[Passage, ...] = ()


def collapsed(ranked: Sequence[Ranked[T]]) -> list[Ranked[T]]:
    """Leave out what says nearly the same as a better one, which names it instead."""
    kept: list[Ranked[T]] = []
    pairs_of = functools.cache(_pairs)
    for one in ranked:
        same = next((i for i, other in enumerate(kept) if _alike(one.text, other.text, pairs_of)), None)
        if same is None:
            kept.append(one)
        else:
            kept[same] = replace(kept[same], also=(*kept[same].also, one.passage))
    return kept


def spread(ranked: Sequence[Ranked[T]], share: float) -> list[Ranked[T]]:
    """Give the third place, and its score, to another report if one report has the first three.

    Args:
        ranked: Best first.
        share: Of the third one's score that the other must have, 0..1.
    """
    order = list(ranked)
    if len({one.passage.report_id for one in order[:_FIRST]}) != 1 or len(order) <= _FIRST:
        return order
    only, least = order[0].passage.report_id, share * order[_FIRST - 1].score
    for place, one in enumerate(order):
        if one.passage.report_id != only:
            if one.score >= least:
                order.insert(_FIRST - 1, replace(order.pop(place), score=order[_FIRST - 1].score))
            break
    return order


def _alike(one: str, other: str, pairs_of: Callable[[str], frozenset[str]]) -> bool:
    """Tell whether the pairs of characters of two texts are nearly the same (Jaccard)."""
    shorter, longer = sorted((len(one), len(other)))
    if shorter < _LENGTHS * longer:
        return False
    # Two characters that the other text lacks make at least one pair that it lacks, and of those there may be
    # a quarter of what the texts share. Most differ by more, which takes a tenth of the time to see.
    if len(set(one) ^ set(other)) > 2 * (1 - _ALIKE) / _ALIKE * shorter:
        return False
    mine, theirs = pairs_of(one), pairs_of(other)
    both = len(mine & theirs)
    return 0 < both >= _ALIKE * (len(mine) + len(theirs) - both)


def _pairs(text: str) -> frozenset[str]:
    return frozenset(map("".join, itertools.pairwise(text)))

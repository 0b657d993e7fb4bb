"""Which of the ranked passages are shown, and in what order: none twice, and not all of one report."""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from bot.domain import Passage

# Of two texts' pairs of characters, from which they say the same.
_ALIKE = 0.8
# Shorter than this share of the other, a text is not even compared.
_LENGTHS = 0.7
# Characters share so many bits: few of a passage's come upon the same one.
_BITS = 1024
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
    known: list[_Text] = []
    for one in ranked:
        text = _Text(one.text)
        same = next((i for i, other in enumerate(known) if text.is_like(other)), None)
        if same is None:
            kept.append(one)
            known.append(text)
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


class _Text:
    """What of a text is compared with others; each part is made once."""

    def __init__(self, text: str) -> None:
        self.length = len(text)
        self.characters = _bits(text)
        self._text = text

    @functools.cached_property
    def pairs(self) -> frozenset[str]:
        """Return the pairs of characters that stand beside each other."""
        return frozenset(map("".join, itertools.pairwise(self._text)))

    def is_like(self, other: "_Text") -> bool:
        """Tell whether the pairs of characters of two texts are nearly the same (Jaccard)."""
        shorter, longer = sorted((self.length, other.length))
        if shorter < _LENGTHS * longer:
            return False
        # Two characters that the other text lacks make at least one pair that it lacks, and of those there
        # may be a quarter of what the texts share. Most differ by more, which is soon seen.
        if (self.characters ^ other.characters).bit_count() > 2 * (1 - _ALIKE) / _ALIKE * shorter:
            return False
        both = len(self.pairs & other.pairs)
        return 0 < both >= _ALIKE * (len(self.pairs) + len(other.pairs) - both)


def _bits(text: str) -> int:
    """Return a number of 1,024 bits with those set that stand for the characters of a text.

    Where two texts' bits differ, one has a character that the other lacks. A set would tell of more such
    characters, but it takes four times as long to make and twenty times as long to compare.
    """
    there = np.zeros(_BITS, np.bool_)
    there[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32) % _BITS] = True
    return int.from_bytes(np.packbits(there).tobytes())

"""What the words of a question may also be called in the reports, compiled for one index.

Tables, made when the index is built and mapped when it is opened, besides those of `similar`:

    names.marisa      a word, or "=" and the stems of an English phrase → what the domain's own files call it
    english.marisa    the stems of an English phrase → words of the index, by CC-CEDICT
    near.marisa       a stem → words of the index that have it in their glosses, and how much of each it is

Nearness in meaning is the cosine of two words' glosses, as vectors of stems weighted by what each says:
a stem in few words' glosses says more (idf over the words of the index).

The tables may have more words than stand in the index: that is asked for each word that is wanted.
"""

import functools
import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from bot.analysis.frequencies import Frequencies
from bot.domain import Name
from bot.lexicon.cedict import Cedict, Gloss
from bot.lexicon.english import SMALL_STEMS
from bot.lexicon.table import SIMILAR_FILES, Table

if TYPE_CHECKING:
    from bot.lexicon.similar import Similar

_OWN_FILES = ("names.marisa", "english.marisa", "near.marisa")
FILES = (*_OWN_FILES, *SIMILAR_FILES)
OF_WORDS = (*_OWN_FILES[1:], *SIMILAR_FILES[:-1])
"""The tables that `compile_words` writes."""
OWN = (_OWN_FILES[0], SIMILAR_FILES[-1])
"""The tables that `compile_own` writes."""
# Changing what is compiled changes every index: count up.
VERSION = 2

_WORDS_KEPT = 4096
_MOST_NAMES = 40
SIZE = "#"
# Of two words' shares of all words, multiplied.
_BY_CHANCE = 6e-8


class _Seldom(Enum):
    """What a share of all uses says: from `common` on nothing, up to `seldom` all, on a logarithmic scale.

    A word that is in no dictionary is a name, or was cut wrongly.
    """

    CHINESE = (math.exp(-6.0), math.exp(-13.0), 0.6)
    ENGLISH = (math.exp(-4.0), math.exp(-9.5), 1.0)

    def of(self, count: int, total: int) -> float:
        """Return how much a word says that is used `count` of `total` times, 0..1."""
        common, seldom, unknown = self.value
        if not count:
            return unknown
        return min(1.0, max(0.0, math.log(common * total / count) / math.log(common / seldom)))


class Lexicon:
    """An opened lexicon; read-only, safe to share between threads.

    Nothing in it refers back to it, so that its files are closed as soon as nobody has it any more.

    Args:
        folder: Of the generation.
        cedict: The dictionary.
        frequencies: Of words in use.
        df: Tells in how many passages of the generation a word, a character or a pair of them stands.

    Raises:
        IndexDamaged: A table cannot be mapped.
    """

    def __init__(
        self, folder: Path, cedict: Cedict, frequencies: Frequencies, df: Callable[[str], int]
    ) -> None:
        # The same words are translations of many questions.
        self._df = functools.lru_cache(maxsize=_WORDS_KEPT)(df)
        self._names, self._english, self._near = (Table(folder / name) for name in _OWN_FILES)
        self._cedict = cedict
        self._frequencies = frequencies
        self._words = _Words(cedict, self._names, frequencies)
        # Mapped now: when a question needs them, the files may have been removed.
        self._tables = tuple(Table(folder / name) for name in SIMILAR_FILES)
        # Few words make up most questions.
        self.related = functools.lru_cache(maxsize=_WORDS_KEPT)(_Meanings(cedict, self._near, self._df).near)

    def synonyms(self, word: str) -> list[Name]:
        """Return what config/synonyms.toml also calls a word, heaviest first."""
        return [Name(text, weight, "synonym") for text, weight in self._names.get(word)]

    def named(self, text: str) -> list[str]:
        """Return the beginnings of a text that `synonyms` has names for."""
        return self._names.beginnings(text)

    def translations(self, stems: Sequence[str]) -> list[Name]:
        """Return Chinese names of an English phrase: the glossary's, then the dictionary's."""
        key = " ".join(stems)
        names = {text: Name(text, weight, "glossary") for text, weight in self._names.get(f"={key}")}
        here = (pair for pair in self._english.each(key) if self._df(pair[0]))
        for text, weight in itertools.islice(here, _MOST_NAMES):
            names.setdefault(text, Name(text, weight, "dictionary"))
        return list(names.values())

    def knows(self, stems: Sequence[str]) -> bool:
        """Tell whether an English phrase has a name."""
        key = " ".join(stems)
        return f"={key}" in self._names or any(self._df(text) for text, _ in self._english.each(key))

    def stands(self, word: str) -> bool:
        """Tell whether a word of Latin letters or figures stands in the index as it is."""
        return self._df(word) > 0

    def is_word(self, word: str) -> bool:
        """Tell whether a Chinese word is in the dictionary or has a name of the domain's."""
        return self._words.has(word)

    def is_phrase(self, stems: Sequence[str]) -> bool:
        """Tell whether English has a phrase as one idea, whether or not the index has a name for it."""
        return self._cedict.said(stems) > 0

    def specificity(self, text: str, stems: Sequence[str]) -> float:
        """Return how much a word of a question says at all, by how seldom it is used, 0..1.

        Args:
            text: The word, in the index's spelling.
            stems: Of an English word or phrase; empty for a Chinese word.
        """
        if not stems:
            return _Seldom.CHINESE.of(self._frequencies[text], self._frequencies.total)
        return max(_Seldom.ENGLISH.of(self._cedict.said([stem]), self._cedict.size) for stem in stems)

    @functools.cached_property
    def _similar(self) -> "Similar":
        from bot.lexicon.similar import Similar

        df, words = self._df, self._words

        def meant(word: str) -> int:
            # A word that the segmenter only guessed in some report is nothing that anybody meant.
            count = df(word)
            return count if count and (word.isascii() or words.has(word)) else 0

        return Similar(self._tables, meant)

    def repairs(self, piece: str) -> list[Name]:
        """Return words of the index that a piece of a question was probably meant to be, surest first."""
        if self._words.has(piece) or self._words.by_chance(piece) or self._df(piece):
            return []
        return self._similar.repairs(piece)


@dataclass(frozen=True, slots=True)
class _Words:
    """What is a word at all, whether or not it stands in the index."""

    cedict: Cedict
    names: Table
    frequencies: Frequencies

    def has(self, word: str) -> bool:
        """Tell whether a Chinese word is in the dictionary or has a name of the domain's."""
        # The dictionary comes last: it is searched by halves.
        return self.frequencies[word] > 0 or word in self.names or word in self.cedict

    def by_chance(self, piece: str) -> bool:
        """Tell whether two characters are such common words (先做) that they stand together unmistyped."""
        if len(piece) != 2 or piece.isascii():
            return False
        one, other = (self.frequencies[character] / self.frequencies.total for character in piece)
        return one * other >= _BY_CHANCE


class _Meanings:
    """Nearness in meaning; see the module."""

    def __init__(self, cedict: Cedict, stems: Table, df: Callable[[str], int]) -> None:
        self._cedict = cedict
        self._stems = stems
        self._df = df
        self._size = dict(stems.get(SIZE)).get(SIZE, 0.0)

    def near(self, word: str, *, most: int, least: float) -> tuple[Name, ...]:
        """Return words of the index whose glosses are near a word's, nearest first.

        Args:
            word: Need not be in the index.
            most: Words wanted.
            least: Cosine from which a word counts, 0..1.
        """
        own = content(self._cedict.glosses(word))
        if not own:
            return ()
        others = {stem: self._stems.written(stem) for stem in own}
        vector = unit({stem: tf * idf(self._size, len(others[stem])) for stem, tf in own.items()})
        near: dict[str, float] = {}
        for text in _candidates([(weight, others[stem]) for stem, weight in vector.items()], least) - {word}:
            near[text] = 0.0
            for stem, weight in vector.items():
                if written := others[stem].get(text):
                    near[text] += weight * float(written)
        best = sorted((pair for pair in near.items() if pair[1] >= least), key=lambda p: (-p[1], p[0]))
        here = (Name(text, min(cosine, 1.0), "meaning") for text, cosine in best if self._df(text))
        return tuple(itertools.islice(here, most))


def _candidates(lists: Iterable[tuple[float, Mapping[str, str]]], least: float) -> set[str]:
    """Return the words that stand in several lists, and those that one list alone makes near enough.

    Most words stand far down in one list: what they weigh there is not even read.
    """
    found: set[str] = set()
    seen: set[str] = set()
    for weight, words in lists:
        found |= words.keys() & seen
        seen.update(words)
        for text, written in words.items():
            if weight * float(written) < least:
                break
            found.add(text)
    return found


def content(glosses: Iterable[Gloss]) -> dict[str, float]:
    """Return how much each stem that says something stands for in a word's glosses."""
    weights: dict[str, float] = defaultdict(float)
    for gloss in glosses:
        for stem in gloss.stems:
            if stem not in SMALL_STEMS:
                weights[stem] += gloss.weight
    return {stem: 1 + math.log(weight) if weight >= 1 else weight for stem, weight in weights.items()}


def idf(words: float, df: int) -> float:
    """Return how much a stem says that `df` of so many words have in their glosses."""
    return math.log(1 + (words + 1) / (df + 0.5))


def unit(vector: Mapping[str, float]) -> dict[str, float]:
    """Return a vector of length 1 in the same direction."""
    length = math.hypot(*vector.values())
    return {stem: weight / length for stem, weight in vector.items()}

"""Which words of an index can have other names → the files of its lexicon."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.domain import Channel
from bot.index.vocabulary import Keys, Vocabulary
from bot.lexicon import lexicon
from bot.lexicon.compiling import compile_words
from bot.lexicon.sources import Sources, compile_own

# From so many words of the dictionaries on an index gets the tables of all of them.
_MANY = 20_000


def write(folder: Path, sources: Sources, *, old: Path | None = None, many: int = _MANY) -> bool:
    """Write the lexicon of an index; tell whether any of it had to be compiled.

    Args:
        folder: Has the vocabulary.
        sources: What names are taken from.
        old: A generation whose lexicon had the same sources, to take over what is the same.
        many: From so many words on the tables are those of all words of the dictionaries.
    """
    numbers = sources.dictionary.numbers()
    vocabulary = Vocabulary(folder)
    now = _Words.of(vocabulary, numbers)
    before = _Words.of(Vocabulary(old), numbers) if old else None
    if old and before and before.latin == now.latin:
        copy(old, folder, lexicon.OWN)
    else:
        compile_own(folder, sources, now.latin)
    if len(now.numbers) >= many:
        copy(sources.dictionary.tables(), folder, lexicon.OF_WORDS)
    elif old and before and np.array_equal(before.numbers, now.numbers):
        copy(old, folder, lexicon.OF_WORDS)
    else:
        compile_words(folder, sources.cedict, sorted(now.terms(vocabulary)))
        return True
    return not (old and before and before.latin == now.latin)


def copy(source: Path, target: Path, names: Iterable[str]) -> None:
    """Copy files of a generation; they are not linked, so that damage to one is none to the other."""
    for name in names:
        shutil.copyfile(source / name, target / name)


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of an index that can have other names.

    Attributes:
        words: Numbers of those in the dictionaries; rising.
        characters: Numbers of characters and pairs that are words of the dictionaries; rising.
        latin: Those of Latin letters or figures.
    """

    words: Keys
    characters: Keys
    latin: list[str]

    @classmethod
    def of(cls, vocabulary: Vocabulary, dictionary: Keys) -> "_Words":
        """Return the words of a vocabulary."""
        words, characters = (
            _common(vocabulary.bare(channel), dictionary) for channel in (Channel.WORD, Channel.CHAR)
        )
        return cls(words, characters, list(vocabulary.ascii_terms(Channel.WORD)))

    @property
    def numbers(self) -> Keys:
        """Return the numbers of all that are in the dictionaries, rising."""
        numbers: Keys = np.union1d(self.words, self.characters)
        return numbers

    def terms(self, vocabulary: Vocabulary) -> set[str]:
        """Return all that are in the dictionaries, from the vocabulary they are of."""
        words = vocabulary.terms_of(Channel.WORD, self.words)
        return {*words, *vocabulary.terms_of(Channel.CHAR, self.characters)}


def _common(some: Keys, others: Keys) -> Keys:
    """Return the numbers that are in both of two rising arrays."""
    few, many = sorted((some, others), key=len)
    places = many.searchsorted(few)
    inside = places < len(many)
    inside[inside] = many[places[inside]] == few[inside]
    return few[inside]

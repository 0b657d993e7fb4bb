"""Which words of an index can have other names → the files of its lexicon."""

import shutil
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import numpy as np

from bot.distinct import sought
from bot.domain import Channel
from bot.index.vocabulary import Keys, Vocabulary
from bot.lexicon import lexicon
from bot.lexicon.compiling import compile_words
from bot.lexicon.sources import Sources, compile_own

# From so many words of the dictionaries on an index gets the tables of all of them.
_MANY = 20_000
# Words of the dictionaries that are looked up at a time.
_LOOKED_UP = 2**15


def write(folder: Path, sources: Sources, *, old: Path | None = None, many: int = _MANY) -> bool:
    """Write the lexicon of an index; tell whether any of it had to be compiled.

    Args:
        folder: Has the vocabulary.
        sources: What names are taken from.
        old: A generation whose lexicon had the same sources, to take over what is the same.
        many: From so many words on the tables are those of all words of the dictionaries.
    """
    numbers = sources.dictionary.numbers()
    now = _Words(Vocabulary(folder), numbers)
    before = _Words(Vocabulary(old), numbers) if old else None
    if old and before and before.latin == now.latin:
        copy(old, folder, lexicon.OWN)
    else:
        compile_own(folder, sources, now.latin)
    if now.are_many(many):
        copy(sources.dictionary.tables(), folder, lexicon.OF_WORDS)
    elif old and before and np.array_equal(before.numbers, now.numbers):
        copy(old, folder, lexicon.OF_WORDS)
    else:
        compile_words(folder, sources.cedict, sorted(now.terms()))
        return True
    return not (old and before and before.latin == now.latin)


def copy(source: Path, target: Path, names: Iterable[str]) -> None:
    """Copy files of a generation; they are not linked, so that damage to one is none to the other."""
    for name in names:
        shutil.copyfile(source / name, target / name)


class _Words:
    """The words of an index that can have other names.

    Args:
        vocabulary: Of the index.
        dictionary: Numbers of the words in the dictionaries; rising.
    """

    def __init__(self, vocabulary: Vocabulary, dictionary: Keys) -> None:
        self._vocabulary = vocabulary
        self._dictionary = dictionary

    @cached_property
    def latin(self) -> list[str]:
        """Return those of Latin letters or figures."""
        return list(self._vocabulary.ascii_terms(Channel.WORD))

    def are_many(self, many: int) -> bool:
        """Tell whether so many are in the dictionaries; of a large index a part shows it."""
        words, found = self._vocabulary.bare(Channel.WORD), 0
        for start in range(0, len(self._dictionary), _LOOKED_UP):
            found += len(_common(words, self._dictionary[start : start + _LOOKED_UP]))
            if found >= many:
                return True
        return len(self.numbers) >= many

    @cached_property
    def numbers(self) -> Keys:
        """Return the numbers of all that are in the dictionaries, rising."""
        # Both rise, so that sorting merges them: np.union1d takes forty times as long.
        both = np.sort(np.concatenate((self._of(Channel.WORD), self._of(Channel.CHAR))), kind="stable")
        return np.concatenate((both[:1], both[1:][both[1:] != both[:-1]]))

    def terms(self) -> set[str]:
        """Return all that are in the dictionaries."""
        channels = (Channel.WORD, Channel.CHAR)
        return {term for one in channels for term in self._vocabulary.terms_of(one, self._of(one))}

    def _of(self, channel: Channel) -> Keys:
        """Return the numbers of a channel's words that are in the dictionaries, rising."""
        return _common(self._vocabulary.bare(channel), self._dictionary)


def _common(some: Keys, others: Keys) -> Keys:
    """Return the numbers that are in both of two rising arrays."""
    few, many = sorted((some, others), key=len)
    return few[sought(few, many)[1]]

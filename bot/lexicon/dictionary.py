"""All words of the dictionaries, as numbers in a cache; and the lexicon's tables of all of them.

An index with many words gets these tables, which are made once, whatever words it has: making them for each
index would take longer than all else.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.analysis.frequencies import Frequencies
from bot.analysis.keys import bare_key
from bot.distinct import distinct
from bot.lexicon.cedict import Cedict
from bot.lexicon.compiling import compile_words
from bot.lexicon.lexicon import VERSION

# Changing what the files hold changes their names: count up.
_FILE_VERSION = 1


class Dictionary:
    """The words of CC-CEDICT and of jieba's dictionary.

    Args:
        cache: A private, existing folder; files are made there when they are needed and missing.
        cedict: The one.
        frequencies: Of the other.
    """

    def __init__(self, cache: Path, cedict: Cedict, frequencies: Frequencies) -> None:
        self._cache = cache
        self._cedict = cedict
        self._frequencies = frequencies

    def numbers(self) -> npt.NDArray[np.uint64]:
        """Return the numbers of all words, rising; see `bot.analysis.keys`."""
        path = self._cache / f"words-{_FILE_VERSION}.npy"
        try:
            found: npt.NDArray[np.uint64] = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            found = distinct(np.fromiter(map(bare_key, self._words()), np.uint64))
            aside = path.with_name(f"{path.stem}.{os.getpid()}.npy")
            np.save(aside, found)
            aside.replace(path)
        return found

    def tables(self) -> Path:
        """Return a folder with the tables of all words, `lexicon.OF_WORDS`."""
        folder = self._cache / f"lexicon-{VERSION}-{_FILE_VERSION}"
        if not folder.is_dir():
            aside = Path(tempfile.mkdtemp(dir=self._cache))
            try:
                compile_words(aside, self._cedict, sorted(set(self._words())))
                aside.rename(folder)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
        return folder

    def _words(self) -> Iterator[str]:
        yield from self._cedict.words()
        yield from self._frequencies.words()

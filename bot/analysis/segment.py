"""Runs of Han characters → words.

jieba is the reference; rjieba (Rust) cuts such runs alike, faster, and starts sooner. Both get
private instances: a dictionary of ours never reaches another user of the libraries, and jieba's
cache file (which it loads with marshal) lies in a folder of ours, never in the shared temp folder.
"""

import importlib.machinery
import importlib.util
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

from bot.analysis.frequencies import Frequencies
from bot.errors import InputError

Cut = tuple[str, int, int]

# No run of Han characters has it.
_NO_WORD = "\ue000\ue000"


class UserWord(NamedTuple):
    """A word of the domain and its frequency on the scale of jieba's dictionary (60 million in all)."""

    text: str
    frequency: int


class Segmenter(Protocol):
    """Cuts a run of Han characters.

    Attributes:
        name: Of the engine.
    """

    name: str

    def cut(self, run: str) -> Sequence[Cut]:
        """Return (word, start, end) in search mode: the parts of a long word stand before it."""

    def words(self, runs: str) -> Sequence[str]:
        """Return the words of many runs that spaces or line feeds divide; each of these is a word as well."""


class JiebaSegmenter:
    """jieba itself.

    Args:
        words: Added to jieba's dictionary.
        cache: A private, existing folder for its compiled dictionary.
    """

    name = "jieba"

    def __init__(self, words: Iterable[UserWord], cache: Path) -> None:
        import logging

        import jieba

        # It tells of its progress, and with a traceback of a cache that was not written and only saves time.
        logging.getLogger("jieba").setLevel(logging.CRITICAL)
        self._tokenizer = jieba.Tokenizer()
        self._tokenizer.tmp_dir = str(cache)
        self._tokenizer.initialize()
        for word in words:
            self._tokenizer.add_word(word.text, word.frequency, "n")

    def cut(self, run: str) -> Sequence[Cut]:
        """See Segmenter."""
        return list(self._tokenizer.tokenize(run, mode="search"))

    def words(self, runs: str) -> Sequence[str]:
        """See Segmenter."""
        return list(self._tokenizer.cut_for_search(runs))


class RjiebaSegmenter:
    """rjieba; raises ImportError when it is not installed."""

    name = "rjieba"

    def __init__(self, words: Iterable[UserWord]) -> None:
        self._jieba = _rjieba_extension().Jieba()
        for word in words:
            self._jieba.add_word(word.text, word.frequency, "n")

    def cut(self, run: str) -> Sequence[Cut]:
        """See Segmenter."""
        cuts: Sequence[Cut] = self._jieba.tokenize(run, "search")
        return cuts

    def words(self, runs: str) -> Sequence[str]:
        """See Segmenter."""
        words: Sequence[str] = self._jieba.cut_for_search(runs)
        return words


class QuestionSegmenter:
    """Cuts as rjieba does, without loading its dictionary, which takes longer than all else in a question.

    A cut depends on the words that stand in a run and on the sum of all frequencies. So each text gets a
    dictionary of its own: the words in it, looked up in a mapped table, and one word that cannot stand in it
    with the frequency of all others.

    Args:
        words: Added to jieba's dictionary.
        frequencies: Of that dictionary.

    Raises:
        ImportError: rjieba is not installed.
    """

    name = "rjieba"

    def __init__(self, words: Iterable[UserWord], frequencies: Frequencies) -> None:
        self._jieba = _rjieba_extension().Jieba
        self._frequencies = frequencies
        self._own = {word.text: word.frequency for word in words}
        self._total = frequencies.total + sum(
            frequency - frequencies[text] for text, frequency in self._own.items()
        )

    def cut(self, run: str) -> Sequence[Cut]:
        """See Segmenter."""
        cuts: Sequence[Cut] = self._with_words_of(run).tokenize(run, "search")
        return cuts

    def words(self, runs: str) -> Sequence[str]:
        """See Segmenter."""
        words: Sequence[str] = self._with_words_of(runs).cut_for_search(runs)
        return words

    def _with_words_of(self, text: str) -> Any:  # noqa: ANN401
        """Return a segmenter that cuts this text as one with the whole dictionary does."""
        found = self._frequencies.words_in(text)
        found.update((word, frequency) for word, frequency in self._own.items() if word in text)
        jieba = self._jieba.empty()
        for word, frequency in found.items():
            jieba.add_word(word, frequency, "n")
        jieba.add_word(_NO_WORD, max(self._total - sum(found.values()), 1), "n")
        return jieba


def _rjieba_extension() -> Any:  # noqa: ANN401
    """Load rjieba's extension without its package, which would build a second, global dictionary.

    Each dictionary costs about 90 ms, more than anything else that a question does.
    """
    package = importlib.util.find_spec("rjieba")
    folders = package.submodule_search_locations if package else None
    spec = importlib.machinery.PathFinder.find_spec("rjieba", folders) if folders else None
    if spec is None or spec.loader is None or spec.origin is None or spec.origin.endswith(".py"):
        raise ImportError("rjieba is not installed")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def segmenter(
    engine: Literal["auto", "jieba", "rjieba"], words: Sequence[UserWord], cache: Path
) -> Segmenter:
    """Return the wanted engine; "auto" is rjieba when installed, else jieba.

    Raises:
        InputError: rjieba was asked for by name and is not installed.
    """
    if engine == "jieba":
        return JiebaSegmenter(words, cache)
    try:
        return RjiebaSegmenter(words)
    except ImportError:
        if engine == "rjieba":
            raise InputError(
                "analysis.segmenter is rjieba, which is not installed: pip install 'wenbao[fast]'"
            ) from None
        return JiebaSegmenter(words, cache)

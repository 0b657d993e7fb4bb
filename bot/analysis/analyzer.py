"""Text → terms with their places.

Two channels of one text: words as jieba cuts them for search, and characters (bigrams and single
ones), which make a wrong cut cost little. Latin words and figures are terms of the first channel.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.analysis.normalize import Normalized, Normalizer
from bot.analysis.segment import Segmenter
from bot.domain import Term

# Changing what this module makes of a text changes every index: count up.
VERSION = 1

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# A word of another script with what joins it inside (e-mail, 3.5, c++11).
_OTHER = rf"[^\W_{HAN}]+(?:[.+#&'_-][^\W_{HAN}]+)*"
OTHER = re.compile(_OTHER)
_RUN = re.compile(rf"(?P<han>[{HAN}]+)|{_OTHER}")

_Piece = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one text, each channel in order of appearance.

    Attributes:
        words: Words, Latin words and figures; the parts of a long word stand before it.
        characters: Bigrams and single characters of Han runs.
    """

    words: tuple[Term, ...]
    characters: tuple[Term, ...]


class Analyzer:
    """Makes terms of texts; the same instance for reports and for questions."""

    def __init__(self, normalizer: Normalizer, segmenter: Segmenter) -> None:
        self.normalize = normalizer
        self._segmenter = segmenter
        self.engine = segmenter.name

    def __call__(self, text: str) -> Terms:
        """Return the terms of `text`, with spans into it as it was given."""
        normalized = self.normalize(text)
        words, characters = self._pieces(normalized.text)
        return Terms(_located(words, normalized), _located(characters, normalized))

    def tokens(self, text: str) -> tuple[list[str], list[str]]:
        """Return the same terms without places: words, and bigrams with single characters."""
        words, characters = self._pieces(self.normalize(text).text)
        return [w for w, _, _ in words], [c for c, _, _ in characters]

    def words(self, runs: str) -> Sequence[str]:
        """Cut normalised runs of Han characters that single spaces or line feeds divide, which stay words."""
        return self._segmenter.words(runs)

    def _pieces(self, text: str) -> tuple[list[_Piece], list[_Piece]]:
        words: list[_Piece] = []
        characters: list[_Piece] = []
        for run in _RUN.finditer(text):
            piece, at = run.group(), run.start()
            if run.lastgroup:
                words += [(w, at + s, at + e) for w, s, e in self._segmenter.cut(piece)]
                characters += _grams(piece, at)
            else:
                words.append((piece, at, run.end()))
        return words, characters


def _grams(run: str, at: int) -> Iterator[_Piece]:
    for i, character in enumerate(run):
        yield character, at + i, at + i + 1
        if i + 1 < len(run):
            yield run[i : i + 2], at + i, at + i + 2


def _located(pieces: list[_Piece], normalized: Normalized) -> tuple[Term, ...]:
    return tuple(Term(text, normalized.original(start, end)) for text, start, end in pieces)

"""The terms of many texts at once, as arrays: what `Analyzer.tokens` gives, whatever its order within a text.

Characters are numbers here: most texts are normalised by a table that is filled in as characters turn up,
and pairs of characters never become strings. The segmenter gets many texts in one call. A text with a
character that is not normalised by itself (combining marks, Traditional ones, ligatures) goes the
analyzer's own way.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bot.analysis.analyzer import HAN, OTHER, Analyzer
from bot.analysis.normalize import alone, is_plain
from bot.distinct import distinct

Codes = npt.NDArray[np.uint32]
_Flags = npt.NDArray[np.bool_]
_Places = npt.NDArray[np.int64]

_CODES = 0x110000
# In the table of what characters become: not asked yet, and what depends on the characters beside it.
_UNKNOWN, _SLOW = _CODES, _CODES + 1
_HAN, _LETTER, _MARK = 1, 2, 3
_IS_HAN, _IS_LETTER = re.compile(f"[{HAN}]"), re.compile(r"[^\W_]")
_GAP, _END = ord(" "), ord("\n")


@dataclass(frozen=True, slots=True)
class Bulk:
    r"""The terms of some texts.

    Attributes:
        words: Of the first text, then "\n", of the second, then "\n", …; " " among them is no word.
        others: Words of other scripts, each with the number of its text, 0 the first.
        characters: Code points of the Han characters of all texts, in order.
        texts: Of each character the number of its text.
        joined: Of each character whether it is a pair with the next one.
    """

    words: Sequence[str]
    others: Sequence[tuple[str, int]]
    characters: Codes
    texts: Codes
    joined: _Flags


class BulkAnalyzer:
    """Analyses many texts together; remembers what it learnt of characters.

    Args:
        analyzer: Whose terms are wanted.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._forms = np.full(_CODES, _UNKNOWN, np.uint32)
        self._plain = np.zeros(_CODES + 2, bool)
        self._kinds = np.zeros(_CODES, np.uint8)

    def __call__(self, texts: Sequence[str]) -> Bulk:
        """Return the terms of some texts."""
        codes, lengths = self._normalized(texts)
        text_of = np.repeat(np.arange(len(texts), dtype=np.uint32), lengths)
        kinds = self._kinds_of(codes)
        han = kinds == _HAN
        others = list(_others(codes, kinds == _LETTER, text_of, np.cumsum(lengths)))
        words = self._analyzer.words(_runs(codes, han, text_of, len(texts)))
        places = np.flatnonzero(han)
        text_of = text_of[places]
        joined = np.zeros(len(places), bool)
        joined[:-1] = (np.diff(places) == 1) & (text_of[1:] == text_of[:-1])
        return Bulk(words, others, codes[places], text_of, joined)

    def _normalized(self, texts: Sequence[str]) -> tuple[Codes, _Places]:
        """Return the normalised code points of all texts together, and how many each has."""
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        forms = self._forms_of(_codes("".join(texts)))
        places = np.flatnonzero(~self._plain.take(forms))
        if not len(places):
            return forms, lengths
        ends = np.cumsum(lengths)
        of = ends.searchsorted(places, "right")
        slow = distinct(of[forms[places] == _SLOW])
        chosen = np.zeros(len(texts), bool)
        chosen[of], chosen[slow] = True, False
        self._simplify(forms, chosen, lengths)
        parts, before = [], 0
        for number, start, end in zip(slow.tolist(), (ends - lengths)[slow], ends[slow], strict=True):
            own = _codes(self._analyzer.normalize(texts[number]).text)
            parts += [forms[before:start], own]
            before, lengths[number] = end, len(own)
        return np.concatenate((*parts, forms[before:])), lengths

    def _simplify(self, forms: Codes, chosen: _Flags, lengths: _Places) -> None:
        """Write the Simplified characters of the chosen texts, which are as many, in their places."""
        within = np.repeat(chosen, lengths)
        folded = _text(forms[within])
        ends = np.cumsum(lengths[chosen]).tolist()
        texts = [folded[start:end] for start, end in pairwise([0, *ends])]
        forms[within] = _codes("".join(self._analyzer.normalize.simplified_each(texts)))

    def _forms_of(self, codes: Codes) -> Codes:
        forms = self._forms[codes]
        if len(new := distinct(codes[forms == _UNKNOWN])):
            for code in new.tolist():
                form = alone(chr(code))
                self._forms[code] = ord(form) if form else _SLOW
                self._plain[ord(form) if form else _SLOW] = bool(form) and is_plain(form)
            forms = self._forms[codes]
        return forms

    def _kinds_of(self, codes: Codes) -> npt.NDArray[np.uint8]:
        kinds = self._kinds[codes]
        if len(new := distinct(codes[kinds == 0])):
            for code in new.tolist():
                character = chr(code)
                is_letter = _LETTER if _IS_LETTER.match(character) else _MARK
                self._kinds[code] = _HAN if _IS_HAN.match(character) else is_letter
            kinds = self._kinds[codes]
        return kinds


def _codes(text: str) -> Codes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4")).astype(
        np.uint32, copy=False
    )


def _text(codes: Codes) -> str:
    return codes.astype("<u4", copy=False).tobytes().decode("utf-32-le")


def _runs(codes: Codes, han: _Flags, text_of: Codes, count: int) -> str:
    """Return the runs of Han characters with spaces between them and a line feed after each text."""
    beside = han.copy()
    beside[1:] |= han[:-1]  # of what stands between two runs one character, as a space
    kept = np.flatnonzero(beside)
    row = np.full(len(kept) + count, _END, np.uint32)
    row[np.arange(len(kept)) + text_of[kept]] = np.where(han[kept], codes[kept], np.uint32(_GAP))
    return _text(row)


def _others(codes: Codes, letters: _Flags, text_of: Codes, ends: _Places) -> Iterator[tuple[str, int]]:
    """Yield the words of other scripts in the texts that have letters or figures."""
    for number in distinct(text_of[letters]).tolist():
        text = _text(codes[ends[number - 1] if number else 0 : ends[number]])
        for word in OTHER.findall(text):
            yield word, number

"""One spelling for what a reader takes as the same: NFKC, lower case, Simplified characters.

Every character of the result knows which character of the original it came from, so that what
matched can be marked in the text as it was written.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.domain import Span

_MARKS = "\u0300-\u036f\u3099\u309a\uff9e\uff9f"
# Half of a surrogate pair, from a terminal or a JSON escape: no encoder takes it, so it is replaced.
_HALF = re.compile("[\ud800-\udfff]")
# Characters that NFKC and lower case turn into one character each: ASCII, common Chinese punctuation,
# its full-width forms, Han. All but a few per mille of our texts, done in one call.
_ONE_EACH = (
    "\x00-\x7f\u00b7\u2010-\u2016\u2018-\u201f\u3000-\u3029\u3400-\u9fff\uff01-\uff5e\U00020000-\U0002ffff"
)
_IS_ONE_EACH = re.compile(f"[{_ONE_EACH}]")
_ALL_ONE_EACH = re.compile(f"[{_ONE_EACH}]*")
# What full-width forms there are in any Chinese text, and what they become.
_WIDE = tuple((wide, unicodedata.normalize("NFKC", wide)) for wide in "，：；！？（）／％－～")
_PIECE = re.compile(rf"(?P<one_each>(?:[{_ONE_EACH}](?![{_MARKS}]))+)|[^{_MARKS}][{_MARKS}]*|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Normalized:
    """Normalised text and the way back.

    Attributes:
        text: The normalised text.
        origins: For each character of `text` the offset of its original character, rising;
            None when both texts have the same offsets.
        original_length: Code points of the original.
    """

    text: str
    origins: tuple[int, ...] | None
    original_length: int

    def original(self, start: int, end: int) -> Span:
        """Return the span of the original that became `text[start:end]` (start < end)."""
        if self.origins is None:
            return Span(start, end)
        last = self.origins[end - 1]
        # A character that became several: the piece ends where the next origin begins.
        following = next((o for o in self.origins[end:] if o > last), self.original_length)
        return Span(self.origins[start], following)


class Normalizer:
    """Applies NFKC, lower case and Traditional → Simplified.

    Args:
        to_simplified: Converts Traditional characters; must be deterministic, do with each line what it does
            with it alone, and change no text whose Han characters are all unambiguous ones of GB 2312.
    """

    def __init__(self, to_simplified: Callable[[str], str]) -> None:
        self._to_simplified = to_simplified

    def __call__(self, text: str) -> Normalized:
        """Return `text` in its one spelling."""
        folded, origins = _fold(_HALF.sub("\ufffd", text))
        return Normalized(self.simplified(folded), origins, len(text))

    def simplified(self, folded: str) -> str:
        """Return a text that is normalised otherwise in Simplified characters, as many as it has."""
        simplified = self._to_simplified(folded)
        if len(simplified) != len(folded):
            # A phrase of another length would tear the offsets: character by character then.
            simplified = "".join(self._one_for_one(c) for c in folded)
        return simplified

    def simplified_each(self, folded: Sequence[str]) -> Iterator[str]:
        """Yield what `simplified` gives of each text, converting all in one call."""
        joined = "\n".join(folded)
        simplified = self._to_simplified(joined)
        if list(map(len, simplified.split("\n"))) != list(map(len, joined.split("\n"))):
            yield from map(self.simplified, folded)
            return
        start = 0
        for text in folded:
            yield simplified[start : start + len(text)]
            start += len(text) + 1

    def _one_for_one(self, character: str) -> str:
        converted = self._to_simplified(character)
        return converted if len(converted) == 1 else character


def _fold(text: str) -> tuple[str, tuple[int, ...] | None]:
    """Apply NFKC, within a character and the marks that combine with it, and lower case."""
    if _ALL_ONE_EACH.fullmatch(text):
        return _lowered(text), None
    folded: list[str] = []
    origins: list[int] = []
    shifted = False
    for piece in _PIECE.finditer(text):
        start, end = piece.span()
        form = _lowered(piece.group())
        folded.append(form)
        if piece.lastgroup or len(form) == end - start == 1:
            origins.extend(range(start, end))
        else:
            shifted = True
            origins.extend([start] * len(form))
    return "".join(folded), tuple(origins) if shifted else None


def _lowered(text: str) -> str:
    """Return a text in NFKC and lower case.

    A text that is in NFKC already, as most are without their full-width punctuation, is seen to be so in a
    fraction of the time that it takes to bring one into it.
    """
    for wide, plain in _WIDE:
        text = text.replace(wide, plain)
    return unicodedata.normalize("NFKC", text).lower()


def alone(character: str) -> str:
    """Return what NFKC and lower case make of a character in any text of such ones; "" if that depends."""
    form = unicodedata.normalize("NFKC", character).lower() if _IS_ONE_EACH.fullmatch(character) else ""
    return form if len(form) == 1 else ""


def is_plain(character: str) -> bool:
    """Tell whether a text of such characters is in Simplified ones already."""
    return _is_plainly_simplified(character)


_BELOW_HAN = re.compile("[\x00-\u33ff]+")
# Characters of GB 2312 that OpenCC takes for Traditional, alone or beside some other one.
_AMBIGUOUS = re.compile("[乾菸薹拚捱摺吒後徵夥榘於袷麴醣麽覆坏沈哩藉]")


def simplifier() -> Callable[[str], str]:
    """Return OpenCC's Traditional → Simplified conversion ("t2s").

    OpenCC is loaded when a text has a character that it could change: most have none, and a question on the
    command line need not wait for it.
    """
    converter: Callable[[str], str] | None = None

    def simplify(text: str) -> str:
        nonlocal converter
        if _is_plainly_simplified(text):
            return text
        if converter is None:
            import opencc

            converter = opencc.OpenCC("t2s").convert
        return converter(text)

    return simplify


def _is_plainly_simplified(text: str) -> bool:
    """Tell whether each Han character is in GB 2312, the standard of Simplified ones, and not ambiguous."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError as error:
        if not _BELOW_HAN.match(text, error.start):
            return False
        try:
            _BELOW_HAN.sub("", text).encode("gb2312")
        except UnicodeEncodeError:
            return False
    return not _AMBIGUOUS.search(text)

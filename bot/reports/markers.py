"""Numbering and other marks that a line of a Chinese report begins or ends with."""

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum

MARGIN = 28
"""Width in full-width characters from which on a line may have been broken at a right margin."""


class Style(IntEnum):
    """Kinds of numbering, in the order in which they usually nest, outermost first."""

    PART = 1  # 第一部分, 第一编
    CHAPTER = 2  # 第一章
    SECTION = 3  # 第一节
    HAN = 4  # 一、
    HAN_PAREN = 5  # (一)
    ORDINAL = 6  # 第一、 第一步
    ARABIC = 7  # 1、 1.
    DECIMAL = 8  # 1.1
    DECIMAL_DEEP = 9  # 1.1.1
    PAREN = 10  # (1) 1)
    CIRCLED = 11  # ①


@dataclass(frozen=True, slots=True)
class Marker:
    """The numbering that a line begins with.

    Attributes:
        style: Its kind.
        number: What it counts, the last part of 1.2.3; ≥ 0.
        length: Code points of the mark, spaces after it included.
        sure: False for forms such as "一 " or "1，" that mean numbering only beside their like.
    """

    style: Style
    number: int
    length: int
    sure: bool = True


_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
HAN_NUMBER = "[〇零一二三四五六七八九十百]{1,5}"
_OPEN, _CLOSE = r"[(（〔【\[]\s*", r"\s*[)）〕】\]]"
_MARKER = re.compile(
    rf"""(?:
      第\s*(?P<nth>{HAN_NUMBER}|\d{{1,3}})\s*(?:(?P<part>部分|编|卷|单元)|(?P<chapter>章|讲)|(?P<section>节)
         |(?P<ordinal>[条步]|阶段|(?=[、，,：:])))[、，,：:.．]?
    | (?P<han>{HAN_NUMBER})\s*(?:[、.．：:]|(?P<weak_han>[，,]|[ \u3000]+(?=\S)))
    | {_OPEN}(?P<han_paren>{HAN_NUMBER}){_CLOSE}\s*[、.．：:]?
    | {_OPEN}(?P<paren>\d{{1,3}}|[a-zA-Z]){_CLOSE}\s*[、.．：:]?
    | (?P<deep>\d{{1,2}}[.．]\d{{1,2}}[.．])(?P<deep_last>\d{{1,2}})(?:[.．、：:]|\s|(?=[^\W\d]))
    | (?P<decimal>\d{{1,2}}[.．])(?P<decimal_last>\d{{1,2}})(?:[.．、：:](?!\d)|\s)
    | (?P<arabic>\d{{1,3}})\s*(?:[、]|[.．](?=\D|\Z|(?:19|20)\d\d年)|(?P<weak_arabic>[，,：:](?!\d)))
    | (?P<half_paren>\d{{1,3}})\s*[)）]\s*[、.．]?
    | (?P<circled>[①-⑳])[、.．]?
    | (?P<paren_char>[⑴-⒇㈠-㈩])[、.．]?
    | (?P<arabic_char>[⒈-⒛])
    )\s*""",
    re.VERBOSE,
)
_FIRST = frozenset(
    "第〇零一二三四五六七八九十百(（〔【["
    + "".join(map(chr, [*range(0x2460, 0x249C), *range(0x3220, 0x322A)]))
)
_STYLES = {
    "part": Style.PART,
    "chapter": Style.CHAPTER,
    "section": Style.SECTION,
    "ordinal": Style.ORDINAL,
    "han": Style.HAN,
    "han_paren": Style.HAN_PAREN,
    "paren": Style.PAREN,
    "deep_last": Style.DECIMAL_DEEP,
    "decimal_last": Style.DECIMAL,
    "arabic": Style.ARABIC,
    "half_paren": Style.PAREN,
    "circled": Style.CIRCLED,
    "paren_char": Style.PAREN,
    "arabic_char": Style.ARABIC,
}
_BULLET = re.compile(r"[-*+•·●○■□◆◇▪►➢✓√★☆]\s*(?=\S)")
_LEAD_IN = re.compile(
    r"""(?:[：:][。.．]?
    | (?:如下|以下|如次|[几两三四五六七八九](?:[点条项类种]|个?方面[^。！？!?；;，,]{0,4}))[。.．；;，,]?
    | (?:以下|下面|下列)[^。！？!?；;，,]{0,14}[。.．]
    )[”"）)]*\Z""",
    re.VERBOSE,
)
_QUESTION = re.compile(r"(?:\*\*)?(?:问|提问|Q)\s*\d{0,3}\s*[：:、.．]", re.IGNORECASE)
_TAIL_CHARS = 32
# Each lead-in has one of these.
_LEADS_IN = re.compile("[：:下次点条项类种面]")
_LETTERS_OF_MARKS = _FIRST | frozenset("问提Qq")


def marker(line: str) -> Marker | None:
    """Return the numbering that `line` begins with, if any; `line` has no space before it."""
    found = _MARKER.match(line) if line[:1] in _FIRST or line[:1].isdecimal() else None
    if found is None:
        return None
    kind = found.lastgroup or ""
    sure = not kind.startswith("weak_")
    kind = kind.removeprefix("weak_")
    number = found.group(kind) if kind in _STYLES else ""
    style = _STYLES[kind]
    if kind in ("part", "chapter", "section", "ordinal"):
        number = found.group("nth")
    elif kind == "paren_char" and number >= "㈠":
        style = Style.HAN_PAREN
    return Marker(style, count(number), found.end(), sure)


def count(numeral: str) -> int:
    """Return the value of "十二", "１２", "⑿" or "b"; 0 when it has none."""
    if numeral.isdecimal():
        return int(numeral)
    if len(numeral) == 1 and numeral.isascii():
        return ord(numeral.lower()) - ord("a") + 1
    if len(numeral) == 1 and numeral not in _DIGITS:
        return int(unicodedata.numeric(numeral, 0))
    hundreds, _, rest = numeral.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    value = _DIGITS.get(hundreds, 0) * 100
    if ten:
        value += _DIGITS.get(tens[-1:], 1) * 10
    return value + _DIGITS.get(ones[-1:], 0)


def is_unmarked(line: str) -> bool:
    """Tell whether `line` begins with a letter that begins no numbering and no question, as most lines do."""
    first = line[:1]
    return first.isalpha() and first not in _LETTERS_OF_MARKS


def is_item(line: str) -> bool:
    """Tell whether `line` begins with a bullet or sure numbering."""
    if _BULLET.match(line):
        return True
    mark = marker(line)
    return mark is not None and mark.sure


def is_lead_in(line: str) -> bool:
    """Tell whether `line` announces a list or an answer: it ends in a colon, says 如下, or asks 问：."""
    tail = line[-_TAIL_CHARS:]
    return bool(_LEADS_IN.search(tail) and _LEAD_IN.search(tail)) or is_question(line)


def is_question(line: str) -> bool:
    """Tell whether `line` opens a question and its answer: "问：…", "Q3. …"."""
    return bool(_QUESTION.match(line))


def after_marks(line: str) -> str:
    """Return `line` without the bullet or numbering that it begins with."""
    if bullet := _BULLET.match(line):
        return line[bullet.end() :]
    mark = marker(line)
    return line[mark.length :] if mark and mark.sure else line


def width(words: str) -> float:
    """Return how wide `words` is in full-width characters; an ASCII letter is half of one."""
    return len(words) - sum(map(str.isascii, words)) / 2


def has_words(line: str) -> bool:
    """Tell whether `line` says anything: a letter or character beyond its numbering."""
    return is_unmarked(line) or any(map(str.isalpha, after_marks(line)))

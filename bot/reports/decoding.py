"""Bytes → text, for files that do not say what they are encoded in."""

import re
from collections import Counter
from collections.abc import Callable

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_GUESSED = ["gb18030", "big5", "utf_16_le", "utf_16_be"]
_SAMPLE_CHARS = 20_000
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_LINE_END = re.compile(r"\r\n?")
_SAVE_AS_UTF8 = "save it as UTF-8 text"


def decode(data: bytes) -> str:
    r"""Return the text that `data` spells, with line ends as "\n" and without a byte order mark.

    A byte order mark decides; else strict UTF-8, which proves itself; else GB18030 when what comes out are
    the everyday characters of Chinese; else charset-normalizer among the Chinese encodings.

    Args:
        data: A whole file.

    Returns:
        Code points that can be encoded again; nothing but line ends is changed.

    Raises:
        ValueError: It is no text, or none that can be told; the message says what and what to do.
    """
    text = _LINE_END.sub("\n", _decoded(data))
    control = _CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        raise ValueError(
            f"control character U+{ord(control.group()):04X} in line {line}; remove it, or {_SAVE_AS_UTF8}"
        )
    return text


def _decoded(data: bytes) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = _strict(data[len(bom) :], encoding)
            if text is None:
                raise ValueError(f"it says {encoding.upper()} but is damaged; {_SAVE_AS_UTF8}")
            return text
    if b"\x00" in data:
        return _utf16_unmarked(data)
    text = _strict(data, "utf-8")
    return _chinese(data) if text is None else text


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _utf16_unmarked(data: bytes) -> str:
    texts = [text for encoding in ("utf-16-le", "utf-16-be") if (text := _strict(data, encoding)) is not None]
    best = max(texts, key=_plausible, default="\x00")
    if "\x00" in best or _plausible(best) < 0.7:
        raise ValueError(f"it is binary, not text; {_SAVE_AS_UTF8}")
    return best


def _chinese(data: bytes) -> str:
    _refuse_damaged_utf8(data)
    text = _strict(data, "gb18030")
    # Big5 and UTF-16 read as GB18030 stay far below this share, GBK prose far above, however short.
    if text is not None and _everyday(text) >= 0.85:
        return text
    from charset_normalizer import from_bytes  # imported late: 40 ms that UTF-8 does not need

    best = from_bytes(data, cp_isolation=_GUESSED).best()
    guess = _strict(data, best.encoding) if best else None
    if guess is None or _plausible(guess) < 0.7:
        raise ValueError(f"neither UTF-8, GB18030 nor UTF-16; {_SAVE_AS_UTF8}")
    return guess


def _refuse_damaged_utf8(data: bytes) -> None:
    lenient = data.decode("utf-8", "replace")
    bad = lenient.count("\ufffd")
    if bad * 20 < sum(not char.isascii() for char in lenient):
        line = lenient.count("\n", 0, lenient.index("\ufffd")) + 1
        raise ValueError(f"damaged UTF-8 in line {line}; {_SAVE_AS_UTF8} again")


def _everyday(text: str) -> float:
    """Return the share of `text`'s characters beyond ASCII that GB 2312 counts among the 3,755 commonest."""
    return _share(text, _is_everyday, lambda char: not char.isascii())


def _plausible(text: str) -> float:
    """Return the share of characters that Chinese or English prose is made of."""
    return _share(text, _is_prose, lambda _char: True)


def _share(text: str, good: Callable[[str], bool], counted: Callable[[str], bool]) -> float:
    counts = Counter(filter(counted, text[:_SAMPLE_CHARS]))
    total = counts.total()
    return sum(n for char, n in counts.items() if good(char)) / total if total else 1.0


def _is_everyday(char: str) -> bool:
    code = char.encode("gb2312", "ignore")
    return len(code) == 2 and (0xB0 <= code[0] <= 0xD7 or code[0] in (0xA1, 0xA3))


def _is_prose(char: str) -> bool:
    return (
        (char.isascii() and (char.isprintable() or char.isspace()))
        or _is_everyday(char)
        or _is_level1_big5(char)
    )


def _is_level1_big5(char: str) -> bool:
    code = char.encode("big5", "ignore")
    return len(code) == 2 and 0xA1 <= code[0] <= 0xC6

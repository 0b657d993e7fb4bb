"""Passages as Telegram's HTML, which it accepts whatever they hold.

Telegram counts a message's length after it has parsed the HTML, in code points; its own apps count UTF-16
units. What is counted here is UTF-16 units, which are never fewer.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape

from bot.domain import Passage, Span

MESSAGE_UNITS = 4096
MARKS_A_PASSAGE = 28
"""Most that is bold in one: Telegram keeps 100 entities of a message, which has up to three passages."""

_PIECE_CHARS = 60
_PATH_CHARS = 180
_LEAST_UNITS = 200
_CITED_UNITS = 3900
ELLIPSIS = "…"
_STEP = " › "

# A full stop behind a figure is more often that of a list's item than of a sentence.
_SENTENCE_END = re.compile(r"[。！？!?；;…]+[”’」』）)\"']*|(?<![0-9])\.(?=\s)|\n")
# Telegram turns control characters into spaces and refuses lone surrogates. Here each becomes one other
# character, so that the spans of the matched words keep their places.
_UNSENDABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")
_SENDABLE = {
    **{code: " " for code in (*range(0x20), 0x7F) if code != ord("\n")},
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}


def cited_html(
    passages: Sequence[Passage], highlights: Sequence[Span] = (), *, where: str = "", note: str = ""
) -> str:
    """Return passages of one section that follow each other, below their report and section.

    Args:
        passages: At least one; together shorter than a message.
        highlights: What is bold in the first.
        where: The place of the first in its report, in words, at most 100 units; "" is left out.
        note: A line below them, at most 100 units; "" is left out.

    Returns:
        HTML for Telegram: at most 4,000 UTF-16 units once parsed, so that a line can stand below; at most 31
        entities.
    """
    head = place(passages[0], where)
    text = sendable("\n".join(passage.text for passage in passages))
    length = beginning(text, _CITED_UNITS - units(head) - 1)
    bold = merged(highlights, len(passages[0].text))[:MARKS_A_PASSAGE]
    below = [f"<i>{plain(note)}</i>"] if note else []
    return "\n".join([f"<i>{plain(head)}</i>", quotation(marked(text, length, bold)), *below])


def units(text: str) -> int:
    """Return the length of `text` in UTF-16 units; `text` has no lone surrogates."""
    return len(text.encode("utf-16-le")) // 2


def sendable(text: str) -> str:
    """Return a text of the same length with nothing in it that Telegram refuses or changes."""
    # To translate takes twenty times as long as to see that there is nothing to.
    return text.translate(_SENDABLE) if _UNSENDABLE.search(text) else text


def place(passage: Passage, where: str = "") -> str:
    """Return `《report》 › section › section · where`, each heading and the path cut to a readable length."""
    report = line(passage.report) or line(passage.source)
    path = [] if passage.section == (passage.report,) else [line(name) for name in passage.section]
    cited = _STEP.join([f"《{report}》", *_shorter_path([name for name in path if name])])
    return f"{cited} · {where}" if where else cited


def line(text: str, most: int = _PIECE_CHARS) -> str:
    """Return a text as one line of at most `most` characters that Telegram takes."""
    words = " ".join(sendable(text).split())
    return words if len(words) <= most else words[: most - 1].rstrip() + ELLIPSIS


def _shorter_path(path: list[str]) -> list[str]:
    """Leave out the outermost headings of a path that is too long; the innermost say most."""
    kept = path
    while len(_STEP.join(kept)) > _PATH_CHARS:
        kept = kept[1:]
    return kept if kept == path else [ELLIPSIS, *kept]


def fit(texts: Sequence[str], room: int) -> list[int]:
    """Return how many characters of each text to keep, so that all together need at most `room` units.

    The last texts are shortened first, each to no less than its first sentences (200 units).
    """
    kept = [len(text) for text in texts]
    over = sum(map(units, texts)) - room
    for place in reversed(range(len(texts))):
        if over <= 0:
            break
        text = texts[place]
        kept[place] = beginning(text, max(units(text) - over, _LEAST_UNITS))
        over -= units(text) - units(_cut(text, kept[place]))
    return kept


def beginning(text: str, room: int) -> int:
    """Return the length of a beginning that leaves room for an ellipsis, at a sentence's end if it can."""
    if units(text) <= room:
        return len(text)
    start = text.encode("utf-16-le")[: 2 * (room - 1)].decode("utf-16-le", "ignore")
    ends = [match.end() for match in _SENTENCE_END.finditer(start)]
    if ends and ends[-1] >= len(start) // 2:
        start = start[: ends[-1]]
    return len(start.rstrip())


def plain(text: str) -> str:
    """Return a text as HTML that shows it as it stands."""
    return escape(sendable(text), quote=False)


def marked(text: str, length: int, marks: Sequence[Span]) -> str:
    """Return the first `length` characters of a text as HTML, an ellipsis if that is not all of it.

    Args:
        text: As `sendable` returns it.
        length: At most that of the text.
        marks: What is bold, as `merged` returns it.
    """
    parts = []
    end = 0
    for span in merged(marks, length):
        parts += [escape(text[end : span.start], quote=False), "<b>"]
        parts += [escape(text[span.start : span.end], quote=False), "</b>"]
        end = span.end
    return "".join([*parts, escape(_cut(text, length)[end:], quote=False)])


def quotation(html: str, *, expandable: bool = False) -> str:
    """Return HTML as a quotation; an expandable one shows its first lines until it is tapped."""
    return f"<blockquote{' expandable' if expandable else ''}>{html}</blockquote>"


def merged(spans: Sequence[Span], length: int) -> list[Span]:
    """Return what of spans lies before `length`, in order, with those that touch or overlap made one."""
    whole: list[Span] = []
    for span in _clipped(spans, length):
        if whole and span.start <= whole[-1].end:
            whole[-1] = Span(whole[-1].start, max(whole[-1].end, span.end))
        else:
            whole.append(span)
    return whole


def _cut(text: str, length: int) -> str:
    return text if length == len(text) else text[:length] + ELLIPSIS


def _clipped(spans: Sequence[Span], length: int) -> Iterator[Span]:
    for span in sorted(spans, key=lambda span: span.start):
        start, end = max(span.start, 0), min(span.end, length)
        if start < end:
            yield span if end - start == len(span) else Span(start, end)

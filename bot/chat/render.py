"""An answer as one Telegram message: HTML that Telegram accepts whatever the passages hold.

Telegram counts a message's length after it has parsed the HTML, in code points; its own apps count UTF-16
units. What is counted here is UTF-16 units, which are never fewer.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape

from bot.chat.language import Phrases
from bot.domain import Answer, Passage, Span

MESSAGE_UNITS = 4096
MOST_HITS = 3

# Telegram keeps 100 entities of a message: a quotation and these for each hit, with room to spare.
_MARKS_A_HIT = 30
_PIECE_CHARS = 60
_PATH_CHARS = 180
_LEAST_UNITS = 200
_CITED_UNITS = 3900
_ELLIPSIS = "…"
_STEP = " › "

_SENTENCE_END = re.compile(r"[。！？!?；;…]+[”’」』）)\"']*|\.(?=\s)|\n")
# Telegram turns control characters into spaces and refuses lone surrogates. Here each becomes one other
# character, so that the spans of the matched words keep their places.
_UNSENDABLE = {
    **{code: " " for code in (*range(0x20), 0x7F) if code != ord("\n")},
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}


def answer_html(answer: Answer, phrases: Phrases) -> str:
    """Return the message that gives the answer's best three passages.

    Args:
        answer: With at least one hit.
        phrases: Of the reader's language; the passages stay as they are.

    Returns:
        HTML for Telegram: at most 4,096 UTF-16 units once parsed, at most 100 entities, below 32 kB. When
        passages are too long for that the last ones are shortened, at a sentence's end where there is one.
    """
    hits = answer.hits[:MOST_HITS]
    heads = [_head(number, hit.passage) for number, hit in enumerate(hits, start=1)]
    opening = phrases("found")
    frame = "\n\n".join([opening, *(f"{head}\n" for head in heads)])
    texts = [_sendable(hit.passage.text) for hit in hits]
    kept = _fit(texts, MESSAGE_UNITS - units(frame))
    blocks = [
        f"{escape(head, quote=False)}\n{_quotation(text, length, hit.highlights)}"
        for head, text, length, hit in zip(heads, texts, kept, hits, strict=True)
    ]
    return "\n\n".join([escape(opening, quote=False), *blocks])


def cited_html(passages: Sequence[Passage], highlights: Sequence[Span] = ()) -> str:
    """Return passages of one section that follow each other, below their report and section.

    Args:
        passages: At least one; together shorter than a message.
        highlights: What is bold in the first.

    Returns:
        HTML for Telegram: at most 3,900 UTF-16 units once parsed, so that two lines can stand below; at most
        31 entities.
    """
    head = place(passages[0])
    text = _sendable("\n".join(passage.text for passage in passages))
    length = _beginning(text, _CITED_UNITS - units(head) - 1)
    return f"{escape(head, quote=False)}\n{_quotation(text, length, highlights)}"


def units(text: str) -> int:
    """Return the length of `text` in UTF-16 units; `text` has no lone surrogates."""
    return len(text.encode("utf-16-le")) // 2


def _sendable(text: str) -> str:
    return text.translate(_UNSENDABLE)


def _head(number: int, passage: Passage) -> str:
    return f"{number}. {place(passage)}"


def place(passage: Passage) -> str:
    """Return `《report》 › section › section`, each part and the whole cut to a readable length."""
    report = line(passage.report) or line(passage.source)
    path = [] if passage.section == (passage.report,) else [line(name) for name in passage.section]
    return _STEP.join([f"《{report}》", *_shorter_path([name for name in path if name])])


def line(text: str, most: int = _PIECE_CHARS) -> str:
    """Return a text as one line of at most `most` characters that Telegram takes."""
    words = " ".join(_sendable(text).split())
    return words if len(words) <= most else words[: most - 1].rstrip() + _ELLIPSIS


def _shorter_path(path: list[str]) -> list[str]:
    """Leave out the outermost headings of a path that is too long; the innermost say most."""
    kept = path
    while len(_STEP.join(kept)) > _PATH_CHARS:
        kept = kept[1:]
    return kept if kept == path else [_ELLIPSIS, *kept]


def _fit(texts: Sequence[str], room: int) -> list[int]:
    """Return how many characters of each text to keep, so that all together need at most `room` units.

    The last texts are shortened first, each to no less than its first sentences.
    """
    kept = [len(text) for text in texts]
    over = sum(map(units, texts)) - room
    for place in reversed(range(len(texts))):
        if over <= 0:
            break
        text = texts[place]
        kept[place] = _beginning(text, max(units(text) - over, _LEAST_UNITS))
        over -= units(text) - units(_cut(text, kept[place]))
    return kept


def _beginning(text: str, room: int) -> int:
    """Return the length of a beginning that leaves room for an ellipsis, at a sentence's end if it can."""
    if units(text) <= room:
        return len(text)
    beginning = text.encode("utf-16-le")[: 2 * (room - 1)].decode("utf-16-le", "ignore")
    ends = [match.end() for match in _SENTENCE_END.finditer(beginning)]
    if ends and ends[-1] >= len(beginning) // 2:
        beginning = beginning[: ends[-1]]
    return len(beginning.rstrip())


def _cut(text: str, length: int) -> str:
    return text if length == len(text) else text[:length] + _ELLIPSIS


def _quotation(text: str, length: int, highlights: Sequence[Span]) -> str:
    """Return the first `length` characters of a passage as a quotation with the matched words bold."""
    parts = []
    end = 0
    for span in _marks(highlights, length):
        parts += [escape(text[end : span.start], quote=False), "<b>"]
        parts += [escape(text[span.start : span.end], quote=False), "</b>"]
        end = span.end
    return f"<blockquote>{''.join(parts)}{escape(_cut(text, length)[end:], quote=False)}</blockquote>"


def _marks(spans: Sequence[Span], length: int) -> list[Span]:
    """Return the first spans that lie before `length`, with those that touch made one."""
    marks: list[Span] = []
    for span in _clipped(spans, length):
        if marks and span.start <= marks[-1].end:
            marks[-1] = Span(marks[-1].start, max(marks[-1].end, span.end))
        else:
            marks.append(span)
    return marks[:_MARKS_A_HIT]


def _clipped(spans: Sequence[Span], length: int) -> Iterator[Span]:
    for span in sorted(spans, key=lambda span: span.start):
        start, end = max(span.start, 0), min(span.end, length)
        if start < end:
            yield Span(start, end)

"""A passage divided into what is read at once and the rest. Pure."""

import re
from collections.abc import Sequence

from bot.chat.render import beginning, merged, sendable
from bot.domain import Span

_LEAST_REST = 25
_ITEM = re.compile(r"[ \t]*(?:[0-9]{1,2}[.、．)）]|[(（][0-9一二三四五六七八九十]{1,3}[)）]|[-*•·])[ \t]*")
_LINE = re.compile(r"[^\n]*(?:\n|$)")


def divide(text: str, excerpt: Sequence[Span], room: int) -> tuple[list[Span], list[Span]]:
    """Divide a passage into what is read at once and the rest.

    Every character but white space is in one of the two, once.

    Args:
        text: Of the passage.
        excerpt: The sentences that answer; without them the passage's beginning.
        room: Characters that can be read at once; a passage that is not longer is not divided, and a list
            that the excerpt introduces belongs to it as far as there is room.

    Returns:
        Spans in order, without white space at their ends.
    """
    whole = [Span(0, len(text))]
    if len(text) <= room:
        return _trimmed(text, whole), []
    spans = merged(excerpt, len(text)) or [Span(0, beginning(sendable(text), room))]
    shown = _joined(text, [Span(_start_of_item(text, span.start), span.end) for span in spans])
    if text[: shown[-1].end].rstrip()[-1:] in {"：", ":"}:
        size = sum(map(len, shown[:-1]))
        shown[-1] = Span(shown[-1].start, _end_of_list(text, shown[-1], room - size))
    edges = [0, *(edge for span in shown for edge in (span.start, span.end)), len(text)]
    gaps = [Span(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    rest = _trimmed(text, gaps)
    if sum(map(len, rest)) < _LEAST_REST:
        return _trimmed(text, whole), []
    return _trimmed(text, shown), rest


def _trimmed(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return spans without white space at their ends, and without those that are nothing else."""
    return [
        Span(span.start + len(part) - len(part.lstrip()), span.end - len(part) + len(part.rstrip()))
        for span in spans
        if (part := text[span.start : span.end]).strip()
    ]


def _joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """Make one of spans that overlap or have only white space between them."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if joined and not text[joined[-1].end : span.start].strip():
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _start_of_item(text: str, start: int) -> int:
    """Return where the list item begins whose text begins at `start`, else `start`."""
    opening = text.rfind("\n", 0, start) + 1
    return opening if _ITEM.fullmatch(text, opening, start) else start


def _end_of_list(text: str, span: Span, room: int) -> int:
    """Return where the list ends that a span introduces, or the last of its items for which there is room."""
    end = span.end
    at = span.end + len(text[span.end :]) - len(text[span.end :].lstrip())
    while at < len(text) and _ITEM.match(text, at):
        found = _LINE.match(text, at)
        at = found.end() if found else len(text)
        if at - span.start > room:
            break
        end = at
    return end

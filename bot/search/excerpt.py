"""What to mark in a passage: the places where the question's terms stand."""

import re
from collections.abc import Iterable

from bot.analysis.normalize import Normalized
from bot.domain import Channel, Query, Span


def highlights(passage: Normalized, query: Query) -> tuple[Span, ...]:
    """Return disjoint spans, in order, of what in a passage matched the query.

    Args:
        passage: The passage's text, normalised as its terms were; the spans are into the original.
        query: What was looked up. Words and bigrams are marked wherever they stand, so that a word that
            jieba cut another way in the passage is marked too; single Han characters are not.
    """
    names = {
        name.term for group in query.groups if group.channel is not Channel.HEADING for name in group.names
    }
    patterns = [
        _pattern(name)
        for name in sorted(names, key=lambda n: (-len(n), n))
        if len(name) > 1 or name.isascii()
    ]
    if not patterns:
        return ()
    # Looking ahead finds overlapping occurrences, which are then merged.
    found = re.finditer(f"(?=({'|'.join(patterns)}))", passage.text)
    return _merged(passage.original(*match.span(1)) for match in found)


def _pattern(name: str) -> str:
    """Match a word of letters and figures as a whole, a Han word anywhere."""
    return rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])" if name.isascii() else re.escape(name)


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)

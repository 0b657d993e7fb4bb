"""How much of what was asked does a passage speak of?

BM25 scores are not comparable between questions; the share of a question's content that a passage
covers is. Each content word weighs its idf, so that rare words, and words that no report has, decide.
"""

from bot.domain import Channel, Explanation, GroupShare, Span


def coverage(explanation: Explanation) -> float:
    """Return the covered share of a question's content, 0..1; 0 for a query without words.

    A word counts as covered when the passage or its headings have it. A word that they lack counts
    by the share of its characters that stand in parts or bigrams that they have, so that a word cut another
    way in the passage is not lost.
    """
    words = [share for share in explanation.groups if share.group.channel is Channel.WORD]
    whole = [share for share in words if not _is_part(share, words)]
    matched = [share for share in explanation.groups if share.share > 0 and not _is_single(share)]
    total = sum(share.idf for share in whole)
    return sum(share.idf * _covered(share, matched) for share in whole) / total if total else 0.0


def _covered(word: GroupShare, matched: list[GroupShare]) -> float:
    span = word.group.span
    places: set[int] = set()
    for share in matched:
        other = share.group.span
        places.update(range(max(span.start, other.start), min(span.end, other.end)))
    return len(places) / len(span)


def _is_part(word: GroupShare, words: list[GroupShare]) -> bool:
    span = word.group.span
    return any(_inside(span, other.group.span) for other in words)


def _inside(span: Span, other: Span) -> bool:
    return other.start <= span.start and span.end <= other.end and len(span) < len(other)


def _is_single(share: GroupShare) -> bool:
    return share.group.channel is Channel.CHAR and len(share.group.span) == 1

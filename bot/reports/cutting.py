"""Text too long for one passage → pieces that end where a reader would pause, of much the same length."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.domain import Span
from bot.reports.markers import after_marks

_LETTER = re.compile(r"[^\W\d_]")
_CLOSERS = "[”’」』）)】》\"']*"
_HAN = "\u3400-\u9fff\uf900-\ufaff"
_SENTENCE = re.compile(
    rf"(?:[。！？；…]+|(?<=[{_HAN}）)”」》])\.+(?![\w./@-])|(?<=[{_HAN}）)”」》])\.(?=[{_HAN}])"
    rf"|(?<=[A-Za-z)])\.(?=\s)|[!?;]+(?![\w=&/]|\.\w)|[!?;]+(?=[{_HAN}])){_CLOSERS}"
)
_CLAUSE = re.compile(rf"[，、：—]+{_CLOSERS}|[,:](?![\d/]){_CLOSERS}|\n")
_TOKEN = re.compile(
    r"[A-Za-z0-9]+(?:[-.,:/_@%&?=#~+]+[A-Za-z0-9]+)*"
    r"|(?:[\U0001f1e6-\U0001f1ff]{2}|\r\n|.)"
    r"(?:[\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\U0001f3fb-\U0001f3ff\U000e0020-\U000e01ef]"
    r"|\u200d.?)*",
    re.DOTALL,
)

# What it costs to end a piece there. The figures only need to keep their order; see `_cost` for the rest.
PARAGRAPH_END, SENTENCE_END, LIST_EDGE = 0.0, 20.0, 60.0
WHOLE_PARAGRAPH = 400.0  # on top, inside a paragraph that would fit as it is
_CLAUSE_END, _ANYWHERE, NEVER = 1_000.0, 5_000.0, 1e6
_PIECE, _TINY_CHARS = 40.0, 80


@dataclass(frozen=True, slots=True)
class Atom:
    """Text that is not cut any further; `cost` is that of a cut after it."""

    start: int
    end: int
    cost: float


def atoms(text: str, span: Span, *, most: int, extra: float, after: float) -> list[Atom]:
    """Return the pieces of a paragraph between which it may be cut.

    Args:
        text: What `span` is of.
        span: The paragraph, without spaces around it.
        most: Longest atom wanted, in code points, ≥ 1; sentences that are longer are taken apart.
        extra: Added to the cost of each cut inside the paragraph.
        after: Cost of a cut after the paragraph.

    Returns:
        At least one atom, none of them empty.
    """
    found: list[Atom] = []
    for sentence in _parts(text, span, _SENTENCE):
        if len(sentence) <= most:
            found.append(Atom(sentence.start, sentence.end, SENTENCE_END + extra))
            continue
        for clause in _parts(text, sentence, _CLAUSE):
            cuts = [Atom(piece.start, piece.end, _ANYWHERE) for piece in _pieces(text, clause, most)]
            found += _ending(cuts, _CLAUSE_END + extra)
        found[-1] = Atom(found[-1].start, found[-1].end, SENTENCE_END + extra)
    return _ending(found, after)


def cut(parts: Sequence[Atom], max_chars: int) -> Iterator[Span]:
    """Join atoms into the cheapest row of pieces.

    Args:
        parts: In order; each at most `max_chars` long.
        max_chars: Longest piece in code points, what stands between its atoms included.

    Returns:
        Disjoint spans that together cover all atoms.
    """
    parts = _coarse(parts, max_chars // 24)
    costs = [0.0]
    starts: list[int] = []
    for last, end in enumerate(parts):
        best, start = float("inf"), last
        for first in range(last, -1, -1):
            length = end.end - parts[first].start
            if length > max_chars and first < last:
                break
            cost = costs[first] + _cost(length, max_chars)
            if cost < best:
                best, start = cost, first
        costs.append(best + end.cost)
        starts.append(start)
    edges = [len(parts)]
    while edges[-1]:
        edges.append(starts[edges[-1] - 1])
    for first, after in pairwise(reversed(edges)):
        yield Span(parts[first].start, parts[after - 1].end)


def _coarse(parts: Sequence[Atom], least: int) -> list[Atom]:
    """Join atoms that are shorter than `least` together, so that the time to cut stays linear."""
    joined: list[Atom] = []
    for part in parts:
        if joined and part.end - joined[-1].start < least:
            joined[-1] = Atom(joined[-1].start, part.end, part.cost)
        else:
            joined.append(part)
    return joined


def _cost(length: int, max_chars: int) -> float:
    """Return what a piece costs: few pieces, none tiny, and of a length (squares are least when equal)."""
    slack = 1 - length / max_chars
    cost = _PIECE + 100 * slack * slack
    return cost if length >= _TINY_CHARS else cost + 3 * (_TINY_CHARS - length)


def _ending(cuts: list[Atom], cost: float) -> list[Atom]:
    return [*cuts[:-1], Atom(cuts[-1].start, cuts[-1].end, cost)]


def _parts(text: str, span: Span, end: re.Pattern[str]) -> list[Span]:
    """Return `span` cut after each match of `end`, spaces trimmed; parts without a letter join others."""
    edges = [span.start, *(found.end() for found in end.finditer(text, span.start, span.end)), span.end]
    parts: list[Span] = []
    start = span.start
    for before, after in pairwise(edges):
        words = text[start:after]
        if not _LETTER.search(text, before, after) and parts:
            parts[-1] = Span(parts[-1].start, _trimmed(text, parts[-1].start, after).end)
            start = after
        elif _LETTER.search(after_marks(words.lstrip())):
            parts.append(_trimmed(text, start, after))
            start = after
    if start < span.end:
        rest = _trimmed(text, start, span.end)
        parts = [*parts[:-1], Span(parts[-1].start, rest.end)] if parts else [rest]
    return parts


def _trimmed(text: str, start: int, end: int) -> Span:
    words = text[start:end]
    return Span(start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip()))


def _pieces(text: str, span: Span, most: int) -> Iterator[Span]:
    """Yield a clause in pieces of at most `most`, not inside a number, word or grapheme if that can be."""
    if len(span) <= most:
        yield span
        return
    start = end = span.start
    for token in _tokens(text, span, most):
        if token.end - start > most and end > start:
            yield from _filled(text, start, end)
            start = end
        end = token.end
    yield from _filled(text, start, end)


def _filled(text: str, start: int, end: int) -> Iterable[Span]:
    span = _trimmed(text, start, end)
    return (span,) if span.start < span.end else ()


def _tokens(text: str, span: Span, most: int) -> Iterator[Span]:
    for found in _TOKEN.finditer(text, span.start, span.end):
        for start in range(found.start(), found.end(), most):
            yield Span(start, min(start + most, found.end()))

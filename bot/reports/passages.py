"""Sections → passages: what is retrieved and cited, word for word."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import groupby, pairwise
from typing import NamedTuple

from bot.domain import Passage, Report, Section, Span
from bot.reports.cutting import LIST_EDGE, NEVER, PARAGRAPH_END, WHOLE_PARAGRAPH, Atom, atoms, cut
from bot.reports.markers import (
    MARGIN,
    has_words,
    is_item,
    is_lead_in,
    is_question,
    is_unmarked,
    marker,
    width,
)

_SHORT_CHARS = 80
# Of an id without a number.
ID_CHARS = 12
_CONTENT = re.compile(r"\S[^\n]*(?<!\s)")
_FENCE = re.compile(r"`{3,}[^`\s]*\Z|~{3,}\S*\Z")
_WORD = re.compile(r"[^\W_]")
_ENDED = re.compile(r"[。！？!?；;：:….”’」』）)】》\"']")


class _Paragraph(NamedTuple):
    """A line of a section.

    Attributes:
        item: It begins with a bullet or numbering.
        lead_in: It announces what follows.
        question: It opens a question and its answer.
        bare: It is a number or a mark only.
        row: It is a table's.
        block: Lines with a rule, comment or code mark between them have different blocks.
    """

    span: Span
    item: bool
    lead_in: bool
    question: bool
    bare: bool
    row: bool
    block: int


def passages(reports: Iterable[Report], *, max_chars: int = 350) -> tuple[Passage, ...]:
    """Return the passages of all reports in order.

    A paragraph that fits is not cut; short neighbours and a list with its lead-in are kept together as
    far as they fit. Each letter of a section is in exactly one passage; rules, comments and numbers that
    stand alone may be in none.

    Args:
        reports: All of the corpus, so that ids can be unique in it.
        max_chars: Longest passage, in code points; ≥ 20.

    Returns:
        Passages with `report.text[start:end] == text`, within one section each. An id is 12 hex digits
        of the SHA-256 of heading path and text; the second of the same content has "-2" after it.
    """
    if max_chars < 20:
        raise ValueError(f"max_chars is {max_chars}; it must be 20 or more")
    return tuple(numbered(passage for report in reports for passage in of_report(report, max_chars)))


def of_report(report: Report, max_chars: int) -> Iterator[Passage]:
    """Yield the passages of one report; those of the same content have the same id."""
    for section in report.sections:
        for span in _cut_section(report.text, section.span, max_chars):
            yield _passage(report, section, span)


def numbered(given: Iterable[Passage]) -> Iterator[Passage]:
    """Yield passages with ids of their own: from the second of an id on, its number stands after it."""
    seen: dict[str, int] = {}
    for passage in given:
        nth = seen[passage.passage_id] = seen.get(passage.passage_id, 0) + 1
        yield passage if nth == 1 else replace(passage, passage_id=f"{passage.passage_id}-{nth}")


def _passage(report: Report, section: Section, span: Span) -> Passage:
    text = report.text[span.start : span.end]
    content = "\x1f".join((*section.path, text))
    return Passage(
        passage_id=sha256(content.encode()).hexdigest()[:ID_CHARS],
        report_id=report.report_id,
        report=report.title,
        section=section.path,
        source=report.source,
        start=span.start,
        end=span.end,
        text=text,
    )


def _cut_section(text: str, section: Span, max_chars: int) -> Iterator[Span]:
    for _, block in groupby(_paragraphs(text, section), lambda paragraph: paragraph.block):
        for chain in _chains(list(block)):
            for span in _cut_chain(text, chain, max_chars):
                if has_words(text[span.start : span.end]):
                    yield span


def _paragraphs(text: str, section: Span) -> Iterator[_Paragraph]:
    comments = _comments(text, section)
    comment = next(comments, None)
    waiting: _Paragraph | None = None
    block = 0
    for found in _CONTENT.finditer(text, section.start, section.end):
        words, (start, end) = found.group(), found.span()
        plain = is_unmarked(words)
        row = not plain and words.startswith("|")
        while comment and comment.end < start:
            comment = next(comments, None)
        hidden = comment is not None and comment.start <= start and end <= comment.end
        if hidden or not (plain or row or (_WORD.search(words) and not _FENCE.match(words))):
            block += 1
            continue
        paragraph = _Paragraph(
            Span(start, end),
            item=not plain and is_item(words),
            lead_in=is_lead_in(words),
            question=not plain and is_question(words),
            bare=not (plain or row or has_words(words)),
            row=row,
            block=block,
        )
        if waiting and _is_wrapped(text, waiting, paragraph):
            waiting = waiting._replace(span=Span(waiting.span.start, end), lead_in=paragraph.lead_in)
            continue
        if waiting:
            yield waiting
        waiting = paragraph
    if waiting:
        yield waiting


def _is_wrapped(text: str, one: _Paragraph, other: _Paragraph) -> bool:
    """Tell whether `other` goes on with the sentence that `one` broke off at the right margin."""
    if one.span.end + 1 != other.span.start or one.row or one.bare or one.block != other.block:
        return False
    if other.item or other.question or other.bare or _ENDED.search(text, one.span.end - 1, one.span.end):
        return False
    last_line = max(one.span.start, text.rfind("\n", one.span.start, one.span.end) + 1)
    margin = width(text[last_line : one.span.end].lstrip())
    return margin >= MARGIN and width(text[other.span.start : other.span.end]) <= margin + 2


def _comments(text: str, section: Span) -> Iterator[Span]:
    start = text.find("<!--", section.start, section.end)
    while start >= 0:
        end = text.find("-->", start, section.end) + 3
        if end < 3:
            return
        yield Span(start, end)
        start = text.find("<!--", end, section.end)


def _chains(paragraphs: Sequence[_Paragraph]) -> Iterator[list[_Paragraph]]:
    """Yield neighbours that belong together: short ones, a lead-in and its items, the rows of a table."""
    chain: list[_Paragraph] = []
    in_list = False
    for paragraph in paragraphs:
        before = chain[-1] if chain else None
        if before and not (in_list and paragraph.item) and not _belong(before, paragraph):
            yield chain
            chain = []
        in_list = paragraph.item and (in_list or bool(before and before.lead_in))
        chain.append(paragraph)
    yield chain


def _belong(one: _Paragraph, other: _Paragraph) -> bool:
    if other.question and not one.lead_in:
        return False
    return (
        one.lead_in
        or (one.row and other.row)
        or one.bare
        or other.bare
        or len(one.span) < _SHORT_CHARS
        or len(other.span) < _SHORT_CHARS
    )


def _cut_chain(text: str, chain: Sequence[_Paragraph], max_chars: int) -> Iterable[Span]:
    whole = chain[0].span if len(chain) == 1 else Span(chain[0].span.start, chain[-1].span.end)
    if len(whole) <= max_chars:
        return (whole,)
    parts: list[Atom] = []
    costs = [PARAGRAPH_END, *(_edge(text, *pair) for pair in pairwise(chain)), PARAGRAPH_END]
    for paragraph, (before, after) in zip(chain, pairwise(costs), strict=True):
        span = paragraph.span
        fits = len(span) <= max_chars
        if fits and NEVER not in (before, after):
            parts.append(Atom(span.start, span.end, after))
        else:
            extra = WHOLE_PARAGRAPH if fits else 0.0
            parts += atoms(text, span, most=max_chars // 3, extra=extra, after=after)
    return cut(parts, max_chars)


def _edge(text: str, one: _Paragraph, other: _Paragraph) -> float:
    """Return what it costs to end a passage between two paragraphs."""
    if (one.bare and one.item) or (other.bare and not other.item):
        return NEVER
    if one.lead_in and not (other.item and _same_style(text, one, other)):
        return NEVER if other.item else LIST_EDGE
    return LIST_EDGE if (one.item and other.item) or (one.row and other.row) else PARAGRAPH_END


def _same_style(text: str, one: _Paragraph, other: _Paragraph) -> bool:
    marks = [marker(text[paragraph.span.start : paragraph.span.end]) for paragraph in (one, other)]
    return marks[0] is not None and marks[1] is not None and marks[0].style == marks[1].style

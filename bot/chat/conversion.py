"""Passages in Traditional characters, for those who chose so; the reports' own text stays one tap away.

OpenCC's "s2tw" changes characters only: 软件 becomes 軟件, not 軟體 as with "s2twp", for a quotation keeps
its words. So nearly every text keeps its length, and its marks their places.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.domain import Hit, Passage, Span

Convert = Callable[[str], str]
"""Text in, text out; deterministic."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A text in other characters.

    Attributes:
        spans: Those of the original, in the same order, where they are now.
        changed: Whether any character is another.
    """

    text: str
    spans: tuple[Span, ...]
    changed: bool


def traditional() -> Convert:
    """Return Simplified → Traditional with the characters of Taiwan; OpenCC is loaded by the first text."""
    converter: Convert | None = None

    def convert(text: str) -> str:
        nonlocal converter
        if converter is None:
            import opencc

            converter = opencc.OpenCC("s2tw").convert
        return converter(text)

    return convert


def converted(text: str, spans: Sequence[Span], convert: Convert) -> Converted:
    """Return a text in other characters, with its marks.

    Args:
        text: As the report has it.
        spans: Into `text`, in any order; they may touch or overlap.
        convert: What changes the characters.
    """
    whole = convert(text)
    if len(whole) == len(text):
        return Converted(whole, tuple(spans), whole != text)
    # A word became longer or shorter: what lies between two edges of marks is converted by itself.
    edges = sorted({0, len(text), *(edge for span in spans for edge in (span.start, span.end))})
    parts = [convert(text[start:end]) for start, end in pairwise(edges)]
    places = dict(zip(edges, _running_lengths(parts), strict=True))
    moved = tuple(Span(places[span.start], places[span.end]) for span in spans)
    new = "".join(parts)
    return Converted(new, moved, new != text)


def converted_hit(hit: Hit, convert: Convert) -> tuple[Hit, bool]:
    """Return a hit to be shown in other characters, and whether any is another.

    Only what is read changes: text, marks, title and headings. Its place is still that in the report.
    """
    edges = (*hit.highlights, *hit.excerpt)
    new = converted(hit.passage.text, edges, convert)
    passage, changed = converted_passage(hit.passage, convert)
    also = tuple(converted_passage(other, convert)[0] for other in hit.also)
    marks = len(hit.highlights)
    shown = replace(
        hit,
        passage=replace(passage, text=new.text),
        highlights=new.spans[:marks],
        excerpt=new.spans[marks:],
        also=also,
    )
    return shown, changed


def converted_passage(passage: Passage, convert: Convert) -> tuple[Passage, bool]:
    """Return a passage to be shown in other characters, and whether any of its text is another."""
    text = convert(passage.text)
    shown = replace(
        passage,
        text=text,
        report=convert(passage.report),
        section=tuple(map(convert, passage.section)),
    )
    return shown, text != passage.text


def converted_passages(
    passages: Sequence[Passage], convert: Convert | None
) -> tuple[tuple[Passage, ...], bool]:
    """Return passages to be shown in other characters, and whether any text is another; None: as they are."""
    if convert is None:
        return tuple(passages), False
    both = [converted_passage(passage, convert) for passage in passages]
    return tuple(passage for passage, _ in both), any(changed for _, changed in both)


def _running_lengths(parts: Sequence[str]) -> list[int]:
    places = [0]
    for part in parts:
        places.append(places[-1] + len(part))
    return places

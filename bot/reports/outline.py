"""Lines of a file → its reports and their sections, and what belongs to none."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import PurePosixPath

from bot.domain import Omission, Report, Section, Span
from bot.reports.compilations import NumberedTitle, find_titles
from bot.reports.furniture import body_end, body_start, is_contents_title
from bot.reports.headings import Depth, Heading, clean_title, find_headings, looks_like_title
from bot.reports.markers import has_words, is_lead_in, marker
from bot.reports.readers import Line, Role, SourceText

_TITLE_CHARS = 40
_LOST_REPORT_CHARS = 300
_LABEL = re.compile(r"[^：:]{1,5}[：:]")


def outline(
    file: SourceText, *, source: str, report_id: str
) -> tuple[tuple[Report, ...], tuple[Omission, ...]]:
    """Return the reports of one file.

    Args:
        file: As its reader gave it.
        source: Its path relative to the home, with forward slashes; its stem is the title of last resort.
        report_id: Id of its report; those of a compilation get "#1", "#2", … after it.

    Returns:
        Reports with at least one section each, in order, and the text left out, in order; spans of both
        are disjoint. No report when no line has a word.
    """
    lines = [line for line in file.lines if line.role is not Role.SKIP]
    titles = find_titles(file.text, lines)
    compiled = len(titles) > 1
    starts = [title.line for title in titles] if compiled else [0]
    omissions = list(file.omissions)
    if starts[0] and _is_lost_report(lines, titles[0]):
        starts.insert(0, 0)
    elif starts[0]:
        omissions.append(_omission(lines[: starts[0]], "before the first report of the compilation"))
    labelled = {title.line for title in titles}
    reports: list[Report] = []
    for start, end in pairwise([*starts, len(lines)]):
        own = lines[start:end]
        title, title_lines = _title(file, own, source, labelled=start in labelled)
        number = f"#{len(reports) + 1}" if compiled else ""
        body, left_out = _body(file.text, own[title_lines:])
        sections = tuple(_sections(file.text, body, title))
        if sections:
            span = Span(own[0].start, body[-1].end)
            reports.append(Report(report_id + number, title, source, file.text, span, sections))
            omissions += left_out
        elif own:
            omissions.append(_omission(own, "there is no text in it"))
    return tuple(reports), tuple(sorted(omissions, key=lambda omission: omission.span.start))


def _omission(lines: Sequence[Line], reason: str) -> Omission:
    return Omission(Span(lines[0].start, lines[-1].end), reason)


def _is_lost_report(lines: Sequence[Line], first: NumberedTitle) -> bool:
    """Tell whether what stands before the first title is a report whose own title was lost."""
    return (
        first.number > 1 and sum(line.end - line.start for line in lines[: first.line]) > _LOST_REPORT_CHARS
    )


def _title(file: SourceText, lines: Sequence[Line], source: str, *, labelled: bool) -> tuple[str, int]:
    """Return a report's title and how many of its lines are the title's."""
    stem = PurePosixPath(source).stem
    if not lines:
        return stem, 0
    first = lines[0]
    words = first.title or file.text[first.start : first.end]
    if labelled or _is_only_top_heading(lines):
        return clean_title(words), 1
    if file.title:
        return file.title, 0
    if first.role in (Role.BODY, Role.BOLD) and len(lines) > 1 and _names_a_report(words):
        return clean_title(words), 1
    return stem, 0


def _is_only_top_heading(lines: Sequence[Line]) -> bool:
    first = lines[0]
    return (
        first.role is Role.HEADING
        and has_words(first.title)
        and len(lines) > 1
        and all(line.level > first.level for line in lines[1:] if line.role is Role.HEADING)
    )


def _names_a_report(words: str) -> bool:
    if is_lead_in(words) or _LABEL.match(words) or is_contents_title(words) or not has_words(words):
        return False
    mark = marker(words)
    return not (mark and mark.sure) and looks_like_title(words, _TITLE_CHARS)


def _body(text: str, lines: Sequence[Line]) -> tuple[Sequence[Line], list[Omission]]:
    """Return the lines that are a report's text, and what stands before and after it."""
    head = body_start(text, lines)
    tail = head + body_end(text, lines[head:])
    left_out = []
    if head:
        left_out.append(_omission(lines[:head], "an editor's introduction, or the contents"))
    if tail < len(lines):
        left_out.append(_omission(lines[tail:], "a label, a signature or links after the end"))
    return lines[head:tail], left_out


def _sections(text: str, lines: Sequence[Line], title: str) -> Iterator[Section]:
    order = 0
    open_headings: list[tuple[Depth, str]] = []
    for heading, body in _parts(lines, find_headings(text, lines)):
        if heading:
            while open_headings and open_headings[-1][0] >= heading.depth:
                open_headings.pop()
            if heading.title:
                open_headings.append((heading.depth, heading.title))
        if any(has_words(text[line.start : line.end]) for line in body):
            path = tuple(name for _, name in open_headings) or (title,)
            yield Section(path, Span(body[0].start, body[-1].end), order)
            order += 1


def _parts(
    lines: Sequence[Line], headings: Sequence[Heading]
) -> Iterator[tuple[Heading | None, Sequence[Line]]]:
    """Yield each heading with the lines up to the next one; None for those before the first."""
    ends = [heading.line for heading in headings] + [len(lines)]
    yield None, lines[: ends[0]]
    for heading, end in zip(headings, ends[1:], strict=True):
        yield heading, lines[heading.line + (not heading.body) : end]

"""Which lines of one report are headings: a question asked of runs of siblings, not of single lines."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cmp_to_key

from bot.reports.markers import MARGIN, Marker, Style, has_words, is_lead_in, marker, width
from bot.reports.readers import Line, Role

Depth = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that opens a section.

    Attributes:
        line: Its index in the lines it was found among.
        depth: Smaller is further out; a heading closes all that are not smaller.
        title: As a person would cite it, with its numbering; "" closes without opening a section of its own.
        body: Whether the line's words belong to the section's text as well.
    """

    line: int
    depth: Depth
    title: str
    body: bool = False


@dataclass(frozen=True, slots=True)
class _Candidate:
    line: int
    mark: Marker
    title: str
    words: str


_ENDS = re.compile(r"[。！？!?；;…]|(?<=[^\x00-\x7f])\.|\.(?=\s|\Z)")
_INNER = re.compile(r"[，,]|(?<=[^\x00-\x7f])\.")
_FINAL = re.compile(r"[。.．：:；;，,、\s]+\Z")
_RUN_IN = re.compile(r"[。：:！？!?]|(?<=[^\x00-\x7f])\.")
_LONG_STYLES = frozenset({Style.PART, Style.CHAPTER, Style.SECTION, Style.HAN, Style.HAN_PAREN})
_BOLD_LEVEL = 7
_NUMBERED, _PLAIN = 1, 2


def find_headings(text: str, lines: Sequence[Line]) -> tuple[Heading, ...]:
    """Return the headings among `lines` in order.

    Args:
        text: What the lines are spans of.
        lines: One report's, without its title and without lines of the role SKIP.
    """
    marked = _format_headings(text, lines)
    runs = [_Run(text, lines, run) for run in _runs(_candidates(text, lines))]
    runs = [run for run in runs if run.is_headings()]
    if not runs and not marked:
        return tuple(_plain_headings(text, lines))
    order = _nesting([run.members for run in runs])
    numbered = [heading for run in runs for heading in run.headings(order)]
    return tuple(_continued(sorted([*marked, *numbered], key=lambda heading: heading.line)))


def clean_title(title: str) -> str:
    """Return a heading as it is cited: its numbering stays, a final 。 or colon does not."""
    return _FINAL.sub("", title)


def looks_like_title(words: str, most: int) -> bool:
    """Tell whether `words` is at most `most` full-width characters wide and no sentence."""
    return 0 < width(words) <= most and not _ENDS.search(words) and not _INNER.search(words)


def _format_headings(text: str, lines: Sequence[Line]) -> list[Heading]:
    found = []
    for index, line in enumerate(lines):
        if line.role is Role.HEADING and has_words(line.title):
            found.append(Heading(index, (0, line.level), clean_title(line.title)))
        elif line.role is Role.BOLD and not marker(line.title) and _is_bold_heading(text, lines, index):
            found.append(Heading(index, (0, _BOLD_LEVEL), clean_title(line.title)))
    return found


def _is_bold_heading(text: str, lines: Sequence[Line], index: int) -> bool:
    title = lines[index].title
    follower = lines[index + 1] if index + 1 < len(lines) else None
    return (
        follower is not None
        and follower.role in (Role.BODY, Role.FIXED)
        and has_words(title)
        and looks_like_title(title.rstrip("：:"), 30)
        and not is_lead_in(text[lines[index - 1].start : lines[index - 1].end] if index else "")
    )


def _candidates(text: str, lines: Sequence[Line]) -> Iterable[_Candidate]:
    for index, line in enumerate(lines):
        if line.role not in (Role.BODY, Role.BOLD):
            continue
        title = line.title or text[line.start : line.end]
        mark = marker(title)
        if mark:
            yield _Candidate(index, mark, title, title[mark.length :])


def _runs(candidates: Iterable[_Candidate]) -> list[list[_Candidate]]:
    """Return siblings together: same style, numbers that go on from one to the next, at most one missing."""
    runs: list[list[_Candidate]] = []
    current: dict[Style, list[_Candidate]] = {}
    for candidate in candidates:
        style = candidate.mark.style
        run = current.get(style)
        if run and 1 <= candidate.mark.number - run[-1].mark.number <= 2:
            run.append(candidate)
        else:
            current[style] = [candidate]
            runs.append(current[style])
    return [run for run in runs if len(run) > 1 or run[0].mark.sure]


@dataclass(frozen=True, slots=True)
class _Run:
    """Siblings to be judged together."""

    text: str
    lines: Sequence[Line]
    members: list[_Candidate]

    def headings(self, order: Mapping[Style, int]) -> Iterator[Heading]:
        """Yield a heading for each member; one that runs on into its text keeps that text."""
        sentences = not any(map(self._is_title, self.members))
        for member in self.members:
            depth = (_NUMBERED, order[member.mark.style])
            if sentences or self._is_title(member):
                yield Heading(member.line, depth, clean_title(member.title))
                continue
            head = _RUN_IN.split(member.words, maxsplit=1)[0]
            short = width(head) <= 24 and has_words(head) and not _INNER.search(head)
            title = clean_title(member.title[: member.mark.length] + head) if short else ""
            yield Heading(member.line, depth, title, body=True)

    def is_headings(self) -> bool:
        """Tell headings from list items: headings are short, and other text stands between them."""
        followed = [self._is_followed(at) for at in range(len(self.members))]
        titles = [self._is_title(member) for member in self.members]
        if not self._is_long_style():
            return len(self.members) > 1 and all(titles) and all(followed)
        if len(self.members) == 1:
            return titles[0] and followed[0] and not self._is_announced()
        between = followed[:-1]
        if sum(between) < 0.5 * len(between):
            return False
        if sum(titles) >= 0.6 * len(titles):
            return True
        return all(followed) and all(self._is_short_sentence(member) for member in self.members)

    def _is_followed(self, at: int) -> bool:
        """Tell whether text other than the next sibling or an outer heading comes next."""
        index = self.members[at].line + 1
        if index >= len(self.lines) or self.lines[index].role is Role.HEADING:
            return False
        if at + 1 < len(self.members):
            return self.members[at + 1].line != index
        line = self.lines[index]
        mark = marker(line.title or self.text[line.start : line.end])
        if mark is None or not mark.sure:
            return True
        style = self.members[at].mark.style
        return mark.style > style or (mark.style < style and mark.number == 1)

    def _is_long_style(self) -> bool:
        return self.members[0].mark.style in _LONG_STYLES

    def _is_title(self, member: _Candidate) -> bool:
        words, long_style = member.words, self._is_long_style()
        if not has_words(words) or words[-1] in "，,；;、":
            return False
        bare = words.rstrip("。.．：:！!？?…")
        if _ENDS.search(bare) or self._is_wrapped(member):
            return False
        commas = len(_INNER.findall(bare))
        if bare != words:
            return commas == 0 and width(bare) <= 20
        return commas <= (2 if long_style else 1) and width(bare) <= (40 if long_style else 24)

    def _is_wrapped(self, member: _Candidate) -> bool:
        """Tell whether the line seems to end at a margin, not with its words."""
        own = width(member.title)
        if own < MARGIN or member.line + 1 >= len(self.lines):
            return False
        below = self.lines[member.line + 1]
        return below.role is Role.BODY and width(self.text[below.start : below.end]) <= own + 2

    def _is_short_sentence(self, member: _Candidate) -> bool:
        """Tell whether this may be a heading written as a sentence, with text below."""
        below = self.lines[member.line + 1]
        return (
            width(member.words) <= 24
            and len(_ENDS.findall(member.words)) <= 1
            and below.end - below.start >= 2 * len(member.words)
        )

    def _is_announced(self) -> bool:
        index = self.members[0].line - 1
        return index >= 0 and is_lead_in(self.text[self.lines[index].start : self.lines[index].end])


def _continued(headings: Iterable[Heading]) -> Iterator[Heading]:
    """Give a numbered line that goes on with the numbers of the format's own headings their depth."""
    latest: dict[Style, tuple[int, Depth]] = {}
    for heading in headings:
        mark = marker(heading.title)
        if mark is None:
            yield heading
            continue
        number, depth = latest.get(mark.style, (mark.number, heading.depth))
        if heading.depth[0] == _NUMBERED and mark.number == number + 1:
            heading = replace(heading, depth=depth)
        if heading.depth[0] != _NUMBERED:
            latest[mark.style] = mark.number, heading.depth
        yield heading


def _nesting(runs: Sequence[Sequence[_Candidate]]) -> dict[Style, int]:
    """Return the depth of each style: the usual rank, unless the numbers themselves show another order.

    A style whose count begins anew between two neighbours of another style is nested in that one.
    """
    inside: Counter[tuple[Style, Style]] = Counter()
    begun: dict[Style, int] = {}
    previous: dict[int, int] = {}
    members = sorted((member.line, at, member.mark) for at, run in enumerate(runs) for member in run)
    for line, run_id, mark in members:
        if mark.number == 1:
            begun[mark.style] = line
        if run_id in previous:
            inside.update((style, mark.style) for style, at in begun.items() if at > previous[run_id])
        previous[run_id] = line

    def outer_first(one: Style, other: Style) -> int:
        return inside[one, other] - inside[other, one] or one - other

    styles = sorted({mark.style for _, _, mark in members}, key=cmp_to_key(outer_first))
    return {style: depth for depth, style in enumerate(styles)}


_SENTENCE = re.compile(r"[。！？!?；;.][”\"）)]*\Z")
_SHORT = re.compile(r"(?:【[^】]{1,20}】[：:]?|[^\W\d_][^\W_]{1,14})\Z")


def _plain_headings(text: str, lines: Sequence[Line]) -> Iterable[Heading]:
    """Return unnumbered headings, only where at least two stand alike: a few words over a long paragraph."""
    found = []
    for index, line in enumerate(lines[:-1]):
        words = text[line.start : line.end]
        if line.role is Role.BODY and _SHORT.match(words) and _stands_over_text(text, lines, index):
            found.append(Heading(index, (_PLAIN, 0), clean_title(words)))
    return found if len(found) > 1 else []


def _stands_over_text(text: str, lines: Sequence[Line], index: int) -> bool:
    below = lines[index + 1]
    if below.role is not Role.BODY or below.end - below.start < 40:
        return False
    if not _SENTENCE.search(text[below.start : below.end][-4:]):
        return False
    above = text[lines[index - 1].start : lines[index - 1].end] if index else "。"
    return bool(_SENTENCE.search(above[-4:]))

"""Where the reports of a compilation begin: "客服年终总结报告篇三", "【第一篇】…", "篇2：…", "…范文4"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.reports.markers import HAN_NUMBER, count
from bot.reports.readers import Line, Role

_N = rf"\s*(?P<n>{HAN_NUMBER}|\d{{1,3}})\s*"
_OPEN, _CLOSE = r"[（(〔【\[《]?\s*", r"\s*[)）〕】\]》]?"
_FREE = r"[^。！？!?；;]*?"
_LABELS = (rf"篇{_N}", rf"第{_N}篇", rf"范文{_N}")
# Words and a bare number may as well be a heading inside a report: only near the top, and all the same.
_SAME = (
    r"(?P<prefix>[^。！？!?；;，,]{2,40}?(?:总结|报告|述职|汇报|小结|计划|心得|体会))"
    rf"(?:\s*[（(【]{_N}[)）】]|(?:(?<=总结)|(?<=报告))\s*(?P<m>{HAN_NUMBER}|\d{{1,2}}))\s*[：:]?\Z"
)
_SAME_WITHIN_LINES = 5
_BEGINNING = rf"{_OPEN}%s(?:[)）〕】\]》]|[：:、.．\s]|\Z)(?P<rest>{_FREE})\s*\Z"
_END = rf"(?P<kept>{_FREE}[^。！？!?；;\s]){_CLOSE}\s*{_OPEN}%s{_CLOSE}[：:。.]?\s*\Z"
_FORMS = (
    *(re.compile(form % label) for label in _LABELS for form in (_BEGINNING, _END)),
    re.compile(_SAME),
)
_HINT = re.compile(rf"篇|范文|(?:{HAN_NUMBER}|\d)\s*[)）】]?\s*[：:]?\Z")
_MOST_CHARS = 60


@dataclass(frozen=True, slots=True)
class NumberedTitle:
    """A line that may be the title of a report.

    Attributes:
        line: Its index in the lines it was found among.
        number: What it counts.
        form: Which way of writing it is.
        prefix: Words that must be the same in all titles; "" where the form alone is telling.
    """

    line: int
    number: int
    form: int
    prefix: str


def find_titles(text: str, lines: Sequence[Line]) -> tuple[NumberedTitle, ...]:
    """Return the lines that are titles of reports.

    Two or more when the file is a compilation: same form, numbers that go on, text under each. One, the
    first line, when the file begins with such a title but is a single report. None when there is none.
    """
    titles = list(_titles(text, lines))
    first = next((title for title in titles if title.line == 0), None)
    if first:
        titles = [title for title in titles if title.form == first.form]
    chains = [_with_text(chain, len(lines)) for chain in _chains(titles) if _may_begin(chain[0])]
    best = max(chains, key=len, default=[])
    if len(best) > 1:
        return tuple(best)
    return (first,) if first else ()


def _titles(text: str, lines: Sequence[Line]) -> Iterator[NumberedTitle]:
    for index, line in enumerate(lines):
        if line.end - line.start > _MOST_CHARS and not line.title:  # as most lines are
            continue
        if line.role not in (Role.BODY, Role.BOLD, Role.HEADING):
            continue
        words = line.title or text[line.start : line.end]
        if len(words) > _MOST_CHARS or not _HINT.search(words):
            continue
        for form, pattern in enumerate(_FORMS):
            if found := pattern.match(words):
                groups = found.groupdict()
                number = count(groups["n"] or groups["m"])
                yield NumberedTitle(index, number, form, groups.get("prefix", ""))
                break


def _chains(titles: Sequence[NumberedTitle]) -> list[list[NumberedTitle]]:
    """Return titles of one form whose numbers go on, at most one missing in between."""
    chains: list[list[NumberedTitle]] = []
    current: dict[tuple[int, str], list[NumberedTitle]] = {}
    for title in titles:
        chain = current.get((title.form, title.prefix))
        if chain and 1 <= title.number - chain[-1].number <= 2:
            chain.append(title)
        else:
            current[title.form, title.prefix] = [title]
            chains.append(current[title.form, title.prefix])
    return chains


def _may_begin(title: NumberedTitle) -> bool:
    return not title.prefix or title.line < _SAME_WITHIN_LINES


def _with_text(chain: Sequence[NumberedTitle], end: int) -> list[NumberedTitle]:
    """Leave out titles with nothing under them, such as those of a table of contents."""
    following = [title.line for title in chain[1:]] + [end]
    return [title for title, after in zip(chain, following, strict=True) if after - title.line > 1]

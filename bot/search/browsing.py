"""Reading on from a passage, and reading reports without a question."""

from bisect import bisect_right
from itertools import takewhile

from bot.domain import Listed, Passage
from bot.index.ranker import Ranker


def section(ranker: Ranker, ordinal: int) -> tuple[Passage, ...]:
    """Return all passages of a passage's section, itself among them, in order."""
    here = ranker.passage(ordinal)
    before = takewhile(lambda p: _together(p, here), map(ranker.passage, range(ordinal - 1, -1, -1)))
    after = takewhile(lambda p: _together(p, here), map(ranker.passage, range(ordinal + 1, ranker.size)))
    return (*reversed(tuple(before)), here, *after)


def place(ranker: Ranker, ordinal: int) -> tuple[int, int]:
    """Return the 1-based number of a passage in its report, and how many passages the report has."""
    reports = ranker.reports()
    at = bisect_right(reports, ordinal, key=lambda listed: listed.passages.start) - 1
    passages = reports[at].passages
    return ordinal - passages.start + 1, len(passages)


def around(ranker: Ranker, ordinal: int, *, before: int = 1, after: int = 1) -> tuple[Passage, ...]:
    """Return a passage and so many of its report before and after it, fewer at the report's ends."""
    here = ranker.passage(ordinal)
    places = range(max(0, ordinal - before), min(ranker.size, ordinal + after + 1))
    return tuple(p for p in map(ranker.passage, places) if p.report_id == here.report_id)


def report(ranker: Ranker, report_id: str) -> Listed | None:
    """Return a report by its id, or by the first figures of its file's name (07 of corpus/07-物业.md)."""
    listed = ranker.reports()
    exact = (one for one in listed if one.report_id == report_id)
    numbered = (one for one in listed if _number(one.source) == _number(report_id) != "")
    return next(exact, next(numbered, None))


def _number(name: str) -> str:
    """Return the figures that a file's name begins with, without leading zeros."""
    file = name.rpartition("/")[2]
    return "".join(takewhile(str.isdecimal, file)).lstrip("0")


def _together(one: Passage, other: Passage) -> bool:
    return (one.report_id, one.section) == (other.report_id, other.section)

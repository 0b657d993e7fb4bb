"""What the journal's rows add up to."""

import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from itertools import takewhile

from sqlalchemy import Connection, case, func, select

from bot.journal.nouns import DayCount, Gap, SectionCount, Stats
from bot.journal.tables import JUDGEMENTS, QUESTIONS, SHOWN

TOP_SECTIONS = 10
_WORDINGS = 3
_RECENT = 10_000
"""Questions that gaps are looked for in; it takes about a second to cut so many into words."""


@dataclass(slots=True)
class Asked:
    """A question whose text was kept, and the 👎 for its answer."""

    text: str
    answered: bool
    at: int
    bad: int = 0
    reasons: list[str] = field(default_factory=list)


def stats(connection: Connection, today: date, days: int) -> Stats:
    """Return the figures of `days` days up to `today`."""
    first = today - timedelta(days=days - 1)
    recent = QUESTIONS.c.day.between(first, today)
    per_day = select(QUESTIONS.c.day, func.count(), func.sum(case((QUESTIONS.c.answered, 1), else_=0))).where(
        recent
    )
    counts = {
        day: (asked, done) for day, asked, done in connection.execute(per_day.group_by(QUESTIONS.c.day))
    }
    dates = (first + timedelta(days=number) for number in range(days))
    people = select(func.count(func.distinct(QUESTIONS.c.user))).where(recent)
    good, bad, reasons = _judgements(connection, first, today)
    return Stats(
        days=tuple(DayCount(day, *(int(n) for n in counts.get(day, (0, 0)))) for day in dates),
        people=int(connection.execute(people).scalar_one()),
        sections=_sections(connection, first, today),
        good=good,
        bad=bad,
        reasons=reasons,
    )


def _sections(connection: Connection, first: date, today: date) -> tuple[SectionCount, ...]:
    count = func.count().label("answers")
    columns = (SHOWN.c.report, SHOWN.c.section)
    query = (
        select(*columns, count)
        .join(QUESTIONS, QUESTIONS.c.number == SHOWN.c.question)
        .where(SHOWN.c.rank == 1, QUESTIONS.c.day.between(first, today))
        .group_by(*columns)
        .order_by(count.desc(), *columns)
        .limit(TOP_SECTIONS)
    )
    return tuple(
        SectionCount(row.report, tuple(json.loads(row.section)), int(row.answers))
        for row in connection.execute(query)
    )


def _judgements(
    connection: Connection, first: date, today: date
) -> tuple[int, int, tuple[tuple[str, int], ...]]:
    columns = (JUDGEMENTS.c.good, JUDGEMENTS.c.reason)
    query = select(*columns, func.count().label("times")).where(JUDGEMENTS.c.day.between(first, today))
    rows = connection.execute(query.group_by(*columns)).all()
    good = sum(row.times for row in rows if row.good)
    reasons = [(row.reason, int(row.times)) for row in rows if not row.good and row.reason]
    reasons.sort(key=lambda pair: (-pair[1], pair[0]))
    return good, sum(row.times for row in rows) - good, tuple(reasons)


def recent(connection: Connection) -> list[Asked]:
    """Return the latest questions whose text is kept, latest first, with their 👎."""
    columns = (QUESTIONS.c.number, QUESTIONS.c.text, QUESTIONS.c.answered, QUESTIONS.c.at)
    order = (QUESTIONS.c.at.desc(), QUESTIONS.c.number.desc())
    latest = select(*columns).where(QUESTIONS.c.text.is_not(None)).order_by(*order).limit(_RECENT)
    asked = {row.number: Asked(row.text, row.answered, row.at) for row in connection.execute(latest)}
    bad = select(JUDGEMENTS.c.question, JUDGEMENTS.c.reason).where(JUDGEMENTS.c.good.is_(False))
    for row in connection.execute(bad.order_by(JUDGEMENTS.c.at.desc())):
        if row.question in asked:
            asked[row.question].bad += 1
            asked[row.question].reasons.append(row.reason)
    return list(asked.values())


def gaps(asked: Iterable[Asked], grouping: Callable[[str], Hashable], zone: tzinfo | None) -> tuple[Gap, ...]:
    """Group questions by what they ask and return the groups that were not served.

    Args:
        asked: Latest first.
        grouping: Gives the same value for questions that ask the same.
        zone: Of the gaps' times.
    """
    groups: dict[Hashable, list[Asked]] = {}
    for one in asked:
        groups.setdefault(grouping(one.text), []).append(one)
    found = (gap for group in groups.values() if (gap := _gap(group, zone)) is not None)
    return tuple(sorted(found, key=lambda gap: (-gap.count, -gap.last.timestamp(), gap.question)))


def _gap(group: Sequence[Asked], zone: tzinfo | None) -> Gap | None:
    """Return what of a group, latest first, was not served; None when all of it was."""
    unanswered = list(takewhile(lambda one: not one.answered, group))
    bad = [one for one in group if one.bad]
    not_served = sorted({id(one): one for one in (*unanswered, *bad)}.values(), key=lambda one: -one.at)
    if not not_served:
        return None
    wordings = list(dict.fromkeys(one.text for one in not_served))
    return Gap(
        question=wordings[0],
        wordings=tuple(wordings[1 : 1 + _WORDINGS]),
        unanswered=len(unanswered),
        bad=sum(one.bad for one in bad),
        reasons=tuple(dict.fromkeys(reason for one in bad for reason in one.reasons if reason)),
        last=datetime.fromtimestamp(not_served[0].at, zone),
    )

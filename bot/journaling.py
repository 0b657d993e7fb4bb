"""What `wenbao stats` and `wenbao gaps` say: the journal's figures as tables and as JSON."""

from collections.abc import Sequence
from typing import Any

from bot import console
from bot.journal.nouns import Gap, Stats

Table = tuple[str, Sequence[str], Sequence[Sequence[object]]]


def print_stats(stats: Stats, *, as_json: bool) -> None:
    """Print the figures."""
    if as_json:
        console.print_json(stats_json(stats))
        return
    for table in stats_tables(stats):
        console.print_table(*table)


def print_gaps(gaps: Sequence[Gap], *, as_json: bool) -> None:
    """Print what people asked and the reports do not say."""
    if as_json:
        console.print_json(gaps_json(gaps))
    elif gaps:
        console.print_table(*gaps_table(gaps))
    else:
        console.print_lines(["no gaps: what was asked is in the reports, or questions are not kept"])


def stats_tables(stats: Stats) -> list[Table]:
    """Return the figures as tables: in all, per day with a question, per section, per reason; none empty."""
    share = stats.answered_share
    whole = [
        ("questions", stats.questions),
        ("answered", stats.answered),
        ("answered share", "–" if share is None else f"{share:.3f}"),
        ("people", stats.people),
        ("👍", stats.good),
        ("👎", stats.bad),
    ]
    days = [(str(one.day), one.questions, one.answered) for one in stats.days if one.questions]
    sections = [(one.report, " › ".join(one.section), one.answers) for one in stats.sections]
    tables: list[Table] = [
        (f"the last {len(stats.days)} days", ("figure", "value"), whole),
        ("per day", ("day", "questions", "answered"), days),
        ("sections that answered most", ("report", "section", "answers"), sections),
        ("why 👎", ("reason", "times"), stats.reasons),
    ]
    return [table for table in tables if table[2]]


def stats_json(stats: Stats) -> dict[str, Any]:
    """Return the same for machines, with every day."""
    share = stats.answered_share
    return {
        "questions": stats.questions,
        "answered": stats.answered,
        "answered_share": None if share is None else round(share, 4),
        "people": stats.people,
        "good": stats.good,
        "bad": stats.bad,
        "days": [
            {"day": str(one.day), "questions": one.questions, "answered": one.answered} for one in stats.days
        ],
        "sections": [
            {"report": one.report, "section": list(one.section), "answers": one.answers}
            for one in stats.sections
        ],
        "reasons": dict(stats.reasons),
    }


def gaps_table(gaps: Sequence[Gap]) -> Table:
    """Return what people asked and the reports do not say, most often first."""
    rows = [
        (
            gap.question,
            " / ".join(gap.wordings),
            gap.unanswered,
            gap.bad,
            ", ".join(gap.reasons),
            f"{gap.last:%Y-%m-%d %H:%M}",
        )
        for gap in gaps
    ]
    columns = ("question", "also asked as", "not answered", "👎", "why", "last")
    return "asked, and the reports do not say", columns, rows


def gaps_json(gaps: Sequence[Gap]) -> list[dict[str, Any]]:
    """Return the same for machines, with other wordings."""
    return [
        {
            "question": gap.question,
            "wordings": list(gap.wordings),
            "unanswered": gap.unanswered,
            "bad": gap.bad,
            "reasons": list(gap.reasons),
            "last": gap.last.isoformat(),
        }
        for gap in gaps
    ]

"""What an admin reads: figures, gaps and states as messages. Pure functions from nouns to HTML."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.chat.language import Phrases
from bot.chat.records import Holdings
from bot.chat.refreshing import Outcome
from bot.chat.render import plain
from bot.journal.nouns import Gap, SectionCount, Stats

CAPTION_CHARS = 1024
MESSAGE_CHARS = 4096
_SHOWN_SECTIONS = 5
_LABEL_CHARS = 60
_QUESTION_CHARS = 120
_LINES = 20
_LINE_CHARS = 150


def stats_html(stats: Stats, phrases: Phrases) -> str:
    """Return the figures, short enough for a picture's caption."""
    lines = [f"<b>{plain(phrases('stats-title', days=len(stats.days)))}</b>"]
    share = stats.answered_share
    if share is None:
        return "\n".join([*lines, plain(phrases("stats-nothing"))])
    figures = {"questions": stats.questions, "answered": stats.answered, "people": stats.people}
    lines.append(plain(phrases("stats-figures", **figures, share=round(100 * share))))
    if stats.good or stats.bad:
        reasons = "".join(
            f" · {phrases('stats-reason', reason=_cut(reason, _LABEL_CHARS))} {count}"
            for reason, count in stats.reasons[:_SHOWN_SECTIONS]
        )
        lines.append(plain(f"👍 {stats.good} · 👎 {stats.bad}{reasons}"))
    if stats.sections:
        lines += ["", plain(phrases("stats-sections"))]
        lines += [
            plain(f"{rank}. {_cut(section_label(one), _LABEL_CHARS)} — {one.answers}")
            for rank, one in enumerate(stats.sections[:_SHOWN_SECTIONS], 1)
        ]
    return "\n".join(lines)


def section_label(one: SectionCount) -> str:
    """Return a section as it is cited: 《report》 › its own heading."""
    own = [heading for heading in one.section[-1:] if heading != one.report]
    return " › ".join([f"《{one.report}》", *own])


def gaps_html(gaps: Sequence[Gap], phrases: Phrases) -> str:
    """Return what is missing, most wanted first, as much as a message holds."""
    if not gaps:
        return plain(phrases("gaps-none"))
    told = f"<b>{plain(phrases('gaps-title'))}</b>"
    for rank, gap in enumerate(gaps, 1):
        lines = [f"{rank}. {_cut(gap.question, _QUESTION_CHARS)}"]
        lines += [f"    ≈ {_cut(other, _QUESTION_CHARS)}" for other in gap.wordings]
        counts = []
        if gap.unanswered:
            counts.append(phrases("gaps-unanswered", times=gap.unanswered))
        if gap.bad:
            counts.append(f"👎 {gap.bad}")
        counts += [phrases("stats-reason", reason=reason) for reason in gap.reasons[:3]]
        lines.append("    " + " · ".join([*counts, f"{gap.last:%Y-%m-%d %H:%M}"]))
        entry = "\n" + plain("\n".join(lines))
        if len(told) + len(entry) > MESSAGE_CHARS:
            break
        told += entry
    return told


def holdings_html(phrases: Phrases, holdings: Holdings, now: datetime) -> str:
    """Return what the bot answers from."""
    return plain(
        phrases(
            "status-index",
            reports=holdings.reports,
            passages=holdings.passages,
            generation=holdings.generation,
            built=f"{holdings.built:%Y-%m-%d %H:%M}",
            age=_span(phrases, now - holdings.built),
        )
    )


def running_html(phrases: Phrases, uptime: timedelta, version: str) -> str:
    """Return how long the bot has been running, and which version."""
    return plain(phrases("status-running", uptime=_span(phrases, uptime), version=version))


def outcome_html(phrases: Phrases, outcome: Outcome, held: str) -> str:
    """Return what a refresh did: what changed, and what the bot answers from now.

    Args:
        phrases: Of the reader's language.
        outcome: Its last line, which sums it up for the log, is left out.
        held: As `holdings_html` returns it.
    """
    *changes, _ = outcome.lines
    shown = changes[:_LINES]
    more = [f"… {len(changes) - len(shown)}"] if len(changes) > len(shown) else []
    lines = [_cut(line, _LINE_CHARS) for line in (*shown, *more)]
    seconds = max(1, round(outcome.seconds))
    title = phrases("refresh-built", seconds=seconds) if outcome.built else phrases("refresh-unchanged")
    return "\n".join([f"<b>{plain(title)}</b>", *map(plain, lines), "", held])


def trouble_html(phrases: Phrases, error: Exception) -> str:
    """Return what went wrong, for somebody who can mend it."""
    return plain(phrases("admin-trouble", error=_cut(" ".join(str(error).split()), 1000)))


def _span(phrases: Phrases, span: timedelta) -> str:
    """Return a length of time in its two largest units; below an hour in minutes."""
    minutes = max(0, int(span.total_seconds() // 60))
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return phrases("span-days", days=days, hours=hours)
    if hours:
        return phrases("span-hours", hours=hours, minutes=minutes % 60)
    return phrases("span-minutes", minutes=minutes)


def _cut(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"

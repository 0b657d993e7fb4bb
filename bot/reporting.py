"""What commands say of what they did: pure functions from results to lines, tables and JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.evaluation.change import Change, Moved, moved_json, said
from bot.evaluation.check import Compared
from bot.index.refresh import Refreshed

Table = tuple[str, Sequence[str], Sequence[Sequence[object]]]


def refresh_lines(done: Refreshed, compared: Compared | None = None, *, dry_run: bool) -> list[str]:
    """Return what changed, what was left out, how it was checked and what the index holds now."""
    changes = done.changes
    lines = [f"+ {source}" for source in changes.added]
    lines += [f"~ {source}" for source in changes.changed]
    lines += [f"→ {old} → {new}" for old, new in changes.renamed]
    lines += [f"− {source}" for source in changes.deleted]
    lines += [f"skipped {file.source}: {file.reason}" for file in done.skipped]
    lines += [_left_out(item.source, len(item.omission.span), item.omission.reason) for item in done.left_out]
    if done.damaged:
        lines.append(f"kept aside: {done.damaged}")
    lines += check_lines(compared) if compared else []
    return [*lines, _summary(done, dry_run=dry_run)]


def check_lines(compared: Compared) -> list[str]:
    """Return how a new index answers the judged questions, and which fell and rose."""
    lines = [f"fell: {_moved(pair)}" for pair in compared.fell]
    lines += [f"rose: {_moved(pair)}" for pair in compared.rose]
    count = f"{compared.now} of {compared.questions} judged questions right, {compared.before} before"
    return [*lines, f"checked: {count}"]


def check_json(compared: Compared) -> dict[str, Any]:
    """Return the same for machines."""
    return {
        "questions": compared.questions,
        "right_before": compared.before,
        "right": compared.now,
        "fell": [moved_json(pair) for pair in compared.fell],
        "rose": [moved_json(pair) for pair in compared.rose],
    }


def refresh_json(done: Refreshed, compared: Compared | None = None) -> dict[str, Any]:
    """Return what a refresh did for machines."""
    changes = done.changes
    checked = {"check": check_json(compared)} if compared else {}
    return checked | {
        "built": done.built,
        "generation": done.meta.generation if done.meta else None,
        "reasons": list(done.reasons),
        "added": list(changes.added),
        "changed": list(changes.changed),
        "renamed": [list(pair) for pair in changes.renamed],
        "deleted": list(changes.deleted),
        "skipped": [{"source": file.source, "reason": file.reason} for file in done.skipped],
        "left_out": [
            {
                "source": item.source,
                "start": item.omission.span.start,
                "end": item.omission.span.end,
                "reason": item.omission.reason,
            }
            for item in done.left_out
        ],
        "reports": done.meta.reports if done.meta else 0,
        "sections": done.meta.sections if done.meta else 0,
        "passages": done.meta.passages if done.meta else 0,
        "seconds": round(done.seconds, 3),
        "work": {"analysed": done.work.analysed, "files": done.work.files, "lexicon": done.work.lexicon},
    }


def evaluation_tables(result: Mapping[str, Any], changed: Change | None = None) -> list[Table]:
    """Return the tables of an evaluation: a row per kind, the whole, and the questions that fell or rose.

    Beside each figure stands its change, if it did.
    """
    tables: list[Table] = []
    moves: Mapping[str, Any] = changed.figures if changed else {}
    if kinds := result.get("kinds"):
        columns = ["kind", "questions", "refused", "hit@1", "hit@3", "hit@5", "mrr@10"]
        by_kind = moves.get("kinds", {})
        rows = [
            [kind, *(_cell(row.get(column), by_kind.get(kind, {}).get(column)) for column in columns[1:])]
            for kind, row in kinds.items()
        ]
        tables.append(("by kind", columns, rows))
    whole = [(name, _cell(value, moves.get(name))) for name, value in result.items() if name != "kinds"]
    whole += [("compared with", _since(changed))] if changed else []
    tables.append(("in all", ["figure", "value"], whole))
    if changed and (changed.fell or changed.rose):
        pairs = [("fell", pair) for pair in changed.fell] + [("rose", pair) for pair in changed.rose]
        lines = [[way, *moved_json(pair).values()] for way, pair in pairs]
        tables.append(("fell and rose", ["", "id", "kind", "question", "before", "now"], lines))
    return tables


def _since(changed: Change) -> str:
    since = changed.since
    said = [f"{since.time:%Y-%m-%d %H:%M} UTC", f"generation {since.measured.generation}"]
    said += [] if changed.same_settings else ["other settings"]
    said += [f"{changed.new} new questions"] if changed.new else []
    said += [f"{changed.gone} questions gone"] if changed.gone else []
    return ", ".join(said)


def _moved(pair: Moved) -> str:
    judged = pair.now.judged
    return f"{judged.question_id} {judged.question} ({said(pair.before)} → {said(pair.now)})"


def _summary(done: Refreshed, *, dry_run: bool) -> str:
    changes = done.changes
    counts = [f"+{len(changes.added)}", f"~{len(changes.changed)}", f"−{len(changes.deleted)}"]
    counts += [f"→{len(changes.renamed)}"] if changes.renamed else []
    head = " ".join(counts)
    skipped = f", {len(done.skipped)} skipped" if done.skipped else ""
    if dry_run:
        return f"{head}{skipped}; {'would build' if done.built else 'nothing to do'}{_because(done)}"
    if done.meta is None:
        return f"{head}{skipped}"
    held = f"{done.meta.reports} reports, {done.meta.sections} sections, {done.meta.passages} passages"
    if not done.built:
        return f"nothing changed{skipped}; {held}, generation {done.meta.generation}"
    return (
        f"{head}{skipped}; {held}, {_work(done)}, {done.seconds:.2f} s, "
        f"generation {done.meta.generation}{_because(done)}"
    )


def _work(done: Refreshed) -> str:
    """Say how much of it had to be done anew."""
    analysed = f"{done.work.analysed:,} of {done.work.files:,} files analysed"
    return f"{analysed}, lexicon {'compiled' if done.work.lexicon else 'kept'}"


def _because(done: Refreshed) -> str:
    """Name what else than the reports made a build necessary."""
    others = [reason for reason in done.reasons if reason != "corpus"]
    return f" (because of: {', '.join(others)})" if others else ""


def _left_out(source: str, characters: int, reason: str) -> str:
    return f"left out of {source}: {characters} characters, {reason}"


def _cell(value: object, change: Any = None) -> str:  # noqa: ANN401
    """Return a figure as text, with the change beside it."""
    if value is None:
        return "–"
    if isinstance(value, dict):
        changes = change or {}
        return ", ".join(f"{name} {_cell(inner, changes.get(name))}" for name, inner in value.items())
    text = f"{value:.3f}" if isinstance(value, float) else str(value)
    return f"{text} {_signed(change)}" if change else text


def _signed(change: float) -> str:
    """Return +0.02, −0.125 or −3: with its sign, and no more places than a figure has."""
    text = f"{abs(change):.3f}".removesuffix("0") if isinstance(change, float) else str(abs(change))
    return f"{'+' if change > 0 else '−'}{text}"

"""What commands say of what they did: pure functions from results to lines, tables and JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.index.refresh import Refreshed

Table = tuple[str, Sequence[str], Sequence[Sequence[object]]]


def refresh_lines(done: Refreshed, *, dry_run: bool) -> list[str]:
    """Return what changed, what was left out and what the index holds now."""
    changes = done.changes
    lines = [f"+ {source}" for source in changes.added]
    lines += [f"~ {source}" for source in changes.changed]
    lines += [f"→ {old} → {new}" for old, new in changes.renamed]
    lines += [f"− {source}" for source in changes.deleted]
    lines += [f"skipped {file.source}: {file.reason}" for file in done.skipped]
    lines += [_left_out(item.source, len(item.omission.span), item.omission.reason) for item in done.left_out]
    if done.damaged:
        lines.append(f"kept aside: {done.damaged}")
    return [*lines, _summary(done, dry_run=dry_run)]


def refresh_json(done: Refreshed) -> dict[str, Any]:
    """Return the same for machines."""
    changes = done.changes
    return {
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
    }


def evaluation_tables(result: Mapping[str, Any]) -> list[Table]:
    """Return the tables of an evaluation: a row per kind, and the whole."""
    tables: list[Table] = []
    if kinds := result.get("kinds"):
        columns = ["kind", "questions", "refused", "hit@1", "hit@3", "hit@5", "mrr@10"]
        rows = [[kind, *(_cell(row.get(column)) for column in columns[1:])] for kind, row in kinds.items()]
        tables.append(("by kind", columns, rows))
    whole = [(name, _cell(value)) for name, value in result.items() if name != "kinds"]
    tables.append(("in all", ["figure", "value"], whole))
    return tables


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
    return f"{head}{skipped}; {held}, {done.seconds:.2f} s, generation {done.meta.generation}{_because(done)}"


def _because(done: Refreshed) -> str:
    """Name what else than the reports made a build necessary."""
    others = [reason for reason in done.reasons if reason != "corpus"]
    return f" (because of: {', '.join(others)})" if others else ""


def _left_out(source: str, characters: int, reason: str) -> str:
    return f"left out of {source}: {characters} characters, {reason}"


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_cell(inner)}" for name, inner in value.items())
    return str(value)

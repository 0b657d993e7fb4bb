"""What changed between two runs on the same judged questions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.evaluation.history import Run
from bot.evaluation.judged import Judged, Outcome

# What is measured anew each time, or says nothing of the answers.
_NOT_COMPARED = frozenset({"build_s", "query_ms", "index_bytes"})


@dataclass(frozen=True, slots=True)
class Moved:
    """A question whose outcome changed."""

    before: Outcome
    now: Outcome


@dataclass(frozen=True, slots=True)
class Change:
    """What is different from an earlier run.

    Attributes:
        since: The earlier run.
        same_settings: Whether the settings that an answer depends on are the same.
        figures: Differences, now − before, shaped as the figures; what is equal is left out.
        fell: Questions that came to less, the deepest fall first.
        rose: Questions that came to more, the highest rise first.
        new: Questions, or judgements of them, that the earlier run did not have.
        gone: Questions that only the earlier run had.
    """

    since: Run
    same_settings: bool
    figures: Mapping[str, Any]
    fell: tuple[Moved, ...]
    rose: tuple[Moved, ...]
    new: int
    gone: int


def change(before: Run, now: Run) -> Change:
    """Compare two runs; questions are the same when wording and judgement are."""
    fell, rose = moved(before.measured.outcomes, now.measured.outcomes)
    asked = {_key(outcome.judged) for outcome in now.measured.outcomes}
    known = {_key(outcome.judged) for outcome in before.measured.outcomes}
    compared = {name: value for name, value in now.measured.figures.items() if name not in _NOT_COMPARED}
    return Change(
        since=before,
        same_settings=before.settings == now.settings,
        figures=_differences(before.measured.figures, compared),
        fell=fell,
        rose=rose,
        new=len(asked - known),
        gone=len(known - asked),
    )


def moved(before: Iterable[Outcome], now: Sequence[Outcome]) -> tuple[tuple[Moved, ...], tuple[Moved, ...]]:
    """Return the questions that fell and those that rose, the farthest first."""
    earlier = {_key(outcome.judged): outcome for outcome in before}
    pairs = [Moved(earlier[_key(o.judged)], o) for o in now if _key(o.judged) in earlier]
    fell = sorted((p for p in pairs if _gain(p) < 0), key=_gain)
    rose = sorted((p for p in pairs if _gain(p) > 0), key=_gain, reverse=True)
    return tuple(fell), tuple(rose)


def to_json(changed: Change) -> dict[str, Any]:
    """Return it for machines."""
    return {
        "since": changed.since.time.isoformat(),
        "generation": changed.since.measured.generation,
        "same_settings": changed.same_settings,
        "new": changed.new,
        "gone": changed.gone,
        "figures": changed.figures,
        "fell": [moved_json(pair) for pair in changed.fell],
        "rose": [moved_json(pair) for pair in changed.rose],
    }


def moved_json(pair: Moved) -> dict[str, Any]:
    """Return a question that fell or rose for machines."""
    judged = pair.now.judged
    return {
        "id": judged.question_id,
        "kind": judged.kind,
        "question": judged.question,
        "before": said(pair.before),
        "now": said(pair.now),
    }


def said(outcome: Outcome) -> str:
    """Say in a word what a question came to: "refused", "answered", or the rank of what answers it."""
    if not outcome.answered:
        return "refused"
    if not outcome.judged.relevant:
        return "answered"
    return f"rank {outcome.rank}" if outcome.rank else "not found"


def _key(judged: Judged) -> tuple[str, tuple[str, ...]]:
    return judged.question, judged.relevant


def _gain(pair: Moved) -> float:
    return pair.now.worth - pair.before.worth


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return now − before of the numbers in both, also inside of objects, without what is equal."""
    differences: dict[str, Any] = {}
    for name, value in now.items():
        earlier = before.get(name)
        if isinstance(value, Mapping) and isinstance(earlier, Mapping):
            differences[name] = _differences(earlier, value)
        elif isinstance(value, int | float) and isinstance(earlier, int | float):
            differences[name] = round(value - earlier, 4)
    return {name: difference for name, difference in differences.items() if difference}

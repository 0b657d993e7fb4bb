"""Outcomes → figures: how high the relevant passage stands, what was refused, how long it took."""

from collections.abc import Sequence

from bot.evaluation.judged import DEPTH, Outcome

CUTOFFS = (1, 3, 5)


def figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return hit@1, hit@3, hit@5 and mrr@10 over the questions that have an answer, 0..1.

    A hit is a relevant passage among the first k; measured by ir-measures (Success@k, RR@10).
    """
    import ir_measures
    from ir_measures import RR, Success

    ranks = [outcome.rank for outcome in outcomes if outcome.judged.relevant]
    if not ranks:
        return {}
    names = {f"hit@{k}": Success @ k for k in CUTOFFS} | {f"mrr@{DEPTH}": RR @ DEPTH}
    qrels = [ir_measures.Qrel(str(question), "relevant", 1) for question in range(len(ranks))]
    ran = [
        ir_measures.ScoredDoc(str(question), "relevant" if place == rank else str(place), -float(place))
        for question, rank in enumerate(ranks)
        for place in range(1, DEPTH + 1)
    ]
    measured = ir_measures.calc_aggregate(list(names.values()), qrels, ran)
    return {name: round(float(measured[measure]), 4) for name, measure in names.items()}


def refusals(outcomes: Sequence[Outcome]) -> dict[str, float | int]:
    """Return how well "the reports do not say" was told: precision and recall of it, 0..1.

    Precision is over what was refused, recall over what has no answer; 1.0 where there was nothing to tell.
    """
    refused = [outcome for outcome in outcomes if not outcome.answered]
    silent = [outcome for outcome in outcomes if not outcome.judged.relevant]
    right = sum(not outcome.judged.relevant for outcome in refused)
    return {
        "precision": round(right / len(refused), 4) if refused else 1.0,
        "recall": round(right / len(silent), 4) if silent else 1.0,
        "questions": len(silent),
        "refused": len(refused),
    }


def by_kind(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float | int]]:
    """Return figures per kind of question, in order of first appearance."""
    kinds: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        kinds.setdefault(outcome.judged.kind, []).append(outcome)
    return {
        kind: {
            "questions": len(some),
            "refused": sum(not outcome.answered for outcome in some),
            **figures(some),
        }
        for kind, some in kinds.items()
    }


def query_ms(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the 50th and 95th percentile of the time of an answer, in milliseconds."""
    import numpy as np

    times = [outcome.took_ms for outcome in outcomes]
    return {f"p{p}": round(float(np.percentile(times, p)), 3) for p in (50, 95)}


def refused_below(outcomes: Sequence[Outcome], thresholds: Sequence[float]) -> list[float]:
    """Return, for each threshold 0..1, the share of outcomes whose confidence lies below it, 0..1."""
    import numpy as np

    confidences = np.sort([outcome.confidence for outcome in outcomes])
    below = np.searchsorted(confidences, thresholds, side="left")
    return [float(share) for share in below / len(confidences)]

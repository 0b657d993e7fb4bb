"""Fit the constants of bot/search/confidence.py to judged questions, and show what each threshold gives.

    python -m tests.tuning.confidence [--shared ../shared]

Answerable are the judged questions of the sample reports and of the reference compilation. Unanswerable are
those judged so, the questions of unanswerable.txt on both, and questions on Wikipedia. What is printed was
measured by cross-validation: a question is never judged by constants that were fitted to it.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.evaluation import judged as judging
from bot.home import defaults
from bot.search.confidence import Evidence
from bot.settings import Settings
from bot.wiring import Service
from tests.benchmarks.ablation import home_of

Floats = npt.NDArray[np.float64]

SETS = ("cmrc2018-trial", "drcd-dev", "xquad-en-zh-half")
FAR_QUESTIONS, FOLDS, RIDGE = 100, 10, 0.1
# What a question of a kind counts. Far ones and invented ones are many; people ask few of them.
WEIGHTS = {"far": 0.05, "invented": 0.2}


@dataclass(frozen=True, slots=True)
class Case:
    """A question that was asked.

    Attributes:
        found: A relevant passage was among the first three.
    """

    kind: str
    question: str
    answerable: bool
    evidence: Evidence | None
    found: bool


def main() -> None:
    """Print the constants and the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--show", action="store_true", help="print what is judged wrongly at the middle row")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cases = list(_cases(arguments.shared, Path(folder)))
    known = [case for case in cases if case.evidence]
    features = np.array([case.evidence.features() for case in known if case.evidence])
    wanted = np.array([case.answerable for case in known], float)
    weights = np.array([WEIGHTS.get(case.kind, 1.0) for case in known])
    *constants, constant = fitted(features, wanted, weights)
    print("weights", [round(c, 2) for c in constants], "constant", round(constant, 2))
    sure = cross_validated(features, wanted, weights)
    _table(known, sure, [case for case in cases if not case.evidence])
    if arguments.show:
        _wrong(known, sure)


def _cases(shared: Path, folder: Path) -> Iterator[Case]:
    invented = (Path(__file__).parent / "unanswerable.txt").read_text("utf-8").split("\n")
    others = [judging.Judged(q, q, (), "invented") for q in invented if q]
    others += [judging.Judged(q, q, (), "far") for q in _far(shared)]
    sample = judging.read_questions(defaults() / "config" / "questions.jsonl")
    yield from _asked(Service(home_of(folder / "sample", None), Settings(), warn=print), [*sample, *others])
    report = shared / "reports" / "客服年终总结报告.txt"
    if report.exists():
        reference = judging.read_questions(shared / "eval" / "reference-questions.jsonl")
        service = Service(home_of(folder / "reference", report), Settings(), warn=print)
        yield from _asked(service, [*reference, *others])


def _far(shared: Path) -> Iterator[str]:
    chance = random.Random(1)  # noqa: S311
    for name in SETS:
        path = shared / "eval" / name / "questions.jsonl"
        if path.exists():
            questions = [json.loads(line)["question"] for line in path.read_text("utf-8").split("\n") if line]
            yield from chance.sample(questions, FAR_QUESTIONS)


def _asked(service: Service, questions: Sequence[judging.Judged]) -> Iterator[Case]:
    service.refresh()
    opened = service.opened()
    for judged in questions:
        found = opened.searcher.search(judged.question, opened.generation, opened.names, k=3)
        relevant = any(judging.by_substring(judged, hit.passage) for hit in found.hits)
        yield Case(judged.kind, judged.question, bool(judged.relevant), found.evidence, relevant)


def fitted(features: Floats, wanted: Floats, weights: Floats) -> Floats:
    """Return the coefficients of a logistic regression, the constant last; Newton's method, small ridge."""
    given = np.column_stack((features, np.ones(len(features))))
    ridge = RIDGE * np.diag([*[1.0] * features.shape[1], 0.0])
    found = np.zeros(given.shape[1])
    for _ in range(50):
        sure = _logistic(given @ found)
        slope = given.T @ (weights * (wanted - sure)) - ridge @ found
        curve = (given * (weights * sure * (1 - sure))[:, None]).T @ given + ridge
        found += np.linalg.solve(curve, slope)
    return found


def cross_validated(features: Floats, wanted: Floats, weights: Floats) -> Floats:
    """Return each case's confidence by constants fitted to the other folds."""
    fold = np.random.default_rng(1).permutation(len(wanted)) % FOLDS
    sure = np.zeros(len(wanted))
    for number in range(FOLDS):
        rest, here = fold != number, fold == number
        constants = fitted(features[rest], wanted[rest], weights[rest])
        sure[here] = _logistic(np.column_stack((features[here], np.ones(here.sum()))) @ constants)
    return sure


def _logistic(z: Floats) -> Floats:
    return 1 / (1 + np.exp(-z))


def _table(known: Sequence[Case], sure: Floats, nothing: Sequence[Case]) -> None:
    kinds = list(dict.fromkeys(case.kind for case in [*known, *nothing]))
    print("share refused at each threshold; of paraphrases also: found among three and not refused")
    print("threshold", *kinds, "plain", "all", "paraphrases-found", sep="\t")
    cases = [*zip(known, sure, strict=True), *((case, 0.0) for case in nothing)]
    for threshold in np.arange(0.2, 0.82, 0.02):
        refused = [(case, bool(value < threshold)) for case, value in cases]
        shares = [_share([r for c, r in refused if c.kind == kind]) for kind in kinds]
        plain = _share([r for c, r in refused if c.answerable and c.kind != "paraphrase"])
        every = _share([r for c, r in refused if c.answerable])
        kept = _share([c.found and not r for c, r in refused if c.kind == "paraphrase"])
        print(f"{threshold:.2f}", *shares, plain, every, kept, sep="\t")


def _share(told: Sequence[bool]) -> str:
    return f"{sum(told) / len(told):.3f}" if told else "-"


def _wrong(known: Sequence[Case], sure: Floats) -> None:
    for case, value in sorted(zip(known, sure, strict=True), key=lambda pair: pair[1]):
        if case.kind != "far" and case.answerable != (value >= 0.5):
            print(f"{value:.2f}", case.kind, case.question, case.evidence)


if __name__ == "__main__":
    main()

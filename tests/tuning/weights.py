"""Try values of the settings in [search] on every judged set.

    python -m tests.tuning.weights [--shared ../shared] k1=0.6,0.8,1.0 sentence_weight=0.5,0.8

Tries each value alone, or with --grid every combination, beside what is set now. Prints hit@1 and MRR@10 of
the sets of passages and hit@1 and hit@3 per kind of question on the reports, as they are ranked: refusals
play no part. The index is built once. `goal` is the mean of the hits of all columns.
"""

import argparse
import itertools
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from bot.domain import Passage
from bot.evaluation import judged as judging
from bot.evaluation.figures import by_kind
from bot.evaluation.figures import figures as figures_of
from bot.home import defaults
from bot.index.generations import Generation
from bot.search.query import Names
from bot.settings import SearchSettings, Settings
from bot.wiring import Service, index_of
from tests.benchmarks.ablation import SETS, home_of

KINDS = ("keyword", "question", "paraphrase", "english", "traditional", "typo")


@dataclass(frozen=True, slots=True)
class Bench:
    """A judged set, indexed."""

    name: str
    service: Service
    folder: Path
    names: Names
    judged: Sequence[judging.Judged]
    is_relevant: Callable[[judging.Judged, Passage], bool]


def main() -> None:
    """Print a row for each combination."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--grid", action="store_true")
    parser.add_argument("--sets", default=",".join((*SETS, "reference", "sample")))
    parser.add_argument("values", nargs="*")
    arguments = parser.parse_args()
    choices = {name: values.split(",") for name, _, values in (v.partition("=") for v in arguments.values)}
    with tempfile.TemporaryDirectory() as folder:
        benches = [bench(name, arguments.shared, Path(folder)) for name in arguments.sets.split(",")]
        for number, values in enumerate(_combinations(choices, grid=arguments.grid)):
            figures = dict(itertools.chain.from_iterable(_measured(one, values).items() for one in benches))
            if not number:
                print("values", *figures, "goal", sep="\t")
            goal = fmean(value for name, value in figures.items() if "mrr" not in name)
            print(
                values or "as set",
                *(f"{v:.3f}" for v in figures.values()),
                f"{goal:.4f}",
                sep="\t",
                flush=True,
            )


def bench(name: str, shared: Path, folder: Path) -> Bench:
    """Index a judged set, or the reports that judged questions are about."""
    if name in SETS:
        service = Service(home_of(folder / "empty", None), Settings(), warn=print)
        passages = judging.read_passages(shared / "eval" / name / "passages.jsonl")
        ranker, names = index_of(service, passages, folder / name)
        judged = judging.read_questions(shared / "eval" / name / "questions.jsonl")
        return Bench(name, service, ranker.folder, names, judged, judging.by_id)
    report = shared / "reports" / "客服年终总结报告.txt" if name == "reference" else None
    service = Service(home_of(folder / name, report), Settings(), warn=print)
    service.refresh()
    questions = (
        shared / "eval" / "reference-questions.jsonl" if report else defaults() / "config" / "questions.jsonl"
    )
    judged = [one for one in judging.read_questions(questions) if one.relevant]
    opened = service.opened()
    folder = opened.generation.folder
    return Bench(name, service, folder, opened.names, judged, judging.by_substring)


def _combinations(choices: Mapping[str, Sequence[str]], *, grid: bool) -> Iterator[dict[str, float]]:
    yield {}
    if grid:
        for chosen in itertools.product(*choices.values()):
            yield dict(zip(choices, map(float, chosen), strict=True))
        return
    for name, values in choices.items():
        yield from ({name: float(value)} for value in values)


def _measured(one: Bench, values: Mapping[str, float]) -> dict[str, float]:
    search = replace(SearchSettings(), **values)  # type: ignore[arg-type]
    service = Service(one.service.home, replace(Settings(), search=search), warn=print)
    ranker = Generation(one.folder, k1=search.k1, b=search.b)

    def ask(question: str) -> judging.Reply:
        found = service.searcher.search(question, ranker, one.names, k=judging.DEPTH)
        return judging.Reply(bool(found.hits), found.confidence, [hit.passage for hit in found.hits])

    outcomes = judging.run(one.judged, ask, one.is_relevant)
    if one.name in SETS:
        figures = figures_of(outcomes)
        return {f"{one.name[:4]} {name}": figures[name] for name in ("hit@1", "mrr@10")}
    kinds = by_kind(outcomes)
    return {
        f"{one.name[:3]} {kind[:4]} {k}": float(kinds[kind][k]) for kind in KINDS for k in ("hit@1", "hit@3")
    }


if __name__ == "__main__":
    main()

"""What each part of the search is worth: every part off in turn, on every judged set.

    python -m tests.benchmarks.ablation [--shared ../shared]

Prints a table in Markdown. Order is measured as it is ranked, whether or not an answer would be refused:
hit@1 for the sets of passages, hit@3 per kind of question for the reports. Takes a few minutes.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from bot.domain import Passage
from bot.evaluation.figures import by_kind
from bot.evaluation.judged import DEPTH, Reply, by_substring, read_questions, run
from bot.evaluation.measure import on_passages
from bot.home import Home, defaults, fill
from bot.importing import slices, write
from bot.settings import SearchSettings, Settings
from bot.wiring import Service, index_of

OFF: Mapping[str, Mapping[str, float]] = {
    "everything": {},
    "without character pairs": {"char_weight": 0.0},
    "without headings": {"heading_weight": 0.0},
    "without synonyms": {"synonym_weight": 0.0},
    "without near meaning": {"meaning_weight": 0.0},
    "without the best sentence": {"sentence_weight": 0.0},
    "parts of words in full": {"part_weight": 1.0},
    "without intent": {"intent_weight": 0.0},
    "without spreading": {"spread": 1.0},
    "without English phrases' weight": {"phrase_weight": 0.0},
}
SETS = ("cmrc2018-trial", "drcd-dev", "xquad-en-zh-half")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    shared: Path = parser.parse_args().shared
    with tempfile.TemporaryDirectory() as folder:
        rows = [[name, *_measured(shared, Path(folder), off)] for name, off in OFF.items()]
    columns = ["", *_columns()]
    print("| " + " | ".join(columns) + " |")
    print("|" + " --- |" * len(columns))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def _columns() -> list[str]:
    kinds = ("keyword", "question", "paraphrase", "english", "traditional", "typo")
    return [*SETS, *(f"{where} {kind}" for where in ("reference", "sample") for kind in kinds)]


def _measured(shared: Path, folder: Path, off: Mapping[str, float]) -> Iterator[str]:
    search = replace(SearchSettings(), **off)  # type: ignore[arg-type]
    settings = replace(Settings(), search=search)
    for name in SETS:
        service = Service(home_of(folder / "empty", None), settings, warn=_say)
        figures = _order(service, shared / "eval" / name)
        yield f"{figures['hit@1']:.3f}"
    reference = folder / "reference"
    report = shared / "reports" / "客服年终总结报告.txt"
    yield from _kinds(home_of(reference, report), settings, shared / "eval" / "reference-questions.jsonl")
    yield from _kinds(home_of(folder / "sample", None), settings, defaults() / "config" / "questions.jsonl")


def home_of(root: Path, compilation: Path | None) -> Home:
    """Return a home of the sample reports, or of a compilation's; filled when it is new."""
    if not root.exists():
        fill(root, samples=compilation is None)
        if compilation is not None:
            write(slices([compilation], max_bytes=2**20), root / "corpus", force=False)
    return Home(root)


def _order(service: Service, judged: Path) -> Mapping[str, float]:
    result = on_passages(service, judged / "passages.jsonl", judged / "questions.jsonl")
    return {name: float(value) for name, value in result.items() if isinstance(value, float)}


def _kinds(home: Home, settings: Settings, questions: Path) -> Iterator[str]:
    service = Service(home, settings, warn=_say)
    passages = _passages_of(service)
    with tempfile.TemporaryDirectory() as folder:
        generation, names = index_of(service, passages, Path(folder))

        def ask(question: str) -> Reply:
            found = service.searcher.search(question, generation, names, k=DEPTH)
            return Reply(True, found.confidence, [hit.passage for hit in found.hits])

        outcomes = run(read_questions(questions), ask, by_substring)
    for kind, figures in by_kind(outcomes).items():
        if kind != "unanswerable":
            yield f"{figures['hit@3']:.2f}"


def _passages_of(service: Service) -> list[Passage]:
    service.ready(advance=_unseen)
    generation = service.generation()
    return [generation.passage(ordinal) for ordinal in range(generation.size)]


def _unseen() -> Callable[[int, int], None]:
    return lambda _done, _total: None


def _say(line: str) -> None:
    print(line)


if __name__ == "__main__":
    main()

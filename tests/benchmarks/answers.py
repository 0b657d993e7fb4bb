"""Whole answers: from a question to its JSON, each searched for, none kept.

    python -m tests.benchmarks.answers [--sizes 200000] [--reports 10000] [--rounds 5] [--home FOLDER]

Asks the judged questions of the sample reports in a drawn home (`homes`), or in one that is there, as a bot
would: with compiled loops, one question after the other. Prints a table in Markdown.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np

from bot import answer
from bot.evaluation.judged import read_questions
from bot.home import Home
from bot.wiring import Service, assemble
from tests.benchmarks.corpora import ROOT
from tests.benchmarks.homes import write_home

LANGUAGES = {"Chinese": False, "English": True}
"""Whether its questions are written in ASCII."""
Figures = Mapping[str, float]


def measure(home: Path, again: int) -> dict[str, Figures]:
    """Return per language p50 and p95 in milliseconds of questions asked first, and of all asked again.

    Args:
        home: Whose reports; its index is built if need be.
        again: How often all are asked again, > 0; what is returned are medians of the figures of each time.
    """
    # What was found would be kept for who asks the same: nine of ten questions cost nothing then.
    with patch("bot.opening.PASSAGES_KEPT", 0):
        service = assemble(Home(home), os.environ, warn=print, many=True)
        service.ready(advance=lambda: lambda _done, _total: None)
        judged = [one.question for one in read_questions(ROOT / "config" / "questions.jsonl")]
        questions = {
            name: [one for one in judged if one.isascii() == is_english]
            for name, is_english in LANGUAGES.items()
        }
        service.ask("预热")
        rounds = [{name: _asked(service, own) for name, own in questions.items()} for _ in range(again + 1)]
    return {
        name: _percentiles([one[name] for one in rounds[:1]], "first ")
        | _percentiles([one[name] for one in rounds[1:]], "again ")
        for name in LANGUAGES
    }


def _asked(service: Service, questions: Sequence[str]) -> list[float]:
    """Return how long each answer took, milliseconds."""
    times = []
    for question in questions:
        start = time.perf_counter()
        json.dumps(answer.to_json(service.ask(question)), ensure_ascii=False)
        times.append((time.perf_counter() - start) * 1000)
    return times


def _percentiles(rounds: Sequence[Sequence[float]], prefix: str) -> dict[str, float]:
    return {
        f"{prefix}p{percent}": statistics.median(float(np.percentile(times, percent)) for times in rounds)
        for percent in (50, 95)
    }


def table(size: int, figures: Mapping[str, Figures]) -> str:
    """Return the figures in Markdown."""
    columns = list(next(iter(figures.values())))
    rows = [f"\n| {size:,} passages, ms | {' | '.join(columns)} |", "| --- " * (len(columns) + 1) + "|"]
    for name, row in figures.items():
        rows.append(f"| {name} | " + " | ".join(f"{row[column]:.1f}" for column in columns) + " |")
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="200000")
    parser.add_argument("--reports", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--home", type=Path)
    given = parser.parse_args(arguments)
    if given.home:
        size = sum(len(one.passages) for one in assemble(Home(given.home), os.environ, warn=print).reports())
        print(table(size, measure(given.home, given.rounds)), flush=True)
        return
    for size in map(int, given.sizes.split(",")):
        with tempfile.TemporaryDirectory() as name:
            home = Path(name) / "home"
            write_home(size, home, reports=min(given.reports, size))
            print(table(size, measure(home, given.rounds)), flush=True)


if __name__ == "__main__":
    main()

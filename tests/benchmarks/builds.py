"""Builds from text: wenbao's index beside jieba with bm25s, and a refresh after one changed report.

    python -m tests.benchmarks.builds [--sizes 200000] [--reports 10000] [--rounds 1] [--out FOLDER]

Homes are drawn (`homes`), the same for everyone. Every build has a process of its own, for its memory. What
is made once per home, the dictionaries in its cache, is made before. Prints a table in Markdown.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.home import Home
from bot.wiring import Service, assemble
from tests.benchmarks.corpora import ROOT
from tests.benchmarks.homes import write_home

Figures = dict[str, Any]

# A smaller corpus has too few words to need the tables of all words of the dictionaries.
_LARGE_BYTES = 2**20


def wenbao(home: Path) -> Figures:
    """A whole build, with all that belongs to a generation."""
    service = _service(home)
    dictionary = service.sources().dictionary
    dictionary.numbers()
    if sum(report.stat().st_size for report in _reports(home)) > _LARGE_BYTES:
        dictionary.tables()
    return _timed(lambda: service.refresh(full=True))


def refresh(home: Path) -> Figures:
    """A refresh after a report lost a sentence of its middle."""
    reports = _reports(home)
    report = reports[len(reports) // 2]
    blocks = report.read_text("utf-8").split("\n\n")
    middle = len(blocks) // 2
    blocks[middle] = blocks[middle].partition("，")[2] or blocks[middle]
    report.write_text("\n\n".join(blocks), "utf-8")
    service = _service(home)
    before = service.store.current()
    figures = _timed(service.refresh)
    assert not service.state().reasons
    assert service.store.current() != before, f"{report} has nothing to lose any more"
    return figures


def jieba_bm25s(home: Path) -> Figures:
    """The same passages, cut by jieba in search mode and indexed by bm25s; only words, no characters."""
    import bm25s
    import jieba

    from bot.reports.library import load
    from bot.reports.passages import passages

    jieba.initialize()

    def build() -> None:
        library = load(home / "corpus", home, max_bytes=2**25)
        words = [jieba.lcut_for_search(passage.text) for passage in passages(library.reports)]
        index = bm25s.BM25(method="lucene")
        index.index(words, show_progress=False)
        with tempfile.TemporaryDirectory() as folder:
            index.save(folder)

    return _timed(build)


WAYS = {"wenbao": wenbao, "refresh of one report": refresh, "jieba + bm25s": jieba_bm25s}


def _reports(home: Path) -> list[Path]:
    return sorted((home / "corpus").rglob("*.md"))


def _service(home: Path) -> Service:
    return assemble(Home(home), os.environ, warn=print)


def _timed(work: Any) -> Figures:  # noqa: ANN401
    before, start = _cpu_s(), time.perf_counter()
    work()
    seconds, cpu_s = time.perf_counter() - start, _cpu_s() - before
    own, child = (
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    # The largest child as often as there are some: at most so much at once.
    memory = own + child * len(os.sched_getaffinity(0))
    return {"seconds": seconds, "cpu_s": cpu_s, "memory_mb": memory / 1024}


def _cpu_s() -> float:
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def measure(size: int, reports: int, rounds: int, folder: Path) -> dict[str, Figures]:
    """Return the median figures of each way for a home of `size` passages in so many files."""
    home = folder / "home"
    characters = write_home(size, home, reports=reports)
    runs: dict[str, list[Figures]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way, found in runs.items():
            found.append(_spawned(way, home))
    medians = {
        way: {name: statistics.median(run[name] for run in found) for name in found[0]}
        for way, found in runs.items()
    }
    for figures in medians.values():
        figures["characters_s"] = characters / figures["seconds"]
    return medians


def _spawned(way: str, home: Path) -> Figures:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.builds", "--child", way, str(home)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures: Figures = json.loads(ran.stdout.splitlines()[-1])
    return figures


def table(size: int, reports: int, figures: dict[str, Figures]) -> str:
    """Return the figures in Markdown, times also as shares of jieba with bm25s and of the whole build."""
    peers, whole = (figures[way]["seconds"] for way in ("jieba + bm25s", "wenbao"))
    columns = (
        "time",
        "processor time",
        "of jieba + bm25s",
        "of a build",
        "characters a second",
        "most memory",
    )
    title = f"{size:,} passages, {reports:,} reports"
    rows = [f"\n| {' | '.join((title, *columns))} |", "| --- " * (len(columns) + 1) + "|"]
    for way, row in figures.items():
        seconds = row["seconds"]
        cells = [
            f"{seconds:.2f} s",
            f"{row['cpu_s']:.1f} s",
            f"{seconds / peers:.2f}×",
            f"{seconds / whole:.1%}",
        ]
        cells += [f"{row['characters_s'] / 1e6:.2f} million", f"{row['memory_mb']:,.0f} MB"]
        rows.append(f"| {way} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark, or one way of it in this process."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="200000")
    parser.add_argument("--reports", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--child", nargs=2)
    given = parser.parse_args(arguments)
    if given.child:
        way, home = given.child
        print(json.dumps(WAYS[way](Path(home))))
        return
    for size in map(int, given.sizes.split(",")):
        reports = min(given.reports, size)
        with tempfile.TemporaryDirectory() as name:
            figures = measure(size, reports, given.rounds, Path(name))
        print(table(size, reports, figures), flush=True)
        if given.out:
            given.out.mkdir(parents=True, exist_ok=True)
            (given.out / f"builds-{size}.json").write_text(json.dumps(figures, indent=1), "utf-8")


if __name__ == "__main__":
    main()

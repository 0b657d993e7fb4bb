"""Queries, build, disk and memory of wenbao's index beside rank_bm25, bm25s and tantivy.

    python -m tests.benchmarks.engines [--sizes 20000,200000] [--rounds 3] [--text FILE] [--out FOLDER]

All get the same words of the same passages and the same questions. Every engine at every size has a process
of its own, for its memory; rounds go through all engines in turn, so that a busy machine disturbs all alike.
Prints a table in Markdown with ratios; `--out` takes it, the figures as JSON and a plot (`pip install
'.[bench]'`). An engine that is not installed is named and left out; rank_bm25 is asked up to 20,000 passages.
Ends with an error when ours and bm25s, which has the same formula, disagree on a question's best score.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks import corpora
from tests.benchmarks.corpora import ROOT, Corpus

K1, B, TOP = 0.8, 0.5, 10
_RANK_BM25_MOST = 20_000
_WARM_UP = 5

Ask = Callable[[Sequence[str]], Sequence[float]]
Figures = dict[str, Any]


def wenbao(corpus: Corpus, folder: Path, *, build: bool, compiled: bool = True) -> Ask:
    """Our index; `compiled` with numba's loops."""
    from bot.domain import Channel
    from bot.index import postings, writing
    from bot.index.bm25 import GroupedBM25, one_term_groups

    if build:
        writing.write(folder, ({Channel.WORD: words} for words in corpus.passages()))
    ranker = GroupedBM25(postings.Postings(folder), k1=K1, b=B, compiled=compiled)
    return lambda words: [scored.score for scored in ranker.top(one_term_groups(words), TOP)]


def wenbao_numpy(corpus: Corpus, folder: Path, *, build: bool) -> Ask:
    """Our index without compiled loops."""
    return wenbao(corpus, folder, build=build, compiled=False)


def rank_bm25(corpus: Corpus, _folder: Path, *, build: bool) -> Ask:  # noqa: ARG001
    """Keeps nothing on disk: it is built each time."""
    import rank_bm25

    ranker = rank_bm25.BM25Okapi(list(corpus.passages()), k1=K1, b=B)

    def ask(words: Sequence[str]) -> Sequence[float]:
        scores = ranker.get_scores(words)
        best: list[float] = np.sort(scores[np.argpartition(scores, -TOP)[-TOP:]])[::-1].tolist()
        return best

    return ask


def bm25s_numpy(corpus: Corpus, folder: Path, *, build: bool) -> Ask:
    """bm25s as it comes."""
    return _bm25s(corpus, folder, build=build, backend="numpy")


def bm25s_numba(corpus: Corpus, folder: Path, *, build: bool) -> Ask:
    """bm25s with numba."""
    return _bm25s(corpus, folder, build=build, backend="numba")


def _bm25s(corpus: Corpus, folder: Path, *, build: bool, backend: str) -> Ask:
    import bm25s

    if build:
        made = bm25s.BM25(method="lucene", k1=K1, b=B, backend=backend)
        made.index(list(corpus.passages()), show_progress=False)
        made.save(str(folder))
    ranker = bm25s.BM25.load(str(folder), mmap=True)
    ranker.backend = backend
    if backend == "numba":
        ranker.activate_numba_scorer()
    known = ranker.vocab_dict

    def ask(words: Sequence[str]) -> Sequence[float]:
        numbers = [known[word] for word in words if word in known]
        if not numbers:
            return []
        _, scores = ranker.retrieve([numbers], k=TOP, show_progress=False, sorted=True)
        best: list[float] = scores[0].tolist()
        return best

    return ask


def tantivy(corpus: Corpus, folder: Path, *, build: bool) -> Ask:
    """Tantivy; words are given to it joined by spaces, and the text is not stored."""
    import tantivy as library

    schema = library.SchemaBuilder().add_text_field("body", tokenizer_name="whitespace").build()
    if build:
        writer = library.Index(schema, path=str(folder)).writer(heap_size=256_000_000, num_threads=2)
        for words in corpus.passages():
            writer.add_document(library.Document(body=" ".join(words)))
        writer.commit()
        writer.wait_merging_threads()
    index = library.Index(schema, path=str(folder))
    searcher = index.searcher()

    def ask(words: Sequence[str]) -> Sequence[float]:
        terms = [(library.Occur.Should, library.Query.term_query(schema, "body", word)) for word in words]
        found = searcher.search(library.Query.boolean_query(terms), TOP, count=False)
        return [score for score, _ in found.hits]

    return ask


ENGINES: Mapping[str, Callable[..., Ask]] = {
    "wenbao": wenbao,
    "wenbao-numpy": wenbao_numpy,
    "bm25s-numba": bm25s_numba,
    "bm25s-numpy": bm25s_numpy,
    "tantivy": tantivy,
    "rank_bm25": rank_bm25,
}
# Shares the files of another.
SHARED = {"wenbao-numpy": "wenbao", "bm25s-numpy": "bm25s-numba"}


def child(engine: str, data: Path, folder: Path, *, build: bool) -> Figures:
    """Build or open an engine's index, ask every question, and return the figures of it."""
    corpus = Corpus.load(data, whole=build or engine == "rank_bm25")
    start = time.perf_counter()
    ask = ENGINES[engine](corpus, folder, build=build)
    opened = time.perf_counter() - start
    for words in corpus.questions[:_WARM_UP]:
        ask(words)
    times, best = [], []
    for words in corpus.questions:
        start = time.perf_counter()
        scores = ask(words)
        times.append((time.perf_counter() - start) * 1000)
        best.append(float(scores[0]) if len(scores) else 0.0)
    return {
        "build_s" if build else "open_s": opened,
        "p50_ms": float(np.percentile(times, 50)),
        "p95_ms": float(np.percentile(times, 95)),
        "memory_mb": _most_memory_mb(),
        "disk_mb": sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20,
        "best": best,
    }


def disagreements(figures: Mapping[str, Figures]) -> list[str]:
    """Return, in words, where engines with the same formula give other best scores than ours.

    bm25s leaves out the factor k1 + 1 and adds in single precision.
    """
    ours = np.array(figures["wenbao"]["best"])
    factors = {"wenbao-numpy": 1.0, "bm25s-numba": K1 + 1, "bm25s-numpy": K1 + 1}
    found = []
    for engine, factor in factors.items():
        if engine in figures:
            theirs = np.array(figures[engine]["best"]) * factor
            wrong = np.flatnonzero(~np.isclose(ours, theirs, rtol=1e-4))
            found += [f"{engine}, question {i}: {theirs[i]:.6g}, ours {ours[i]:.6g}" for i in wrong]
    return found


def _most_memory_mb() -> float:
    """Return the peak of this process; getrusage would give its parent's where that was higher."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def measure(
    sizes: Sequence[int], engines: Sequence[str], rounds: int, text: Path | None
) -> dict[int, dict[str, Figures]]:
    """Return the median figures per size and engine."""
    results: dict[int, dict[str, Figures]] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            results[size] = _measured(size, engines, rounds, text, Path(name))
        print(_table(size, results[size]), flush=True)
    return results


def _measured(
    size: int, engines: Sequence[str], rounds: int, text: Path | None, folder: Path
) -> dict[str, Figures]:
    data, cache = folder / "data", folder / "cache"
    for made in (data, cache):
        made.mkdir()
    corpus = corpora.taken(size, text, cache=cache) if text else corpora.drawn(size, seed=7, cache=cache)
    corpus.save(data)
    del corpus
    runs: dict[str, list[Figures]] = {}
    for turn in range(rounds + 1):
        for engine in engines:
            if engine == "rank_bm25" and size > _RANK_BM25_MOST:
                continue
            place = folder / SHARED.get(engine, engine)
            build = turn == 0 and engine not in SHARED
            place.mkdir(exist_ok=True)
            if (turn > 0 and engine not in runs) or (turn == 0 and engine in SHARED):
                runs.setdefault(engine, [])
            figures = _spawned(engine, data, place, build=build)
            if figures is not None:
                runs.setdefault(engine, []).append(figures)
    return {engine: _medians(found) for engine, found in runs.items() if found}


def _spawned(engine: str, data: Path, folder: Path, *, build: bool) -> Figures | None:
    arguments = ["--child", engine, str(data), str(folder), "build" if build else "open"]
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.engines", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        last = ran.stderr.strip().splitlines()[-1] if ran.stderr.strip() else f"exit code {ran.returncode}"
        print(f"{engine} is left out: {last}", file=sys.stderr)
        return None
    figures: Figures = json.loads(ran.stdout.splitlines()[-1])
    return figures


def _medians(runs: Sequence[Figures]) -> Figures:
    built = [run for run in runs if "build_s" in run]
    opened = [run for run in runs if "open_s" in run] or built
    middle = {
        key: statistics.median(run[key] for run in opened)
        for key in ("p50_ms", "p95_ms", "memory_mb", "disk_mb")
    }
    extra = {"build_s": built[0]["build_s"], "build_memory_mb": built[0]["memory_mb"]} if built else {}
    opening = {"open_s": statistics.median(run["open_s"] for run in opened)} if "open_s" in opened[0] else {}
    return middle | extra | opening | {"best": runs[0]["best"]}


COLUMNS = {
    "p50_ms": "query p50, ms",
    "p95_ms": "query p95, ms",
    "open_s": "open, s",
    "build_s": "build from words, s",
    "disk_mb": "disk, MB",
    "memory_mb": "memory of queries, MB",
    "build_memory_mb": "memory of the build, MB",
}


def machine() -> str:
    """Return the processor's name and how many cores this process may use."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(os.sched_getaffinity(0))} cores of {names[0] if names else platform.machine()}"


def _table(size: int, figures: Mapping[str, Figures]) -> str:
    base = next(iter(figures))
    rows = [f"\n{size:,} passages; in brackets what it is of {base}'s\n"]
    rows += ["| engine | " + " | ".join(COLUMNS.values()) + " |", "| --- " * (len(COLUMNS) + 1) + "|"]
    for engine, row in figures.items():
        cells = [_cell(row.get(column), figures[base].get(column)) for column in COLUMNS]
        rows.append(f"| {engine} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _cell(value: float | None, base: float | None) -> str:
    if value is None:
        return "–"
    shown = f"{value:.0f}" if value >= 100 else f"{value:.3g}"
    return f"{shown} ({value / base:.2f}×)" if base else shown


def plot(results: Mapping[int, Mapping[str, Figures]], file: Path) -> None:
    """Draw latency, build, disk and memory against the number of passages, as a PNG."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(2, 3, figsize=(13, 7))
    shown = ("p50_ms", "p95_ms", "memory_mb", "build_s", "build_memory_mb", "disk_mb")
    engines = list(dict.fromkeys(name for found in results.values() for name in found))
    for axis, column in zip(axes.flat, shown, strict=True):
        for number, engine in enumerate(engines):
            points = [
                (n, found[engine][column]) for n, found in results.items() if column in found.get(engine, {})
            ]
            if points:
                ours = engine.startswith("wenbao")
                line = (
                    f"C{number}o{'-' if ours else '--'}"  # an engine has one colour, also where others lack
                )
                axis.loglog(*zip(*points, strict=True), line, label=engine)
        axis.set_xlabel("passages")
        axis.set_title(COLUMNS[column], fontsize=10)
        axis.grid(visible=True, alpha=0.3)
    figure.legend(*axes.flat[0].get_legend_handles_labels(), loc="lower center", ncols=len(engines))
    figure.suptitle(f"{machine()}; medians", fontsize=9)
    figure.tight_layout(rect=(0, 0.05, 1, 1))
    figure.savefig(file, dpi=80)
    plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark, or one engine of it in this process."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="20000,200000,1000000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--text", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--child", nargs=4)
    given = parser.parse_args(arguments)
    if given.child:
        engine, data, folder, how = given.child
        print(json.dumps(child(engine, Path(data), Path(folder), build=how == "build")))
        return
    sizes = [int(size) for size in given.sizes.split(",")]
    print(machine())
    results = measure(sizes, given.engines.split(","), given.rounds, given.text)
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / "engines.json").write_text(json.dumps(results, indent=1), "utf-8")
        tables = [machine(), *(_table(*item) for item in results.items())]
        (given.out / "engines.md").write_text("\n".join(tables) + "\n", "utf-8")
        plot(results, given.out / "engines.png")
    if wrong := [line for figures in results.values() for line in disagreements(figures)]:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main()

"""Other processes that make pieces: the same files as without them, and none is left behind."""

import io
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from bot.analysis.recipe import Recipe
from bot.errors import IndexUnavailable
from bot.index import builder, worker, workers
from bot.index.builder import Means
from bot.index.pieces import Corpus
from bot.reports.manifest import Entry
from bot.reports.scanning import scan

TEXT = "接到投诉后当天转派责任部门，三天内回访客户，并写明处理结果。" * 4


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """Some reports, one of them without text."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    for number in range(8):
        (folder / f"{number}.md").write_text(f"# 报告{number}\n\n" + f"{TEXT}\n\n" * (number + 1), "utf-8")
    (folder / "empty.md").write_text("", "utf-8")
    return Corpus(folder, tmp_path, 100_000, 350)


@pytest.fixture
def entries(corpus: Corpus) -> tuple[Entry, ...]:
    """Its files."""
    return scan(corpus.folder, corpus.home, max_bytes=corpus.max_bytes).entries


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    """The analyzer as it comes."""
    (tmp_path / "cache").mkdir()
    return Recipe("auto", (), tmp_path / "cache")


def test_processes_write_the_files_that_one_writes(
    corpus: Corpus,
    entries: tuple[Entry, ...],
    recipe: Recipe,
    means: Means,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Byte for byte, with pieces of a few passages; what reading gave is told alike, and no more is left."""
    monkeypatch.setattr(builder, "_WORTH_PROCESSES", 0)
    monkeypatch.setattr(workers, "_SHARE_BYTES", 1000)
    monkeypatch.setattr(builder, "cores", lambda: 2)
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    alone = Means(lambda _size: recipe.analyzer(), means.sources)
    expected = builder.build_files(entries, corpus, alone, one)
    several = replace(alone, recipe=recipe, memory_mb=0.5)
    told: list[tuple[int, int]] = []
    assert (
        builder.build_files(entries, corpus, several, other, advance=lambda *now: told.append(now))
        == expected
    )
    assert told[-1] == (expected[0]["passages"],) * 2
    assert sorted(path.name for path in other.iterdir()) == sorted(path.name for path in one.iterdir())
    for path in one.iterdir():
        assert path.read_bytes() == (other / path.name).read_bytes(), path.name


def test_shares_of_files_get_smaller_towards_the_end(
    corpus: Corpus, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that no process has much to do when the others are done; each file is in one of them, in order."""
    entries = [Entry(f"{number}.md", "", 100, 0, "") for number in range(100)]
    tasks: list[dict[str, Any]] = []

    def asked(_process: object, task: dict[str, Any]) -> list[str]:
        tasks.append(task)
        return []

    monkeypatch.setattr(workers, "_SHARE_BYTES", 800)
    monkeypatch.setattr(workers, "_asked", asked)
    assert not list(workers.pieces(entries, corpus, recipe, tmp_path, count=2, most_chars=1))
    shares = [task["entries"] for task in sorted(tasks, key=lambda task: task["number"])]
    assert list(chain.from_iterable(shares)) == entries
    sizes = list(map(len, shares))
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1]) == (8, 1)


def started(
    monkeypatch: pytest.MonkeyPatch, then: Callable[[int], None] = lambda _process: None
) -> list[int]:
    """Return the ids of the processes that are started from now on, each of which `then` gets."""
    ids: list[int] = []
    start = workers._started

    def noted() -> object:
        process = start()
        ids.append(process.pid)
        then(process.pid)
        return process

    monkeypatch.setattr(workers, "_started", noted)
    return ids


def is_gone(process: int) -> bool:
    """Tell whether a process has ended and been waited for."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def made(corpus: Corpus, entries: tuple[Entry, ...], recipe: Recipe, tmp_path: Path) -> Iterator[object]:
    """Pieces that are being made."""
    runs = tmp_path / "runs"
    runs.mkdir()
    return workers.pieces(entries, corpus, recipe, runs, count=2, most_chars=500)


def test_processes_end_when_nobody_wants_more(
    made: Iterator[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after Ctrl-C: at once, though there was more to do."""
    monkeypatch.setattr(workers, "_SHARE_BYTES", 1000)
    ids = started(monkeypatch)
    next(made)
    made.close()  # type: ignore[attr-defined]
    assert len(ids) == 2
    assert all(map(is_gone, ids))


def test_a_process_that_was_killed_is_told_of(
    made: Iterator[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a full memory, say: the build fails in one line, and does not wait for ever."""

    def killed(process: int) -> None:
        os.kill(process, signal.SIGKILL)
        os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)

    ids = started(monkeypatch, then=killed)
    with pytest.raises(IndexUnavailable, match="ended with exit code -9"):
        list(made)
    assert all(map(is_gone, ids))


@pytest.mark.parametrize("told", ["", '{"recipe"'])
def test_a_process_that_is_told_nothing_ends(told: str) -> None:
    """Whoever started it was interrupted, or killed, before it had said all."""
    replies = io.StringIO()
    worker.main(io.StringIO(told), replies)
    assert replies.getvalue() == ""

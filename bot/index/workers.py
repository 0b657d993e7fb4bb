"""Processes that read and analyse files side by side; they end with the one that started them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from bot.analysis.recipe import Recipe
from bot.errors import IndexUnavailable
from bot.index.pieces import Corpus, Piece, stored
from bot.reports.manifest import Entry

# A share of files: large ones are merged sooner, small ones at the end keep all processes busy up to it.
_SHARE_BYTES = 4 * 2**20
# glibc gives large arrays back to the system when they are done with, and the next ones are zeroed anew: a
# twentieth of the time. So its processes keep up to 256 MB of them; other libraries take no notice. 32 MB is
# the most that each version allows for the first (mallopt(3)).
_KEEPING = {"MALLOC_MMAP_THRESHOLD_": f"{2**25}", "MALLOC_TRIM_THRESHOLD_": f"{2**28}"}


def pieces(
    entries: Sequence[Entry], corpus: Corpus, recipe: Recipe, folder: Path, *, count: int, most_chars: int
) -> Iterator[Piece]:
    """Yield the pieces of files in order, made by `count` processes.

    Args:
        entries: Of the files.
        corpus: How they are read.
        recipe: Of the analyzer.
        folder: Existing; pieces lie in it.
        count: > 0.
        most_chars: Of one piece.

    Raises:
        IndexUnavailable: A process failed or was ended.
    """
    setup = {
        "recipe": recipe.to_json(),
        "corpus": asdict(corpus),
        "folder": folder,
        "most_chars": most_chars,
    }
    processes: list[subprocess.Popen[str]] = []
    free: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()

    def done(task: dict[str, Any]) -> list[str]:
        process = free.get()
        try:
            return _asked(process, task)
        finally:
            free.put(process)

    tasks = [{"number": number, "entries": share} for number, share in enumerate(_shares(entries, count))]
    executor = ThreadPoolExecutor(count)
    try:
        for _ in range(count):
            processes.append(_started())
            with suppress(BrokenPipeError):  # one that has ended by now is told of when it is asked
                _tell(processes[-1], setup)
            free.put(processes[-1])
        for names in executor.map(done, tasks):
            yield from (stored(folder / name) for name in names)
    finally:
        # Whatever they were at is not wanted any more, unless they are done.
        for process in processes:
            process.kill()
        executor.shutdown(cancel_futures=True)
        for process in processes:
            _ended(process)


def _started() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "bot.index.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=_KEEPING | os.environ,
        process_group=0,  # Ctrl-C in a terminal is for the process that started it, which ends it
    )


def _ended(process: "subprocess.Popen[str]") -> None:
    """Wait for a process that was killed."""
    # What it was still to be told, and never will be, is flushed once more before a pipe is closed.
    with suppress(BrokenPipeError), process:
        pass
    process.wait()


def _asked(process: "subprocess.Popen[str]", task: dict[str, Any]) -> list[str]:
    try:
        _tell(process, task)
        line = process.stdout.readline() if process.stdout else ""
    except BrokenPipeError:
        line = ""
    if not line:
        raise IndexUnavailable(f"a process of the build ended with exit code {process.wait()}; try again")
    reply = json.loads(line)
    if "error" in reply:
        raise IndexUnavailable(f"the build failed: {reply['error']}")
    names: list[str] = reply["pieces"]
    return names


def _tell(process: "subprocess.Popen[str]", message: dict[str, Any]) -> None:
    if process.stdin:
        process.stdin.write(json.dumps(message, default=str) + "\n")
        process.stdin.flush()


def _shares(entries: Sequence[Entry], count: int) -> Iterator[list[Entry]]:
    """Yield shares of files for `count` processes; two for each are left when they begin to be smaller."""
    left = sum(entry.size for entry in entries)
    share: list[Entry] = []
    size = 0
    for entry in entries:
        share.append(entry)
        size += entry.size
        if size >= min(_SHARE_BYTES, max(_SHARE_BYTES // 8, left // (2 * count))):
            yield share
            left -= size
            share, size = [], 0
    if share:
        yield share

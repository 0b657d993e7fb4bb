"""Following the corpus: every change is told of, once, and not before it has settled."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bot import following

from .shell import SCRIPT, TIMEOUT_S, generation, wenbao

Step = Callable[[], object]


class Steps(threading.Event):
    """In place of time that passes: each wait for things to settle does the next step."""

    def __init__(self, steps: Sequence[Step]) -> None:
        super().__init__()
        self._steps = list(steps)

    def wait(self, timeout: float | None = None) -> bool:
        """Do the next step."""
        del timeout
        if self._steps:
            self._steps.pop(0)()
        return self.is_set()

    def later(self, step: Step) -> None:
        """Add a step."""
        self._steps.append(step)


def nothing() -> None:
    """Let time pass without a change."""


def write(path: Path, text: str = "迟到三次要写说明。") -> Step:
    """Return what writes a file."""
    return lambda: path.write_text(text, "utf-8")


def append(path: Path) -> Step:
    """Return what makes a file longer."""

    def grow() -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write("再写一行。\n")

    return grow


def save_by_rename(path: Path, text: str) -> Step:
    """Return what editors do: the new text gets its name when it is complete."""

    def save() -> None:
        aside = path.with_name(f".{path.name}.swp")
        aside.write_text(text, "utf-8")
        aside.replace(path)

    return save


def told(folder: Path, first: Step, *steps: Step) -> list[dict[str, str]]:
    """Do a step after the first yield, the others while it settles; return the files at each yield."""
    stop = Steps([*steps, nothing])
    seen: list[dict[str, str]] = []
    warnings: list[str] = []
    for _ in following.settled((folder,), stop, warn=warnings.append, look_every_s=0.05):
        seen.append({path.name: path.read_text("utf-8") for path in sorted(folder.iterdir())})
        if len(seen) == 1:
            first()
        else:
            stop.set()
    assert warnings == []
    return seen


def test_a_file_that_grows_is_taken_in_when_it_has_settled(tmp_path: Path) -> None:
    """Not half of it."""
    path = tmp_path / "新.md"
    seen = told(tmp_path, append(path), append(path), append(path))
    assert seen == [{}, {"新.md": "再写一行。\n" * 3}]


def test_many_files_that_come_together_are_one_change(tmp_path: Path) -> None:
    """A copy of a folder is no row of changes."""
    steps = [write(tmp_path / f"{number}.md") for number in range(20)]
    seen = told(tmp_path, *steps)
    assert [len(files) for files in seen] == [0, 20]


def test_what_editors_save_by_renaming_is_a_change(tmp_path: Path) -> None:
    """Also when length and time stay the same: it is another file."""
    path = tmp_path / "新.md"
    path.write_text("迟到三次", "utf-8")
    os.utime(path, (1_000_000_000, 1_000_000_000))

    def save() -> None:
        save_by_rename(path, "迟到五次")()
        os.utime(path, (1_000_000_000, 1_000_000_000))

    assert told(tmp_path, save) == [{"新.md": "迟到三次"}, {"新.md": "迟到五次"}]


def test_what_editors_write_beside_a_file_is_none(tmp_path: Path) -> None:
    """Hidden and temporary files are passed over; the change after them is told."""
    beside = [write(tmp_path / name) for name in (".新.md.swp", "新.md~", "~$新.md", "新.md.tmp")]

    def all_of_them() -> None:
        for step in beside:
            step()
        threading.Timer(0.5, write(tmp_path / "新.md")).start()

    first, second = told(tmp_path, all_of_them)
    assert first == {}
    assert "新.md" in second


def test_what_is_moved_or_deleted_is_a_change(tmp_path: Path) -> None:
    """Whole folders as well."""
    (tmp_path / "甲").mkdir()
    (tmp_path / "甲" / "新.md").write_text("迟到", "utf-8")
    stop = Steps([])
    count = 0
    steps = iter(
        [
            lambda: (tmp_path / "甲").rename(tmp_path / "乙"),
            lambda: (tmp_path / "乙" / "新.md").unlink(),
            stop.set,
        ]
    )
    for _ in following.settled((tmp_path,), stop, warn=pytest.fail, look_every_s=0.05):
        count += 1
        next(steps)()
    assert count == 3


@pytest.mark.parametrize("there", [False, True])
def test_where_the_system_tells_of_nothing_it_is_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, there: bool
) -> None:
    """Its limit of watches was reached, or the folder is made later: said once, and looked at again."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError("OS file watch limit reached")

    monkeypatch.setattr("watchfiles.watch", refuse)
    folder = tmp_path / "corpus"
    if there:
        folder.mkdir()

    def appear() -> None:
        folder.mkdir(exist_ok=True)
        write(folder / "新.md")()

    stop = Steps([nothing, appear, nothing, nothing, nothing])
    warnings: list[str] = []
    count = 0
    for _ in following.settled((folder,), stop, warn=warnings.append):
        count += 1
        if count == 2:
            stop.set()
    assert count == 2
    assert len(warnings) == there
    assert all("looking every 10 s" in line for line in warnings)


def test_a_refresh_that_watches_goes_on_until_interrupted(home: Path) -> None:
    """It takes in reports and words, says what it cannot do, and ends with 0 and nothing left behind."""
    running = subprocess.Popen(
        [SCRIPT, "refresh", "--watch", "--home", home],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline().startswith("nothing changed")
        write(home / "corpus" / "新.md", "# 考勤\n\n## 规定\n\n迟到三次要写说明。\n")()
        assert running.stdout.readline() == "+ corpus/新.md\n"
        assert running.stdout.readline().startswith("+1 ~0 −0; 3 reports")
        write(home / "config" / "synonyms.toml", "[[")()
        assert "synonyms.toml" in running.stderr.readline()
        write(home / "config" / "synonyms.toml", "")()
        assert running.stdout.readline().endswith("(because of: lexicon)\n")
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=TIMEOUT_S)
    finally:
        running.kill()
    assert (running.returncode, out, err) == (0, "", "")
    index = home / ".wenbao" / "index"
    assert {path.name for path in index.iterdir() if path.is_file()} == {"current", "lock"}
    assert wenbao("ask", "迟到", "--json", "--home", home).json["generation"] == generation(home)


def test_without_the_library_one_line_says_what_to_install(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2, and nothing was done."""
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert "pip install 'wenbao[watch]'" in wenbao("refresh", "--watch", "--home", home).failed(2)


def test_a_dry_run_cannot_watch(home: Path) -> None:
    """It builds nothing that could change."""
    assert "leave one of them out" in wenbao("refresh", "--watch", "--dry-run", "--home", home).failed(2)

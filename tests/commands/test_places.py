"""Homes that cannot be written, and odd ones: what is there answers, and one line says what is wrong."""

import ctypes
import json
import os
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .shell import SCRIPT, Done, generation, process, wenbao

ASKED = "投诉怎么处理"
NEW = "# 考勤\n\n## 规定\n\n迟到三次要写说明。\n"
# From linux/prctl.h and linux/capability.h.
_PR_CAPBSET_DROP, _OVERRIDES = 24, (1, 2)

# Mounts a disk of a size over a home's private folder, for itself alone, fills it with what was there, and
# refreshes and asks. Prints both exit codes, the answer and what is in the folder of generations.
_ON_A_SMALL_DISK = """
set -e
mount -t tmpfs -o "size=$3" tmpfs "$1/.wenbao"
cp -a "$2/." "$1/.wenbao"
code=0; "$4" refresh --home "$1" >/dev/null || code=$?
echo "$code"
code=0; answer=$("$4" ask 投诉怎么处理 --json --home "$1") || code=$?
echo "$code"
echo "$answer"
ls "$1/.wenbao/index"
"""


def bound_by_rights() -> None:
    """Take from root, whom CI is, what lets it write where nobody may."""
    if os.geteuid() == 0:
        drop = ctypes.CDLL(None, use_errno=True).prctl
        for capability in _OVERRIDES:
            if drop(_PR_CAPBSET_DROP, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "root cannot be bound by rights here")


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Take the right to write to a folder and all in it."""
    paths = [folder, *folder.rglob("*")]
    modes = [path.stat().st_mode for path in paths]
    for path, mode in zip(paths, modes, strict=True):
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in zip(paths, modes, strict=True):
            path.chmod(mode)


def bound(home: Path, *arguments: str) -> Done:
    """Run a command that is bound by rights."""
    return process(*arguments, "--home", home, limit=bound_by_rights)


def within(most_bytes: int) -> Callable[[], None]:
    """Return what lets no file grow further, as a full disk does."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))


def last_line(done: Done) -> str:
    """Return the last line of standard error; before it at most the one that says that it is being built."""
    *first, last = done.err.splitlines()
    assert first in ([], ["wenbao: building the index 正在建立索引"]), done.err
    assert last.startswith("wenbao: ")
    return last


def index(home: Path) -> list[str]:
    """Return the names in the folder of generations."""
    return sorted(path.name for path in (home / ".wenbao" / "index").iterdir())


@pytest.mark.parametrize("folder", [".", ".wenbao"])
def test_an_index_that_is_up_to_date_answers_where_nothing_can_be_written(home: Path, folder: str) -> None:
    """Without a word, also when a cache was never made."""
    shutil.rmtree(home / ".wenbao" / "cache")
    with read_only(home / folder):
        done = bound(home, "ask", ASKED, "--json")
    assert (done.code, done.err) == (0, "")
    assert done.json["hits"][0]["source"] == "corpus/热线.md"


def test_an_outdated_index_answers_where_it_cannot_be_renewed(home: Path) -> None:
    """The old one, and one line says so; commands that must write end with 3, others do not."""
    before = generation(home)
    (home / "corpus" / "新.md").write_text(NEW, "utf-8")
    with read_only(home):
        asked = bound(home, "ask", ASKED, "--json")
        changing = [
            bound(home, *command).failed(3)
            for command in (("refresh",), ("index", "rollback"), ("index", "prune"))
        ]
        looking = [bound(home, "index", command) for command in ("list", "verify")]
    assert (asked.code, asked.json["generation"]) == (0, before)
    lock = home / ".wenbao" / "index" / "lock"
    trouble = f"{lock} cannot be written: Permission denied; give this user the right to write"
    assert last_line(asked) == f"wenbao: {trouble}; until then {before} answers"
    assert changing == [trouble] * 3
    assert [(done.code, before in done.out) for done in looking] == [(0, True)] * 2
    assert wenbao("refresh", "--home", home).code == 0


def test_a_damaged_index_gives_way_to_an_older_one_where_none_can_be_built(home: Path) -> None:
    """Named, and not answered from."""
    older = generation(home)
    (home / "corpus" / "新.md").write_text(NEW, "utf-8")
    assert wenbao("refresh", "--home", home).code == 0
    path = home / ".wenbao" / "index" / generation(home) / "postings.npy"
    path.write_bytes(b"")
    with read_only(home):
        done = bound(home, "ask", ASKED, "--json")
        there_is_none = [bound(home, "index", "verify").code]
    assert (done.code, done.json["generation"], there_is_none) == (0, older, [3])
    assert last_line(done).endswith(f"until then {older} answers")
    assert wenbao("ask", ASKED, "--json", "--home", home).json["generation"] > path.parent.name


def test_without_any_index_there_is_no_answer(unused: Path) -> None:
    """One line: what, where, why."""
    with read_only(unused):
        done = bound(unused, "ask", ASKED)
    assert (done.code, done.out) == (3, "")
    assert f"{unused / '.wenbao'} cannot be made: Permission denied" in last_line(done)


@pytest.mark.parametrize("room", [0, 100, 1_000, 4_000, 16_000, 64_000])
def test_on_a_full_disk_the_old_index_serves_on(home: Path, room: int) -> None:
    """Wherever in the build there is no more room: named, nothing left behind, and all is well with room."""
    wenbao("ask", ASKED, "--home", home)
    before = generation(home)
    (home / "corpus" / "新.md").write_text(NEW, "utf-8")
    failed = process("refresh", "--home", home, limit=within(room)).failed(3)
    assert str(home / ".wenbao" / "index") in failed
    assert "cannot be written: " in failed
    asked = process("ask", ASKED, "--json", "--home", home, limit=within(room))
    assert (asked.code, asked.json["generation"]) == (0, before)
    assert last_line(asked).endswith(f"until then {before} answers")
    assert index(home) == [before, "current", "lock"]
    assert wenbao("refresh", "--home", home).code == 0
    assert generation(home) > before


@pytest.mark.parametrize("room", [0, 20_000, 200_000, 2_000_000])
def test_on_a_small_disk_that_is_full_the_old_index_serves_on(home: Path, room: int) -> None:
    """One of its own with so many bytes free; with less than a new index needs the old one answers."""
    wenbao("ask", ASKED, "--home", home)
    before = generation(home)
    (home / "corpus" / "新.md").write_text(NEW, "utf-8")
    private = home / ".wenbao"
    kept = private.rename(home / "kept")
    private.mkdir()
    pages = sum(-(-path.stat().st_size // 4096) + 1 for path in kept.rglob("*"))
    names = () if os.geteuid() == 0 else ("--map-root-user",)
    disk = [
        *names,
        "--mount",
        "sh",
        "-c",
        _ON_A_SMALL_DISK,
        "sh",
        home,
        kept,
        str(pages * 4096 + room),
        SCRIPT,
    ]
    done = process(*disk, script=Path("/usr/bin/unshare"))
    assert done.code == 0, done
    refreshed, asked, answer, *index = done.out.splitlines()
    assert asked == "0"
    if refreshed == "0":
        assert json.loads(answer)["generation"] > before
        assert room > 100_000
        return
    assert refreshed == "3"
    assert room < 1_000_000
    named, *building, also_asked = done.err.splitlines()
    assert building in ([], ["wenbao: building the index 正在建立索引"])
    assert f"{private / 'index'}" in named
    assert named.endswith("No space left on device; free some space")
    assert json.loads(answer)["generation"] == before
    assert also_asked.endswith(f"until then {before} answers")
    assert index == [before, "current", "lock"]


def test_a_full_disk_can_be_pruned(home: Path) -> None:
    """That needs no room."""
    wenbao("refresh", "--full", "--home", home)
    done = process("index", "prune", "--keep", "1", "--home", home, limit=within(0))
    assert (done.code, done.err) == (0, "")
    assert index(home) == [generation(home), "current", "lock"]


@pytest.mark.parametrize("seconds", [-(2**31), 0, 4_000_000_000])
def test_a_clock_that_jumped_does_not_matter(home: Path, seconds: int) -> None:
    """Reports from 1901, 1970 and 2096 are read, changes of them are seen, and numbers of indexes rise."""
    report = home / "corpus" / "热线.md"
    before = generation(home)
    for text in (report.read_text("utf-8") + "\n## 三、考勤\n\n迟到三次要写说明。\n", NEW):
        report.write_text(text, "utf-8")
        for path in [*home.rglob("*")]:
            os.utime(path, (seconds, seconds), follow_symlinks=False)
        assert wenbao("ask", "迟到", "--json", "--home", home).json["hits"][0]["source"] == "corpus/热线.md"
        assert generation(home) > before
        before = generation(home)
        assert wenbao("refresh", "--home", home).out.startswith("nothing changed")


@pytest.mark.parametrize(
    "name", ["with  two spaces", "家里的报告", "🏠 émile's", "a'b\"c;$(d)&e", "%s {x} [y]", "-x"]
)
def test_a_home_may_have_any_name(home: Path, tmp_path: Path, name: str) -> None:
    """And its reports too; what refers to them gives their names as they are."""
    there = home.rename(tmp_path / name)
    (there / "corpus" / name).mkdir()
    (there / "corpus" / name / f"{name}.md").write_text(NEW, "utf-8")
    assert process("refresh", "--home", there).code == 0
    done = process("ask", "迟到几次", "--json", "--home", there)
    assert (done.code, done.err) == (0, "")
    assert done.json["hits"][0]["source"] == f"corpus/{name}/{name}.md"
    assert process("index", "verify", "--home", there).code == 0
    assert process("index", "rollback", "--home", there).code == 0

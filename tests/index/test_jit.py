"""What numba keeps of compiled loops is used for the files that it was made of, and for no others."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INDEX = ROOT / "bot" / "index"
HELPER = "NUMBER = {}\n"
LOOPS = """
import helper
from bot.index import jit

@jit.compiled
def _answer():
    return helper.NUMBER

def _entry(made_of):
    @jit.entry
    def answer():
        _ = made_of
        return _answer()
    return answer

answer = _entry(jit.checksum(helper))
print(answer(), sum(answer.stats.cache_hits.values()))
"""


def imported(tree: ast.Module) -> dict[str, str]:
    """Return by their names here the modules of the index that a file imports, or from which it does."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "bot.index":
            found |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bot.index."):
            found[str(node.module)] = str(node.module).removeprefix("bot.index.")
    return found


@pytest.mark.parametrize("name", ["loops", "uniting"])
def test_a_checksum_is_of_all_files_that_code_comes_from(name: str) -> None:
    """Those that the loops import, and those that what they call imports."""
    tree, seeking = (ast.parse((INDEX / f"{one}.py").read_text("utf-8")) for one in (name, "seeking"))
    (call,) = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "jit.checksum"
    )
    names = imported(tree)
    summed = {names[ast.unparse(argument)] for argument in call.args}
    assert summed == {*names.values(), *imported(seeking).values()}


def test_a_change_in_another_file_compiles_anew(tmp_path: Path) -> None:
    """Otherwise what was kept is loaded, by the next process."""
    (tmp_path / "loops.py").write_text(LOOPS, "utf-8")
    said = []
    for number in (1, 2, 1):
        (tmp_path / "helper.py").write_text(HELPER.format(number), "utf-8")
        ran = subprocess.run(
            [sys.executable, "loops.py"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        said.append(ran.stdout.split())
    assert said == [["1", "0"], ["2", "0"], ["1", "1"]]

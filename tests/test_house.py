"""The house: who may import whom, what importing does, and what every file has."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(
    path for path in (ROOT / "bot").rglob("*.py") if "home" not in path.relative_to(ROOT / "bot").parts[:-1]
)

# From the ground up; imports go down, or to a neighbour on the same floor that does not import back.
FLOORS = (
    ("bot.errors",),
    ("bot.domain",),
    (
        "bot.settings",
        "bot.settings_loader",
        "bot.home",
        "bot.collecting",
        "bot.cores",
        "bot.credentials",
        "bot.distinct",
        "bot.reports",
        "bot.analysis",
        "bot.lexicon",
    ),
    ("bot.index",),
    ("bot.search",),
    ("bot.answer", "bot.suggest", "bot.journal", "bot.parts"),
    ("bot.opening",),
    ("bot.wiring",),
    (
        "bot.cli",
        "bot.__main__",
        "bot.console",
        "bot.evaluation",
        "bot.doctor",
        "bot.importing",
        "bot.indexing",
        "bot.batches",
        "bot.journaling",
        "bot.reporting",
        "bot.serving",
        "bot.building",
        "bot.watching",
        "bot.following",
        "bot.renewing",
        "bot.spreading",
        "bot.trying",
        "bot.chat",
        "bot.sandbox",
    ),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

# Rooms that open one door only.
DOORS: Mapping[str, frozenset[str]] = {
    "bot.search": frozenset({"bot.index.ranker"}),
    "bot.chat": frozenset({"bot.domain", "bot.errors", "bot.settings", "bot.journal.nouns"}),
    "bot.sandbox": frozenset({"bot.domain", "bot.errors", "bot.settings"}),
}


def module(path: Path) -> str:
    """Return a file's module name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(path): path for path in FILES}


def room(name: str) -> str:
    """Return the part of the house that a module is in: the package's second level."""
    return ".".join(name.split(".")[:2])


def tree(path: Path) -> ast.Module:
    """Parse a file."""
    return ast.parse(path.read_text("utf-8"), str(path))


def imports(path: Path) -> Iterator[str]:
    """Yield every module that a file imports, at its top, in a function or for the types only."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else str(node.module)


IMPORTS = {name: frozenset(imports(path)) for name, path in MODULES.items()}
OURS = {
    name: {other for other in seen if other in MODULES and other != "bot"} for name, seen in IMPORTS.items()
}


@pytest.mark.parametrize("name", [name for name in MODULES if name != "bot"])
def test_imports_point_down(name: str) -> None:
    """Every module has a place in the house and imports from its own or a lower floor."""
    assert room(name) in FLOOR, f"{name} has no place: add {room(name)} to FLOORS"
    above = {other for other in OURS[name] if FLOOR[room(other)] > FLOOR[room(name)]}
    assert above == set()


def test_neighbours_do_not_import_each_other_in_a_ring() -> None:
    """Among packages and modules of a floor there is no way back to where one came from."""
    rooms = {room(name): {room(o) for o in OURS[name]} - {room(name)} for name in MODULES}
    for name in MODULES:
        rooms[room(name)] |= {room(other) for other in OURS[name]} - {room(name)}
    done: set[str] = set()
    while ready := {name for name in rooms if name not in done and rooms[name] <= done}:
        done |= ready
    assert rooms.keys() - done == set()


def test_modules_do_not_import_each_other_in_a_ring() -> None:
    """Nor is there one inside of a package."""
    done: set[str] = set()
    while ready := {name for name in OURS if name not in done and OURS[name] - {name} <= done}:
        done |= ready
    assert OURS.keys() - done == set()


@pytest.mark.parametrize("name", [name for name in MODULES if room(name) in DOORS])
def test_some_rooms_have_one_door(name: str) -> None:
    """Search knows Ranker, never an engine; chat and sandbox know answers, never the index."""
    doors = DOORS[room(name)]
    outside = {other for other in OURS[name] if room(other) != room(name)}
    if room(name) == "bot.search":
        outside = {other for other in outside if room(other) == "bot.index"}
    assert outside <= doors


@pytest.mark.parametrize("name", [name for name in MODULES if room(name) != "bot.chat"])
def test_only_chat_imports_telegram(name: str) -> None:
    """The library is known in one package."""
    assert not [other for other in IMPORTS[name] if other.split(".")[0] == "telegram"]


def alone(tmp_path: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own, whose every folder is `tmp_path`."""
    folders = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
    environ = dict.fromkeys(folders, str(tmp_path)) | {
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )


def test_importing_does_nothing(tmp_path: Path) -> None:
    """All modules together print nothing, write nothing and start no thread."""
    names = sorted(name for name in MODULES if not name.endswith("__main__"))
    code = "import importlib, threading\n"
    code += f"for name in {names}: importlib.import_module(name)\n"
    code += "assert threading.active_count() == 1, threading.enumerate()\n"
    ran = alone(tmp_path, code)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


HEAVY = (
    "telegram",
    "pydantic",
    "rich",
    "asyncio",
    "charset_normalizer",
    "jieba",
    "rjieba",
    "opencc",
    "ir_measures",
    "sqlalchemy",
    "matplotlib",
)
LIGHT = {
    "bot.cli": HEAVY,
    "bot.settings_loader": (*HEAVY, "numpy", "pydantic_settings"),
    "bot.home": (*HEAVY, "numpy", "platformdirs"),
    "bot.analysis.analyzer": (*HEAVY, "numpy"),
    "bot.search.searcher": (*HEAVY, "rank_bm25", "marisa_trie"),
    "bot.index.generations": HEAVY,
    "bot.wiring": HEAVY,
    "bot.evaluation.evaluate": HEAVY,
    "bot.evaluation.check": HEAVY,
    "bot.evaluation.plot": HEAVY,
    "bot.console": HEAVY,
    "bot.indexing": (*HEAVY, "numpy"),
}


@pytest.mark.parametrize("name", [name for name in LIGHT if name in MODULES])
def test_a_question_does_not_pay_for_what_it_does_not_use(tmp_path: Path, name: str) -> None:
    """Libraries that take long to import are imported where they are used."""
    ran = alone(tmp_path, f"import sys, {name}\nprint(*({set(LIGHT[name])!r} & sys.modules.keys()))")
    assert (ran.stdout.split(), ran.stderr) == ([], "")


CODE_FROM_DATA = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle"}


@pytest.mark.parametrize("name", MODULES)
def test_no_data_is_run_as_code(name: str) -> None:
    """No pickle, marshal, shelve, eval or exec; arrays are loaded with pickle refused."""
    assert not IMPORTS[name] & CODE_FROM_DATA
    for node in ast.walk(tree(MODULES[name])):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in {"eval", "exec", "compile", "__import__"}, f"line {node.lineno}"
            if called in {"np.load", "numpy.load"}:
                assert "allow_pickle=False" in ast.unparse(node), f"line {node.lineno}"
            assert "allow_pickle=True" not in ast.unparse(node), f"line {node.lineno}"


def public(node: ast.Module | ast.ClassDef) -> Iterator[tuple[str, ast.AST, str]]:
    """Yield the public classes, functions and methods below a node, each with its class's docstring."""
    described = (ast.get_docstring(node) or "") if isinstance(node, ast.ClassDef) else ""
    for child in node.body:
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if child.name.startswith("_"):
                continue
            yield child.name, child, described
            if isinstance(child, ast.ClassDef):
                yield from public(child)


def is_described_property(child: ast.AST, described: str) -> bool:
    """Tell whether it is a property without a body that its class's docstring describes."""
    return (
        isinstance(child, ast.FunctionDef)
        and [ast.unparse(decorator) for decorator in child.decorator_list] == ["property"]
        and ast.unparse(child.body[-1]) == "..."
        and f"{child.name}: " in described
    )


@pytest.mark.parametrize("name", MODULES)
def test_what_is_public_has_a_docstring(name: str) -> None:
    """Modules, classes, functions and methods whose name has no underscore before it."""
    module_tree = tree(MODULES[name])
    assert ast.get_docstring(module_tree)
    bare = [
        f"{MODULES[name]}:{getattr(child, 'lineno', 0)}: {what}"
        for what, child, described in public(module_tree)
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not ast.get_docstring(child)
        and not is_described_property(child, described)
    ]
    assert bare == []


@pytest.mark.parametrize("name", MODULES)
def test_no_file_is_too_long(name: str) -> None:
    """Beyond 400 lines a file has become two things."""
    assert len(MODULES[name].read_text("utf-8").splitlines()) <= 400


def tracked() -> list[Path]:
    """Return the files under version control."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    listed = subprocess.run(
        [git, "-c", f"safe.directory={ROOT}", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode("utf-8")
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_machines_paths_are_written_down() -> None:
    """A path that exists on one machine only helps nobody else."""
    somewhere = re.compile(r"(?<![\w.~>})\]-])/(?:work|root|home|Users)/\w|(?<![\w.])/tmp/\w")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in tracked()
        if path.suffix not in {".png", ".gif", ".ico"}
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if somewhere.search(line)
    ]
    assert found == []

"""Homes that are built once and copied, and an environment without settings of one's own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.analysis.segment import Segmenter, UserWord, segmenter
from bot.home import Home, fill
from bot.lexicon import sources
from bot.lexicon.sources import Sources
from bot.wiring import Service, assemble
from tests import caches

from .serving import Day, a_day
from .shell import ROOT, SHARED, Done, process, wenbao, without_coverage

COMPLAINTS = """# 热线客服年度总结

## 一、投诉处理

接到投诉先听完，再登记时间、地点和诉求，当天给客户答复，办结后回访。

## 二、回访

每月抽取两成工单回访，问清客户是否满意，不满意的退回重办。
"""
CALLS = """# 外呼小组季度总结

## 一、外呼指标怎么定

外呼指标按座席前三个月的接通量来定，先定人均，再按忙闲时段分摊。

## 二、录音抽查

组长每周抽查十条录音，逐条点评话术。
"""

_Names = dict[str, list[tuple[str, float]]]


@pytest.fixture(autouse=True, scope="session")
def _plain_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No settings, home or token from outside, and a data folder of our own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in tuple(os.environ):
            if name.upper().startswith("WENBAO_") or name == "TELEGRAM_BOT_TOKEN":
                patch.delenv(name)
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        # A dictionary takes longer to load than all the rest of a command, and the domain's names longer to
        # bring into one spelling than all the rest of a small index; processes do their own.
        patch.setattr("bot.analysis.recipe.segmenter", _remembering(segmenter))
        patch.setattr(sources, "_own_names", _remembering_names(sources._own_names))
        yield


def _remembering(load: Callable[..., Segmenter]) -> Callable[..., Segmenter]:
    known: dict[tuple[str, tuple[UserWord, ...]], Segmenter] = {}

    def remembered(engine: str, words: Sequence[UserWord], cache: Path) -> Segmenter:
        key = engine, tuple(words)
        if key not in known:
            known[key] = load(engine, words, cache)
        return known[key]

    return remembered


def _remembering_names(compile_names: Callable[..., _Names]) -> Callable[..., _Names]:
    known: list[tuple[object, _Names]] = []

    def remembered(sources: Sources, *given: object) -> _Names:
        for before, names in known:
            if before == given:
                return names
        names = compile_names(sources, *given)
        known.append((given, names))
        return names

    return remembered


@pytest.fixture(scope="session")
def _beside() -> Iterator[ThreadPoolExecutor]:
    """Does what takes long beside the other tests: what waits, and what computes."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture(scope="session")
def busy_day(
    _beside: ThreadPoolExecutor, sample: Path, tmp_path_factory: pytest.TempPathFactory
) -> Future[Day]:
    """200 questions from 20 chats, on their way."""
    return _beside.submit(a_day, sample, tmp_path_factory.mktemp("day"), dict(os.environ))


@pytest.fixture(scope="session")
def drcd(_beside: ThreadPoolExecutor, tmp_path_factory: pytest.TempPathFactory) -> Future[Done]:
    """The evaluation of 3,524 questions, on its way."""
    return _beside.submit(_evaluate, "drcd-dev", tmp_path_factory.mktemp("drcd"), dict(os.environ))


@pytest.fixture(scope="session")
def cmrc(_beside: ThreadPoolExecutor, tmp_path_factory: pytest.TempPathFactory) -> Future[Done]:
    """The evaluation of 1,002 questions, on its way."""
    return _beside.submit(_evaluate, "cmrc2018-trial", tmp_path_factory.mktemp("cmrc"), dict(os.environ))


@pytest.fixture(scope="session")
def xquad(_beside: ThreadPoolExecutor, tmp_path_factory: pytest.TempPathFactory) -> Future[Done]:
    """The evaluation of English questions on Chinese passages, on its way."""
    return _beside.submit(_evaluate, "xquad-en-zh-half", tmp_path_factory.mktemp("xquad"), dict(os.environ))


# What runs beside the tests gets the environment of the start: a test may change this process's own.


def _evaluate(name: str, root: Path, environ: Mapping[str, str]) -> Done:
    fill(root, samples=False)
    passages, questions = (SHARED / "eval" / name / f"{part}.jsonl" for part in ("passages", "questions"))
    arguments = ("--passages", passages, "--questions", questions, "--json", "--home", root)
    # Thousands of questions run the same lines again and again, at half the speed if each is counted.
    return process("eval", *arguments, base=without_coverage(environ), timeout_s=300.0)


@pytest.fixture(scope="session")
def installed(_beside: ThreadPoolExecutor, tmp_path_factory: pytest.TempPathFactory) -> Future[Path]:
    """An environment with nothing but a wheel of this tree and what it requires, on its way."""
    return _beside.submit(_install, tmp_path_factory.mktemp("wheel"), dict(os.environ))


def _install(folder: Path, environ: Mapping[str, str]) -> Path:
    """Build a wheel in a folder, install it into a new environment and return that."""
    environment = folder / "environment"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    _run(environ, *pip, "wheel", "--no-deps", "--wheel-dir", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    _run(environ, sys.executable, "-m", "venv", "--without-pip", environment)
    _run(environ, *pip, "--python", environment / "bin" / "python", "install", "--no-compile", wheel)
    return environment


def _run(environ: Mapping[str, str], *arguments: str | Path) -> None:
    ran = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=300, env=environ)
    assert ran.returncode == 0, ran.stderr


@pytest.fixture(autouse=True, scope="module")
def _long_ones_first(request: pytest.FixtureRequest, _plain_environment: None) -> None:
    """Start what takes long at once, if a test is going to want it.

    One of several processes that share the tests by file only starts what the file at hand wants.
    """
    items = request.session.items
    if "PYTEST_XDIST_WORKER" in os.environ:
        items = [item for item in items if item.path == request.path]
    wanted = {name for item in items for name in getattr(item, "fixturenames", ())}
    for name in ("busy_day", "drcd", "installed", "cmrc", "xquad"):
        if name in wanted:
            request.getfixturevalue(name)


@pytest.fixture(scope="session")
def sample(pair: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the ten sample reports and their index; only to be read."""
    root = tmp_path_factory.mktemp("sample") / "home"
    fill(root, samples=True)
    _take_cache(pair, root)
    assert wenbao("refresh", "--home", root).code == 0
    return root


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two short reports and their index; only to be read."""
    root = tmp_path_factory.mktemp("pair") / "home"
    _fill_pair(root)
    caches.give(root)
    assert wenbao("refresh", "--home", root).code == 0
    return root


@pytest.fixture(scope="session")
def reference(pair: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the compilation beside the project, imported and indexed; only to be read."""
    if not SHARED.is_dir():
        pytest.skip("the development sets are not beside the project")
    root = tmp_path_factory.mktemp("reference") / "home"
    fill(root, samples=False)
    _take_cache(pair, root)
    assert wenbao("import", "--home", root, *(SHARED / "reports").iterdir()).code == 0
    assert wenbao("refresh", "--home", root).code == 0
    return root


@pytest.fixture
def home(pair: Path, tmp_path: Path) -> Path:
    """A copy of the home with two short reports, free to be changed."""
    return Path(shutil.copytree(pair, tmp_path / "home"))


@pytest.fixture
def unused(tmp_path: Path) -> Path:
    """A home with two short reports that was never used."""
    root = tmp_path / "unused"
    _fill_pair(root)
    return root


@pytest.fixture
def unbuilt(pair: Path, tmp_path: Path) -> Path:
    """A home with two short reports that has no index yet."""
    root = tmp_path / "unbuilt"
    _fill_pair(root)
    _take_cache(pair, root)
    return root


@pytest.fixture
def empty(pair: Path, tmp_path: Path) -> Path:
    """A home without reports."""
    root = tmp_path / "empty"
    fill(root, samples=False)
    _take_cache(pair, root)
    return root


def _fill_pair(root: Path) -> None:
    fill(root, samples=False)
    (root / "corpus" / "热线.md").write_text(COMPLAINTS, "utf-8")
    (root / "corpus" / "外呼.md").write_text(CALLS, "utf-8")


def _take_cache(home: Path, root: Path) -> None:
    """Spare a home the second that making the dictionary's file takes."""
    (root / ".wenbao").mkdir(mode=0o700)
    shutil.copytree(home / ".wenbao" / "cache", root / ".wenbao" / "cache")


@pytest.fixture(scope="session")
def service(sample: Path) -> Service:
    """The assembled service of the sample home."""
    return assemble(Home(sample), {}, warn=lambda line: pytest.fail(line))

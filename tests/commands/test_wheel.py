"""What is installed is what stands in the tree: a wheel in an environment without development tools."""

import subprocess
from concurrent.futures import Future
from pathlib import Path

import pytest

from .shell import TIMEOUT_S, process, wenbao


@pytest.fixture(scope="module")
def environment(installed: Future[Path]) -> Path:
    """The environment, as soon as it is there."""
    return installed.result()


@pytest.fixture(scope="module")
def away(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the checkout with a home that the installed program filled."""
    folder = tmp_path_factory.mktemp("away")
    done = process("init", "home", cwd=folder, script=environment / "bin" / "wenbao")
    assert (done.code, done.err) == (0, "")
    return folder


def test_the_wheel_brings_settings_and_reports(away: Path, sample: Path) -> None:
    """`init` fills a folder with the same files as in the checkout."""
    assert len(list((away / "home" / "corpus").iterdir())) == 10
    for name in ("config", "corpus"):
        ours = {path.name: path.read_bytes() for path in (sample / name).iterdir()}
        assert {path.name: path.read_bytes() for path in (away / "home" / name).iterdir()} == ours


def test_the_installed_program_answers(away: Path, environment: Path, sample: Path) -> None:
    """The same passages as from the checkout, with jieba itself where rjieba is not installed."""
    script = environment / "bin" / "wenbao"
    done = process("ask", "怎么处理投诉", "--home", "home", "--json", cwd=away, script=script)
    assert done.code == 0
    assert "building the index" in done.one_line
    here = wenbao("ask", "怎么处理投诉", "--home", sample, "--json").json
    assert [hit["passage_id"] for hit in done.json["hits"]] == [hit["passage_id"] for hit in here["hits"]]


def test_the_installed_program_is_in_order(away: Path, environment: Path) -> None:
    """The doctor finds nothing wrong, and jieba at work."""
    done = process("doctor", "--home", "home", "--json", cwd=away, script=environment / "bin" / "wenbao")
    assert (done.code, done.err) == (0, "")
    (dictionary,) = (finding for finding in done.json if finding["what"] == "dictionary")
    assert dictionary["found"].endswith("cut by jieba")


def test_development_tools_are_not_required(environment: Path) -> None:
    """Neither pytest nor type checker come along."""
    packages = {path.name.lower() for path in environment.glob("lib/python*/site-packages/*")}
    assert "bot" in packages
    assert packages.isdisjoint(
        {"pytest", "_pytest", "mypy", "ruff", "hypothesis", "bm25s", "tests", "rjieba"}
    )


def test_the_bot_starts_without_development_tools(away: Path, environment: Path) -> None:
    """All that `serve` imports is required by the wheel."""
    ran = subprocess.run(
        [environment / "bin" / "python", "-W", "error", "-c", "import bot.chat.app, bot.serving"],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
        cwd=away,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_chat_page_comes_along(environment: Path) -> None:
    """As three files that no tool has to build."""
    static = environment.glob("lib/python*/site-packages/bot/sandbox/page/static/*")
    assert {path.name for path in static} == {"page.html", "page.css", "page.js"}


def test_without_the_server_s_packages_trying_says_what_to_install(away: Path, environment: Path) -> None:
    """A plain installation has no server; one line, nothing started."""
    done = process("try", "--home", "home", cwd=away, script=environment / "bin" / "wenbao")
    assert done.failed(2) == "wenbao try needs more libraries; run: pip install 'wenbao[try]'"

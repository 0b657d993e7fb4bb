"""Homes of an evaluation."""

import shutil
from pathlib import Path

import pytest

from bot.home import Home
from bot.settings import Settings
from bot.wiring import Service


@pytest.fixture(scope="session")
def _seasoned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose dictionary's file and table of words, which take two seconds, are made."""
    root = tmp_path_factory.mktemp("seasoned")
    (root / "corpus").mkdir()
    Service(Home(root), Settings(), warn=lambda line: pytest.fail(line)).refresh()
    shutil.rmtree(root / ".wenbao" / "index")
    return root


@pytest.fixture
def home(_seasoned: Path, tmp_path: Path) -> Home:
    """A home without reports or an index."""
    return Home(Path(shutil.copytree(_seasoned, tmp_path / "home")))

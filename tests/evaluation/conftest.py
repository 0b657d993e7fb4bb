"""Homes of an evaluation."""

import shutil
from pathlib import Path

import pytest

from bot.home import Home
from tests import caches


@pytest.fixture(scope="session")
def _seasoned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose dictionary's file and table of words, which take seconds, are made."""
    root = tmp_path_factory.mktemp("seasoned")
    (root / "corpus").mkdir()
    caches.give(root)
    return root


@pytest.fixture
def home(_seasoned: Path, tmp_path: Path) -> Home:
    """A home without reports or an index."""
    return Home(Path(shutil.copytree(_seasoned, tmp_path / "home")))

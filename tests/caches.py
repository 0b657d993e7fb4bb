"""What every home makes once of the dictionaries: made once for all homes of a run of the tests.

It takes four seconds. Tests of how it is made use homes that were given nothing.
"""

import shutil
from pathlib import Path

from filelock import FileLock

from bot.home import Home, fill
from bot.wiring import assemble

_place: list[Path] = []


def keep_in(folder: Path) -> None:
    """Keep it in a folder that all processes of the run share; without one nothing is given to anybody."""
    _place[:] = [folder]


def give(root: Path) -> None:
    """Give it to a home that has no cache yet."""
    for folder in _place:
        made = folder / "caches"
        with FileLock(folder / "caches.lock"):
            if not made.is_dir():
                shutil.copytree(_made(folder / "first"), folder / "copying")
                (folder / "copying").rename(made)
        home = Home(root)
        shutil.copytree(made, home.make_private() / "cache")


def _made(root: Path) -> Path:
    fill(root, samples=False)
    (root / "corpus" / "a.md").write_text("# 投诉\n\n投诉处理先登记。\n", "utf-8")
    service = assemble(Home(root), {}, warn=_fail)
    service.refresh()
    service.ask("how to handle complaints")
    return service.cache


def _fail(line: str) -> None:
    raise AssertionError(line)

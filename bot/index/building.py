"""A folder in which a generation is built."""

from collections.abc import Mapping
from concurrent.futures import Executor, Future
from pathlib import Path

from bot.index import checksums
from bot.index.checksums import Sums
from bot.index.unwritable import sync


class Building:
    """A folder that is published when all is in it, or removed.

    Attributes:
        folder: Empty at first.
    """

    def __init__(self, folder: Path, aside: Executor) -> None:
        self.folder = folder
        self._aside = aside
        self._finished: dict[str, Future[Sums]] = {}

    def finish(self, *names: str) -> None:
        """Have files that are whole summed and written to the disk, while others are made."""
        for name in names:
            if name not in self._finished:
                self._finished[name] = self._aside.submit(_finish, self.folder / name)

    def finished(self) -> Mapping[str, Sums]:
        """Return the checksums of these files when they are on the disk; OSError if that cannot be."""
        return {name: done.result() for name, done in self._finished.items()}


def _finish(path: Path) -> Sums:
    sums = checksums.of_file(path)
    sync(path)
    return sums

"""A folder that is built in: its files are summed and on the disk before it is published."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.index import checksums
from bot.index.building import Building


def test_what_is_finished_has_its_checksums(tmp_path: Path) -> None:
    """Each file once, however often it is told to be whole."""
    contents = {"a": b"", "b": b"x", "c": bytes(3 * checksums.BLOCK + 1)}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    with ThreadPoolExecutor(2) as aside:
        building = Building(tmp_path, aside)
        building.finish("a", "c")
        first = building.finished()
        (tmp_path / "a").write_bytes(b"changed")
        building.finish(*contents)
        sums = building.finished()
    assert list(first) == ["a", "c"]
    assert {name: one.tolist() for name, one in sums.items()} == {
        name: checksums.of_bytes(content).tolist() for name, content in contents.items()
    }


def test_what_cannot_be_finished_is_told(tmp_path: Path) -> None:
    """When it is asked for."""
    with ThreadPoolExecutor(1) as aside:
        building = Building(tmp_path, aside)
        building.finish("missing")
        with pytest.raises(FileNotFoundError):
            building.finished()

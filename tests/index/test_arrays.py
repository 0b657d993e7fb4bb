"""Arrays on disk: what is mapped, and what of it is in memory."""

import sys
from pathlib import Path

import numpy as np
import pytest

from bot.index.arrays import fetch, mapped


def _kilobytes_of(path: Path, field: str) -> int:
    """Return what Linux says of this process's map of a file."""
    regions = Path("/proc/self/smaps").read_text("utf-8").split(f"{path}\n")[1:]
    lines = [line for region in regions for line in region.splitlines() if line.startswith(f"{field}:")]
    return int(lines[0].split()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which pages of a file are in memory")
def test_what_is_fetched_is_in_memory(tmp_path: Path) -> None:
    """Opening reads nothing but the header; after `fetch` every page can be read without waiting."""
    path = tmp_path / "array.npy"
    np.save(path, np.arange(2**22, dtype=np.uint32).reshape(-1, 4))
    array = mapped(path)
    assert _kilobytes_of(path, "Rss") < _kilobytes_of(path, "Size") // 2
    fetch([array])
    assert _kilobytes_of(path, "Rss") == _kilobytes_of(path, "Size")


def test_an_array_of_nothing_can_be_fetched(tmp_path: Path) -> None:
    """An index may have no terms."""
    np.save(tmp_path / "array.npy", np.empty((0, 4), np.uint16))
    fetch([mapped(tmp_path / "array.npy")])

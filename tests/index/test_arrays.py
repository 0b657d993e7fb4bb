"""Arrays on disk: what is mapped, and what of it is in memory."""

import errno
import os
import resource
import sys
from pathlib import Path

import numpy as np
import pytest

from bot.index import arrays
from bot.index.arrays import Appended, fetch, mapped


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


@pytest.mark.parametrize("columns", [0, 4])
def test_a_large_array_is_the_one_that_numpy_writes(tmp_path: Path, columns: int) -> None:
    """Also if parts of it went to the disk before it was whole."""
    numbers = np.arange(3 * 2**20, dtype=np.uint64)
    rows = numbers.reshape(-1, columns) if columns else numbers
    np.save(tmp_path / "whole.npy", rows)
    with Appended(tmp_path / "parts.npy", np.uint64, columns=columns) as file:
        for part in np.array_split(rows, 7):
            file.append(part[:5], part[5:])
    assert (tmp_path / "parts.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()


def test_an_error_of_the_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of which a part could not be written is not taken for whole: the system tells that only once."""

    def broken(_file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(arrays, "_sync_data", broken)
    with (
        pytest.raises(OSError, match=os.strerror(errno.EIO)),
        Appended(tmp_path / "a.npy", np.uint64) as file,
    ):
        file.append(np.zeros(2**21, np.uint64))


def test_a_file_that_finds_no_room_is_told(tmp_path: Path) -> None:
    """The system writes as much as there is room for, and tells only the next time that there is no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with (
            pytest.raises(OSError, match=os.strerror(errno.EFBIG)),
            Appended(tmp_path / "a.npy", np.uint64) as file,
        ):
            file.append(np.zeros(20, np.uint64), np.zeros(2**16, np.uint64))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (tmp_path / "a.npy").stat().st_size == 100_000


def test_many_small_parts_are_one_array(tmp_path: Path) -> None:
    """More than a system takes at once."""
    numbers = np.arange(5000, dtype=np.uint32)
    np.save(tmp_path / "whole.npy", numbers)
    with Appended(tmp_path / "parts.npy", np.uint32) as file:
        file.append(*np.split(numbers, 5000), numbers[:0])
    assert (tmp_path / "parts.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()


def test_an_array_of_nothing_can_be_fetched(tmp_path: Path) -> None:
    """An index may have no terms."""
    np.save(tmp_path / "array.npy", np.empty((0, 4), np.uint16))
    array = mapped(tmp_path / "array.npy")
    fetch([array])
    assert array.shape == (0, 4)

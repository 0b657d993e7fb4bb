"""Tables: what was written is read, and what is no table is told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import IndexDamaged
from bot.lexicon.table import Table, write

NewFolder = Callable[[], Path]
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\t\n\x00"), min_size=1, max_size=6
)
PAIRS = st.dictionaries(TEXT, st.integers(0, 1000).map(lambda n: n / 1000), min_size=1, max_size=5)
ENTRIES = st.dictionaries(TEXT, PAIRS, max_size=8)


@given(ENTRIES, TEXT)
def test_what_was_written_is_read(
    new_folder: NewFolder, entries: dict[str, dict[str, float]], other: str
) -> None:
    """Each key's names, heaviest first and ties by name; nothing for any other key."""
    path = new_folder() / "t.marisa"
    write(path, {key: pairs.items() for key, pairs in entries.items()})
    table = Table(path)
    for key, pairs in entries.items():
        assert key in table
        assert table.get(key) == sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    assert (other in table) == (other in entries)
    assert bool(table.get(other)) == (other in entries)


def test_the_order_of_writing_does_not_matter(tmp_path: Path) -> None:
    """One content is one file, byte for byte."""
    write(tmp_path / "one", {"甲": [("x", 1.0), ("y", 0.5)], "乙": [("z", 1.0)]})
    write(tmp_path / "other", {"乙": [("z", 1.0)], "甲": [("y", 0.5), ("x", 1.0)]})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_weights_keep_three_decimals(tmp_path: Path) -> None:
    """More is noise."""
    write(tmp_path / "t", {"甲": [("x", 1 / 3)]})
    assert Table(tmp_path / "t").get("甲") == [("x", 0.333)]


def test_the_beginning_of_a_key_is_not_the_key(tmp_path: Path) -> None:
    """Nor is what goes on behind it."""
    write(tmp_path / "t", {"投诉率": [("x", 1.0)]})
    table = Table(tmp_path / "t")
    assert [table.get(key) for key in ("投诉", "投诉率高", "")] == [[], [], []]


@pytest.mark.parametrize(
    "content", [None, b"", b"no table", b"\x00" * 4096], ids=["none", "empty", "text", "zeros"]
)
def test_what_is_no_table_is_damage(tmp_path: Path, content: bytes | None) -> None:
    """And the file is named."""
    path = tmp_path / "t.marisa"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(IndexDamaged, match=r"t\.marisa cannot be opened"):
        Table(path)

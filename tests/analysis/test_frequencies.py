"""jieba's dictionary as a mapped table."""

import json
from pathlib import Path

import pytest

from bot.analysis.frequencies import Frequencies


def test_words_have_the_frequencies_of_the_dictionary(frequencies: Frequencies) -> None:
    """As its file lists them; what is no word has none, and the sum is of all lines, as jieba's."""
    import jieba

    with (Path(jieba.__file__).parent / "dict.txt").open(encoding="utf-8") as lines:
        listed = [(line.split(" ")[0], int(line.split(" ")[1])) for line in lines]
    by_word = dict(listed)
    for word in ("投诉", "的", "客服", "一五一十"):
        assert frequencies[word] == by_word[word]
    assert frequencies["投拆"] == 0
    assert frequencies.total == sum(frequency for _, frequency in listed)


@pytest.mark.parametrize("content", [None, b"", b"not a table", b"\x00" * 64, json.dumps({}).encode()])
def test_a_file_that_is_no_table_is_made_again(tmp_path: Path, content: bytes | None) -> None:
    """As is a missing one; nothing else is left beside it."""
    if content is not None:
        Frequencies(tmp_path)
        (made,) = tmp_path.iterdir()
        made.unlink()
        made.write_bytes(content)
    assert Frequencies(tmp_path)["投诉"] > 0
    assert len(list(tmp_path.iterdir())) == 1

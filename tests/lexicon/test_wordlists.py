"""Word lists: what a line may be, and where a mistake is told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.segment import UserWord
from bot.errors import SettingsError
from bot.lexicon.wordlists import DEFAULT_FREQUENCY, dictionary, stop_words

CONFIG = Path(__file__).parents[2] / "config"


def listed(folder: Path, content: str | bytes) -> Path:
    """Write a list and return its path."""
    path = folder / "words.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_words_have_a_frequency_or_the_usual_one(tmp_path: Path) -> None:
    """In the order of the file."""
    words = dictionary(listed(tmp_path, "首解率\n外呼 5\n\t工单  1000000  \n"))
    assert words == (
        UserWord("首解率", DEFAULT_FREQUENCY),
        UserWord("外呼", 5),
        UserWord("工单", 1_000_000),
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_an_editor_of_another_system_does_no_harm(tmp_path: Path, newline: str, mark: str) -> None:
    """A byte order mark and any line ends are not parts of words."""
    content = mark + newline.join(["首解率", "# 外呼", "", "工单 7", ""])
    assert dictionary(listed(tmp_path, content)) == (
        UserWord("首解率", DEFAULT_FREQUENCY),
        UserWord("工单", 7),
    )
    assert stop_words(listed(tmp_path, content)) == {"首解率", "工单", "7"}


def test_comments_and_blank_lines_do_not_count(tmp_path: Path) -> None:
    """A comment may stand behind an entry."""
    path = listed(tmp_path, "# calls\n\n   \n首解率 # first call\n#\n")
    assert dictionary(path) == (UserWord("首解率", DEFAULT_FREQUENCY),)
    assert stop_words(path) == {"首解率"}


def test_of_two_lines_for_a_word_the_later_counts(tmp_path: Path) -> None:
    """A word is listed once."""
    assert dictionary(listed(tmp_path, "外呼 5\n工单\n外呼 9\n")) == (
        UserWord("外呼", 9),
        UserWord("工单", DEFAULT_FREQUENCY),
    )


@pytest.mark.parametrize(
    "line",
    ["外呼 0", "外呼 -1", "外呼 1000001", "外呼 1.5", "外呼 many", "外呼 5 n", "外呼 ５", "外呼 ²", "外 呼"],
)
def test_a_bad_frequency_is_named_with_its_line(tmp_path: Path, line: str) -> None:
    """File, line, the range and what stands there."""
    path = listed(tmp_path, f"# words\n\n首解率\n{line}  # why\n")
    with pytest.raises(SettingsError) as caught:
        dictionary(path)
    assert str(caught.value).startswith(f"{path}:4: ")
    assert "1 to 1000000" in str(caught.value)
    assert line in str(caught.value)


@pytest.mark.parametrize("read", [dictionary, stop_words])
def test_a_file_that_is_not_utf_8_says_so(tmp_path: Path, read: type) -> None:
    """A list saved in a Chinese code page is not guessed at."""
    path = listed(tmp_path, "首解率".encode("gb18030"))
    with pytest.raises(SettingsError, match="is not UTF-8; save the file as UTF-8") as caught:
        read(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("read", [dictionary, stop_words])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, read: type) -> None:
    """Missing, or a folder."""
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(SettingsError, match="cannot be read") as caught:
            read(path)
        assert str(path) in str(caught.value)


def test_stop_words_stand_several_a_line_in_lower_case(tmp_path: Path) -> None:
    """As questions are compared: without case."""
    assert stop_words(listed(tmp_path, "怎么 如何\u3000请问\nWhat IS\n")) == {
        "怎么",
        "如何",
        "请问",
        "what",
        "is",
    }


@given(
    st.dictionaries(
        st.text("首解率外呼工单abc", min_size=1, max_size=4), st.integers(1, 1_000_000), max_size=8
    )
)
def test_what_is_listed_is_read(tmp_path_factory: pytest.TempPathFactory, words: dict[str, int]) -> None:
    """Any words and frequencies come back."""
    content = "".join(f"{word} {frequency}\n" for word, frequency in words.items())
    path = listed(tmp_path_factory.mktemp("lists"), content)
    assert dict(dictionary(path)) == words
    assert stop_words(path) == words.keys() | {str(frequency) for frequency in words.values()}


def test_the_lists_that_come_with_the_program_are_read() -> None:
    """The dictionary has words of the trade, the stop words those of asking."""
    assert UserWord("首解率", DEFAULT_FREQUENCY) in dictionary(CONFIG / "dictionary.txt")
    assert {"怎么", "如何", "what"} <= stop_words(CONFIG / "stopwords.txt")

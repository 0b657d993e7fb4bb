"""CC-CEDICT: words are found where they lie on disk, with what they mean."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lexicon.cedict import Cedict
from bot.lexicon.english import Stemmer

NewFolder = Callable[[], Path]
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=4)


@pytest.fixture(scope="module")
def cache(dictionaries: Path, new_folder: NewFolder) -> Path:
    """A folder with the dictionary's files."""
    folder = new_folder()
    for path in dictionaries.glob("cedict-*"):
        shutil.copy(path, folder)
    return folder


@pytest.fixture(scope="module")
def lines(cache: Path) -> dict[str, str]:
    """The definitions of each word, as the file has them."""
    (file,) = cache.glob("*.txt")
    rows = (line.split("\t", 1) for line in file.read_text("utf-8").splitlines())
    return {row[0]: row[1] for row in rows}


def stems(cedict: Cedict, word: str) -> list[tuple[str, ...]]:
    """Return the meanings of a word."""
    return [gloss.stems for gloss in cedict.glosses(word)]


def test_the_file_is_in_the_order_of_its_bytes(lines: dict[str, str]) -> None:
    """As searching by halves needs; a word stands once, all are Han, and a last line says it is whole."""
    words = [word.encode() for word in lines]
    assert words == sorted(words)
    assert len(words) > 100_000
    *han, end = lines
    assert end == "\U0010ffff"
    assert all(re.fullmatch("[\u3400-\u9fff]+", word) for word in han)


def test_words_are_found(cedict: Cedict, lines: dict[str, str]) -> None:
    """The first, the last and any between."""
    words = [*lines]
    for word in (words[0], words[-1], *words[::97]):
        assert word in cedict, word


@given(HAN)
def test_what_is_not_there_is_not_found(cedict: Cedict, lines: dict[str, str], word: str) -> None:
    """For any word the answer is that of reading the whole file."""
    assert (word in cedict) == (word in lines)
    assert cedict.glosses(word) == [] or word in lines


@pytest.mark.parametrize(
    "word", ["", "a", "complaint", "投诉\t", "\n", "投", "鿿鿿", "㐀㐀", "不存在词", "😀"]
)
def test_parts_and_other_scripts_are_no_words(cedict: Cedict, lines: dict[str, str], word: str) -> None:
    """Unless they are words themselves."""
    assert (word in cedict) == (word in lines)


def test_words_mean_what_the_dictionary_says(cedict: Cedict) -> None:
    """In stems, without a leading "to" or article, the first meaning first."""
    assert stems(cedict, "投诉")[:2] == [("complaint",), ("complain",)]
    assert stems(cedict, "处理")[:2] == [("handl",), ("deal", "with")]
    assert ("follow", "up") in stems(cedict, "跟进")


def test_how_a_word_is_written_is_no_meaning(lines: dict[str, str]) -> None:
    """Nor its measure words, its readings or what it is short for."""
    form = re.compile(r"^(CL:|see |variant of|old variant of|also written|Taiwan pr\.|surname )")
    assert not [text for text in lines.values() if any(map(form.match, text.split("/")))]


@given(st.data())
def test_glosses_are_well_formed(cedict: Cedict, lines: dict[str, str], data: st.DataObject) -> None:
    """One to six stems, a weight in (0, 1], and the first meaning of a word weighs no less than the later."""
    word = data.draw(st.sampled_from([*lines][::53]))
    glosses = cedict.glosses(word)
    for gloss in glosses:
        assert 1 <= len(gloss.stems) <= 6
        assert all(stem and not re.search(r"[\s()\[\]/;]", stem) for stem in gloss.stems)
        assert 0 < gloss.weight <= 1
    assert glosses == cedict.glosses(word)


def test_the_files_are_made_once(cache: Path, stemmer: Stemmer) -> None:
    """Another opening reads it as it lies there, and nothing else is left in the folder."""
    made = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in cache.iterdir()}
    again = Cedict(cache, stemmer)
    assert {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in cache.iterdir()} == made
    assert len(made) == 2
    assert "投诉" in again


def test_an_open_dictionary_outlives_its_file(cache: Path, new_folder: NewFolder, stemmer: Stemmer) -> None:
    """Whoever clears the cache harms no running program, and the next one makes the files again."""
    folder = new_folder()
    shutil.copytree(cache, folder, dirs_exist_ok=True)
    first = Cedict(folder, stemmer)
    content = {path: path.read_bytes() for path in folder.iterdir()}
    for path in content:
        path.unlink()
    assert "投诉" in first
    assert first.said(["complaint"]) > 0
    Cedict(folder, stemmer)
    assert {path: path.read_bytes() for path in folder.iterdir()} == content


@pytest.mark.parametrize("content", [None, b"", b"no table", b"\x00" * 64, "投诉\tcompl".encode()])
@pytest.mark.parametrize("kind", ["txt", "marisa"])
def test_a_damaged_file_is_noticed(
    cache: Path,
    new_folder: NewFolder,
    stemmer: Stemmer,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    content: bytes | None,
) -> None:
    """As is a missing one, and both are made again; here copied, since to make them takes seconds."""
    folder = new_folder()
    shutil.copytree(cache, folder, dirs_exist_ok=True)
    (file,) = folder.glob(f"*.{kind}")
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    made: list[Path] = []

    def make(_cedict: Cedict, *paths: Path) -> None:
        made.extend(paths)
        for path in paths:
            shutil.copy(cache / path.name, path)

    monkeypatch.setattr(Cedict, "_write", make)
    assert "投诉" in Cedict(folder, stemmer)
    assert {path.suffix for path in made} == {".txt", ".marisa"}


@pytest.mark.parametrize(
    ("common", "seldom"), [("make", "complaint"), ("complaint", "jury"), ("time", "cafeteria")]
)
def test_english_is_counted_in_definitions(
    cedict: Cedict, stemmer: Stemmer, common: str, seldom: str
) -> None:
    """Words that people use more stand in more of them."""
    assert cedict.said([stemmer(common)]) > cedict.said([stemmer(seldom)]) > 0
    assert cedict.size > cedict.said([stemmer(common)])


def test_phrases_are_those_that_mean_one_word(cedict: Cedict, stemmer: Stemmer) -> None:
    """In order and whole; words that merely stand together are none."""
    assert cedict.said(stemmer.phrase("follow up")) > 0
    assert cedict.said(stemmer.phrase("world cup")) > 0
    assert cedict.said(stemmer.phrase("up follow")) == 0
    assert cedict.said(["no such stem"]) == 0


def test_a_file_that_cannot_be_written_leaves_nothing(
    new_folder: NewFolder, stemmer: Stemmer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not half a dictionary."""
    folder = new_folder()

    def full(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("bot.lexicon.cedict._definitions", lambda: {"投诉": ["to complain"]})
        patch.setattr(Path, "replace", full)
        with pytest.raises(OSError, match="disk full"):
            Cedict(folder, stemmer)
    assert [*folder.iterdir()] == []

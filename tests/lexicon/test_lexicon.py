"""The lexicon: what the words of a question are called in one index."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.frequencies import Frequencies
from bot.domain import Name
from bot.errors import IndexDamaged
from bot.lexicon.cedict import Cedict
from bot.lexicon.compiling import compile_words
from bot.lexicon.english import Stemmer
from bot.lexicon.lexicon import FILES, Lexicon
from bot.lexicon.sources import Sources, compile_own

NewFolder = Callable[[], Path]
WORDS = {
    word: df
    for df, words in {
        1: "抱怨 诉求 雨季 巡查 泵房 zendesk 首解率",
        2: "处理 解决 应对 班长 培训 训练 补偿 赔偿 道歉 客",
        5: "投诉 客户 顾客 服务 客服 电话 问题 kpi",
    }.items()
    for word in words.split()
}


def compile_into(folder: Path, sources: Sources, words: Iterable[str]) -> None:
    """Write all tables of some words."""
    words = list(words)
    compile_own(folder, sources, [word for word in words if word.isascii()])
    compile_words(folder, sources.cedict, words)


@pytest.fixture(scope="module")
def new_lexicon(
    new_folder: NewFolder, cedict: Cedict, frequencies: Frequencies
) -> Callable[[Sources, dict[str, int]], Lexicon]:
    """Compiles and opens a lexicon."""

    def make(sources: Sources, words: dict[str, int]) -> Lexicon:
        folder = new_folder()
        compile_into(folder, sources, words)
        return Lexicon(folder, cedict, frequencies, lambda word: words.get(word, 0))

    return make


NewLexicon = Callable[[Sources, dict[str, int]], Lexicon]


@pytest.fixture(scope="module")
def lexicon(new_lexicon: NewLexicon, sources: Sources) -> Lexicon:
    """The lexicon of some words with the names that come with the program."""
    return new_lexicon(sources, WORDS)


@pytest.fixture(scope="module")
def own(new_lexicon: NewLexicon, sources: Sources) -> Lexicon:
    """A lexicon with a few names of its own."""
    group = (Name("投诉", 1.0), Name("客诉", 0.8), Name("抱怨", 0.5))
    other = (Name("投訴", 1.0), Name("ＶＩＰ", 0.9))
    glossary = {
        "complaint": (Name("投诉", 1.0), Name("客訴", 0.9)),
        "customer complaint": (Name("客诉", 1.0),),
    }
    return new_lexicon(replace(sources, synonyms=lambda: (group, other), glossary=lambda: glossary), WORDS)


def weights(names: list[Name] | tuple[Name, ...]) -> dict[str, float]:
    """Return names with their weights."""
    return {name.term: name.weight for name in names}


def test_synonyms_stand_for_each_other(own: Lexicon) -> None:
    """Each for each, with the product of their weights, heaviest first; a word is none of its own."""
    assert own.synonyms("投诉") == [
        Name("vip", 0.9, "synonym"),
        Name("客诉", 0.8, "synonym"),
        Name("抱怨", 0.5, "synonym"),
    ]
    assert weights(own.synonyms("客诉")) == {"投诉": 0.8, "抱怨": 0.4}
    assert weights(own.synonyms("抱怨")) == {"投诉": 0.5, "客诉": 0.4}


def test_names_are_in_the_spelling_of_the_index(own: Lexicon) -> None:
    """Traditional, full-width and upper-case ones too."""
    assert weights(own.synonyms("vip")) == {"投诉": 0.9}
    assert own.synonyms("ＶＩＰ") == own.synonyms("投訴") == []
    assert "客诉" in weights(own.translations(["complaint"]))


def test_the_glossary_goes_before_the_dictionary(own: Lexicon) -> None:
    """What both know has the glossary's weight; the rest is the dictionary's and stands in the index."""
    names = own.translations(["complaint"])
    assert names[:2] == [Name("投诉", 1.0, "glossary"), Name("客诉", 0.9, "glossary")]
    assert {name.source for name in names[2:]} == {"dictionary"}
    assert {name.term for name in names[2:]} <= WORDS.keys()
    assert len({name.term for name in names}) == len(names)


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("customer", "顾客"),
        ("customers", "客户"),
        ("to train", "训练"),
        ("trained", "培训"),
        ("apologize", "道歉"),
        ("rainy season", "雨季"),
    ],
)
def test_the_dictionary_knows_what_is_in_the_index(
    new_lexicon: NewLexicon, sources: Sources, stemmer: Stemmer, phrase: str, expected: str
) -> None:
    """Without a glossary, in whatever form the English is asked, with or without small words."""
    lexicon = new_lexicon(replace(sources, synonyms=tuple, glossary=dict), WORDS)
    stems = [stem for stem in stemmer.phrase(phrase) if stem != "to"]
    found = weights(lexicon.translations(stems))
    assert expected in found
    assert all(0 < weight <= 1 for weight in found.values())
    assert found.keys() <= WORDS.keys()
    assert lexicon.knows(stems)


def test_a_phrase_of_the_glossary_is_known_whole(own: Lexicon) -> None:
    """In the order of its words."""
    assert own.knows(["custom", "complaint"])
    assert weights(own.translations(["custom", "complaint"]))["客诉"] == 1.0
    assert not own.knows(["complaint", "custom"])
    assert own.translations(["complaint", "custom"]) == []
    assert not own.knows(["qwertz"])
    assert not own.knows([])


def test_a_synonym_is_no_english_phrase(own: Lexicon) -> None:
    """Both lie in one table, and neither is taken for the other."""
    assert own.synonyms("complaint") == own.synonyms("custom complaint") == []
    assert own.translations(["投诉"]) == []
    assert not own.knows(["vip"])


def test_what_is_a_word(own: Lexicon) -> None:
    """Of the dictionary or of the domain."""
    assert own.is_word("天气")
    assert own.is_word("客诉")
    assert not own.is_word("投拆")


def test_only_what_is_no_word_is_repaired(own: Lexicon) -> None:
    """A proper word is meant, though the index lacks it."""
    assert "投诉" in weights(own.repairs("投拆"))
    assert own.repairs("天气") == own.repairs("投诉") == own.repairs("客诉") == []


@pytest.mark.parametrize(
    ("word", "near"), [("顾客", "客户"), ("训练", "培训"), ("赔偿", "补偿"), ("客人", "顾客")]
)
def test_words_of_near_meaning_are_found(lexicon: Lexicon, word: str, near: str) -> None:
    """By what the dictionary says of both; the word itself need not be in the index."""
    assert near in weights(lexicon.related(word, most=5, least=0.1))


@given(
    st.sampled_from([*WORDS, "天气", "补救", "不存在词", "", "abc", "员工"]),
    st.integers(1, 8),
    st.floats(0.05, 1.0),
)
def test_nearness_is_ordered_and_bounded(lexicon: Lexicon, word: str, most: int, least: float) -> None:
    """Nearest first, none below the bar or above 1, none twice, all in the index, never the word itself."""
    names = lexicon.related(word, most=most, least=least)
    assert len(names) <= most
    assert all(least <= name.weight <= 1.0 for name in names)
    assert [*names] == sorted(names, key=lambda name: (-name.weight, name.term))
    assert {name.source for name in names} <= {"meaning"}
    assert word not in weights(names)
    assert weights(names).keys() <= WORDS.keys()
    assert len(weights(names)) == len(names)


@given(st.sampled_from([*WORDS]), st.integers(1, 6))
def test_fewer_near_words_are_the_nearest(lexicon: Lexicon, word: str, most: int) -> None:
    """Asking for more adds at the end."""
    assert lexicon.related(word, most=most, least=0.1) == lexicon.related(word, most=9, least=0.1)[:most]


@given(st.sampled_from([*WORDS]), st.sampled_from([*WORDS]))
def test_nearness_is_mutual(lexicon: Lexicon, one: str, other: str) -> None:
    """As near one way as the other, to the decimals that are kept."""
    there = weights(lexicon.related(one, most=99, least=0.01)).get(other, 0.0)
    back = weights(lexicon.related(other, most=99, least=0.01)).get(one, 0.0)
    assert there == pytest.approx(back, abs=0.012)


def test_a_guessed_word_is_nobodys_meaning(new_lexicon: NewLexicon, sources: Sources) -> None:
    """干的 stands in the index because the segmenter put it together; who writes 干得 means no 干的."""
    guessing = new_lexicon(sources, {"干的": 3, "投诉": 3})
    assert guessing.repairs("赶的") == []
    assert weights(guessing.repairs("投拆")).keys() == {"投诉"}


def test_common_words_stand_together_unmistyped(new_lexicon: NewLexicon, sources: Sources) -> None:
    """先做 sounds like 现做, but it is 先 and 做."""
    both = new_lexicon(sources, {"现做": 3, "现坐": 3})
    assert both.repairs("先做") == []
    assert weights(both.repairs("xianzuo")).keys() == {"现做"}


def test_an_index_of_nothing_has_only_the_domains_names(new_lexicon: NewLexicon, sources: Sources) -> None:
    """Nothing is near, nothing is translated by the dictionary, nothing is repaired."""
    empty = new_lexicon(replace(sources, synonyms=tuple, glossary=dict), {})
    assert [*empty.related("投诉", most=5, least=0.1)] == []
    assert empty.translations(["complaint"]) == empty.synonyms("投诉") == empty.repairs("投拆") == []
    assert not empty.knows(["complaint"])
    assert empty.is_word("投诉")


def test_one_input_makes_the_same_files(new_folder: NewFolder, sources: Sources) -> None:
    """Byte for byte, whatever the order of the words."""
    one, other = new_folder(), new_folder()
    compile_into(one, sources, WORDS)
    compile_into(other, sources, dict(reversed(WORDS.items())))
    for name in FILES:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_gone_is_named(
    new_folder: NewFolder, sources: Sources, cedict: Cedict, frequencies: Frequencies, name: str
) -> None:
    """A lexicon without one of its tables does not open, or not when it is first asked for a repair."""
    folder = new_folder()
    compile_into(folder, sources, {"投诉": 1})
    (folder / name).unlink()
    with pytest.raises(IndexDamaged, match=name):
        Lexicon(folder, cedict, frequencies, lambda word: word == "投诉").repairs("投拆")

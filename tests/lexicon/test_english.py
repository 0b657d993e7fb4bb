"""English words: one form each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lexicon.english import SMALL_STEMS, Stemmer, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How to handle Complaints?", ["how", "to", "handle", "complaints"]),
        ("the customer's e-mail", ["the", "customer's", "e", "mail"]),
        ("3.5 points, 24h", ["3.5", "points", "24h"]),
        ("End. Next", ["end", "next"]),
        ("投诉 KPI 指标", ["kpi"]),
        ("", []),
        ("……", []),
    ],
)
def test_words_are_letters_and_figures(text: str, expected: list[str]) -> None:
    """In lower case and in order; other scripts and marks are left out."""
    assert words(text) == expected


@pytest.mark.parametrize(
    "forms",
    [
        "complaint complaints complaint's complaints' complaint’s",
        "handle handles handled handling",
        "go goes going went gone",
        "sell sells sold selling",
        "child children children's",
        "person people",
        "leave left leaving",
        "set sets setting",
        "answer answers answered answering",
    ],
)
def test_forms_of_a_word_have_one_stem(stemmer: Stemmer, forms: str) -> None:
    """Regular and irregular ones, and possessives."""
    assert len({stemmer(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("complaint", "compliment"), ("customer", "custody"), ("train", "strain"), ("lose", "loose")],
)
def test_other_words_have_other_stems(stemmer: Stemmer, one: str, other: str) -> None:
    """However alike they look."""
    assert stemmer(one) != stemmer(other)


def test_a_phrase_is_the_stems_of_its_words(stemmer: Stemmer) -> None:
    """In order, whatever stands between them."""
    phrase = stemmer.phrase("How to Handle Customers' complaints?")
    assert list(phrase) == [stemmer(word) for word in ("how", "to", "handle", "customer", "complaint")]


def test_small_words_are_known_by_their_stems(stemmer: Stemmer) -> None:
    """Those that say nothing of a gloss, in the forms in which glosses have them."""
    for word in ("the", "to", "of", "has", "does", "was", "sth", "one's"):
        assert stemmer(word) in SMALL_STEMS, word
    for word in ("complaint", "service", "handle"):
        assert stemmer(word) not in SMALL_STEMS


@given(st.text(max_size=20))
def test_a_stem_is_no_longer_empty_or_upper(stemmer: Stemmer, text: str) -> None:
    """Of any text: as many stems as words, none empty, all in lower case."""
    stems = list(stemmer.phrase(text))
    assert len(stems) == len(words(text))
    assert all(stem and stem == stem.lower() for stem in stems)


@given(st.lists(st.sampled_from(["complaint", "customers", "went", "3.5", "the"]), max_size=5))
def test_phrases_are_made_word_by_word(stemmer: Stemmer, parts: list[str]) -> None:
    """And in the same way each time."""
    assert list(stemmer.phrase(" ".join(parts))) == [stemmer(part) for part in parts]

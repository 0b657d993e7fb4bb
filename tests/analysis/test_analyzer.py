"""Analysing: words and characters of a text, each with its place."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.analyzer import Analyzer, Terms

ROOT = Path(__file__).parents[2]
PASSAGES = [
    line
    for path in sorted((ROOT / "corpus").glob("*.md"))
    for line in path.read_text("utf-8").split("\n")
    if line
]
MIXED = st.lists(
    st.one_of(
        st.sampled_from(PASSAGES).map(lambda text: text[:20]),
        st.sampled_from(
            [
                "ＫＰＩ",
                "E-mail",
                "3.5",
                "95598",
                " ",
                "😀",
                "é",
                "e\u0301",
                "㎏",
                "½",
                "𠮷",
                "投訴",
                "_",
                "\x00",
            ]
        ),
        st.text(max_size=4).filter(str.isprintable),
    ),
    max_size=6,
).map("".join)


def words(terms: Terms) -> list[str]:
    """Return the words without their places."""
    return [term.text for term in terms.words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.5", ["3.5"]),
        ("95598", ["95598"]),
        ("３Ｇ网络", ["3g", "网络"]),
        ("E-mail", ["e-mail"]),
        ("c++11", ["c", "11"]),
        ("R&D don't", ["r&d", "don't"]),
        ("snake_case", ["snake_case"]),
        ("12345热线", ["12345", "热线"]),
        ("KPI考核", ["kpi", "考核"]),
        ("2024-05-01", ["2024-05-01"]),
        ("50％", ["50"]),
        ("v1.0.", ["v1.0"]),
        ("投訴処理，KPI！", ["投诉", "処", "理", "kpi"]),
        ("Café", ["café"]),
        ("½", ["1", "2"]),
        ("_ - . +", []),
        ("……😀！？", []),
        ("", []),
    ],
)
def test_words_of_every_script(analyzer: Analyzer, text: str, expected: list[str]) -> None:
    """Latin words and figures keep what joins them inside; marks and emoji are no words."""
    assert words(analyzer(text)) == expected


def test_characters_are_single_ones_and_pairs_of_a_run(analyzer: Analyzer) -> None:
    """Pairs do not reach over anything that is not a Han character."""
    terms = analyzer("投訴率a高，低")
    assert [term.text for term in terms.characters] == ["投", "投诉", "诉", "诉率", "率", "高", "低"]


def test_places_are_in_the_text_as_it_was_given(analyzer: Analyzer) -> None:
    """Though terms are normalised, their spans slice what was written."""
    text = "重５㎏的投訴，Cafe\u0301！"
    places = [(term.text, text[term.span.start : term.span.end]) for term in analyzer(text).words]
    assert places == [("重", "重"), ("5kg", "５㎏"), ("的", "的"), ("投诉", "投訴"), ("café", "Cafe\u0301")]


@given(MIXED)
def test_a_place_contains_its_term(analyzer: Analyzer, text: str) -> None:
    """Normalised again, the slice has the term in it; spans are non-empty and inside."""
    terms = analyzer(text)
    for term in (*terms.words, *terms.characters):
        assert 0 <= term.span.start < term.span.end <= len(text)
        assert term.text in analyzer.normalize(text[term.span.start : term.span.end]).text


@pytest.mark.parametrize("path", sorted((ROOT / "corpus").glob("*.md")), ids=lambda path: path.stem[:2])
def test_a_place_is_its_term_where_nothing_expands(analyzer: Analyzer, path: Path) -> None:
    """In the sample reports the slice, normalised again, is exactly the term."""
    text = path.read_text("utf-8")
    terms = analyzer(text)
    assert len(terms.words) > 300
    for term in (*terms.words, *terms.characters):
        assert analyzer.normalize(text[term.span.start : term.span.end]).text == term.text


@given(MIXED)
def test_tokens_are_the_terms_without_places(analyzer: Analyzer, text: str) -> None:
    """What is indexed is what a question of the same text looks up."""
    terms = analyzer(text)
    assert analyzer.tokens(text) == (words(terms), [term.text for term in terms.characters])


@given(MIXED)
def test_terms_are_fit_for_the_vocabulary(analyzer: Analyzer, text: str) -> None:
    """No term is empty or has white space or a NUL, which the vocabulary cannot tell apart."""
    for part in analyzer.tokens(text):
        assert not [term for term in part if not term or re.search(r"[\s\x00\ud800-\udfff]", term)]


@given(MIXED)
def test_every_han_character_is_a_term(analyzer: Analyzer, text: str) -> None:
    """The second channel has each of them, in order; the first covers each of them."""
    normalized = analyzer.normalize(text).text
    han = re.findall("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]", normalized)
    part_words, characters = analyzer.tokens(text)
    assert [c for c in characters if len(c) == 1] == han
    assert set(han) <= set("".join(part_words))


@given(MIXED)
def test_one_text_has_one_analysis(analyzer: Analyzer, text: str) -> None:
    """Again, it is the same; and width, case and composition of the text do not matter."""
    assert analyzer(text) == analyzer(text)
    assert analyzer.tokens(analyzer.normalize(text).text) == analyzer.tokens(text)

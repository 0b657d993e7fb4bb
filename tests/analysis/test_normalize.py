"""Normalising: one spelling, and from every character of it the way back."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.normalize import Normalizer
from bot.domain import Span

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"

AWKWARD = "ＫＰｉ投訴處理①㎏…éÉe\u0301か\u3099ﬁİ℡½㍿𠮷😀\ufeff\u200b ​ß\u0344\u1100\u1161，。aZ9"
ANY = st.text(st.one_of(st.sampled_from(AWKWARD), st.characters(exclude_categories=["Cs"])), max_size=30)
# What reports and questions are written with; lower case of some rarer Latin letters has a composed form
# that the upper case lacks, so that there a second pass may still compose.
USUAL = st.text(
    st.sampled_from(
        "ＫＰＩｋ９％（投訴處理率客户①②㎏㎡…—·“”，。、：；！？（）／－～éÉüÜﬁ℡½㍿𠮷😀 \n\tazAZ09.-_/%"
    ),
    max_size=30,
)

plain = Normalizer(lambda text: text)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ＫＰＩ投訴處理", "kpi投诉处理"),
        ("第①條", "第1条"),
        ("５０㎏", "50kg"),
        ("等等…", "等等..."),
        ("Café", "café"),
        ("Cafe\u0301", "café"),
        ("か\u3099", "が"),
        ("好的😀👍🏽", "好的😀👍🏽"),
        ("𠮷野家的工單", "𠮷野家的工单"),
        ("ﬁle", "file"),
        ("½", "1⁄2"),
        ("㍿", "株式会社"),
        ("Ａ\u3000Ｂ", "a b"),
        ("\ufa0e", "﨎"),
        ("", ""),
        ("\x00", "\x00"),
    ],
)
def test_what_a_reader_takes_as_the_same_has_one_spelling(
    normalizer: Normalizer, written: str, read: str
) -> None:
    """Width, case, ligatures, composition and Traditional characters do not count."""
    assert normalizer(written).text == read


@pytest.mark.parametrize(
    ("written", "piece", "original"),
    [
        ("重㎏数", "kg", "㎏"),
        ("重㎏数", "g", "㎏"),
        ("重㎏数", "数", "数"),
        ("a…b", "..", "…"),
        ("Cafe\u0301s", "é", "e\u0301"),
        ("Cafe\u0301s", "cafés", "Cafe\u0301s"),
        ("投訴ＫＰＩ", "kpi", "ＫＰＩ"),
        ("😀𠮷㎏野", "野", "野"),
        ("①②", "12", "①②"),
        ("好か\u3099", "が", "か\u3099"),
    ],
)
def test_a_piece_leads_back_to_what_was_written(
    normalizer: Normalizer, written: str, piece: str, original: str
) -> None:
    """Also when one character became several, or several became one."""
    normalized = normalizer(written)
    start = normalized.text.index(piece)
    span = normalized.original(start, start + len(piece))
    assert written[span.start : span.end] == original


@given(ANY)
def test_the_characters_tile_the_original(text: str) -> None:
    """Every character leads back to a non-empty span inside; the spans rise and leave nothing out."""
    normalized = plain(text)
    spans = [normalized.original(i, i + 1) for i in range(len(normalized.text))]
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert spans == sorted(spans, key=lambda span: (span.start, span.end))
    assert {at for span in spans for at in range(span.start, span.end)} == set(range(len(text)))
    assert normalized.original_length == len(text)


@given(ANY, st.data())
def test_a_piece_spans_from_its_first_to_its_last_character(text: str, data: st.DataObject) -> None:
    """The span of a piece is that of its characters taken together."""
    normalized = plain(text)
    if normalized.text:
        start = data.draw(st.integers(0, len(normalized.text) - 1))
        end = data.draw(st.integers(start + 1, len(normalized.text)))
        first, last = normalized.original(start, start + 1), normalized.original(end - 1, end)
        assert normalized.original(start, end) == Span(first.start, last.end)


@given(ANY)
def test_each_character_comes_from_where_it_leads(text: str) -> None:
    """Normalising only what a character leads back to gives that character."""
    normalized = plain(text)
    for i, character in enumerate(normalized.text):
        span = normalized.original(i, i + 1)
        assert character in plain(text[span.start : span.end]).text


@given(ANY)
def test_folding_is_nfkc_and_lower_case_of_pieces(text: str) -> None:
    """Pieces are characters with their marks; one at a time, the library's own functions give the same."""
    pieces: list[str] = []
    for character in text:
        if pieces and character in MARKS and pieces[-1][0] not in MARKS:
            pieces[-1] += character
        else:
            pieces.append(character)
    assert plain(text).text == "".join(unicodedata.normalize("NFKC", piece).lower() for piece in pieces)


MARKS = frozenset(map(chr, (*range(0x300, 0x370), 0x3099, 0x309A)))


@given(USUAL)
def test_a_spelling_is_its_own_spelling(text: str) -> None:
    """Normalising twice changes nothing more."""
    once = plain(text).text
    again = plain(once)
    assert again.text == once
    assert again.origins is None


def changes(normalizer: Normalizer, texts: list[str]) -> set[tuple[str, str]]:
    """Return what a second pass makes of characters that the first one gave."""
    pairs = set()
    for text in texts:
        once = normalizer(text).text
        pairs |= {(a, b) for a, b in zip(once, normalizer(once).text, strict=True) if a != b}
    return pairs


def test_reports_are_their_own_spelling(normalizer: Normalizer) -> None:
    """Conversion to Simplified included, the sample reports do not change a second time."""
    texts = [path.read_text("utf-8") for path in (ROOT / "corpus").glob("*.md")]
    assert len(texts) == 10
    assert changes(normalizer, texts) == set()


def test_judged_passages_are_their_own_spelling(normalizer: Normalizer) -> None:
    """Nor do judged passages, but for what OpenCC takes for a part of a name (於單冠灣) the first time."""
    lines = [
        line
        for path in sorted(SHARED.glob("eval/*/passages.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    if not lines:
        pytest.skip("no judged sets beside the project")
    assert changes(normalizer, [json.loads(line)["text"] for line in lines]) <= {("於", "于"), ("徵", "征")}


@given(st.text(st.sampled_from("abcXYZ投诉率客户ＫＰＩ，。 \n😀𠮷é"), max_size=30))
def test_equal_lengths_need_no_map(text: str) -> None:
    """When each character stays one character, offsets are the same and no map is kept."""
    normalized = plain(text)
    assert normalized.origins is None
    assert len(normalized.text) == len(text)
    assert all(normalized.original(i, i + 1) == Span(i, i + 1) for i in range(len(text)))


def test_a_conversion_that_changes_the_length_is_applied_by_character() -> None:
    """A phrase of another length would tear the offsets: single characters are converted, or kept."""
    phrases = {"甚麼": "啥", "麼": "么", "甚": "什么"}

    def convert(text: str) -> str:
        for old, new in phrases.items():
            text = text.replace(old, new)
        return text

    normalized = Normalizer(convert)("说甚麼话")
    assert normalized.text == "说甚么话"
    assert normalized.original(2, 3) == Span(2, 3)


@given(st.lists(st.text(st.sampled_from("說甚麼話後\n。"), max_size=6), max_size=5))
def test_many_texts_are_converted_as_each_alone(texts: list[str]) -> None:
    """Also beside one that a phrase makes shorter or longer, which is converted by character."""
    phrases = {"甚麼": "啥", "麼": "么", "說": "说", "後。": "后来。"}

    def convert(text: str) -> str:
        for old, new in phrases.items():
            text = text.replace(old, new)
        return text

    normalizer = Normalizer(convert)
    assert list(normalizer.simplified_each(texts)) == list(map(normalizer.simplified, texts))


@given(
    st.lists(
        st.text(st.one_of(st.sampled_from("乾後徵夥臺灣裡\n，"), st.characters(exclude_categories=["Cs"])))
    )
)
def test_many_texts_are_simplified_in_one_call(normalizer: Normalizer, texts: list[str]) -> None:
    """OpenCC finds no phrase across the line feeds that divide them."""
    assert list(normalizer.simplified_each(texts)) == list(map(normalizer.simplified, texts))


@pytest.mark.parametrize("text", ["\udcff", "投诉\ud800处理", "\udfff\ud83d"])
def test_half_a_surrogate_pair_does_no_harm(normalizer: Normalizer, text: str) -> None:
    """A terminal or a JSON line can hand over half a pair; its neighbours are normalised all the same."""
    normalized = normalizer(text)
    assert len(normalized.text) == len(text)
    assert [c for c in normalized.text if "\u4e00" <= c <= "\u9fff"] == [
        c for c in text if "\u4e00" <= c <= "\u9fff"
    ]

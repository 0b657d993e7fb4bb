"""Laws of an answer's message: whatever the passages hold, Telegram takes it and shows it as it stood."""

from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.language import Catalog, Phrases
from bot.chat.render import MESSAGE_UNITS, answer_html, units
from bot.domain import Answer, Hit, Passage, Span
from bot.sandbox.markup import parse_html
from bot.sandbox.texts import MAX_ENTITIES, MAX_SOURCE_BYTES, read_text

PIECES = [
    "<b>",
    "</b>",
    "</blockquote>",
    "&amp;",
    "&#0;",
    "👩‍👩‍👧",
    "😀",
    "\ud800",
    "\x00",
    "\r\n",
    "\u202e",
    "。",
    "投诉",
    '"',
    "`",
]

texts = st.one_of(
    st.text(st.characters(codec=None), max_size=400),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=200).map("".join),
    st.tuples(st.sampled_from(PIECES), st.integers(1, 4096)).map(lambda pair: (pair[0] * pair[1])[:4096]),
)
spans = st.lists(st.tuples(st.integers(0, 4200), st.integers(0, 40)), max_size=150).map(
    lambda pairs: tuple(Span(start, start + length) for start, length in pairs)
)


def hit(
    text: str, *marks: Span, report: str = "客服报告", section: tuple[str, ...] = ("一、投诉", "(一) 处理")
) -> Hit:
    passage = Passage("p1", "r1", report, section, "corpus/a.md", 0, len(text), text)
    return Hit(passage, 1.0, 1, marks)


def answer(*hits: Hit) -> Answer:
    return Answer("问题", bool(hits), 1.0, "g1", 1.0, hits)


@pytest.fixture(scope="module")
def zh() -> Phrases:
    return Catalog().of("zh-hans")


def quoted(html: str) -> list[str]:
    """The quotations of a message, as a reader sees them."""
    text, entities = parse_html(html)
    raw = text.encode("utf-16-le")
    return [
        raw[2 * one.offset : 2 * one.end].decode("utf-16-le") for one in entities if one.kind == "blockquote"
    ]


def bold(html: str) -> list[str]:
    """The bold words of a message."""
    text, entities = parse_html(html)
    raw = text.encode("utf-16-le")
    return [raw[2 * one.offset : 2 * one.end].decode("utf-16-le") for one in entities if one.kind == "bold"]


@settings(deadline=None)
@given(
    st.lists(
        st.builds(hit, texts, report=texts, section=st.lists(texts, max_size=6).map(tuple)),
        min_size=1,
        max_size=4,
    ),
    spans,
)
def test_any_answer_is_a_message(hits: list[Hit], marks: tuple[Span, ...]) -> None:
    """Any passages, titles and marks give a message within Telegram's limits."""
    marked = [Hit(one.passage, one.score, one.rank, marks) for one in hits]
    html = answer_html(answer(*marked), Catalog().of("zh"))
    text, _ = read_text(html, "HTML", ())
    parsed, entities = parse_html(html)
    assert text
    assert units(parsed) <= MESSAGE_UNITS
    assert len(entities) <= MAX_ENTITIES
    assert len(html.encode()) < MAX_SOURCE_BYTES


@settings(deadline=None)
@given(texts.filter(lambda text: len(text) <= 350), spans)
def test_a_passage_of_usual_length_is_quoted_whole(text: str, marks: tuple[Span, ...]) -> None:
    """A passage stands in its quotation to the letter; only what cannot be sent is replaced, one for one."""
    html = answer_html(answer(hit(text, *marks)), Catalog().of("en"))
    shown = (quoted(html) or [""])[0]
    assert len(shown) == len(text)
    assert all(
        a == b or a < " " or a == "\x7f" or "\ud800" <= a <= "\udfff"
        for a, b in zip(text, shown, strict=True)
    )


@settings(deadline=None)
@given(st.lists(texts, min_size=3, max_size=3))
def test_a_shortened_passage_is_a_beginning(passages: list[str]) -> None:
    """What is quoted is the passage or a beginning of it and an ellipsis."""
    html = answer_html(answer(*map(hit, passages)), Catalog().of("zh"))
    whole = [text.translate({code: " " for code in (*range(32), 127) if code != 10}) for text in passages]
    plain = ["".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text) for text in whole]
    for shown, text in zip(quoted(html), filter(None, plain), strict=True):
        assert shown == text or text.startswith(shown.removesuffix("…"))


def test_the_matched_words_are_bold(zh: Phrases) -> None:
    """Highlights count code points, also behind an emoji and within what must be escaped."""
    text = "😀 <投诉> & 回访"
    html = answer_html(answer(hit(text, Span(3, 5), Span(9, 11))), zh)
    assert bold(html) == ["投诉", "回访"]
    assert "&lt;<b>投诉</b>&gt; &amp; <b>回访</b>" in html


def test_marks_that_touch_or_overlap_are_one(zh: Phrases) -> None:
    """Unordered, touching, overlapping, empty and overlong spans make sound markup."""
    html = answer_html(answer(hit("一二三四五六", Span(4, 99), Span(0, 2), Span(1, 3), Span(3, 3))), zh)
    assert bold(html) == ["一二三", "五六"]


def test_the_head_names_report_and_sections(zh: Phrases) -> None:
    """Each passage is headed by its number, report and section path."""
    html = answer_html(answer(hit("甲"), hit("乙", report="A&B", section=("A&B",))), zh)
    assert "1. 《客服报告》 › 一、投诉 › (一) 处理\n<blockquote>甲" in html
    assert "2. 《A&amp;B》\n<blockquote>乙" in html


def test_a_report_without_title_is_named_by_its_file(zh: Phrases) -> None:
    """An empty title leaves no empty brackets, an empty heading no empty step."""
    assert "1. 《corpus/a.md》 › 二\n" in answer_html(answer(hit("甲", report=" ", section=("", "二"))), zh)


def test_long_titles_and_paths_are_cut(zh: Phrases) -> None:
    """A title is cut at its end, a path loses its outermost headings."""
    html = answer_html(
        answer(hit("甲", report="长" * 300, section=("外" * 300, "中" * 300, "内" * 50, "里\n" * 70))), zh
    )
    head = html.split("\n<blockquote>")[0].split("\n\n")[1]
    assert head.startswith("1. 《" + "长" * 59 + "…》 › … › 中")
    assert head.endswith("里…")
    assert len(head) < 300


def test_only_three_passages_are_shown(zh: Phrases) -> None:
    """The best three, in their order."""
    assert quoted(answer_html(answer(*map(hit, "一二三四五")), zh)) == ["一", "二", "三"]


def test_the_last_passages_give_way(zh: Phrases) -> None:
    """Too much text shortens the last passages first, at the end of a sentence."""
    first, second, third = quoted(
        answer_html(answer(hit("一" * 1500), hit("二" * 1500), hit("三" * 90 + "。" + "三" * 1500)), zh)
    )
    assert (first, second) == ("一" * 1500, "二" * 1500)
    assert third.startswith("三" * 90 + "。" + "三")
    first, second, third = quoted(
        answer_html(answer(hit("一" * 4096), hit("二" * 1500), hit(("三" * 120 + "。") * 9)), zh)
    )
    assert third == "三" * 120 + "。…"
    assert second == "二" * 199 + "…"
    assert first.endswith("一…")


def test_marks_end_where_the_passage_is_cut(zh: Phrases) -> None:
    """The ellipsis is never part of a matched word."""
    html = answer_html(answer(hit("😀" * 4096, Span(0, 4096))), zh)
    assert bold(html) == [quoted(html)[0].removesuffix("…")]


def test_the_frame_is_in_the_readers_language() -> None:
    """The passage stays as it is; what the bot says around it is in the user's language."""
    catalog = Catalog()
    assert answer_html(answer(hit("甲")), catalog.of("en-GB")).startswith(
        "Here is what the reports say:\n\n1. "
    )
    assert answer_html(answer(hit("甲")), catalog.of(None)).startswith("报告里是这样写的：\n\n1. ")


def test_only_what_html_needs_is_escaped(zh: Phrases) -> None:
    """Quotation marks stay, so that nothing but markup is longer than it reads."""
    html = answer_html(answer(hit("\"'<&>")), zh)
    assert "\"'&lt;&amp;&gt;" in html
    assert unescape(html.split("<blockquote>")[1]) == "\"'<&></blockquote>"

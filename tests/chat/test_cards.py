"""Laws of the cards: whatever the passages hold, Telegram takes them, and every passage is there in full."""

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.cards import (
    answer_card,
    context_card,
    heading,
    matched_words,
    pieces_of,
    refusal,
    repaired,
    section_messages,
)
from bot.chat.dividing import divide
from bot.chat.language import LANGUAGES, Catalog, Phrases
from bot.chat.render import MESSAGE_UNITS, units
from bot.domain import (
    Answer,
    Channel,
    Explanation,
    Group,
    GroupShare,
    Hit,
    Name,
    NameShare,
    Passage,
    Repair,
    Span,
)
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
    "：",
    "\n1. ",
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
STEPS = "处理投诉分四步：\n\n1. 接待，请坐；\n2. 登记，复述；\n3. 分级，上报；\n4. 答复，归档。"
LIST = STEPS + "\n\n以上都要留痕。" + "过程录音。" * 50


def passage(
    text: str, report: str = "客服报告", section: tuple[str, ...] = ("一、投诉", "(一) 处理")
) -> Passage:
    return Passage("p1", "r1", report, section, "corpus/a.md", 0, len(text), text)


def hit(
    text: str,
    *marks: Span,
    excerpt: tuple[Span, ...] = (),
    also: tuple[Passage, ...] = (),
    report: str = "客服报告",
    section: tuple[str, ...] = ("一、投诉", "(一) 处理"),
) -> Hit:
    return Hit(passage(text, report, section), 1.0, 1, marks, excerpt, also=also)


@pytest.fixture(scope="module")
def zh() -> Phrases:
    return Catalog().of("zh-hans")


def parts(html: str, kind: str) -> list[str]:
    """What of a message is marked as `kind`, as a reader sees it."""
    text, entities = parse_html(html)
    raw = text.encode("utf-16-le")
    return [raw[2 * one.offset : 2 * one.end].decode("utf-16-le") for one in entities if one.kind == kind]


def letters(text: str) -> str:
    """A text without white space."""
    return "".join(text.split())


def assert_sendable(html: str) -> None:
    text, _ = read_text(html, "HTML", ())
    parsed, entities = parse_html(html)
    assert text
    assert units(parsed) <= MESSAGE_UNITS
    assert len(entities) <= MAX_ENTITIES
    assert len(html.encode()) < MAX_SOURCE_BYTES


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            hit,
            texts,
            report=texts,
            section=st.lists(texts, min_size=1, max_size=6).map(tuple),
            also=st.lists(st.builds(passage, texts, report=texts), max_size=5).map(tuple),
        ),
        min_size=1,
        max_size=4,
    ),
    spans,
    spans,
    st.sampled_from(LANGUAGES),
)
def test_any_answer_is_a_message(
    hits: list[Hit], marks: tuple[Span, ...], excerpt: tuple[Span, ...], language: str
) -> None:
    """Any passages, titles, marks and excerpts give a message within Telegram's limits."""
    shown = [Hit(one.passage, 1.0, 1, marks, excerpt, also=one.also) for one in hits]
    notes = ["按“投诉”查找", "只查了《甲》"]
    assert_sendable(answer_card(shown, Catalog().of(language), first=10, notes=notes))


@settings(deadline=None)
@given(texts, spans, st.integers(1, 400))
def test_a_passage_is_divided_without_loss(text: str, excerpt: tuple[Span, ...], room: int) -> None:
    """Every character but white space is either read at once or in the rest, once and in order."""
    shown, rest = divide(text, excerpt, room)
    everything = sorted([*shown, *rest], key=lambda span: span.start)
    assert all(one.end <= other.start for one, other in pairwise(everything))
    assert letters("".join(text[span.start : span.end] for span in everything)) == letters(text)


@settings(deadline=None)
@given(texts.filter(lambda text: len(text) <= 350), spans, spans)
def test_a_passage_of_usual_length_is_shown_whole(
    text: str, marks: tuple[Span, ...], excerpt: tuple[Span, ...]
) -> None:
    """What is read at once and the quotation together are the passage, to the letter."""
    one = hit(text, *marks, excerpt=excerpt)
    shown, rest = pieces_of(one, best=True)
    html = answer_card([one], Catalog().of("en"))
    read, _ = parse_html(html)
    assert letters(shown.text) in letters(read)
    assert [letters(part) for part in parts(html, "expandable_blockquote")] == [letters(rest.text)] * bool(
        rest.text.strip()
    )
    kept = shown.text + rest.text
    assert sorted(letters(kept).replace("…", "")) == sorted(
        letters(text.translate(dict.fromkeys((*range(32), 127), " "))).translate(
            {**dict.fromkeys(range(0xD800, 0xE000), "\ufffd"), ord("…"): ""}
        )
    )


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=3), st.integers(0, 2))
def test_any_context_is_a_message(around: list[str], at: int) -> None:
    """Whatever stands around a passage."""
    passages = [passage(text, section=(f"第{number}节",)) for number, text in enumerate(around)]
    assert_sendable(context_card(passages, min(at, len(passages) - 1), Catalog().of("zh")))


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=5))
def test_a_section_is_sent_whole(written: list[str]) -> None:
    """In messages within the limits, that together are the section."""
    messages = list(section_messages([passage(text) for text in written]))
    read = []
    for html in messages:
        assert_sendable(html)
        read.append(parse_html(html)[0])
    whole = "\n".join(written).translate(dict.fromkeys((*range(32), 127), " "))
    whole = whole.translate(dict.fromkeys(range(0xD800, 0xE000), "\ufffd"))
    head = "《客服报告》›一、投诉›(一)处理"
    assert letters("".join(read)) == (head + letters(whole) if letters(whole) else "")


def test_a_section_is_divided_at_the_ends_of_sentences() -> None:
    """No message ends within a sentence."""
    text = "客服接到投诉后，先安抚客户，再登记。" * 700
    messages = [parse_html(html)[0] for html in section_messages([passage(text)])]
    assert len(messages) == 4
    assert all(message.endswith("。") for message in messages)


@settings(deadline=None)
@given(st.lists(texts, max_size=12), st.lists(texts, max_size=3), st.sampled_from(LANGUAGES))
def test_any_refusal_is_a_message(missing: list[str], nearest: list[str], language: str) -> None:
    """Whatever words are missing."""
    answer = Answer("问", False, 0.1, "g", 1.0, (), (), tuple(missing), tuple(map(passage, nearest)))
    assert_sendable(refusal(answer, Catalog().of(language)))
    assert all(0 < len(heading(passage(text, text, (text,)))) <= 100 for text in nearest)


def test_the_sentences_that_answer_come_first(zh: Phrases) -> None:
    """Then where they stand, then the rest of the passage to be opened; the matched words are bold."""
    text = "前" * 150 + "。投诉要登记。" + "后" * 150 + "。"
    html = answer_card([hit(text, Span(151, 153), excerpt=(Span(151, 157),))], zh)
    assert html == (
        "<b>投诉</b>要登记。\n<i>《客服报告》 › 一、投诉 › (一) 处理</i>\n"
        f"<blockquote expandable>{'前' * 150}。 … {'后' * 150}。</blockquote>"
    )


def test_a_list_belongs_to_the_sentence_that_introduces_it(zh: Phrases) -> None:
    """“Four steps:” alone is no answer."""
    html = answer_card([hit(LIST, excerpt=(Span(0, 8),))], zh)
    assert html.split("\n<i>")[0] == STEPS


def test_a_long_list_is_shown_as_far_as_there_is_room() -> None:
    """Its other items are in the rest."""
    shown, rest = divide(LIST, (Span(0, 8),), 30)
    assert LIST[shown[0].start : shown[0].end] == "处理投诉分四步：\n\n1. 接待，请坐；\n2. 登记，复述；"
    assert LIST[rest[0].start :].startswith("3. 分级")


def test_an_item_keeps_its_number() -> None:
    """An excerpt that begins behind it begins with it."""
    shown, _ = divide(LIST, (Span(LIST.index("登记"), LIST.index("；\n3.") + 1),), 30)
    assert [LIST[span.start : span.end] for span in shown] == ["2. 登记，复述；"]


def test_without_an_excerpt_a_beginning_is_shown() -> None:
    """Up to the end of a sentence; the number of a list's item is none."""
    text = "练得最多的是这几样：\n\n1. 开口先确认对方要办什么，用自己的话复述一遍；\n2. " + "少用术语" * 20
    shown, rest = divide(text, (), 20)
    assert [text[span.start : span.end] for span in shown] == ["练得最多的是这几样："]
    assert text[rest[0].start :].startswith("1. 开口")


def test_marks_that_touch_or_overlap_are_one(zh: Phrases) -> None:
    """Unordered, touching, overlapping, empty and overlong spans make sound markup."""
    html = answer_card([hit("一二三四五六", Span(4, 99), Span(0, 2), Span(1, 3), Span(3, 3))], zh)
    assert parts(html, "bold") == ["一二三", "五六"]


def test_hits_are_numbered_when_there_are_several(zh: Phrases) -> None:
    """And go on counting on the next page; the card holds three."""
    assert re.findall("[①-⑳]", answer_card([hit("甲")], zh)) == []
    assert re.findall("[①-⑳]", answer_card([*map(hit, "甲乙丙丁")], zh)) == [
        "①",
        "②",
        "③",
    ]
    assert re.findall("[①-⑳]", answer_card([hit("甲")], zh, first=4)) == ["④"]


def test_reports_that_say_nearly_the_same_are_named(zh: Phrases) -> None:
    """Each once, after the passage."""
    also = (passage("甲", "乙报告"), passage("甲", "丙报告"), passage("甲", "乙报告", ("二",)))
    assert answer_card([hit("甲", also=also)], zh).endswith("\n另见《乙报告》《丙报告》")


def test_the_last_passages_give_way(zh: Phrases) -> None:
    """Too much text shortens the rest of the last passages first."""
    html = answer_card([hit("一" * 2000), hit("二" * 1500), hit("三" * 2000, Span(0, 4000))], zh)
    first, second, third = parts(html, "expandable_blockquote")
    assert first == "一" * 1761
    assert second == "二" * 1391
    assert third.endswith("三…")
    assert MESSAGE_UNITS - 20 <= units(parse_html(html)[0]) <= MESSAGE_UNITS


def test_long_titles_and_paths_are_cut(zh: Phrases) -> None:
    """A title is cut at its end, a path loses its outermost headings."""
    section = ("外" * 300, "中" * 300, "内" * 50, "里\n" * 70)
    (where,) = parts(answer_card([hit("甲", report="长" * 300, section=section)], zh), "italic")
    assert where.startswith("《" + "长" * 59 + "…》 › … › 中")
    assert where.endswith("里…")
    assert len(where) < 300


def test_a_report_without_title_is_named_by_its_file(zh: Phrases) -> None:
    """An empty title leaves no empty brackets, an empty heading no empty step."""
    (where,) = parts(answer_card([hit("甲", report=" ", section=("", "二"))], zh), "italic")
    assert where == "《corpus/a.md》 › 二"


def test_a_repaired_question_reads_as_it_was_looked_up() -> None:
    """With each repair in its place."""
    repairs = [Repair(Span(0, 2), "投拆", "投诉"), Repair(Span(5, 7), "处里", "处理")]
    assert repaired("投拆怎么样处里？", repairs) == "投诉怎么样处理？"


def explained(question: str, *groups: tuple[Span, Sequence[tuple[str, int]], Channel]) -> Hit:
    shares = tuple(
        GroupShare(
            Group(channel, tuple(Name(term, 1.0) for term, _ in names), 1.0, span),
            tuple(NameShare(term, "word", 1.0, tf, 1) for term, tf in names),
            1.0,
            1,
            1.0,
            float(len(groups) - number),
        )
        for number, (span, names, channel) in enumerate(groups)
    )
    return Hit(passage(question), 1.0, 1, explanation=Explanation(1.0, shares))


def test_matched_words_name_what_stands_in_the_passage() -> None:
    """As asked, or by another name; pairs of characters and what is not there are left out."""
    one = explained(
        "投诉处理单",
        (Span(0, 2), [("投诉", 1)], Channel.WORD),
        (Span(2, 4), [("处理", 0), ("应对", 2)], Channel.WORD),
        (Span(1, 3), [("诉处", 1)], Channel.CHAR),
        (Span(4, 5), [("单", 1)], Channel.WORD),
    )
    assert matched_words([one, hit("甲")], "投诉处理单", 4) == "④ 投诉 处理≈应对"

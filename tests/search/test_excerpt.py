"""Marking: what of a passage matched, in the passage as it is written."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.normalize import Normalizer
from bot.domain import Channel, Group, Name, Query, Span
from bot.search.excerpt import highlights

TEXT = st.lists(
    st.sampled_from(
        [
            "投訴",
            "投诉",
            "處理",
            "客戶",
            "ＫＰＩ",
            "kpi",
            "KPIs",
            "３.5",
            "ﬁ",
            "㎏",
            "kg",
            "e\u0301",
            "é",
            "…",
            "😀",
            "𠮷",
            "的",
            " ",
            "。",
        ]
    ),
    max_size=12,
).map("".join)
NAMES = st.lists(
    st.sampled_from(
        ["投诉", "处理", "诉处", "客户", "kpi", "3.5", "fi", "kg", "é", "...", "投", "x", "𠮷", "的处理"]
    ),
    max_size=5,
    unique=True,
)


def query(*names: str, channel: Channel = Channel.WORD) -> Query:
    """Make a query of one-term groups."""
    return Query("", tuple(Group(channel, (Name(name, 1.0),), 1.0, Span(0, 1)) for name in names))


def marked(normalizer: Normalizer, text: str, *names: str) -> list[str]:
    """Return the marked pieces of a text."""
    spans = highlights(normalizer(text), query(*names))
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("客戶投訴要處理", ["投诉", "处理"], ["投訴", "處理"]),
        ("客户投诉", ["客户", "投诉"], ["客户投诉"]),
        ("待处理工单", ["处理"], ["处理"]),
        ("平均处理时长", ["处理时", "理时长"], ["处理时长"]),
        ("ＫＰＩ、kpi、KPIs、akpi、kpi2", ["kpi"], ["ＫＰＩ", "kpi"]),
        ("考核KPI指标", ["kpi"], ["KPI"]),
        ("重５㎏", ["kg"], []),
        ("重５ ㎏", ["kg"], ["㎏"]),
        ("A ﬁle", ["file"], ["ﬁle"]),
        ("Cafe\u0301 好", ["café"], ["Cafe\u0301"]),
        ("等等…好", ["等等"], ["等等"]),
        ("人人人", ["人人"], ["人人人"]),
        ("待处理时", ["处理", "处理时"], ["处理时"]),
        ("3.5 35 3x5", ["3.5"], ["3.5"]),
        ("a (b) a.b", ["a.b"], ["a.b"]),
        ("x 要 x", ["x"], ["x", "x"]),
        ("的的的", ["的"], []),
        ("无关", ["投诉"], []),
        ("", ["投诉"], []),
        ("投诉", [], []),
    ],
)
def test_what_matched_is_marked(
    normalizer: Normalizer, text: str, names: list[str], expected: list[str]
) -> None:
    """Han words anywhere, Latin words and figures whole, single Han characters not."""
    assert marked(normalizer, text, *names) == expected


def test_heading_terms_are_not_marked(normalizer: Normalizer) -> None:
    """They did not match in the text."""
    assert highlights(normalizer("投诉"), query("投诉", channel=Channel.HEADING)) == ()


def test_every_name_of_a_group_is_marked(normalizer: Normalizer) -> None:
    """Whatever the passage calls the idea."""
    idea = Group(Channel.WORD, (Name("投诉", 1.0), Name("complaint", 0.8)), 1.0, Span(0, 2))
    assert highlights(normalizer("Complaint？抱怨、投訴"), Query("", (idea,))) == (Span(0, 9), Span(13, 15))


@given(TEXT, NAMES)
def test_marks_are_disjoint_in_order_and_inside(normalizer: Normalizer, text: str, names: list[str]) -> None:
    """And none is empty; between two of them is at least a character."""
    spans = highlights(normalizer(text), query(*names))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end < other.start for one, other in pairwise(spans))


@given(TEXT, NAMES)
def test_marks_are_exactly_the_occurrences(normalizer: Normalizer, text: str, names: list[str]) -> None:
    """Place by place, what is marked is what stands in some occurrence of a name, and nothing else."""
    normalized = normalizer(text)
    expected: set[int] = set()
    for name in names:
        if len(name) == 1 and not name.isascii():
            continue
        for start in range(len(normalized.text)):
            end = start + len(name)
            around = normalized.text[start - 1 : start] if start else ""
            around += normalized.text[end : end + 1]
            whole = not name.isascii() or not re.search("[a-z0-9]", around)
            if normalized.text[start:end] == name and whole:
                span = normalized.original(start, end)
                expected.update(range(span.start, span.end))
    spans = highlights(normalized, query(*names))
    assert {at for span in spans for at in range(span.start, span.end)} == expected


@given(TEXT, NAMES)
def test_a_mark_contains_a_name(normalizer: Normalizer, text: str, names: list[str]) -> None:
    """The marked piece, normalised, has one of the names in it."""
    for piece in marked(normalizer, text, *names):
        assert any(name in normalizer(piece).text for name in names)

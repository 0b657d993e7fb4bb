"""Marking and excerpts: what of a passage matched and which sentences answer, as they are written."""

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.normalize import Normalized, Normalizer
from bot.domain import Channel, Group, Name, Query, Span
from bot.search.excerpt import Found, Sought

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


def find(passage: Normalized, headings: str, asked: Query, weights: Sequence[float]) -> Found:
    """Look for a query's ideas in one passage."""
    return Sought(asked, weights, passage.text, headings).find(passage, headings)


def look(normalizer: Normalizer, text: str, asked: Query) -> Found:
    """Look for a query's ideas, each of weight 1."""
    return find(normalizer(text), "", asked, [1.0] * len(asked.groups))


def marked(normalizer: Normalizer, text: str, *names: str) -> list[str]:
    """Return the marked pieces of a text."""
    spans = look(normalizer, text, query(*names)).marks
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
    found = look(normalizer, "投诉。", query("投诉", channel=Channel.HEADING))
    assert (found.marks, found.excerpt, found.best, found.ideas) == ((), (), 0.0, ())
    assert found.matched == (0.0,)


def test_every_name_of_a_group_is_marked(normalizer: Normalizer) -> None:
    """Whatever the passage calls the idea."""
    idea = Group(Channel.WORD, (Name("投诉", 1.0), Name("complaint", 0.8)), 1.0, Span(0, 2))
    found = look(normalizer, "Complaint？抱怨、投訴", Query("", (idea,)))
    assert found.marks == (Span(0, 9), Span(13, 15))


@given(TEXT, NAMES)
def test_marks_are_disjoint_in_order_and_inside(normalizer: Normalizer, text: str, names: list[str]) -> None:
    """And none is empty; between two of them is at least a character."""
    spans = look(normalizer, text, query(*names)).marks
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
    spans = look(normalizer, text, query(*names)).marks
    assert {at for span in spans for at in range(span.start, span.end)} == expected


@given(TEXT, NAMES)
def test_a_mark_contains_a_name(normalizer: Normalizer, text: str, names: list[str]) -> None:
    """The marked piece, normalised, has one of the names in it."""
    for piece in marked(normalizer, text, *names):
        assert any(name in normalizer(piece).text for name in names)


def sentences(normalizer: Normalizer, text: str, *names: str) -> list[str]:
    """Return the sentences of a text's excerpt."""
    return [text[span.start : span.end] for span in look(normalizer, text, query(*names)).excerpt]


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("先登记。再处理投诉。后回访。", ["投诉"], ["再处理投诉。"]),
        ("先登记！再处理投诉？后回访！", ["投诉"], ["再处理投诉？"]),
        ("先登记. 再处理投诉.后回访.", ["投诉"], ["再处理投诉."]),
        ("达到3.5分才算投诉.再看", ["投诉"], ["达到3.5分才算投诉."]),
        ("用a.b系统记投诉.再看", ["投诉"], ["用a.b系统记投诉."]),
        ("先登记；再处理投诉；后回访", ["投诉"], ["再处理投诉；"]),
        ("先登记\n再处理投诉\n后回访", ["投诉"], ["再处理投诉"]),
        ("他说：“有投诉！”我记下。", ["投诉"], ["他说：“有投诉！”"]),
        ("先登記。再處理投訴！後回訪。", ["投诉"], ["再處理投訴！"]),
        ("看ＫＰＩ．再看投訴．好", ["kpi"], ["看ＫＰＩ．"]),
        ("看ＫＰＩ．再看投訴．好", ["投诉"], ["再看投訴．"]),
        ("  投诉多。  ", ["投诉"], ["投诉多。"]),
        ("没有标点的投诉", ["投诉"], ["没有标点的投诉"]),
        ("投诉。客户。回访。", ["投诉", "客户", "回访"], ["投诉。", "客户。", "回访。"]),
        ("投诉一。投诉二。投诉三。投诉四。", ["投诉"], ["投诉一。", "投诉二。", "投诉三。"]),
        ("投诉。客户和投诉和回访。", ["投诉", "客户", "回访"], ["客户和投诉和回访。"]),
        (
            "投诉和客户。无关。客户和投诉和回访。",
            ["投诉", "客户", "回访"],
            ["投诉和客户。", "客户和投诉和回访。"],
        ),
        ("只有诉求。无关。", ["诉"], ["只有诉求。"]),
        ("无关。", ["投诉"], []),
        ("", ["投诉"], []),
    ],
)
def test_the_sentences_that_say_most_are_the_excerpt(
    normalizer: Normalizer, text: str, names: list[str], expected: list[str]
) -> None:
    """Whole, as they are written; others only when they say nearly as much as the best."""
    assert sentences(normalizer, text, *names) == expected


def test_heavier_ideas_choose_the_sentence(normalizer: Normalizer) -> None:
    """And a surer name goes before a less sure one."""
    asked = query("投诉", "客户")
    text = "投诉多。客户少。"
    assert find(normalizer(text), "", asked, [3.0, 1.0]).excerpt == (Span(0, 4),)
    assert find(normalizer(text), "", asked, [1.0, 3.0]).excerpt == (Span(4, 8),)
    idea = Group(Channel.WORD, (Name("投诉", 1.0), Name("抱怨", 0.5)), 1.0, Span(0, 2))
    found = look(normalizer, "抱怨多。投诉少。", Query("", (idea,)))
    assert (found.excerpt, found.best, found.ideas) == ((Span(4, 8),), 1.0, ((0, 1.0),))


def test_what_matched_is_told_of_the_text_and_of_its_headings(normalizer: Normalizer) -> None:
    """Each group by the surest of its names, where its channel looks."""
    names = (Name("投诉", 1.0), Name("抱怨", 0.5))
    groups = tuple(Group(channel, names, 1.0, Span(0, 2)) for channel in (Channel.WORD, Channel.HEADING))
    asked = Query("", groups)
    assert find(normalizer("抱怨多"), "投诉", asked, [1.0, 1.0]).matched == (0.5, 1.0)
    assert find(normalizer("投诉和抱怨"), "抱怨", asked, [1.0, 1.0]).matched == (1.0, 0.5)
    assert find(normalizer("回访"), "回访", asked, [1.0, 1.0]).matched == (0.0, 0.0)


END = st.sampled_from(["。", "！", "？", ".", "．", "；", "\n", "。”", "!", "…", ""])
PROSE = st.lists(st.tuples(TEXT, END).map("".join), max_size=6).map("".join)


@given(PROSE, NAMES)
def test_an_excerpt_is_one_to_three_sentences_in_order(
    normalizer: Normalizer, text: str, names: list[str]
) -> None:
    """Disjoint, inside the text, none exactly when nothing stands there, and each says something."""
    found = look(normalizer, text, query(*names))
    spans = found.excerpt
    assert len(spans) <= 3
    assert bool(spans) == any(found.matched)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    for span in spans:
        piece = normalizer(text[span.start : span.end]).text
        assert any(name in piece for name in names)
        assert piece == piece.strip()


@given(PROSE, NAMES)
def test_a_sentence_ends_where_one_ends(normalizer: Normalizer, text: str, names: list[str]) -> None:
    """No end of a sentence stands inside one, and one stands before and behind it."""
    for span in look(normalizer, text, query(*names)).excerpt:
        piece = normalizer(text[span.start : span.end]).text
        inner = piece.rstrip("。！？!?；;.”’」』)） \n")
        assert not re.search(r"[。！？!?；;\n]|\.(?![0-9a-z])", inner)
        before = normalizer(text[: span.start]).text.rstrip(" ")
        assert not before or re.search("[。！？!?；;.\n”’」』)）]$", before)
        behind = normalizer(text[span.end :]).text.strip(" ")
        assert inner != piece or not behind or behind.startswith("\n")


@given(PROSE, NAMES, st.lists(st.floats(0.1, 9), min_size=5, max_size=5))
def test_the_best_sentence_weighs_what_its_ideas_weigh(
    normalizer: Normalizer, text: str, names: list[str], weights: list[float]
) -> None:
    """Each idea once, however often it stands there; no group is told that did not match."""
    asked = query(*names)
    found = find(normalizer(text), "", asked, weights[: len(names)])
    assert found.best == pytest.approx(sum(weights[index] * share for index, share in found.ideas))
    assert len({index for index, _ in found.ideas}) == len(found.ideas)
    assert all(found.matched[index] == share == 1.0 for index, share in found.ideas)
    assert bool(found.ideas) == bool(found.excerpt)

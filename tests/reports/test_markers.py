"""Numbering, bullets, lead-ins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.markers import (
    Style,
    after_marks,
    count,
    has_words,
    is_item,
    is_lead_in,
    is_question,
    is_unmarked,
    marker,
)

MARKED = {
    "第三部分 工作": (Style.PART, 3),
    "第十二章 总则": (Style.CHAPTER, 12),
    "第2节服务": (Style.SECTION, 2),
    "二十一、管理": (Style.HAN, 21),
    "一.管理": (Style.HAN, 1),
    "三：管理": (Style.HAN, 3),
    "(一)管理": (Style.HAN_PAREN, 1),
    "（十）、管理": (Style.HAN_PAREN, 10),
    "㈢管理": (Style.HAN_PAREN, 3),
    "第一，管理": (Style.ORDINAL, 1),
    "第二步：管理": (Style.ORDINAL, 2),
    "1、管理": (Style.ARABIC, 1),
    "１２．管理": (Style.ARABIC, 12),
    "1.2023年": (Style.ARABIC, 1),
    "⒉管理": (Style.ARABIC, 2),
    "1.2 管理": (Style.DECIMAL, 2),
    "3.1.4管理": (Style.DECIMAL_DEEP, 4),
    "（3）管理": (Style.PAREN, 3),
    "4)管理": (Style.PAREN, 4),
    "⑸管理": (Style.PAREN, 5),
    "(b) 管理": (Style.PAREN, 2),
    "⑩管理": (Style.CIRCLED, 10),
}


@pytest.mark.parametrize("line", MARKED)
def test_numbering_is_read_with_its_style_and_number(line: str) -> None:
    """Each way of numbering, half or full width, gives its style, its number and the words after it."""
    mark = marker(line)
    assert mark is not None
    assert (mark.style, mark.number) == MARKED[line]
    assert mark.sure
    assert line[mark.length :] in {"管理", "工作", "总则", "服务", "2023年"}
    assert is_item(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "1.5万元",
        "3:00开会",
        "20xx年",
        "12345热线",
        "10086，热线",
        "一是加强",
        "十一月",
        "3.15活动",
        "第一时间",
        "(客服)",
    ],
)
def test_numbers_in_prose_are_not_numbering(line: str) -> None:
    """Amounts, times, years and numbers of telephones begin a line without numbering it."""
    assert marker(line) is None
    assert not is_item(line)


@pytest.mark.parametrize("line", ["一 管理", "1，管理", "2：管理", "三，管理"])
def test_loose_numbering_is_not_sure(line: str) -> None:
    """A number with a space, comma or colon numbers only beside its like."""
    mark = marker(line)
    assert mark is not None
    assert not mark.sure
    assert not is_item(line)


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        *{"一": 1, "十": 10, "十五": 15, "二十": 20, "九十九": 99, "一百": 100, "一百零三": 103}.items(),
        *{"一百二十三": 123, "〇": 0, "７": 7, "12": 12, "⑿": 12, "㈩": 10, "c": 3}.items(),
    ],
)
def test_numerals_have_their_value(numeral: str, value: int) -> None:
    """Chinese, full-width, enclosed and lettered numerals count."""
    assert count(numeral) == value


@pytest.mark.parametrize(
    "line",
    [
        "主要做了以下几点:",
        "主要工作：",
        "工作如下:。",
        "现总结如下。",
        "以下是我的工作总结。",
        "主要有三个方面。",
        "做到以下几点",
        "问：怎么退款？",
        "Q2. 几天到账",
        "他说：”",
    ],
)
def test_lead_ins_announce_what_follows(line: str) -> None:
    """A colon, 如下, 以下…, a count of points at the end, or a question opens what follows."""
    assert is_lead_in(line)


@pytest.mark.parametrize(
    "line",
    [
        "今天天气好。",
        "答：三天。",
        "如下雨则改期。",
        "以下简称公司，负责接听客户的来电和投诉的处理工作。",
        "x下级几个部门。",
    ],
)
def test_other_sentences_are_no_lead_ins(line: str) -> None:
    """The same words inside a sentence announce nothing."""
    assert not is_lead_in(line)


def test_a_question_is_marked_as_such() -> None:
    """问： and Q1: open a question; 答： does not."""
    assert is_question("问：怎么退款？")
    assert is_question("Q1: how?")
    assert not is_question("答：三天。")


@pytest.mark.parametrize("line", ["一、", "（1）", "1.", "98.5%", "——", "- 12", "第一章", "(a)"])
def test_bare_marks_and_numbers_have_no_words(line: str) -> None:
    """Numbering, numbers and punctuation alone say nothing."""
    assert not has_words(line)


@pytest.mark.parametrize(
    ("line", "words"), [("- 退款", "退款"), ("1、退款", "退款"), ("1，退款", "1，退款"), ("退款", "退款")]
)
def test_marks_are_taken_off(line: str, words: str) -> None:
    """Bullets and sure numbering are marks, the rest is words."""
    assert after_marks(line) == words
    assert has_words(line)


@given(
    st.text(
        st.one_of(st.sampled_from("问提Qq第一二十百〇123ab客()（）①⒈㈠㊀Ⅳ½②*-•：:、. "), st.characters()),
        max_size=6,
    )
)
def test_a_line_without_marks_has_none_of_them(line: str) -> None:
    """What is asked of the first character alone never hides a mark, and such a line has words."""
    if is_unmarked(line):
        assert not marker(line)
        assert not is_item(line)
        assert not is_question(line)
        assert after_marks(line) == line
        assert has_words(line)


@pytest.mark.parametrize("line", ["客户投诉", "abc", "é", "𠀀"])
def test_lines_that_begin_with_a_letter_have_no_marks(line: str) -> None:
    """As most lines do."""
    assert is_unmarked(line)

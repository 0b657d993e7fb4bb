"""Sections to passages."""

import re
from collections.abc import Callable
from itertools import pairwise

import pytest

from bot.domain import Omission, Report
from bot.reports.passages import passages

Outlined = Callable[..., tuple[tuple[Report, ...], tuple[Omission, ...]]]
LONG = "客服人员接到投诉以后要认真倾听并且做好记录，" * 8


@pytest.fixture(scope="session")
def cut(outlined: Outlined) -> Callable[..., list[str]]:
    """Return a function from a report's body to the texts of its passages."""

    def of(body: str, *, max_chars: int = 350, name: str = "a.txt") -> list[str]:
        return [passage.text for passage in passages(outlined(f"总结\n{body}", name)[0], max_chars=max_chars)]

    return of


Cut = Callable[..., list[str]]


def paragraph(chars: int, end: str = "。") -> str:
    """Return a paragraph of `chars` characters in sentences of about 30."""
    sentence = "客服人员接到投诉以后要认真倾听并做好详细的记录工作。"
    return (sentence * (chars // len(sentence) + 1))[: chars - 1].rstrip("。，").ljust(chars - 1, "好") + end


def test_a_passage_says_where_it_is_from(outlined: Outlined) -> None:
    """A passage is a verbatim span with its report, section and file."""
    reports, _ = outlined("年终总结\n一、投诉\n　　24小时内处理。\n", "2023.txt")
    (passage,) = passages(reports)
    assert passage.text == "24小时内处理。" == reports[0].text[passage.start : passage.end]
    assert (passage.report_id, passage.report, passage.section, passage.source) == (
        "2023", "年终总结", ("一、投诉",), "corpus/2023.txt",
    )  # fmt: skip


def test_paragraphs_that_fit_stay_whole(cut: Cut) -> None:
    """A paragraph of up to 350 characters is one passage of its own."""
    body = [paragraph(350), paragraph(200), paragraph(120)]
    assert cut("\n".join(body)) == body


def test_short_neighbours_are_kept_together(cut: Cut) -> None:
    """Paragraphs below 80 characters join their neighbours while all fit."""
    assert cut("短句一。\n短句二。\n\n　　短句三。") == ["短句一。\n短句二。\n\n　　短句三。"]
    assert cut(f"{paragraph(200)}\n总之，要做好。") == [f"{paragraph(200)}\n总之，要做好。"]
    assert cut(f"{paragraph(345)}\n总之，要做好。") == [paragraph(345), "总之，要做好。"]


def test_a_long_paragraph_is_cut_evenly_at_sentence_ends(cut: Cut) -> None:
    """Pieces end with a sentence, are of much the same length, and none is tiny."""
    pieces = cut(paragraph(800))
    assert "".join(pieces) == paragraph(800)
    assert all(piece.endswith("。") for piece in pieces)
    assert max(map(len, pieces)) - min(map(len, pieces)) < 60


def test_lines_broken_at_a_margin_are_one_paragraph(cut: Cut) -> None:
    """Where each line is as wide as the page, pieces end with sentences, not with lines."""
    text = paragraph(90) * 9
    wrapped = "\n".join(text[at : at + 38] for at in range(0, len(text), 38))
    assert all(piece[-1] in "。好" for piece in cut(wrapped))
    assert "".join(cut(wrapped)).replace("\n", "") == text.replace("\n", "")


@pytest.mark.parametrize("end", ["。", "！", "？", "；", "……", ".", "!", ";", "。”", "!)"])
def test_each_sentence_end_counts(cut: Cut, end: str) -> None:
    """Full and half width, with closing quotation marks; an ASCII full stop after a Chinese word too."""
    sentence = "客服人员接到投诉以后，要认真倾听并做好详细的记录" + end
    assert all(piece.endswith(end) for piece in cut(sentence * 24))


def test_numbers_addresses_and_abbreviations_are_not_cut(cut: Cut) -> None:
    """3.5, 1,000, links and English abbreviations hold together."""
    parts = [
        "比率达到3.5%",
        "共计1,000件",
        "见https://help.example.com/a?b=1;c=2.html",
        "时间为10:30",
        "由A.B.Smith负责",
    ]
    text = "，".join(parts * 15)
    pieces = cut(text)
    assert len(pieces) > 2
    assert "".join(pieces) == text
    assert not any(re.search(r"\d[.,:;]?$|/$|[A-Za-z.;?=]$", piece) for piece in pieces[:-1])


def test_without_sentence_ends_commas_are_next(cut: Cut) -> None:
    """A sentence that is too long is cut after a comma."""
    pieces = cut(LONG * 3)
    assert all(len(piece) <= 350 and piece.endswith("，") for piece in pieces)


def test_without_any_mark_words_and_graphemes_hold(cut: Cut) -> None:
    """Text without punctuation is cut, but not inside a number, a word or what looks like one character."""
    pieces = cut("客服工单编号20231230热线hotline" * 30)
    assert all(len(piece) <= 350 for piece in pieces)
    assert not any(
        re.search(r"[0-9a-z]$", one) and re.match(r"[0-9a-z]", two) and one[-1].isdigit() == two[0].isdigit()
        for one, two in pairwise(pieces)
    )
    family = "👨‍👩‍👧‍👦"
    assert all(piece.count("\u200d") % 3 == 0 for piece in cut(f"客{family}" * 100))
    assert all(not piece.startswith("\u0301") for piece in cut("e\u0301é客" * 200))
    assert all(piece.count("🇨") == piece.count("🇳") for piece in cut("客🇨🇳" * 200))


def test_a_single_endless_word_is_cut_all_the_same(cut: Cut) -> None:
    """Nothing is longer than the limit, whatever it is."""
    assert [len(piece) <= 350 for piece in cut("a" * 1000)] == [True] * len(cut("a" * 1000))


LEAD_INS = ["主要工作如下：", "工作如下:。", "以下是我的工作总结。", "存在的问题有以下几点。"]


@pytest.mark.parametrize("lead_in", LEAD_INS)
@pytest.mark.parametrize("before", [0, 120, 330])
def test_a_list_keeps_its_lead_in(cut: Cut, lead_in: str, before: int) -> None:
    """The lead-in stands with the first item, even when its paragraph must be cut for that."""
    opening = (paragraph(before) if before else "") + lead_in
    items = [f"{n}、{paragraph(90)}" for n in range(1, 6)]
    pieces = cut("\n".join([opening, *items]))
    assert not any(piece.endswith(lead_in) for piece in pieces)
    (first,) = [piece for piece in pieces if "\n1、" in piece]
    assert lead_in in first
    assert all(len(piece) <= 350 for piece in pieces)


def test_a_short_list_is_one_passage_with_its_lead_in(cut: Cut) -> None:
    """Lead-in and items that fit are one passage; the paragraph before them is another."""
    listing = "工作如下：\n" + "\n".join(f"{n}、{paragraph(90)}" for n in (1, 2, 3))
    assert cut(f"{paragraph(300)}\n{listing}") == [paragraph(300), listing]


def test_an_item_too_long_is_cut_behind_its_lead_in(cut: Cut) -> None:
    """When lead-in and first item do not fit, the item is cut, not the tie between them."""
    pieces = cut(f"工作如下：\n1、{paragraph(345)}")
    assert pieces[0].startswith("工作如下：\n1、客服")
    assert len(pieces) == 2


def test_labels_to_fill_in_do_not_tie_each_other(cut: Cut) -> None:
    """Items that end in a colon are no lead-ins of their siblings."""
    labels = [f"{n}、客服人员的工号和姓名以及部门：" for n in range(1, 40)]
    pieces = cut("\n".join(labels))
    assert "\n".join(pieces) == "\n".join(labels)
    assert all(100 < len(piece) <= 350 for piece in pieces)


def test_question_and_answer_stay_together_and_apart_from_others(cut: Cut) -> None:
    """Each 问 with its 答 is one passage."""
    text = "问：如何申请退款？\n答：在订单页点击退款。\n问：几天到账？\n答：三到七天。"
    assert cut(text) == ["问：如何申请退款？\n答：在订单页点击退款。", "问：几天到账？\n答：三到七天。"]


def test_numbers_and_marks_never_stand_alone(cut: Cut) -> None:
    """A number on its own line joins its neighbour, a mark what follows; alone they are no passage."""
    assert cut(f"{paragraph(200)}\n98.5%\n{paragraph(300)}") == [f"{paragraph(200)}\n98.5%", paragraph(300)]
    assert cut(f"{paragraph(200)}\n1、\n{paragraph(300)}") == [paragraph(200), f"1、\n{paragraph(300)}"]
    assert cut("12\n\n正文。\n——\n34") == ["12\n\n正文。"]


def test_rules_comments_and_fences_are_in_no_passage(cut: Cut) -> None:
    """Rules, comment lines and code fences separate passages; code itself is text."""
    text = "甲。\n\n---\n\n乙。\n<!-- 隐藏 -->\n<!--\n多行\n-->\n丙。\n\n"
    text += "```sh\nls 目录\n```\n\n丁<!-- 行内 -->。\n<!-- 未结束\n戊。"
    assert cut(text, name="a.md") == [
        "甲。",
        "乙。",
        "丙。",
        "ls 目录",
        "丁<!-- 行内 -->。\n<!-- 未结束\n戊。",
    ]


def test_a_section_of_comments_has_no_passage(cut: Cut) -> None:
    """In plain text too, a line that is a comment is not cited."""
    assert cut("<!-- 隐藏 -->\n<!-- 也隐藏 -->") == []


def test_a_table_is_cut_between_rows(cut: Cut) -> None:
    """A table's rows stay whole, its ruler with its head."""
    rows = [
        "| 项目 | 得分 |",
        "|------|------|",
        *(f"| 第{n}项服务态度与业务能力检查 | {n} 分 |" for n in range(40)),
    ]
    pieces = cut("\n".join(rows), name="a.md")
    assert "\n".join(pieces) == "\n".join(rows)
    assert len(pieces) > 2
    assert pieces[0].startswith("| 项目 | 得分 |\n|------|------|\n")


def test_ids_are_made_from_content(outlined: Outlined) -> None:
    """The same words under the same headings have the same id in any file; a repetition is numbered."""
    text = "总结\n一、投诉\n及时处理。\n二、回访\n及时处理。\n"
    one, two = outlined(text, "a.txt")[0] + outlined(text, "b.txt")[0]
    ids = [passage.passage_id for passage in passages([one, two])]
    assert len(set(ids)) == 4
    assert ids[2:] == [f"{ids[0]}-2", f"{ids[1]}-2"]
    assert [passage.passage_id for passage in passages([two])] == ids[:2]
    assert re.fullmatch(r"[0-9a-f]{12}", ids[0])


def test_the_limit_can_be_lower_but_not_silly(cut: Cut) -> None:
    """A lower limit holds; below 20 is an error."""
    assert all(len(piece) <= 100 for piece in cut(paragraph(800), max_chars=100))
    with pytest.raises(ValueError, match="max_chars"):
        cut("正文。", max_chars=19)

"""Several reports in one file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain import Omission, Report

Outlined = Callable[..., tuple[tuple[Report, ...], tuple[Omission, ...]]]
TEXT = "今年共处理投诉三百余起，客户满意度稳步上升。"


FORMS = [
    "客服年终总结报告篇{han}",
    "客服年终总结报告 篇{n}",
    "客服年终总结报告(篇{han})",
    "客服年终总结报告篇{han}：",
    "第{han}篇",
    "第{n}篇：客服总结",
    "【篇{n}】",
    "【篇{n}】客服总结",
    "【第{han}篇】客服总结",
    "篇{han}：客服，总结",
    "篇{n} 客服总结",
    "客服总结 第{n}篇",
    "客服总结范文{han}",
    "范文{n}：客服总结",
    "物业客服年终总结（{han}）",
    "客服工作总结{n}",
]


@pytest.mark.parametrize("form", FORMS)
def test_each_way_of_numbering_reports_is_known(outlined: Outlined, form: str) -> None:
    """A sequence of titles splits a file; what stands before the first is left out."""
    titles = [form.format(han=han, n=n) for n, han in enumerate("一二三四五六七八九十", 1)] + [
        form.format(han="十一", n=11)
    ]
    text = "客服年终总结(优质11篇)\n下面是小编带来的范文。\n" + "".join(
        f"{title}\n{TEXT}\n" for title in titles
    )
    reports, omissions = outlined(text)
    assert [report.title for report in reports] == [title.rstrip("：") for title in titles]
    assert [report.report_id for report in reports] == [f"file#{n}" for n in range(1, 12)]
    assert all(report.sections[0].path == (report.title,) for report in reports)
    assert [text[o.span.start : o.span.end] for o in omissions] == [
        "客服年终总结(优质11篇)\n下面是小编带来的范文。"
    ]


def test_markdown_headings_and_bold_lines_are_titles(outlined: Outlined) -> None:
    """A compilation may be Markdown; the headings of each report nest without those above the titles."""
    text = f"# 合集\n\n## 客服总结篇一\n\n### 一、收费\n\n{TEXT}\n\n**客服总结篇二**\n\n{TEXT}\n"
    reports, _ = outlined(text, "a.md")
    assert [report.title for report in reports] == ["客服总结篇一", "客服总结篇二"]
    assert [section.path for report in reports for section in report.sections] == [
        ("一、收费",),
        ("客服总结篇二",),
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"客服总结篇三\n{TEXT}\n",
        f"总结\n{TEXT}\n客服总结篇三\n{TEXT}\n",
        f"总结\n客服总结篇一\n{TEXT}\n客服总结篇七\n{TEXT}\n",
        f"总结\n{TEXT}\n我写了总结篇一。\n{TEXT}\n他写了总结篇二。\n",
        f"总结\n{TEXT}\n客服总结篇一\n客服总结篇二\n{TEXT}\n",
        f"方法\n{TEXT}\n{TEXT}\n{TEXT}\n{TEXT}\n季度报告一\n{TEXT}\n季度报告二\n{TEXT}\n",
        f"方法\n补救方案一\n{TEXT}\n补救方案二\n{TEXT}\n",
        f"客服总结篇三\n第一篇\n{TEXT}\n第二篇\n{TEXT}\n",
    ],
)
def test_without_a_sequence_of_titles_a_file_is_one_report(outlined: Outlined, text: str) -> None:
    """One title, numbers that do not go on, sentences, titles without text: no compilation."""
    reports, _ = outlined(text)
    assert len(reports) == 1
    assert reports[0].report_id == "file"


def test_a_table_of_contents_does_not_split(outlined: Outlined) -> None:
    """Titles listed at the top and standing again over their text count once."""
    titles = ["篇一：物业", "篇二：电商"]
    text = "合集\n" + "\n".join(titles) + "\n" + "".join(f"{title}\n{TEXT}\n" for title in titles)
    reports, omissions = outlined(text)
    assert [report.title for report in reports] == titles
    assert reports[0].span.start == text.rindex(titles[0])
    assert len(omissions) == 1


def test_a_missing_title_leaves_its_text_with_the_report_before(outlined: Outlined) -> None:
    """One number may be missing in the sequence."""
    reports, _ = outlined(f"总结篇一\n{TEXT}\n总结篇三\n{TEXT}\n总结篇四\n{TEXT}\n")
    assert [report.title for report in reports] == ["总结篇一", "总结篇三", "总结篇四"]


def test_a_first_report_that_lost_its_title_is_kept(outlined: Outlined) -> None:
    """Much text before 篇二 is a report; a few words before it are not."""
    rest = f"客服总结篇二\n{TEXT}\n客服总结篇三\n{TEXT}\n"
    reports, omissions = outlined("客服总结\n" + f"{TEXT}\n" * 20 + rest)
    assert [report.title for report in reports] == ["客服总结", "客服总结篇二", "客服总结篇三"]
    assert omissions == ()
    assert len(outlined(f"客服总结\n{TEXT}\n{rest}")[0]) == 2


def test_boilerplate_and_tails_of_each_report_are_left_out(outlined: Outlined) -> None:
    """An editor's lines, empty labels, signatures, greetings and links are omissions with reasons."""
    text = (
        f"客服总结篇一\n以下是小编整理的范文，仅供参考！\n{TEXT}\n客服:\n"
        f"客服总结篇二\n{TEXT}\n此致\n敬礼！\n述职人：李明\nxx年x月x日\n来源：某网\n"
        f"【客服总结】相关文章：\n1.客服总结范文\n2.客服年终总结\n"
    )
    reports, omissions = outlined(text)
    assert [text[r.sections[0].span.start : r.sections[0].span.end] for r in reports] == [TEXT, TEXT]
    assert [text[o.span.start : o.span.end].split("\n")[0] for o in omissions] == [
        "以下是小编整理的范文，仅供参考！",
        "客服:",
        "此致",
    ]
    assert all(omission.reason for omission in omissions)


def test_titles_without_words_below_are_left_out(outlined: Outlined) -> None:
    """A report with nothing but punctuation is an omission."""
    reports, omissions = outlined(f"总结篇一\n{TEXT}\n总结篇二\n……\n总结篇三\n{TEXT}\n")
    assert [(report.report_id, report.title) for report in reports] == [
        ("file#1", "总结篇一"),
        ("file#2", "总结篇三"),
    ]
    assert [omission.reason for omission in omissions] == ["there is no text in it"]


def test_links_are_only_cut_off_at_the_end(outlined: Outlined) -> None:
    """相关推荐 in the midst of a report, with paragraphs after it, is text."""
    (report,), omissions = outlined(f"总结\n{TEXT}\n相关推荐\n{TEXT * 5}\n")
    assert omissions == ()
    assert report.sections[-1].span.end == report.span.end


def test_the_reference_compilation_comes_out_as_read_by_a_person(
    outlined: Outlined, reference_file: Path
) -> None:
    """Ten reports; headings in 篇三 and 篇四 only; boilerplate and the last label left out."""
    text = reference_file.read_text(encoding="utf-8")
    reports, omissions = outlined(text)
    assert [report.title for report in reports] == [f"客服年终总结报告篇{n}" for n in "一二三四五六七八九十"]
    headed = {report.title[-1]: [section.path for section in report.sections] for report in reports}
    assert headed.pop("三") == [
        ("客服年终总结报告篇三",),
        ("一、管理精细化",),
        ("二、工作标准化",),
        ("三、服务规范化",),
    ]
    assert headed.pop("四") == [("客服年终总结报告篇四",), ("二、考核",), ("三、团队建设",)]
    assert all(paths == [(f"客服年终总结报告篇{n}",)] for n, paths in headed.items())
    assert [text[o.span.start : o.span.end][:16] for o in omissions] == [
        "客服年终总结报告(优质10篇)\n",
        "客服:",
    ]

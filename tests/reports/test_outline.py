"""Reports and section trees."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain import Omission, Report

Outlined = Callable[..., tuple[tuple[Report, ...], tuple[Omission, ...]]]
Tree = Callable[..., list[str]]
BODY = "全年共接听客户来电十二万余通，接通率比去年提高了三个百分点，客户满意度稳步上升。"

YEAR_REPORT = """2023年度客服部工作总结

　　时光荏苒，转眼间一年即将过去，现将工作情况汇报如下：

　　一、2023年工作回顾
　　（一）热线接听工作
　　全年共接听客户来电12.5万通，接通率达到98.6%。
　　（二）投诉处理工作
　　1、建立投诉分级制度。将投诉分为一般、重要、紧急三级，分别限时响应。
　　2、落实首问负责制。谁接待谁负责到底。
　　3、每周召开投诉分析会，分析原因。
　　二、存在的问题
　　1．人员流动性较大
　　受薪酬及工作强度影响，全年离职率达到18%。
　　2．系统支撑不足
　　现有工单系统功能单一，无法与CRM系统打通。
　　三、2024年工作计划
　　一是加强培训；二是优化系统；三是完善考核。

汇报人：张三
2023年12月30日
"""

YEAR_TREE = """\
2023年度客服部工作总结
  2023年度客服部工作总结 | 时光荏苒，转眼间
  一、2023年工作回顾 > （一）热线接听工作 | 全年共接听客户来
  一、2023年工作回顾 > （二）投诉处理工作 | 1、建立投诉分级
  二、存在的问题 > 1．人员流动性较大 | 受薪酬及工作强度
  二、存在的问题 > 2．系统支撑不足 | 现有工单系统功能
  三、2024年工作计划 | 一是加强培训；二"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_year_report_has_the_tree_a_reader_sees(tree: Tree, line_end: str) -> None:
    """Indented, mixed numbering nests 一、 > （一） > 1．; full sentences under numbers stay a list."""
    assert "\n".join(tree(YEAR_REPORT.replace("\n", line_end))) == YEAR_TREE


def test_a_signature_and_date_at_the_end_are_left_out(outlined: Outlined) -> None:
    """汇报人：… and the date under a report are an omission with a reason, outside of its span."""
    (report,), (omission,) = outlined(YEAR_REPORT)
    assert report.text[omission.span.start : omission.span.end] == "汇报人：张三\n2023年12月30日"
    assert "signature" in omission.reason
    assert report.span.end < omission.span.start


def test_spans_leave_out_headings_and_spaces(outlined: Outlined) -> None:
    """A section's span is its own text, trimmed; the report's begins with its title."""
    (report,), _ = outlined("总结\n　　一、回顾。\n　　做了很多。\n\n　　二、计划\n　　再做。\n")
    assert [report.text[s.span.start : s.span.end] for s in report.sections] == ["做了很多。", "再做。"]
    assert [(s.path, s.order) for s in report.sections] == [(("一、回顾",), 0), (("二、计划",), 1)]
    assert report.text[report.span.start : report.span.end].startswith("总结")


def test_chapters_hold_sections(tree: Tree) -> None:
    """第一章 holds 第一节; a chapter without text of its own has no section but stays in the path."""
    text = f"服务规范\n第一章 总则\n第一节 目的\n{BODY}\n第二节 范围\n{BODY}\n"
    text += f"第二章 投诉\n{BODY}\n第一节 受理\n（1）记录；\n（2）转派；\n"
    assert tree(text) == [
        "服务规范",
        "  第一章 总则 > 第一节 目的 | 全年共接听客户来",
        "  第一章 总则 > 第二节 范围 | 全年共接听客户来",
        "  第二章 投诉 | 全年共接听客户来",
        "  第二章 投诉 > 第一节 受理 | （1）记录；",
    ]


def test_unusual_nesting_is_learnt_from_the_numbers(tree: Tree) -> None:
    """一、 that begins anew under each 1、 is nested in it, whatever is usual."""
    text = "1、回顾\n一、接听\n接听一万个。\n二、投诉\n处理三百起。\n"
    text += "2、计划\n一、提升\n再提升。\n二、培训\n多培训。\n"
    assert tree(text)[1:] == [
        "  1、回顾 > 一、接听 | 接听一万个。",
        "  1、回顾 > 二、投诉 | 处理三百起。",
        "  2、计划 > 一、提升 | 再提升。",
        "  2、计划 > 二、培训 | 多培训。",
    ]


@pytest.mark.parametrize(
    "members",
    [
        "一、管理精细化。\n{b}\n二、工作标准化。\n{b}\n",
        "二、考核。\n{b}\n三、团队建设。\n{b}\n",
        "一、加强学习，提高业务水平\n{b}\n二、端正态度，热情服务\n{b}\n",
        "一、加强学习，提高素质。\n{b}\n二、爱岗敬业，扎实工作。\n{b}\n",
        "（一）怎么做好回访？\n{b}\n（二）怎么处理投诉？\n{b}\n",
        "一、回顾\n二、投诉\n{b}\n三、培训\n{b}\n",
        "主要做了以下几点：\n一、接听\n{b}\n二、投诉\n{b}\n",
        "1、接听\n{b}\n2、投诉\n{b}\n",
        "一 接听\n{b}\n二 投诉\n{b}\n",
        "总的情况。\n一、接听\n{b}\n",
    ],
)
def test_short_siblings_over_text_are_headings(outlined: Outlined, members: str) -> None:
    """Short numbered lines with text below are headings, a final 。 or a missing number notwithstanding."""
    (report,), _ = outlined("总结\n" + members.format(b=BODY))
    assert any(section.path != ("总结",) for section in report.sections)
    assert not any(path[-1] in "。：:" for section in report.sections for path in section.path)


@pytest.mark.parametrize(
    "members",
    [
        "职责如下：\n一、日常接待工作,接待来访人员、接听电话,记录来电。\n二、定期对清洁工作进行监督。\n三、完成其他任务。\n",
        "职责如下：\n一、接待来访\n二、接听电话\n三、处理投诉\n四、归档\n此外还有其他工作。\n",
        "1、咨询量有所降低。\n2、约访量降低。\n3、意向不强。\n{b}\n",
        "1、接听\n{b}\n",
        "问题有两个：\n一、接听不及时\n{b}",
        "1、接听\n{b}\n2、每天都要打扫办公室，活虽不重，但需要毅力才能坚持下来，这是很好的锻炼。\n{b}\n",
        "①接听；\n②投诉；\n③回访。\n",
        "一、管理。{b}\n二、服务。{b}\n",
        "1，接听\n{b}\n",
        "一、日常接待工作中接待来访的人员和接听电话并且记录业主来电\n来访的投诉。\n二、定期监督。\n短文。\n",
    ],
)
def test_lines_of_a_list_are_not_headings(outlined: Outlined, members: str) -> None:
    """Numbered lines that follow one another, are sentences or run long stay text."""
    (report,), _ = outlined("总结\n" + members.format(b=BODY))
    assert [section.path for section in report.sections] == [("总结",)]


def test_english_headings_may_be_wider(tree: Tree) -> None:
    """An ASCII letter is half as wide; numbers and sentences are told apart as in Chinese."""
    text = (
        "Annual Customer Service Report\n1. Complaint handling in the call centre\nWe answered all. Well.\n"
    )
    text += "2. Quality\nScores rose to 3.5 points.\n3. Team\nFive joined.\n"
    assert tree(text) == [
        "Annual Customer Service Report",
        "  1. Complaint handling in the call centre | We answe",
        "  2. Quality | Scores r",
        "  3. Team | Five joi",
    ]
    listed = "Annual Report\n1. We answered all the calls in time.\n2. We trained. All of us.\nThe end.\n"
    assert tree(listed)[1:] == ["  Annual Report | 1. We an"]


def test_a_heading_that_runs_on_keeps_its_text(tree: Tree) -> None:
    """Among headings, "二、其他。还组织了…" opens its section and stays in its text."""
    text = f"总结\n一、收费\n{BODY}\n二、其他。今年还组织了社区活动，得到好评。\n三、安全\n{BODY}\n"
    assert tree(text)[2] == "  二、其他 | 二、其他。今年还"


def test_a_long_sibling_closes_the_section_before_it(tree: Tree) -> None:
    """Among headings, a numbered paragraph without a short head belongs to no sibling."""
    long = "二、今年还组织了社区活动，得到业主一致的好评，来年要继续组织下去，越办越好。"
    text = f"总结\n一、收费\n{BODY}\n{long}\n三、安全\n{BODY}\n"
    assert tree(text)[2] == "  总结 | 二、今年还组织了"


def test_markdown_headings_nest_with_chinese_numbering_below(tree: Tree) -> None:
    """# levels nest; numbering inside nests below them; lists, tables and code are text."""
    text = """# 客服质检月报
本月共抽检录音 500 条。
## 质检概况
| 项目 | 得分 |
|------|------|
| 态度 | 96 |

一、扣分原因
1. 未使用标准开场白
2. 抢话、打断客户

二、改进措施

```
# 不是标题
```
### 附注 ###
无。
"""
    assert tree(text, "a.md") == [
        "客服质检月报",
        "  客服质检月报 | 本月共抽检录音 ",
        "  质检概况 | | 项目 | 得",
        "  质检概况 > 一、扣分原因 | 1. 未使用标准",
        "  质检概况 > 二、改进措施 | # 不是标题",
        "  质检概况 > 附注 | 无。",
    ]


def test_bold_lines_go_on_with_numbered_markdown_headings(tree: Tree) -> None:
    """**二、…** after ## 一、… is its sibling; **…** without a number is a heading over its text."""
    text = "# 月报\n## 一、概况\n文。\n### （一）细节\n文。\n**二、措施**\n文。\n\n"
    text += "**小结**\n\n文。\n\n工作：\n\n**重点**\n\n文。\n"
    assert tree(text, "a.md")[1:] == [
        "  一、概况 | 文。",
        "  一、概况 > （一）细节 | 文。",
        "  二、措施 | 文。",
        "  二、措施 > 小结 | 文。",
    ]


@pytest.mark.parametrize(
    ("text", "name", "title"),
    [
        ("年终总结\n正文很长。\n", "a.txt", "年终总结"),
        ("客服年终总结报告篇三\n正文很长。\n", "a.txt", "客服年终总结报告篇三"),
        ("今年，做了很多。\n正文很长。\n", "a.txt", "a"),
        ("各位领导：\n正文很长。\n", "a.txt", "a"),
        ("时间：周一\n正文很长。\n", "a.txt", "a"),
        ("一、回顾\n正文很长。\n", "a.txt", "a"),
        ("目录\n正文很长。\n", "a.txt", "a"),
        ("只有一行\n", "a.txt", "a"),
        ("# 标题\n正文。\n## 二级\n正文。\n", "a.md", "标题"),
        ("# 一\n正文。\n# 二\n正文。\n", "a.md", "a"),
        ("正文。\n# 一\n正文。\n", "a.md", "a"),
        ("---\ntitle: 月报\n---\n正文。\n", "a.md", "月报"),
        ("---\ntitle: 月报\n---\n# 大月报\n正文。\n", "a.md", "大月报"),
        ("**年终总结**\n\n正文很长。\n", "a.md", "年终总结"),
    ],
)
def test_a_single_report_is_titled_as_a_person_would(
    outlined: Outlined, text: str, name: str, title: str
) -> None:
    """By its first line if that is a title, its only top heading, its front matter, or the file's name."""
    (report,), _ = outlined(text, name)
    assert report.title == title
    assert (report.report_id, report.source) == ("a", f"corpus/{name}")


def test_unnumbered_headings_need_two_alike(outlined: Outlined) -> None:
    """A few words over a long paragraph are a heading only when the report does so again."""
    twice = outlined(f"述职报告\n各位领导：\n大家好。\n工作回顾\n{BODY}\n今后打算\n{BODY}\n")[0][0]
    once = outlined(f"述职报告\n大家好。\n工作回顾\n{BODY}\n")[0][0]
    assert [section.path for section in twice.sections] == [("述职报告",), ("工作回顾",), ("今后打算",)]
    assert [section.path for section in once.sections] == [("述职报告",)]


def test_unnumbered_headings_stand_between_sentences(outlined: Outlined) -> None:
    """Short lines in a row, or over short lines, are no headings."""
    unended = "没有句号的一行文字也可以" + "很长" * 20
    text = f"名单\n售前导购\n售中客服\n{BODY}\n售后\n短。\n物流\n{unended}\n"
    assert [section.path for section in outlined(text)[0][0].sections] == [("名单",)]


def test_a_table_of_contents_is_left_out(outlined: Outlined) -> None:
    """Lines under 目录 that stand again below are an omission."""
    text = (
        f"管理制度\n目  录\n第一章 总则........1\n第二章 职责 3\n第一章 总则\n{BODY}\n第二章 职责\n{BODY}\n"
    )
    (report,), (omission,) = outlined(text)
    assert [section.path for section in report.sections] == [("第一章 总则",), ("第二章 职责",)]
    assert text[omission.span.start : omission.span.end].endswith("第二章 职责 3")


@pytest.mark.parametrize("text", ["", "\n\u3000\n", "——\n……\n", "一、\n", "12.5\n"])
def test_a_file_without_words_has_no_report(outlined: Outlined, text: str) -> None:
    """Blank lines, punctuation, bare numbers: nothing to answer from."""
    assert outlined(text)[0] == ()
    assert outlined(text, "a.md")[0] == ()


def test_sections_without_words_are_not_made(tree: Tree) -> None:
    """A section of punctuation or bare numbering is none."""
    assert tree("总结\n一、回顾\n做了。\n二、计划\n……\n1、\n三、感谢\n谢谢。\n") == [
        "总结",
        "  一、回顾 | 做了。",
        "  三、感谢 | 谢谢。",
    ]


def test_the_stem_names_the_report(outlined: Outlined) -> None:
    """The title of last resort is the file's name without its suffix."""
    (report,), _ = outlined("正文。\n", "07-商业物业.txt")
    assert report.title == report.report_id == Path("07-商业物业.txt").stem

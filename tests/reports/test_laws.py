"""Laws that hold for any text."""

import re
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain import Omission, Passage, Report, Section
from bot.reports.library import split
from bot.reports.markers import has_words, is_item, is_lead_in, marker
from bot.reports.outline import outline
from bot.reports.passages import passages
from bot.reports.readers import parse, read

MARKS = "一、|二、|三、|（一）|（二）|1、|2、|3、|1.|２．|(1)|(2)|①|第一章|第二节|第一，"
SIGNS = "- |# |## |1.1 |\u3000\u3000"
SHORT = "投诉处理|加强学习，提高素质|工作如下：|以下是总结。|客服|接通率98.5%|12|……|KPI|管理精细化。"
SPECIAL = "问：多久？|答：三天。|汇报人：张三|2023年12月30日|客服:|以下是小编整理的范文|目录"
MARKDOWN = "/a/b/|/---/|```|---|<!--|-->|**二、加粗**|👨‍👩‍👧"
LONG = [
    "今年共处理投诉三百余起，客户满意度稳步上升。",
    "客服人员接到投诉以后要认真倾听；" * 9,
    "没有标点的文字" * 30,
    "字" * 400,
]
WORDS = [*f"{SHORT}|{SPECIAL}|{MARKDOWN}".split("|"), "| a | b |", "|---|---|", *LONG]
TITLES = [
    "客服总结篇一",
    "客服总结篇二",
    "客服总结篇三",
    "第一篇",
    "第二篇",
    "【篇1】总结",
    "工作总结（一）",
    "工作总结（二）",
]
LINES = st.tuples(
    st.sampled_from(["", "", *f"{MARKS}|{SIGNS}".split("|")]),
    st.sampled_from(WORDS),
    st.sampled_from(["", "", "。", "："]),
).map("".join)
SOUP = st.lists(LINES | st.sampled_from(TITLES) | st.just("") | st.text(max_size=12), max_size=30).map(
    "\n".join
)
SUFFIX = st.sampled_from([".txt", ".md"])
BODIES = st.lists(LINES, min_size=1, max_size=10).map("\n".join)
COMPILATION = st.lists(BODIES, min_size=2, max_size=5).map(
    lambda bodies: (
        "合集\n"
        + "".join(f"客服年终总结报告篇{n}\n{body}\n" for n, body in zip("一二三四五", bodies, strict=False))
    )
)

Outline = tuple[tuple[Report, ...], tuple[Omission, ...]]


def outlined(text: str, suffix: str) -> Outline:
    """Return the outline of a text, or of nothing where it cannot be one."""
    text = re.sub(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\r\ufeff\ud800-\udfff]", "", text)
    return outline(parse(text.encode(), Path(f"a{suffix}")), source=f"corpus/a{suffix}", report_id="a")


@given(SOUP, SUFFIX)
def test_spans_of_reports_sections_and_omissions_are_in_order(text: str, suffix: str) -> None:
    """Sections lie in their report, reports and omissions in the text; none overlaps; all have words."""
    reports, omissions = outlined(text, suffix)
    end = 0
    for report in reports:
        assert end <= report.span.start < report.span.end <= len(report.text)
        assert report.title.strip() == report.title != ""
        inner = report.span.start
        assert [section.order for section in report.sections] == list(range(len(report.sections)))
        for section in report.sections:
            words = report.text[section.span.start : section.span.end]
            assert inner <= section.span.start
            assert words == words.strip()
            assert any(has_words(line.strip()) for line in words.split("\n"))
            assert section.path
            assert all(section.path)
            inner = section.span.end
        assert inner <= report.span.end
        end = report.span.end
    covered = sorted(
        [report.span for report in reports] + [o.span for o in omissions], key=lambda span: span.start
    )
    assert all(
        one.end <= two.start or (one.start <= two.start and two.end <= one.end)
        for one, two in pairwise(covered)
    )
    assert all(omission.reason for omission in omissions)


def check_passages(report: Report, found: list[Passage], max_chars: int) -> None:
    """Assert what holds of the passages of one report."""
    for passage in found:
        assert report.text[passage.start : passage.end] == passage.text == passage.text.strip()
        assert 0 < len(passage.text) <= max_chars
        assert has_words(passage.text)
        assert sum(s.span.start <= passage.start and passage.end <= s.span.end for s in report.sections) == 1
    assert all(one.end <= two.start for one, two in pairwise(found))


@given(SOUP, SUFFIX, st.sampled_from([20, 50, 100, 350]))
@settings(max_examples=300)
@example("字" * 400, ".txt", 350)
@example("1、" * 200 + "客", ".txt", 20)
def test_passages_are_verbatim_bounded_disjoint_and_within_sections(
    text: str, suffix: str, max_chars: int
) -> None:
    """Whatever the text, a passage is a trimmed span with words, at most the limit, inside one section."""
    reports, _ = outlined(text, suffix)
    found = passages(reports, max_chars=max_chars)
    assert len({passage.passage_id for passage in found}) == len(found)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", passage.passage_id) for passage in found)
    for report in reports:
        check_passages(
            report, [passage for passage in found if passage.report_id == report.report_id], max_chars
        )


def letters_of_lines(report: Report, section: Section) -> set[int]:
    """Return where the letters of a section's lines stand, but for bare numbering and code marks."""
    where = set()
    start = section.span.start
    for line in report.text[section.span.start : section.span.end].split("\n"):
        if has_words(line.strip()) and not line.strip().startswith(("```", "~~~")):
            where |= {start + at for at, char in enumerate(line) if char.isalpha()}
        start += len(line) + 1
    return where


@given(SOUP.filter(lambda text: "-->" not in text), SUFFIX, st.sampled_from([20, 50, 350]))
def test_every_letter_of_a_section_is_in_a_passage(text: str, suffix: str, max_chars: int) -> None:
    """Nothing with words is lost between passages."""
    reports, _ = outlined(text, suffix)
    for report in reports:
        covered = {
            at
            for passage in passages([report], max_chars=max_chars)
            for at in range(passage.start, passage.end)
        }
        for section in report.sections:
            assert letters_of_lines(report, section) <= covered


@given(SOUP, SUFFIX)
@settings(max_examples=300)
def test_a_lead_in_is_never_parted_from_its_items(text: str, suffix: str) -> None:
    """No passage of a section ends in a lead-in where the next begins with an item of its list."""
    reports, _ = outlined(text, suffix)
    found = passages(reports)
    for one, two in pairwise(found):
        between = reports[0].text[one.end : two.start]
        if one.section != two.section or one.report_id != two.report_id or between.strip():
            continue
        line = reports[0].text[reports[0].text.rfind("\n", 0, one.end) + 1 : one.end].strip()
        styles = [mark and mark.style for mark in (marker(line), marker(two.text))]
        if is_lead_in(line) and "\n" in between:
            assert not is_item(two.text) or (styles[0] is not None and styles[0] == styles[1])


def told(report: Report) -> tuple[object, ...]:
    """Return what a report must keep when it becomes a file of its own."""
    cut = passages([report])
    sections = [(s.path, report.text[s.span.start : s.span.end]) for s in report.sections]
    return report.title, sections, [(passage.passage_id, passage.text) for passage in cut]


@given(COMPILATION, SUFFIX)
@settings(max_examples=200)
def test_a_slice_read_again_is_the_same_report(text: str, suffix: str) -> None:
    """Splitting a compilation into files changes no title, section or passage."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"合集{suffix}"
        path.write_bytes(text.encode())
        whole, _ = outline(read(path, max_bytes=10**6), source=path.name, report_id="a")
        for report, part in zip(whole, split(path, max_bytes=10**6), strict=True):
            again = Path(folder) / part.name
            again.write_bytes(part.text.encode())
            (alone,), _ = outline(read(again, max_bytes=10**6), source=again.name, report_id="b")
            assert told(alone) == told(report)

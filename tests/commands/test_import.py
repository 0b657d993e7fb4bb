"""`wenbao import`: a compilation becomes a file per report, word for word; nothing is lost."""

from pathlib import Path
from typing import Any

import pytest

from bot.domain import Passage
from bot.home import Home
from bot.wiring import assemble

from .shell import SHARED, needs_shared, snapshot, wenbao

COMPILATION = """客服工作总结(精选2篇)
下面是小编整理的范文,供大家参考。
客服工作总结篇一
一、热线
今年我们接听热线两万通,投诉当天答复。
客服工作总结篇二
一、外呼
外呼组按月定指标,按周看进度,按天复盘。
"""


@pytest.fixture
def compilation(tmp_path: Path) -> Path:
    path = tmp_path / "工作总结.txt"
    path.write_text(COMPILATION, "utf-8")
    return path


def test_a_compilation_becomes_a_file_per_report(empty: Path, compilation: Path) -> None:
    """Each is named, and has the words of its report only."""
    done = wenbao("import", compilation, "--home", empty)
    names = ["corpus/工作总结-01.txt", "corpus/工作总结-02.txt"]
    assert (done.code, done.err) == (0, "")
    assert [line for line in done.out.splitlines() if line.startswith("+ ")] == [f"+ {n}" for n in names]
    assert sorted(path.name for path in (empty / "corpus").iterdir()) == [n.split("/")[1] for n in names]
    texts = [(empty / name).read_text("utf-8") for name in names]
    assert texts[0].startswith("客服工作总结篇一")
    assert "外呼" not in texts[0]
    assert all(text in COMPILATION for text in texts)


def test_the_outline_is_shown(empty: Path, compilation: Path) -> None:
    """Reports, sections, and what is left out, before anything is written."""
    out = wenbao("import", compilation, "--home", empty).out
    for shown in ("《客服工作总结篇一》", "一、热线", "《客服工作总结篇二》", "一、外呼", "left out: "):
        assert shown in out
        assert out.index(shown) < out.index("+ corpus/")


def test_the_next_step_is_named(empty: Path, compilation: Path) -> None:
    """And it works: what was imported answers."""
    assert "wenbao refresh" in wenbao("import", compilation, "--home", empty).out.splitlines()[-1]
    assert wenbao("refresh", "--home", empty).code == 0
    (first, *_) = wenbao("ask", "外呼指标", "--json", "--home", empty).json["hits"]
    assert (first["report"], first["section"]) == ("客服工作总结篇二", ["一、外呼"])


def test_a_single_report_keeps_its_name(empty: Path, tmp_path: Path) -> None:
    """Markdown stays Markdown."""
    report = tmp_path / "热线.md"
    report.write_text("# 热线总结\n\n## 投诉\n\n先听完，再登记。\n", "utf-8")
    assert "+ corpus/热线.md" in wenbao("import", report, "--home", empty).out
    assert (empty / "corpus" / "热线.md").read_text("utf-8").strip() == report.read_text("utf-8").strip()


def test_other_encodings_are_taken_in_as_utf8(empty: Path, tmp_path: Path) -> None:
    """GB18030, as older office programs write it."""
    report = tmp_path / "热线.txt"
    report.write_bytes("热线总结\n一、投诉\n接到投诉先听完，再登记时间、地点和诉求。\n".encode("gb18030"))
    assert wenbao("import", report, "--home", empty).code == 0
    assert "先听完，再登记" in (empty / "corpus" / "热线.txt").read_text("utf-8")


def test_several_files_at_once(empty: Path, tmp_path: Path, compilation: Path) -> None:
    """All of them, in one go."""
    report = tmp_path / "热线.md"
    report.write_text("# 热线总结\n\n## 投诉\n\n先听完，再登记。\n", "utf-8")
    assert wenbao("import", compilation, report, "--home", empty).code == 0
    assert len(list((empty / "corpus").iterdir())) == 3


def test_nothing_is_overwritten_unasked(empty: Path, compilation: Path) -> None:
    """One name that is taken is enough: nothing is written, and --force is named."""
    (empty / "corpus" / "工作总结-02.txt").write_text("eigenes", "utf-8")
    before = snapshot(empty / "corpus")
    done = wenbao("import", compilation, "--home", empty)
    assert done.code == 2
    assert "工作总结-02.txt is there already" in done.one_line
    assert "--force" in done.one_line
    assert snapshot(empty / "corpus") == before


def test_force_overwrites(empty: Path, compilation: Path) -> None:
    """What was there is replaced."""
    (empty / "corpus" / "工作总结-02.txt").write_text("old", "utf-8")
    assert wenbao("import", compilation, "--force", "--home", empty).code == 0
    assert (empty / "corpus" / "工作总结-02.txt").read_text("utf-8").startswith("客服工作总结篇二")


def test_two_files_of_one_name_are_refused(empty: Path, tmp_path: Path) -> None:
    """One would overwrite the other."""
    files = [tmp_path / folder / "热线.md" for folder in ("a", "b")]
    for file in files:
        file.parent.mkdir()
        file.write_text("# 热线\n\n## 投诉\n\n先听完，再登记。\n", "utf-8")
    assert "twice" in wenbao("import", *files, "--home", empty).failed(2)
    assert list((empty / "corpus").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("图.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4),
        ("断.txt", "投诉处理".encode()[:-1] + "，当天答复客户，办结后回访。".encode() * 5),
        ("表.xlsx", b"PK"),
        ("空.md", b" \n\n"),
    ],
)
def test_an_unreadable_file_is_named(
    empty: Path, tmp_path: Path, compilation: Path, name: str, content: bytes
) -> None:
    """Exit code 2, and the readable one beside it is not taken in either."""
    (tmp_path / name).write_bytes(content)
    assert name in wenbao("import", compilation, tmp_path / name, "--home", empty).failed(2)
    assert list((empty / "corpus").iterdir()) == []


def test_a_missing_file_is_named(empty: Path, tmp_path: Path) -> None:
    """Exit code 2."""
    assert "none.txt" in wenbao("import", tmp_path / "none.txt", "--home", empty).failed(2)


@pytest.fixture(scope="module")
def imported(reference: Path) -> list[Passage]:
    """All passages of the imported compilation."""
    opened = assemble(Home(reference), {}, warn=lambda line: pytest.fail(line)).generation()
    return [opened.passage(number) for number in range(opened.size)]


def sections(passages: list[Passage], report: str) -> list[str]:
    """The headings of a report's passages, in order."""
    found = [passage.section[-1] for passage in passages if passage.report == report]
    return [heading for heading in dict.fromkeys(found) if heading != report]


@needs_shared
def test_the_reference_compilation_has_ten_reports(imported: list[Passage], reference: Path) -> None:
    """A file and a title each."""
    titles = [f"客服年终总结报告篇{number}" for number in "一二三四五六七八九十"]
    assert list(dict.fromkeys(passage.report for passage in imported)) == titles
    names = sorted(path.name for path in (reference / "corpus").iterdir())
    assert names == [f"客服年终总结报告-{number:02}.txt" for number in range(1, 11)]


@needs_shared
def test_the_reference_sections_are_found(imported: list[Passage]) -> None:
    """Numbered headings of the third and fourth report."""
    third = sections(imported, "客服年终总结报告篇三")
    assert [heading.rstrip("。:：") for heading in third] == [
        "一、管理精细化",
        "二、工作标准化",
        "三、服务规范化",
    ]
    fourth = sections(imported, "客服年终总结报告篇四")
    assert [heading.rstrip("。:：") for heading in fourth] == ["二、考核", "三、团队建设"]


@needs_shared
def test_imported_passages_stand_in_the_original(imported: list[Passage]) -> None:
    """Word for word, none longer than 350 characters."""
    (file,) = (SHARED / "reports").iterdir()
    original = file.read_text("utf-8-sig")
    assert all(passage.text in original for passage in imported)
    assert all(0 < len(passage.text) <= 350 for passage in imported)


@needs_shared
def test_the_reference_questions_find_their_passages(reference: Path) -> None:
    """Among the first three, whatever the kind: also in English and in other words."""
    kinds: Any = wenbao(
        "eval", "--questions", SHARED / "eval" / "reference-questions.jsonl", "--json", "--home", reference
    ).json["kinds"]
    assert kinds["keyword"]["hit@3"] == 1.0
    assert kinds["question"]["hit@3"] >= 0.92
    assert kinds["traditional"]["hit@3"] == 1.0
    assert kinds["english"]["hit@3"] >= 0.9
    assert kinds["paraphrase"]["hit@3"] >= 0.4

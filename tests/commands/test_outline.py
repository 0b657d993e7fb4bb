"""`wenbao outline`: how a file is understood, without taking it in."""

from pathlib import Path

import pytest

from .shell import ROOT, process, snapshot, wenbao


def test_sections_are_shown_under_their_headings(home: Path) -> None:
    """The report's title, each section, and how much is in it."""
    done = wenbao("outline", home / "corpus" / "热线.md", "--home", home)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "热线.md"
    assert "《热线客服年度总结》" in lines[1]
    assert "一、投诉处理" in lines[2]
    assert "1 passage)" in lines[2]
    assert "二、回访" in lines[3]


def test_deeper_sections_stand_under_theirs() -> None:
    """A sample report with two levels of headings."""
    lines = wenbao("outline", ROOT / "corpus" / "07-商业物业客服.md", "--home", ROOT).out.splitlines()
    above = next(line for line in lines if "三、投诉处理" in line)
    below = next(line for line in lines if "（一）投诉怎么处理" in line)
    assert lines.index(below) == lines.index(above) + 1
    assert below.index("（") > above.index("三")


def test_a_file_can_be_looked_at_without_a_home(tmp_path: Path) -> None:
    """Nothing is written anywhere."""
    report = tmp_path / "热线.md"
    report.write_text("# 热线总结\n\n## 投诉\n\n先听完，再登记。\n", "utf-8")
    before = snapshot(tmp_path)
    done = process("outline", report, cwd=tmp_path, env={"XDG_DATA_HOME": str(tmp_path / "none")})
    assert (done.code, done.err) == (0, "")
    assert "《热线总结》" in done.out
    assert snapshot(tmp_path) == before


def test_nothing_is_taken_in(home: Path, tmp_path: Path) -> None:
    """The corpus and the index stay as they are."""
    report = tmp_path / "新.md"
    report.write_text("# 新\n\n## 甲\n\n先听完，再登记。\n", "utf-8")
    before = snapshot(home)
    assert wenbao("outline", report, "--home", home).code == 0
    assert snapshot(home) == before


@pytest.mark.parametrize("name", ["none.txt", "表.xlsx", "folder.md"])
def test_a_file_that_cannot_be_read_is_named(home: Path, tmp_path: Path, name: str) -> None:
    """Exit code 2."""
    (tmp_path / "表.xlsx").write_bytes(b"PK")
    (tmp_path / "folder.md").mkdir()
    assert name in wenbao("outline", tmp_path / name, "--home", home).failed(2)


def test_a_heading_with_markup_is_shown_as_it_is(home: Path, tmp_path: Path) -> None:
    """Brackets are no style of the terminal's."""
    report = tmp_path / "新.md"
    report.write_text("# [bold]新[/bold] [red]\n\n## [x] :smile: 甲\n\n先听完，再登记。\n", "utf-8")
    out = wenbao("outline", report, "--home", home).out
    assert "《[bold]新[/bold] [red]》" in out
    assert "[x] :smile: 甲" in out

"""`wenbao refresh`: what changed, what was left out, and nothing done for nothing."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .shell import Done, generation, snapshot, wenbao, write_lines

COMPILATION = """客服工作总结(精选3篇)
下面是小编整理的范文,供大家参考。
客服工作总结篇一
今年我们接听热线两万通,投诉当天答复。
客服工作总结篇二
外呼组按月定指标,按周看进度,按天复盘。
客服工作总结篇三
窗口人员实行首问负责制,问到谁谁负责。
"""


def refresh(home: Path, *options: str) -> Done:
    return wenbao("refresh", *options, "--home", home)


def last(done: Done) -> str:
    assert (done.code, done.err) == (0, ""), done
    return done.out.splitlines()[-1]


def add(home: Path, name: str, text: str = "# 考勤\n\n## 规定\n\n迟到三次要写说明。\n") -> Path:
    path = home / "corpus" / name
    path.write_text(text, "utf-8")
    return path


def test_the_summary_counts_what_changed(home: Path) -> None:
    """+2 ~1 −0, then reports, sections, passages, seconds and the generation."""
    add(home, "甲.md")
    add(home, "乙.md", "# 排班\n\n## 规定\n\n周五出下周的班表。\n")
    with (home / "corpus" / "热线.md").open("a", encoding="utf-8") as file:
        file.write("\n## 三、排班\n\n忙时多排两人。\n")
    done = refresh(home)
    assert last(done) == (
        "+2 ~1 −0; 4 reports, 7 sections, 7 passages, 4 of 4 files analysed, lexicon compiled, "
        f"{_seconds(done)} s, generation {generation(home)}"
    )
    assert done.out.splitlines()[:-1] == ["+ corpus/乙.md", "+ corpus/甲.md", "~ corpus/热线.md"]


def _seconds(done: Done) -> str:
    (seconds,) = re.findall(r", (\d+\.\d\d) s, ", done.out)
    return str(seconds)


def test_the_first_build_names_every_report(unbuilt: Path) -> None:
    """All are new, and the reason is that there was no index."""
    done = refresh(unbuilt)
    assert last(done).startswith("+2 ~0 −0; 2 reports, 4 sections, 4 passages, ")
    assert last(done).endswith("(because of: missing)")


def test_nothing_is_done_when_nothing_changed(home: Path) -> None:
    """Same generation, none of its files touched, no other beside it."""
    index = home / ".wenbao" / "index"
    before = snapshot(index / generation(home))
    done = refresh(home)
    assert last(done) == (
        f"nothing changed; 2 reports, 4 sections, 4 passages, generation {generation(home)}"
    )
    assert snapshot(index / generation(home)) == before
    assert [path.name for path in index.iterdir() if path.is_dir()] == [generation(home)]


def test_a_touched_file_is_no_change(home: Path) -> None:
    """Its bytes decide, not its time."""
    before = generation(home)
    os.utime(home / "corpus" / "热线.md", (1_000_000_000, 1_000_000_000))
    assert last(refresh(home)).startswith("nothing changed; ")
    assert generation(home) == before


def test_the_same_bytes_written_again_are_no_change(home: Path) -> None:
    """Saving a report without a change builds nothing."""
    report = home / "corpus" / "热线.md"
    before = generation(home)
    report.write_bytes(report.read_bytes())
    assert last(refresh(home)).startswith("nothing changed; ")
    assert generation(home) == before


def test_a_renamed_report_is_recognised(home: Path) -> None:
    """Neither new nor gone; its passages keep their ids."""
    before = wenbao("ask", "投诉怎么处理", "--json", "--home", home).json["hits"][0]
    (home / "corpus" / "热线.md").rename(home / "corpus" / "投诉热线.md")
    done = refresh(home)
    assert done.out.splitlines()[0] == "→ corpus/热线.md → corpus/投诉热线.md"
    assert last(done).startswith("+0 ~0 −0 →1; 2 reports")
    after = wenbao("ask", "投诉怎么处理", "--json", "--home", home).json["hits"][0]
    assert (after["passage_id"], after["source"]) == (before["passage_id"], "corpus/投诉热线.md")


def test_a_deleted_report_is_counted(home: Path) -> None:
    """−1, and its passages are gone."""
    (home / "corpus" / "热线.md").unlink()
    done = refresh(home)
    assert done.out.splitlines()[0] == "− corpus/热线.md"
    assert last(done).startswith("+0 ~0 −1; 1 reports, 2 sections, 2 passages")


def test_a_dry_run_changes_nothing_on_disk(home: Path) -> None:
    """It says what would be done; not a file of the home is touched."""
    add(home, "甲.md")
    (home / "corpus" / "热线.md").unlink()
    before = snapshot(home)
    done = refresh(home, "--dry-run")
    assert done.out.splitlines() == ["+ corpus/甲.md", "− corpus/热线.md", "+1 ~0 −1; would build"]
    assert (done.code, done.err) == (0, "")
    assert snapshot(home) == before


def test_a_dry_run_without_an_index_makes_none(unbuilt: Path) -> None:
    """Before the first build too."""
    assert last(refresh(unbuilt, "--dry-run")) == "+2 ~0 −0; would build (because of: missing)"
    assert not (unbuilt / ".wenbao" / "index").exists()


def test_a_dry_run_says_when_there_is_nothing_to_do(home: Path) -> None:
    """With an index that is up to date."""
    assert last(refresh(home, "--dry-run")) == "+0 ~0 −0; nothing to do"


def test_an_interrupted_build_leaves_nothing_behind(home: Path) -> None:
    """Ctrl-C ends it and its processes at once, with one line; the old index answers on."""
    paragraph = "接到投诉后当天转派责任部门，三天内回访客户，并写明处理结果和下一步的安排。" * 4
    for number in range(12):
        add(home, f"长{number}.md", f"# 长报告{number}\n\n" + f"{paragraph}\n\n" * 1000)
    before, index = generation(home), home / ".wenbao" / "index"
    building = subprocess.Popen(
        [sys.executable, "-c", "from bot.cli import main; main()", "refresh", "--home", home],
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list(index.glob("building-*/*/runs")):
        assert building.poll() is None
        time.sleep(0.01)
    building.send_signal(signal.SIGINT)
    _, told = building.communicate()
    assert building.returncode == 130
    assert told == "wenbao: interrupted; the index is as it was\n"
    assert generation(home) == before
    assert not list(index.glob("building-*"))


def test_full_builds_anew(home: Path) -> None:
    """Although nothing changed, and the reason is given."""
    before = generation(home)
    assert last(refresh(home, "--full")).endswith("(because of: full)")
    assert generation(home) > before


def test_a_full_dry_run_builds_nothing(home: Path) -> None:
    """Both options together only tell."""
    before = generation(home)
    assert last(refresh(home, "--full", "--dry-run")) == "+0 ~0 −0; would build (because of: full)"
    assert generation(home) == before


def test_a_changed_dictionary_is_the_reason(home: Path) -> None:
    """The reports are the same, the words are not."""
    with (home / "config" / "dictionary.txt").open("a", encoding="utf-8") as file:
        file.write("忙闲时段\n")
    assert last(refresh(home)).endswith("(because of: dictionary)")


def test_json_says_the_same_for_machines(home: Path) -> None:
    """One object with what changed, what was left out and what the index holds."""
    add(home, "甲.md")
    add(home, "乙.pdf")
    (home / "corpus" / "热线.md").rename(home / "corpus" / "投诉热线.md")
    done = refresh(home, "--json")
    assert (done.code, done.err) == (0, "")
    said = done.json
    seconds = said.pop("seconds")
    (skipped,) = said.pop("skipped")
    assert isinstance(seconds, float)
    assert skipped["source"] == "corpus/乙.pdf"
    assert ".pdf" in skipped["reason"]
    assert said == {
        "built": True,
        "generation": generation(home),
        "reasons": ["corpus"],
        "added": ["corpus/甲.md"],
        "changed": [],
        "renamed": [["corpus/热线.md", "corpus/投诉热线.md"]],
        "deleted": [],
        "left_out": [],
        "reports": 3,
        "sections": 5,
        "passages": 5,
        "work": {"analysed": 1, "files": 3, "lexicon": True},
    }


def test_what_is_left_out_of_a_compilation_is_said(home: Path) -> None:
    """The words before its first report belong to none."""
    path = add(home, "合集.txt", COMPILATION)
    done = refresh(home)
    (line,) = (line for line in done.out.splitlines() if line.startswith("left out of"))
    assert line.startswith("left out of corpus/合集.txt: ")
    assert "before the first report" in line
    said = refresh(home, "--full", "--json").json
    (left_out,) = said["left_out"]
    text = path.read_text("utf-8")[left_out["start"] : left_out["end"]]
    assert text.startswith("客服工作总结(精选3篇)")
    assert text.rstrip().endswith("供大家参考。")
    assert said["reports"] == 5
    answer = wenbao("ask", "小编整理的范文", "--json", "--home", home).json
    assert not any("小编" in hit["text"] for hit in answer["hits"])


def test_skipped_files_are_named_again(home: Path) -> None:
    """Also by a refresh that has nothing to do, whichever way the file was found to be unreadable."""
    add(home, "表.xlsx", "")
    (home / "corpus" / "坏.md").write_bytes(b"\x00\x01\x02" * 100)
    for _ in range(2):
        done = refresh(home)
        assert [line.split(": ")[0] for line in done.out.splitlines() if line.startswith("skipped")] == [
            "skipped corpus/坏.md",
            "skipped corpus/表.xlsx",
        ]
        assert "2 skipped" in last(done)


def test_as_many_generations_are_kept_as_set(home: Path) -> None:
    """The newest three, unless set otherwise."""
    for _ in range(4):
        refresh(home, "--full")
    names = sorted(path.name for path in (home / ".wenbao" / "index").iterdir() if path.is_dir())
    assert [name[:6] for name in names] == ["000003", "000004", "000005"]
    assert names[-1] == generation(home)


def test_what_is_written_is_private(unused: Path) -> None:
    """Nobody else may look into .wenbao."""
    refresh(unused)
    assert (unused / ".wenbao").stat().st_mode & 0o777 == 0o700


@pytest.fixture
def judged(home: Path) -> Path:
    """Four judged questions of the home, all of which it gets right."""
    return write_lines(
        home / "config" / "questions.jsonl",
        {"id": "a", "question": "投诉处理", "relevant": ["先听完，再登记"]},
        {"id": "b", "question": "外呼指标怎么定", "relevant": ["按忙闲时段分摊"]},
        {"id": "c", "question": "每周抽查多少录音", "relevant": ["抽查十条录音"]},
        {"id": "d", "question": "考勤有什么规定", "relevant": []},
    )


@pytest.mark.usefixtures("judged")
def test_a_worse_index_is_not_published(home: Path) -> None:
    """Exit code 3, the questions that fell, and nothing is different from before."""
    index = home / ".wenbao" / "index"
    before = snapshot(index), generation(home)
    (home / "corpus" / "外呼.md").unlink()
    done = refresh(home, "--check")
    assert done.code == 3
    assert done.out.splitlines() == [
        "fell: b 外呼指标怎么定 (rank 1 → refused)",
        "fell: c 每周抽查多少录音 (rank 1 → refused)",
        "checked: 2 of 4 judged questions right, 4 before",
    ]
    assert done.one_line.startswith(f"the new index answers 2 of 4 judged questions right, {before[1]} 4; ")
    after = snapshot(index)
    after.pop("lock", None)
    assert (after, generation(home)) == ({k: v for k, v in before[0].items() if k != "lock"}, before[1])


@pytest.mark.usefixtures("judged")
def test_a_refusal_is_there_for_machines(home: Path) -> None:
    """One object on standard output, one line on standard error."""
    (home / "corpus" / "外呼.md").unlink()
    done = refresh(home, "--check", "--json")
    assert (done.code, done.json["built"]) == (3, False)
    check = done.json["check"]
    assert (check["questions"], check["right_before"], check["right"], check["rose"]) == (4, 4, 2, [])
    assert [row["id"] for row in check["fell"]] == ["b", "c"]
    assert done.one_line


@pytest.mark.usefixtures("judged")
def test_an_index_that_is_as_good_is_published(home: Path) -> None:
    """And what was checked is said."""
    before = generation(home)
    add(home, "甲.md", "# 排班\n\n## 规定\n\n周五出下周的班表。\n")
    done = refresh(home, "--check")
    assert last(done).startswith("+1 ~0 −0; 3 reports")
    assert "checked: 4 of 4 judged questions right, 4 before" in done.out.splitlines()
    assert generation(home) != before


@pytest.mark.parametrize(("margin", "code"), [("0.24", 3), ("0.25", 0)])
@pytest.mark.usefixtures("judged")
def test_the_margin_may_be_lost(home: Path, monkeypatch: pytest.MonkeyPatch, margin: str, code: int) -> None:
    """One question in four is a quarter: what was unanswerable now gets an answer."""
    monkeypatch.setenv("WENBAO_INDEX__CHECK_MARGIN", margin)
    add(home, "考勤.md")
    done = refresh(home, "--check")
    assert done.code == code
    assert "fell: d 考勤有什么规定 (refused → answered)" in done.out.splitlines()
    assert "checked: 3 of 4 judged questions right, 4 before" in done.out.splitlines()


@pytest.mark.usefixtures("judged")
def test_an_index_without_reports_is_not_published(home: Path) -> None:
    """It answers nothing, which is worse."""
    before = generation(home)
    for report in (home / "corpus").iterdir():
        report.unlink()
    assert refresh(home, "--check").code == 3
    assert generation(home) == before
    assert wenbao("refresh", "--home", home).code == 3  # there are no reports
    assert generation(home) != before


def test_the_first_index_has_nothing_to_be_compared_with(unbuilt: Path) -> None:
    """It is published."""
    done = refresh(unbuilt, "--check")
    assert last(done).startswith("+2 ~0 −0; ")
    assert "checked" not in done.out


@pytest.mark.usefixtures("judged")
def test_nothing_is_checked_when_nothing_is_built(home: Path) -> None:
    """The published index is not compared with itself, unless a build is forced."""
    assert "checked" not in refresh(home, "--check").out
    assert "checked: 4 of 4" in refresh(home, "--check", "--full").out


def test_judgements_that_are_none_are_named_first(home: Path) -> None:
    """With file and line, before anything is built."""
    (home / "config" / "questions.jsonl").write_text("{\n", "utf-8")
    before = generation(home)
    assert "questions.jsonl:1: " in refresh(home, "--check", "--full").failed(2)
    assert generation(home) == before


def test_a_dry_run_cannot_be_checked(home: Path) -> None:
    """It builds nothing that could be asked."""
    assert "leave one of them out" in refresh(home, "--check", "--dry-run").failed(2)

"""`wenbao eval`: the figures of the contract, on passages and on a home."""

import json
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest

from .conftest import CALLS
from .shell import Done, generation, needs_shared, process, snapshot, wenbao, write_lines

ON_PASSAGES = {
    "hit@1": float,
    "hit@3": float,
    "hit@5": float,
    "mrr@10": float,
    "questions": int,
    "passages": int,
    "build_s": float,
    "query_ms": dict,
    "index_bytes": int,
}


@pytest.fixture
def passages(tmp_path: Path) -> Path:
    texts = {
        "p1": "接到投诉先听完，再登记。",
        "p2": "外呼指标按接通量来定，投诉不计。",
        "p3": "窗口实行首问负责制。",
    }
    rows = [{"passage_id": name, "text": text} for name, text in texts.items()]
    return write_lines(tmp_path / "passages.jsonl", *rows)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return write_lines(
        tmp_path / "questions.jsonl",
        {"question_id": "q1", "question": "接到投诉怎么办", "relevant": ["p1"]},
        {"question_id": "q2", "question": "外呼指标", "relevant": ["p2"]},
        {"question_id": "q3", "question": "投诉先听完再登记", "relevant": ["p2"]},
        {"question_id": "q4", "question": "首问负责制", "relevant": ["p1", "p2"]},
    )


def on_passages(passages: Path, questions: Path, home: Path) -> Done:
    return wenbao("eval", "--passages", passages, "--questions", questions, "--json", "--home", home)


def test_passages_give_the_keys_of_the_contract(passages: Path, questions: Path, home: Path) -> None:
    """One object; hit@3 beside the contract's."""
    done = on_passages(passages, questions, home)
    assert (done.code, done.err) == (0, "")
    assert {key: type(value) for key, value in done.json.items()} == ON_PASSAGES
    assert done.json["query_ms"].keys() == {"p50", "p95"}
    assert (done.json["questions"], done.json["passages"]) == (4, 3)
    assert done.json["index_bytes"] > 0


def test_figures_count_the_first_relevant_passage(passages: Path, questions: Path, home: Path) -> None:
    """Two first, one second, one never."""
    said = on_passages(passages, questions, home).json
    assert {name: said[name] for name in ("hit@1", "hit@3", "hit@5", "mrr@10")} == {
        "hit@1": 0.5,
        "hit@3": 0.75,
        "hit@5": 0.75,
        "mrr@10": 0.625,
    }


def test_the_homes_own_index_stays(passages: Path, questions: Path, home: Path) -> None:
    """Passages given are indexed elsewhere."""
    before = snapshot(home / ".wenbao" / "index")
    on_passages(passages, questions, home)
    assert snapshot(home / ".wenbao" / "index") == before


def test_a_pipe_gets_a_table(passages: Path, questions: Path, home: Path) -> None:
    """Tab-separated, a figure a line."""
    out = wenbao("eval", "--passages", passages, "--questions", questions, "--home", home).out
    assert "hit@1\t0.500" in out.splitlines()


def test_a_home_gives_kinds_and_refusals_too(home: Path, tmp_path: Path) -> None:
    """A judged question names words of the passage; none means that the reports do not say."""
    judged = write_lines(
        tmp_path / "judged.jsonl",
        {"id": "1", "kind": "keyword", "question": "投诉处理", "relevant": ["先听完，再登记"]},
        {"id": "2", "kind": "question", "question": "外呼指标怎么定", "relevant": ["按忙闲时段分摊"]},
        {"id": "3", "kind": "question", "question": "每周抽查多少录音", "relevant": ["never said"]},
        {"id": "4", "kind": "unanswerable", "question": "火星上的天气", "relevant": []},
        {"id": "5", "kind": "unanswerable", "question": "投诉处理", "relevant": []},
    )
    done = wenbao("eval", "--questions", judged, "--json", "--home", home)
    assert (done.code, done.err) == (0, "")
    said = done.json
    assert said.keys() == ON_PASSAGES.keys() | {"kinds", "no_answer"}
    assert said["no_answer"] == {"precision": 1.0, "recall": 0.5, "questions": 2, "refused": 1}
    kinds = said["kinds"]
    assert list(kinds) == ["keyword", "question", "unanswerable"]
    assert (kinds["keyword"]["questions"], kinds["keyword"]["hit@1"]) == (1, 1.0)
    assert (kinds["question"]["questions"], kinds["question"]["hit@1"]) == (2, 0.5)
    assert kinds["unanswerable"] == {"questions": 2, "refused": 1}
    assert (said["questions"], said["passages"]) == (5, 4)


def test_a_home_has_judged_questions_of_its_own(sample: Path) -> None:
    """Without options the sample reports are measured by the questions in config/."""
    done = wenbao("eval", "--json", "--home", sample)
    assert (done.code, done.err) == (0, "")
    with (sample / "config" / "questions.jsonl").open(encoding="utf-8") as file:
        assert done.json["questions"] == sum(1 for _ in file)
    assert {"keyword", "question", "traditional", "unanswerable"} <= done.json["kinds"].keys()


def test_a_table_has_a_row_per_kind(sample: Path) -> None:
    """For people."""
    out = wenbao("eval", "--home", sample).out.splitlines()
    assert out[0].split("\t") == ["kind", "questions", "refused", "hit@1", "hit@3", "hit@5", "mrr@10"]
    assert out[1].split("\t")[0] == "keyword"
    assert any(line.startswith("no_answer\tprecision ") for line in out)


def test_an_outdated_home_is_brought_up_to_date_first(home: Path, tmp_path: Path) -> None:
    """And said so on standard error only."""
    (home / "corpus" / "新.md").write_text("# 考勤\n\n## 规定\n\n迟到三次要写说明。\n", "utf-8")
    judged = write_lines(tmp_path / "judged.jsonl", {"question": "迟到三次", "relevant": ["要写说明"]})
    done = wenbao("eval", "--questions", judged, "--json", "--home", home)
    assert (done.code, done.json["hit@1"]) == (0, 1.0)
    assert "building the index" in done.one_line


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('{"question": "甲", "relevant": []}\n{"question": 1, "relevant": []}\n', ':2: needs "question"'),
        ("not json\n", ":1: is not JSON"),
        ("\n\n[1]\n", ":3: is not a JSON object"),
        ('{"question": "甲"}\n', ':1: needs "question"'),
        ("\n", ": has no question"),
    ],
)
def test_judged_questions_that_are_none_are_named(home: Path, tmp_path: Path, lines: str, said: str) -> None:
    """With file and line, exit code 2."""
    judged = tmp_path / "judged.jsonl"
    judged.write_text(lines, "utf-8")
    assert f"{judged}{said}" in wenbao("eval", "--questions", judged, "--json", "--home", home).failed(2)


def test_passages_that_are_none_are_named(questions: Path, home: Path, tmp_path: Path) -> None:
    """An id that stands twice, with file and line."""
    row = {"passage_id": "p1", "text": "甲"}
    path = write_lines(tmp_path / "twice.jsonl", row, row)
    assert f"{path}:2: " in on_passages(path, questions, home).failed(2)


@pytest.mark.parametrize("option", ["--passages", "--questions"])
def test_a_missing_file_is_named(
    passages: Path, questions: Path, home: Path, tmp_path: Path, option: str
) -> None:
    """Exit code 2."""
    files = {"--passages": passages, "--questions": questions, option: tmp_path / "none.jsonl"}
    arguments = [part for pair in files.items() for part in pair]
    assert "none.jsonl" in wenbao("eval", *arguments, "--home", home).failed(2)


@pytest.fixture
def judged(home: Path) -> Path:
    """The home's own judged questions: three that it answers, one that it cannot."""
    return write_lines(
        home / "config" / "questions.jsonl",
        {"id": "a", "kind": "keyword", "question": "投诉处理", "relevant": ["先听完，再登记"]},
        {"id": "b", "kind": "question", "question": "外呼指标怎么定", "relevant": ["按忙闲时段分摊"]},
        {"id": "c", "kind": "question", "question": "每周抽查多少录音", "relevant": ["抽查十条录音"]},
        {"id": "d", "kind": "unanswerable", "question": "火星上的天气", "relevant": []},
    )


def lose_a_report(home: Path) -> None:
    """Take away what two of the questions are answered from."""
    (home / "corpus" / "外呼.md").unlink()


@pytest.mark.usefixtures("judged")
def test_the_first_run_has_nothing_to_compare_with(home: Path) -> None:
    """It is kept for the next one."""
    assert "change" not in wenbao("eval", "--json", "--home", home).json
    (kept,) = (home / ".wenbao" / "evaluations").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("judged")
def test_the_change_since_the_last_run_stands_beside_each_figure(home: Path) -> None:
    """With its sign; a figure that is the same has none; then when that was, and what fell."""
    wenbao("eval", "--home", home)
    before = generation(home)
    lose_a_report(home)
    done = wenbao("eval", "--home", home)
    assert done.code == 0
    rows = [line.split("\t") for line in done.out.splitlines()]
    assert rows[0] == ["kind", "questions", "refused", "hit@1", "hit@3", "hit@5", "mrr@10"]
    assert rows[1] == ["keyword", "1", "0", "1.000", "1.000", "1.000", "1.000"]
    assert rows[2] == ["question", "2", "2 +2", *["0.000 −1.00"] * 4]
    assert rows[3] == ["unanswerable", "1", "1", "–", "–", "–", "–"]
    assert ["hit@1", "0.333 −0.667"] in rows
    assert ["passages", "2 −2"] in rows
    assert ["no_answer", "precision 0.333 −0.667, recall 1.000, questions 1, refused 3 +2"] in rows
    (since,) = (row[1] for row in rows if row[0] == "compared with")
    assert since.endswith(f" UTC, generation {before}")
    assert rows[-3:] == [
        ["", "id", "kind", "question", "before", "now"],
        ["fell", "b", "question", "外呼指标怎么定", "rank 1", "refused"],
        ["fell", "c", "question", "每周抽查多少录音", "rank 1", "refused"],
    ]


@pytest.mark.usefixtures("judged")
def test_the_change_is_there_for_machines(home: Path) -> None:
    """Beside the contract's keys, with the questions that rose."""
    lose_a_report(home)
    wenbao("eval", "--home", home)
    before = generation(home)
    (home / "corpus" / "外呼.md").write_text(CALLS, "utf-8")
    said = wenbao("eval", "--json", "--home", home).json
    assert said.keys() == ON_PASSAGES.keys() | {"kinds", "no_answer", "change"}
    change = said["change"]
    assert change.keys() == {"since", "generation", "same_settings", "new", "gone", "figures", "fell", "rose"}
    assert (change["generation"], change["same_settings"]) == (before, True)
    assert (change["new"], change["gone"], change["fell"]) == (0, 0, [])
    assert change["figures"]["kinds"]["question"]["hit@1"] == 1.0
    assert change["rose"] == [
        {"id": name, "kind": "question", "question": question, "before": "refused", "now": "rank 1"}
        for name, question in (("b", "外呼指标怎么定"), ("c", "每周抽查多少录音"))
    ]


@pytest.mark.usefixtures("judged")
def test_other_settings_and_questions_are_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared may not be alike."""
    wenbao("eval", "--home", home)
    monkeypatch.setenv("WENBAO_SEARCH__MIN_CONFIDENCE", "1.0")
    with (home / "config" / "questions.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"question": "木星上的天气", "relevant": []}\n')
    out = wenbao("eval", "--home", home).out
    assert f" UTC, generation {generation(home)}, other settings, 1 new questions\n" in out


@pytest.mark.usefixtures("judged")
def test_a_home_that_cannot_be_written_is_measured(home: Path) -> None:
    """And the user is told that nothing was kept."""
    (home / ".wenbao" / "evaluations").write_text("in the way", "utf-8")
    done = wenbao("eval", "--json", "--home", home)
    assert (done.code, done.json["hit@1"]) == (0, 1.0)
    assert "this evaluation is not kept" in done.one_line


def test_passages_keep_no_runs(passages: Path, questions: Path, home: Path) -> None:
    """They are not the home's."""
    on_passages(passages, questions, home)
    assert not (home / ".wenbao" / "evaluations").exists()


PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("name", ["运行.png", "run.PNG", "run.svg", "run.pdf"])
@pytest.mark.usefixtures("judged")
def test_a_picture_is_drawn(home: Path, tmp_path: Path, name: str) -> None:
    """Of the first run and of one that has another before it, beside the usual output."""
    picture = tmp_path / name
    for _ in range(2):
        picture.unlink(missing_ok=True)
        done = wenbao("eval", "--plot", picture, "--json", "--home", home)
        assert (done.code, done.err, done.json["hit@1"]) == (0, "", 1.0)
        content = picture.read_bytes()
        assert content.startswith({".png": PNG, ".svg": b"<?xml", ".pdf": b"%PDF"}[picture.suffix.lower()])
        assert len(content) > 10_000


@pytest.mark.usefixtures("judged")
def test_a_picture_says_what_was_measured(home: Path, tmp_path: Path) -> None:
    """Kinds with their number of questions, the threshold in use and what it refuses, and the run before."""
    picture = tmp_path / "run.svg"
    wenbao("eval", "--home", home)
    lose_a_report(home)
    wenbao("eval", "--plot", picture, "--home", home)
    text = picture.read_text("utf-8")
    for label in ("keyword (1)", "question (2)", "unanswerable (1)", "refused at 0.48"):
        assert f">{label}<" in text
    for label in ("unanswerable (1): 100%", "answerable (3): 67%", "the run before"):
        assert f">{label}<" in text


@pytest.mark.usefixtures("judged")
def test_a_run_with_strange_figures_does_no_harm(home: Path, tmp_path: Path) -> None:
    """What cannot be compared is left out; the picture is drawn from the questions themselves."""
    wenbao("eval", "--home", home)
    (path,) = (home / ".wenbao" / "evaluations").iterdir()
    kept = json.loads(path.read_text("utf-8"))
    kept["figures"] = {"hit@1": "high", "kinds": [1], "no_answer": None}
    path.write_text(json.dumps(kept), "utf-8")
    done = wenbao("eval", "--plot", tmp_path / "run.png", "--json", "--home", home)
    assert (done.code, done.err, done.json["change"]["figures"]) == (0, "", {})
    assert (tmp_path / "run.png").read_bytes().startswith(PNG)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("run.bmp", "must end with .png"),
        ("run", "must end with .png"),
        ("none/run.png", "there is no folder"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_refused_first(
    home: Path, tmp_path: Path, name: str, said: str
) -> None:
    """Before anything is measured, exit code 2."""
    assert said in wenbao("eval", "--plot", tmp_path / name, "--home", home).failed(2)
    assert not (home / ".wenbao" / "evaluations").exists()


def test_a_picture_that_cannot_be_written_is_named(home: Path, judged: Path, tmp_path: Path) -> None:
    """Exit code 2."""
    (tmp_path / "run.png").mkdir()
    done = wenbao("eval", "--plot", tmp_path / "run.png", "--questions", judged, "--home", home)
    assert "run.png cannot be written: Is a directory" in done.failed(2)


def test_passages_have_no_picture(passages: Path, questions: Path, home: Path, tmp_path: Path) -> None:
    """Exit code 2."""
    arguments = ("--passages", passages, "--questions", questions, "--plot", tmp_path / "run.png")
    assert "leave out" in wenbao("eval", *arguments, "--home", home).failed(2)


def test_a_picture_needs_a_library(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which only the extra installs; one line says so."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    said = wenbao("eval", "--plot", tmp_path / "run.png", "--home", home).failed(2)
    assert "pip install 'wenbao[eval]'" in said


def _measured(done: Done) -> dict[str, float]:
    assert (done.code, done.err) == (0, ""), done
    return dict(done.json)


@needs_shared
def test_cmrc_reaches_its_mark(cmrc: Future[Done]) -> None:
    """Simplified Chinese paragraphs: hit@1 at least 0.978, mrr@10 at least 0.986."""
    said = _measured(cmrc.result())
    assert said["hit@1"] >= 0.978
    assert said["mrr@10"] >= 0.986


@needs_shared
def test_drcd_reaches_its_mark(drcd: Future[Done]) -> None:
    """Traditional Chinese paragraphs: hit@1 at least 0.953, mrr@10 at least 0.971."""
    said = _measured(drcd.result())
    assert said["hit@1"] >= 0.953
    assert said["mrr@10"] >= 0.971


@needs_shared
def test_xquad_reaches_its_mark(xquad: Future[Done]) -> None:
    """English questions on Chinese paragraphs: hit@1 at least 0.80, hit@5 at least 0.93."""
    said = _measured(xquad.result())
    assert said["hit@1"] >= 0.80
    assert said["hit@5"] >= 0.93


def test_standard_output_is_pure_json(passages: Path, questions: Path, home: Path) -> None:
    """From the process itself."""
    done = process("eval", "--passages", passages, "--questions", questions, "--json", "--home", home)
    assert (done.code, done.err) == (0, "")
    assert done.json["questions"] == 4

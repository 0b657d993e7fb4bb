"""`wenbao eval`: the figures of the contract, on passages and on a home."""

from concurrent.futures import Future
from pathlib import Path

import pytest

from .shell import Done, needs_shared, process, snapshot, wenbao, write_lines

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

"""Evaluation: judged questions are read, and figures are those one reckons by hand."""

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Passage
from bot.errors import EmptyCorpus, InputError
from bot.evaluation.figures import by_kind, figures, query_ms, refusals, refused_below
from bot.evaluation.judged import (
    DEPTH,
    Judged,
    Outcome,
    Reply,
    by_id,
    by_substring,
    read_passages,
    read_questions,
    run,
)
from bot.evaluation.measure import on_home, on_passages
from bot.home import Home
from bot.settings import Settings
from bot.wiring import Service

AsPassages = Callable[[Sequence[str]], list[Passage]]


def lines(folder: Path, *rows: object) -> Path:
    """Write rows as JSON, a line each; text as it is."""
    path = folder / "rows.jsonl"
    path.write_text(
        "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8"
    )
    return path


def outcome(
    rank: int | None = None,
    *,
    relevant: bool = True,
    answered: bool = True,
    kind: str = "question",
    confidence: float = 0.75,
    took_ms: float = 1.0,
) -> Outcome:
    """Make an outcome; `rank` is that of the first relevant hit."""
    judged = Judged("q", "问？", ("p",) if relevant else (), kind)
    return Outcome(judged, rank, answered, confidence, took_ms)


def test_questions_are_read_with_what_they_have(tmp_path: Path) -> None:
    """An id under either name or the line's number, a kind or the usual one; blank lines do not count."""
    path = lines(
        tmp_path,
        "\ufeff" + json.dumps({"question_id": "q7", "question": "怎么？", "relevant": ["p1", 2]}),
        "",
        {"id": 9, "question": "谁？", "relevant": [], "lang": "zh"},
        {"question": "how?", "relevant": ["x"], "kind": "english"},
    )
    assert read_questions(path) == [
        Judged("q7", "怎么？", ("p1", "2"), "question"),
        Judged("9", "谁？", (), "unanswerable"),
        Judged("4", "how?", ("x",), "english"),
    ]


def test_passages_are_read_as_they_are(tmp_path: Path) -> None:
    """Text and id; the file is their source; CRLF and separators inside a line do no harm."""
    path = tmp_path / "p.jsonl"
    path.write_bytes(
        '{"passage_id": "p0", "text": "甲\u2028乙"}\r\n{"passage_id": "p1", "text": ""}\r\n'.encode()
    )
    assert read_passages(path) == [
        Passage("p0", "p0", "", (), "p.jsonl", 0, 3, "甲\u2028乙"),
        Passage("p1", "p1", "", (), "p.jsonl", 0, 0, ""),
    ]


GOOD_QUESTION = {"question": "q", "relevant": []}
GOOD_PASSAGE = {"passage_id": "p", "text": "t"}


@pytest.mark.parametrize(
    ("read", "rows", "line", "said"),
    [
        (read_questions, [GOOD_QUESTION, "", "{"], 3, "is not JSON"),
        (read_questions, [GOOD_QUESTION, "[1]"], 2, "is not a JSON object"),
        (read_questions, [{"relevant": []}], 1, 'needs "question" (text) and "relevant" (a list)'),
        (read_questions, [{"question": "q"}], 1, 'needs "question"'),
        (read_questions, [{"question": "q", "relevant": "p1"}], 1, 'needs "question"'),
        (read_questions, [{"question": 3, "relevant": []}], 1, 'needs "question"'),
        (read_passages, [GOOD_PASSAGE, "null"], 2, "is not a JSON object"),
        (
            read_passages,
            [GOOD_PASSAGE, {"passage_id": "p2"}],
            2,
            'needs "passage_id" (text) and "text" (text)',
        ),
        (read_passages, [{"passage_id": 3, "text": "t"}], 1, 'needs "passage_id"'),
        (read_passages, [GOOD_PASSAGE, GOOD_PASSAGE], 2, "passage_id p stands twice"),
    ],
)
def test_a_bad_line_is_said_with_its_number(
    tmp_path: Path, read: Callable[[Path], object], rows: list[object], line: int, said: str
) -> None:
    """File, line and what is wrong with it, on one line."""
    path = lines(tmp_path, *rows)
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}:{line}: {said}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("read", "noun"), [(read_questions, "question"), (read_passages, "passage")])
def test_a_file_without_rows_is_refused(tmp_path: Path, read: Callable[[Path], object], noun: str) -> None:
    """Empty, missing, a folder or of another encoding: each is said."""
    with pytest.raises(InputError, match=f"has no {noun}"):
        read(lines(tmp_path, "", " "))
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read(tmp_path / "none.jsonl")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read(tmp_path)
    (tmp_path / "gb.jsonl").write_bytes('{"question": "问"}'.encode("gb18030"))
    with pytest.raises(InputError, match="cannot be read: it is not UTF-8"):
        read(tmp_path / "gb.jsonl")


def test_figures_are_those_reckoned_by_hand() -> None:
    """First relevant hits at ranks 1, 2, 4, 10 and none: what is at most k counts for hit@k."""
    outcomes = [outcome(1), outcome(2), outcome(4), outcome(10), outcome(None)]
    assert figures(outcomes) == {
        "hit@1": 0.2,
        "hit@3": 0.4,
        "hit@5": 0.6,
        "mrr@10": round((1 + 1 / 2 + 1 / 4 + 1 / 10) / 5, 4),
    }


def test_figures_count_questions_that_found_nothing() -> None:
    """No hits at all is a miss, not a question less."""
    assert figures([outcome(), outcome(1)])["hit@1"] == 0.5
    assert figures([outcome(), outcome()]) == {"hit@1": 0.0, "hit@3": 0.0, "hit@5": 0.0, "mrr@10": 0.0}


def test_figures_are_of_questions_that_have_an_answer() -> None:
    """Those that have none play no part; with nothing else there are no figures."""
    silent = outcome(1, relevant=False)
    assert figures([silent, outcome(1)])["hit@1"] == 1.0
    assert figures([silent]) == {}
    assert figures([]) == {}


@given(st.lists(st.none() | st.integers(1, DEPTH), min_size=1, max_size=8))
def test_figures_are_those_of_the_definition(ranks: list[int | None]) -> None:
    """Shares of first relevant hits among the first k, and the mean of 1 / rank."""
    firsts = [rank or math.inf for rank in ranks]
    expected = {f"hit@{k}": sum(first <= k for first in firsts) / len(firsts) for k in (1, 3, 5)}
    expected["mrr@10"] = sum(1 / first for first in firsts) / len(firsts)
    measured = figures([outcome(rank) for rank in ranks])
    assert list(measured) == ["hit@1", "hit@3", "hit@5", "mrr@10"]
    assert measured == pytest.approx(expected, abs=6e-5)


@pytest.mark.parametrize(
    ("came", "right", "worth"),
    [
        (outcome(1), True, 1.0),
        (outcome(3), True, 1 / 3),
        (outcome(4), False, 1 / 4),
        (outcome(None), False, 0.0),
        (outcome(1, answered=False), False, 0.0),
        (outcome(relevant=False, answered=False), True, 1.0),
        (outcome(relevant=False), False, 0.0),
    ],
)
def test_an_outcome_is_right_or_not(came: Outcome, right: bool, worth: float) -> None:
    """Right is a relevant passage among the first three, or a refusal of what has no answer."""
    assert (came.right, came.worth) == (right, worth)


def test_a_threshold_refuses_what_lies_below_it() -> None:
    """A confidence that equals the threshold is answered, as it is when a question is asked."""
    outcomes = [outcome(confidence=confidence) for confidence in (0.0, 0.5, 0.5, 1.0)]
    assert refused_below(outcomes, [0.0, 0.1, 0.5, 0.6, 1.0]) == [0.0, 0.25, 0.25, 0.75, 0.75]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9), st.lists(st.floats(0, 1), max_size=9))
def test_a_higher_threshold_never_refuses_less(confidences: list[float], thresholds: list[float]) -> None:
    """The shares rise with the threshold and are those one counts."""
    thresholds.sort()
    shares = refused_below([outcome(confidence=c) for c in confidences], thresholds)
    assert shares == sorted(shares)
    assert shares == [sum(c < t for c in confidences) / len(confidences) for t in thresholds]


def test_refusals_are_counted_both_ways() -> None:
    """Precision over what was refused, recall over what has no answer."""
    outcomes = [
        outcome(relevant=False, answered=False),
        outcome(relevant=False, answered=False),
        outcome(relevant=False, answered=True),
        outcome(relevant=True, answered=False),
        outcome(relevant=True, answered=True),
    ]
    assert refusals(outcomes) == {"precision": 0.6667, "recall": 0.6667, "questions": 3, "refused": 3}
    assert refusals(outcomes[2:]) == {"precision": 0.0, "recall": 0.0, "questions": 1, "refused": 1}


def test_nothing_to_refuse_is_perfect() -> None:
    """1.0 where nothing was refused, or nothing is without an answer."""
    assert refusals([outcome()]) == {"precision": 1.0, "recall": 1.0, "questions": 0, "refused": 0}


def test_kinds_have_figures_of_their_own() -> None:
    """In order of first appearance; a kind without answers has no figures, only counts."""
    outcomes = [
        outcome(2, kind="typo"),
        outcome(relevant=False, answered=False, kind="unanswerable"),
        outcome(1, kind="typo", answered=False),
    ]
    kinds = by_kind(outcomes)
    assert list(kinds) == ["typo", "unanswerable"]
    assert kinds["typo"] == {
        "questions": 2,
        "refused": 1,
        "hit@1": 0.5,
        "hit@3": 1.0,
        "hit@5": 1.0,
        "mrr@10": 0.75,
    }
    assert kinds["unanswerable"] == {"questions": 1, "refused": 1}


def test_percentiles_of_the_time() -> None:
    """Linear between the two nearest: of 0, 1, …, 100 ms they are 50 and 95."""
    assert query_ms([outcome(took_ms=float(t)) for t in range(101)]) == {"p50": 50.0, "p95": 95.0}
    assert query_ms([outcome(took_ms=2.0)]) == {"p50": 2.0, "p95": 2.0}
    assert query_ms([outcome(took_ms=t) for t in (1.0, 2.0)]) == {"p50": 1.5, "p95": 1.95}


def test_every_question_is_asked_and_judged(as_passages: AsPassages) -> None:
    """In order, at most the first ten hits, of which the first that is relevant counts; also when refused."""
    passages = as_passages([f"第{i}段" for i in range(12)])
    asked: list[str] = []

    def ask(question: str) -> Reply:
        asked.append(question)
        return Reply(question == "甲", 0.25, passages)

    judged = [
        Judged("1", "甲", ("p4", "p1"), "a"),
        Judged("2", "乙", ("p0",), "a"),
        Judged("3", "丙", ("p10",), "a"),
    ]
    outcomes = run(judged, ask, by_id)
    assert asked == ["甲", "乙", "丙"]
    assert [o.judged for o in outcomes] == judged
    assert [o.answered for o in outcomes] == [True, False, False]
    assert [o.rank for o in outcomes] == [2, 1, None]
    assert [o.confidence for o in outcomes] == [0.25, 0.25, 0.25]
    assert all(o.took_ms >= 0 for o in outcomes)


def test_a_passage_is_relevant_by_its_id_or_by_what_it_says(as_passages: AsPassages) -> None:
    """An id is compared whole, a substring anywhere in the text."""
    (passage,) = as_passages(["每周一次下午茶"])
    assert by_id(Judged("1", "", ("p", "p0"), ""), passage)
    assert not by_id(Judged("1", "", ("p",), ""), passage)
    assert by_substring(Judged("1", "", ("无", "下午茶"), ""), passage)
    assert not by_substring(Judged("1", "", ("上午茶",), ""), passage)
    assert not by_substring(Judged("1", "", (), ""), passage)


@pytest.fixture
def service(home: Home) -> Service:
    """A home of one report, assembled."""
    (home.corpus / "a.md").write_text(REPORT, "utf-8")
    return Service(home, Settings(), warn=lambda line: pytest.fail(line))


REPORT = """# 热线报告

## 一、投诉

接到投诉后当天转派责任部门。

## 二、回访

三天内回访客户，问清是否满意。
"""


def test_a_set_of_passages_is_measured_as_it_is(service: Service, tmp_path: Path) -> None:
    """With the contract's figures; the home's own reports play no part, and nothing is left behind."""
    passages = tmp_path / "passages.jsonl"
    rows = [
        {"passage_id": "p0", "text": "外呼目标按经验设定"},
        {"passage_id": "p1", "text": "雨季每两小时巡查"},
    ]
    passages.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    questions = lines(
        tmp_path,
        {"question": "外呼目标", "relevant": ["p0"]},
        {"question": "什么时候巡查", "relevant": ["p0"]},
        {"question": "投诉", "relevant": ["p1"]},
        {"question": "你好", "relevant": []},
    )
    measured = on_passages(service, passages, questions)
    assert measured.keys() == {
        *("hit@1", "hit@3", "hit@5", "mrr@10", "questions", "passages", "build_s", "query_ms", "index_bytes")
    }
    assert (measured["questions"], measured["passages"]) == (4, 2)
    assert (measured["hit@1"], measured["hit@5"]) == (0.3333, 0.3333)
    assert measured["index_bytes"] > 0
    assert service.store.current() is None


def test_a_home_is_measured_by_what_its_reports_say(service: Service, tmp_path: Path) -> None:
    """A refused question has no hits; a blank or overlong one counts as refused, not as an error."""
    service.refresh()
    questions = lines(
        tmp_path,
        {"question": "投诉转派给谁", "relevant": ["当天转派责任部门"], "kind": "question"},
        {"question": "怎么回访客户", "relevant": ["没有这句话"], "kind": "question"},
        {"question": "火星移民计划", "relevant": []},
        {"question": " ", "relevant": []},
        {"question": "长" * 513, "relevant": []},
    )
    whole = on_home(service, read_questions(questions))
    measured = whole.figures
    assert whole.generation == service.store.current()
    assert [outcome.answered for outcome in whole.outcomes] == [True, True, False, False, False]
    assert (measured["hit@1"], measured["mrr@10"]) == (0.5, 0.5)
    assert (measured["questions"], measured["passages"]) == (5, 2)
    assert measured["no_answer"] == {"precision": 1.0, "recall": 1.0, "questions": 3, "refused": 3}
    assert list(measured["kinds"]) == ["question", "unanswerable"]
    assert measured["kinds"]["unanswerable"] == {"questions": 3, "refused": 3}


def test_a_home_without_reports_cannot_be_measured(service: Service) -> None:
    """Figures of no reports would say nothing."""
    (service.home.corpus / "a.md").unlink()
    service.refresh()
    with pytest.raises(EmptyCorpus, match="there are no reports"):
        on_home(service, [Judged("1", "甲", (), "a")])

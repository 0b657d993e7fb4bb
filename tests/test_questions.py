"""The judged questions on the sample reports: well formed, grounded in the reports, many of each kind."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bot.importing import understand

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "config" / "questions.jsonl"
REPORTS = sorted((ROOT / "corpus").glob("*.md"))
TEXTS = {report.stem: report.read_text("utf-8") for report in REPORTS}
CORPUS = "\n".join(TEXTS.values())
LINES = QUESTIONS.read_text("utf-8").removesuffix("\n").split("\n")
ROWS: list[dict[str, Any]] = [json.loads(line) for line in LINES]
SUBSTRINGS = sorted({substring for row in ROWS for substring in row["relevant"]})

LEAST = {
    "keyword": 12,
    "question": 25,
    "paraphrase": 15,
    "english": 20,
    "traditional": 8,
    "typo": 8,
    "unanswerable": 15,
}
LANGS = {
    "keyword": {"zh"},
    "question": {"zh"},
    "paraphrase": {"zh"},
    "english": {"en"},
    "traditional": {"zh-Hant"},
    "typo": {"pinyin-typo"},
    "unanswerable": {"zh", "en"},
}


@pytest.fixture(scope="module")
def passages() -> list[str]:
    """The texts of all passages, as the program cuts them."""
    return [p.text for report in REPORTS for p in understand(report, 1_000_000, 350)[2]]


def test_each_line_is_a_question() -> None:
    """Every line is an object of the five fields, without blanks at its ends; the file ends with one LF."""
    assert QUESTIONS.read_bytes().endswith(b"}\n")
    assert b"\r" not in QUESTIONS.read_bytes()
    assert [line for line in LINES if line != line.strip()] == []
    for row in ROWS:
        assert list(row) == ["id", "lang", "kind", "question", "relevant"]
        assert all(isinstance(row[field], str) for field in ("id", "lang", "kind", "question"))
        assert isinstance(row["relevant"], list)
        assert row["question"]
        assert row["question"] == row["question"].strip()


def test_ids_and_questions_are_unique() -> None:
    """No id and no question stands twice."""
    for field in ("id", "question"):
        assert [value for value, n in Counter(row[field] for row in ROWS).items() if n > 1] == []


def test_there_are_enough_questions_of_each_kind() -> None:
    """At least a hundred questions, no unknown kind, and of each kind its minimum."""
    kinds = Counter(row["kind"] for row in ROWS)
    assert len(ROWS) >= 100
    assert kinds.keys() == LEAST.keys()
    assert {kind: n for kind, n in kinds.items() if n < LEAST[kind]} == {}


def test_languages_suit_their_kinds() -> None:
    """Each kind is in its language; English is ASCII; the reports' silence is asked for in two languages."""
    assert [row["id"] for row in ROWS if row["lang"] not in LANGS[row["kind"]]] == []
    assert [row["id"] for row in ROWS if (row["lang"] == "en") != row["question"].isascii()] == []
    assert {row["lang"] for row in ROWS if row["kind"] == "unanswerable"} == {"zh", "en"}


def test_the_card_questions_are_asked() -> None:
    """The questions that the project was ordered with are among them."""
    asked = {row["question"] for row in ROWS}
    assert asked >= {"怎么处理投诉", "how to handle complaints", "how to set call targets"}


def test_one_to_five_passages_answer() -> None:
    """One to five different passages are named, or none and the kind is unanswerable."""
    for row in ROWS:
        least, most = (0, 0) if row["kind"] == "unanswerable" else (1, 5)
        assert least <= len(row["relevant"]) <= most, row["id"]


@pytest.mark.parametrize("substring", SUBSTRINGS)
def test_substring_stands_once(substring: str) -> None:
    """A substring has 8 to 40 characters of one line and stands exactly once in the ten reports."""
    assert 8 <= len(substring) <= 40
    assert "\n" not in substring
    assert CORPUS.count(substring) == 1


@pytest.mark.parametrize("substring", SUBSTRINGS)
def test_substring_lies_in_one_passage(substring: str, passages: list[str]) -> None:
    """A substring lies whole inside exactly one passage as the program cuts them."""
    assert sum(substring in passage for passage in passages) == 1


def test_a_question_names_a_passage_once(passages: list[str]) -> None:
    """No question names one passage by two substrings."""
    for row in ROWS:
        named = [next(i for i, text in enumerate(passages) if part in text) for part in row["relevant"]]
        assert len(set(named)) == len(named), row["id"]


@pytest.mark.parametrize("name", TEXTS)
def test_each_report_is_asked_about(name: str) -> None:
    """At least eight questions are answered by each report."""
    assert sum(any(part in TEXTS[name] for part in row["relevant"]) for row in ROWS) >= 8

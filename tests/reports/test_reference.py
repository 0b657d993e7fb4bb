"""The judged questions on the reference report."""

import json
from pathlib import Path

import pytest

from bot.reports.library import load
from bot.reports.passages import passages


def test_what_answers_a_judged_question_stands_in_one_passage(reference_file: Path) -> None:
    """Every relevant substring of the judged questions lies inside a single passage."""
    questions = reference_file.parents[1] / "eval" / "reference-questions.jsonl"
    if not questions.exists():
        pytest.skip("the judged questions are not here")
    corpus = reference_file.parent
    texts = [passage.text for passage in passages(load(corpus, corpus.parent, max_bytes=10**7).reports)]
    wanted = [
        text
        for line in questions.read_text(encoding="utf-8").splitlines()
        for text in json.loads(line)["relevant"]
    ]
    assert len(wanted) > 50
    assert [text for text in wanted if not any(text in passage for passage in texts)] == []

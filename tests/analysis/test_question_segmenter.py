"""Cutting questions without loading the dictionary: as rjieba cuts them."""

import importlib.util
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.frequencies import Frequencies
from bot.analysis.normalize import Normalizer
from bot.analysis.segment import QuestionSegmenter, RjiebaSegmenter, UserWord

pytestmark = pytest.mark.skipif(importlib.util.find_spec("rjieba") is None, reason="rjieba is not installed")

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
HAN = "[\u4e00-\u9fd5]+"
RUNS = sorted(
    {run for path in (ROOT / "corpus").glob("*.md") for run in re.findall(HAN, path.read_text("utf-8"))}
)


@pytest.fixture(scope="module")
def light(frequencies: Frequencies, user_words: tuple[UserWord, ...]) -> QuestionSegmenter:
    """The one that is tested."""
    return QuestionSegmenter(user_words, frequencies)


@pytest.fixture(scope="module")
def full(user_words: tuple[UserWord, ...]) -> RjiebaSegmenter:
    """What it must agree with."""
    return RjiebaSegmenter(user_words)


def test_every_run_of_the_corpus_is_cut_alike(light: QuestionSegmenter, full: RjiebaSegmenter) -> None:
    """No run of Han characters of the sample reports is an exception."""
    assert len(RUNS) > 1000
    assert [run for run in RUNS if list(light.cut(run)) != list(full.cut(run))] == []


def test_every_run_of_the_judged_questions_is_cut_alike(
    light: QuestionSegmenter, full: RjiebaSegmenter, normalizer: Normalizer
) -> None:
    """Also where a word stands in a run twice, and a way of cutting it is nearly as likely as another."""
    files = sorted(SHARED.glob("eval/*/questions.jsonl"))
    if not files:
        pytest.skip("no judged sets beside the project")
    lines = (line for path in files for line in path.read_text("utf-8").split("\n") if line)
    questions = [json.loads(line)["question"] for line in lines]
    runs = {run for question in questions for run in re.findall(HAN, normalizer(question).text)}
    assert [run for run in runs if list(light.cut(run)) != list(full.cut(run))] == []


@given(st.lists(st.sampled_from(RUNS), min_size=1, max_size=3).map("".join))
def test_joined_runs_are_cut_alike(light: QuestionSegmenter, full: RjiebaSegmenter, run: str) -> None:
    """Where one ends and another begins, too."""
    assert list(light.cut(run)) == list(full.cut(run))


@given(st.lists(st.sampled_from(RUNS), max_size=30).map(" ".join))
def test_many_runs_are_cut_alike(light: QuestionSegmenter, full: RjiebaSegmenter, runs: str) -> None:
    """A text's runs at once, as an index of few reports is made."""
    assert list(light.words(runs)) == list(full.words(runs))


def test_words_of_the_domain_are_kept_whole(light: QuestionSegmenter) -> None:
    """Words that jieba does not have, and words whose frequency is another."""
    assert "外呼量" in [word for word, _, _ in light.cut("怎么提高外呼量呢")]

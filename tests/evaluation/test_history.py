"""Runs are kept, privately and not for ever, and two of them are compared question by question."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.change import change, moved, said, to_json
from bot.evaluation.figures import by_kind, figures, refusals
from bot.evaluation.history import KEPT, History, Run, digest
from bot.evaluation.judged import DEPTH, Judged, Outcome
from bot.evaluation.measure import Measured
from bot.settings import IndexSettings, SearchSettings, Settings, TelegramSettings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def outcome(
    name: str, rank: int | None = 1, *, relevant: str = "p", answered: bool = True, kind: str = "question"
) -> Outcome:
    """Make an outcome of a question that is worded as it is called."""
    judged = Judged(name, f"问{name}", (relevant,) if relevant else (), kind)
    return Outcome(judged, rank, answered, 0.625, 1.5)


def a_run(*outcomes: Outcome, time: datetime = NOON, questions: str = "config/questions.jsonl") -> Run:
    """Make a run with the figures of its outcomes."""
    measured = {
        **figures(outcomes),
        "questions": len(outcomes),
        "build_s": 1.0 + time.hour,
        "no_answer": refusals(outcomes),
        "kinds": by_kind(outcomes),
    }
    return Run(time, questions, "5e771495", Measured("000001-0123456789ab", measured, outcomes))


@pytest.fixture
def warnings() -> list[str]:
    """What was warned of."""
    return []


@pytest.fixture
def history(tmp_path: Path, warnings: list[str]) -> History:
    """A folder that does not exist yet."""
    return History(tmp_path / "evaluations", warn=warnings.append)


def test_the_last_run_is_what_was_kept(history: History) -> None:
    """Whole and unchanged, whichever time zone the clock had."""
    run = a_run(outcome("1"), outcome("2", None), outcome("3", None, relevant="", answered=False, kind="无"))
    assert history.last(run.questions) is None
    history.keep(run)
    assert history.last(run.questions) == run
    later = replace(run, time=(NOON + timedelta(hours=1)).astimezone(timezone(timedelta(hours=8))))
    history.keep(later)
    assert history.last(run.questions) == later


def test_runs_on_other_questions_are_not_taken(history: History) -> None:
    """Each file of judged questions has runs of its own."""
    mine = a_run(outcome("1"))
    history.keep(mine)
    history.keep(a_run(outcome("2"), time=NOON + timedelta(1), questions="config/others.jsonl"))
    assert history.last(mine.questions) == mine
    assert history.last("config/third.jsonl") is None


def test_only_the_last_runs_stay(history: History, tmp_path: Path) -> None:
    """As many as KEPT, the newest."""
    paths = [history.keep(a_run(outcome("1"), time=NOON + timedelta(minutes=i))) for i in range(KEPT + 3)]
    assert sorted((tmp_path / "evaluations").iterdir()) == paths[3:]


def test_runs_are_private(history: History, tmp_path: Path) -> None:
    """They hold the team's questions: nobody else may read them."""
    path = history.keep(a_run(outcome("1")))
    assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "evaluations").stat().st_mode & 0o777 == 0o700


DAMAGED = [
    "", "{", "[]", "{}", "null", '{"format": 2}', '{"format": 1, "outcomes": 3}', "[" * 100_000
]  # fmt: skip


@pytest.mark.parametrize("damaged", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_run_is_named_and_passed_over(
    history: History, tmp_path: Path, warnings: list[str], damaged: str
) -> None:
    """The one before it is compared with."""
    run = a_run(outcome("1"))
    history.keep(run)
    newer = tmp_path / "evaluations" / "20991231T000000.000000Z.json"
    newer.write_text(damaged, "utf-8")
    assert history.last(run.questions) == run
    (warning,) = warnings
    assert warning.startswith(f"{newer} cannot be read and is not compared with")


def test_a_run_of_which_a_field_is_missing_is_passed_over(history: History, warnings: list[str]) -> None:
    """Each of them, also of a question."""
    path = history.keep(a_run(outcome("1")))
    whole = json.loads(path.read_text("utf-8"))
    cut = [{k: v for k, v in whole.items() if k != field} for field in whole]
    (asked,) = whole["outcomes"]
    cut += [whole | {"outcomes": [{k: v for k, v in asked.items() if k != field}]} for field in asked]
    for some in cut:
        path.write_text(json.dumps(some), "utf-8")
        assert history.last("config/questions.jsonl") is None
    assert len(warnings) == len(cut)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time", "yesterday"),
        ("time", 20260301),
        ("figures", 3),
        ("outcomes", [None]),
        ("rank", 1e999),
        ("rank", "first"),
        ("confidence", "sure"),
        ("relevant", 3),
    ],
)
def test_a_run_with_other_values_is_passed_over(
    history: History, warnings: list[str], field: str, value: object
) -> None:
    """Right keys, wrong kinds."""
    path = history.keep(a_run(outcome("1")))
    whole = json.loads(path.read_text("utf-8"))
    (whole if field in whole else whole["outcomes"][0])[field] = value
    path.write_text(json.dumps(whole), "utf-8")
    assert history.last("config/questions.jsonl") is None
    assert len(warnings) == 1


def test_the_digest_is_of_what_an_answer_depends_on() -> None:
    """Not of how many generations are kept, or of the way to Telegram."""
    usual = digest(Settings())
    assert digest(Settings(index=IndexSettings(keep=5), telegram=TelegramSettings(hits=1))) == usual
    assert digest(Settings(search=SearchSettings(k1=1.2))) != usual


def test_equal_runs_have_no_change() -> None:
    """Whatever time they took."""
    run = a_run(outcome("1"), outcome("2", 4))
    later = a_run(*run.measured.outcomes, time=NOON + timedelta(hours=1))
    same = change(run, later)
    assert (dict(same.figures), same.fell, same.rose, same.new, same.gone) == ({}, (), (), 0, 0)
    assert same.same_settings


def test_figures_change_by_their_difference() -> None:
    """Now − before, per kind as well, without what is equal."""
    before = a_run(outcome("1", 1), outcome("2", 1), outcome("3", 2, kind="typo"))
    now = a_run(outcome("1", 1), outcome("2", 2), outcome("3", 2, kind="typo"))
    assert change(before, now).figures == {
        "hit@1": -0.3334,
        "mrr@10": -0.1666,
        "kinds": {"question": {"hit@1": -0.5, "mrr@10": -0.25}},
    }


def test_questions_that_fell_and_rose_are_told_apart() -> None:
    """The farthest first: by 1 / rank, a refusal where there is an answer being the lowest."""
    before = a_run(
        outcome("near", 1),
        outcome("far", 1),
        outcome("up", None),
        outcome("silent", None, relevant="", answered=False),
        outcome("stays", 3),
    )
    now = a_run(
        outcome("near", 2),
        outcome("far", None, answered=False),
        outcome("up", 5),
        outcome("silent", None, relevant="", answered=True),
        outcome("stays", 3),
    )
    compared = to_json(change(before, now))
    assert [(row["id"], row["before"], row["now"]) for row in compared["fell"]] == [
        ("far", "rank 1", "refused"),
        ("silent", "refused", "answered"),
        ("near", "rank 1", "rank 2"),
    ]
    assert [(row["id"], row["before"], row["now"]) for row in compared["rose"]] == [
        ("up", "not found", "rank 5")
    ]


def test_a_question_that_is_judged_anew_is_a_new_question() -> None:
    """Nor does a number that is another question's now make them the same."""
    before = a_run(outcome("1"), outcome("2", relevant="a"), outcome("3"))
    now = a_run(outcome("1"), outcome("2", None, relevant="b"), outcome("4", None))
    compared = change(before, now)
    assert (compared.new, compared.gone, compared.fell) == (2, 2, ())


OUTCOMES = st.builds(
    lambda rank, answered, relevant: outcome("1", rank, answered=answered, relevant="p" if relevant else ""),
    st.none() | st.integers(1, DEPTH),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(st.tuples(OUTCOMES, OUTCOMES), max_size=8))
def test_what_fell_one_way_rose_the_other(pairs: Sequence[tuple[Outcome, Outcome]]) -> None:
    """And nothing does both."""
    before = [replace(one, judged=replace(one.judged, question=str(i))) for i, (one, _) in enumerate(pairs)]
    now = [replace(two, judged=first.judged) for first, (_, two) in zip(before, pairs, strict=True)]
    fell, rose = moved(before, now)
    back_fell, back_rose = moved(now, before)
    assert {(pair.before, pair.now) for pair in fell} == {(pair.now, pair.before) for pair in back_rose}
    assert {(pair.before, pair.now) for pair in rose} == {(pair.now, pair.before) for pair in back_fell}
    assert all(pair.before.worth > pair.now.worth for pair in fell)
    assert all(said(pair.before) != said(pair.now) for pair in (*fell, *rose))

"""Short versions of the long tests, so that they cannot rot; see CONTRIBUTING for the long ones."""

from pathlib import Path

import pytest

from tests.soak import crowd, damage, hands, index_kills

from . import kills, refreshes, storm


@pytest.mark.parametrize("mode", ["polling", "webhook"])
def test_killed_at_random_moments_nothing_is_lost(mode: str, tmp_path: Path) -> None:
    """All questions are answered, the inbox is whole after each kill, and no more comes twice than is on
    its way to a server so near: that it is less than one a kill on the average needs more kills to be seen.
    """
    outcome = kills.run(tmp_path, mode=mode, kills=3, questions=40, chats=8, seed=1)
    assert outcome.answered == outcome.questions
    assert (outcome.damaged, outcome.given_up) == (0, 0)
    assert outcome.most_after_one_kill <= 4, outcome


def test_refreshes_hold_up_nobody(tmp_path: Path) -> None:
    """Every question gets its one answer while the index is replaced again and again."""
    outcome = refreshes.run(tmp_path, refreshes=4, every=0.2, rate=10.0)
    assert outcome.holds, outcome
    assert outcome.refreshes == 4


async def test_generated_updates_break_nothing(tmp_path: Path) -> None:
    """Malformed, huge, hostile, of every kind: no error, and the strict server accepts every answer."""
    outcome = await storm.storm(tmp_path, updates=300, number=1)
    assert outcome.holds, outcome
    assert outcome.unreadable > 10
    assert outcome.statuses["sendMessage 200"] > 50


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> hands.Answers:
    """The right answers of each state of the corpus."""
    return hands.expected(tmp_path_factory.mktemp("right"))


def test_killed_at_random_moments_an_index_stays_whole(tmp_path: Path, right: hands.Answers) -> None:
    """Whoever reads it gets right answers, and the next refresh mends all that was left."""
    outcome = index_kills.kill_often(tmp_path, kills=5, readers=1, seed=3, right=right)
    assert outcome.went_well, outcome
    assert outcome.kills == 5


def test_two_writers_and_a_hundred_readers_get_along(tmp_path: Path, right: hands.Answers) -> None:
    """One after the other, and all of them get right answers."""
    outcome = crowd.crowd(tmp_path, writes=1, readers=100, right=right)
    assert outcome.went_well, outcome
    assert outcome.written == 2


def test_damage_is_named_and_mended(tmp_path: Path) -> None:
    """Some cases of each kind, by seed."""
    outcome = damage.damage_often(tmp_path, cases=18, seed=2)
    assert outcome.faults == []
    assert outcome.named > 6

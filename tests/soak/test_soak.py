"""Short versions of the long tests, so that they cannot rot; see CONTRIBUTING for the long ones."""

from pathlib import Path

import pytest

from bot.chat.pace import LINES

from . import kills, refreshes, storm


@pytest.mark.parametrize("mode", ["polling", "webhook"])
def test_killed_at_random_moments_nothing_is_lost(mode: str, tmp_path: Path) -> None:
    """All questions are answered, the inbox is whole after each kill, and no more comes twice than was on
    its way: that it is one a kill on the average needs more kills to be seen.
    """
    outcome = kills.run(tmp_path, mode=mode, kills=3, questions=40, chats=8, seed=1)
    assert outcome.answered == outcome.questions
    assert (outcome.damaged, outcome.given_up) == (0, 0)
    assert outcome.most_after_one_kill <= LINES, outcome


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

"""The benchmark of whole answers runs."""

import pytest

from . import answers


def test_a_small_run_asks_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    """A row per language, with times of questions asked first and again."""
    answers.main(["--sizes", "60", "--reports", "3", "--rounds", "1"])
    rows = [line.split("|") for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    assert [row[1].strip() for row in rows[2:]] == ["Chinese", "English"]
    assert all(float(cell) > 0 for row in rows[2:] for cell in row[2:-1])

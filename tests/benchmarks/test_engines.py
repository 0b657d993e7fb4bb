"""The benchmark of engines runs, and notices engines that do not answer the same questions."""

import json
from pathlib import Path

import pytest

from . import engines


def test_a_small_run_measures_every_engine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every engine is built, asked and agrees; the table, the figures and the plot are written."""
    engines.main(["--sizes", "300", "--rounds", "1", "--out", str(tmp_path)])
    figures = json.loads((tmp_path / "engines.json").read_text("utf-8"))["300"]
    assert list(figures) == list(engines.ENGINES)
    assert all(row["p50_ms"] > 0 and any(row["best"]) for row in figures.values())
    assert "left out" not in capsys.readouterr().err
    assert (tmp_path / "engines.png").read_bytes().startswith(b"\x89PNG")
    assert "| tantivy |" in (tmp_path / "engines.md").read_text("utf-8")


def test_other_best_scores_are_told() -> None:
    """An engine of the same formula with another best score is named, with the question."""
    figures = {"wenbao": {"best": [1.8, 3.6]}, "bm25s-numba": {"best": [1.0, 2.5]}}
    assert engines.disagreements(figures) == ["bm25s-numba, question 1: 4.5, ours 3.6"]

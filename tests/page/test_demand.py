"""Where a browser is demanded, as in .ci/run, no test of the page can be left out unnoticed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("demand", "code", "told"),
    [
        ({"REQUIRE_BROWSER": "1"}, 4, "ERROR: there is no browser; install Chromium"),
        ({}, 0, "the chat page was not tested in a browser; install Chromium"),
    ],
)
def test_without_a_browser(tmp_path: Path, demand: dict[str, str], code: int, told: str) -> None:
    """An error where one is demanded; elsewhere the summary says what was left out."""
    files = ["tests/page/test_looks.py", "tests/page/test_guard.py"]
    ours = ("REQUIRE_BROWSER", "PYTEST_ADDOPTS")
    env = {name: value for name, value in os.environ.items() if name not in ours}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *files],
        cwd=ROOT,
        env=env | {"PATH": str(tmp_path)} | demand,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, told in run.stdout + run.stderr) == (code, True), run.stdout + run.stderr

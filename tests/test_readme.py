"""The README is true: its commands run, its transcript and its tables are what the program says."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.chat.commands import ADMINS, GROUP, PRIVATE
from bot.sandbox.run import run_in_thread
from bot.sandbox.sandbox import Sandbox
from bot.settings import Settings
from bot.settings_loader import known_keys

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
BIN = Path(sys.executable).parent


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    return [line for block in blocks("sh") for line in block.splitlines() if line.strip()]


INSTALLING = [line for line in commands() if "pip install" in line]
SERVING = [line for line in commands() if line.startswith(("export TELEGRAM", "wenbao serve"))]
OTHERS = [line for line in commands() if line not in (*INSTALLING, *SERVING)]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a user has after cloning, as far as the commands need it."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("config", "corpus"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def environment() -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("WENBAO_", "TELEGRAM_"))}
    return inherited | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


def test_commands_run_one_after_the_other(checkout: Path) -> None:
    """Every command that is not an installation or the server ends with 0, in the order of the README."""
    assert len(OTHERS) >= 10
    for command in OTHERS:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=checkout,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        assert "Traceback" not in done.stderr, command


def test_the_installing_commands_are_the_two_that_are_promised() -> None:
    """The first installs and tries, the second installs and tests; .ci/run executes both."""
    first, second = INSTALLING
    assert first.endswith("pip install '.[fast,try]' && .venv/bin/wenbao try")
    assert second.endswith("pip install '.[fast,test]' && .venv/bin/pytest -n auto")
    executed = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "pip install '.[fast,try]'" in executed
    assert "pip install '.[fast,test]'" in executed


def test_the_server_starts_and_stops_as_described(checkout: Path) -> None:
    """`wenbao serve` with the token in the environment polls the Bot API, and SIGTERM ends it with 0."""
    assert len(SERVING) == 2
    script = f"{SERVING[0]}; exec {SERVING[1]}"
    token = SERVING[0].partition("=")[2]
    sandbox = Sandbox(token=token)
    with run_in_thread(sandbox) as server:
        process = subprocess.Popen(
            ["bash", "-c", script],
            cwd=checkout,
            env=environment() | {"WENBAO_TELEGRAM__BASE_URL": server.base_url},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            polled = sandbox.world.bell.wait_for(lambda: bool(sandbox.calls("setMyCommands")), 30)
        finally:
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=30)
    assert polled, errors
    assert process.returncode == 0
    assert token not in errors


def test_the_transcript_is_what_is_printed(checkout: Path) -> None:
    """The example at the top is the program's own output, to the letter."""
    (transcript,) = blocks("console")
    first, _, expected = transcript.partition("\n")
    done = subprocess.run(
        ["bash", "-c", first.removeprefix("$ ")],
        cwd=checkout,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == expected.strip()


def test_the_table_of_settings_is_complete_and_right() -> None:
    """Each setting stands in the README with its default and its range, and no other does."""
    rows = re.findall(r"^\| `(\w+)\.(\w+)` \| `(.*?)` \| (.*?) \|", README, re.MULTILINE)
    defaults = Settings()
    expected = [
        (
            section,
            key,
            json.dumps(getattr(getattr(defaults, section), key), ensure_ascii=False),
            allowed.replace("'", '"'),
        )
        for section, key, _, allowed in known_keys()
    ]
    assert rows == expected


def test_the_table_of_commands_is_complete_and_right() -> None:
    """Each command that Telegram lists stands in the README with where it is listed, and no other does."""
    rows = re.findall(r"^\| `/(\w+)` \| ([\w ]+) \| .+ \|$", README, re.MULTILINE)
    common = [(name, "private chats and groups" if name in GROUP else "private chats") for name in PRIVATE]
    assert rows == [*common, *((name, "private chats of admins") for name in ADMINS)]
    assert set(GROUP) <= set(PRIVATE)

"""`wenbao try` as a process."""

import os
import shutil
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from .asking import QUESTION, ask, trial

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@pytest.fixture
def environment() -> Mapping[str, str]:
    """No token, no home, no display, and a proxy that is not there."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("WENBAO_", "TELEGRAM_", "DISPLAY"))}
    proxy = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
    return inherited | proxy | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a user has after cloning, as far as it is needed; nothing was indexed yet."""
    for name in ("config", "corpus"):
        shutil.copytree(ROOT / name, tmp_path / "home" / name)
    return tmp_path / "home"


def test_a_new_user_asks_without_a_token(
    checkout: Path, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    """The index is built, the page answers from the reports, and Ctrl-C ends all with 0 and no traceback."""
    with trial("wenbao try --port 0", tmp_path, cwd=checkout, env=environment) as running:
        address = running.address
        answer = ask(address, QUESTION)
        code = running.stop()
    assert "《" in answer
    assert (code, "Traceback" in running.text) == (0, False), running.text
    assert "token" not in running.text
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)


def test_a_port_that_is_taken_is_named(
    checkout: Path, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    """One line, exit code 4."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with trial(f"wenbao try --port {port}", tmp_path, cwd=checkout, env=environment) as running:
            assert running.process.wait(60) == 4
    assert running.text.splitlines()[-1].startswith(f"wenbao: the sandbox cannot use 127.0.0.1:{port}")

"""`wenbao try` as a process."""

import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from bot.wiring import Service

from .asking import QUESTION, WAIT_S, ask, trial

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


@pytest.mark.parametrize(
    ("display", "option", "is_opened"),
    [(":7", "--browser", True), ("", "--browser", False), (":7", "--no-browser", False)],
)
def test_the_page_is_opened_where_there_is_a_browser_to_be_seen(
    service: Service,
    tmp_path: Path,
    environment: Mapping[str, str],
    display: str,
    option: str,
    is_opened: bool,
) -> None:
    """At a terminal of a machine with a display, unless it is unwanted."""
    opened = tmp_path / "opened"
    env = {**environment, "DISPLAY": display, "BROWSER": f"sh -c 'echo %s > {opened}'"}
    command = ["wenbao", "try", "--port", "0", "--home", str(service.home.root), option]
    terminal, ours = pty.openpty()
    process = subprocess.Popen(command, env=env, stderr=ours, start_new_session=True)
    os.close(ours)
    try:
        printed = b""
        while b"is answering" not in printed:
            printed += os.read(terminal, 1024)
        while is_opened and not opened.exists():
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGTERM)
        assert process.wait(WAIT_S) == 0
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
    address = re.search(rb"http://127\.0\.0\.1:\d+/", printed)
    assert address is not None
    assert opened.exists() == is_opened
    if is_opened:
        assert opened.read_bytes().strip() == address[0]

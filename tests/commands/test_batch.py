"""wenbao ask --batch: many questions, over all cores, as lines come and in their order."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .shell import SCRIPT, TIMEOUT_S, alive_in, process, wenbao

LINES = ["投诉怎么处理", "外呼指标怎么定", "每周抽查多少录音", "火星上的天气"]


def started(home: Path, batch: Path | str) -> "subprocess.Popen[bytes]":
    """Start a batch in a group of its own."""
    return subprocess.Popen(
        [SCRIPT, "ask", "--batch", batch, "--home", home],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def has_ended(session: int) -> bool:
    """Tell whether all processes of a session end; those that end wait for nobody to ask."""
    deadline = time.monotonic() + TIMEOUT_S
    while alive_in(session):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A file of more questions than one process answers alone."""
    path = tmp_path / "many.txt"
    path.write_text("".join(f"{line}\n" for line in LINES * 1000), "utf-8")
    return path


def test_many_are_answered_as_few_are(home: Path, many: Path) -> None:
    """Line by line the same, whichever process answered."""
    few = wenbao("ask", "--batch", "-", "--home", home, stdin="\n".join(LINES)).objects
    done = process("ask", "--batch", many, "--home", home, timeout_s=300)
    assert (done.code, done.err) == (0, "")
    assert [{**row, "took_ms": 0} for row in done.objects] == [{**row, "took_ms": 0} for row in few] * 1000


def test_a_line_is_answered_before_the_next_one_comes(home: Path) -> None:
    """So that a program can converse with it, for longer than one process answers alone."""
    with started(home, "-") as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for number in range(130):
            running.stdin.write(f"{LINES[number % 4]}\n".encode())
            running.stdin.flush()
            assert LINES[number % 4] in running.stdout.readline().decode()
        out, err = running.communicate(timeout=TIMEOUT_S)
    assert (running.returncode, out, err) == (0, b"", b"")


def test_a_line_that_is_no_text_gets_its_error_in_place(home: Path) -> None:
    """From a pipe, whose end nobody knows beforehand."""
    done = process(
        "ask",
        "--batch",
        "-",
        "--home",
        home,
        stdin="投诉\n".encode() + "抽查\n".encode("gbk") + "回访".encode(),
    )
    assert done.code == 0
    assert ["error" in row for row in done.objects] == [False, True, False]
    assert "\ufffd" in done.objects[1]["question"]


def test_an_interrupted_batch_ends_at_once(home: Path, many: Path) -> None:
    """All its processes do, without a traceback."""
    with started(home, many) as running:
        assert running.stdout is not None
        for _ in range(200):
            running.stdout.readline()
        os.killpg(running.pid, signal.SIGINT)
        _, err = running.communicate(timeout=TIMEOUT_S)
    assert running.returncode not in {0, None}
    assert b"Traceback" not in err
    assert has_ended(running.pid)


def test_a_batch_whose_reader_goes_ends_in_silence(home: Path, many: Path) -> None:
    """As in `wenbao ask --batch FILE | head -1`."""
    with started(home, many) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        for _ in range(200):
            running.stdout.readline()
        running.stdout.close()
        assert running.wait(TIMEOUT_S) is not None
        assert running.stderr.read() == b""
    assert has_ended(running.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_memory_does_not_grow_with_the_lines(home: Path, tmp_path: Path) -> None:
    """A hundred megabytes of lines are not held."""
    path = tmp_path / "long.txt"
    with path.open("w", encoding="utf-8") as file:
        for _ in range(100):
            file.write("问" * 350_000 + "\n")
    before = _most_memory(home, LINES[0])
    assert _most_memory(home, path) < before + 50 * 1024


def _most_memory(home: Path, what: Path | str) -> int:
    """Return the most memory of a question or a batch, in kilobytes."""
    script = (
        "import resource, sys; from bot.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))"
    )
    asked = [what] if isinstance(what, str) else ["--batch", what]
    ran = subprocess.run(
        [sys.executable, "-c", script, "ask", *asked, "--home", home],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=True,
    )
    return int(ran.stderr)

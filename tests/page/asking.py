"""A command that ends with `wenbao try`, from its start to Ctrl-C, with one question asked on its page.

    python -m tests.page.asking 'pip install … && wenbao try'

does this for any shell command and fails if no passage comes back; .ci/run does it with the README's.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

QUESTION = "怎么处理投诉"
START_S = 300.0
"""Seconds that a command may take until the page is there; it may have to install itself."""
WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Trial:
    """A running command and what it printed on standard error so far."""

    process: subprocess.Popen[bytes]
    printed: Path

    @property
    def text(self) -> str:
        return self.printed.read_text("utf-8")

    @property
    def address(self) -> str:
        """Wait until the page's address is printed, and return it."""
        deadline = time.monotonic() + START_S
        while not (found := re.search(r"http://127\.0\.0\.1:\d+/", self.text)):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"there is no page: {self.text}")
            time.sleep(0.05)
        return found[0]

    def stop(self) -> int:
        """Press Ctrl-C, which a terminal sends to the whole group, and return the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(WAIT_S)


@contextmanager
def trial(command: str, folder: Path, *, cwd: Path, env: Mapping[str, str] | None = None) -> Iterator[Trial]:
    """Run a shell command in a group of its own; nothing of it is left at the end."""
    printed = folder / "printed"
    with printed.open("wb") as file:
        process = subprocess.Popen(
            ["bash", "-c", command], cwd=cwd, env=env, stderr=file, start_new_session=True
        )
    try:
        yield Trial(process, printed)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def ask(address: str, question: str) -> str:
    """Send a question as the page's script does, and return what the bot answers."""
    with httpx.Client(base_url=address, timeout=WAIT_S, trust_env=False) as http:
        found = re.search(r'name="page-token" content="([^"]+)"', http.get("").text)
        assert found is not None
        with http.stream("GET", "page/events") as stream:
            news = (json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: "))
            about = next(told["about"] for told in news if "about" in told)
            user = about["people"][0]["user"]["id"]
            given = {"person": user, "chat": user, "text": question}
            http.post("page/send", json=given, headers={"x-page-token": found[1]}).raise_for_status()
            return next(
                str(one["message"]["text"])
                for told in news
                for one in told.get("messages", ())
                if one["message"]["from"]["is_bot"]
            )


def main() -> None:
    """Run the command of the first argument in the current folder and ask it."""
    with TemporaryDirectory() as folder, trial(sys.argv[1], Path(folder), cwd=Path.cwd()) as running:
        answer = ask(running.address, QUESTION)
        code = running.stop()
        sys.stderr.write(running.text)
        sys.stdout.write(answer + "\n")
    if code != 0 or "《" not in answer:
        sys.exit(f"exit code {code}, answer: {answer}")


if __name__ == "__main__":
    main()

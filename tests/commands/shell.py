"""Running commands: in this process, as the console script does, or as a process of their own."""

import contextlib
import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
SCRIPT = Path(sys.executable).parent / "wenbao"
TIMEOUT_S = 60.0

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the development sets are not beside the project"
)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a command; whatever it was, it must not have shown a traceback."""

    code: int
    out: str
    err: str

    def __post_init__(self) -> None:
        assert "Traceback" not in self.err, self.err

    @property
    def json(self) -> Any:  # noqa: ANN401
        """The one line of standard output as a JSON value."""
        assert self.out.endswith("\n"), self
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)

    @property
    def objects(self) -> list[Any]:
        """Each line of standard output as a JSON value."""
        return [json.loads(line) for line in self.out.split("\n")[:-1]]

    def failed(self, code: int) -> str:
        """Return the one line of standard error; nothing else was printed, and the exit code is this."""
        assert (self.code, self.out) == (code, ""), self
        return self.one_line

    @property
    def one_line(self) -> str:
        """The one line of standard error."""
        assert self.err.startswith("wenbao: "), self
        assert self.err.count("\n") == 1, self.err
        assert self.err.endswith("\n"), self.err
        return self.err.removeprefix("wenbao: ").rstrip("\n")


def wenbao(*arguments: object, stdin: str = "") -> Done:
    """Run a command in this process through the entry point of the console script."""
    out, err = io.StringIO(), io.StringIO()
    argv, given = sys.argv, sys.stdin
    sys.argv, sys.stdin = ["wenbao", *map(str, arguments)], io.StringIO(stdin)
    code: object = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as stop:
        code = stop.code or 0
    finally:
        sys.argv, sys.stdin = argv, given
    assert isinstance(code, int), code
    return Done(code, out.getvalue(), err.getvalue())


def without_coverage(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which a process does not count the lines that it runs."""
    return {name: value for name, value in environ.items() if not name.startswith("COVERAGE_")}


def process(
    *arguments: str | Path | bytes,
    env: Mapping[str, str] | None = None,
    base: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    script: Path = SCRIPT,
    timeout_s: float = TIMEOUT_S,
    limit: Callable[[], None] | None = None,
) -> Done:
    """Run the installed console script as a process and wait for its end.

    Args:
        arguments: Of the command line.
        env: Added to the environment.
        base: The environment; this process's own if left out, as it is now.
        cwd: The current folder.
        stdin: All of standard input.
        script: Another console script.
        timeout_s: Most seconds to wait.
        limit: Called in the process before it becomes the command.
    """
    inherited = os.environ if base is None else base
    # A process that may not write cannot write down its coverage either.
    inherited = without_coverage(inherited) if limit else inherited
    ran = subprocess.run(
        [script, *arguments],
        input=stdin,
        capture_output=True,
        timeout=timeout_s,
        check=False,
        cwd=cwd,
        env={**inherited, **(env or {})},
        preexec_fn=limit,
    )
    return Done(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


def snapshot(folder: Path) -> dict[str, tuple[int, str]]:
    """Return time of change and content of everything below a folder."""
    return {
        path.relative_to(folder).as_posix(): (
            path.lstat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in sorted(folder.rglob("*"))
    }


def generation(home: Path) -> str:
    """Return the id of the generation that answers in a home."""
    return (home / ".wenbao" / "index" / "current").read_text("ascii").split()[0]


def write_lines(path: Path, *rows: object) -> Path:
    """Write JSON values a line and return the path."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def alive_in(session: int) -> list[int]:
    """Return the processes of a session that have not ended."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state, _parent, _group, its_session, *_ = (
                    (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
                )
            except (OSError, ValueError):  # it has just ended
                continue
            if int(its_session) == session and state != "Z":
                found.append(int(folder.name))
    return found

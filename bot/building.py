"""Building an index in a process of its own, so that cutting text into words holds up no answer.

`Worker` is the side of the bot; run as a program this module is the other one. Between them go lines of
JSON: `{"progress": [done, total]}` as often as need be, then one `{"outcome": …}` or `{"error": …}`.
"""

import asyncio
import json
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.chat.refreshing import Outcome, Progress
from bot.errors import IndexUnavailable, WenbaoError

_SECRETS = frozenset({"TELEGRAM_BOT_TOKEN", "WENBAO_WEBHOOK_SECRET"})
_PROGRESS_EVERY_S = 0.2
_LINE_BYTES = 16 * 2**20  # the outcome names every file that changed
_NICER = 5


class Worker:
    """Builds a home's index in another process; see `bot.chat.refreshing.Builder`."""

    def __init__(self, home: Path, environ: Mapping[str, str]) -> None:
        """Build for `home`; the process gets `environ` without the secrets in it."""
        self._home = home
        self._environ = {name: value for name, value in environ.items() if name not in _SECRETS}

    async def __call__(self, *, full: bool, advance: Progress) -> Outcome:
        """Build if need be and publish.

        Raises:
            WenbaoError: It failed; the old index is untouched.
        """
        arguments = [str(self._home), *(["--full"] if full else [])]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "bot.building", *arguments),
            env=self._environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            limit=_LINE_BYTES,
        )
        try:
            last = await _listen(process, advance)
            await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if outcome := last.get("outcome"):
            return Outcome(outcome["built"], tuple(outcome["lines"]), outcome["seconds"])
        raise IndexUnavailable(last.get("error") or f"the build ended with exit code {process.returncode}")


async def _listen(process: Process, advance: Progress) -> Mapping[str, Any]:
    last: Mapping[str, Any] = {}
    if process.stdout is not None:
        async for line in process.stdout:
            last = json.loads(line)
            if progress := last.get("progress"):
                advance(*progress)
    return last


def main(arguments: Sequence[str]) -> int:
    """Refresh the home named first, whole with `--full`, and tell of it; return the exit code."""
    from bot.home import Home
    from bot.reporting import refresh_lines
    from bot.wiring import assemble

    os.nice(_NICER)
    told_at = float("-inf")

    def advance(done: int, total: int) -> None:
        nonlocal told_at
        if (now := time.monotonic()) - told_at >= _PROGRESS_EVERY_S or done == total:
            told_at = now
            _tell({"progress": [done, total]})

    try:
        service = assemble(Home(Path(arguments[0])), os.environ, warn=_warn)
        done = service.refresh(full="--full" in arguments[1:], advance=advance)
    except (WenbaoError, OSError) as error:
        _tell({"error": " ".join(str(error).split())})
        return 3
    lines = refresh_lines(done, dry_run=False)
    _tell({"outcome": {"built": done.built, "lines": lines, "seconds": round(done.seconds, 3)}})
    return 0


def _tell(message: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _warn(line: str) -> None:
    sys.stderr.write(f"wenbao: {line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

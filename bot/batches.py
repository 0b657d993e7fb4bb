"""Questions a line, answers a line: what `wenbao ask --batch` reads and prints."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot import answer as answers
from bot.domain import Answer
from bot.errors import InputError


def lines(batch: Path) -> list[str]:
    """Return the lines of a file, of standard input for "-".

    Raises:
        InputError: It cannot be read.
    """
    try:
        text = sys.stdin.read() if str(batch) == "-" else batch.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"{batch} cannot be read: {reason}") from error
    # Not splitlines, for which form feeds and other separators end a line too.
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []


def answered(line: str, ask: Callable[[str], Answer]) -> dict[str, Any]:
    """Answer one line; a line that is no question gets an object that says why, so that none is missing."""
    try:
        return answers.to_json(ask(line))
    except InputError as error:
        return answers.unasked(line, str(error))

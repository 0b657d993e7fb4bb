"""The bot's token stays out of everything that is written: every record is cleaned after it was formatted."""

import logging
import re
import sys
from copy import copy
from typing import TextIO
from urllib.parse import quote

from bot.settings import Secret

MASK = "[token]"

_TOKEN_SHAPE = re.compile(r"\d{6,}(?::|%3A)[A-Za-z0-9_-]{30,}", re.IGNORECASE)
_CHATTY = ("httpx", "httpcore", "telegram", "asyncio")
_LINE_CHARS = 1000  # the library logs whole pages of a proxy
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class Redactor:
    """Replaces the token, plain or as it stands in a URL, and whatever else has a token's shape."""

    def __init__(self, token: Secret) -> None:
        """Remember how `token` may be written."""
        plain = token.reveal()
        forms = {plain, quote(plain, safe="")} - {""}
        self._forms = re.compile("|".join(map(re.escape, sorted(forms))) or r"(?!)", re.IGNORECASE)

    def __call__(self, text: str) -> str:
        """Return `text` with every token replaced by `MASK`."""
        return _TOKEN_SHAPE.sub(MASK, self._forms.sub(MASK, text))


class RedactingHandler(logging.StreamHandler[TextIO]):
    """Writes records without the token; one line a record unless debugging."""

    def __init__(self, stream: TextIO, redact: Redactor, *, tracebacks: bool) -> None:
        """Write to `stream`; `tracebacks` says whether a record may bring its traceback along."""
        super().__init__(stream)
        self._redact = redact
        self._tracebacks = tracebacks
        self.setFormatter(logging.Formatter(_FORMAT))

    def format(self, record: logging.LogRecord) -> str:
        """Return the finished text, cleaned last, so that tracebacks and stacks are cleaned as well."""
        if self._tracebacks:
            return self._redact(super().format(record))
        line = " ".join(self._redact(super().format(_without_traceback(record))).split())
        return line if len(line) <= _LINE_CHARS else line[:_LINE_CHARS] + "…"

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Report a record that cannot be formatted by its place only: logging would print its arguments."""
        error = type(sys.exception()).__name__
        self.stream.write(f"a log record of {record.name} at {record.filename}:{record.lineno}: {error}\n")


def _without_traceback(record: logging.LogRecord) -> logging.LogRecord:
    """Return a copy that names its exception instead of showing where it came from."""
    short = copy(record)
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        short.msg, short.args = f"{record.getMessage()} ({type(error).__name__}: {error})", ()
    short.exc_info = short.exc_text = short.stack_info = None
    return short


def configure_logging(level: int, token: Secret, stream: TextIO) -> None:
    """Send the process's log to `stream` without the token.

    Replaces the handlers of the root logger. httpx writes the URL of each request, token included, at INFO:
    it and the other libraries are heard from WARNING on, and from DEBUG on only when `level` is DEBUG.

    Args:
        level: As in `logging`; at DEBUG records bring their tracebacks along, above it each is one line.
        token: The bot's token.
        stream: Where to write, for example `sys.stderr`.
    """
    debugging = level <= logging.DEBUG
    logging.basicConfig(
        level=level,
        handlers=[RedactingHandler(stream, Redactor(token), tracebacks=debugging)],
        force=True,
    )
    logging.captureWarnings(capture=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(level if debugging else max(level, logging.WARNING))

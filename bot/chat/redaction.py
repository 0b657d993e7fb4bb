"""The bot's token stays out of everything that is written: every record is cleaned after it was formatted."""

import logging
import re
import sys
from copy import copy
from typing import Literal, TextIO
from urllib.parse import quote

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.settings import Secret

MASK = "[token]"

_TOKEN_SHAPE = re.compile(r"\d{6,}(?::|%3A)[A-Za-z0-9_-]{30,}", re.IGNORECASE)
_CHATTY = ("httpx", "httpcore", "telegram", "asyncio")
_LINE_CHARS = 1000  # the library logs whole pages of a proxy

Form = Literal["console", "json"]


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
    """Writes records without the token; one line a record unless debugging on a console."""

    def __init__(self, stream: TextIO, redact: Redactor, *, tracebacks: bool, form: Form = "console") -> None:
        """Write to `stream`; `tracebacks` says whether a record may bring its traceback along."""
        super().__init__(stream)
        self._redact = redact
        self._tracebacks = tracebacks
        self.setFormatter(_formatter(form))

    def format(self, record: logging.LogRecord) -> str:
        """Return the finished text, cleaned last, so that tracebacks and stacks are cleaned as well."""
        return self._redact(super().format(record if self._tracebacks else self._short(record)))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Report a record that cannot be formatted by its place only: logging would print its arguments."""
        error = type(sys.exception()).__name__
        self.stream.write(f"a log record of {record.name} at {record.filename}:{record.lineno}: {error}\n")

    def _short(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return a copy whose message is one line and names the exception instead of its way.

        Cleaned before it is cut, or half a token might be left.
        """
        short = copy(record)
        message = record.getMessage()
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            message = f"{message} ({type(error).__name__}: {error})"
        line = " ".join(self._redact(message).split())
        short.msg = line if len(line) <= _LINE_CHARS else line[:_LINE_CHARS] + "…"
        short.args = ()
        short.exc_info = short.exc_text = short.stack_info = None
        return short


def _formatter(form: Form) -> logging.Formatter:
    """Return what makes a record a line; whoever logs, the bound context (an update's id) is told."""
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=False)
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        stamp,
    ]
    plain = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if form == "json":
        return structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[
                plain,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=common,
        processors=[plain, _line],
        keep_exc_info=True,
        keep_stack_info=True,
    )


def _line(_logger: WrappedLogger, _name: str, event: EventDict) -> str:
    """Return a record as people read it."""
    head = f"{event.pop('timestamp')} {event.pop('level').upper()} {event.pop('logger')}:"
    message = event.pop("event")
    event.pop("exc_info", None)
    event.pop("stack_info", None)
    context = [f"{name}={value}" for name, value in event.items()]
    return " ".join([head, *(f"[{part}]" for part in context), message])


def configure_logging(
    level: int, token: Secret, stream: TextIO, *, form: Form = "console", questions: bool = False
) -> None:
    """Send the process's log to `stream` without the token.

    Replaces the handlers of the root logger. httpx writes the URL of each request, token included, at INFO:
    it and the other libraries are heard from WARNING on, and from DEBUG on only when `level` is DEBUG.

    Args:
        level: As in `logging`; at DEBUG records bring their tracebacks along, above it each is one line.
        token: The bot's token.
        stream: Where to write, for example `sys.stderr`.
        form: Lines for people or JSON for machines.
        questions: Whether people's texts may be logged; the library shows them at DEBUG.
    """
    debugging = level <= logging.DEBUG
    logging.basicConfig(
        level=level,
        handlers=[RedactingHandler(stream, Redactor(token), tracebacks=debugging, form=form)],
        force=True,
    )
    logging.captureWarnings(capture=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(level if debugging else max(level, logging.WARNING))
    if not questions:
        library = logging.getLogger("telegram")
        library.setLevel(max(library.level, logging.INFO))

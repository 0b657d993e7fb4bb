"""The journal's tables, for SQLite and PostgreSQL alike, and the way to them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import JournalUnavailable

METADATA = MetaData()
_PSEUDONYM = String(32)
_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # whose own row number must be called INTEGER

QUESTIONS = Table(
    "questions",
    METADATA,
    Column("number", _NUMBER, primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),  # Unix time, seconds
    Column("day", Date, nullable=False, index=True),  # of the clock's time zone
    Column("user", _PSEUDONYM, index=True),
    Column("chat", _PSEUDONYM),
    Column("language", String(35), nullable=False),
    Column("via", String(10), nullable=False),
    Column("text", Text),  # NULL when questions are not kept
    Column("answered", Boolean, nullable=False),
    Column("generation", String(64), nullable=False),
    # The number of a question that was forgotten is never given again: a button may still carry it.
    sqlite_autoincrement=True,
)
SHOWN = Table(
    "shown",
    METADATA,
    Column("question", ForeignKey(QUESTIONS.c.number, ondelete="CASCADE"), primary_key=True),
    Column("rank", Integer, primary_key=True),
    Column("passage", String(64), nullable=False),
    Column("report", Text, nullable=False),
    Column("section", Text, nullable=False),  # JSON: a list of headings
)
JUDGEMENTS = Table(
    "judgements",
    METADATA,
    Column("question", ForeignKey(QUESTIONS.c.number, ondelete="CASCADE"), primary_key=True),
    Column("user", _PSEUDONYM, primary_key=True, index=True),
    Column("passage", String(64), primary_key=True),  # "": of the answer as a whole
    Column("at", BigInteger, nullable=False),
    Column("day", Date, nullable=False, index=True),
    Column("good", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
)
BUTTONS = Table(
    "buttons",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),  # when it was last shown
    Column("user", _PSEUDONYM, index=True),
    Column("payload", Text, nullable=False),  # JSON
)
PREFERENCES = Table(
    "preferences",
    METADATA,
    Column("user", _PSEUDONYM, primary_key=True),
    Column("language", String(35), nullable=False),
)


def file_url(path: Path) -> str:
    """Return the URL of a journal in a file."""
    return f"sqlite:///{path}"


def connect(url: str) -> Engine:
    """Return the way to a database; its tables are made if need be, its file with mode 0600.

    Raises:
        JournalUnavailable: The URL means nothing, or the database cannot be opened.
    """
    try:
        parsed = make_url(url)
    except SQLAlchemyError as error:
        raise JournalUnavailable(
            "journal.url is no database URL; write it like postgresql+psycopg://user:password@host/name"
        ) from error
    with _told(parsed.render_as_string(hide_password=True)):
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            os.close(os.open(parsed.database, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        engine = create_engine(parsed, pool_pre_ping=parsed.get_backend_name() != "sqlite")
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _configure_sqlite)
        try:
            METADATA.create_all(engine)
        except BaseException:
            engine.dispose()
            raise
    return engine


@contextmanager
def told(engine: Engine) -> Iterator[None]:
    """Turn the database's errors into one line that names it without its password."""
    with _told(engine.url.render_as_string(hide_password=True)):
        yield


@contextmanager
def _told(where: str) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        what = " ".join(str(cause).split())
        raise JournalUnavailable(f"the journal {where} cannot be used: {what}") from error
    except ImportError as error:
        raise JournalUnavailable(
            f"the journal {where} needs a library that is not installed: {error.name}"
        ) from error
    except OSError as error:
        raise JournalUnavailable(f"the journal {where} cannot be opened: {error.strerror}") from error


def _configure_sqlite(connection: Any, _: object) -> None:  # noqa: ANN401 - SQLAlchemy's own type
    cursor = connection.cursor()
    # Write-ahead log: readers and the writer do not wait for each other. What is deleted is overwritten.
    for pragma in (
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "secure_delete = ON",
        "busy_timeout = 5000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()

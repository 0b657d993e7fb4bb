"""The inbox on disk: an update is written down before it is dealt with, and struck off afterwards.

SQLite of the standard library, with write-ahead log and `synchronous=FULL`: what was committed outlives the
process and the machine's power. Through SQLAlchemy the same commit of ten updates took 0.31 ms instead of
0.26 and its import another 0.1 s; for four statements on one file that buys nothing.
"""

import contextlib
import math
import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TypeAlias

from bot.errors import InboxUnavailable

# Telegram delivers an update for 24 hours; until then one that was dealt with may come again.
KEEP_DONE_S = 2 * 86_400.0
KEEP_ASIDE_S = 7 * 86_400.0
"""How long an update that could not be dealt with is kept, with what its sender wrote."""

_VERSION = 1
_CHECKPOINT_EVERY = 200  # commits; the log holds texts that were deleted until it is emptied
_FORGET_EVERY_S = 3600.0  # it looks at all that is kept
_SCHEMA = """
CREATE TABLE IF NOT EXISTS updates (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which they came
    bot       INTEGER NOT NULL,                   -- its id: another token has other updates
    update_id INTEGER NOT NULL,
    state     INTEGER NOT NULL,
    since     REAL NOT NULL,                      -- Unix time at which it came into this state
    body      TEXT,                               -- as Telegram sent it; NULL once dealt with
    reason    TEXT,                               -- why it was set aside
    UNIQUE (bot, update_id)
);
CREATE INDEX IF NOT EXISTS unfinished ON updates (bot, state, seq) WHERE state <> 1;
CREATE TABLE IF NOT EXISTS runs (bot INTEGER PRIMARY KEY, fruitless INTEGER NOT NULL);
"""
_INSERT = """
INSERT INTO updates (bot, update_id, state, since, body, reason) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""
_STRIKE_OFF = """
UPDATE updates SET state = ?, body = NULL, since = ? WHERE bot = ? AND update_id = ? AND state = 0
"""
_SET_ASIDE = """
UPDATE updates SET state = ?, reason = ?, since = ? WHERE bot = ? AND update_id = ? AND state = 0
"""
_MARK_ALONE = "UPDATE updates SET reason = 'alone' WHERE bot = ? AND update_id = ? AND state = 0"


class State(IntEnum):
    """Of an update."""

    WAITING = 0
    DONE = 1
    ASIDE = 2


@dataclass(frozen=True, slots=True)
class Take:
    """Write an update down; it is new unless its id is known.

    Attributes:
        update_id: Of Telegram, 0 to 2**63 − 1.
        body: Its JSON.
        unreadable: Why it is set aside at once; "" when it can be dealt with.
    """

    update_id: int
    body: str
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """Strike an update off: its text is deleted, its id is kept for a while."""

    update_id: int


@dataclass(frozen=True, slots=True)
class SetAside:
    """Keep an update that cannot be dealt with, for somebody to look at."""

    update_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Alone:
    """Note that nothing but this update is about to be dealt with."""

    update_id: int


Entry: TypeAlias = Take | Done | SetAside | Alone


@dataclass(frozen=True, slots=True)
class Waiting:
    """An update that was taken and not dealt with.

    Attributes:
        update_id: Of Telegram.
        body: Its JSON.
        since: Unix time at which it came.
        alone: Whether a run ended while it alone was being dealt with.
    """

    update_id: int
    body: str
    since: float
    alone: bool = False


class Ledger:
    """One bot's updates. Every method blocks; all are to be called in one thread, that of `open`.

    Args:
        path: The file, made with mode 0600; None keeps everything in memory.
        bot: The bot's id.
        now: Unix time in seconds.
        warn: Told, in one line, of a file that cannot be used and was put aside.
    """

    def __init__(
        self, path: Path | None, bot: int, *, now: Callable[[], float], warn: Callable[[str], None]
    ) -> None:
        self._path = path
        self._bot = bot
        self._now = now
        self._warn = warn
        self._commits = 0
        self._forgot_at = -math.inf
        self._connection: sqlite3.Connection | None = None

    def open(self) -> None:
        """Open the file; a damaged one is kept aside under another name and a new one is begun.

        Raises:
            InboxUnavailable: It cannot be opened, or another process has it open.
        """
        try:
            try:
                self._connection = self._opened()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError) or self._path is None:
                    raise
                self._put_aside(error)
                self._connection = self._opened()
        except (sqlite3.Error, OSError) as error:
            raise self._trouble(error) from error

    def write(self, entries: Sequence[Entry]) -> list[bool]:
        """Make the entries in one commit: all are on disk afterwards, or none.

        Returns:
            For each entry whether it changed anything; False for a Take of a known update.

        Raises:
            InboxUnavailable: They could not be written.
        """
        connection = self._open_connection()
        try:
            connection.execute("BEGIN IMMEDIATE")
            changed = [self._make(connection, entry) for entry in entries]
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise self._trouble(error) from error
        self._commits += 1
        if self._commits % _CHECKPOINT_EVERY == 0:
            with contextlib.suppress(sqlite3.Error):  # the entries are safe; the next time it is tried again
                self._tidy(connection)
        return changed

    def waiting(self) -> tuple[Waiting, ...]:
        """Return what was taken and not dealt with, in the order in which it came.

        Raises:
            InboxUnavailable: It could not be read.
        """
        query = (
            "SELECT update_id, body, since, reason IS NOT NULL FROM updates "
            "WHERE bot = ? AND state = ? ORDER BY seq"
        )
        try:
            rows = self._open_connection().execute(query, (self._bot, State.WAITING)).fetchall()
        except sqlite3.Error as error:
            raise self._trouble(error) from error
        return tuple(Waiting(number, body, since, bool(alone)) for number, body, since, alone in rows)

    def aside(self) -> int:
        """Return how many updates were set aside and are still kept."""
        query = "SELECT count(*) FROM updates WHERE bot = ? AND state = ?"
        try:
            (count,) = self._open_connection().execute(query, (self._bot, State.ASIDE)).fetchone()
        except sqlite3.Error as error:
            raise self._trouble(error) from error
        return int(count)

    def began(self) -> int:
        """Note that what waits is about to be dealt with; return how many such runs ended without a result.

        The count goes back to 0 with the first update that is struck off or set aside.
        """
        connection = self._open_connection()
        try:
            row = connection.execute("SELECT fruitless FROM runs WHERE bot = ?", (self._bot,)).fetchone()
            before = int(row[0]) if row else 0
            connection.execute("REPLACE INTO runs (bot, fruitless) VALUES (?, ?)", (self._bot, before + 1))
        except sqlite3.Error as error:
            raise self._trouble(error) from error
        return before

    def check(self) -> None:
        """Write what stands there already, to see whether the disk takes it.

        Raises:
            InboxUnavailable: It does not.
        """
        try:
            self._open_connection().execute(f"PRAGMA user_version = {_VERSION}")
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    def close(self) -> None:
        """Empty the log and close the file; without effect when it is not open."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._tidy(connection)
            connection.close()

    def _opened(self) -> sqlite3.Connection:
        if self._path is not None:
            # SQLite gives its other files the mode of this one.
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            self._path.chmod(0o600)
        connection = sqlite3.connect(self._path or ":memory:", isolation_level=None, timeout=2.0)
        try:
            # Before anything else: the file is then this process's until it ends, however it ends.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
            _check(connection)
            connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT")
            self._forgot_at = -math.inf
            self._tidy(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _make(self, connection: sqlite3.Connection, entry: Entry) -> bool:
        now = self._now()
        if isinstance(entry, Take):
            state = State.ASIDE if entry.unreadable else State.WAITING
            row = (self._bot, entry.update_id, state, now, entry.body, entry.unreadable or None)
            return connection.execute(_INSERT, row).rowcount == 1
        if isinstance(entry, Alone):
            return connection.execute(_MARK_ALONE, (self._bot, entry.update_id)).rowcount == 1
        connection.execute("UPDATE runs SET fruitless = 0 WHERE bot = ? AND fruitless <> 0", (self._bot,))
        key = (now, self._bot, entry.update_id)
        if isinstance(entry, Done):
            return connection.execute(_STRIKE_OFF, (State.DONE, *key)).rowcount == 1
        return connection.execute(_SET_ASIDE, (State.ASIDE, entry.reason, *key)).rowcount == 1

    def _tidy(self, connection: sqlite3.Connection) -> None:
        """Empty the log, which holds deleted texts; once an hour forget what was kept long enough."""
        now = self._now()
        if abs(now - self._forgot_at) >= _FORGET_EVERY_S:  # a clock may be set back
            old = "DELETE FROM updates WHERE state = ? AND since < ?"
            connection.execute(old, (State.DONE, now - KEEP_DONE_S))
            connection.execute(old, (State.ASIDE, now - KEEP_ASIDE_S))
            self._forgot_at = now
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _put_aside(self, error: sqlite3.Error) -> None:
        if self._path is None:
            return
        target = self._path.with_name(f"{self._path.name}.damaged")
        self._path.replace(target)
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._warn(f"the inbox {self._path} cannot be used ({error}); it is kept as {target.name}")

    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise InboxUnavailable(f"the inbox {self._path} is not open")
        return self._connection

    def _trouble(self, error: Exception) -> InboxUnavailable:
        if "locked" in str(error):
            return InboxUnavailable(
                f"the inbox {self._path} is in use; another wenbao serve runs here: stop it first"
            )
        return InboxUnavailable(
            f"the inbox {self._path} cannot be used: {error}; check the disk and its permissions"
        )


def _check(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version not in {0, _VERSION}:
        raise sqlite3.OperationalError(f"it has version {version}, this program knows {_VERSION}")
    if connection.execute("PRAGMA quick_check").fetchone() != ("ok",):
        raise sqlite3.DatabaseError("it is damaged")

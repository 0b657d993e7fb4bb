"""The journal itself: what is written, looked up and deleted. Nobody is named in it."""

import json
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.journal import figures
from bot.journal.nouns import Asked, Forgotten, Gap, Stats, Written
from bot.journal.pseudonyms import Pseudonyms
from bot.journal.tables import BUTTONS, JUDGEMENTS, PREFERENCES, QUESTIONS, SHOWN, connect, told

if TYPE_CHECKING:
    from sqlalchemy import Connection, Insert, Table

_LONGEST_REASON = 200
# Choices that stay in memory; then they are read anew.
_LANGUAGES_KEPT = 10_000

# Made once: to make one takes longer than to execute it.
_ASKED = insert(QUESTIONS).returning(QUESTIONS.c.number, sort_by_parameter_order=True)
_SHOWN = insert(SHOWN)
_LANGUAGE = select(PREFERENCES.c.language).where(PREFERENCES.c.user == bindparam("own"))
_PAYLOAD = select(BUTTONS.c.payload).where(BUTTONS.c.id == bindparam("button"))


def _put(row: "sqlite.Insert | postgresql.Insert") -> "Insert":
    """Return what inserts a row, or changes the one with the same key."""
    changed = {column.name: row.excluded[column.name] for column in row.table.c if not column.primary_key}
    return row.on_conflict_do_update(index_elements=list(row.table.primary_key), set_=changed)


def _as_written(question: str) -> Hashable:
    return " ".join(question.split()).casefold()


def _storable(text: str) -> str:
    """Return `text` without what a database does not take: halves of characters, and NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def _shown(number: int, asked: Asked) -> Iterator[dict[str, Any]]:
    """Yield the rows of what was shown for a question."""
    for hit in asked.answer.hits:
        yield {
            "question": number,
            "rank": hit.rank,
            "passage": hit.passage.passage_id,
            "report": hit.passage.report,
            "section": json.dumps(hit.passage.section),
        }


class Journal:
    """What was asked, how it was judged, what buttons mean and what people chose.

    Safe to share between threads and processes; every call blocks for a transaction. All raise
    JournalUnavailable when the database cannot be read or written.

    Args:
        url: Of SQLAlchemy: a SQLite file or a PostgreSQL database. Tables are made if need be.
        key: 16–64 random bytes that stay the same: user and chat ids are kept only as their keyed hashes.
        keep_questions: Whether to keep what was asked, or only that something was. When off, what was kept
            earlier is deleted at once.
        clock: Gives the time, with its zone: whose days are counted.
        keep_days: Questions, judgements and buttons older than this are deleted, once a day.
        grouping: Gives the same value for questions that ask the same.

    Raises:
        JournalUnavailable: It cannot be opened.
    """

    def __init__(
        self,
        url: str,
        *,
        key: bytes,
        keep_questions: bool,
        clock: Callable[[], datetime],
        keep_days: int = 180,
        grouping: Callable[[str], Hashable] = _as_written,
    ) -> None:
        self._pseudonyms = Pseudonyms(key)
        self._keep_questions = keep_questions
        self._clock = clock
        self._keep = timedelta(days=keep_days)
        self._grouping = grouping
        self._engine = connect(url)
        dialect = sqlite if self._engine.dialect.name == "sqlite" else postgresql
        self._puts = {table: _put(dialect.insert(table)) for table in (JUDGEMENTS, BUTTONS, PREFERENCES)}
        # SQLite has one writer; others would look again after pauses that grow, here they are let in at once.
        self._one: AbstractContextManager[object] = threading.Lock() if self.near else nullcontext()
        # A file is this process's alone: who has no other key finds nobody in it.
        self._languages: dict[str, str | None] = {}
        self._choosing = threading.Lock()
        self._pruned: date | None = None
        if not keep_questions:
            with self._writing() as connection:
                connection.execute(update(QUESTIONS).where(QUESTIONS.c.text.is_not(None)).values(text=None))
            self._empty_log()

    def asked(self, questions: Sequence[Asked]) -> list[Written]:
        """Write questions down, what was shown for them and what their cards' buttons mean.

        All in one transaction: of eight questions it takes 0.1 ms for each, of one 0.3.

        Args:
            questions: At least one.
        """
        now = self._clock()
        self._prune_daily(now)
        rows = [self._question(asked, now) for asked in questions]
        with self._writing() as connection:
            numbers = connection.execute(_ASKED, rows).scalars().all()
            shown = [
                row for number, asked in zip(numbers, questions, strict=True) for row in _shown(number, asked)
            ]
            if shown:
                connection.execute(_SHOWN, shown)
            buttons = {
                number: self._button({**asked.card, "asked": number}, row["user"], now)
                for number, asked, row in zip(numbers, questions, rows, strict=True)
                if asked.card is not None
            }
            if buttons:
                self._put(connection, BUTTONS, [*buttons.values()])
        return [Written(number, buttons[number]["id"] if number in buttons else "") for number in numbers]

    def _question(self, asked: Asked, now: datetime) -> dict[str, Any]:
        return {
            "at": int(now.timestamp()),
            "day": now.date(),
            "user": self._user(asked.user),
            "chat": None if asked.chat is None else self._pseudonyms.of("chat", asked.chat),
            "language": _storable(asked.language[:35]),
            "via": asked.via,
            "text": _storable(asked.answer.question) if self._keep_questions else None,
            "answered": asked.answer.answered,
            "generation": asked.answer.generation,
        }

    @property
    def near(self) -> bool:
        """Whether it is a file, so that nothing is waited for but this machine."""
        return self._engine.dialect.name == "sqlite"

    def judged(
        self, question: int, *, user: int, passage_id: str | None, good: bool, reason: str = ""
    ) -> None:
        """Write down what somebody thinks of an answer; the same one's earlier judgement of it is replaced.

        A question that is not kept any more is not judged.

        Args:
            question: Its number.
            user: Who judges, whether or not they asked.
            passage_id: What of the answer; None: all of it.
            good: 👍 or 👎.
            reason: Of a 👎, a short word; cut after 200 characters.
        """
        now = self._clock()
        values = {
            "question": question,
            "user": self._user(user),
            "passage": passage_id or "",
            "at": int(now.timestamp()),
            "day": now.date(),
            "good": good,
            "reason": _storable(reason[:_LONGEST_REASON]),
        }
        with self._writing() as connection:
            known = select(QUESTIONS.c.number).where(QUESTIONS.c.number == question).with_for_update()
            if connection.execute(known).first() is not None:
                self._put(connection, JUDGEMENTS, [values])

    def remember(self, payload: Mapping[str, Any], *, user: int | None) -> str:
        """Return a short id for a button's payload: 20 ASCII characters, always the same for the same.

        Nobody without the key can tell the id of a payload.

        Args:
            payload: JSON.
            user: Whose button it is alone, so that it is forgotten with them; None when it is anybody's.
        """
        button = self._button(payload, self._user(user), self._clock())
        with self._writing() as connection:
            self._put(connection, BUTTONS, [button])
        return str(button["id"])

    def _button(self, payload: Mapping[str, Any], owner: str | None, now: datetime) -> dict[str, Any]:
        written = json.dumps(payload, sort_keys=True, separators=(",", ":"))
        name = self._pseudonyms.button(f"{owner or ''} {written}")
        return {"id": name, "at": int(now.timestamp()), "user": owner, "payload": written}

    def recall(self, button: str) -> Mapping[str, Any] | None:
        """Return the payload of an id, None for one that was never given, is forgotten or too old."""
        with self._reading() as connection:
            row = connection.execute(_PAYLOAD, {"button": button}).first()
        return None if row is None else dict(json.loads(row.payload))

    def language(self, user: int) -> str | None:
        """Return the language that a user chose, None when they chose none."""
        own = self._pseudonyms.of("user", user)
        if not self.near:
            return self._chosen(own)
        with self._choosing:
            if own not in self._languages:
                if len(self._languages) >= _LANGUAGES_KEPT:
                    self._languages.clear()
                self._languages[own] = self._chosen(own)
            return self._languages[own]

    def _chosen(self, own: str) -> str | None:
        with self._reading() as connection:
            row = connection.execute(_LANGUAGE, {"own": own}).first()
        return None if row is None else str(row.language)

    def _choices_changed(self) -> None:
        with self._choosing:
            self._languages.clear()

    def set_language(self, user: int, language: str) -> None:
        """Keep a user's choice of language until they choose another or are forgotten."""
        with self._writing() as connection:
            row = {"user": self._user(user), "language": _storable(language[:35])}
            self._put(connection, PREFERENCES, [row])
        self._choices_changed()

    def forget(self, user: int) -> Forgotten:
        """Delete all that belongs to a user's hash, and say how much it was."""
        own = self._user(user)
        with self._writing() as connection:
            counts = {
                table: connection.execute(delete(table).where(table.c.user == own)).rowcount
                for table in (JUDGEMENTS, QUESTIONS, BUTTONS, PREFERENCES)
            }
        self._empty_log()
        self._choices_changed()
        return Forgotten(counts[QUESTIONS], counts[JUDGEMENTS], counts[BUTTONS], counts[PREFERENCES])

    def stats(self, *, days: int) -> Stats:
        """Return the figures of the last `days` days, today included; `days` from 1."""
        with self._reading() as connection:
            return figures.stats(connection, self._clock().date(), days)

    def gaps(self, *, limit: int) -> tuple[Gap, ...]:
        """Return what was asked and not answered, or answered badly; most often first, at most `limit`.

        Questions are grouped by their meaning. What the reports did not say once is no gap any more when
        they answered it later. Without kept questions there are none.
        """
        with self._reading() as connection:
            asked = figures.recent(connection)
        return figures.gaps(asked, self._grouping, self._clock().tzinfo)[:limit]

    def prune(self) -> None:
        """Delete what is older than `keep_days`; people's choices stay."""
        now = self._clock()
        oldest = int((now - self._keep).timestamp())
        with self._writing() as connection:
            for table in (QUESTIONS, BUTTONS):  # judgements go with their questions
                connection.execute(delete(table).where(table.c.at < oldest))
        self._empty_log()
        self._pruned = now.date()

    def close(self) -> None:
        """Close the connections; nothing can be asked afterwards."""
        self._engine.dispose()

    def _user(self, user: int | None) -> str | None:
        return None if user is None else self._pseudonyms.of("user", user)

    def _prune_daily(self, now: datetime) -> None:
        if self._pruned != now.date():
            self.prune()

    @contextmanager
    def _writing(self) -> Iterator["Connection"]:
        with self._one, told(self._engine), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator["Connection"]:
        with told(self._engine), self._engine.connect() as connection:
            yield connection

    def _put(self, connection: "Connection", table: "Table", rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert each row, or change the one with the same key."""
        connection.execute(self._puts[table], rows)

    def _empty_log(self) -> None:
        """Take what was deleted out of the write-ahead log of SQLite too, unless others are long at work."""
        if self._engine.dialect.name == "sqlite":
            with self._reading() as connection:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))

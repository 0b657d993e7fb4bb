"""A journal in a file of its own, and a clock that is set by hand."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain import Answer, Hit, Passage
from bot.journal.journal import Journal
from bot.journal.nouns import Asked
from bot.journal.tables import file_url

KEY = bytes(range(32))
MEI = 123_456_789
LEI = 987_654_321
GROUP = -100_200_300_400


@dataclass
class Clock:
    """Stands still until it is set."""

    now: datetime = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Books:
    """Opens journals of one folder."""

    folder: Path
    clock: Clock

    def __call__(
        self,
        *,
        keep_questions: bool = True,
        keep_days: int = 30,
        key: bytes = KEY,
        grouping: Callable[[str], Hashable] = lambda text: text.strip("?？"),
    ) -> Journal:
        return Journal(
            file_url(self.folder / "journal.sqlite3"),
            key=key,
            keep_questions=keep_questions,
            keep_days=keep_days,
            clock=self.clock,
            grouping=grouping,
        )

    def bytes(self) -> bytes:
        """All that stands in the journal's files."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("journal.sqlite3*")))


@pytest.fixture
def clock() -> Clock:
    """A clock at half past nine."""
    return Clock()


@pytest.fixture
def books(tmp_path: Path, clock: Clock) -> Books:
    """Journals of one file."""
    return Books(tmp_path, clock)


@pytest.fixture
def journal(books: Books) -> Iterator[Journal]:
    """A new journal."""
    journal = books()
    yield journal
    journal.close()


def answer(question: str = "怎么处理投诉", *sections: str) -> Answer:
    """What the reports say, a hit a section; without sections that they do not."""
    hits = tuple(
        Hit(
            Passage(f"p{rank}", "r", "投诉报告", ("三、投诉", section), "corpus/a.md", 0, 2, "投诉"),
            1.0,
            rank,
        )
        for rank, section in enumerate(sections, 1)
    )
    return Answer(question, bool(hits), 1.0, "g1", 1.0, hits)


def ask(
    journal: Journal, question: str = "怎么处理投诉", *sections: str, user: int | None = MEI, chat: int = MEI
) -> int:
    """Write a question down; return its number."""
    (written,) = journal.asked([Asked(answer(question, *sections), user, chat, "zh", "private")])
    return written.number

"""What the chat needs of the journal for people's rights and for those who look after the bot."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.journal.nouns import Forgotten, Gap, Stats
from bot.settings import JournalSettings


class Records(Protocol):
    """What was asked and judged. All methods block and may be called from any thread.

    Raises:
        JournalUnavailable: It cannot be read or written; so in every method.
    """

    def forget(self, user: int) -> Forgotten:
        """Delete all that belongs to a user, and say how much it was."""
        ...

    def stats(self, *, days: int) -> Stats:
        """Return the figures of the last `days` days, today included."""
        ...

    def gaps(self, *, limit: int) -> tuple[Gap, ...]:
        """Return what was asked and not answered, or answered badly; most often first."""
        ...


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the bot answers from.

    Attributes:
        generation: Id of the index.
        built: When it was built, with a time zone.
        reports: How many have passages.
        passages: How many.
    """

    generation: str
    built: datetime
    reports: int
    passages: int


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is kept beside the conversation, and what is told of it.

    Attributes:
        records: Of questions and judgements.
        settings: What is kept of them, and for how long.
        holdings: Tells what the bot answers from; blocks, raises when there is no index.
        logs_questions: Whether the log shows what people ask.
    """

    records: Records
    settings: JournalSettings
    holdings: Callable[[], Holdings]
    logs_questions: bool = False

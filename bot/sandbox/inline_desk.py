"""Where inline queries wait for their answers, and where answers are kept for those who ask the same."""

from dataclasses import replace
from typing import TypeAlias

from bot.sandbox.bell import Bell
from bot.sandbox.inline_nouns import InlineAnswer, InlineQuery
from bot.sandbox.limits import Clock
from bot.sandbox.nouns import User

FIRST_QUERY_ID = 7_000_000_000_000

_Key: TypeAlias = tuple[str, str, int | None]


class InlineDesk:
    """The inline mode of one bot. Safe to call from any thread.

    Attributes:
        is_on: Whether people can ask at all; BotFather's /setinline.
        feedback: Whether the bot is told what they chose; BotFather's /setinlinefeedback.
    """

    def __init__(self, bell: Bell, clock: Clock) -> None:
        self.is_on = False
        self.feedback = False
        self._bell = bell
        self._clock = clock
        self._queries: dict[str, InlineQuery] = {}
        self._kept: dict[_Key, tuple[float, InlineAnswer]] = {}
        self._places: dict[str, tuple[int, int]] = {}

    def ask(self, user: User, query: str, offset: str, chat_type: str) -> InlineQuery:
        """Return a new query, answered already if an answer to the same one is kept."""
        with self._bell.lock:
            query_id = str(FIRST_QUERY_ID + len(self._queries))
            now = self._clock()
            kept = self._fresh((query, offset, user.user_id), now) or self._fresh((query, offset, None), now)
            asked = InlineQuery(query_id, user, query, offset, chat_type, now, kept)
            self._queries[query_id] = asked
        self._bell.ring()
        return asked

    def find(self, query_id: str) -> InlineQuery | None:
        """Return the present state of a query, or None."""
        with self._bell.lock:
            return self._queries.get(query_id)

    def answer(self, query_id: str, answer: InlineAnswer, within_s: float) -> bool:
        """Give a query its answer; False when it is unknown, answered, or older than `within_s` seconds."""
        with self._bell.lock:
            asked = self._queries.get(query_id)
            now = self._clock()
            if asked is None or asked.answer or now - asked.at > within_s:
                return False
            self._queries[query_id] = replace(asked, answer=answer)
            whose = asked.user.user_id if answer.is_personal else None
            self._kept[asked.query, asked.offset, whose] = (now + answer.cache_s, answer)
        self._bell.ring()
        return True

    def forget(self) -> None:
        """Keep no answers any longer."""
        with self._bell.lock:
            self._kept.clear()

    def new_message_id(self) -> str:
        """Return an inline_message_id; `place` it when the message is posted."""
        with self._bell.lock:
            inline_id = f"inline-{len(self._places) + 1}"
            self._places[inline_id] = (0, 0)
            return inline_id

    def place(self, inline_id: str, chat_id: int, message_id: int) -> None:
        """Remember which message an inline_message_id stands for."""
        with self._bell.lock:
            self._places[inline_id] = (chat_id, message_id)

    def place_of(self, inline_id: str) -> tuple[int, int] | None:
        """Return chat and message that an inline_message_id stands for, or None."""
        with self._bell.lock:
            return self._places.get(inline_id)

    def _fresh(self, key: _Key, now: float) -> InlineAnswer | None:
        until, answer = self._kept.get(key, (now, None))
        return answer if until > now else None

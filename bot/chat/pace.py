"""How fast the bot speaks, and how long it insists: no answer is lost to a limit or to a bad line."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeAlias

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.ext import BaseRateLimiter

Response: TypeAlias = bool | dict[str, Any] | list[dict[str, Any]]

PORTION = 3
"""Messages at once, every tenth of a second: what was sent and not noted yet is sent again after a crash."""
OVERALL = (30, 1.1)
"""Messages, and the seconds in which no more leave: more than Telegram counts, since some take longer on
their way than others, and a refusal costs a second or more.
"""
LINES = 8
"""Requests at once. The HTTP client looks at all its connections for each request: with 256 it sent 40
messages a second to a server that takes 600. Telegram answers in a tenth of a second, so that 30 a second
need three.
"""

_LOG = logging.getLogger(__name__)

# What Telegram says about asking again: the same request would fail the same way.
_FINAL = (BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken)
# What is shown for a moment only is not worth a place in the quota, nor a second try.
_NO_MESSAGES = frozenset({"sendChatAction"})
_GIVE_UP_AFTER_S = 600.0
_GIVE_UP_WHEN_STOPPING_S = 20.0
_FIRST_PAUSE_S = 0.5
_CHATS_REMEMBERED = 1000


class Quota:
    """At most `count` messages in any `period_s` seconds; hands out the time of the next free place."""

    def __init__(self, count: int, period_s: float) -> None:
        """Start with every place free."""
        self._places: deque[float] = deque(maxlen=count)
        self._period_s = period_s

    def take(self, now: float) -> float:
        """Take the next place and return its time in seconds: `now`, or later when all are taken."""
        full = len(self._places) == self._places.maxlen
        place = max(now, self._places[0] + self._period_s) if full else now
        self._places.append(place)
        return place

    def idle(self, now: float) -> bool:
        """Tell whether every place is free again."""
        return not self._places or self._places[-1] + self._period_s <= now


class Pace(BaseRateLimiter[None]):
    """Keeps messages within Telegram's limits and repeats those that did not get through.

    The library's own limiter keeps the limits of groups and of all chats but not that of a private chat, does
    not try again unless told to, holds up every chat when one is refused, and knows no broken lines.

    Telegram allows about 30 messages a second, 20 a minute in a group, and in any chat one a second on
    average; the quotas stay a little below. What is refused all the same is sent again when Telegram says,
    and what met a broken line or a server error after growing pauses, for ten minutes. A message whose
    response was lost is therefore sent twice rather than not at all.
    """

    def __init__(self, *, max_pause_s: float, paced: bool = True) -> None:
        """Pause at most `max_pause_s` seconds between two tries that met a broken line.

        Args:
            max_pause_s: Seconds.
            paced: False sends as fast as it can, for a server without limits; refusals are still waited out.
        """
        self._max_pause_s = max_pause_s
        self._paced = paced
        self._lines = asyncio.Semaphore(LINES)
        self._all: tuple[Quota, ...] = (Quota(*OVERALL), Quota(PORTION, 0.1))
        self._chats: dict[int, tuple[Quota, ...]] = {}
        self._stop_at = float("inf")
        self._hurried = asyncio.Event()

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release."""

    def hurry(self) -> None:
        """The bot is stopping: insist for seconds now, not for minutes."""
        self._stop_at = _now() + _GIVE_UP_WHEN_STOPPING_S
        self._hurried.set()

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Response]],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: None,  # noqa: ARG002
    ) -> Response:
        """Make the request when its turn has come; called by the library for all but getUpdates."""

        async def send() -> Response:
            async with self._lines:
                return await callback(*args, **kwargs)

        chat_id = data.get("chat_id")
        if chat_id is None or endpoint in _NO_MESSAGES:
            return await send()
        if self._paced:
            await self._turn(int(chat_id))
        return await self._insist(send, endpoint)

    async def _turn(self, chat_id: int) -> None:
        for quota in (*self._quotas(chat_id), *self._all):
            now = _now()
            await asyncio.sleep(quota.take(now) - now)

    def _quotas(self, chat_id: int) -> tuple[Quota, ...]:
        if len(self._chats) >= _CHATS_REMEMBERED:
            now = _now()
            busy = {
                key: quotas for key, quotas in self._chats.items() if not all(q.idle(now) for q in quotas)
            }
            self._chats = busy
        if chat_id not in self._chats:
            self._chats[chat_id] = _chat_quotas(chat_id)
        return self._chats[chat_id]

    async def _insist(self, send: Callable[[], Awaitable[Response]], endpoint: str) -> Response:
        give_up_at = _now() + _GIVE_UP_AFTER_S
        pause_s = min(_FIRST_PAUSE_S, self._max_pause_s)
        failure: TelegramError
        while True:
            try:
                return await send()
            except _FINAL:
                raise
            except RetryAfter as error:
                failure, wait_s = error, _seconds(error.retry_after)
            except TelegramError as error:
                failure, wait_s = error, pause_s
                pause_s = min(2 * pause_s, self._max_pause_s)
            _LOG.info("%s: %s; again in %.1f s", endpoint, failure, wait_s)
            if not await self._rest(_now() + wait_s, give_up_at):
                raise failure

    async def _rest(self, until: float, give_up_at: float) -> bool:
        """Sleep until then, and return False as soon as that is later than there is time for."""
        if until <= give_up_at and not self._hurried.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurried.wait(), until - _now())
        if until > min(give_up_at, self._stop_at):
            return False
        await asyncio.sleep(until - _now())
        return True


def _chat_quotas(chat_id: int) -> tuple[Quota, ...]:
    chat = Quota(5, 5.2)
    return (chat, Quota(20, 61.0)) if chat_id < 0 else (chat,)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _seconds(period: int | timedelta) -> float:
    return period.total_seconds() if isinstance(period, timedelta) else float(period)

"""How fast the bot speaks, and how long it insists: no answer is lost to a limit or to a bad line."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from contextvars import ContextVar
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

OVERALL, CHAT, GROUP = (30, 1.0), (5, 5.0), (20, 60.0)
"""Messages, and the seconds in which no more may reach Telegram: of all chats, of each, of a group."""
LINES = 16
"""Requests at once, at most; to a server that answers in a tenth of a second four do, see Lines."""
NOTED: ContextVar["asyncio.Future[None]"] = ContextVar("noted")
"""Set where an update is dealt with: done when it is struck off and cannot be answered a second time."""
UNREAD = True
"""As `rate_limit_args`: nobody reads what Telegram sends back, which is what it was sent.

The library would take half a millisecond to turn marks and buttons into objects; True, which Telegram returns
for some edits, it hands on as it is.
"""

_LOG = logging.getLogger(__name__)

# What Telegram says about asking again: the same request would fail the same way.
_FINAL = (BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken)
# What is shown for a moment only is not worth a place in the quota, nor a second try.
_NO_MESSAGES = frozenset({"sendChatAction"})
_GIVE_UP_AFTER_S = 600.0
_GIVE_UP_WHEN_STOPPING_S = 20.0
_FIRST_PAUSE_S = 0.5
_NOTED_WITHIN_S = 0.1  # a handler that goes on after a message holds up nobody


class Quota:
    """At most `count` messages in any `period_s` seconds, counted where they arrive.

    A place is taken before a message leaves. When its answer is here, the message has been there for at least
    the way back, and the next one in its place will be there after the way out at the earliest: the place is
    free after the period less both ways. So all of the quota is used, however far Telegram is.
    """

    def __init__(self, count: int, period_s: float) -> None:
        """Start with every place free."""
        self._period_s = period_s
        self._places = asyncio.Semaphore(count)
        self._taken = 0

    def idle(self) -> bool:
        """Tell whether every place is free."""
        return not self._taken

    @asynccontextmanager
    async def place(self, way_s: Callable[[], float]) -> AsyncIterator[None]:
        """Hold a place while a message is sent; whoever waits longest gets the next.

        Args:
            way_s: Gives the least seconds that a message and its answer take, 0 while that is not known.
        """
        self._taken += 1
        try:
            await self._places.acquire()
        except BaseException:
            self._taken -= 1
            raise
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(max(0.0, self._period_s - way_s()), self._free)

    def _free(self) -> None:
        self._taken -= 1
        self._places.release()


class Lines:
    """Lets so many messages be on their way at once as it takes to use up the allowance, and one more.

    A crash repeats what was sent and not noted, so there should be few of them: a line is free again when
    what was sent on it is noted.
    """

    def __init__(self, count: int) -> None:
        """Begin with `count` lines."""
        self._count = self._wanted = count
        self._free = asyncio.Semaphore(count)

    def resize(self, count: int) -> None:
        """Have `count` lines from now on; those that are too many go when they become free."""
        for _ in range(self._count, count):
            self._free.release()
        self._count = max(self._count, count)
        self._wanted = count

    async def take(self) -> Callable[[], None]:
        """Wait for a line; return what gives it back, once."""
        await self._free.acquire()
        given = False

        def give() -> None:
            nonlocal given
            if not given:
                given = True
                self._give()

        return give

    def _give(self) -> None:
        if self._count > self._wanted:
            self._count -= 1
        else:
            self._free.release()


class Pace(BaseRateLimiter[bool]):
    """Keeps messages within Telegram's limits and repeats those that did not get through.

    The library's own limiter keeps the limits of groups and of all chats but not that of a private chat, does
    not try again unless told to, holds up every chat when one is refused, and knows no broken lines.

    Telegram allows about 30 messages a second, 20 a minute in a group, and in any chat one a second on
    average; all of it is used. What is refused all the same is sent again when Telegram says, and what met a
    broken line or a server error after growing pauses, for ten minutes. A message whose response was lost is
    therefore sent twice rather than not at all.
    """

    def __init__(self, *, max_pause_s: float, paced: bool = True) -> None:
        """Pause at most `max_pause_s` seconds between two tries that met a broken line.

        Args:
            max_pause_s: Seconds.
            paced: False sends as fast as it can, for a server without limits; refusals are still waited out.
        """
        self._max_pause_s = max_pause_s
        self._paced = paced
        self._lines = Lines(_lines(0.0) if paced else LINES)
        self._all = Quota(*OVERALL)
        self._chats: dict[int, tuple[Quota, ...]] = {}
        self._way_s: float | None = None
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
        rate_limit_args: bool | None,
    ) -> Response:
        """Make the request when its turn has come; called by the library for all but getUpdates.

        With `rate_limit_args=UNREAD` the response to a message is True, see there.
        """
        chat_id = data.get("chat_id")
        if chat_id is None or endpoint in _NO_MESSAGES:
            give = await self._lines.take()
            try:
                return await callback(*args, **kwargs)
            finally:
                give()
        async with AsyncExitStack() as places:
            if self._paced:
                for quota in (*self._quotas(int(chat_id)), self._all):
                    await places.enter_async_context(quota.place(lambda: self._way_s or 0.0))
            response = await self._insist(lambda: self._send(lambda: callback(*args, **kwargs)), endpoint)
            return True if rate_limit_args else response

    async def _send(self, send: Callable[[], Awaitable[Response]]) -> Response:
        """Send when a line is free, which it is again when that is noted; measure the way."""
        give = await self._lines.take()
        left = _now()
        try:
            response = await send()
        except BaseException:
            give()
            raise
        self._measured(_now() - left)
        noted = NOTED.get(None)
        if noted is None:
            give()
        else:
            noted.add_done_callback(lambda _: give())
            asyncio.get_running_loop().call_later(_NOTED_WITHIN_S, give)
        return response

    def _measured(self, took_s: float) -> None:
        if self._way_s is None or took_s < self._way_s:
            self._way_s = took_s
            if self._paced:
                self._lines.resize(_lines(took_s))

    def _quotas(self, chat_id: int) -> tuple[Quota, ...]:
        quotas = self._chats.get(chat_id)
        if quotas is None:
            self._chats = {key: held for key, held in self._chats.items() if not all(q.idle() for q in held)}
            quotas = self._chats[chat_id] = _chat_quotas(chat_id)
        return quotas

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


def _lines(way_s: float) -> int:
    """Return how many messages must be on their way to use up the allowance, and one more; at most LINES."""
    count, period_s = OVERALL
    return min(LINES, 1 + max(1, math.ceil(way_s * count / period_s)))


def _chat_quotas(chat_id: int) -> tuple[Quota, ...]:
    return (Quota(*CHAT), Quota(*GROUP)) if chat_id < 0 else (Quota(*CHAT),)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _seconds(period: int | timedelta) -> float:
    return period.total_seconds() if isinstance(period, timedelta) else float(period)

"""How updates are dealt with: many chats' at once, one chat's in order, and again after a failure."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import structlog
from telegram import Update
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, TelegramError
from telegram.ext import Application, ApplicationHandlerStop, BaseUpdateProcessor, CallbackContext

from bot.chat.inbox import MOST_IN_HAND, Inbox
from bot.chat.pace import NOTED
from bot.chat.tally import Tally

RETRY_PAUSES_S = (0.5, 2.0, 8.0)
"""Between the tries of an update whose handler failed; after the last try it is set aside."""

_INSIST_S = 86_400.0  # as long as Telegram keeps what is not taken
_REFUSED = (BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken)
_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class _Attempt:
    """One try: the library hands a handler's error to the error handlers only, which note it here."""

    last: bool = False
    error: BaseException | None = None


_ATTEMPT: ContextVar[_Attempt] = ContextVar("attempt")


class Lanes(BaseUpdateProcessor):
    """Deals with many chats' updates at once and with one chat's one after another.

    An update is struck off the inbox when its handlers are through: after its answer was sent, or was
    refused for good. One whose handler failed is tried again after growing pauses, then set aside; only
    the last failure reaches the other error handlers, so that who asked is told once.
    """

    def __init__(
        self,
        inbox: Inbox,
        tally: Tally,
        *,
        most: int = MOST_IN_HAND,
        pauses_s: tuple[float, ...] = RETRY_PAUSES_S,
    ) -> None:
        """Deal with at most `most` updates at once, each tried once more than there are pauses."""
        super().__init__(most)
        self._inbox = inbox
        self._tally = tally
        self._pauses_s = pauses_s
        self._lanes: dict[int, _Lane] = {}
        self._hurried = asyncio.Event()
        self._process: Callable[[object], Awaitable[None]] | None = None

    def attach(self, app: Application[Any, Any, Any, Any, Any, Any]) -> None:
        """Belong to `app`; to be called before other error handlers are added to it."""
        app.add_error_handler(self._failed)
        self._process = app.process_update

    def hurry(self) -> None:
        """The bot is stopping: try nothing again, what failed is left to the next start."""
        self._hurried.set()

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Await `coroutine` when the chat's earlier updates are dealt with."""
        if not isinstance(update, Update):
            await coroutine
            return
        noted = asyncio.get_running_loop().create_future()
        token = NOTED.set(noted)
        try:
            with structlog.contextvars.bound_contextvars(update=update.update_id):
                chat = update.effective_chat
                if chat is None:
                    await self._deal(update, coroutine)
                    return
                with self._lane(chat.id) as lane:
                    async with lane:
                        await self._deal(update, coroutine)
        finally:
            NOTED.reset(token)
            noted.set_result(None)

    async def _deal(self, update: Update, coroutine: Awaitable[Any]) -> None:
        """Try until it worked or trying makes no sense, and have the inbox know how it ended."""
        number = update.update_id
        # Telegram does not wait for the answer to a query until the second try.
        pauses_s = () if update.callback_query or update.inline_query else self._pauses_s
        tries = 0
        while True:
            attempt = _Attempt(last=tries >= len(pauses_s))
            error = await self._try(attempt, coroutine)
            if error is None or isinstance(error, _REFUSED):
                await self._inbox.done(number)
                return
            told = f"{type(error).__name__}: {error}"
            if attempt.last:
                await self._inbox.set_aside(number, told)
                return
            if not await self._pause(pauses_s[tries]) or self._process is None:
                self._inbox.forget(number)
                _LOG.warning("a message is left to the next start: %s", told)
                return
            # A broken line was insisted on for minutes already (see pace), and may be broken for hours.
            if not isinstance(error, TelegramError) or self._inbox.age(number) > _INSIST_S:
                tries += 1
            _LOG.warning("a message is tried again: %s", told)
            coroutine = self._process(update)

    async def _try(self, attempt: _Attempt, coroutine: Awaitable[Any]) -> BaseException | None:
        token = _ATTEMPT.set(attempt)
        try:
            await coroutine
        finally:
            _ATTEMPT.reset(token)
        return attempt.error

    async def _pause(self, seconds: float) -> bool:
        """Wait before the next try; return False when there shall be none because the bot is stopping."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._hurried.wait(), seconds)
        return not self._hurried.is_set()

    async def _failed(self, _: object, context: CallbackContext[Any, Any, Any, Any]) -> None:
        """Note a handler's error, and keep it from the other error handlers if there is another try."""
        error = context.error
        attempt = _ATTEMPT.get(None)
        if error is None or attempt is None:
            return
        self._tally.failed(error)
        attempt.error = error
        if not attempt.last and not isinstance(error, _REFUSED):
            raise ApplicationHandlerStop

    @contextmanager
    def _lane(self, chat_id: int) -> Iterator["_Lane"]:
        lane = self._lanes.setdefault(chat_id, _Lane())
        lane.users += 1
        try:
            yield lane
        finally:
            lane.users -= 1
            if not lane.users:
                del self._lanes[chat_id]


class _Lane(asyncio.Lock):
    """A fair lock that is forgotten when nobody uses it."""

    users = 0

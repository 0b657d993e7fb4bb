"""Questions that wait for their answer: so many at most, and those of one chat in order."""

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor

# Telegram keeps what is not taken. Few in hand means little to finish when stopping, and little memory after
# a weekend's outage; yet one chat's long row must not keep the others waiting.
MOST_IN_HAND = 256


class Inbox(asyncio.Queue[object]):
    """An update queue that counts an update until it is dealt with, not only until it is fetched."""

    def __init__(self, most: int = MOST_IN_HAND) -> None:
        """Hold at most `most` updates that are not dealt with."""
        super().__init__()
        self._room = asyncio.Semaphore(most)
        self._in_hand = 0

    @property
    def in_hand(self) -> int:
        """How many updates are not dealt with."""
        return self._in_hand

    async def put(self, item: object) -> None:
        """Add an update as soon as there is room."""
        await self._room.acquire()
        self._in_hand += 1
        await super().put(item)

    def task_done(self) -> None:
        """Make room: an update was dealt with."""
        super().task_done()
        self._in_hand -= 1
        self._room.release()


class Lanes(BaseUpdateProcessor):
    """Deals with many chats' updates at once and with one chat's one after another."""

    def __init__(self, most: int = MOST_IN_HAND) -> None:
        """Deal with at most `most` updates at once."""
        super().__init__(most)
        self._lanes: dict[int, _Lane] = {}

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Await `coroutine` when the chat's earlier updates are dealt with."""
        chat = update.effective_chat if isinstance(update, Update) else None
        if chat is None:
            await coroutine
            return
        with self._lane(chat.id) as lane:
            async with lane:
                await coroutine

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

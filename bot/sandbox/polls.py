"""The one place where a getUpdates may wait."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from bot.sandbox.bell import Bell, watch
from bot.sandbox.refusals import conflict

Found = TypeVar("Found")

OTHER_POLL = "other getUpdates request; make sure that only one bot instance is running"
"""What ends a waiting poll, as Telegram says it."""


@dataclass(slots=True)
class _Turn:
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    ended_by: str = ""


class Polls:
    """Belongs to one server and is used in its event loop only."""

    def __init__(self) -> None:
        self._turn: _Turn | None = None
        self._closing = asyncio.Event()

    def interrupt(self, by: str = OTHER_POLL) -> None:
        """End the waiting poll, if any, because of another request."""
        if self._turn:
            self._turn.ended_by = by
            self._turn.woken.set()

    def close(self) -> None:
        """Let whatever waits go on at once, now and later."""
        self._closing.set()
        if self._turn:
            self._turn.woken.set()

    async def wait(self, bell: Bell, ready: Callable[[], Found], timeout_s: float) -> Found:
        """Return the first true value of `ready()`, or its last one when time is up or the server closes.

        Raises:
            ApiError: 409, another poll or a webhook came meanwhile.
        """
        turn = self._turn = _Turn()
        found: list[Found] = []

        def stop() -> bool:
            found[:] = [ready()]
            return bool(found[0] or turn.ended_by) or self._closing.is_set()

        try:
            await watch(bell, stop, timeout_s, woken=turn.woken)
        finally:
            if self._turn is turn:
                self._turn = None
        if turn.ended_by:
            raise conflict(f"terminated by {turn.ended_by}")
        return found[0]

    async def pause(self, seconds: float) -> None:
        """Let `seconds` of real time pass, less when the server closes."""
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return

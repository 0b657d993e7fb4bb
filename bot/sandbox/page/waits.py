"""Where the page's requests wait for something to happen, until the server closes."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.sandbox.bell import Bell, watch

Found = TypeVar("Found")


class Waits:
    """Belongs to one server and is used in its event loop only.

    Attributes:
        is_closed: Whether the server closes: nothing waits any more.
    """

    def __init__(self, bell: Bell) -> None:
        self.is_closed = False
        self._bell = bell
        self._waiting: set[asyncio.Event] = set()

    def close(self) -> None:
        """Let whatever waits go on at once, now and later."""
        self.is_closed = True
        for woken in self._waiting:
            woken.set()

    async def wait(self, ready: Callable[[], Found], timeout_s: float) -> Found | None:
        """Return the first true value of `ready()`, or None when time is up or the server closes.

        Args:
            ready: Called with the bell's lock held, at once and after each change.
            timeout_s: Most seconds of real time to wait.
        """
        found: Found | None = None

        def stop() -> bool:
            nonlocal found
            found = ready()
            return self.is_closed or bool(found)

        woken = asyncio.Event()
        self._waiting.add(woken)
        try:
            await watch(self._bell, stop, timeout_s, woken=woken)
        finally:
            self._waiting.discard(woken)
        return found or None

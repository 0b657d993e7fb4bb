"""Waiting for the state to change, from any thread and from any event loop."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, RLock
from typing import TypeVar

Found = TypeVar("Found")


class Bell:
    """One lock for the state, and a ring whenever it changed.

    Attributes:
        lock: Held while the state is read or changed; re-entrant.
    """

    def __init__(self) -> None:
        self.lock = RLock()
        self._changed = Condition(self.lock)
        self._listeners: list[Callable[[], object]] = []

    def ring(self) -> None:
        """Say that the state changed."""
        with self.lock:
            self._changed.notify_all()
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()

    @contextmanager
    def listening(self, listener: Callable[[], object]) -> Iterator[None]:
        """Call `listener` at each ring, in the thread that rang, until the block is left."""
        with self.lock:
            self._listeners.append(listener)
        try:
            yield
        finally:
            with self.lock:
                self._listeners.remove(listener)

    def wait_for(self, predicate: Callable[[], Found | None], timeout_s: float = 5.0) -> Found:
        """Block this thread until `predicate()` is true, and return its value.

        Args:
            predicate: Called with the lock held, at once and after each change.
            timeout_s: Most seconds of real time to wait.

        Raises:
            TimeoutError: it was not true in time.
        """
        with self._changed:
            if found := self._changed.wait_for(predicate, timeout_s):
                return found
        raise TimeoutError(f"nothing of the kind happened in {timeout_s} s")

    async def until(self, predicate: Callable[[], Found | None], timeout_s: float = 5.0) -> Found:
        """Do what `wait_for` does without blocking the running event loop.

        Raises:
            TimeoutError: it was not true in time.
        """
        if found := await watch(self, predicate, timeout_s):
            return found
        raise TimeoutError(f"nothing of the kind happened in {timeout_s} s")


async def watch(
    bell: Bell,
    predicate: Callable[[], Found],
    timeout_s: float,
    *,
    woken: asyncio.Event | None = None,
) -> Found:
    """Return the first true value of `predicate()`, or its last value when time is up.

    Args:
        bell: Rung when the predicate may have changed.
        predicate: Called in the running loop's thread, with the bell's lock held.
        timeout_s: Most seconds of real time to wait; 0 asks once.
        woken: Set from within this loop to have the predicate asked again.
    """
    loop = asyncio.get_running_loop()
    changed = woken or asyncio.Event()
    deadline = loop.time() + timeout_s
    with bell.listening(lambda: loop.call_soon_threadsafe(changed.set)):
        while True:
            changed.clear()
            with bell.lock:
                found = predicate()
            left_s = deadline - loop.time()
            if found or left_s <= 0:
                return found
            try:
                async with asyncio.timeout(left_s):
                    await changed.wait()
            except TimeoutError:
                continue

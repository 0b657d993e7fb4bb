"""Doing together what comes while the same was being done: many writers, one commit."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Batches(Generic[T, R]):
    """Has things done in a thread, all that wait at once; for one event loop.

    Args:
        work: Does them and returns what came of each, in order; what it raises, each that waited gets.
        thread: Where; None: in one of the event loop's own, which end with it.
    """

    def __init__(self, work: Callable[[Sequence[T]], Sequence[R]], thread: Executor | None = None) -> None:
        self._work = work
        self._thread = thread
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._working: asyncio.Task[None] | None = None

    def done(self, thing: T) -> "asyncio.Future[R]":
        """Have a thing done with all that wait as soon as those before are; awaited, what came of it."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((thing, future))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._do_all())
        return future

    async def rest(self) -> None:
        """Wait until nothing waits."""
        if self._working is not None:
            await asyncio.wait({self._working})

    async def _do_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            things = [thing for thing, _ in batch]
            try:
                results = await loop.run_in_executor(self._thread, partial(self._work, things))
            except Exception as error:  # raised again where each thing is waited for
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)

"""Bringing the index up to date while the bot answers: one build at a time, and the old one serves on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from bot.errors import WenbaoError

Progress: TypeAlias = Callable[[int, int], None]
"""Takes how many passages are done, and of how many."""
Notify: TypeAlias = Callable[[str], Awaitable[None]]
"""Takes one line for those who look after the bot; never raises."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a refresh did.

    Attributes:
        built: Whether another index answers now; False: nothing had changed.
        lines: What changed and, in the last, what the index holds, as `wenbao refresh` prints it.
        seconds: From start to publication.
    """

    built: bool
    lines: tuple[str, ...]
    seconds: float


class Builder(Protocol):
    """Builds a new index beside the one that answers, without holding up the event loop."""

    async def __call__(self, *, full: bool, advance: Progress) -> Outcome:
        """Build if need be and publish; cancelled, it stops and leaves things as they were.

        Raises:
            WenbaoError: It failed; the old index is untouched.
        """
        ...


class Refreshing:
    """The way to a new index for a command, a signal and a changed corpus."""

    def __init__(self, build: Builder, *, swap: Callable[[], object], notify: Notify) -> None:
        """Begin with nothing under way.

        Args:
            build: Builds.
            swap: Opens what was built, so that no question has to; blocks, called in a thread.
            notify: Told of failures that nobody waits for.
        """
        self._build = build
        self._swap = swap
        self._notify = notify
        self._one_at_a_time = asyncio.Lock()

    @property
    def running(self) -> bool:
        """Tell whether a build is under way."""
        return self._one_at_a_time.locked()

    async def start(self, advance: Progress = lambda _done, _total: None, *, full: bool = False) -> Outcome:
        """Bring the index up to date, after the build that is under way if there is one.

        Args:
            advance: Called in the event loop's thread, several times a second at most.
            full: Build anew even if nothing changed.

        Raises:
            WenbaoError: It failed; the old index answers on.
        """
        async with self._one_at_a_time:
            outcome = await self._build(full=full, advance=advance)
            # Not only after a build of one's own: the stop words may have changed, or another process built.
            await asyncio.to_thread(self._swap)
        return outcome

    async def unasked(self, why: str) -> None:
        """Do what `start` does for nobody in particular: the log is told, and of a failure `notify`."""
        try:
            outcome = await self.start()
        except WenbaoError as error:
            _LOG.error("refresh (%s) failed, the old index answers on: %s", why, error)
            await self._notify(f"refresh ({why}) failed, the old index answers on: {error}")
        else:
            _LOG.info("refresh (%s): %s", why, outcome.lines[-1])

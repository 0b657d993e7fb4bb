"""The updates in hand: on disk before they are dealt with, struck off afterwards, so many at most."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias, TypeVar

from telegram import Bot, Update

from bot.chat.batching import Batches
from bot.chat.ledger import Alone, Done, Entry, Ledger, SetAside, Take, Waiting
from bot.chat.tally import Tally
from bot.errors import InboxUnavailable

Raw: TypeAlias = Mapping[str, Any]
"""An update as Telegram sends it."""
T = TypeVar("T")

# Telegram keeps what is not taken. Few in hand means little to finish when stopping, and little memory after
# a weekend's outage; yet one chat's long row must not keep the others waiting.
MOST_IN_HAND = 256
STALE_AFTER_S = 10.0
"""After about so long Telegram no longer takes the answer to a button's press or an inline query."""
FRUITLESS_RUNS = 3
"""After so many runs in a row that ended before anything was dealt with, what waits is tried one by one."""

_LARGEST_ID = 2**63 - 1
_LOG = logging.getLogger(__name__)


class Inbox(asyncio.Queue[object]):
    """An update queue that writes an update down before it hands it out.

    An update counts as in hand until it is dealt with, not only until it is fetched.
    """

    def __init__(
        self,
        ledger: Ledger,
        tally: Tally,
        *,
        now: Callable[[], float],
        most: int = MOST_IN_HAND,
    ) -> None:
        """Hold at most `most` updates that are not dealt with.

        Args:
            ledger: Not open yet; this inbox is its only user from now on.
            tally: Counts what comes.
            now: Unix time in seconds.
            most: In memory; more than one.
        """
        super().__init__()
        self._ledger = ledger
        self._tally = tally
        self._now = now
        self._room = asyncio.Semaphore(most)
        self._in_hand = 0
        self._since: dict[int, float] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="bot-inbox")
        self._entries = Batches(self._write, self._thread)
        self._closed = False

    @property
    def in_hand(self) -> int:
        """How many updates are not dealt with."""
        return self._in_hand

    async def open(self) -> None:
        """Open the ledger.

        Raises:
            InboxUnavailable: It cannot be used.
        """
        await self._in_thread(self._ledger.open)

    async def close(self) -> None:
        """Write what is unwritten and close the ledger; without effect when it is closed."""
        if self._closed:
            return
        self._closed = True
        await self._entries.rest()
        await self._in_thread(self._ledger.close)
        self._thread.shutdown()

    async def put(self, item: object) -> None:
        """Add an object that is on no disk as soon as there is room."""
        await self._room.acquire()
        self._in_hand += 1
        await super().put(item)

    def task_done(self) -> None:
        """Make room: an update was dealt with."""
        super().task_done()
        self._leave()

    async def take(self, updates: Sequence[Raw], bot: Bot) -> None:
        """Write updates down and hand them out, each as soon as there is room; return when all are safe.

        One that is known is passed over; one that the library cannot read is set aside.

        Args:
            updates: In the order in which they came.
            bot: What the library's objects belong to.

        Raises:
            ValueError: One has no number that could be an update's; not all are safe.
            InboxUnavailable: The disk refuses; not all are safe. Have them delivered again.
        """
        rest = list(updates)
        while rest:
            await self._room.acquire()
            places = 1
            while places < len(rest) and not self._room.locked():
                await self._room.acquire()
                places += 1
            self._in_hand += places
            part, rest = rest[:places], rest[places:]
            await self._take(part, bot)

    async def replay(self, bot: Bot) -> None:
        """Hand out what an earlier run left, in order; queries that came too long ago are struck off.

        When several runs in a row ended before anything was dealt with, one of these updates may be why:
        then they are handed out one by one, and one on which a run ended before is set aside.
        """
        left = await self._in_thread(self._ledger.waiting)
        if not left:
            return
        fruitless = await self._in_thread(self._ledger.began)
        _LOG.info("updates left by the last run: %d", len(left))
        for one in left:
            if fruitless < FRUITLESS_RUNS:
                await self._replay(one, bot)
            elif one.alone:
                _LOG.error("update %s is set aside: a run ended while it alone was in hand", one.update_id)
                await self.set_aside(one.update_id, "a run ended while it alone was in hand")
            else:
                await self._entries.done(Alone(one.update_id))
                await self._replay(one, bot)
                await self.join()

    async def done(self, update_id: int) -> None:
        """Strike an update off; its text is deleted.

        That it could not be written is logged, no more: the next start would deal with it again.
        """
        self._tally.ended(self.age(update_id))
        await self._end(Done(update_id))

    async def set_aside(self, update_id: int, reason: str) -> None:
        """Give an update up; it is kept for a week, for somebody to look at."""
        self._tally.ended(self.age(update_id), given_up=True)
        await self._end(SetAside(update_id, reason))

    def age(self, update_id: int) -> float:
        """Return for how many seconds an update has been in hand; 0 when it is not."""
        now = self._now()
        return max(0.0, now - self._since.get(update_id, now))

    def forget(self, update_id: int) -> None:
        """Leave an update to the next start."""
        self._since.pop(update_id, None)

    async def check(self) -> None:
        """Write what stands there already.

        Raises:
            InboxUnavailable: The disk refuses.
        """
        await self._in_thread(self._ledger.check)

    def _leave(self) -> None:
        self._in_hand -= 1
        self._room.release()

    async def _take(self, part: Sequence[Raw], bot: Bot) -> None:
        entries: list[tuple[Take, Update | None]] = []
        waiting = len(part)
        try:
            entries = [_entry(raw, bot) for raw in part]
            fresh = await asyncio.gather(*[self._entries.done(entry) for entry, _ in entries])
            for (entry, update), raw, new in zip(entries, part, fresh, strict=True):
                self._tally.came(_kind(raw), self._now(), new=new, readable=update is not None)
                if new and update is not None:
                    self._since[entry.update_id] = self._now()
                    waiting -= 1
                    self.put_nowait(update)
        finally:
            for _ in range(waiting):
                self._leave()

    async def _replay(self, one: Waiting, bot: Bot) -> None:
        try:
            raw = json.loads(one.body)
            update = Update.de_json(raw, bot)
        except Exception as error:  # a library of another version may stumble where the last one did not
            await self.set_aside(one.update_id, repr(error))
            return
        self._since[one.update_id] = one.since
        if _is_query(update) and self.age(one.update_id) > STALE_AFTER_S:
            self._tally.passed_over()
            await self._end(Done(one.update_id))
            return
        await self.put(update)

    async def _end(self, entry: Done | SetAside) -> None:
        self._since.pop(entry.update_id, None)
        try:
            await self._entries.done(entry)
        except InboxUnavailable as error:
            _LOG.error("update %s was dealt with, which could not be noted: %s", entry.update_id, error)

    def _write(self, entries: Sequence[Entry]) -> list[bool]:
        return self._ledger.write(entries)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _entry(raw: Raw, bot: Bot) -> tuple[Take, Update | None]:
    number = raw.get("update_id") if isinstance(raw, Mapping) else None
    if type(number) is not int or not 0 <= number <= _LARGEST_ID:
        raise ValueError("an update without a number")
    body, raw = _whole(raw)
    try:
        return Take(number, body), Update.de_json(dict(raw), bot)
    except Exception as error:  # whatever the library stumbles over
        _LOG.warning("update %s cannot be read and is passed over: %r", number, error)
        return Take(number, body, unreadable=repr(error)), None


def _whole(raw: Raw) -> tuple[str, Raw]:
    """Return an update's JSON, and the update; for halves of characters, which no database takes, U+FFFD."""
    body = json.dumps(raw, ensure_ascii=False)
    try:
        body.encode()
    except UnicodeEncodeError:
        body = body.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return body, json.loads(body)
    return body, raw


def _kind(raw: Raw) -> str:
    """Return what an update is about: the name of its only other field that is known."""
    return next((str(name) for name in Update.ALL_TYPES if name in raw), "unknown")


def _is_query(update: Update) -> bool:
    return update.callback_query is not None or update.inline_query is not None

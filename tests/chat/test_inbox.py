"""The inbox and its lanes: nothing lost, nothing twice, so many at most, and one chat's in order."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot, Chat, Message, Update

from bot.chat.inbox import FRUITLESS_RUNS, STALE_AFTER_S, Inbox
from bot.chat.lanes import Lanes
from bot.chat.ledger import Entry, Ledger
from bot.chat.tally import Tally
from bot.errors import InboxUnavailable

NUMBER = 123456789
BOT = Bot(f"{NUMBER}:a")


class Clock:
    """Turned by hand."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Box:
    """An inbox on a file, and what a run of the bot would do with it."""

    def __init__(self, path: Path, clock: Clock, *, most: int = 256) -> None:
        self.tally = Tally()
        self.ledger = Ledger(path, NUMBER, now=clock, warn=lambda line: pytest.fail(line))
        self.inbox = Inbox(self.ledger, self.tally, now=clock, most=most)

    async def handed_out(self) -> list[int]:
        """Return the ids of what waits in the queue, which stays in hand."""
        ids = []
        while not self.inbox.empty():
            update = await self.inbox.get()
            assert isinstance(update, Update)
            ids.append(update.update_id)
        return ids

    async def waiting(self) -> list[int]:
        """Return the ids of what is on disk and not dealt with."""
        return [one.update_id for one in await self.inbox._in_thread(self.ledger.waiting)]

    async def aside(self) -> int:
        """Return how many updates are set aside on disk."""
        return await self.inbox._in_thread(self.ledger.aside)

    async def deal(self, update_id: int) -> None:
        """Strike an update off, as the lanes and the library do."""
        await self.inbox.done(update_id)
        self.inbox.task_done()


@pytest.fixture
def clock() -> Clock:
    """One for all."""
    return Clock()


@pytest.fixture
async def box(tmp_path: Path, clock: Clock) -> AsyncIterator[Box]:
    """An open inbox."""
    box = Box(tmp_path / "inbox.sqlite3", clock)
    await box.inbox.open()
    yield box
    await box.inbox.close()


def raw(number: int, kind: str = "message") -> dict[str, Any]:
    """An update as Telegram sends it."""
    user = {"id": 7, "is_bot": False, "first_name": "梅"}
    contents: dict[str, dict[str, Any]] = {
        "message": {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}, "text": "投诉"},
        "callback_query": {"id": "1", "from": user, "chat_instance": "1", "data": "x"},
        "inline_query": {"id": "1", "from": user, "query": "x", "offset": ""},
    }
    return {"update_id": number, kind: contents[kind]}


async def again(box: Box, tmp_path: Path, clock: Clock) -> Box:
    """Return the inbox of the next run; this one ended as a killed process ends."""
    await box.inbox.close()
    after = Box(tmp_path / "inbox.sqlite3", clock)
    await after.inbox.open()
    return after


async def test_an_update_is_on_disk_before_it_is_handed_out(box: Box) -> None:
    """What the queue gives is what the ledger has."""
    await box.inbox.take([raw(1), raw(2)], BOT)
    assert await box.waiting() == [1, 2]
    assert await box.handed_out() == [1, 2]


async def test_what_comes_again_is_passed_over(box: Box) -> None:
    """While it waits, after it was dealt with, and twice in one batch."""
    await box.inbox.take([raw(1), raw(1)], BOT)
    await box.inbox.take([raw(1)], BOT)
    await box.deal(1)
    await box.inbox.take([raw(1)], BOT)
    assert await box.handed_out() == [1]
    assert box.tally.repeated == 3
    assert box.inbox.in_hand == 0


async def test_the_next_run_gets_what_was_left(box: Box, tmp_path: Path, clock: Clock) -> None:
    """In order, without what was dealt with; delivered again by Telegram it is still answered once."""
    await box.inbox.take([raw(9), raw(3), raw(7)], BOT)
    await box.deal(3)
    after = await again(box, tmp_path, clock)
    await after.inbox.replay(BOT)
    await after.inbox.take([raw(7), raw(3)], BOT)
    assert await after.handed_out() == [9, 7]
    await after.inbox.close()


@pytest.mark.parametrize("kind", ["callback_query", "inline_query"])
async def test_stale_queries_are_not_replayed(box: Box, tmp_path: Path, clock: Clock, kind: str) -> None:
    """Telegram no longer takes their answers; a fresh one is replayed, and a message however old it is."""
    await box.inbox.take([raw(1, kind), raw(2)], BOT)
    clock.now += STALE_AFTER_S - 1
    await box.inbox.take([raw(3, kind)], BOT)
    clock.now += 2
    after = await again(box, tmp_path, clock)
    await after.inbox.replay(BOT)
    assert await after.handed_out() == [2, 3]
    assert after.tally.stale == 1
    await after.inbox.close()


async def test_an_unreadable_update_does_not_hold_up_the_others(box: Box) -> None:
    """It is set aside with what Telegram sent."""
    await box.inbox.take([raw(1), {"update_id": 2, "message": {"text": "no chat"}}, raw(3)], BOT)
    assert await box.handed_out() == [1, 3]
    assert await box.aside() == 1
    assert box.inbox.in_hand == 2


async def test_halves_of_characters_are_made_whole(box: Box) -> None:
    """At the door, so that nothing behind it stumbles: neither a database nor an encoding takes them."""
    query = {
        "id": "1",
        "from": {"id": 1, "is_bot": False, "first_name": "梅"},
        "chat_instance": "1",
        "data": "投\ud800\U0001f600",
    }
    await box.inbox.take([{"update_id": 1, "callback_query": query}], BOT)
    update = await box.inbox.get()
    assert isinstance(update, Update)
    assert update.callback_query is not None
    assert update.callback_query.data == "投\ufffd\U0001f600"
    (waiting,) = await box.inbox._in_thread(box.ledger.waiting)
    assert json.loads(waiting.body)["callback_query"]["data"] == "投\ufffd\U0001f600"


@pytest.mark.parametrize("number", [None, True, "1", -1, 2**63, 1.0])
async def test_an_update_without_a_number_is_refused(box: Box, number: object) -> None:
    """Nothing is kept of it, and the room it took is free again."""
    with pytest.raises(ValueError, match="number"):
        await box.inbox.take([{"update_id": number}], BOT)
    assert box.inbox.in_hand == 0


async def test_a_full_disk_is_told_to_whoever_delivers(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is handed out, so that it is delivered again; then it is taken."""

    def full(_: object) -> list[bool]:
        raise InboxUnavailable("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(box.ledger, "write", full)
        with pytest.raises(InboxUnavailable):
            await box.inbox.take([raw(1)], BOT)
    assert box.inbox.in_hand == 0
    await box.inbox.take([raw(1)], BOT)
    assert await box.handed_out() == [1]


async def test_many_deliveries_share_a_commit(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit is made while the next one gathers: fifty requests at once need two."""
    commits: list[int] = []
    write = box.ledger.write

    def counted(batch: Sequence[Entry]) -> list[bool]:
        commits.append(len(batch))
        return write(batch)

    monkeypatch.setattr(box.ledger, "write", counted)
    await asyncio.gather(*(box.inbox.take([raw(number)], BOT) for number in range(50)))
    assert sum(commits) == 50
    assert len(commits) <= 2


async def test_an_update_is_in_hand_until_it_is_dealt_with(tmp_path: Path, clock: Clock) -> None:
    """A full inbox takes the next only when one is done, not when it is fetched; those before it are safe."""
    box = Box(tmp_path / "inbox.sqlite3", clock, most=2)
    await box.inbox.open()
    taking = asyncio.create_task(box.inbox.take([raw(1), raw(2), raw(3)], BOT))
    first = [await box.inbox.get(), await box.inbox.get()]
    assert [one.update_id for one in first if isinstance(one, Update)] == [1, 2]
    assert not taking.done()
    assert box.inbox.in_hand == 2
    assert await box.waiting() == [1, 2]
    await box.deal(1)
    await taking
    assert box.inbox.in_hand == 2
    await box.inbox.close()


async def run_that_dies(box: Box) -> list[int]:
    """Return what a run hands out before the first update is through, which kills it."""
    replaying = asyncio.create_task(box.inbox.replay(BOT))
    await asyncio.wait({replaying}, timeout=0.1)
    handed_out = await box.handed_out()
    replaying.cancel()
    await asyncio.wait({replaying})
    return handed_out


async def test_an_update_that_kills_the_bot_is_found_and_set_aside(
    box: Box, tmp_path: Path, clock: Clock
) -> None:
    """After some runs without a result they are tried one by one; the others are answered in the end."""
    await box.inbox.take([raw(1), raw(2)], BOT)
    for _ in range(FRUITLESS_RUNS):
        box = await again(box, tmp_path, clock)
        assert await run_that_dies(box) == [1, 2]
    box = await again(box, tmp_path, clock)
    assert await run_that_dies(box) == [1]
    box = await again(box, tmp_path, clock)
    assert await run_that_dies(box) == [2]
    assert box.tally.given_up == 1
    await box.inbox.done(2)
    await box.inbox.close()


def update(number: int, chat_id: int) -> Update:
    message = Message(number, datetime.now(UTC), Chat(chat_id, Chat.PRIVATE))
    return Update(number, message=message)


async def test_one_chats_updates_are_dealt_with_in_order(box: Box) -> None:
    """The second waits for the first, another chat's does not, and nothing is kept afterwards."""
    lanes = Lanes(box.inbox, box.tally)
    done: list[str] = []
    gate = asyncio.Event()

    async def slow() -> None:
        await gate.wait()
        done.append("slow")

    async def quick(name: str) -> None:
        done.append(name)
        if len(done) == 2:
            gate.set()

    async def deal(update: object, work: Awaitable[None]) -> None:
        await lanes.process_update(update, work)

    tasks = [
        asyncio.create_task(deal(update(1, 7), slow())),
        asyncio.create_task(deal(update(2, 7), quick("after slow"))),
        asyncio.create_task(deal(update(3, 8), quick("other chat"))),
        asyncio.create_task(deal(Update(4), quick("no chat"))),
    ]
    await asyncio.gather(*tasks)
    assert sorted(done[:2]) == ["no chat", "other chat"]
    assert done[2:] == ["slow", "after slow"]
    assert not lanes._lanes

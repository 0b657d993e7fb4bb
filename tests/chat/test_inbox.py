"""The inbox: so many updates at most, and one chat's in order."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime

from telegram import Chat, Message, Update

from bot.chat.inbox import Inbox, Lanes


def update(number: int, chat_id: int) -> Update:
    message = Message(number, datetime.now(UTC), Chat(chat_id, Chat.PRIVATE))
    return Update(number, message=message)


async def test_an_update_is_in_hand_until_it_is_dealt_with() -> None:
    """A full inbox takes the next only when one is done, not when it is fetched."""
    inbox = Inbox(2)
    await inbox.put(1)
    await inbox.put(2)
    third = asyncio.create_task(inbox.put(3))
    await inbox.get()
    await asyncio.sleep(0)
    assert not third.done()
    assert inbox.in_hand == 2
    inbox.task_done()
    await third
    assert inbox.in_hand == 2


async def test_one_chats_updates_are_dealt_with_in_order() -> None:
    """The second waits for the first, another chat's does not, and nothing is kept afterwards."""
    lanes = Lanes()
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

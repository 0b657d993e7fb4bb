"""Thousands of generated updates: no exception, every answer accepted by the strict server, level memory.

python -m tests.soak.storm --updates 10000 --seed 1
"""

import argparse
import asyncio
import json
import logging
import os
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from telegram import Update

from bot.chat.app import Around, build, run
from bot.chat.inbox import Inbox
from bot.home import Home
from bot.sandbox.limits import UNLIMITED
from bot.sandbox.nouns import Content
from bot.sandbox.people import Person
from bot.sandbox.run import BotApiServer
from bot.sandbox.sandbox import Sandbox
from bot.settings import Secret, TelegramSettings
from bot.wiring import assemble

from .parts import QUESTIONS, home_in, memory_kb

_MORE_KB = 40_000
_CHATS = 20
_BATCH = 50

_ODD = st.sampled_from(
    [
        "\u202e投诉\u202c",
        "\u200b\u200b",
        "\u2066投\u200d诉\u2069",
        "\ufeff",
        "😀" * 300,
        "👩‍👩‍👧‍👦🏳️‍🌈",
        "<b>",
        "</blockquote><script>alert(1)</script>",
        "&lt;b&gt;&amp;&#0;",
        "<a href='tg://user?id=1'>x</a>",
        "投" * 4096,
        "x " * 2000,
        "\n" * 100,
        "\x00\x07",
        "\ud800",
        "%s %d {0} {name}",
        "/ask",
        "/ask@wenbao_bot <i>投诉",
        "/start p_" + "A" * 62,
        "/unknown@other_bot",
        "投訴怎麼處理 ＫＰＩ",
        "in:07 投诉",
        "۱۲۳ שלום مرحبا",
    ]
)
_TEXT = st.one_of(_ODD, st.sampled_from(QUESTIONS), st.text(max_size=200))
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=10,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Attributes:
        updates: That were delivered.
        kinds: Of them, as the library names them.
        unreadable: That the library could not read.
        statuses: Of all calls of the bot, by method and HTTP status.
        errors: Of handlers, by exception; and log records from ERROR on.
        left: Updates that were not dealt with in the end.
        memory_kb: Of the process, after each quarter.
    """

    updates: int
    kinds: dict[str, int]
    unreadable: int
    statuses: dict[str, int]
    errors: dict[str, int]
    left: int
    memory_kb: tuple[int, ...]

    @property
    def holds(self) -> bool:
        """Tell whether nothing failed, nothing was refused, and the second half needed no more memory."""
        return (
            not self.errors
            and all(name.endswith(" 200") for name in self.statuses)
            and self.left == 0
            and self.memory_kb[-1] <= self.memory_kb[1] + _MORE_KB
        )


def generated(
    count: int, number: int, people: Sequence[Person], chats: Sequence[int]
) -> list[dict[str, Any]]:
    """Return so many updates without their numbers, of every kind, whole and broken.

    Args:
        count: How many.
        number: The same one gives the same updates.
        people: Who sends them.
        chats: Ids of groups that the bot is in.
    """
    updates: list[dict[str, Any]] = []

    @seed(number)
    @settings(
        max_examples=count // _BATCH + 1,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(_updates(people, chats), min_size=_BATCH, max_size=_BATCH))
    def collect(batch: list[dict[str, Any]]) -> None:
        updates.extend(batch)

    collect()
    while len(updates) < count:
        updates.extend(updates[: count - len(updates)])
    return updates[:count]


def _updates(people: Sequence[Person], chats: Sequence[int]) -> st.SearchStrategy[dict[str, Any]]:
    users = st.sampled_from(
        [
            {"id": one.user.user_id, "is_bot": False, "first_name": "梅", "language_code": code}
            for one in people
            for code in ("zh-hans", "en", "")
        ]
    )
    groups = st.sampled_from([{"id": chat, "type": "supergroup", "title": "组"} for chat in chats])
    message = st.builds(_message, users, st.one_of(st.none(), groups), _TEXT, st.integers(1, 10_000), _EXTRAS)
    callback = st.builds(
        lambda user, data: {"id": "1", "from": user, "chat_instance": "1", "data": data}, users, _TEXT
    )
    inline = st.builds(
        lambda user, query: {"id": "1", "from": user, "query": query[:256], "offset": ""}, users, _TEXT
    )
    kinds = st.sampled_from([kind for kind in Update.ALL_TYPES if kind != Update.MESSAGE])
    return st.one_of(
        st.builds(lambda content: {"message": content}, message),
        st.builds(lambda content: {"message": content}, message),
        st.builds(lambda content: {"edited_message": {**content, "edit_date": 1}}, message),
        st.builds(lambda content: {"channel_post": content}, message),
        st.builds(lambda content: {"callback_query": content}, callback),
        st.builds(lambda content: {"inline_query": content}, inline),
        st.builds(lambda kind, content: {kind: content}, kinds, _JSON),
        st.builds(lambda content: {"message": content}, _JSON),
        st.dictionaries(st.text(max_size=10), _JSON, max_size=3),
    )


_EXTRAS = st.sampled_from(
    [
        {},
        {},
        {},
        {"photo": [{"file_id": "a", "file_unique_id": "a", "width": 1, "height": 1}], "media_group_id": "g"},
        {"voice": {"file_id": "a", "file_unique_id": "a", "duration": 1}},
        {"location": {"latitude": 0.0, "longitude": 0.0}},
        {"new_chat_title": "x"},
        {"is_topic_message": True},
        {"unknown_field": {"deep": [1, 2, 3]}},
    ]
)


def _message(
    user: dict[str, Any], group: dict[str, Any] | None, text: str, number: int, extras: dict[str, Any]
) -> dict[str, Any]:
    chat = group or {"id": user["id"], "type": "private", "first_name": "梅"}
    content: dict[str, Any] = {
        "message_id": number,
        "date": 1_700_000_000,
        "chat": chat,
        "from": user,
        **extras,
    }
    if not extras or "unknown_field" in extras or "is_topic_message" in extras:
        content["text"] = text
        if text.startswith("/"):
            length = len(text.split()[0].encode("utf-16-le", "surrogatepass")) // 2
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
    return content


def _known(sandbox: Sandbox, person: Person, raw: dict[str, Any]) -> dict[str, Any]:
    """Return the update with the id of a press or a query that the server knows, so that it takes answers."""
    world = sandbox.world
    match raw:
        case {"callback_query": {"id": "1", "data": str(data)} as content}:
            card = world.post(person.chat.chat_id, world.bot, Content("…"))
            return {"callback_query": {**content, "id": world.presses.add(person.user, card, data).press_id}}
        case {"inline_query": {"id": "1", "query": str(query)} as content}:
            world.inline.forget()  # what is answered from memory is not asked of the bot
            asked = world.inline.ask(person.user, query, "", "private")
            return {"inline_query": {**content, "id": asked.query_id}}
    return raw


class _Errors(logging.Handler):
    """Counts what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        """Count by the message's form."""
        self.seen[f"log: {record.name}: {record.getMessage()[:200]}"] += 1


async def storm(folder: Path, *, updates: int, number: int) -> Outcome:
    """Deliver generated updates to the real bot on the sample reports, and count.

    Args:
        folder: Empty; for the home.
        updates: How many.
        number: Seed.
    """
    service = assemble(Home(home_in(folder)), {}, warn=print)
    service.generation()
    sandbox = Sandbox(limits=replace(UNLIMITED, callback_s=1e9, inline_s=1e9))
    people = [sandbox.join(f"人{one}") for one in range(_CHATS)]
    chats = [sandbox.group(f"组{one}", people).chat_id for one in range(3)]
    for person in people:
        sandbox.world.open(person.chat.chat_id)
    raws = generated(updates, number, people, chats)
    around = Around(service.journal, inbox=folder / "inbox.sqlite3", paced=False, retry_pauses_s=(0.01,))
    errors = _Errors()
    statuses: Counter[str] = Counter()
    memory: list[int] = []
    logging.getLogger().addHandler(errors)
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: errors.seen.update([f"loop: {context.get('exception')!r} {context['message']}"])
    )
    stop = asyncio.Event()
    try:
        async with BotApiServer(sandbox) as server:
            telegram = TelegramSettings(base_url=server.base_url)
            app = build(telegram, Secret(sandbox.token), service, around)
            running = asyncio.create_task(run(app, telegram, say=print, stop=stop, around=around))
            while not app.running:  # noqa: ASYNC110 - the application offers no event
                await asyncio.sleep(0.01)
            inbox = app.update_queue
            assert isinstance(inbox, Inbox)
            for start in range(0, updates, _BATCH):
                batch = [
                    json.loads(json.dumps({**_known(sandbox, people[0], raw), "update_id": start + place}))
                    for place, raw in enumerate(raws[start : start + _BATCH])
                ]
                await inbox.take(batch, app.bot)
                if (start + _BATCH) * 4 // updates > len(memory):
                    memory.append(memory_kb(os.getpid()))
            await inbox.join()
            left = inbox.in_hand
            stop.set()
            await running
    finally:
        logging.getLogger().removeHandler(errors)
    statuses.update(f"{call.method} {call.status}" for call in sandbox.calls())
    tally = around.tally
    return Outcome(
        updates,
        dict(tally.updates),
        tally.unreadable,
        dict(statuses),
        dict(tally.errors + errors.seen),
        left,
        tuple(memory),
    )


def main() -> None:
    """Run as told on the command line; fail unless it holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--updates", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1, dest="number")
    logging.basicConfig(level=logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="wenbao-storm-") as folder:
        outcome = asyncio.run(storm(Path(folder), **vars(parser.parse_args())))
    print(outcome)
    if not outcome.holds:
        raise SystemExit(1)


if __name__ == "__main__":
    main()

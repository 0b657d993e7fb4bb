"""What people do, and what the bot gets to see of it."""

import asyncio
import threading
from typing import Any

import pytest

from bot.sandbox.nouns import ChatKind
from bot.sandbox.people import Person

from .client import START, Api, StillClock


def seen(api: Api) -> list[dict[str, Any]]:
    """The updates since the last look, without their ids."""
    updates = api.call("getUpdates").result
    api.sandbox.world.drop_updates()
    return [{kind: update[kind] for kind in update if kind != "update_id"} for update in updates]


def test_a_text_arrives_with_its_author(fresh: Api) -> None:
    fresh.sandbox.join("Ada", username="ada", language_code="zh-hans").send("怎么处理投诉？")
    ada = {"id": 1001, "is_bot": False, "first_name": "Ada", "username": "ada", "language_code": "zh-hans"}
    assert seen(fresh) == [
        {
            "message": {
                "message_id": 1,
                "from": ada,
                "chat": {"id": 1001, "first_name": "Ada", "username": "ada", "type": "private"},
                "date": int(START),
                "text": "怎么处理投诉？",
            }
        }
    ]


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("/start", [("bot_command", 0, 6)]),
        ("/start deep-link", [("bot_command", 0, 6)]),
        ("/ask@wenbao_bot 投诉", [("bot_command", 0, 15)]),
        ("😀 /ask", [("bot_command", 3, 4)]),
        ("你好 @wenbao_bot！", [("mention", 3, 11)]),
        ("/ask怎么", []),
        ("//ask", []),
        ("a/ask", []),
        ("/ask/x", []),
        ("</ask>", []),
        ("mail me@a.cn", []),
        ("@ab", []),
        (f"/{'a' * 65}", []),
        ("1/2 and 3/4", []),
    ],
)
def test_commands_and_mentions_are_marked(
    shared: Api, ada: Person, text: str, entities: list[tuple[str, int, int]]
) -> None:
    message = ada.send(text)
    assert [(one.kind, one.offset, one.length) for one in message.entities] == entities
    assert shared.sandbox.world.find_message(message.chat_id, message.message_id) == message


@pytest.mark.parametrize(
    ("text", "is_seen"),
    [
        ("nothing for the bot", False),
        ("/ask", True),
        ("/ask@wenbao_bot x", True),
        ("/ask@Wenbao_Bot x", True),
        ("/ask@other_bot x", False),
        ("say /ask", False),
        ("say /ask@wenbao_bot", True),
        ("you, @wenbao_bot", True),
        ("you, @ada", False),
    ],
)
@pytest.mark.parametrize("kind", [ChatKind.GROUP, ChatKind.SUPERGROUP])
def test_privacy_mode_shows_only_what_is_meant_for_the_bot(
    shared: Api, ada: Person, kind: ChatKind, text: str, is_seen: bool
) -> None:
    team = shared.sandbox.group("Team", [ada], kind=kind)
    seen(shared)
    ada.send(text, chat=team)
    updates = seen(shared)
    assert bool(updates) is is_seen
    opened = shared.sandbox.group("Open", [ada], kind=kind, privacy=False)
    ada.send(text, chat=opened)
    assert seen(shared)[0]["message"]["chat"] == {"id": opened.chat_id, "title": "Open", "type": kind}


def test_answers_to_the_bot_are_seen(shared: Api, ada: Person) -> None:
    team = shared.sandbox.group("Team", [ada])
    shared.call("sendMessage", chat_id=team.chat_id, text="from the bot")
    mine = ada.send("from me", chat=team)
    ada.send("to myself", chat=team, reply_to=mine)
    seen(shared)
    answer = ada.send("to you", chat=team, reply_to=ada.replies(team)[0])
    [update] = seen(shared)
    assert update["message"]["reply_to_message"]["text"] == "from the bot"
    ada.edit(answer, "still to you")
    [update] = seen(shared)
    assert update["edited_message"]["text"] == "still to you"


def test_message_ids_count_in_each_chat(shared: Api, ada: Person) -> None:
    """A bot that takes them for unique everywhere is wrong in Telegram too."""
    team = shared.sandbox.group("Team", [ada])
    assert [ada.send("a").message_id, ada.send("b").message_id] == [1, 2]
    assert ada.send("c", chat=team).message_id == 1


def test_edits_of_people_arrive(fresh: Api, clock: StillClock) -> None:
    ada, bob = fresh.sandbox.join("Ada"), fresh.sandbox.join("Bob")
    message = ada.send("taht")
    seen(fresh)
    clock.advance(2)
    edited = ada.edit(message, "that")
    assert (edited.text, edited.edited) == ("that", int(START) + 2)
    [update] = seen(fresh)
    assert update["edited_message"]["edit_date"] == int(START) + 2
    with pytest.raises(ValueError, match="Bob did not write message 1"):
        bob.edit(message, "x")


def test_a_block_is_told_to_the_bot(fresh: Api) -> None:
    ada = fresh.sandbox.join("Ada")
    ada.send("hi")
    seen(fresh)
    ada.block()
    ada.unblock()
    changes = [update["my_chat_member"] for update in seen(fresh)]
    states = [
        (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) for change in changes
    ]
    assert states == [("member", "kicked"), ("kicked", "member")]


def test_what_people_cannot_do(shared: Api, ada: Person) -> None:
    team = shared.sandbox.group("Others", [])
    with pytest.raises(ValueError, match="Ada is not in Others"):
        ada.send("x", chat=team)
    with pytest.raises(ValueError, match="needs a text"):
        ada.send("  ")
    ada.block()
    with pytest.raises(ValueError, match="has blocked the bot"):
        ada.send("x")


def test_waiting_for_replies_from_a_thread(shared: Api, ada: Person) -> None:
    later = threading.Timer(0.1, lambda: [shared.send(ada, text) for text in "ab"])
    later.start()
    assert [message.text for message in ada.wait_for_replies(2)] == ["a", "b"]
    later.join()
    assert len(ada.wait_for_replies(1)) == 2


async def test_waiting_for_replies_in_an_event_loop(shared: Api, ada: Person) -> None:
    sending = asyncio.to_thread(shared.send, ada, "a")
    replies, _ = await asyncio.gather(ada.until_replies(1), sending)
    assert [message.text for message in replies] == ["a"]


def test_waiting_in_vain_says_so(ada: Person) -> None:
    with pytest.raises(TimeoutError, match=r"Ada waited 0.05 s for 3 replies and has 0"):
        ada.wait_for_replies(3, timeout_s=0.05)
    with pytest.raises(TimeoutError):
        ada.world.bell.wait_for(lambda: False, 0.01)


async def test_waiting_in_vain_in_an_event_loop_says_so(ada: Person) -> None:
    with pytest.raises(TimeoutError, match=r"Ada waited 0.05 s for 3 replies and has 0"):
        await ada.until_replies(3, timeout_s=0.05)
    with pytest.raises(TimeoutError):
        await ada.world.bell.until(lambda: False, 0.01)

"""What an open page is told: all at first, then what changed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.nouns import Chat, ChatKind, Content, User
from bot.sandbox.page.cast import Cast
from bot.sandbox.page.view import View, shown_commands
from bot.sandbox.profile import Command, Profile, Scope
from bot.sandbox.sandbox import Sandbox

from .script import Script

CHINESE = User(1001, "用户甲", language_code="zh-hans")
ENGLISH = User(1002, "User B", language_code="en")
ADMIN = User(1003, "Admin", language_code="en")
PRIVATE = Chat(1001, ChatKind.PRIVATE, "用户甲")
GROUP = Chat(-1001, ChatKind.SUPERGROUP, "Team")


def test_a_page_is_told_what_stands_there_already(script: Script) -> None:
    """A page that is loaded again shows all chats of both people, in order."""
    script.jia.send("一")
    script.say("二")
    script.ben.send("three")
    with script.news() as news:
        assert next(news) == {"token": "the-page-s-own-token"}
        first = next(news)
    assert [person["user"]["first_name"] for person in first["about"]["people"]] == ["用户甲", "User B"]
    assert [one["message"]["text"] for one in first["messages"]] == ["一", "二", "three"]
    assert "actions" not in first


def test_news_are_only_what_changed(script: Script) -> None:
    """A new message, an edited one, a deleted one, an action: each is told once and alone."""
    kept = script.say("stays")
    with script.news() as news:
        next(news), next(news)
        sent = script.say("first", reply_markup={"inline_keyboard": [[{"text": "▸", "callback_data": "1"}]]})
        assert _texts(next(news)) == ["first"]
        chat = script.jia.chat.chat_id
        script.bot("editMessageText", chat_id=chat, message_id=sent, text="second")
        edited = next(news)
        assert _texts(edited) == ["second"]
        assert "reply_markup" not in edited["messages"][0]["message"]
        script.sandbox.world.remove(chat, sent)
        assert next(news) == {"removed": [[chat, sent]]}
        script.bot("sendChatAction", chat_id=chat, action="typing")
        assert next(news) == {"actions": [[chat, "typing"]]}
    assert script.sandbox.world.find_message(chat, kept) is not None


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["write", "answer", "edit", "delete", "look"]), st.integers(0, 5)), max_size=40
)


@given(OPERATIONS)
def test_whoever_follows_the_news_knows_the_chats(operations: list[tuple[str, int]]) -> None:
    """Whatever happens between two looks, adding up the news gives what stands in the chats."""
    sandbox = Sandbox()
    cast = Cast.join(sandbox)
    world, view = sandbox.world, View(sandbox, cast)
    chats = [*(person.chat for person in cast.people), cast.group]
    known: dict[tuple[int, int], Any] = {}

    def look() -> None:
        news: dict[str, Any] = view.news()
        for key in news.get("removed", ()):
            del known[key]
        for one in news.get("messages", ()):
            known[one["message"]["chat"]["id"], one["message"]["message_id"]] = one["message"]

    for name, place in operations:
        chat = chats[place % 3]
        there = world.transcript(chat.chat_id)
        if name == "write":
            cast.people[1 if place % 3 == 1 else 0].send("问", chat=chat)
        elif name == "answer":
            world.post(chat.chat_id, world.bot, Content("答"))
        elif name == "look":
            look()
        elif there:
            message = there[place % len(there)]
            if name == "edit":
                world.revise(chat.chat_id, message.message_id, Content(message.text + "改"))
            else:
                world.remove(chat.chat_id, message.message_id)
    look()
    assert view.news() == {}
    assert known == {
        (chat.chat_id, message.message_id): world.message_json(message)
        for chat in chats
        for message in world.transcript(chat.chat_id)
    }


def test_a_reply_keyboard_comes_beside_its_message(script: Script) -> None:
    """A bot's client never sees one in a message, but people do."""
    script.say("choose", reply_markup={"keyboard": [["一"], ["二"]], "resize_keyboard": True})
    with script.news() as news:
        next(news)
        (told,) = next(news)["messages"]
    assert "reply_markup" not in told["message"]
    assert [[_label(button) for button in row] for row in told["keyboard"]["keyboard"]] == [["一"], ["二"]]


def test_a_new_command_list_is_news(script: Script) -> None:
    """A bot sets its commands after the page was opened."""
    with script.news() as news:
        next(news), next(news)
        script.bot("setMyCommands", commands=[{"command": "ask", "description": "Ask the reports"}])
        about = next(news)["about"]
    assert about["people"][0]["chats"][0]["commands"] == [
        {"command": "ask", "description": "Ask the reports"}
    ]


@pytest.mark.parametrize(
    ("lists", "user", "chat", "shown"),
    [
        ([(("default",), "")], CHINESE, PRIVATE, "default"),
        ([(("default",), ""), (("default",), "zh")], CHINESE, PRIVATE, "default zh"),
        ([(("default",), ""), (("default",), "zh")], ENGLISH, PRIVATE, "default"),
        ([(("default",), "zh"), (("all_private_chats",), "")], CHINESE, PRIVATE, "all_private_chats"),
        ([(("all_private_chats",), ""), (("chat", 1001), "")], CHINESE, PRIVATE, "chat"),
        ([(("all_private_chats",), "")], CHINESE, GROUP, None),
        ([(("all_group_chats",), ""), (("chat", -1001), "")], CHINESE, GROUP, "chat"),
        ([(("chat", -1001), ""), (("chat_member", -1001, 1001), "")], CHINESE, GROUP, "chat_member"),
        ([(("chat", -1001), ""), (("chat_member", -1001, 1001), "")], ENGLISH, GROUP, "chat"),
        ([(("chat", -1001), ""), (("chat_administrators", -1001), "")], ADMIN, GROUP, "chat_administrators"),
        ([(("chat", -1001), ""), (("all_chat_administrators",), "")], ADMIN, GROUP, "chat"),
        (
            [(("all_group_chats",), ""), (("all_chat_administrators",), "")],
            ADMIN,
            GROUP,
            "all_chat_administrators",
        ),
        ([(("all_group_chats",), ""), (("all_chat_administrators",), "")], CHINESE, GROUP, "all_group_chats"),
    ],
)
def test_the_narrowest_list_of_commands_is_shown(
    lists: list[tuple[Scope, str]], user: User, chat: Chat, shown: str | None
) -> None:
    """As Telegram chooses: scope before language, and a language of one's own before the list for all."""
    profile = Profile()
    for scope, language in lists:
        profile.commands[scope, language] = (Command("ask", f"{scope[0]} {language}".strip()),)
    found = shown_commands(profile, chat, user, is_admin=user is ADMIN)
    assert [one.description for one in found] == ([shown] if shown else [])


def _texts(news: dict[str, Any]) -> list[str]:
    return [one["message"]["text"] for one in news["messages"]]


def _label(button: object) -> object:
    return button["text"] if isinstance(button, dict) else button

"""Command lists, name and descriptions."""

from typing import Any

import pytest

from bot.sandbox.people import Person

from .client import Api

ASK = {"command": "ask", "description": "Ask the reports"}


def commands(*values: object) -> dict[str, object]:
    return {"commands": list(values)}


def test_lists_are_kept_apart_by_scope_and_language(shared: Api, ada: Person) -> None:
    scope: dict[str, Any] = {"type": "chat", "chat_id": ada.chat.chat_id}
    other = {"command": "hilfe", "description": "Hilfe"}
    assert shared.call("setMyCommands", **commands(ASK)).result is True
    assert shared.call("setMyCommands", **commands(other), scope=scope, language_code="de").result is True
    assert shared.call("getMyCommands").result == [ASK]
    assert shared.call("getMyCommands", scope={"type": "default"}).result == [ASK]
    assert shared.call("getMyCommands", scope=scope, language_code="de").result == [other]
    assert shared.call("getMyCommands", scope=scope).result == []
    assert shared.call("deleteMyCommands", scope=scope, language_code="de").result is True
    assert shared.call("deleteMyCommands", scope=scope, language_code="de").result is True
    assert shared.call("getMyCommands", scope=scope, language_code="de").result == []
    assert shared.call("getMyCommands").result == [ASK]


def test_a_slash_in_front_is_dropped(shared: Api) -> None:
    shared.call("setMyCommands", **commands({"command": "/ask", "description": " Ask "}))
    assert shared.call("getMyCommands").result == [{"command": "ask", "description": "Ask"}]


def test_the_limits_are_within_reach(shared: Api) -> None:
    many = [{"command": f"{'a' * 29}{n:03}", "description": "投" * 256} for n in range(100)]
    assert shared.call("setMyCommands", **commands(*many)).result is True
    assert len(shared.call("getMyCommands").result) == 100


BAD_COMMANDS: list[tuple[object, str]] = [
    ("", "can't parse commands JSON object"),
    ("ask", "can't parse commands JSON object"),
    ({}, "expected an Array of BotCommand"),
    (["ask"], "object expected as BotCommand"),
    ([{"command": "ask"}], "can't parse BotCommand: Can't find field \"description\""),
    ([{"description": "Ask"}], "can't parse BotCommand: Can't find field \"command\""),
    ([{**ASK, "command": ""}], "command must be non-empty"),
    ([{**ASK, "command": "a" * 33}], "command length must not exceed 32"),
    ([{**ASK, "description": " "}], "command description must be non-empty"),
    ([{**ASK, "description": "x" * 257}], "command description length must not exceed 256"),
    ([{**ASK, "command": "Ask"}], "BOT_COMMAND_INVALID"),
    ([{**ASK, "command": "ask-me"}], "BOT_COMMAND_INVALID"),
    ([{**ASK, "command": "提问"}], "BOT_COMMAND_INVALID"),
    ([{**ASK, "command": "ask me"}], "BOT_COMMAND_INVALID"),
    ([{**ASK, "title": "x"}], 'sandbox: BotCommand has no field "title"'),
    ([ASK] * 101, "BOT_COMMANDS_TOO_MUCH"),
]


@pytest.mark.parametrize(("given", "description"), BAD_COMMANDS)
def test_bad_commands_are_refused(shared: Api, given: object, description: str) -> None:
    assert shared.call("setMyCommands", commands=given).error == (400, f"Bad Request: {description}")


BAD_SCOPES: list[tuple[object, str]] = [
    ({"type": "invalid"}, "can't parse BotCommandScope: Unsupported type specified"),
    ({"chat_id": 1}, "can't parse BotCommandScope: Can't find field \"type\""),
    ({"type": "chat"}, "can't parse BotCommandScope: Can't find field \"chat_id\""),
    ({"type": "chat_member", "chat_id": 0}, "can't parse BotCommandScope: Can't find field \"user_id\""),
    ({"type": "chat", "chat_id": 77}, "chat not found"),
    ({"type": "default", "chat_id": 77}, 'sandbox: BotCommandScope has no field "chat_id"'),
    ("default", "can't parse scope JSON object"),
]


@pytest.mark.parametrize(("scope", "description"), BAD_SCOPES)
@pytest.mark.parametrize("method", ["setMyCommands", "getMyCommands", "deleteMyCommands"])
def test_bad_scopes_are_refused(shared: Api, method: str, scope: object, description: str) -> None:
    given: dict[str, object] = {"commands": [ASK]} if method == "setMyCommands" else {}
    assert shared.call(method, **given, scope=scope).error == (400, f"Bad Request: {description}")


def test_scopes_of_groups_need_a_group(shared: Api, ada: Person) -> None:
    scope: dict[str, object] = {"type": "chat_administrators", "chat_id": ada.chat.chat_id}
    refused = (400, "Bad Request: can't use specified scope in private chats")
    assert shared.call("setMyCommands", **commands(ASK), scope=scope).error == refused
    team = shared.sandbox.group("Team", [ada], username="team")
    member = {"type": "chat_member", "chat_id": "@team", "user_id": ada.user.user_id}
    assert shared.call("setMyCommands", **commands(ASK), scope=member).result is True
    by_id = {**member, "chat_id": team.chat_id}
    assert shared.call("getMyCommands", scope=by_id).result == [ASK]


@pytest.mark.parametrize("code", ["zh-hans", "ZH", "z", "中文"])
def test_languages_have_two_letters(shared: Api, code: str) -> None:
    refused = (400, "Bad Request: invalid language code specified")
    assert shared.call("setMyCommands", **commands(ASK), language_code=code).error == refused
    assert shared.call("setMyName", name="x", language_code=code).error == refused
    assert shared.call("getMyDescription", language_code=code).error == refused


@pytest.mark.parametrize(
    ("suffix", "field", "longest", "unset"),
    [
        ("MyName", "name", 64, "问报"),
        ("MyDescription", "description", 512, ""),
        ("MyShortDescription", "short_description", 120, ""),
    ],
)
def test_texts_about_the_bot(shared: Api, suffix: str, field: str, longest: int, unset: str) -> None:
    """By language, with the one for all languages in the stead of a missing one."""
    assert shared.call(f"get{suffix}").result == {field: unset}
    assert shared.call(f"set{suffix}", **{field: "投" * longest}).result is True
    assert shared.call(f"set{suffix}", **{field: "deutsch", "language_code": "de"}).result is True
    assert shared.call(f"get{suffix}", language_code="de").result == {field: "deutsch"}
    assert shared.call(f"get{suffix}", language_code="zh").result == {field: "投" * longest}
    refused = (400, f"Bad Request: sandbox: {field} is longer than {longest}")
    assert shared.call(f"set{suffix}", **{field: "x" * (longest + 1)}).error == refused
    assert shared.call(f"set{suffix}", **{field: ""}).result is True
    assert shared.call(f"get{suffix}").result == {field: unset}


def test_the_account_shows_its_new_name(shared: Api) -> None:
    shared.call("setMyName", name="Ask the reports")
    assert shared.call("getMe").result["first_name"] == "Ask the reports"
    shared.call("setMyName")
    assert shared.call("getMe").result["first_name"] == "问报"

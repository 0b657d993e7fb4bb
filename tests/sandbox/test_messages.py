"""Sending, editing, deleting."""

import pytest

from bot.sandbox.messages import DELETABLE_S
from bot.sandbox.people import Person

from .client import START, Api, StillClock

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)
KEYBOARD = {"inline_keyboard": [[{"text": "more", "callback_data": "more"}]]}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x", "x"),
        ("长" * 4096, "长" * 4096),
        ("😀" * 4096, "😀" * 4096),
        ("  padded \n\n", "padded"),
        ("tab\tand\r\nline", "tab and\nline"),
        ("a" * 4096 + "  \n", "a" * 4096),
    ],
)
def test_a_text_is_sent_as_cleaned(shared: Api, ada: Person, text: str, shown: str) -> None:
    """Length counts code points after cleaning."""
    assert shared.call("sendMessage", chat_id=ada.chat.chat_id, text=text).result["text"] == shown
    assert ada.replies()[-1].text == shown


def _padded(size: int) -> str:
    """A source in HTML of `size` bytes that shows one character."""
    return f"<b title='{'长' * ((size - 18) // 3)}{'-' * ((size - 18) % 3)}'>x</b>" + "\n"


def test_a_source_with_markup_may_have_32768_bytes(shared: Api, ada: Person) -> None:
    source = _padded(32_768)
    assert len(source.encode()) == 32_768
    sent = shared.call("sendMessage", chat_id=ada.chat.chat_id, text=source, parse_mode="HTML")
    assert sent.result["text"] == "x"


BAD_TEXTS: list[tuple[dict[str, object], str]] = [
    ({}, "message text is empty"),
    ({"text": ""}, "message text is empty"),
    ({"text": " \n "}, "text must be non-empty"),
    ({"text": "\u200b\u2060"}, "text must be non-empty"),
    ({"text": "<b></b>", "parse_mode": "HTML"}, "text must be non-empty"),
    ({"text": "x" * 4097}, "message is too long"),
    ({"text": "长" * 4097}, "message is too long"),
    ({"text": f"<b>{'x' * 4097}</b>", "parse_mode": "HTML"}, "message is too long"),
    ({"text": _padded(32_768 + 1), "parse_mode": "HTML"}, "text is too long"),
    ({"text": "长" * 11_000}, "message is too long"),
    ({"text": "x", "parse_mode": "TeX"}, "unsupported parse_mode"),
    ({"text": "x", "parse_mode": "MarkdownV2"}, "sandbox: parse_mode MarkdownV2 is not supported; use HTML"),
    (
        {"text": "x", "entities": [{"type": "bold", "offset": 9, "length": 1}]},
        "entity begins after the end of the text at UTF-16 offset 9",
    ),
    (
        {"text": "x", "entities": [{"type": "bold", "offset": 0, "length": 9}]},
        "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 9",
    ),
    (
        {"text": "x", "entities": [{"type": "bold", "offset": -1, "length": 1}]},
        "receive an entity with incorrect offset -1",
    ),
    (
        {"text": "x", "entities": [{"type": "bold", "offset": 0, "length": -1}]},
        "receive an entity with incorrect length -1",
    ),
    (
        {"text": "x", "entities": [{"type": "loud", "offset": 0, "length": 1}]},
        "can't parse MessageEntity: Unsupported type specified",
    ),
    (
        {"text": "x", "entities": [{"type": "text_link", "offset": 0, "length": 1}]},
        "can't parse MessageEntity: Can't find field \"url\"",
    ),
    (
        {"text": "x", "entities": [{"type": "text_link", "offset": 0, "length": 1, "url": "nowhere"}]},
        "entity URL 'nowhere' is invalid: Wrong HTTP URL",
    ),
    (
        {"text": "x", "entities": [{"type": "text_mention", "offset": 0, "length": 1, "user": {"id": 7}}]},
        "user not found",
    ),
    (
        {
            "text": "x",
            "entities": [{"type": "custom_emoji", "offset": 0, "length": 1, "custom_emoji_id": "a"}],
        },
        'can\'t parse MessageEntity: Field "custom_emoji_id" must be a valid Number',
    ),
    (
        {"text": "x", "entities": [{"type": "text_link", "offset": 0, "length": 1, "url": " "}]},
        "entity URL ' ' is invalid: URL host is empty",
    ),
    ({"text": "x", "entities": {}}, "expected an Array of MessageEntity"),
    (
        {"text": "x", "link_preview_options": {"is_disabled": "yes"}},
        'field "is_disabled" must be of type Boolean',
    ),
    ({"text": "x", "link_preview_options": {"url": "nowhere"}}, "WEBPAGE_URL_INVALID"),
    ({"text": "x", "link_preview_options": {"disabled": True}}, "sandbox: LinkPreviewOptions has no field"),
]


@pytest.mark.parametrize(("given", "description"), BAD_TEXTS)
def test_bad_texts_are_refused_in_telegrams_words(
    shared: Api, ada: Person, given: dict[str, object], description: str
) -> None:
    """Sending and editing alike."""
    chat_id = ada.chat.chat_id
    for method, more in [("sendMessage", {}), ("editMessageText", {"message_id": 1})]:
        code, text = shared.call(method, chat_id=chat_id, **more, **given).error
        assert code == 400
        assert text.startswith(f"Bad Request: {description}")
    assert ada.transcript() == ()


@pytest.mark.parametrize(
    ("chat_id", "description"),
    [
        (None, "chat_id is empty"),
        ("", "chat_id is empty"),
        (0, "chat not found"),
        (77, "chat not found"),
        (-5, "chat not found"),
        ("@nobody_here", "chat not found"),
        ("somebody", "chat not found"),
        ("9" * 30, "chat not found"),
    ],
)
@pytest.mark.parametrize("method", ["sendMessage", "editMessageText", "deleteMessage", "sendChatAction"])
def test_the_chat_must_exist(shared: Api, method: str, chat_id: object, description: str) -> None:
    needed: dict[str, dict[str, object]] = {
        "sendMessage": {"text": "x"},
        "editMessageText": {"text": "x", "message_id": 1},
        "deleteMessage": {"message_id": 1},
        "sendChatAction": {"action": "typing"},
    }
    rest = needed[method]
    given = rest if chat_id is None else {**rest, "chat_id": chat_id}
    assert shared.call(method, **given).error == (400, f"Bad Request: {description}")


def test_the_bot_cannot_write_first(shared: Api) -> None:
    """A private chat is found only once its user has written; who is in a group with it is known, no more."""
    bea = shared.sandbox.join("Bea")
    chat_id = bea.chat.chat_id
    assert shared.call("sendMessage", chat_id=chat_id, text="x").error == (400, "Bad Request: chat not found")
    shared.sandbox.group("Team", [bea])
    for method, rest in [("sendMessage", {"text": "x"}), ("sendChatAction", {"action": "typing"})]:
        refused = (403, "Forbidden: bot can't initiate conversation with a user")
        assert shared.call(method, chat_id=chat_id, **rest).error == refused
    bea.send("/start")
    assert shared.call("sendMessage", chat_id=chat_id, text="x").status == 200


def test_who_blocked_the_bot_gets_nothing(shared: Api, ada: Person) -> None:
    message = shared.send(ada, "x")
    ada.block()
    forbidden = (403, "Forbidden: bot was blocked by the user")
    place = {"chat_id": ada.chat.chat_id}
    assert shared.call("sendMessage", **place, text="y").error == forbidden
    assert shared.call("sendChatAction", **place, action="typing").error == forbidden
    edit = {**place, "message_id": message.message_id, "text": "y"}
    assert shared.call("editMessageText", **edit).error == forbidden
    ada.unblock()
    assert shared.call("sendMessage", **place, text="y").status == 200


def test_a_message_is_returned_with_all_it_has(fresh: Api) -> None:
    ada = fresh.sandbox.join("Ada")
    ada.send("/start")
    sent = fresh.call(
        "sendMessage",
        chat_id=ada.chat.chat_id,
        text="see <b>this</b>",
        parse_mode="html",
        reply_markup=KEYBOARD,
        link_preview_options={"is_disabled": True, "show_above_text": False},
        protect_content=True,
        disable_notification=True,
        reply_parameters={"message_id": 1},
    ).result
    reply = sent.pop("reply_to_message")
    assert reply["text"] == "/start"
    assert sent == {
        "message_id": 2,
        "from": {"id": 123456789, "is_bot": True, "first_name": "问报", "username": "wenbao_bot"},
        "chat": {"id": ada.chat.chat_id, "first_name": "Ada", "type": "private"},
        "date": int(START),
        "text": "see this",
        "entities": [{"type": "bold", "offset": 4, "length": 4}],
        "link_preview_options": {"is_disabled": True},
        "has_protected_content": True,
        "reply_markup": KEYBOARD,
    }
    stored = ada.replies()[0]
    assert (stored.source, stored.silent, stored.protected) == ("see <b>this</b>", True, True)


def test_keyboards_for_replies_are_kept_but_not_returned(shared: Api, ada: Person) -> None:
    """Telegram repeats only inline keyboards."""
    given = {"keyboard": [["投诉", {"text": "phone", "request_contact": True}]], "resize_keyboard": True}
    sent = shared.call("sendMessage", chat_id=ada.chat.chat_id, text="?", reply_markup=given).result
    assert "reply_markup" not in sent
    assert ada.replies()[0].reply_markup == {
        "keyboard": [[{"text": "投诉"}, {"text": "phone", "request_contact": True}]],
        "resize_keyboard": True,
    }


ANSWERED: list[tuple[dict[str, object], str | None, int | None]] = [
    ({"message_id": 1}, None, 1),
    ({"message_id": 1, "quote": "投诉"}, None, 1),
    ({"message_id": 9, "allow_sending_without_reply": True}, None, None),
    ({"message_id": 9}, "message to be replied not found", None),
    ({"quote": "x"}, 'can\'t find field "message_id"', None),
    ({"message_id": "1"}, 'field "message_id" must be of type Number', None),
    ({"message_id": 1, "quote": "报怨"}, "QUOTE_TEXT_INVALID", None),
    ({"message_id": 1, "quote": "投诉 怎么处理"}, "QUOTE_TEXT_INVALID", None),
    (
        {"message_id": 1, "quote": "投诉", "quote_position": "3"},
        'field "quote_position" must be of type',
        None,
    ),
    ({"message_id": 1, "chat_id": -5}, "sandbox: an answer to a message of another chat", None),
    ({"message_id": 1, "quota": "x"}, "sandbox: ReplyParameters has no field", None),
]


@pytest.mark.parametrize(("given", "description", "reply_to"), ANSWERED)
def test_answers_name_a_message_that_exists(
    shared: Api, ada: Person, given: dict[str, object], description: str | None, reply_to: int | None
) -> None:
    ada.send("😀 投诉怎么处理")
    answer = shared.call("sendMessage", chat_id=ada.chat.chat_id, text="x", reply_parameters=given)
    if description:
        assert answer.error[1].startswith(f"Bad Request: {description}")
        return
    replied = answer.result.get("reply_to_message", {}).get("message_id")
    assert (replied, ada.replies()[-1].reply_to) == (reply_to, reply_to)
    if "quote" in given:
        assert answer.result["quote"] == {"text": "投诉", "position": 3, "is_manual": True}


@pytest.mark.parametrize(
    ("text", "given", "position"),
    [
        ("ab ab", {"quote": "ab"}, 0),
        ("ab ab", {"quote": "ab", "quote_position": 2}, 3),
        ("ab ab", {"quote": "ab", "quote_position": 99}, 3),
        ("😀 ab 😀 ab", {"quote": "ab", "quote_position": 8}, 9),
        ("x" * 1024, {"quote": "x" * 1024}, 0),
        ("x" * 1025, {"quote": "x" * 1025}, None),
        ("Ab", {"quote": "ab"}, None),
        ("a  b", {"quote": "a b"}, None),
    ],
)
def test_a_quote_is_exact_and_the_nearest_to_its_position(
    shared: Api, ada: Person, text: str, given: dict[str, object], position: int | None
) -> None:
    """At most 1024 characters; positions are UTF-16 units."""
    asked = ada.send(text)
    parameters = {"message_id": asked.message_id, **given}
    answer = shared.call("sendMessage", chat_id=ada.chat.chat_id, text="x", reply_parameters=parameters)
    if position is None:
        assert answer.error == (400, "Bad Request: QUOTE_TEXT_INVALID")
    else:
        assert answer.result["quote"]["position"] == position


def test_topics_must_exist(shared: Api, ada: Person) -> None:
    place = {"chat_id": ada.chat.chat_id, "message_thread_id": 7}
    refused = (400, "Bad Request: message thread not found")
    assert shared.call("sendMessage", **place, text="x").error == refused
    assert shared.call("sendChatAction", **place, action="typing").error == refused
    ada.send("in a topic", thread_id=7)
    sent = shared.call("sendMessage", **place, text="x").result
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (7, True)


def test_an_edit_replaces_text_and_keyboard(fresh: Api, clock: StillClock) -> None:
    ada = fresh.sandbox.join("Ada")
    ada.send("hi")
    message = fresh.send(ada, "page 1", reply_markup=KEYBOARD)
    clock.advance(9)
    place = {"chat_id": ada.chat.chat_id, "message_id": message.message_id}
    edited = fresh.call("editMessageText", **place, text="<i>page</i> 2", parse_mode="HTML").result
    assert (edited["text"], edited["edit_date"]) == ("page 2", int(START) + 9)
    assert "reply_markup" not in edited
    present = ada.replies()[0]
    assert present.text == "page 2"
    assert [content.text for content in present.history] == ["page 1"]


EDITS: list[tuple[dict[str, object], str]] = [
    ({"text": "x"}, "message identifier is not specified"),
    ({"text": "x", "message_id": 99}, "message to edit not found"),
    ({"text": "x", "message_id": 1}, "message can't be edited"),
    ({"text": "y", "message_id": 2, "reply_markup": {"remove_keyboard": True}}, "inline keyboard expected"),
    ({"text": "y", "message_id": 2, "reply_markup": {"force_reply": True}}, "inline keyboard expected"),
    ({"text": "y", "message_id": 2, "inline_message_id": "1"}, "MESSAGE_ID_INVALID"),
    ({"text": "y", "message_id": 2, "caption": "z"}, "sandbox: editMessageText has no parameter"),
]


@pytest.mark.parametrize(("given", "description"), EDITS)
def test_bad_edits_are_refused(shared: Api, ada: Person, given: dict[str, object], description: str) -> None:
    ada.send("mine")
    shared.send(ada, "x", reply_markup=KEYBOARD)
    code, text = shared.call("editMessageText", chat_id=ada.chat.chat_id, **given).error
    assert code == 400
    assert text.startswith(f"Bad Request: {description}")


def test_an_edit_must_change_something(shared: Api, ada: Person) -> None:
    """Text, entities and keyboard are compared; the way they were written is not."""
    shared.send(ada, "<b>x</b>", parse_mode="HTML", reply_markup=KEYBOARD)
    place = {"chat_id": ada.chat.chat_id, "message_id": 1, "parse_mode": "HTML"}
    same = {"text": "<strong>x</strong>  ", "reply_markup": KEYBOARD}
    assert shared.call("editMessageText", **place, **same).error == (400, NOT_MODIFIED)
    markup = {"chat_id": ada.chat.chat_id, "message_id": 1, "reply_markup": KEYBOARD}
    assert shared.call("editMessageReplyMarkup", **markup).error == (400, NOT_MODIFIED)
    assert shared.call("editMessageText", **place, text="x", reply_markup=KEYBOARD).status == 200
    assert shared.call("editMessageText", **place, text="x").status == 200
    assert len(ada.replies()[0].history) == 2


def test_a_keyboard_can_be_replaced_alone(shared: Api, ada: Person) -> None:
    shared.send(ada, "x", reply_markup=KEYBOARD)
    place = {"chat_id": ada.chat.chat_id, "message_id": 1}
    edited = shared.call("editMessageReplyMarkup", **place).result
    assert edited["text"] == "x"
    assert "reply_markup" not in edited
    assert ada.replies()[0].buttons == ()


def test_messages_can_be_deleted_while_they_are_young(fresh: Api, clock: StillClock) -> None:
    ada = fresh.sandbox.join("Ada")
    ada.send("mine")
    fresh.send(ada, "yours")
    place = {"chat_id": ada.chat.chat_id}
    assert fresh.call("deleteMessage", **place, message_id=1).result is True
    assert fresh.call("deleteMessage", **place, message_id=1).error == (
        400,
        "Bad Request: message to delete not found",
    )
    assert fresh.call("deleteMessage", **place).error == (
        400,
        "Bad Request: message identifier is not specified",
    )
    clock.advance(DELETABLE_S + 1)
    assert fresh.call("deleteMessage", **place, message_id=2).error == (
        400,
        "Bad Request: message can't be deleted",
    )


def test_people_s_messages_in_groups_stay(shared: Api, ada: Person) -> None:
    team = shared.sandbox.group("Team", [ada])
    ada.send("mine", chat=team)
    given = {"chat_id": team.chat_id, "message_id": 1}
    assert shared.call("deleteMessage", **given).error == (400, "Bad Request: message can't be deleted")


def test_actions_are_shown(shared: Api, ada: Person) -> None:
    place = {"chat_id": ada.chat.chat_id}
    assert shared.call("sendChatAction", **place, action="typing").result is True
    for action in ("dancing", ""):
        assert shared.call("sendChatAction", **place, action=action).error == (
            400,
            "Bad Request: wrong parameter action in request",
        )
    assert shared.sandbox.world.actions(ada.chat.chat_id) == ("typing",)

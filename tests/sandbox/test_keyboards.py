"""Keyboards: what is accepted, what is refused."""

from typing import Any

import pytest

from bot.sandbox.people import Person

from .client import Api

Button = dict[str, object]
CALL: Button = {"text": "a", "callback_data": "a"}


def inline(*rows: list[Any]) -> dict[str, object]:
    return {"inline_keyboard": list(rows)}


ACCEPTED: list[tuple[object, object]] = [
    (inline([CALL]), inline([CALL])),
    (inline([CALL] * 8), inline([CALL] * 8)),
    (inline(*[[CALL] * 8] * 12), inline(*[[CALL] * 8] * 12)),
    (
        inline([{"text": "a", "callback_data": "投" * 21 + "b"}]),
        inline([{"text": "a", "callback_data": "投" * 21 + "b"}]),
    ),
    (inline([], [CALL]), inline([CALL])),
    (inline(), None),
    (inline([]), None),
    ({}, None),
    (inline([{"text": "a", "url": "a.cn"}]), inline([{"text": "a", "url": "http://a.cn/"}])),
    (
        inline([{"text": "a", "url": "tg://resolve?domain=x"}]),
        inline([{"text": "a", "url": "tg://resolve?domain=x"}]),
    ),
    (
        inline([{"text": "a", "copy_text": {"text": "b" * 256}}]),
        inline([{"text": "a", "copy_text": {"text": "b" * 256}}]),
    ),
    (inline([{"text": "a", "switch_inline_query": ""}]), inline([{"text": "a", "switch_inline_query": ""}])),
    (
        inline([{"text": "a", "web_app": {"url": "https://a.cn"}}]),
        inline([{"text": "a", "web_app": {"url": "https://a.cn"}}]),
    ),
    (inline([{**CALL, "style": "danger"}]), inline([{**CALL, "style": "danger"}])),
    (
        {"keyboard": [["a", {"text": "b"}]], "one_time_keyboard": True, "selective": False},
        {"keyboard": [[{"text": "a"}, {"text": "b"}]], "one_time_keyboard": True},
    ),
    (
        {"keyboard": [["a"]], "input_field_placeholder": "ask"},
        {"keyboard": [[{"text": "a"}]], "input_field_placeholder": "ask"},
    ),
    ({"keyboard": [[]]}, None),
    ({"remove_keyboard": True, "selective": True}, {"remove_keyboard": True, "selective": True}),
    ({"remove_keyboard": False}, None),
    (
        {"force_reply": True, "input_field_placeholder": "ask"},
        {"force_reply": True, "input_field_placeholder": "ask"},
    ),
    ({"force_reply": False}, None),
]


@pytest.mark.parametrize(("markup", "kept"), ACCEPTED)
def test_keyboards_are_kept_without_what_means_nothing(
    shared: Api, ada: Person, markup: object, kept: object
) -> None:
    assert shared.send(ada, reply_markup=markup).reply_markup == kept


REFUSED: list[tuple[object, str]] = [
    ("{", "can't parse reply keyboard markup JSON object"),
    ([], "object expected as reply markup"),
    ({"keybord": []}, 'sandbox: reply_markup has no field "keybord"'),
    ({"inline_keyboard": "a"}, 'field "inline_keyboard" must be of type Array'),
    ({"inline_keyboard": [CALL]}, 'field "inline_keyboard" must be an Array of Arrays'),
    ({"keyboard": "a"}, 'field "keyboard" must be of type Array'),
    (inline([[]]), "object expected as inline keyboard button"),
    (inline([{"callback_data": "a"}]), "can't parse inline keyboard button: Can't find field \"text\""),
    (
        inline([{"text": 1, "callback_data": "a"}]),
        'can\'t parse inline keyboard button: Field "text" must be of type String',
    ),
    (inline([{"text": "", "callback_data": "a"}]), "inline keyboard button text must be non-empty"),
    (inline([{"text": " ", "callback_data": "a"}]), "inline keyboard button text must be non-empty"),
    (
        inline([{"text": "a"}]),
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    (
        inline([{"text": "a", "callback_data": ""}]),
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    (
        inline([{"text": "a", "callback_data": 1}]),
        'can\'t parse inline keyboard button: Field "callback_data" must be of type String',
    ),
    (inline([{"text": "a", "callback_data": "x" * 65}]), "BUTTON_DATA_INVALID"),
    (inline([{"text": "a", "callback_data": "投" * 22}]), "BUTTON_DATA_INVALID"),
    (
        inline([{"text": "a", "url": "not-a-url"}]),
        "inline keyboard button URL 'not-a-url' is invalid: Wrong HTTP URL",
    ),
    (
        inline([{"text": "a", "url": "http://localhost:1"}]),
        "inline keyboard button URL 'http://localhost:1' is",
    ),
    (
        inline([{"text": "a", "url": "http://a.cn:x"}]),
        "inline keyboard button URL 'http://a.cn:x' is invalid: Wrong",
    ),
    (
        inline([{"text": "a", "url": "http:///x"}]),
        "inline keyboard button URL 'http:///x' is invalid: URL host is empty",
    ),
    (
        inline([{"text": "a", "url": "ftp://a.cn"}]),
        "inline keyboard button URL 'ftp://a.cn' is invalid: Unsupported URL protocol",
    ),
    (inline([{"text": "a", "copy_text": {"text": ""}}]), "BUTTON_COPY_TEXT_INVALID"),
    (inline([{"text": "a", "copy_text": {"text": "b" * 257}}]), "BUTTON_COPY_TEXT_INVALID"),
    (
        inline([{"text": "a", "web_app": {"url": "http://a.cn"}}]),
        "inline keyboard button Web App URL 'http://a.cn' is invalid: Only HTTPS links are allowed",
    ),
    (
        inline([{"text": "a", "url": "//"}]),
        "inline keyboard button URL '//' is invalid: URL host is empty",
    ),
    (inline([{"text": "a", "pay": True}]), "BUTTON_TYPE_INVALID"),
    (inline([{"text": "a", "callback_game": {}}]), "BUTTON_TYPE_INVALID"),
    (
        inline([{"text": "a", "login_url": {"url": "https://a.cn"}}]),
        "sandbox: buttons with login_url are not",
    ),
    (inline([{**CALL, "url": "a.cn"}]), "sandbox: an inline keyboard button has both callback_data and url"),
    (inline([{**CALL, "color": "red"}]), 'sandbox: InlineKeyboardButton has no field "color"'),
    (inline([{**CALL, "style": "loud"}]), "BUTTON_STYLE_INVALID"),
    (inline([CALL] * 9), "reply markup is too long"),
    (inline(*[[CALL]] * 101), "reply markup is too long"),
    (inline(*[[{"text": "字" * 60, "callback_data": "a"}]] * 60), "reply markup is too long"),
    ({"keyboard": [[{"text": ""}]]}, "keyboard button text must be non-empty"),
    ({"keyboard": [[{}]]}, "can't parse keyboard button: Can't find field \"text\""),
    ({"keyboard": [["a"]], "resize_keyboard": "yes"}, 'field "resize_keyboard" must be of type Boolean'),
    (
        {"keyboard": [["a"]], "input_field_placeholder": "x" * 65},
        "sandbox: input_field_placeholder is longer",
    ),
    ({"remove_keyboard": "yes"}, 'field "remove_keyboard" must be of type Boolean'),
    ({"force_reply": "yes"}, 'field "force_reply" must be of type Boolean'),
    ({"force_reply": 1}, 'field "force_reply" must be of type Boolean'),
]


@pytest.mark.parametrize(("markup", "description"), REFUSED)
def test_bad_keyboards_are_refused(shared: Api, ada: Person, markup: object, description: str) -> None:
    """Sending and editing alike; the message is not sent."""
    code, text = shared.call("sendMessage", chat_id=ada.chat.chat_id, text="x", reply_markup=markup).error
    assert code == 400
    assert text.startswith(f"Bad Request: {description}")
    assert ada.transcript() == ()

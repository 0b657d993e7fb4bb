"""The keyboards that a bot attaches to a message: checked, and written as Telegram repeats them."""

import json

from bot.sandbox.json_fields import as_object, load, only, optional, required
from bot.sandbox.links import LinkError, check_link
from bot.sandbox.nouns import JsonObject
from bot.sandbox.refusals import ApiError, bad_request, stricter

MAX_BUTTONS = 100
MAX_ROW = 8
MAX_CALLBACK_BYTES = 64
MAX_COPY_TEXT = 256
MAX_PLACEHOLDER = 64
MAX_MARKUP_BYTES = 10_240
"""Telegram refuses more; bots met the limit at about ten kilobytes of JSON."""

_INLINE = "inline keyboard button"
_ACTIONS = {
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
}
_MAY_BE_EMPTY = {"switch_inline_query", "switch_inline_query_current_chat", "callback_game", "copy_text"}
_LOOKS = {"text", "style", "icon_custom_emoji_id"}
_REQUESTS = {"request_contact", "request_location"}
_REPLY_FLAGS = {"is_persistent", "resize_keyboard", "one_time_keyboard", "selective"}


def read_markup(raw: str, name: str) -> JsonObject | None:
    """Return the keyboard in `raw`, or None when there is nothing in it.

    Args:
        raw: JSON of one of the four kinds of reply markup.
        name: The parameter's; Telegram does not mention it.

    Raises:
        ApiError: malformed, too large, or a button that Telegram would refuse.
    """
    return markup_of(load(raw, "can't parse reply keyboard markup JSON object"), name)


def markup_of(value: object, name: str) -> JsonObject | None:
    """Return the keyboard in a bot's JSON as `read_markup` does."""
    markup = as_object(value, "reply markup")
    if len(json.dumps(markup, ensure_ascii=False).encode()) > MAX_MARKUP_BYTES:
        raise _too_long()
    for key, read in _KINDS.items():
        if key in markup:
            return read(markup)
    only(markup, set(), name)
    return None


def is_inline(markup: JsonObject | None) -> bool:
    """Say whether `markup`, as read, may be attached by an edit: an inline keyboard or none."""
    return markup is None or "inline_keyboard" in markup


def _inline(markup: JsonObject) -> JsonObject | None:
    only(markup, {"inline_keyboard"}, "InlineKeyboardMarkup")
    rows = [[_inline_button(button) for button in row] for row in _rows(markup, "inline_keyboard")]
    return {"inline_keyboard": rows} if rows else None


def _reply(markup: JsonObject) -> JsonObject | None:
    only(markup, {"keyboard", "input_field_placeholder"} | _REPLY_FLAGS, "ReplyKeyboardMarkup")
    rows = [[_reply_button(button) for button in row] for row in _rows(markup, "keyboard")]
    flags = {name: True for name in sorted(_REPLY_FLAGS) if optional(markup, name, bool, default=False)}
    return {"keyboard": rows, **flags, **_placeholder(markup)} if rows else None


def _remove(markup: JsonObject) -> JsonObject | None:
    only(markup, {"remove_keyboard", "selective"}, "ReplyKeyboardRemove")
    selective = optional(markup, "selective", bool, default=False)
    if not optional(markup, "remove_keyboard", bool, default=False):
        return None
    return {"remove_keyboard": True, **({"selective": True} if selective else {})}


def _force(markup: JsonObject) -> JsonObject | None:
    only(markup, {"force_reply", "input_field_placeholder", "selective"}, "ForceReply")
    selective = optional(markup, "selective", bool, default=False)
    if not optional(markup, "force_reply", bool, default=False):
        return None
    return {"force_reply": True, **({"selective": True} if selective else {}), **_placeholder(markup)}


_KINDS = {"inline_keyboard": _inline, "keyboard": _reply, "remove_keyboard": _remove, "force_reply": _force}


def _too_long() -> ApiError:
    return bad_request("reply markup is too long")


def _rows(markup: JsonObject, field: str) -> list[list[object]]:
    rows = required(markup, field, list)
    if not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{field}" must be an Array of Arrays')
    if sum(map(len, rows)) > MAX_BUTTONS or any(len(row) > MAX_ROW for row in rows):
        raise _too_long()
    return [row for row in rows if row]


def _placeholder(markup: JsonObject) -> JsonObject:
    text = optional(markup, "input_field_placeholder", str, "")
    if len(text) > MAX_PLACEHOLDER:
        raise stricter(f"input_field_placeholder is longer than {MAX_PLACEHOLDER}")
    return {"input_field_placeholder": text} if text else {}


def _looks(button: JsonObject, within: str) -> JsonObject:
    text = required(button, "text", str, within=within)
    if not text.strip():
        raise bad_request(f"{within[0].upper()}{within[1:]} text must be non-empty")
    style = optional(button, "style", str, "", within=within)
    if style not in {"", "danger", "success", "primary"}:
        raise bad_request("BUTTON_STYLE_INVALID")
    icon = optional(button, "icon_custom_emoji_id", str, "", within=within)
    looks = {"text": text, "style": style, "icon_custom_emoji_id": icon}
    return {name: value for name, value in looks.items() if value}


def _reply_button(value: object) -> JsonObject:
    button = as_object({"text": value} if isinstance(value, str) else value, "keyboard button")
    only(button, _LOOKS | _REQUESTS, "KeyboardButton")
    asked = [name for name in sorted(_REQUESTS) if optional(button, name, bool, default=False)]
    return {**_looks(button, "keyboard button"), **dict.fromkeys(asked, True)}


def _inline_button(value: object) -> JsonObject:
    button = as_object(value, "inline keyboard button")
    only(button, _LOOKS | _ACTIONS, "InlineKeyboardButton")
    looks = _looks(button, _INLINE)
    actions = [name for name in sorted(_ACTIONS) if button.get(name) or name in _MAY_BE_EMPTY & button.keys()]
    if not actions:
        raise bad_request(f"can't parse {_INLINE}: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise stricter(f"an inline keyboard button has both {actions[0]} and {actions[1]}")
    return {**looks, actions[0]: _action(button, actions[0])}


def _action(button: JsonObject, name: str) -> object:
    match name:
        case "callback_data":
            return _callback_data(required(button, name, str, within=_INLINE))
        case "url":
            return _link(required(button, name, str, within=_INLINE))
        case "copy_text":
            return _copy_text(required(button, name, dict, within=_INLINE))
        case "switch_inline_query" | "switch_inline_query_current_chat":
            return required(button, name, str, within=_INLINE)
        case "web_app":
            return _web_app(required(button, name, dict, within=_INLINE))
        case "pay" | "callback_game":
            raise bad_request("BUTTON_TYPE_INVALID")  # they belong to invoices and games
    raise stricter(f"buttons with {name} are not supported")


def _callback_data(data: str) -> str:
    if len(data.encode()) > MAX_CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return data


def _link(url: str) -> str:
    try:
        return check_link(url)
    except LinkError as error:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: {error}") from error


def _copy_text(fields: JsonObject) -> JsonObject:
    text = required(fields, "text", str, within=_INLINE)
    if not 1 <= len(text) <= MAX_COPY_TEXT:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return {"text": text}


def _web_app(fields: JsonObject) -> JsonObject:
    url = required(fields, "url", str, within=_INLINE)
    if not url.lower().startswith("https://"):
        raise bad_request(
            f"inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed"
        )
    return {"url": url}

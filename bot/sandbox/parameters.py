"""What the parameters of methods are and how they arrive.

A method's parameters are a dataclass. The annotation of each field names its reader, so that the
declaration is all there is to a parameter:

    @dataclass(frozen=True, slots=True)
    class GetUpdates:
        offset: Integer = 0

Over HTTP every value is a string; what is nested in it is JSON. An empty string is a missing parameter.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, TypeAlias, TypeVar, get_type_hints

from bot.sandbox.json_fields import as_object, load, load_object, only, optional, required
from bot.sandbox.keyboards import read_markup
from bot.sandbox.links import LinkError, check_link
from bot.sandbox.nouns import Entity, JsonObject
from bot.sandbox.refusals import bad_request, stricter
from bot.sandbox.uploads import Upload

Parameters = TypeVar("Parameters")
Reader: TypeAlias = Callable[[str, str], object]
"""Takes the raw value and the parameter's name, returns the value, raises ApiError."""

_YES = {"true", "yes", "1"}
_NO = {"false", "no", "0"}
_ENTITY = "MessageEntity"
_ENTITY_KINDS = frozenset(
    [
        "blockquote",
        "bold",
        "bot_command",
        "cashtag",
        "code",
        "custom_emoji",
        "date_time",
        "email",
        "expandable_blockquote",
        "hashtag",
        "italic",
        "mention",
        "phone_number",
        "pre",
        "spoiler",
        "strikethrough",
        "text_link",
        "text_mention",
        "underline",
        "url",
    ]
)
_UPDATE_KINDS = frozenset(
    [
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "message_reaction",
        "message_reaction_count",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "purchased_paid_media",
        "managed_bot",
        "guest_message",
    ]
)
_PREVIEW_FLAGS = ("is_disabled", "prefer_small_media", "prefer_large_media", "show_above_text")


def read_parameters(
    build: Callable[..., Parameters], given: Mapping[str, str | Upload], method: str
) -> Parameters:
    """Return the parameters of a call.

    Args:
        build: The dataclass that declares them.
        given: Raw values by name.
        method: Its name, for complaints.

    Raises:
        ApiError: a parameter is unknown or malformed.
    """
    known = readers(build)
    if unknown := sorted(given.keys() - known.keys()):
        raise stricter(f'{method} has no parameter "{unknown[0]}" here')
    return build(**{name: _value(given[name], name, read) for name, read in known.items() if given.get(name)})


@cache
def readers(build: Callable[..., object]) -> Mapping[str, Reader]:
    """Return the reader of each parameter that the dataclass `build` declares, in its order."""
    hints = get_type_hints(build, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}


def read_text(raw: str, _: str) -> str:
    """Return `raw` as it is."""
    return raw


def read_file_id(raw: str, _: str) -> str:
    """Return `raw`, which stands for an upload; an upload itself needs no reading."""
    return raw


def read_integer(raw: str, name: str) -> int:
    """Return the whole number in `raw`; Telegram would take garbage for 0."""
    if not re.fullmatch(r"[+-]?\d{1,19}", raw):
        raise stricter(f'parameter "{name}" must be an integer')
    return int(raw)


def read_flag(raw: str, name: str) -> bool:
    """Return the truth value in `raw`; Telegram would take garbage for False."""
    if raw.lower() not in _YES | _NO:
        raise stricter(f'parameter "{name}" must be true or false')
    return raw.lower() in _YES


def read_update_kinds(raw: str, name: str) -> tuple[str, ...]:
    """Return the kinds of updates that are wanted; an empty list stands for Telegram's default."""
    kinds = load(raw, f"can't parse {name} JSON array")
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        raise stricter(f'parameter "{name}" must be an Array of String')
    if unknown := sorted(set(kinds) - _UPDATE_KINDS):
        raise stricter(f'there is no update of the kind "{unknown[0]}"')
    return tuple(kinds)


def read_entities(raw: str, name: str) -> tuple[Entity, ...]:
    """Return the entities in `raw`; where they lie in the text is checked later."""
    return entities_of(load(raw, f"can't parse {name} JSON array"))


def entities_of(values: object) -> tuple[Entity, ...]:
    """Return the entities in an array of a bot's JSON."""
    if not isinstance(values, list):
        raise bad_request("expected an Array of MessageEntity")
    return tuple(map(_entity, values))


def read_preview(raw: str, name: str) -> JsonObject:
    """Return the link preview options that differ from the default."""
    return preview_of(load_object(raw, name))


def preview_of(options: JsonObject) -> JsonObject:
    """Return the link preview options in an object of a bot's JSON that differ from the default."""
    only(options, {"url", *_PREVIEW_FLAGS}, "LinkPreviewOptions")
    flags: JsonObject = {
        flag: True for flag in _PREVIEW_FLAGS if optional(options, flag, bool, default=False)
    }
    if url := optional(options, "url", str, ""):
        try:
            flags["url"] = check_link(url)
        except LinkError:
            raise bad_request("WEBPAGE_URL_INVALID") from None
    return flags


Text = Annotated[str, read_text]
GivenFile = Annotated[str | Upload, read_file_id]
Integer = Annotated[int, read_integer]
Flag = Annotated[bool, read_flag]
UpdateKinds = Annotated[tuple[str, ...] | None, read_update_kinds]
Entities = Annotated[tuple[Entity, ...], read_entities]
Markup = Annotated[JsonObject | None, read_markup]
Preview = Annotated[JsonObject | None, read_preview]
Json = Annotated[JsonObject | None, load_object]


def _value(raw: str | Upload, name: str, read: Reader) -> object:
    if isinstance(raw, str):
        return read(raw, name)
    if read is not read_file_id:
        raise stricter(f'a file is given for "{name}", which takes none')
    return raw


def _entity(value: object) -> Entity:
    fields = as_object(value, _ENTITY)
    kind = required(fields, "type", str, within=_ENTITY)
    if kind not in _ENTITY_KINDS:
        raise bad_request(f"can't parse {_ENTITY}: Unsupported type specified")
    return Entity(
        kind,
        required(fields, "offset", int, within=_ENTITY),
        required(fields, "length", int, within=_ENTITY),
        url=_entity_url(fields) if kind == "text_link" else "",
        language=optional(fields, "language", str, "", within=_ENTITY) if kind == "pre" else "",
        custom_emoji_id=_emoji(fields) if kind == "custom_emoji" else "",
        user_id=_mentioned(fields) if kind == "text_mention" else None,
    )


def _entity_url(fields: JsonObject) -> str:
    url = required(fields, "url", str, within=_ENTITY)
    try:
        return check_link(url)
    except LinkError as error:
        raise bad_request(f"entity URL '{url}' is invalid: {error}") from error


def _emoji(fields: JsonObject) -> str:
    emoji = required(fields, "custom_emoji_id", str, within=_ENTITY)
    if not (emoji.isdecimal() and int(emoji) < 2**63):
        raise bad_request(f'can\'t parse {_ENTITY}: Field "custom_emoji_id" must be a valid Number')
    return emoji


def _mentioned(fields: JsonObject) -> int:
    user = required(fields, "user", dict, within=_ENTITY)
    return required(user, "id", int, within=_ENTITY)

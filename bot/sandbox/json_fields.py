"""Reading JSON that a bot sent, with the complaints that the Bot API has for it."""

import json
from typing import TypeVar

from bot.sandbox.nouns import JsonObject
from bot.sandbox.refusals import bad_request, stricter

T = TypeVar("T")

_TYPE_NAMES: dict[type, str] = {bool: "Boolean", str: "String", int: "Number", list: "Array", dict: "Object"}


def load(raw: str, failure: str) -> object:
    """Return the value that `raw` is the JSON of.

    Raises:
        ApiError: it is not JSON; `failure` says what could not be parsed.
    """
    try:
        value: object = json.loads(raw)
        if "\\u" in raw:
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeError:  # half a surrogate pair was escaped
        raise bad_request("strings must be encoded in UTF-8") from None
    except ValueError:
        raise bad_request(failure) from None
    return value


def load_object(raw: str, name: str) -> JsonObject:
    """Return the object that `raw` is the JSON of; `name` is the parameter's."""
    return as_object(load(raw, f"can't parse {name} JSON object"), name)


def as_object(value: object, name: str) -> JsonObject:
    """Return `value`, a JSON object; `name` says what was expected."""
    if not isinstance(value, dict):
        raise bad_request(f"object expected as {name}")
    return value


def only(fields: JsonObject, known: set[str], where: str) -> None:
    """Refuse a field that `where` does not have; Telegram would ignore it, typing errors included."""
    if unknown := sorted(fields.keys() - known):
        raise stricter(f'{where} has no field "{unknown[0]}"')


def optional(fields: JsonObject, name: str, kind: type[T], default: T, *, within: str = "") -> T:
    """Return the field `name`, or `default` when it is missing or null.

    Args:
        fields: An object a bot sent.
        name: Of the field.
        kind: What its value must be; a Boolean is not a Number.
        default: Used without a value.
        within: What is being parsed, as Telegram names it in front of the complaint.

    Raises:
        ApiError: the value is of another type.
    """
    value = fields.get(name)
    if value is None:
        return default
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _within(within, f'Field "{name}" must be of type {_TYPE_NAMES[kind]}')
    return value


def required(fields: JsonObject, name: str, kind: type[T], *, within: str = "") -> T:
    """Return the field `name`, which must be there and of the type `kind`."""
    if fields.get(name) is None:
        raise _within(within, f'Can\'t find field "{name}"')
    return optional(fields, name, kind, kind(), within=within)


def _within(within: str, text: str) -> Exception:
    return bad_request(f"can't parse {within}: {text}" if within else text)

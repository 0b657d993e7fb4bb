"""The bot's command lists."""

import re
from dataclasses import asdict, dataclass

from bot.sandbox.context import Context, chat_of
from bot.sandbox.json_fields import as_object, load, only, required
from bot.sandbox.nouns import JsonObject
from bot.sandbox.parameters import Json, Text
from bot.sandbox.profile import Command, Scope
from bot.sandbox.refusals import bad_request

MAX_COMMANDS = 100
MAX_COMMAND = 32
MAX_DESCRIPTION = 256

_SCOPE = "BotCommandScope"
_OF_NO_CHAT = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
_OF_CHAT = {"chat", "chat_administrators", "chat_member"}


@dataclass(frozen=True, slots=True)
class CommandList:
    """Of getMyCommands and deleteMyCommands: which list is meant."""

    scope: Json = None
    language_code: Text = ""


@dataclass(frozen=True, slots=True)
class SetMyCommands:
    """Of setMyCommands."""

    commands: Text = ""
    scope: Json = None
    language_code: Text = ""


def set_my_commands(context: Context, given: SetMyCommands) -> bool:
    """Replace a list; an empty one is the same as none."""
    values = load(given.commands, "can't parse commands JSON object")
    if not isinstance(values, list):
        raise bad_request("expected an Array of BotCommand")
    key = _scope(context, given.scope), language(given.language_code)
    commands = tuple(map(_command, values))
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    with context.world.bell.lock:
        context.profile.commands[key] = commands
    return True


def get_my_commands(context: Context, given: CommandList) -> list[JsonObject]:
    """Return exactly this list, not the one that would be shown in its stead."""
    key = _scope(context, given.scope), language(given.language_code)
    with context.world.bell.lock:
        return [asdict(command) for command in context.profile.commands.get(key, ())]


def delete_my_commands(context: Context, given: CommandList) -> bool:
    """Forget a list."""
    key = _scope(context, given.scope), language(given.language_code)
    with context.world.bell.lock:
        context.profile.commands.pop(key, None)
    return True


def language(code: str) -> str:
    """Return a two-letter language code, or "" for every language.

    Raises:
        ApiError: it is of another form.
    """
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad_request("invalid language code specified")
    return code


def _command(value: object) -> Command:
    fields = as_object(value, "BotCommand")
    only(fields, {"command", "description"}, "BotCommand")
    command = required(fields, "command", str, within="BotCommand").removeprefix("/")
    description = required(fields, "description", str, within="BotCommand").strip()
    if not command:
        raise bad_request("command must be non-empty")
    if len(command) > MAX_COMMAND:
        raise bad_request(f"command length must not exceed {MAX_COMMAND}")
    if not description:
        raise bad_request("command description must be non-empty")
    if len(description) > MAX_DESCRIPTION:
        raise bad_request(f"command description length must not exceed {MAX_DESCRIPTION}")
    if not re.fullmatch(r"[a-z0-9_]+", command):
        raise bad_request("BOT_COMMAND_INVALID")
    return Command(command, description)


def _scope(context: Context, fields: JsonObject | None) -> Scope:
    if not fields:
        return ("default",)
    kind = required(fields, "type", str, within=_SCOPE)
    if kind in _OF_NO_CHAT:
        only(fields, {"type"}, _SCOPE)
        return (kind,)
    if kind not in _OF_CHAT:
        raise bad_request(f"can't parse {_SCOPE}: Unsupported type specified")
    only(fields, {"type", "chat_id", "user_id"}, _SCOPE)
    if fields.get("chat_id") is None:
        raise bad_request(f"can't parse {_SCOPE}: Can't find field \"chat_id\"")
    member = (required(fields, "user_id", int, within=_SCOPE),) if kind == "chat_member" else ()
    chat = chat_of(context, str(fields["chat_id"]))
    if kind != "chat" and not chat.is_group:
        raise bad_request("can't use specified scope in private chats")
    return (kind, chat.chat_id, *member)

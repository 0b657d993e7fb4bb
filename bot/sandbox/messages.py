"""Sending, editing and deleting messages."""

from dataclasses import dataclass, replace
from typing import Protocol

from bot.sandbox.context import Context, chat_of, writable_chat
from bot.sandbox.json_fields import only, optional, required
from bot.sandbox.keyboards import is_inline
from bot.sandbox.nouns import Chat, Content, Entity, JsonObject, Message, Quote
from bot.sandbox.parameters import Entities, Flag, Integer, Json, Markup, Preview, Text
from bot.sandbox.refusals import bad_request, stricter
from bot.sandbox.texts import read_text
from bot.sandbox.utf16 import units

MAX_QUOTE = 1024
DELETABLE_S = 48 * 3600
"""Seconds after which a bot can no longer delete a message."""

_ACTIONS = frozenset(
    [
        "cancel",
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Of sendMessage."""

    text: Text = ""
    parse_mode: Text = ""
    entities: Entities = ()
    link_preview_options: Preview = None
    reply_markup: Markup = None
    chat_id: Text = ""
    message_thread_id: Integer = 0
    reply_parameters: Json = None
    disable_notification: Flag = False
    protect_content: Flag = False


@dataclass(frozen=True, slots=True)
class EditMessageText:
    """Of editMessageText."""

    text: Text = ""
    parse_mode: Text = ""
    entities: Entities = ()
    link_preview_options: Preview = None
    reply_markup: Markup = None
    chat_id: Text = ""
    message_id: Integer = 0


@dataclass(frozen=True, slots=True)
class EditMessageReplyMarkup:
    """Of editMessageReplyMarkup."""

    reply_markup: Markup = None
    chat_id: Text = ""
    message_id: Integer = 0


@dataclass(frozen=True, slots=True)
class DeleteMessage:
    """Of deleteMessage."""

    chat_id: Text = ""
    message_id: Integer = 0


@dataclass(frozen=True, slots=True)
class SendChatAction:
    """Of sendChatAction."""

    action: Text = ""
    chat_id: Text = ""
    message_thread_id: Integer = 0


class _Written(Protocol):
    """What sending and editing a text have in common."""

    @property
    def text(self) -> str: ...
    @property
    def parse_mode(self) -> str: ...
    @property
    def entities(self) -> tuple[Entity, ...]: ...
    @property
    def link_preview_options(self) -> JsonObject | None: ...
    @property
    def reply_markup(self) -> JsonObject | None: ...


def send_message(context: Context, given: SendMessage) -> JsonObject:
    """Put a text of the bot into a chat and return it as a message."""
    content = _content(context, given)
    chat = writable_chat(context, given.chat_id)
    thread_id = _thread(context, chat, given.message_thread_id)
    reply_to, quote = _reply(context, chat, given.reply_parameters)
    context.flood.admit(chat.chat_id, is_group=chat.is_group)
    message = context.world.post(
        chat.chat_id,
        context.world.bot,
        content,
        reply_to=reply_to,
        quote=quote,
        thread_id=thread_id,
        silent=given.disable_notification,
        protected=given.protect_content,
    )
    return context.world.message_json(message)


def edit_message_text(context: Context, given: EditMessageText) -> JsonObject:
    """Replace text and keyboard of one of the bot's messages; without a keyboard the old one goes."""
    content = _content(context, given)
    with context.world.bell.lock:
        return _revise(context, _own(context, given.chat_id, given.message_id, "edit"), content)


def edit_message_reply_markup(context: Context, given: EditMessageReplyMarkup) -> JsonObject:
    """Replace only the keyboard of one of the bot's messages; without one the old one goes."""
    with context.world.bell.lock:
        message = _own(context, given.chat_id, given.message_id, "edit")
        return _revise(context, message, replace(message.content, reply_markup=given.reply_markup))


def delete_message(context: Context, given: DeleteMessage) -> bool:
    """Delete one of the bot's messages, or in a private chat any that is younger than 48 hours."""
    with context.world.bell.lock:
        message = _own(context, given.chat_id, given.message_id, "delete")
        if context.world.now - message.date > DELETABLE_S:
            raise bad_request("message can't be deleted")
        context.world.remove(message.chat_id, message.message_id)
    return True


def send_chat_action(context: Context, given: SendChatAction) -> bool:
    """Show in a chat that the bot is at work; it is not counted as a message."""
    chat = writable_chat(context, given.chat_id)
    _thread(context, chat, given.message_thread_id)
    if given.action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    context.world.note_action(chat.chat_id, given.action)
    return True


def _content(context: Context, given: _Written) -> Content:
    text, entities = read_text(given.text, given.parse_mode, given.entities)
    return Content(
        text,
        _with_known_users(context, entities, must_exist=not given.parse_mode),
        source=given.text,
        parse_mode="HTML" if given.parse_mode else "",
        reply_markup=given.reply_markup,
        link_preview=given.link_preview_options,
    )


def _with_known_users(
    context: Context, entities: tuple[Entity, ...], *, must_exist: bool
) -> tuple[Entity, ...]:
    if not any(entity.kind == "text_mention" for entity in entities):
        return entities
    known = {None, *context.world.users}
    found = tuple(entity for entity in entities if entity.user_id in known)
    if must_exist and len(found) < len(entities):
        raise bad_request("user not found")
    return found


def _revise(context: Context, message: Message, content: Content) -> JsonObject:
    if not is_inline(content.reply_markup):
        raise bad_request("inline keyboard expected")
    old = message.content
    if (old.text, old.entities, old.reply_markup) == (content.text, content.entities, content.reply_markup):
        raise bad_request(_NOT_MODIFIED)
    chat = writable_chat(context, str(message.chat_id))
    context.flood.admit(chat.chat_id, is_group=chat.is_group)
    return context.world.message_json(context.world.revise(message.chat_id, message.message_id, content))


def _own(context: Context, reference: str, message_id: int, purpose: str) -> Message:
    """The message that is to be edited or deleted; people's messages can only be deleted in private."""
    chat = chat_of(context, reference)
    if message_id <= 0:
        raise bad_request("message identifier is not specified")
    message = context.world.find_message(chat.chat_id, message_id)
    if message is None:
        raise bad_request(f"message to {purpose} not found")
    if message.sender != context.world.bot and (purpose == "edit" or chat.is_group):
        raise bad_request(f"message can't be {purpose.removesuffix('e')}ed")
    return message


def _thread(context: Context, chat: Chat, thread_id: int) -> int | None:
    if thread_id and not context.world.has_thread(chat.chat_id, thread_id):
        raise bad_request("message thread not found")
    return thread_id or None


def _reply(context: Context, chat: Chat, fields: JsonObject | None) -> tuple[int | None, Quote | None]:
    if fields is None:
        return None, None
    known = {"message_id", "chat_id", "allow_sending_without_reply", "quote", "quote_position"}
    only(fields, known, "ReplyParameters")
    message_id = required(fields, "message_id", int)
    if fields.get("chat_id") not in {None, chat.chat_id, str(chat.chat_id)}:
        raise stricter("an answer to a message of another chat is not supported")
    answered = context.world.find_message(chat.chat_id, message_id)
    if answered:
        return message_id, _quote(fields, answered.text)
    if optional(fields, "allow_sending_without_reply", bool, default=False):
        return None, None
    raise bad_request("message to be replied not found")


def _quote(fields: JsonObject, text: str) -> Quote | None:
    quoted = optional(fields, "quote", str, "")
    if not quoted:
        return None
    at = text.find(quoted)
    if at < 0 or len(quoted) > MAX_QUOTE:
        raise bad_request("QUOTE_TEXT_INVALID")
    return Quote(quoted, units(text[:at]))

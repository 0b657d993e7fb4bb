"""Editing the bot's messages, and the inline results that people posted."""

from dataclasses import dataclass, replace

from bot.sandbox.contents import file_content, text_content
from bot.sandbox.context import Context, writable_chat
from bot.sandbox.keyboards import is_inline
from bot.sandbox.nouns import Content, JsonObject, Message
from bot.sandbox.parameters import Entities, Integer, Markup, Preview, Text
from bot.sandbox.posting import own_message
from bot.sandbox.refusals import bad_request

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)


@dataclass(frozen=True, slots=True)
class Edited:
    """What all editing methods take: a keyboard, and a message by its chat or by its inline id."""

    chat_id: Text = ""
    message_id: Integer = 0
    inline_message_id: Text = ""
    reply_markup: Markup = None


@dataclass(frozen=True, slots=True)
class EditMessageText(Edited):
    """Of editMessageText."""

    text: Text = ""
    parse_mode: Text = ""
    entities: Entities = ()
    link_preview_options: Preview = None


@dataclass(frozen=True, slots=True)
class EditMessageCaption(Edited):
    """Of editMessageCaption."""

    caption: Text = ""
    parse_mode: Text = ""
    caption_entities: Entities = ()


def edit_message_text(context: Context, given: EditMessageText) -> JsonObject | bool:
    """Replace text and keyboard of a message; without a keyboard the old one goes.

    Returns:
        The message, or True for one that was named by its inline id.

    Raises:
        ApiError: not the bot's message, not a text, not modified, or as for sending.
    """
    content = text_content(context, given)
    with context.world.bell.lock:
        message = _message(context, given)
        if message.file:
            raise bad_request("there is no text in the message to edit")
        return _revise(context, given, message, content)


def edit_message_caption(context: Context, given: EditMessageCaption) -> JsonObject | bool:
    """Replace caption and keyboard of a document or photo; see `edit_message_text`."""
    with context.world.bell.lock:
        message = _message(context, given)
        if message.file is None:
            raise bad_request("there is no caption in the message to edit")
        return _revise(context, given, message, file_content(context, given, message.file))


def edit_message_reply_markup(context: Context, given: Edited) -> JsonObject | bool:
    """Replace only the keyboard of a message; without one the old one goes."""
    with context.world.bell.lock:
        message = _message(context, given)
        return _revise(context, given, message, replace(message.content, reply_markup=given.reply_markup))


def _message(context: Context, given: Edited) -> Message:
    if not given.inline_message_id:
        return own_message(context, given.chat_id, given.message_id, "edit")
    place = context.world.inline.place_of(given.inline_message_id)
    message = context.world.find_message(*place) if place else None
    if message is None:
        raise bad_request("MESSAGE_ID_INVALID")
    return message


def _revise(context: Context, given: Edited, message: Message, content: Content) -> JsonObject | bool:
    if not is_inline(content.reply_markup):
        raise bad_request("inline keyboard expected")
    old = message.content
    if (old.text, old.entities, old.reply_markup) == (content.text, content.entities, content.reply_markup):
        raise bad_request(_NOT_MODIFIED)
    if given.inline_message_id:
        context.world.revise(message.chat_id, message.message_id, content)
        return True
    chat = writable_chat(context, str(message.chat_id))
    context.flood.admit(chat.chat_id, is_group=chat.is_group)
    return context.world.message_json(context.world.revise(message.chat_id, message.message_id, content))

"""Sending texts, showing that the bot is at work, deleting."""

from dataclasses import dataclass

from bot.sandbox.contents import text_content
from bot.sandbox.context import Context, writable_chat
from bot.sandbox.nouns import JsonObject
from bot.sandbox.parameters import Entities, Integer, Preview, Text
from bot.sandbox.posting import Sent, own_message, post, thread_of
from bot.sandbox.refusals import bad_request

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


@dataclass(frozen=True, slots=True)
class SendMessage(Sent):
    """Of sendMessage."""

    text: Text = ""
    parse_mode: Text = ""
    entities: Entities = ()
    link_preview_options: Preview = None


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


def send_message(context: Context, given: SendMessage) -> JsonObject:
    """Put a text of the bot into a chat and return it as a message."""
    return post(context, given, text_content(context, given))


def delete_message(context: Context, given: DeleteMessage) -> bool:
    """Delete one of the bot's messages, or in a private chat any that is younger than 48 hours."""
    with context.world.bell.lock:
        message = own_message(context, given.chat_id, given.message_id, "delete")
        if context.world.now - message.date > DELETABLE_S:
            raise bad_request("message can't be deleted")
        context.world.remove(message.chat_id, message.message_id)
    return True


def send_chat_action(context: Context, given: SendChatAction) -> bool:
    """Show in a chat that the bot is at work; it is not counted as a message."""
    chat = writable_chat(context, given.chat_id)
    thread_of(context, chat, given.message_thread_id)
    if given.action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    context.world.note_action(chat.chat_id, given.action)
    return True

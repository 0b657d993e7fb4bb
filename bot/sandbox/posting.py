"""What all messages of the bot have in common: where they go and what they answer."""

from dataclasses import dataclass

from bot.sandbox.context import Context, chat_of, writable_chat
from bot.sandbox.json_fields import only, optional, required
from bot.sandbox.nouns import Chat, Content, JsonObject, Message, Quote
from bot.sandbox.parameters import Flag, Integer, Json, Markup, Text
from bot.sandbox.refusals import bad_request, stricter
from bot.sandbox.utf16 import units

MAX_QUOTE = 1024


@dataclass(frozen=True, slots=True)
class Sent:
    """What all sending methods take."""

    chat_id: Text = ""
    message_thread_id: Integer = 0
    reply_parameters: Json = None
    reply_markup: Markup = None
    disable_notification: Flag = False
    protect_content: Flag = False


def post(context: Context, given: Sent, content: Content) -> JsonObject:
    """Put `content` into the chat that is named and return it as a message.

    Raises:
        ApiError: no such chat, topic or message to answer; blocked; too many messages.
    """
    chat = writable_chat(context, given.chat_id)
    thread_id = thread_of(context, chat, given.message_thread_id)
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


def thread_of(context: Context, chat: Chat, thread_id: int) -> int | None:
    """Return the topic that is named, None without one."""
    if thread_id and not context.world.has_thread(chat.chat_id, thread_id):
        raise bad_request("message thread not found")
    return thread_id or None


def own_message(context: Context, reference: str, message_id: int, purpose: str) -> Message:
    """Return the message that is to be edited or deleted; people's can only be deleted, in private.

    Args:
        context: What the method may use.
        reference: Of the chat.
        message_id: Of the message.
        purpose: "edit" or "delete".

    Raises:
        ApiError: no such chat or message, or it is not the bot's to touch.
    """
    chat = chat_of(context, reference)
    if message_id <= 0:
        raise bad_request("message identifier is not specified")
    message = context.world.find_message(chat.chat_id, message_id)
    if message is None:
        raise bad_request(f"message to {purpose} not found")
    if message.sender != context.world.bot and (purpose == "edit" or chat.is_group):
        raise bad_request(f"message can't be {purpose.removesuffix('e')}ed")
    return message


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
    if quoted not in text or len(quoted) > MAX_QUOTE:
        raise bad_request("QUOTE_TEXT_INVALID")
    wanted = optional(fields, "quote_position", int, 0)
    starts = (at for at in range(len(text)) if text.startswith(quoted, at))
    return Quote(quoted, min((units(text[:at]) for at in starts), key=lambda place: abs(place - wanted)))

"""The nouns as the Bot API writes them in JSON."""

from bot.sandbox.inline_nouns import InlineQuery
from bot.sandbox.nouns import (
    Chat,
    Content,
    Entity,
    File,
    FileKind,
    JsonObject,
    Message,
    Press,
    Quote,
    Standing,
    Update,
    User,
)

_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)


def user_json(user: User) -> JsonObject:
    """Return a User."""
    fields: JsonObject = {"id": user.user_id, "is_bot": user.is_bot, "first_name": user.first_name}
    return fields | _present(username=user.username, language_code=user.language_code)


def chat_json(chat: Chat) -> JsonObject:
    """Return a Chat, of which a private one has its user's names instead of a title."""
    name = "title" if chat.is_group else "first_name"
    fields: JsonObject = {"id": chat.chat_id, name: chat.title}
    return fields | _present(username=chat.username) | {"type": str(chat.kind)}


def entity_json(entity: Entity, users: dict[int, User]) -> JsonObject:
    """Return a MessageEntity; `users` are those who can be mentioned by id."""
    user = users.get(entity.user_id) if entity.user_id is not None else None
    fields: JsonObject = {"type": entity.kind, "offset": entity.offset, "length": entity.length}
    return fields | _present(
        url=entity.url,
        language=entity.language,
        custom_emoji_id=entity.custom_emoji_id,
        user=user_json(user) if user else None,
    )


def message_json(
    message: Message, chat: Chat, users: dict[int, User], replied: Message | None = None
) -> JsonObject:
    """Return a Message.

    Args:
        message: In its present state.
        chat: Where it is.
        users: Who can be mentioned by id.
        replied: The message it answers; given without the one that answers in turn.
    """
    content = message.content
    fields: JsonObject = {
        "message_id": message.message_id,
        "from": user_json(message.sender),
        "chat": chat_json(chat),
        "date": message.date,
    }
    keyboard = content.reply_markup if "inline_keyboard" in (content.reply_markup or {}) else None
    return fields | _present(
        message_thread_id=message.thread_id,
        is_topic_message=message.thread_id is not None,
        edit_date=message.edited,
        via_bot=user_json(message.via_bot) if message.via_bot else None,
        **_content_json(content, users),
        link_preview_options=content.link_preview,
        reply_to_message=message_json(replied, chat, users) if replied else None,
        quote=_quote_json(message.quote),
        has_protected_content=message.protected,
        reply_markup=keyboard,
    )


def press_json(press: Press, message: JsonObject) -> JsonObject:
    """Return a CallbackQuery for the press of a button below `message`, which an inline result lacks."""
    where: JsonObject = {"inline_message_id": press.inline_id} if press.inline_id else {"message": message}
    return {
        "id": press.press_id,
        "from": user_json(press.user),
        **where,
        "chat_instance": str(press.chat_id * 1_000_003),
        "data": press.data,
    }


def inline_query_json(asked: InlineQuery) -> JsonObject:
    """Return an InlineQuery."""
    return {
        "id": asked.query_id,
        "from": user_json(asked.user),
        "chat_type": asked.chat_type,
        "query": asked.query,
        "offset": asked.offset,
    }


def chosen_json(asked: InlineQuery, result_id: str, inline_id: str) -> JsonObject:
    """Return a ChosenInlineResult; `inline_id` is "" for a message that cannot be edited."""
    fields: JsonObject = {"result_id": result_id, "from": user_json(asked.user), "query": asked.query}
    return fields | _present(inline_message_id=inline_id)


def file_json(file: File) -> JsonObject:
    """Return a Document or a PhotoSize."""
    fields: JsonObject = {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": file.size,
    }
    if file.kind is FileKind.PHOTO:
        return fields | {"width": file.width, "height": file.height}
    return fields | _present(file_name=file.name, mime_type=file.mime_type)


def member_json(user: User, standing: Standing) -> JsonObject:
    """Return a ChatMember."""
    fields: JsonObject = {"user": user_json(user), "status": str(standing)}
    if standing is Standing.KICKED:
        return fields | {"until_date": 0}
    if standing is not Standing.ADMINISTRATOR:
        return fields
    return fields | dict.fromkeys(_RIGHTS, True) | {"can_be_edited": False, "is_anonymous": False}


def membership_json(
    chat: Chat, actor: User, bot: User, date: int, old: Standing, new: Standing
) -> JsonObject:
    """Return a ChatMemberUpdated: `actor` changed what `bot` is in `chat`."""
    return {
        "chat": chat_json(chat),
        "from": user_json(actor),
        "date": date,
        "old_chat_member": member_json(bot, old),
        "new_chat_member": member_json(bot, new),
    }


def update_json(update: Update) -> JsonObject:
    """Return an Update."""
    return {"update_id": update.update_id, update.kind: update.payload}


def _content_json(content: Content, users: dict[int, User]) -> JsonObject:
    entities = [entity_json(entity, users) for entity in content.entities]
    if content.file is None:
        return {"text": content.text, "entities": entities}
    shown = file_json(content.file)
    return {
        str(content.file.kind): [shown] if content.file.kind is FileKind.PHOTO else shown,
        "caption": content.text,
        "caption_entities": entities,
    }


def _quote_json(quote: Quote | None) -> JsonObject | None:
    return {"text": quote.text, "position": quote.position, "is_manual": True} if quote else None


def _present(**fields: object) -> JsonObject:
    return {name: value for name, value in fields.items() if value}

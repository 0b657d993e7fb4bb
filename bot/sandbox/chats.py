"""What the bot can learn of a chat and its members, leaving it, and reacting in it."""

from dataclasses import dataclass

from bot.sandbox.context import Context, chat_of, writable_chat
from bot.sandbox.json_fields import as_object, load, only, required
from bot.sandbox.nouns import JsonObject, Standing, User
from bot.sandbox.parameters import Flag, Integer, Text
from bot.sandbox.reactions import EMOJI
from bot.sandbox.refusals import bad_request, stricter
from bot.sandbox.wire import chat_json, member_json


@dataclass(frozen=True, slots=True)
class OfChat:
    """Of the methods that are about a whole chat."""

    chat_id: Text = ""


@dataclass(frozen=True, slots=True)
class GetChatMember:
    """Of getChatMember."""

    chat_id: Text = ""
    user_id: Integer = 0


@dataclass(frozen=True, slots=True)
class SetMessageReaction:
    """Of setMessageReaction."""

    chat_id: Text = ""
    message_id: Integer = 0
    reaction: Text = ""
    is_big: Flag = False


def get_chat(context: Context, given: OfChat) -> JsonObject:
    """Return a chat as ChatFullInfo."""
    chat = writable_chat(context, given.chat_id)
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    return chat_json(chat) | {
        "accent_color_id": abs(chat.chat_id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys((*gifts, "gifts_from_channels"), False),
    }


def get_chat_member(context: Context, given: GetChatMember) -> JsonObject:
    """Return what a user is in a chat: administrator, member or left.

    Raises:
        ApiError: no such chat or user, or a user who is not of a private chat.
    """
    chat = writable_chat(context, given.chat_id)
    if given.user_id <= 0:
        raise bad_request("invalid user_id specified")
    user = context.world.users.get(given.user_id)
    if user is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    standing = _standing(context, chat.chat_id, user)
    if standing is Standing.LEFT and not chat.is_group:
        raise bad_request("member not found")
    return member_json(user, standing)


def get_chat_administrators(context: Context, given: OfChat) -> list[JsonObject]:
    """Return the administrators of a group that are no bots."""
    chat = writable_chat(context, given.chat_id)
    if not chat.is_group:
        raise bad_request("there are no administrators in the private chat")
    users = context.world.users
    admins = context.world.admins(chat.chat_id)
    return [member_json(users[user_id], Standing.ADMINISTRATOR) for user_id in sorted(admins)]


def get_chat_member_count(context: Context, given: OfChat) -> int:
    """Return how many are in a chat, the bot included."""
    chat = writable_chat(context, given.chat_id)
    return len(context.world.members(chat.chat_id)) + 1


def leave_chat(context: Context, given: OfChat) -> bool:
    """Leave a group; from then on nothing of it is seen and nothing can be sent there."""
    chat = writable_chat(context, given.chat_id)
    if not chat.is_group:
        raise bad_request("chat member status can't be changed in private chats")
    context.world.change_standing(chat.chat_id, context.world.bot, Standing.LEFT)
    return True


def set_message_reaction(context: Context, given: SetMessageReaction) -> bool:
    """Show an emoji of the bot's below a message, or take it away; a bot has one reaction at most."""
    emoji = _emoji(given.reaction)
    with context.world.bell.lock:
        chat = chat_of(context, given.chat_id)
        message = context.world.find_message(chat.chat_id, given.message_id)
        if message is None:
            raise bad_request("message to react not found")
        writable_chat(context, given.chat_id)
        context.world.react(chat.chat_id, message.message_id, emoji)
    return True


def _emoji(raw: str) -> tuple[str, ...]:
    values = load(raw, "can't parse reaction types JSON object") if raw else []
    if not isinstance(values, list):
        raise bad_request("expected an Array of ReactionType")
    if len(values) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    return tuple(map(_one, values))


def _one(value: object) -> str:
    fields = as_object(value, "ReactionType")
    kind = required(fields, "type", str, within="ReactionType")
    if kind != "emoji":
        raise stricter(f'reactions of the type "{kind}" are not supported')
    only(fields, {"type", "emoji"}, "ReactionType")
    emoji = required(fields, "emoji", str, within="ReactionType")
    if emoji.replace("\ufe0f", "") not in EMOJI:
        raise bad_request("REACTION_INVALID")
    return emoji


def _standing(context: Context, chat_id: int, user: User) -> Standing:
    if user == context.world.bot:
        return context.world.standing(chat_id)
    if user.user_id in context.world.admins(chat_id):
        return Standing.ADMINISTRATOR
    return Standing.MEMBER if context.world.is_member(chat_id, user) else Standing.LEFT

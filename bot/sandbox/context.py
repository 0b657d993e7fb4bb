"""What a method may use."""

from dataclasses import dataclass

from bot.sandbox.deliveries import Deliveries
from bot.sandbox.limits import Flood
from bot.sandbox.nouns import Chat, Standing
from bot.sandbox.polls import Polls
from bot.sandbox.profile import Profile
from bot.sandbox.refusals import bad_request, forbidden
from bot.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Context:
    """The state behind the server, where polls wait, and what is delivered."""

    world: World
    profile: Profile
    flood: Flood
    polls: Polls
    deliveries: Deliveries


@dataclass(frozen=True, slots=True)
class Told:
    """A result that comes with a sentence beside it."""

    result: object
    description: str


def chat_of(context: Context, reference: str) -> Chat:
    """Return the chat a bot named by id or @username.

    Raises:
        ApiError: none was named, or the bot knows no such chat.
    """
    if not reference:
        raise bad_request("chat_id is empty")
    chat = context.world.find_chat(reference)
    if chat is None:
        raise bad_request("chat not found")
    return chat


def writable_chat(context: Context, reference: str) -> Chat:
    """Return the chat a bot named, if it may write there.

    Raises:
        ApiError: as `chat_of`, or 403 because the user blocked the bot or is known from a group only, or
            the bot is not in the group.
    """
    if reference.isascii() and reference.isdecimal() and context.world.is_acquaintance(int(reference)):
        raise forbidden("bot can't initiate conversation with a user")
    chat = chat_of(context, reference)
    standing = context.world.standing(chat.chat_id)
    if standing is Standing.KICKED:
        raise forbidden(
            f"bot was kicked from the {chat.kind} chat" if chat.is_group else "bot was blocked by the user"
        )
    if standing is Standing.LEFT:
        raise forbidden(f"bot is not a member of the {chat.kind} chat")
    return chat

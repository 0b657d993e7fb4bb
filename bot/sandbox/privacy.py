"""Privacy mode: which messages of a group a bot gets to see."""

from bot.sandbox.nouns import Chat, Entity, Message, User
from bot.sandbox.utf16 import cut


def is_seen(message: Message, chat: Chat, bot: User, answered: Message | None) -> bool:
    """Say whether `bot` sees a message: everything, or with privacy mode only what is meant for it.

    That is: commands that may be for it, mentions of it, answers to it, and its own inline results.

    Args:
        message: Of a person.
        chat: Where it is.
        bot: Who may see it.
        answered: The message it answers, if any.
    """
    if not (chat.is_group and chat.privacy):
        return True
    if message.via_bot == bot or (answered and answered.sender == bot):
        return True
    return any(_is_meant(message.text, entity, bot) for entity in message.entities)


def _is_meant(text: str, entity: Entity, bot: User) -> bool:
    marked = cut(text, entity.offset, entity.end)
    _, at, name = marked.partition("@")
    if entity.kind == "bot_command":
        return (entity.offset == 0 and not at) or name.lower() == bot.username.lower()
    return entity.kind == "mention" and name.lower() == bot.username.lower()

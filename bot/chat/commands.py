"""The lists of commands that Telegram shows: in private chats, in groups, and to those who run the bot.

Telegram takes two letters for the language of a list, so that there is one for all of "zh". It is the list
without a language, in Simplified characters, since everybody else gets it too; English has its own.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    Update,
)
from telegram.error import TelegramError
from telegram.ext import ExtBot, MessageHandler, filters

from bot.chat.language import ENGLISH, SIMPLIFIED, Catalog
from bot.chat.verbs import App, Context

GROUP = ("ask", "search", "reports", "lang", "help")
PRIVATE = ("start", "help", "ask", "search", "reports", "lang", "privacy", "forget")
ADMINS = ("stats", "gaps", "refresh", "status")
AFTER_ALL = 1
"""The group of handlers that stands behind all others."""

_LOG = logging.getLogger(__name__)


async def publish_commands(bot: ExtBot[Any], catalog: Catalog, admins: Collection[int] = ()) -> None:
    """Set the lists of commands.

    A failure is logged, no more: the bot answers without a list, and the next start sets it.

    Args:
        bot: Whose commands.
        catalog: What each command is for, in each language.
        admins: Users who have more commands in their private chats. Telegram refuses those who never
            wrote to the bot.
    """
    await _publish(bot, catalog, BotCommandScopeAllPrivateChats(), PRIVATE)
    await _publish(bot, catalog, BotCommandScopeAllGroupChats(), GROUP)
    for admin in sorted(admins):
        await _publish(bot, catalog, BotCommandScopeChat(admin), (*PRIVATE, *ADMINS))


@dataclass(frozen=True, slots=True)
class AdminsLists:
    """Sets the list of an admin when they write, for the start finds no chat with who never wrote before.

    Attributes:
        catalog: What each command is for, in each language.
        admins: Users who have more commands in their private chats.
    """

    catalog: Catalog
    admins: Collection[int]

    def register(self, app: App) -> None:
        """Put the handler into `app`, behind all that answer."""
        theirs = filters.ChatType.PRIVATE & filters.User(user_id=list(self.admins))
        app.add_handler(MessageHandler(theirs & filters.UpdateType.MESSAGE, self.wrote), group=AFTER_ALL)

    async def wrote(self, update: Update, context: Context) -> None:
        """Set the list once in a run."""
        known = cast("dict[str, bool]", context.user_data)
        if update.message is not None and not known.get("listed"):
            known["listed"] = True
            scope = BotCommandScopeChat(update.message.chat_id)
            await _publish(context.bot, self.catalog, scope, (*PRIVATE, *ADMINS))


async def _publish(
    bot: ExtBot[Any], catalog: Catalog, scope: BotCommandScope, names: tuple[str, ...]
) -> None:
    """Set one list in each language."""
    for language, code in ((SIMPLIFIED, None), (ENGLISH, "en")):
        phrases = catalog.of(language)
        commands = [BotCommand(name, phrases(f"command-{name}")) for name in names]
        try:
            await bot.set_my_commands(commands, scope=scope, language_code=code)
        except TelegramError as error:
            _LOG.warning("a list of commands was not set: %s", error)

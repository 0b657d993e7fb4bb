"""The lists of commands that Telegram shows: in private chats, in groups, and to those who run the bot.

Telegram takes two letters for the language of a list, so that there is one for all of "zh". It is the list
without a language, in Simplified characters, since everybody else gets it too; English has its own.
"""

import logging
from collections.abc import Collection
from typing import Any

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.chat.language import ENGLISH, SIMPLIFIED, Catalog

GROUP = ("ask", "search", "reports", "lang", "help")
PRIVATE = ("start", "help", "ask", "search", "reports", "lang", "privacy", "forget")
ADMINS = ("stats", "gaps", "refresh", "status")

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
    scopes: list[tuple[BotCommandScope, tuple[str, ...]]] = [
        (BotCommandScopeAllPrivateChats(), PRIVATE),
        (BotCommandScopeAllGroupChats(), GROUP),
        *((BotCommandScopeChat(admin), (*PRIVATE, *ADMINS)) for admin in sorted(admins)),
    ]
    for scope, names in scopes:
        for language, code in ((SIMPLIFIED, None), (ENGLISH, "en")):
            phrases = catalog.of(language)
            commands = [BotCommand(name, phrases(f"command-{name}")) for name in names]
            try:
                await bot.set_my_commands(commands, scope=scope, language_code=code)
            except TelegramError as error:
                _LOG.warning("a list of commands was not set: %s", error)

"""The list of commands that Telegram shows, in private chats and in groups, in both languages."""

import logging
from typing import Any

from telegram import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.chat.language import Catalog

_LOG = logging.getLogger(__name__)


async def publish_commands(bot: ExtBot[Any], catalog: Catalog) -> None:
    """Set the list of commands: Chinese for everybody, English for those who read English.

    A failure is logged, no more: the bot answers without the list, and the next start sets it.
    """
    scopes = (BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats())
    try:
        for scope in scopes:
            for language_code in ("", "en"):
                phrases = catalog.of(language_code)
                commands = [BotCommand(name, phrases(f"command-{name}")) for name in ("ask", "help")]
                await bot.set_my_commands(commands, scope=scope, language_code=language_code or None)
    except TelegramError as error:
        _LOG.warning("the list of commands was not set: %s", error)

"""The lists of commands, as Telegram keeps them."""

import logging

import pytest
from telegram import BotCommandScope, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram import BotCommandScopeChat as ScopeChat
from telegram.ext import CommandHandler

from bot.chat.app import build
from bot.chat.commands import ADMINS, GROUP, PRIVATE, publish_commands
from bot.chat.language import Catalog
from bot.sandbox.people import Person
from bot.settings import Secret

from .bench import Bench


async def published(
    bench: Bench, *, admins: tuple[int, ...], scope: BotCommandScope, code: str
) -> dict[str, str]:
    """Publish the lists and return one of them."""
    app = build(bench.settings, Secret(bench.sandbox.token), bench.desk, bench.around)
    async with app.bot:
        await publish_commands(app.bot, Catalog(), admins)
        listed = await app.bot.get_my_commands(scope=scope, language_code=code or None)
    return {command.command: command.description for command in listed}


@pytest.mark.parametrize(("code", "ask"), [("", "向报告提问"), ("en", "Ask the reports")])
async def test_private_chats_and_groups_have_their_own(bench: Bench, code: str, ask: str) -> None:
    """In Chinese for everybody, in English for those who read it."""
    private = await published(bench, admins=(), scope=BotCommandScopeAllPrivateChats(), code=code)
    group = await published(bench, admins=(), scope=BotCommandScopeAllGroupChats(), code=code)
    assert tuple(private) == PRIVATE
    assert tuple(group) == GROUP
    assert private["ask"] == group["ask"] == ask


async def test_admins_have_more_in_their_own_chats(
    bench: Bench, mei: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """One who never wrote to the bot is named in the log, and keeps nobody from their list."""
    mei.send("/start")
    own = ScopeChat(mei.user.user_id)
    with caplog.at_level(logging.WARNING, "bot.chat.commands"):
        listed = await published(bench, admins=(1, mei.user.user_id), scope=own, code="")
    assert tuple(listed) == (*PRIVATE, *ADMINS)
    assert caplog.messages == ["a list of commands was not set: Chat not found"] * 2


async def test_each_command_is_listed(bench: Bench) -> None:
    """What the bot understands can be found in a list."""
    app = build(bench.settings, Secret(bench.sandbox.token), bench.desk, bench.around)
    handlers = [one for group in app.handlers.values() for one in group if isinstance(one, CommandHandler)]
    assert set().union(*(one.commands for one in handlers)) <= {*PRIVATE, *GROUP, *ADMINS}

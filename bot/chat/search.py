"""/search: look in one report only, `/search 07 怎么处理投诉`, or choose the report first."""

import asyncio
import re
from dataclasses import dataclass

from telegram import Message, Update, User
from telegram.ext import CommandHandler, filters

from bot.chat.asking import Asking, after_command
from bot.chat.browse import Browsing
from bot.chat.render import plain
from bot.chat.sending import send
from bot.chat.verbs import App, Context

_NAMED = re.compile(r"(?:in[:：])?(?P<report>[0-9]+)(?:\s+(?P<question>.*))?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Search:
    """The command.

    Attributes:
        asking: Answers.
        browsing: Shows reports, and keeps to one.
    """

    asking: Asking
    browsing: Browsing

    def register(self, app: App) -> None:
        """Put the command into `app`."""
        app.add_handler(CommandHandler("search", self.search, filters=filters.UpdateType.MESSAGE))

    async def search(self, update: Update, _: Context) -> None:
        """Answer from the report whose number comes first; keep to it when nothing else is said.

        Without a number the question is answered as any other; without anything the reports are shown.
        """
        message = update.message
        if message is None:
            return
        text = after_command(message)
        named = _NAMED.fullmatch(text)
        if not text:
            await self.browsing.offer(message, above="search-how")
        elif named is None:
            await self.asking.answer(message, text)
        elif named["question"] or message.from_user is None:
            await self.asking.answer(message, f"in:{named['report']} {named['question'] or ''}")
        else:
            await self._keep_to(message, message.from_user, named["report"])

    async def _keep_to(self, message: Message, user: User, number: str) -> None:
        reader = await self.asking.readers.of(user)
        listed = await asyncio.to_thread(self.asking.desk.report, number)
        if listed is None:
            await send(message, plain(reader.phrases("no-such-report", report=number)))
        else:
            await self.browsing.enter(message, user.id, listed, reader)

"""What the bot says of itself, passages that are opened by a link, and what it cannot read."""

import asyncio
from dataclasses import dataclass
from typing import cast

from telegram import Document, Message, Update
from telegram.constants import ChatType
from telegram.ext import CommandHandler, MessageHandler, filters

from bot.chat.asking import Asking
from bot.chat.keys import Card, Keys
from bot.chat.language import Phrases
from bot.chat.render import plain
from bot.chat.sending import send
from bot.chat.suggesting import question_keyboard, suggestions
from bot.chat.verbs import App, Context

PASSAGE_LINK = "p_"
"""What the parameter of a link to a passage begins with; the passage's id follows."""


@dataclass(frozen=True, slots=True)
class Introduction:
    """The bot introduces itself.

    Attributes:
        asking: Shows passages.
    """

    asking: Asking

    def register(self, app: App) -> None:
        """Put the handlers of known commands into `app`."""
        new = filters.UpdateType.MESSAGE
        app.add_handler(CommandHandler("start", self.start, filters=new))
        app.add_handler(CommandHandler("help", self.help, filters=new))

    def register_rest(self, app: App) -> None:
        """Put the handlers into `app` that take what no other handler took; to be called last."""
        private = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
        app.add_handler(MessageHandler(private & filters.COMMAND, self.unknown_command))
        app.add_handler(MessageHandler(private & filters.ATTACHMENT, self.attachment))

    async def start(self, update: Update, context: Context) -> None:
        """Say who the bot is, with questions to tap; a link to a passage opens it."""
        message = update.message
        if message is None:
            return
        parameter = context.args[0] if context.args else ""
        if parameter.startswith(PASSAGE_LINK):
            await self._open(message, parameter.removeprefix(PASSAGE_LINK))
        else:
            await self._introduce(message, "help" if parameter == "help" else "start")

    async def help(self, update: Update, _: Context) -> None:
        """Say how to ask, with questions to tap."""
        if update.message is not None:
            await self._introduce(update.message, "help")

    async def unknown_command(self, update: Update, _: Context) -> None:
        """Point to the help."""
        if update.message is not None:
            await self._say(update.message, "unknown-command")

    async def attachment(self, update: Update, context: Context) -> None:
        """Ask for text instead of a picture or a voice, and say who takes files; once for an album."""
        message = update.message
        if message is None:
            return
        if message.media_group_id:
            seen = cast("dict[str, str]", context.chat_data)
            if seen.get("album") == message.media_group_id:
                return
            seen["album"] = message.media_group_id
        is_file = isinstance(message.effective_attachment, Document)
        await self._say(message, "upload" if is_file else "text-only")

    async def _open(self, message: Message, passage_id: str) -> None:
        reader = await self.asking.readers.of(message.from_user)
        card = Card((passage_id,))
        card_id = await asyncio.to_thread(self.asking.remember, card, message.from_user)
        keys = Keys(card_id, reader.phrases, message.get_bot().username) if card_id else None
        view = await asyncio.to_thread(self.asking.passage, card, 0, keys, reader)
        if view is None:
            await self._say(message, "link-outdated")
        else:
            await send(message, *view)

    async def _introduce(self, message: Message, name: str) -> None:
        questions = await asyncio.to_thread(suggestions, self.asking.desk)
        phrases = await self._phrases(message)
        if message.chat.type != ChatType.PRIVATE:
            lines = [f"<code>/ask {plain(question)}</code>" for question in questions or ("…",)]
            await send(message, "\n".join([plain(phrases(name)), "", plain(phrases("ask-in-group")), *lines]))
        elif questions:
            keyboard = question_keyboard(questions, phrases)
            await send(message, plain(f"{phrases(name)}\n\n{phrases('tap')}"), keyboard)
        else:
            await send(message, plain(f"{phrases(name)}\n\n{phrases('type')}"))

    async def _say(self, message: Message, name: str) -> None:
        await send(message, plain((await self._phrases(message))(name)))

    async def _phrases(self, message: Message) -> Phrases:
        return (await self.asking.readers.of(message.from_user)).phrases

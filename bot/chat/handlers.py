"""What the bot does with a message. Each handler takes one message and sends one reply."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, TypeAlias, cast

from telegram import Document, Message, ReplyKeyboardMarkup, Update
from telegram.constants import ChatType
from telegram.error import BadRequest, TelegramError
from telegram.ext import Application, CallbackContext, CommandHandler, MessageHandler, filters

from bot.chat.desk import Desk
from bot.chat.language import Catalog, Phrases
from bot.chat.render import answer_html, line
from bot.chat.scope import Scopes
from bot.chat.sending import send
from bot.errors import BlankQuestion, EmptyCorpus, QuestionTooLong, WenbaoError

App: TypeAlias = Application[Any, Any, Any, Any, Any, Any]
Context: TypeAlias = CallbackContext[Any, Any, Any, Any]

SUGGESTIONS = 3

_LOG = logging.getLogger(__name__)
_WHAT_IS_NEEDED: Mapping[type[WenbaoError], str] = {
    BlankQuestion: "blank",
    QuestionTooLong: "too-long",
    EmptyCorpus: "no-reports",
}


@dataclass(frozen=True, slots=True)
class Conversation:
    """The bot's side of all chats.

    Attributes:
        desk: Who answers.
        catalog: What is said in each language.
        hits: Passages in an answer, 1–3.
        scopes: In which report people ask.
    """

    desk: Desk
    catalog: Catalog
    hits: int
    scopes: Scopes

    def register(self, app: App) -> None:
        """Put the handlers into `app`. Edited messages, channel posts and talk in groups find none."""
        new = filters.UpdateType.MESSAGE
        private = new & filters.ChatType.PRIVATE
        app.add_handler(CommandHandler("start", self.start, filters=new))
        app.add_handler(CommandHandler("help", self.help, filters=new))
        app.add_handler(CommandHandler("ask", self.ask, filters=new))
        app.add_handler(MessageHandler(private & filters.COMMAND, self.unknown_command))
        app.add_handler(MessageHandler(private & filters.TEXT, self.text))
        app.add_handler(MessageHandler(private & filters.ATTACHMENT, self.attachment))
        app.add_error_handler(self.trouble)

    async def start(self, update: Update, _: Context) -> None:
        """Say who the bot is, with questions to tap."""
        await self._introduce(_message(update), "start")

    async def help(self, update: Update, _: Context) -> None:
        """Say how to ask, with questions to tap."""
        await self._introduce(_message(update), "help")

    async def ask(self, update: Update, _: Context) -> None:
        """Answer what follows the command."""
        message = _message(update)
        await self._answer(message, (message.text or "")[message.entities[0].length :].strip())

    async def text(self, update: Update, _: Context) -> None:
        """Answer a message in a private chat."""
        message = _message(update)
        await self._answer(message, message.text or "")

    async def unknown_command(self, update: Update, _: Context) -> None:
        """Point to the help."""
        await self._say(_message(update), "unknown-command")

    async def attachment(self, update: Update, context: Context) -> None:
        """Ask for text instead of a picture or a voice, and say who takes files; once for an album."""
        message = _message(update)
        if message.media_group_id:
            seen = cast("dict[str, str]", context.chat_data)
            if seen.get("album") == message.media_group_id:
                return
            seen["album"] = message.media_group_id
        is_file = isinstance(message.effective_attachment, Document)
        await self._say(message, "upload" if is_file else "text-only")

    async def trouble(self, update: object, context: Context) -> None:
        """Log what went wrong, and tell who asked unless that is what failed."""
        error = context.error
        trace = error if _LOG.isEnabledFor(logging.DEBUG) else None
        _LOG.error("a message could not be answered: %s: %s", type(error).__name__, error, exc_info=trace)
        if not isinstance(update, Update) or update.effective_message is None:
            return
        if isinstance(error, TelegramError) and not isinstance(error, BadRequest):
            return
        try:
            await self._say(update.effective_message, "trouble")
        except TelegramError as second:
            _LOG.error("nor could that be told: %s: %s", type(second).__name__, second)

    async def _answer(self, message: Message, text: str) -> None:
        user = message.from_user
        asked = self.scopes.read(text, user.id if user else 0, message.chat_id)
        try:
            if asked.report and await asyncio.to_thread(self.desk.report, asked.report) is None:
                await self._say(message, "no-such-report", report=line(asked.report))
                return
            answer = await asyncio.to_thread(
                self.desk.ask, asked.question, hits=self.hits, report_id=asked.report
            )
        except tuple(_WHAT_IS_NEEDED) as error:
            await self._say(
                message, next(n for kind, n in _WHAT_IS_NEEDED.items() if isinstance(error, kind))
            )
            return
        if answer.hits:
            await send(message, answer_html(answer, self._phrases(message)))
        else:
            await self._not_found(message)

    async def _not_found(self, message: Message) -> None:
        if message.chat.type == ChatType.PRIVATE and (questions := await self._suggestions()):
            await self._offer(message, "not-found", questions)
        else:
            await self._say(message, "not-found")

    async def _introduce(self, message: Message, name: str) -> None:
        questions = await self._suggestions()
        phrases = self._phrases(message)
        if message.chat.type != ChatType.PRIVATE:
            lines = [f"<code>/ask {_escape(question)}</code>" for question in questions or ("…",)]
            await send(message, "\n".join([_escape(phrases(name)), "", phrases("ask-in-group"), *lines]))
        elif questions:
            await self._offer(message, name, questions)
        else:
            await send(message, _escape(f"{phrases(name)}\n\n{phrases('type')}"))

    async def _offer(self, message: Message, name: str, questions: tuple[str, ...]) -> None:
        """Say `name` with questions to tap: tapping one sends it."""
        phrases = self._phrases(message)
        keyboard = ReplyKeyboardMarkup(
            [[question] for question in questions],
            resize_keyboard=True,
            one_time_keyboard=True,
            input_field_placeholder=phrases("placeholder"),
        )
        await send(message, _escape(f"{phrases(name)}\n\n{phrases('tap')}"), keyboard)

    async def _suggestions(self) -> tuple[str, ...]:
        try:
            return await asyncio.to_thread(self.desk.suggestions, SUGGESTIONS)
        except WenbaoError as error:
            _LOG.warning("no questions to suggest: %s", error)
            return ()

    async def _say(self, message: Message, name: str, **values: str) -> None:
        await send(message, _escape(self._phrases(message)(name, **values)))

    def _phrases(self, message: Message) -> Phrases:
        user = message.from_user
        return self.catalog.of(user.language_code if user else None)


def _message(update: Update) -> Message:
    return cast("Message", update.message)  # the handlers' filters let only messages through


def _escape(text: str) -> str:
    return escape(text, quote=False)

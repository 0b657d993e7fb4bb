"""/lang: the language of the bot's own words and, for Traditional Chinese, of the passages."""

import asyncio
from dataclasses import dataclass

from telegram import InlineKeyboardMarkup, Update
from telegram.constants import ChatType
from telegram.ext import CommandHandler, filters

from bot.chat.language import LANGUAGES, TRADITIONAL
from bot.chat.memory import Memory
from bot.chat.readers import CONVERTED, Reader, Readers
from bot.chat.render import plain
from bot.chat.sending import edit, send
from bot.chat.verbs import App, Button, Context, Press, Verbs, keyboard

_CHOSEN = "✓ "


@dataclass(frozen=True, slots=True)
class Languages:
    """The choice of a language.

    Attributes:
        memory: Keeps the choices, and what the buttons mean.
        readers: How people read.
    """

    memory: Memory
    readers: Readers

    def register(self, app: App, verbs: Verbs) -> None:
        """Put the command into `app`, the buttons into `verbs`."""
        app.add_handler(CommandHandler("lang", self.choose, filters=filters.UpdateType.MESSAGE))
        verbs.add({"language": self.chosen})

    async def choose(self, update: Update, _: Context) -> None:
        """Offer the languages."""
        message = update.message
        if message is None:
            return
        reader = await self.readers.of(message.from_user)
        await send(message, _question(reader), await self._buttons(reader))

    async def chosen(self, press: Press) -> None:
        """Keep the choice of the one who pressed; in a private chat show what is chosen now."""
        language = press.payload["language"]
        if language not in {*LANGUAGES, CONVERTED}:
            await press.answer(press.phrases("button-unknown"), alert=True)
            return
        user = press.query.from_user
        await asyncio.to_thread(self.memory.set_language, user.id, language)
        reader = await self.readers.of(user)
        await press.answer(reader.phrases("language-set"))
        message = press.message
        if message is not None and message.chat.type == ChatType.PRIVATE:
            await edit(message, _question(reader), await self._buttons(reader))

    async def _buttons(self, reader: Reader) -> InlineKeyboardMarkup:
        rows = [[_button(reader, language)] for language in LANGUAGES]
        if reader.speaks == TRADITIONAL:
            rows.append([_convert_button(reader)])
        return await keyboard(self.memory, rows)


def _question(reader: Reader) -> str:
    return plain(reader.phrases("language-choose"))


def _button(reader: Reader, language: str) -> Button:
    mark = _CHOSEN if language == reader.speaks else ""
    return mark + reader.phrases(f"language-{language}"), {"do": "language", "language": language}


def _convert_button(reader: Reader) -> Button:
    """Return the button that has passages converted, or as they are written again."""
    mark, other = (_CHOSEN, TRADITIONAL) if reader.convert else ("", CONVERTED)
    return mark + reader.phrases("language-convert"), {"do": "language", "language": other}

"""/privacy: what is kept of people, truthfully; /forget: what is theirs is deleted, once they confirm."""

import asyncio
from dataclasses import asdict, astuple, dataclass

from telegram import Update
from telegram.ext import CommandHandler, filters

from bot.chat.ledger import KEEP_ASIDE_S
from bot.chat.memory import Memory
from bot.chat.readers import Readers
from bot.chat.records import Keeping
from bot.chat.render import plain
from bot.chat.sending import edit, send
from bot.chat.verbs import App, Context, Press, Verbs, keyboard

_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Privacy:
    """Both commands; in private chats only, where nobody else reads along.

    Attributes:
        memory: Keeps what the button means.
        readers: How people read.
        keeping: What is kept, and who deletes it.
    """

    memory: Memory
    readers: Readers
    keeping: Keeping

    def register(self, app: App, verbs: Verbs) -> None:
        """Put the commands into `app`, the button into `verbs`."""
        private = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
        app.add_handler(CommandHandler("privacy", self.privacy, filters=private))
        app.add_handler(CommandHandler("forget", self.forget, filters=private))
        verbs.add({"forget": self.forgotten})

    async def privacy(self, update: Update, _: Context) -> None:
        """Say what is kept."""
        message = update.message
        if message is None or message.from_user is None:
            return
        phrases = (await self.readers.of(message.from_user)).phrases
        settings = self.keeping.settings
        parts = [
            phrases("privacy-who", id=str(message.from_user.id)),
            phrases("privacy-questions" if settings.keep_questions else "privacy-no-questions"),
            phrases("privacy-rest", days=settings.keep_days, aside=int(KEEP_ASIDE_S / _DAY_S)),
            *([phrases("privacy-log")] if self.keeping.logs_questions else []),
            phrases("privacy-forget"),
        ]
        await send(message, plain("\n\n".join(parts)))

    async def forget(self, update: Update, _: Context) -> None:
        """Ask whether that is meant."""
        message = update.message
        if message is None:
            return
        phrases = (await self.readers.of(message.from_user)).phrases
        rows = [[(phrases("forget-yes"), {"do": "forget"})]]
        await send(message, plain(phrases("forget-sure")), await keyboard(self.memory, rows))

    async def forgotten(self, press: Press) -> None:
        """Delete what belongs to the one who pressed, and say how much it was."""
        done = await asyncio.to_thread(self.keeping.records.forget, press.query.from_user.id)
        await press.answer()
        if any(astuple(done)):
            told = press.phrases("forget-done", **asdict(done))
        else:
            told = press.phrases("forget-none")
        if press.message is not None:
            await edit(press.message, plain(told))

"""What those who look after the bot may ask it: /stats, /gaps, /status and /refresh.

In private chats only, since what people asked is nobody else's business. To everybody else the commands are
unknown.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from telegram import Message, Update
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import CommandHandler, filters

from bot.chat import office
from bot.chat.language import Phrases
from bot.chat.readers import Readers
from bot.chat.records import Keeping
from bot.chat.refreshing import Outcome, Refreshing
from bot.chat.sending import edit, send, send_to_edit
from bot.chat.verbs import App, Context
from bot.errors import WenbaoError
from bot.journal.nouns import Stats

DAYS = 30
MOST_DAYS = 365
GAPS = 15
EDIT_EVERY_S = 1.0

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Admin:
    """The commands.

    Attributes:
        admins: Users who may give them.
        keeping: What was asked, and what the bot answers from.
        readers: How people read.
        refreshing: Builds indexes; None: there is nothing to refresh.
        draw: Makes a picture of figures, None when what it needs is missing; blocks.
        clock: Gives the time, with its zone.
        started: When the bot was started.
        version: Of the program.
    """

    admins: tuple[int, ...]
    keeping: Keeping
    readers: Readers
    refreshing: Refreshing | None
    draw: Callable[[Stats, Phrases], bytes | None]
    clock: Callable[[], datetime]
    started: datetime
    version: str

    def register(self, app: App) -> None:
        """Put the commands into `app`, to be called before whatever answers unknown ones."""
        theirs = (
            filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & filters.User(user_id=list(self.admins))
        )
        for name, handler in (
            ("stats", self.stats),
            ("gaps", self.gaps),
            ("status", self.status),
            ("refresh", self.refresh),
        ):
            app.add_handler(CommandHandler(name, handler, filters=theirs))

    async def stats(self, update: Update, context: Context) -> None:
        """Show the figures of the last days, 30 unless a number stands behind the command."""
        message, phrases = await self._asked(update)
        stats = await asyncio.to_thread(self.keeping.records.stats, days=_days(context.args or []))
        caption = office.stats_html(stats, phrases)
        picture = await asyncio.to_thread(self.draw, stats, phrases) if stats.questions else None
        if picture is None:
            await send(message, caption)
        else:
            await message.get_bot().send_photo(
                message.chat_id, picture, caption=caption, parse_mode=ParseMode.HTML, filename="stats.png"
            )

    async def gaps(self, update: Update, _: Context) -> None:
        """Show what people asked and the reports do not say."""
        message, phrases = await self._asked(update)
        gaps = await asyncio.to_thread(self.keeping.records.gaps, limit=GAPS)
        await send(message, office.gaps_html(gaps, phrases))

    async def status(self, update: Update, _: Context) -> None:
        """Show what the bot answers from and how long it has been running."""
        message, phrases = await self._asked(update)
        now = self.clock()
        try:
            holdings = await asyncio.to_thread(self.keeping.holdings)
        except WenbaoError as error:
            held = office.trouble_html(phrases, error)
        else:
            held = office.holdings_html(phrases, holdings, now)
        await send(message, f"{held}\n{office.running_html(phrases, now - self.started, self.version)}")

    async def refresh(self, update: Update, _: Context) -> None:
        """Bring the index up to date, show how far that is, and at the end what it did."""
        message, phrases = await self._asked(update)
        if self.refreshing is None:
            await send(message, phrases("refresh-nothing"))
            return
        waiting = "refresh-waiting" if self.refreshing.running else "refresh-started"
        shown = await send_to_edit(message, phrases(waiting))
        progress = [0, 0]

        def advance(done: int, total: int) -> None:
            progress[:] = done, total

        building = asyncio.create_task(self.refreshing.start(advance))
        try:
            await _show_progress(shown, building, progress, phrases)
            outcome = await building
            holdings = await asyncio.to_thread(self.keeping.holdings)
            held = office.holdings_html(phrases, holdings, self.clock())
            told = office.outcome_html(phrases, outcome, held)
        except WenbaoError as error:
            told = office.trouble_html(phrases, error)
        finally:
            building.cancel()
        await edit(shown, told)

    async def _asked(self, update: Update) -> tuple[Message, Phrases]:
        """Return what was sent, and the words in which it is answered."""
        message = update.message
        if message is None:  # the filters let nothing else through
            raise TypeError("a command without a message")
        return message, (await self.readers.of(message.from_user)).phrases


async def _show_progress(
    shown: Message, building: "asyncio.Task[Outcome]", progress: list[int], phrases: Phrases
) -> None:
    """Keep `shown` up to date until the build has ended, at most once a second."""
    last = (0, 0)
    while not (await asyncio.wait({building}, timeout=EDIT_EVERY_S))[0]:
        done, total = progress
        if (done, total) == last or not total:
            continue
        last = done, total
        try:
            await edit(shown, phrases("refresh-progress", done=done, total=total, share=100 * done // total))
        except TelegramError as error:  # the build goes on, and its end is told anyway
            _LOG.info("the progress was not shown: %s", error)


def _days(arguments: list[str]) -> int:
    """Return the number behind a command as a number of days, 30 for none."""
    text = arguments[0] if arguments else ""
    return (
        min(max(int(text), 1), MOST_DAYS) if text.isascii() and text.isdecimal() and len(text) < 6 else DAYS
    )

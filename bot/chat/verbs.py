"""Buttons below messages: what each means is remembered, and pressing it does what its verb says.

A button carries a short id (Telegram leaves it 64 bytes), and may add which of several things it does: the
buttons of one card share what is remembered of it. The payload behind it says what to do and with
what, `{"do": "section", "passage": "1f…"}`: things are named by their content, never by their place, so that
a button of last month opens the same thing or none.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.error import TelegramError
from telegram.ext import Application, CallbackContext, CallbackQueryHandler

from bot.chat.language import Phrases
from bot.chat.memory import Memory
from bot.chat.readers import Readers

App: TypeAlias = Application[Any, Any, Any, Any, Any, Any]
Context: TypeAlias = CallbackContext[Any, Any, Any, Any]
Payload: TypeAlias = Mapping[str, Any]
"""What a button means; `do` is the name of its verb."""
Button: TypeAlias = tuple[str, Payload]
"""What is written on a button, and what it means."""

ANSWER_WITHIN_S = 3.0
"""Until then a press is answered, even if what it asks for takes longer; Telegram waits about ten seconds."""
_NOTICE_CHARS = 200
_ADDS = "~"
_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Press:
    """The press of a button.

    Attributes:
        query: As Telegram tells it; `query.from_user` pressed.
        payload: What the button means.
        remembered: Under which id that is remembered.
        action: What the button adds to it, "" for most.
        phrases: In the language of the one who pressed.
        convert: Whether they want passages in Traditional characters.
    """

    query: CallbackQuery
    payload: Payload
    phrases: Phrases
    convert: bool = False
    remembered: str = ""
    action: str = ""
    _answered: bool = field(default=False, init=False)

    @property
    def message(self) -> Message | None:
        """The message below which the button stands; None when it is too old or stands in no chat of ours."""
        message = self.query.message
        # The library makes a Message of one that Telegram no longer shows the bot as well.
        return message if isinstance(message, Message) and message.is_accessible else None

    async def answer(self, notice: str = "", *, alert: bool = False) -> None:
        """Stop the button's waiting sign, with a notice that fades or, as an alert, waits to be closed.

        Only the first answer counts. One that comes too late or does not get through is logged, no more.
        """
        if self._answered:
            return
        self._answered = True
        try:
            await self.query.answer(notice[:_NOTICE_CHARS] or None, show_alert=alert)
        except TelegramError as error:
            _LOG.info("the press of a button was not answered: %s", error)


Verb: TypeAlias = Callable[[Press], Awaitable[None]]
"""Does what a button says. It may answer the press; otherwise that is done after it."""


class Verbs:
    """The one handler of all buttons.

    Args:
        memory: What the buttons mean.
        readers: How people read.
    """

    def __init__(self, memory: Memory, readers: Readers) -> None:
        self._memory = memory
        self._readers = readers
        self._verbs: dict[str, Verb] = {}

    def add(self, verbs: Mapping[str, Verb]) -> None:
        """Make verbs known by their names.

        Raises:
            ValueError: One is known already.
        """
        if twice := self._verbs.keys() & verbs.keys():
            raise ValueError(f"verbs are known already: {', '.join(sorted(twice))}")
        self._verbs.update(verbs)

    def register(self, app: App) -> None:
        """Put the handler into `app`."""
        app.add_handler(CallbackQueryHandler(self.pressed))

    async def pressed(self, update: Update, _: Context) -> None:
        """Do what the button says. One that means nothing, or nothing any more, says so."""
        query = update.callback_query
        if query is None:
            return
        reader = await self._readers.of(query.from_user)
        remembered = (query.data or "").partition(_ADDS)[0]
        action = added(query.data or "")
        press = Press(query, {}, reader.phrases, reader.convert, remembered, action)
        async with _answered_in_time(press):
            recalled = await asyncio.to_thread(self._memory.recall, remembered) if remembered else None
            press.payload = recalled or {}
            verb = self._verbs.get(str(press.payload.get("do")))
            if verb is None:
                await press.answer(press.phrases("button-unknown"), alert=True)
            else:
                await verb(press)


@asynccontextmanager
async def _answered_in_time(press: Press) -> AsyncIterator[None]:
    """Answer the press at the end of the block, or earlier when the block takes long."""
    over = asyncio.Event()

    async def answer() -> None:
        await asyncio.wait({waiting}, timeout=ANSWER_WITHIN_S)
        await press.answer()

    waiting = asyncio.create_task(over.wait())
    answering = asyncio.create_task(answer())
    try:
        yield
    finally:
        over.set()
        await asyncio.wait({waiting, answering})


def callback_data(remembered: str, action: str) -> str:
    """Return what a button carries that does one of several things with what is remembered."""
    return f"{remembered}{_ADDS}{action}"


def added(data: str) -> str:
    """Return what a button adds to what is remembered, "" when it adds nothing."""
    return data.partition(_ADDS)[2]


async def keyboard(memory: Memory, rows: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup:
    """Return the buttons as Telegram takes them, each payload remembered; rows without buttons are left out.

    Args:
        memory: Keeps what they mean.
        rows: From top to bottom; at most 8 buttons each and 100 in all.
    """

    def remembered() -> list[list[InlineKeyboardButton]]:
        return [
            [InlineKeyboardButton(label, callback_data=_remember(memory, payload)) for label, payload in row]
            for row in _filled(rows)
        ]

    return InlineKeyboardMarkup(await asyncio.to_thread(remembered))


def _remember(memory: Memory, payload: Payload) -> str:
    return memory.remember(payload, user=None)


def _filled(rows: Iterable[Sequence[Button]]) -> list[Sequence[Button]]:
    return [row for row in rows if row]

"""The bot's side of all chats, composed; and what becomes of a message that could not be answered."""

import logging
from dataclasses import dataclass

from telegram import Update
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.chat.asking import Asking
from bot.chat.buttons import CardButtons
from bot.chat.introduction import Introduction
from bot.chat.render import plain
from bot.chat.sending import send
from bot.chat.verbs import App, Context, Verbs

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Questions, the buttons of their answers, and what the bot says of itself.

    Attributes:
        asking: Answers questions.
    """

    asking: Asking

    def register(self, app: App, verbs: Verbs) -> None:
        """Put the handlers into `app`, after those of other commands, and the buttons into `verbs`."""
        introduction = Introduction(self.asking)
        introduction.register(app)
        self.asking.register(app)
        CardButtons(self.asking).register(verbs)
        introduction.register_rest(app)
        app.add_error_handler(self.trouble)

    async def trouble(self, update: object, context: Context) -> None:
        """Log what went wrong, and tell who asked unless that is what failed."""
        error = context.error
        if isinstance(error, Forbidden):  # who blocked the bot or put it out of a group wants no answer
            _LOG.info("an answer is not wanted any more: %s", error)
            return
        trace = error if _LOG.isEnabledFor(logging.DEBUG) else None
        _LOG.error("a message could not be answered: %s: %s", type(error).__name__, error, exc_info=trace)
        if not isinstance(update, Update) or update.effective_message is None:
            return
        if isinstance(error, TelegramError) and (update.callback_query or not isinstance(error, BadRequest)):
            return
        try:
            reader = await self.asking.readers.of(update.effective_user)
            await send(update.effective_message, plain(reader.phrases("trouble")))
        except TelegramError as second:
            _LOG.error("nor could that be told: %s: %s", type(second).__name__, second)

"""Writing to those who look after the bot."""

import logging
from collections.abc import Sequence
from typing import Any

from telegram.error import TelegramError
from telegram.ext import ExtBot

_LOG = logging.getLogger(__name__)
_LONGEST = 1000


class Notifier:
    """Sends a line to each of a list of users; see `bot.chat.refreshing.Notify`."""

    def __init__(self, users: Sequence[int] = ()) -> None:
        """Write to `users`, ids of people who have written to the bot before."""
        self._users = tuple(users)
        self._bot: ExtBot[Any] | None = None

    def attach(self, bot: ExtBot[Any]) -> None:
        """Send through `bot`; without one nothing is sent."""
        self._bot = bot

    async def __call__(self, text: str) -> None:
        """Send `text` as it is, cut to a readable length; one that cannot be reached is logged."""
        if self._bot is None:
            return
        for user in self._users:
            try:
                await self._bot.send_message(user, text[:_LONGEST])
            except TelegramError as error:
                _LOG.warning("user %s could not be notified: %s", user, error)

"""Takes updates from Telegram by long polling, and confirms them once they are safe.

The library's own poller confirms what it has not dealt with, pauses where a stop cannot interrupt it, keeps
silent about time-outs, dies of a withdrawn token without telling anybody, and asks for ever for a batch in
which it cannot read one update.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from telegram import Bot, Update
from telegram.error import TelegramError
from telegram.request import BaseRequest

from bot.chat.inbox import Inbox, Raw
from bot.chat.link import Link
from bot.errors import InboxUnavailable

ALLOWED_UPDATES = (Update.MESSAGE, Update.CALLBACK_QUERY, Update.INLINE_QUERY)

_LOG = logging.getLogger(__name__)
_FOREIGN = "its response is not the Bot API's"
_PAUSE_BETWEEN_SHORT_POLLS_S = 1.0
_READ_MARGIN_S = 15.0  # beyond the long poll itself


class Poller:
    """Moves updates from Telegram to the inbox."""

    def __init__(self, bot: Bot, request: BaseRequest, inbox: Inbox, link: Link, poll_timeout_s: int) -> None:
        """Ask for updates with a long poll of `poll_timeout_s` seconds; 0 asks once a second.

        Args:
            bot: What the updates are for.
            request: A connection of its own: a poll keeps it busy.
            inbox: Where the updates go.
            link: Told of trouble, knows how long to wait.
            poll_timeout_s: 0–50.
        """
        self._bot = bot
        self._request = request
        self._inbox = inbox
        self._link = link
        self._poll_timeout_s = poll_timeout_s
        self._offset: int | None = None

    async def prepare(self) -> None:
        """Put a webhook aside, with which there is no polling; what waits there stays waiting."""
        await self._bot.delete_webhook(drop_pending_updates=False)

    async def run(self) -> None:
        """Poll until cancelled.

        Raises:
            TokenRejected: The token was withdrawn.
        """
        timeout_s = self._poll_timeout_s
        while True:
            try:
                updates = await self._updates(timeout_s)
                await self._inbox.take(updates, self._bot)
            except (TelegramError, InboxUnavailable) as error:
                await asyncio.sleep(self._link.failed(error))
                timeout_s = 0  # a short poll tells at once whether the trouble is over
                continue
            self._link.worked()
            timeout_s = self._poll_timeout_s
            if updates:
                self._offset = int(updates[-1]["update_id"]) + 1
            elif not timeout_s:
                await asyncio.sleep(_PAUSE_BETWEEN_SHORT_POLLS_S)

    async def confirm(self) -> None:
        """Tell Telegram what was taken, so that it need not be delivered again at the next start."""
        if self._offset is None:
            return
        try:
            await self._updates(0, limit=1)
        except TelegramError as error:
            _LOG.warning(
                "the last updates were not confirmed; they come again and are passed over: %s", error
            )

    async def _updates(self, timeout_s: int, limit: int = 100) -> Sequence[Raw]:
        """Return what Telegram has, as it sends it.

        The library's own method reads the whole batch into its objects, or fails; and what is written to
        disk should be what Telegram sent.
        """
        given: dict[str, Any] = {
            "timeout": timeout_s,
            "limit": limit,
            "allowed_updates": json.dumps(ALLOWED_UPDATES),
        }
        if self._offset is not None:
            given["offset"] = self._offset
        address = f"{self._bot.base_url}/getUpdates?{urlencode(given)}"
        body = await self._request.retrieve(address, read_timeout=timeout_s + _READ_MARGIN_S)
        try:
            updates: list[Raw] = json.loads(body)["result"]
            numbered = all(isinstance(update["update_id"], int) for update in updates)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise TelegramError(_FOREIGN) from error
        if not numbered:
            raise TelegramError(_FOREIGN)
        return updates

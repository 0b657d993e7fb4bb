"""Takes updates from Telegram and confirms them; one that cannot be read does not hold up the others.

The library's own poller pauses where a stop cannot interrupt it, keeps silent about time-outs, dies of a
withdrawn token without telling anybody, and asks for ever for a batch that it cannot read.
"""

import asyncio
import json
import logging
from http import HTTPStatus
from typing import Any

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.chat.inbox import Inbox
from bot.chat.link import Link

ALLOWED_UPDATES = (Update.MESSAGE,)

_LOG = logging.getLogger(__name__)
_PAUSE_BETWEEN_SHORT_POLLS_S = 1.0


class TolerantRequest(HTTPXRequest):
    """The connection for getUpdates: an update that the library cannot read arrives as an empty one."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ANN401
        """Return the server's status and body, unreadable updates emptied."""
        status, body = await super().do_request(*args, **kwargs)
        return status, readable(body) if status == HTTPStatus.OK else body


def readable(body: bytes) -> bytes:
    """Return a getUpdates response with every update that the library cannot read cut down to its id.

    Raises:
        TelegramError: It is no such response.
    """
    try:
        response = json.loads(body)
        updates = response["result"]
        kept = [_readable(update) for update in updates]
    except (ValueError, TypeError, KeyError) as error:
        raise TelegramError("its response is not the Bot API's") from error
    return body if kept == updates else json.dumps({**response, "result": kept}).encode()


def _readable(update: dict[str, Any]) -> dict[str, Any]:
    try:
        Update.de_json(update, None)
    except Exception as error:  # whatever the library stumbles over
        stub = {"update_id": update["update_id"]}
        _LOG.warning("update %s cannot be read and is passed over: %r", stub["update_id"], error)
        return stub
    return update


class Poller:
    """Moves updates from Telegram to the inbox."""

    def __init__(self, bot: ExtBot[Any], inbox: Inbox, link: Link, poll_timeout_s: int) -> None:
        """Ask for updates with a long poll of `poll_timeout_s` seconds; 0 asks once a second."""
        self._bot = bot
        self._inbox = inbox
        self._link = link
        self._poll_timeout_s = poll_timeout_s
        self._offset: int | None = None

    async def run(self) -> None:
        """Poll until cancelled.

        Raises:
            TokenRejected: The token was withdrawn.
        """
        timeout_s = self._poll_timeout_s
        while True:
            try:
                updates = await self._bot.get_updates(
                    offset=self._offset, timeout=timeout_s, allowed_updates=ALLOWED_UPDATES
                )
            except TelegramError as error:
                await asyncio.sleep(self._link.failed(error))
                timeout_s = 0  # a short poll tells at once whether the trouble is over
                continue
            self._link.worked()
            timeout_s = self._poll_timeout_s
            for update in updates:
                await self._inbox.put(update)
                self._offset = update.update_id + 1
            if not updates and not timeout_s:
                await asyncio.sleep(_PAUSE_BETWEEN_SHORT_POLLS_S)

    async def confirm(self) -> None:
        """Tell Telegram what was taken, so that it is not delivered again at the next start."""
        if self._offset is None:
            return
        try:
            await self._bot.get_updates(
                offset=self._offset, timeout=0, limit=1, allowed_updates=ALLOWED_UPDATES
            )
        except TelegramError as error:
            _LOG.warning("the last questions were not confirmed and may be answered twice: %s", error)

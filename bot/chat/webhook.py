"""Updates that Telegram delivers itself: accepted only with its secret, and confirmed once they are safe."""

import asyncio
import hmac
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from telegram import Bot
from telegram.error import TelegramError

from bot.chat.inbox import Inbox
from bot.chat.link import Link
from bot.chat.polling import ALLOWED_UPDATES
from bot.chat.web import MISSING
from bot.errors import InboxUnavailable, InputError, SettingsError
from bot.settings import Secret

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

MAX_BODY_BYTES = 1_000_000
"""Telegram's updates stay far below; what is longer is not read."""

_SECRET_SHAPE = re.compile(r"[A-Za-z0-9_-]{16,256}")
_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_CONNECTIONS = 40
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """Where updates are delivered.

    Attributes:
        url: What Telegram is told: https, as the world sees it.
        host: Listened on; behind a proxy the loopback address.
        port: Listened on, 0–65535; 0 takes a free one.
        path: Of the requests that arrive here, with its slash.
        secret: Telegram sends it along with each update.
    """

    url: str
    host: str
    port: int
    path: str
    secret: Secret

    def __post_init__(self) -> None:
        """Check what Telegram would refuse only later.

        Raises:
            SettingsError: The url or the path is none.
            InputError: The secret is not one that Telegram takes, or too short to be one.
        """
        parts = urlsplit(self.url)
        if parts.scheme not in {"https", "http"} or not parts.hostname:
            raise SettingsError(
                f"webhook.url = {self.url!r} is no address; write it like https://bot.example.org/telegram"
            )
        if not self.path.startswith("/"):
            raise SettingsError(f"webhook.path = {self.path!r} must begin with a slash")
        if not _SECRET_SHAPE.fullmatch(self.secret.reveal()):
            raise InputError("the webhook's secret must be 16 to 256 of A-Z a-z 0-9 _ -")


class Webhook:
    """Takes updates from Telegram's requests."""

    def __init__(self, bot: Bot, inbox: Inbox, address: Address, link: Link) -> None:
        """Deliver to `inbox`; nothing is accepted unless it runs.

        Args:
            bot: What the updates are for.
            inbox: Where they go.
            address: Where they arrive.
            link: Told of trouble, knows how long to wait.
        """
        self._bot = bot
        self._inbox = inbox
        self._address = address
        self._link = link
        self._running = False

    async def prepare(self) -> None:
        """Do nothing: Telegram is told when updates are accepted."""

    async def run(self) -> None:
        """Tell Telegram where to deliver and accept updates until cancelled.

        Raises:
            TokenRejected: The token was withdrawn.
        """
        self._running = True
        try:
            while not await self._told():
                continue
            await asyncio.Event().wait()
        finally:
            # Refused from now on: Telegram keeps them and tries again until somebody takes them.
            self._running = False

    async def confirm(self) -> None:
        """Do nothing: each update was confirmed when it was safe."""

    async def _told(self) -> bool:
        try:
            await self._bot.set_webhook(
                self._address.url,
                allowed_updates=ALLOWED_UPDATES,
                drop_pending_updates=False,
                max_connections=_CONNECTIONS,
                secret_token=self._address.secret.reveal(),
            )
        except TelegramError as error:
            await asyncio.sleep(self._link.failed(error))
            return False
        self._link.worked()
        return True

    def route(self) -> "BaseRoute":
        """Return the place of the requests.

        Raises:
            InputError: The libraries are not installed.
        """
        try:
            from starlette.routing import Route
        except ImportError:
            raise InputError(MISSING) from None
        return Route(self._address.path, self._endpoint, methods=["POST"])

    async def _endpoint(self, request: "Request") -> "Response":
        if not self._is_telegram(request.headers):
            return _reply(HTTPStatus.FORBIDDEN, "the secret is missing or wrong")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _reply(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body is not application/json")
        body = await _read(request)
        if body is None:
            return _reply(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body exceeds {MAX_BODY_BYTES} bytes")
        if not self._running:
            return _reply(HTTPStatus.SERVICE_UNAVAILABLE, "starting or stopping; try again", retry_after_s=5)
        try:
            await self._inbox.take([json.loads(body)], self._bot)
        except (ValueError, RecursionError):
            return _reply(HTTPStatus.BAD_REQUEST, "the body is no update")
        except InboxUnavailable as error:
            _LOG.error("an update was refused: %s", error)
            return _reply(HTTPStatus.SERVICE_UNAVAILABLE, "it cannot be written down now", retry_after_s=5)
        return _reply(HTTPStatus.OK, "")

    def _is_telegram(self, headers: Mapping[str, str]) -> bool:
        given = headers.get(_HEADER, "").encode("latin-1", "replace")
        return hmac.compare_digest(given, self._address.secret.reveal().encode("ascii"))


async def _read(request: "Request") -> bytes | None:
    """Return the body, None as soon as it is known to be too long."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > MAX_BODY_BYTES:
        return None
    from starlette.requests import ClientDisconnect

    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                return None
    except ClientDisconnect:
        return b""  # nobody waits for a reply; what was not confirmed comes again
    return bytes(body)


def _reply(status: HTTPStatus, trouble: str, *, retry_after_s: int = 0) -> "Response":
    from starlette.responses import JSONResponse

    content: dict[str, Any] = {"ok": status == HTTPStatus.OK}
    if trouble:
        content["error"] = trouble
    headers = {"Retry-After": str(retry_after_s)} if retry_after_s else None
    return JSONResponse(content, status, headers)

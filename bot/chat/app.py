"""The bot as a process: first contact, polling, and an orderly end."""

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from telegram.error import TelegramError
from telegram.ext import ApplicationBuilder

from bot.chat.commands import publish_commands
from bot.chat.desk import Desk
from bot.chat.handlers import App, Conversation
from bot.chat.inbox import Inbox, Lanes
from bot.chat.language import Catalog
from bot.chat.link import Link
from bot.chat.pace import Pace
from bot.chat.polling import Poller, TolerantRequest
from bot.chat.redaction import Redactor
from bot.errors import SettingsError, TokenRejected
from bot.settings import Secret, TelegramSettings

T = TypeVar("T")

_CONNECT_TIMEOUT_S = 10.0
_READ_TIMEOUT_S = 15.0  # a slow answer is better awaited than sent twice


def serve(settings: TelegramSettings, token: Secret, desk: Desk, *, say: Callable[[str], None]) -> None:
    """Answer in Telegram until SIGTERM or SIGINT, then finish what is in hand and return.

    Call it in the main thread. Without a network, or while another program polls with the same token, it
    keeps trying with growing pauses.

    Args:
        settings: The way to the Bot API.
        token: As @BotFather shows it.
        desk: Who answers.
        say: Takes one line for the operator, without the token.

    Raises:
        SettingsError: `settings.base_url` is no address.
        TokenRejected: Telegram does not know the token, now or later.
    """
    app = build(settings, token, desk)

    async def until_stopped() -> None:
        stop = asyncio.Event()
        with _signals(stop):
            await run(app, settings, say=say, stop=stop)

    asyncio.run(until_stopped())


def build(settings: TelegramSettings, token: Secret, desk: Desk) -> App:
    """Return the application: handlers, limits and connections. Nothing is sent yet.

    Raises:
        SettingsError: `settings.base_url` is no address.
        TokenRejected: `token` does not look like one.
    """
    plain = token.reveal()
    if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", plain):
        raise TokenRejected(
            "the bot's token does not look like one (123456789:AA…); check TELEGRAM_BOT_TOKEN"
        )
    # The library's own switch to durations instead of numbers; without it each 429 raises a warning.
    os.environ["PTB_TIMEDELTA"] = "1"
    app: App = (
        ApplicationBuilder()
        .token(plain)
        .base_url(f"{server_root(settings.base_url)}/bot")
        .connect_timeout(_CONNECT_TIMEOUT_S)
        .read_timeout(_READ_TIMEOUT_S)
        .get_updates_request(
            TolerantRequest(
                connection_pool_size=1, connect_timeout=_CONNECT_TIMEOUT_S, read_timeout=_READ_TIMEOUT_S
            )
        )
        .rate_limiter(Pace(max_pause_s=settings.max_retry_pause_s))
        .updater(None)
        .job_queue(None)
        .update_queue(Inbox())
        .concurrent_updates(Lanes())
        .build()
    )
    Conversation(desk, Catalog(), settings.hits).register(app)
    return app


def server_root(base_url: str) -> str:
    """Return the Bot API server's root without a slash at its end.

    Raises:
        SettingsError: It is not http or https, or has no host.
    """
    root = base_url.strip().rstrip("/").removesuffix("/bot")
    if not _is_root(root):
        raise SettingsError(
            f"telegram.base_url = {base_url!r} is no address; write it like https://api.telegram.org"
        )
    return root


def _is_root(address: str) -> bool:
    try:
        parts = urlsplit(address)
        named = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return named and not set(address) & set("{}?# ")


async def run(
    app: App, settings: TelegramSettings, *, say: Callable[[str], None], stop: asyncio.Event
) -> None:
    """Run `app` until `stop` is set, then stop polling, send the answers in hand and close.

    Args:
        app: From `build`, not started.
        settings: Those it was built with.
        say: Takes one line for the operator.
        stop: Ends the run.

    Raises:
        TokenRejected: Telegram does not know the token, now or later.
    """
    link = Link(
        server_root(settings.base_url),
        say,
        redact=Redactor(Secret(app.bot.token)),
        max_pause_s=settings.max_retry_pause_s,
        clock=time.monotonic,
    )
    poller = Poller(app.bot, _inbox(app), link, settings.poll_timeout_s)

    async def work() -> None:
        await _first_contact(app, link)
        await app.start()
        say(f"@{app.bot.username} is answering")
        async with _background(publish_commands(app.bot, Catalog())):
            await poller.run()

    async with _background(work()) as working, _background(stop.wait()) as stopping:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await _finish(app, poller, say)
    if not working.cancelled():
        working.result()


@asynccontextmanager
async def _background(coroutine: Coroutine[Any, Any, T]) -> AsyncIterator[asyncio.Task[T]]:
    """Run `coroutine` beside the context and cancel it at the end."""
    task = asyncio.create_task(coroutine)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _first_contact(app: App, link: Link) -> None:
    """Introduce the bot to the server; keep trying while there is no way to it."""
    while True:
        try:
            await app.initialize()
            await app.bot.delete_webhook(drop_pending_updates=False)
        except TelegramError as error:
            await asyncio.sleep(link.failed(error))
        else:
            link.worked()
            return


async def _finish(app: App, poller: Poller, say: Callable[[str], None]) -> None:
    if app.running:
        if in_hand := _inbox(app).in_hand:
            say(f"stopping; questions in hand: {in_hand}")
        cast("Pace", app.bot.rate_limiter).hurry()
        await app.stop()
        await poller.confirm()
    await app.shutdown()
    await app.bot.shutdown()  # an application that was never initialised leaves its connections open


def _inbox(app: App) -> Inbox:
    return cast("Inbox", app.update_queue)


@contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """Let SIGTERM and SIGINT set `stop` while the context lasts."""
    loop = asyncio.get_running_loop()
    before = {
        number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

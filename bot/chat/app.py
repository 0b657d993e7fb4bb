"""The bot as a process: first contact, polling or a webhook, and an orderly end."""

import asyncio
import gc
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import urlsplit

from telegram.error import TelegramError
from telegram.ext import ApplicationBuilder

from bot import __version__
from bot.chat.access import Access, Gate
from bot.chat.admin import Admin
from bot.chat.asking import Asking
from bot.chat.batching import Batches
from bot.chat.browse import Browsing
from bot.chat.chart import draw
from bot.chat.commands import AdminsLists, publish_commands
from bot.chat.conversion import traditional
from bot.chat.desk import Desk
from bot.chat.handlers import Conversation
from bot.chat.health import Health
from bot.chat.http import client
from bot.chat.inbox import Inbox
from bot.chat.inline import Inline
from bot.chat.lanes import RETRY_PAUSES_S, Lanes
from bot.chat.language import Catalog
from bot.chat.languages import Languages
from bot.chat.ledger import Ledger
from bot.chat.link import Link
from bot.chat.memory import Memory
from bot.chat.notifier import Notifier
from bot.chat.pace import LINES, Pace
from bot.chat.polling import Poller
from bot.chat.privacy import Privacy
from bot.chat.readers import Readers
from bot.chat.records import Keeping
from bot.chat.redaction import Redactor
from bot.chat.refreshing import Refreshing
from bot.chat.scope import Scopes
from bot.chat.search import Search
from bot.chat.tally import Tally
from bot.chat.verbs import App, Verbs
from bot.chat.web import WebServer, application
from bot.chat.webhook import Address, Webhook
from bot.errors import SettingsError, TokenRejected
from bot.settings import AccessSettings, Secret, TelegramSettings

T = TypeVar("T")

_LOOPBACK = "127.0.0.1"


def _now() -> datetime:
    return datetime.now().astimezone()


def _no_index() -> str:
    return ""


async def _nothing() -> None:
    await asyncio.Event().wait()


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a bot; one on trial needs a memory only.

    Attributes:
        memory: Of questions, buttons and people's choices.
        inbox: The file of the updates in hand; None keeps them in memory, where a crash loses them.
        keeping: For /privacy, /forget and the admins' commands; None: a bot without them.
        access: Who may ask, and how often; None: everybody, as often as they like.
        tally: Counts.
        notifier: Writes to those who look after the bot.
        refreshing: Brings the index up to date on SIGHUP; None: there is nothing to refresh.
        beside: Runs beside the bot and is cancelled at its end, for example a watch on the corpus.
        generation: Returns the name of the index that answers; blocks, raises when there is none.
        webhook: Where Telegram delivers updates; None: the bot polls.
        health_port: On loopback, for `/healthz` and `/metrics`; 0: none, or that of the webhook.
        retry_pauses_s: Between the tries of an update whose handler failed.
        paced: Whether Telegram's limits are kept; False only for a server that has none.
        warn: Told, in one line, what went wrong and was mended.
    """

    memory: Memory
    inbox: Path | None = None
    keeping: Keeping | None = None
    access: AccessSettings | None = None
    tally: Tally = field(default_factory=Tally)
    notifier: Notifier = field(default_factory=Notifier)
    refreshing: Refreshing | None = None
    beside: Callable[[], Coroutine[Any, Any, None]] = _nothing
    generation: Callable[[], str] = _no_index
    webhook: Address | None = None
    health_port: int = 0
    retry_pauses_s: tuple[float, ...] = RETRY_PAUSES_S
    paced: bool = True
    warn: Callable[[str], None] = lambda _line: None

    @property
    def admins(self) -> tuple[int, ...]:
        """The users who look after the bot, where there is something for them to ask."""
        return self.access.admins if self.access and self.keeping else ()


class Source(Protocol):
    """Where updates come from."""

    async def prepare(self) -> None:
        """Do what comes before anything is answered; fails with the library's errors."""
        ...

    async def run(self) -> None:
        """Move updates to the inbox until cancelled."""
        ...

    async def confirm(self) -> None:
        """Do what is left when the updates in hand are dealt with."""
        ...


def serve(
    settings: TelegramSettings,
    token: Secret,
    desk: Desk,
    *,
    say: Callable[[str], None],
    around: Around,
) -> None:
    """Answer in Telegram until SIGTERM or SIGINT, then finish what is in hand and return.

    Call it in the main thread. Without a network, or while another program polls with the same token, it
    keeps trying with growing pauses.

    Args:
        settings: The way to the Bot API.
        token: As @BotFather shows it.
        desk: Who answers.
        say: Takes one line for the operator, without the token.
        around: What stands around the bot.

    Raises:
        SettingsError: `settings.base_url` is no address.
        TokenRejected: Telegram does not know the token, now or later.
        InboxUnavailable: The inbox cannot be opened.
    """
    app = build(settings, token, desk, around)

    gc.freeze()  # what was loaded so far stays: to look through it again and again is a 25th of all work

    async def until_stopped() -> None:
        stop, hup = asyncio.Event(), asyncio.Event()
        with _signals(stop, hup):
            async with _background(_on_hup(hup, around.refreshing)):
                await run(app, settings, say=say, stop=stop, around=around)

    asyncio.run(until_stopped())


def build(settings: TelegramSettings, token: Secret, desk: Desk, around: Around) -> App:
    """Return the application: handlers, limits and connections. Nothing is sent or opened yet.

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
    root = server_root(settings.base_url)
    ledger = Ledger(around.inbox, int(plain.partition(":")[0]), now=time.time, warn=around.warn)
    inbox = Inbox(ledger, around.tally, now=time.time)
    lanes = Lanes(inbox, around.tally, pauses_s=around.retry_pauses_s)
    app: App = (
        ApplicationBuilder()
        .token(plain)
        .base_url(f"{root}/bot")
        .request(client(root, LINES))
        .get_updates_request(client(root, 1))
        .rate_limiter(Pace(max_pause_s=settings.max_retry_pause_s, paced=around.paced))
        .updater(None)
        .job_queue(None)
        .update_queue(inbox)
        .concurrent_updates(lanes)
        .build()
    )
    lanes.attach(app)
    around.notifier.attach(app.bot)
    catalog = Catalog()
    if around.access is not None:
        Gate(Access(around.access, clock=time.monotonic), catalog).register(app)
    _converse(app, desk, around, catalog, settings.hits)
    return app


def _converse(app: App, desk: Desk, around: Around, catalog: Catalog, hits: int) -> None:
    """Put the bot's side of all chats into `app`. The conversation is last: it takes what no other takes."""
    memory = around.memory
    readers, scopes, convert = Readers(catalog, memory), Scopes(), traditional()
    verbs = Verbs(memory, readers)
    verbs.register(app)
    browsing = Browsing(desk, memory, readers, scopes, convert)
    browsing.register(app, verbs)
    Languages(memory, readers).register(app, verbs)
    Inline(desk, readers, convert).register(app)
    if around.keeping is not None:
        Privacy(memory, readers, around.keeping).register(app, verbs)
        admin = Admin(
            around.admins, around.keeping, readers, around.refreshing, draw, _now, _now(), __version__
        )
        admin.register(app)
        if around.admins:
            AdminsLists(catalog, around.admins).register(app)
    asking = Asking(desk, memory, Batches(memory.asked), readers, scopes, convert, hits)
    Search(asking, browsing).register(app)
    Conversation(asking).register(app, verbs)


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
    app: App,
    settings: TelegramSettings,
    *,
    say: Callable[[str], None],
    stop: asyncio.Event,
    around: Around,
) -> None:
    """Run `app` until `stop` is set, then take no more updates, send the answers in hand and close.

    Args:
        app: From `build`, not started.
        settings: Those it was built with.
        say: Takes one line for the operator.
        stop: Ends the run.
        around: That it was built with.

    Raises:
        TokenRejected: Telegram does not know the token, now or later.
        InboxUnavailable: The inbox cannot be opened.
    """
    inbox = _inbox(app)
    link = Link(
        server_root(settings.base_url),
        say,
        redact=Redactor(Secret(app.bot.token)),
        max_pause_s=settings.max_retry_pause_s,
        clock=time.monotonic,
    )
    async with AsyncExitStack() as stack:
        await inbox.open()
        stack.push_async_callback(inbox.close)
        source = await _source(app, settings, link, around, stack)

        async def work() -> None:
            await _first_contact(app, source, link)
            await app.start()
            say(f"@{app.bot.username} is answering")
            async with (
                _background(publish_commands(app.bot, Catalog(), around.admins)),
                _background(around.beside()),
            ):
                await inbox.replay(app.bot)
                await source.run()

        async with _background(work()) as working, _background(stop.wait()) as stopping:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        await _finish(app, source, say)
    if not working.cancelled():
        working.result()


async def _source(
    app: App, settings: TelegramSettings, link: Link, around: Around, stack: AsyncExitStack
) -> Source:
    """Return where updates come from, with the pages served that it and the health check need."""
    inbox = _inbox(app)
    health = Health(inbox, around.tally, generation=around.generation, now=time.time)
    if around.health_port:
        pages = application(health.routes())
        await stack.enter_async_context(WebServer(pages, _LOOPBACK, around.health_port))
    if around.webhook is None:
        request = client(server_root(settings.base_url), 1)
        await stack.enter_async_context(request)
        return Poller(app.bot, request, inbox, link, settings.poll_timeout_s)
    webhook = Webhook(app.bot, inbox, around.webhook, link)
    routes = [webhook.route(), *([] if around.health_port else health.routes())]
    server = WebServer(application(routes), around.webhook.host, around.webhook.port)
    await stack.enter_async_context(server)
    return webhook


@asynccontextmanager
async def _background(coroutine: Coroutine[Any, Any, T]) -> AsyncIterator[asyncio.Task[T]]:
    """Run `coroutine` beside the context and cancel it at the end."""
    task = asyncio.create_task(coroutine)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _first_contact(app: App, source: Source, link: Link) -> None:
    """Introduce the bot to the server; keep trying while there is no way to it."""
    while True:
        try:
            await app.initialize()
            await source.prepare()
        except TelegramError as error:
            await asyncio.sleep(link.failed(error))
        else:
            link.worked()
            return


async def _finish(app: App, source: Source, say: Callable[[str], None]) -> None:
    if app.running:
        if in_hand := _inbox(app).in_hand:
            say(f"stopping; questions in hand: {in_hand}")
        cast("Pace", app.bot.rate_limiter).hurry()
        cast("Lanes", app.update_processor).hurry()
        await app.stop()
        await source.confirm()
    await app.shutdown()
    await app.bot.shutdown()  # an application that was never initialised leaves its connections open


def _inbox(app: App) -> Inbox:
    return cast("Inbox", app.update_queue)


async def _on_hup(hup: asyncio.Event, refreshing: Refreshing | None) -> None:
    """Refresh whenever `hup` is set."""
    while True:
        await hup.wait()
        hup.clear()
        if refreshing is not None:
            await refreshing.unasked("SIGHUP")


@contextmanager
def _signals(stop: asyncio.Event, hup: asyncio.Event) -> Iterator[None]:
    """Let SIGTERM and SIGINT set `stop`, and SIGHUP `hup`, while the context lasts."""
    loop = asyncio.get_running_loop()
    events = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: hup}
    before = {
        number: signal.signal(number, lambda *_, event=event: loop.call_soon_threadsafe(event.set))
        for number, event in events.items()
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

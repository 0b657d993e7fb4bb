"""The whole bot without a token: its Telegram, itself and a chat page, in one process on loopback."""

import asyncio
import logging
import os
import secrets
import signal
import sys
import webbrowser
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from threading import Thread

from bot import console
from bot.errors import InputError, TelegramError
from bot.opening import Progress
from bot.serving import holdings, mending
from bot.settings import AccessSettings, JournalSettings, Secret
from bot.wiring import Service

USUAL_PORT = 8021
"""Taken when it is free and no other is asked for, so that the page's address stays the same."""
BOT_ID = 123_456_789


def try_home(
    service: Service, *, port: int | None, browser: bool, advance: Callable[[], Progress], debug: bool
) -> None:
    """Make the index ready and answer on the chat page until SIGTERM or SIGINT.

    Args:
        service: Of the home whose reports are asked.
        port: Of 127.0.0.1; 0 takes a free one, None the usual one if it is free.
        browser: Whether to open the page, where there is a browser to be seen.
        advance: Opens a display of progress, should the index have to be built.
        debug: Whether to log everything.

    Raises:
        InputError: The server's packages are not installed.
        TelegramError: The port is taken.
    """
    _need_server()
    from bot.chat.redaction import configure_logging

    token = Secret(f"{BOT_ID}:{secrets.token_urlsafe(24)}")
    log = service.settings.log
    level = logging.DEBUG if debug else logging.getLevelNamesMapping()[log.level.upper()]
    configure_logging(level, token, sys.stderr, form=log.format, questions=log.questions)
    service.ready(advance=advance)
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = "*"  # a proxy is for the way out, and nothing here goes there

    def ready(address: str) -> None:
        console.say(f"{address}  ← 在这里问 / ask here; Ctrl-C 结束 / stops")
        if browser and _is_watched():
            # A browser that stays in the foreground must not hold up the bot.
            Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    async def until_stopped() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        await stage(service, token, port=port, ready=ready, stop=stop)

    asyncio.run(until_stopped())


async def stage(
    service: Service, token: Secret, *, port: int | None, ready: Callable[[str], None], stop: asyncio.Event
) -> None:
    """Serve the Bot API and the page, and run the bot on them, until `stop` is set; then nothing is left.

    The first of the two people looks after the bot, so that an admin's commands can be tried as well.

    Args:
        service: Who answers; its index is ready.
        token: Of the bot; known to nobody else.
        port: As for `try_home`.
        ready: Told the page's address once it can be opened.
        stop: Ends the bot, then the server.

    Raises:
        TelegramError: The port is taken.
    """
    from bot.building import Worker
    from bot.chat.app import Around, build, run
    from bot.chat.notifier import Notifier
    from bot.chat.records import Keeping
    from bot.chat.refreshing import Refreshing
    from bot.journal.journal import Journal
    from bot.sandbox.page.cast import Cast
    from bot.sandbox.page.page import Page
    from bot.sandbox.run import HOST, BotApiServer
    from bot.sandbox.sandbox import Sandbox

    sandbox = Sandbox(token=token.reveal(), inline=True)
    cast = Cast.join(sandbox)
    admin = cast.people[0].user.user_id
    sandbox.world.open(admin)  # so that the bot can set the list of their commands
    page = Page(sandbox, cast, secrets.token_urlsafe(24))
    async with AsyncExitStack() as stack:

        async def serve(at: int) -> BotApiServer:
            return await stack.enter_async_context(BotApiServer(sandbox, port=at, page=page))

        server = None
        if port is None:
            with suppress(TelegramError):
                server = await serve(USUAL_PORT)
        server = server or await serve(port or 0)
        settings = replace(service.settings.telegram, base_url=server.base_url)
        folder = stack.enter_context(TemporaryDirectory(prefix="wenbao-try-"))
        journal = Journal(
            f"sqlite:///{folder}/journal.sqlite3",
            key=secrets.token_bytes(32),
            keep_questions=True,
            clock=lambda: datetime.now().astimezone(),
            grouping=service.meaning,
        )
        stack.callback(journal.close)
        notifier = Notifier((admin,))
        worker = Worker(service.home.root, os.environ)
        refreshing = Refreshing(worker, swap=service.reopen, notify=notifier)
        around = Around(
            memory=journal,
            keeping=Keeping(journal, JournalSettings(), lambda: holdings(service)),
            access=AccessSettings(admins=(admin,)),
            notifier=notifier,
            refreshing=refreshing,
            beside=partial(mending, service, refreshing),
        )
        app = build(settings, token, service, around)
        ready(f"http://{HOST}:{server.port}/")
        await run(app, settings, say=console.say, stop=stop, around=around)


def _need_server() -> None:
    if not all(map(find_spec, ("PIL", "python_multipart", "starlette", "uvicorn"))):
        raise InputError("wenbao try needs more libraries; run: pip install 'wenbao[try]'")


def _is_watched() -> bool:
    """Say whether somebody sits at a terminal of a machine with a display."""
    has_display = sys.platform in {"darwin", "win32"} or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    return sys.stderr.isatty() and has_display

"""A home's reports in Telegram, until stopped."""

import asyncio
import logging
import secrets
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from bot import console
from bot.credentials import HOW_TO_GET_ONE, read_token, read_webhook_secret
from bot.domain import Answer
from bot.errors import InputError
from bot.opening import Progress
from bot.settings import Secret
from bot.wiring import Service

if TYPE_CHECKING:
    from bot.chat.app import Around
    from bot.chat.records import Holdings
    from bot.chat.refreshing import Refreshing
    from bot.chat.tally import Tally
    from bot.chat.webhook import Address

INBOX = "inbox.sqlite3"
_LOG = logging.getLogger(__name__)


def serve_home(
    service: Service,
    environ: Mapping[str, str],
    *,
    advance: Callable[[], Progress],
    debug: bool,
    webhook: bool = False,
) -> None:
    """Make the index ready and answer in Telegram until SIGTERM or SIGINT.

    Args:
        service: Of the home.
        environ: Of the process, with the token and the webhook's secret unless files hold them.
        advance: Gives what is told of a build.
        debug: Log everything, with tracebacks.
        webhook: Have updates delivered instead of polling for them.

    Raises:
        InputError: There is no token, or a library is missing.
        SettingsError: webhook.url is no address.
        TokenRejected: Telegram does not know the token.
        InboxUnavailable: The inbox cannot be opened.
    """
    settings = service.settings
    token = read_token(settings.telegram, service.home.root, environ)
    if token is None:
        raise InputError(f"there is no bot token; {HOW_TO_GET_ONE}")
    from bot.chat.app import serve
    from bot.chat.redaction import configure_logging

    level = logging.DEBUG if debug else logging.getLevelNamesMapping()[settings.log.level.upper()]
    configure_logging(level, token, sys.stderr, form=settings.log.format, questions=settings.log.questions)
    around = surroundings(service, environ, _address(service, environ) if webhook else None)
    service.ready(advance=advance)
    serve(settings.telegram, token, service, say=console.say, around=around)


def surroundings(service: Service, environ: Mapping[str, str], webhook: "Address | None") -> "Around":
    """Return what a home's bot runs with; see `serve_home`."""
    from bot import following, watching
    from bot.building import Worker
    from bot.chat.app import Around
    from bot.chat.notifier import Notifier
    from bot.chat.records import Keeping
    from bot.chat.refreshing import Refreshing
    from bot.chat.tally import Tally

    home = service.home
    tally = Tally()
    service.on_answer = lambda answer: _count(tally, answer, told=service.settings.log.questions)
    settings = service.settings
    notifier = Notifier(settings.access.admins)
    refreshing = Refreshing(Worker(home.root, environ), swap=service.reopen, notify=notifier)
    if service.settings.corpus.watch:
        following.check()

    async def watched() -> None:
        if service.settings.corpus.watch:
            await watching.watch((home.corpus, home.root / "config"), refreshing)

    async def beside() -> None:
        await asyncio.gather(watched(), mending(service, refreshing))

    return Around(
        inbox=home.make_private() / INBOX,
        memory=service.journal,
        keeping=Keeping(service.journal, settings.journal, lambda: holdings(service), settings.log.questions),
        access=settings.access,
        tally=tally,
        notifier=notifier,
        refreshing=refreshing,
        beside=beside,
        generation=lambda: service.generation().generation,
        webhook=webhook,
        health_port=service.settings.serve.health_port,
        warn=_LOG.warning,
    )


async def mending(service: Service, refreshing: "Refreshing") -> None:
    """Have the index built anew whenever a question finds it damaged; until it is cancelled."""
    damaged, loop = asyncio.Event(), asyncio.get_running_loop()
    service.on_damage = lambda: loop.call_soon_threadsafe(damaged.set)
    while await damaged.wait():
        damaged.clear()
        await refreshing.unasked("the index is damaged")


def holdings(service: Service) -> "Holdings":
    """Return what a home's bot answers from; blocks.

    Raises:
        IndexUnavailable: There is no index.
    """
    from bot.chat.records import Holdings

    generation = service.generation()
    built = datetime.fromtimestamp((generation.folder / "meta.json").stat().st_mtime).astimezone()
    return Holdings(generation.generation, built, len(generation.reports()), generation.size)


def _address(service: Service, environ: Mapping[str, str]) -> "Address":
    """Return where updates are delivered; without a secret of one's own a new one each start."""
    from bot.chat.webhook import Address

    settings = service.settings.webhook
    if not settings.url:
        raise InputError("webhook.url is not set; write where Telegram reaches this bot, as https://…")
    secret = read_webhook_secret(settings, service.home.root, environ) or Secret(secrets.token_urlsafe(32))
    return Address(settings.url, settings.host, settings.port, settings.path, secret)


def _count(tally: "Tally", answer: Answer, *, told: bool) -> None:
    tally.asked(answer.took_ms / 1000, answered=answer.answered)
    if told:
        _LOG.info("asked: %s (%s)", answer.question, "answered" if answer.answered else "not found")

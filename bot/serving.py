"""A home's reports in Telegram, until stopped."""

import logging
import sys
from collections.abc import Callable, Mapping

from bot import console
from bot.credentials import HOW_TO_GET_ONE, read_token
from bot.errors import InputError
from bot.wiring import Progress, Service


def serve_home(
    service: Service, environ: Mapping[str, str], *, advance: Callable[[], Progress], debug: bool
) -> None:
    """Make the index ready and answer in Telegram until SIGTERM or SIGINT.

    Raises:
        InputError: There is no token.
        TokenRejected: Telegram does not know the token.
    """
    token = read_token(service.settings.telegram, service.home.root, environ)
    if token is None:
        raise InputError(f"there is no bot token; {HOW_TO_GET_ONE}")
    from bot.chat.app import serve
    from bot.chat.redaction import configure_logging

    configure_logging(logging.DEBUG if debug else logging.INFO, token, sys.stderr)
    service.ready(advance=advance)
    serve(service.settings.telegram, token, service, say=console.say)

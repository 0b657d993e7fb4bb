"""Deep links: what may follow /start."""

import re

from bot.sandbox.refusals import bad_request

MAX_PAYLOAD = 64


def is_payload(payload: str) -> bool:
    """Say whether a link t.me/bot?start=`payload` works: 1–64 of A–Z, a–z, 0–9, "_" and "-"."""
    return bool(re.fullmatch(rf"[A-Za-z0-9_-]{{1,{MAX_PAYLOAD}}}", payload))


def check_start_parameter(parameter: str) -> str:
    """Return the parameter of a button above inline results if Telegram takes it.

    Raises:
        ApiError: empty, longer than 64, or with other characters than a link may have.
    """
    if not parameter:
        raise bad_request("can't use empty start_parameter")
    if len(parameter.encode()) > MAX_PAYLOAD:
        raise bad_request("too long start_parameter specified")
    if not is_payload(parameter):
        raise bad_request("unallowed characters in start_parameter are used")
    return parameter

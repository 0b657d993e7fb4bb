"""Which addresses Telegram takes for links."""

import re
from urllib.parse import urlsplit

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_HOST = re.compile(r"(?:[^\s.@]+\.)+[^\s.@]+", re.IGNORECASE)
_USER = re.compile(r"tg://user\?id=(\d+)", re.IGNORECASE)


class LinkError(ValueError):
    """An address is not a link; the message is Telegram's reason."""


def check_link(url: str) -> str:
    """Return `url` as Telegram writes it: with a scheme, and with a path if it is of the web.

    Args:
        url: An address; without a scheme, http is meant.

    Raises:
        LinkError: the scheme is not one of http, https, tg, ton and tonsite, or the host has no dot
            ("localhost" is not a link to Telegram).
    """
    url = url.strip()
    if not url:
        raise LinkError("URL host is empty")
    scheme = _SCHEME.match(url)
    if scheme is None:
        url = f"http://{url}"
    elif scheme[1].lower() in {"tg", "ton", "tonsite"}:
        return url
    elif scheme[1].lower() not in {"http", "https"}:
        raise LinkError("Unsupported URL protocol")
    return _web(url)


def user_of(url: str) -> int | None:
    """Return the id that an address of the form tg://user?id=1 names, else None."""
    named = _USER.fullmatch(url.strip())
    return int(named[1]) if named else None


def _web(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise LinkError("Wrong HTTP URL") from None
    if not host:
        raise LinkError("URL host is empty")
    if not _HOST.fullmatch(host):
        raise LinkError("Wrong HTTP URL")
    return parts._replace(path=parts.path or "/").geturl()

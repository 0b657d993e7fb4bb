"""A webhook: which addresses are taken, and what is known of one."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from bot.sandbox.refusals import bad_request


@dataclass(frozen=True, slots=True)
class Hook:
    """Where updates go.

    Attributes:
        url: As the bot gave it.
        secret: Told in a header of each delivery; "" for none.
        max_connections: Deliveries at once, 1–100.
        is_foreign: Whether it belongs to another deployment: nothing is delivered to it.
        error: What went wrong with the latest delivery that failed; "" if none did.
        error_at: When, in Unix time.
    """

    url: str
    secret: str = ""
    max_connections: int = 40
    is_foreign: bool = False
    error: str = ""
    error_at: int = 0


def check_address(url: str) -> str:
    """Return the address of a webhook, which must be of this machine.

    Telegram wants https, and one of the ports 80, 88, 443 and 8443. Here http will do, on any port, but only
    to a loopback address: every other one is refused as Telegram refuses those that it cannot reach.

    Raises:
        ApiError: it is no address, of another scheme, or not of this machine.
    """
    parts = _split(url)
    if parts.scheme.lower() not in {"http", "https"}:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    host = parts.hostname or ""
    if host.lower() == "localhost":
        return url
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise bad_request("bad webhook: Failed to resolve host: Name or service not known") from None
    if not address.is_loopback:
        raise bad_request(f"bad webhook: IP address {address} is reserved")
    return url


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise bad_request("invalid webhook URL specified") from None
    if not parts.hostname or any(character.isspace() for character in url):
        raise bad_request("invalid webhook URL specified")
    return parts

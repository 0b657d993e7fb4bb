"""Requests to the Bot API over few kept connections.

The library's own client, httpx, takes some 2 ms of the interpreter's time for a request, aiohttp 0.4, and
there is one interpreter for everything. httpx stays where aiohttp is not installed, and behind a proxy, since
the two do not read the same of it from the environment.
"""

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, HTTPXRequest, RequestData

if TYPE_CHECKING:
    from aiohttp import ClientSession

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 15.0
"""Between two pieces of a response: a slow answer is better awaited than sent twice."""
UPLOAD_S = 60.0
"""Added to it while a file is sent."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")  # a file's name with a line break would be further headers


def client(root: str, lines: int) -> BaseRequest:
    """Return what makes requests to a server, at most `lines` at once.

    Args:
        root: Its address: https or http, and a host.
        lines: From 1; further requests wait for one of them to end.
    """
    try:
        import aiohttp  # noqa: F401 - whether it is there
    except ImportError:
        direct = False
    else:
        direct = not _has_proxy(root)
    if direct:
        return Client(lines, secure=urlsplit(root).scheme == "https")
    return HTTPXRequest(
        lines, connect_timeout=CONNECT_TIMEOUT_S, read_timeout=READ_TIMEOUT_S, pool_timeout=None
    )


def _has_proxy(root: str) -> bool:
    """Tell whether the environment names a way out that leads to `root`."""
    parts = urlsplit(root)
    named = getproxies().keys() & {parts.scheme, "all"}
    return bool(named) and not proxy_bypass(parts.hostname or "")


class Client(BaseRequest):
    """Makes requests with aiohttp; certificates are checked as httpx does, and redirections not followed.

    Args:
        lines: Requests at once.
        secure: Whether the server's address is https.
    """

    def __init__(self, lines: int, *, secure: bool) -> None:
        self._lines = lines
        self._secure = secure
        self._session: ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds between two pieces of a response."""
        return READ_TIMEOUT_S

    async def initialize(self) -> None:
        """Make connections possible; none is opened yet."""
        if self._session is not None:
            return
        import aiohttp
        import httpx

        certificates = httpx.create_ssl_context() if self._secure else True
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._lines, ssl=certificates),
            headers={"User-Agent": self.USER_AGENT},
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def shutdown(self) -> None:
        """Close all connections; without effect when there are none."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401 - the library's own types
        write_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401, ARG002 - see UPLOAD_S
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ANN401, ARG002 - whoever waits is in a row
    ) -> tuple[int, bytes]:
        """Make a request; return the status and the body of the response.

        Raises:
            TimedOut: There was no connection or no response in time.
            NetworkError: The line is broken.
            RuntimeError: Before `initialize` or after `shutdown`.
        """
        import aiohttp

        if self._session is None:
            raise RuntimeError("the client is not initialized")
        uploads = request_data is not None and request_data.contains_files
        timeout = aiohttp.ClientTimeout(
            total=None,
            sock_connect=_seconds(connect_timeout, CONNECT_TIMEOUT_S),
            sock_read=_seconds(read_timeout, READ_TIMEOUT_S) + (UPLOAD_S if uploads else 0.0),
        )
        data, headers = _body(request_data) if request_data else (None, None)
        try:
            async with self._session.request(
                method, url, data=data, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return response.status, await response.read()
        except TimeoutError as error:
            raise TimedOut from error
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(f"{type(error).__name__}: {error}") from error


def _body(given: RequestData) -> tuple[Any, dict[str, str] | None]:
    """Return the parameters as JSON, or as a form when there are files among them, and what to call it."""
    if not given.contains_files:
        return json.dumps(given.parameters).encode(), {"Content-Type": "application/json"}
    from aiohttp import FormData

    form = FormData(quote_fields=False)  # Telegram shows a file's name as it stands there
    for name, value in given.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in given.multipart_data.items():
        form.add_field(name, content, filename=_CONTROL.sub("_", filename), content_type=kind)
    return form, None


def _seconds(given: object, usual: float) -> float:
    return float(given) if isinstance(given, int | float) else usual

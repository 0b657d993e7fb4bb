"""Who may use the page: a browser on this machine that opened it by a name of this machine.

A site elsewhere can make a browser send requests to loopback, or give its own name the address 127.0.0.1
(DNS rebinding). The first is told by Origin and cannot know the token; the second is told by Host.
"""

import re
from secrets import compare_digest

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN_HEADER = "x-page-token"  # noqa: S105 - the name of a header

_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE | re.ASCII)
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Guard:
    """Refuses strangers and tells the browser what the page may do, in front of `app`.

    Args:
        app: What is guarded.
        token: Whoever changes something shows it.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 and why, or let `app` answer."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        refusal = self._refusal(Headers(scope=scope), scope["method"])
        answer = PlainTextResponse(refusal, 403) if refusal else self._app
        await answer(scope, receive, send_with_headers)

    def _refusal(self, headers: Headers, method: str) -> str:
        host = headers.get("host", "")
        if not _LOOPBACK.fullmatch(host):
            return "the page is for this machine only: open it by http://127.0.0.1"
        if headers.get("origin", f"http://{host}") != f"http://{host}":
            return "another site may not use the page"
        shown = headers.get(TOKEN_HEADER, "").encode()
        if method not in {"GET", "HEAD"} and not compare_digest(shown, self._token.encode()):
            return "the page is of an earlier run: load it again"
        return ""

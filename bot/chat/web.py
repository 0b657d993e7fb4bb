"""A small HTTP server in the bot's event loop, for the webhook and the health page."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bot.errors import InputError, TelegramError

if TYPE_CHECKING:
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp

GRACE_S = 5
"""Seconds a request may take to end once the server closes."""
MISSING = "a webhook and the health page need more libraries; run: pip install 'wenbao[webhook]'"


def application(routes: "Sequence[BaseRoute]") -> "ASGIApp":
    """Return what answers at `routes`, and with JSON errors elsewhere."""
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response

    async def refused(_: Request, error: Exception) -> Response:
        status, words = (
            (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, "trouble")
        )
        return JSONResponse({"ok": False, "error": words}, status)

    return Starlette(routes=list(routes), exception_handlers={HTTPException: refused, Exception: refused})


class WebServer:
    """Serves an application: `async with WebServer(app, "127.0.0.1", 8080) as server: …`."""

    def __init__(self, app: "ASGIApp", host: str, port: int) -> None:
        """Serve `app` on `host`; port 0 takes a free one, which `port` tells once the server runs."""
        self._app = app
        self.host = host
        self.port = port

    async def __aenter__(self) -> Self:
        """Start to serve.

        Raises:
            InputError: The libraries are not installed.
            TelegramError: The address cannot be used.
        """
        try:
            import uvicorn
        except ImportError:
            raise InputError(MISSING) from None

        class Server(uvicorn.Server):
            """Leaves signals and logging to the bot."""

            @contextmanager
            def capture_signals(self) -> Iterator[None]:
                yield

        listener = self._listen()
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            self._app,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=GRACE_S,
        )
        self._server = Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not (self._server.started or self._serving.done()):  # noqa: ASYNC110 - it offers no event
            await asyncio.sleep(0.005)
        if self._serving.done():
            self._serving.result()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let requests end and free the port."""
        self._server.should_exit = True
        await self._serving

    def _listen(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        # With the protocol named, asyncio turns Nagle's delay off; else each answer is 40 ms late.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self.host, self.port))
        except OSError as error:
            listener.close()
            raise TelegramError(
                f"{self.host}:{self.port} cannot be listened on ({error.strerror or error}); "
                "choose another webhook.host, webhook.port or serve.health_port"
            ) from error
        return listener

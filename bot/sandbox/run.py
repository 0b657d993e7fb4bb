"""Serving a sandbox on loopback, in a running event loop or in a thread of its own."""

import asyncio
import logging
import socket
from asyncio import BaseTransport, Transport
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from threading import Thread
from types import TracebackType
from typing import Self, cast

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.errors import TelegramError
from bot.sandbox.page.page import Page
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.server import HANG_UP, BotApi

HOST = "127.0.0.1"
"""The only address served: a sandbox knows no secrets and checks nobody."""
GRACE_S = 2
"""Seconds a call may take to end once the server closes."""


class BotApiServer:
    """Serves `sandbox` in the running event loop: `async with BotApiServer(sandbox) as server: …`.

    Args:
        sandbox: What is served; it stays as it is when the server closes.
        port: Of 127.0.0.1; 0 takes a free one.
        page: The chat page that is served as well, at "/".
    """

    def __init__(self, sandbox: Sandbox, *, port: int = 0, page: Page | None = None) -> None:
        self.sandbox = sandbox
        self.port = port
        self._page = page

    @property
    def base_url(self) -> str:
        """What a client puts in front of the token, once the server runs."""
        return f"http://{HOST}:{self.port}/bot"

    @property
    def file_url(self) -> str:
        """What a client puts in front of the token to fetch files: base_file_url, once the server runs."""
        return f"http://{HOST}:{self.port}/file/bot"

    @property
    def method_url(self) -> str:
        """What a client puts in front of a method's name: base_url, token and a slash."""
        return f"{self.base_url}{self.sandbox.token}/"

    async def __aenter__(self) -> Self:
        """Start to serve.

        Raises:
            TelegramError: the port is taken.
        """
        listener = _listen(self.port)
        self.port = listener.getsockname()[1]
        self._api = BotApi(self.sandbox, self._page.routes() if self._page else ())
        self._server = _Server(self._api.app)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        await self._server.up.wait()
        self._api.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let waiting calls end, close every connection and free the port."""
        if self._page:
            self._page.close()
        await self._api.close()
        self._server.down.set()
        await self._serving


@contextmanager
def run_in_thread(sandbox: Sandbox, *, port: int = 0, page: Page | None = None) -> Iterator[BotApiServer]:
    """Serve `sandbox` in a thread until the block is left.

    Args:
        sandbox: What is served; it stays as it is when the server closes.
        port: Of 127.0.0.1; 0 takes a free one.
        page: The chat page that is served as well.

    Raises:
        TelegramError: the port is taken.
    """
    started: Future[tuple[BotApiServer, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = Thread(
        target=_serve, args=(BotApiServer(sandbox, port=port, page=page), started), name="bot-sandbox"
    )
    thread.start()
    try:
        server, loop, stop = started.result()
        try:
            yield server
        finally:
            loop.call_soon_threadsafe(stop.set)
    finally:
        thread.join()


def _serve(
    serving: BotApiServer,
    started: "Future[tuple[BotApiServer, asyncio.AbstractEventLoop, asyncio.Event]]",
) -> None:
    async def main() -> None:
        stop = asyncio.Event()
        async with serving as server:
            started.set_result((server, asyncio.get_running_loop(), stop))
            await stop.wait()

    try:
        asyncio.run(main())
    except BaseException as error:
        if started.done():
            raise
        started.set_exception(error)


def _listen(port: int) -> socket.socket:
    # With the protocol named, asyncio turns Nagle's delay off; else each answer is 40 ms late.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        reason = error.strerror or error
        raise TelegramError(
            f"the sandbox cannot use {HOST}:{port} ({reason}); choose another port"
        ) from error
    return listener


class _Server(uvicorn.Server):
    """Ends when told to, and leaves signals and logging to the program it is part of."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
                ws="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level=logging.WARNING,
                access_log=False,  # the address has the token in it
                server_header=False,
                date_header=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        self.up = asyncio.Event()
        self.down = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        self.up.set()
        await self.down.wait()


class _Protocol(H11Protocol):
    """Lets the application break its connection, which ASGI alone does not."""

    def connection_made(self, transport: BaseTransport) -> None:
        connection = cast("Transport", transport)
        super().connection_made(connection)
        self.app = partial(_with_hang_up, self.app, connection)


async def _with_hang_up(
    app: ASGIApp, transport: Transport, scope: Scope, receive: Receive, send: Send
) -> None:
    await app({**scope, "extensions": {HANG_UP: transport.abort}}, receive, send)

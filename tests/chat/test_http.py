"""Requests to the Bot API: what is sent, what becomes of errors, and which client is taken. Real HTTP."""

import asyncio
import json
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from telegram import InputFile
from telegram.error import NetworkError, TimedOut
from telegram.request import HTTPXRequest, RequestData
from telegram.request._requestparameter import RequestParameter

from bot.chat import http
from bot.chat.http import Client, client

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@asynccontextmanager
async def served(handle: Handler) -> AsyncIterator[str]:
    """Serve on loopback, one connection each call; gives the address."""

    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
            await writer.drain()
        finally:
            writer.close()

    server = await asyncio.start_server(closing, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def opened(lines: int = 2) -> AsyncIterator[Client]:
    """A client that can be used."""
    made = Client(lines, secure=False)
    async with made:
        yield made


async def request_of(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """Read a request: head and body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    lengths = [line.split(":")[1] for line in head.lower().splitlines() if line.startswith("content-length:")]
    return head, await reader.readexactly(int(lengths[0]) if lengths else 0)


def answer(body: bytes, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def given(**values: object) -> RequestData:
    return RequestData([RequestParameter.from_input(name, value) for name, value in values.items()])


async def test_parameters_are_sent_as_json() -> None:
    """Nested ones too; also halves of characters, which the server may refuse; None is left out."""
    seen: list[tuple[str, bytes]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await request_of(reader))
        writer.write(answer(b"{}", "418 I'm a teapot"))

    async with served(handle) as root, opened() as made:
        data = given(chat_id=7, text="投\ud800", reply_markup={"a": [True]}, nothing=None)
        assert await made.do_request(f"{root}/botx/sendMessage", "POST", data) == (418, b"{}")
    head, body = seen[0]
    assert head.startswith("POST /botx/sendMessage HTTP/1.1")
    assert "python-telegram-bot" in head
    assert json.loads(body) == {"chat_id": 7, "text": "投\ud800", "reply_markup": {"a": [True]}}


async def test_a_files_name_makes_no_headers() -> None:
    """It is sent as it is, but for line breaks."""
    seen: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b""
        while not body.rstrip().endswith(b"--\r\n0") and not body.rstrip().endswith(b"--"):
            body += await reader.read(65536)
        seen.append(body)
        writer.write(answer(b"{}"))

    async with served(handle) as root, opened() as made:
        data = given(chat_id=7, document=InputFile(b"# bytes", "投诉\r\nX-Evil: 1.md", attach=False))
        assert data.contains_files
        assert await made.do_request(f"{root}/sendDocument", "POST", data) == (200, b"{}")
    assert 'filename="投诉__X-Evil: 1.md"'.encode() in seen[0]
    assert b"# bytes" in seen[0]
    assert b"\r\n7\r\n" in seen[0]


async def test_a_connection_serves_many_requests() -> None:
    """It is not opened anew."""
    connections = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while not reader.at_eof():
            try:
                await request_of(reader)
            except asyncio.IncompleteReadError:
                break
            writer.write(answer(b"{}"))

    async with served(handle) as root, opened() as made:
        for _ in range(3):
            assert await made.do_request(root, "GET") == (200, b"{}")
    assert connections == 1


async def test_silence_is_a_time_out() -> None:
    """After as long as was asked for."""
    over = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await request_of(reader)
        await over.wait()

    async with served(handle) as root, opened() as made:
        with pytest.raises(TimedOut):
            await made.do_request(root, "GET", read_timeout=0.05)
        over.set()


async def test_a_broken_line_is_a_network_error() -> None:
    """Nobody there; and hung up without an answer. The cause tells link that it was the line."""

    async def hang_up(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await request_of(reader)

    async with opened() as made:
        with pytest.raises(NetworkError, match="ClientConnectorError") as caught:
            await made.do_request("http://127.0.0.1:1", "GET")
        assert caught.value.__cause__ is not None
        async with served(hang_up) as root:
            with pytest.raises(NetworkError, match="ServerDisconnectedError"):
                await made.do_request(root, "GET")


async def test_a_redirection_is_not_followed() -> None:
    """The token would go with it."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")

    async with served(handle) as root, opened() as made:
        assert (await made.do_request(root, "GET"))[0] == 302


async def test_nothing_is_sent_before_or_after() -> None:
    """A client that is not open says so; opening or closing it twice does no harm."""
    made = Client(1, secure=True)
    with pytest.raises(RuntimeError, match="not initialized"):
        await made.do_request("http://127.0.0.1:1", "GET")
    for _ in range(2):
        await made.initialize()
    for _ in range(2):
        await made.shutdown()
    with pytest.raises(RuntimeError, match="not initialized"):
        await made.do_request("http://127.0.0.1:1", "GET")


async def test_certificates_are_checked() -> None:
    """Those of https, and the name in them."""
    async with Client(1, secure=True) as made:
        assert made._session is not None
        context = made._session.connector._ssl  # type: ignore[union-attr]
        assert isinstance(context, ssl.SSLContext)
        assert context.verify_mode == ssl.CERT_REQUIRED
        assert context.check_hostname


@pytest.mark.parametrize(
    ("environ", "root", "direct"),
    [
        ({}, "https://api.telegram.org", True),
        ({"https_proxy": "http://p:1"}, "https://api.telegram.org", False),
        ({"HTTPS_PROXY": "http://p:1"}, "https://api.telegram.org", False),
        ({"all_proxy": "socks5://p:1"}, "https://api.telegram.org", False),
        ({"http_proxy": "http://p:1"}, "https://api.telegram.org", True),
        ({"http_proxy": "http://p:1", "no_proxy": "127.0.0.1"}, "http://127.0.0.1:8081", True),
    ],
)
def test_a_proxy_of_the_environment_is_used(
    environ: dict[str, str], root: str, direct: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the library's own client, which knows all kinds."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert http._has_proxy(root) is not direct


def test_without_aiohttp_the_librarys_client_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    assert isinstance(client("http://127.0.0.1:1", 1), HTTPXRequest)

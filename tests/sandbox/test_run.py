"""Starting and stopping; nothing stays behind."""

import asyncio
import gc
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from bot.errors import TelegramError
from bot.sandbox.limits import UNLIMITED
from bot.sandbox.methods import METHODS
from bot.sandbox.parameters import readers
from bot.sandbox.run import HOST, BotApiServer, run_in_thread
from bot.sandbox.sandbox import Sandbox

from .client import encode


def test_a_server_in_a_thread_leaves_nothing_behind() -> None:
    """Not even with connections open and a poll waiting."""
    sandbox = Sandbox()
    before = set(threading.enumerate())
    with httpx.Client() as idle, ThreadPoolExecutor(1) as pool:
        with run_in_thread(sandbox) as server:
            assert idle.get(server.method_url + "getMe").status_code == 200
            poll = pool.submit(httpx.get, server.method_url + "getUpdates?timeout=50", timeout=60)
            while not sandbox.world.bell._listeners:
                time.sleep(0.005)
            begun = time.monotonic()
        assert time.monotonic() - begun < 5
        assert poll.result().json() == {"ok": True, "result": []}
        with pytest.raises(httpx.ConnectError):
            idle.get(server.method_url + "getMe")
    gc.collect()
    assert set(threading.enumerate()) <= before  # one that another test left may end meanwhile
    assert sandbox.world.bell._listeners == []


def test_a_delayed_call_does_not_hold_up_the_end() -> None:
    sandbox = Sandbox()
    sandbox.faults.delay("getMe", 30)
    with ThreadPoolExecutor(1) as pool:
        with run_in_thread(sandbox) as server:
            call = pool.submit(httpx.get, server.method_url + "getMe", timeout=60)
            while sandbox.faults.pending:
                time.sleep(0.005)
            begun = time.monotonic()
        assert time.monotonic() - begun < 5
        assert call.result().status_code == 200


def test_a_sandbox_outlives_its_servers() -> None:
    """As Telegram does when the network is away: nothing is lost, and the port may be the same."""
    sandbox = Sandbox()
    with run_in_thread(sandbox) as server:
        port = server.port
    sandbox.join("Ada").send("hi")
    with run_in_thread(sandbox, port=port) as server:
        assert server.port == port
        [update] = httpx.get(server.method_url + "getUpdates").json()["result"]
    assert update["message"]["text"] == "hi"


async def test_a_server_in_the_running_loop() -> None:
    sandbox = Sandbox()
    async with BotApiServer(sandbox) as server, httpx.AsyncClient(base_url=server.method_url) as client:
        poll = asyncio.create_task(client.get("getUpdates", params={"timeout": 20}))
        await asyncio.sleep(0.05)
        ada = sandbox.join("Ada")
        ada.send("hi")
        assert len((await poll).json()["result"]) == 1
        sending = client.post("sendMessage", data={"chat_id": "1001", "text": "hello"})
        replies, _ = await asyncio.gather(ada.until_replies(), sending)
        assert replies[0].text == "hello"


def test_only_loopback_is_served() -> None:
    with run_in_thread(Sandbox()) as server:
        assert server.base_url == f"http://{HOST}:{server.port}/bot"
        assert HOST == "127.0.0.1"


def test_a_taken_port_is_an_error_for_people() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = pytest.raises(TelegramError, match=rf"127.0.0.1:{port} .*choose another port")
        with refused, run_in_thread(Sandbox(), port=port):
            pytest.fail("it was taken")


def test_the_block_s_own_error_comes_through() -> None:
    with pytest.raises(ZeroDivisionError), run_in_thread(Sandbox()):
        _ = 1 / 0


def test_importing_does_nothing() -> None:
    """The package costs nothing, and no part of it needs the library a bot is written with."""
    code = (
        "import sys, bot.sandbox; assert 'starlette' not in sys.modules; "
        "import bot.sandbox.run, threading; assert 'telegram' not in sys.modules; "
        "assert threading.active_count() == 1"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_every_method_declares_how_its_parameters_are_read() -> None:
    for method in METHODS.values():
        assert all(callable(read) for read in readers(method.build).values()), method.name


def test_hundreds_of_messages_are_each_answered_once_and_in_order() -> None:
    """Six hundred updates go out and six hundred answers come back over HTTP, none lost or twice."""
    sandbox = Sandbox(limits=UNLIMITED)
    count = 600
    with run_in_thread(sandbox) as server, httpx.Client(base_url=server.method_url) as client:
        ada = sandbox.join("Ada")
        for number in range(count):
            ada.send(f"question {number}")
        offset = 0
        while len(ada.replies()) < count:
            polled = client.post("getUpdates", data=encode({"offset": offset, "timeout": 5}))
            for update in polled.json()["result"]:
                offset = update["update_id"] + 1
                given = {"chat_id": ada.user.user_id, "text": f"<b>{update['message']['text']}</b>"}
                client.post("sendMessage", data=encode({**given, "parse_mode": "HTML"}))
    assert [reply.text for reply in ada.replies()] == [f"question {number}" for number in range(count)]

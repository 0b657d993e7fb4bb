"""Trouble on the way to Telegram: no answer is lost, and the operator is told in a line. Over real HTTP."""

import asyncio
import socket
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from bot.chat.app import build, run
from bot.chat.http import Client
from bot.errors import TokenRejected
from bot.sandbox.people import Person
from bot.sandbox.run import BotApiServer
from bot.sandbox.sandbox import Sandbox
from bot.settings import Secret

from .bench import Bench


@pytest.mark.parametrize(
    ("method", "trouble"),
    [
        *product(("getUpdates", "sendMessage"), (429, 500, "drop", "lose")),
        *product(("getMe", "deleteWebhook"), (500, "drop")),
    ],
)
async def test_the_answer_arrives_whatever_happens(
    bench: Bench, mei: Person, method: str, trouble: int | str
) -> None:
    """Refusals, server errors and broken connections, at any call, once and again."""
    faults = bench.sandbox.faults
    if isinstance(trouble, int):
        faults.answer(method, trouble, times=1 if trouble == 429 else 2)
    else:
        {"drop": faults.drop, "lose": faults.lose}[trouble](method, times=2)
    mei.send("投诉")
    async with bench.serving():
        replies = await mei.until_replies()
        await bench.until(lambda: not faults.pending)
    assert "关于投诉" in replies[0].text
    assert len(bench.desk.asked) == 1
    assert len(mei.replies()) == (3 if (method, trouble) == ("sendMessage", "lose") else 1)


async def test_a_second_poller_is_named_once(bench: Bench, mei: Person) -> None:
    """409 is one line, however long it lasts, and one more when it is over."""
    bench.sandbox.faults.answer("getUpdates", 409, times=6)
    bench.settings = replace(bench.settings, poll_timeout_s=1)
    mei.send("投诉")
    async with bench.serving():
        await mei.until_replies()
        mei.send("回访")
        await mei.until_replies(2)
        await bench.until(lambda: len(bench.lines) == 3)
    assert "another program takes this bot's updates" in bench.lines[1]
    assert bench.lines[2] == "Telegram answers again"


async def test_two_bots_with_one_token_do_not_fill_the_screen(bench: Bench, mei: Person) -> None:
    """Each names the other once, questions are answered, and the one that stays says when it is over."""
    bench.settings = replace(bench.settings, max_retry_pause_s=0.5)
    other = Bench(bench.sandbox, settings=bench.settings)
    async with bench.serving():
        await bench.until(lambda: bench.lines)
        async with other.serving():
            await bench.until(lambda: len(bench.lines) + len(other.lines) == 4)
            mei.send("投诉")
            await mei.until_replies()
        await asyncio.sleep(1.1)
        mei.send("回访")
        await mei.until_replies(2)
        await bench.until(lambda: bench.lines[-1] == "Telegram answers again")
    told = [line for line in (*bench.lines, *other.lines) if not line.startswith("stopping")]
    assert len(told) == 5


async def test_a_webhook_is_put_aside_at_the_start(bench: Bench, mei: Person) -> None:
    """Polling replaces it, as is usual; set again while the bot runs, it is named."""
    bench.sandbox.world.webhook_url = "https://example.org/hook"
    mei.send("投诉")
    async with bench.serving():
        await mei.until_replies()
        bench.sandbox.world.webhook_url = "https://example.org/hook"
        mei.send("wakes the waiting poll")
        await bench.until(lambda: "set a webhook" in bench.lines[-1])


async def test_an_unreadable_update_is_passed_over(
    bench: Bench, mei: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """It does not block the questions behind it."""
    bench.sandbox.world.emit("message", {"text": "no id, no date, no chat"})
    mei.send("投诉")
    async with bench.serving():
        await mei.until_replies()
    assert bench.sandbox.world.waiting_count == 0
    assert "update 100000001 cannot be read and is passed over" in caplog.text


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


async def test_without_a_network_it_keeps_trying(sandbox: Sandbox, mei: Person) -> None:
    """One line when Telegram cannot be reached, one when it can, also when that happens later."""
    port = free_port()
    bench = Bench(sandbox)
    bench.settings = replace(bench.settings, base_url=f"http://127.0.0.1:{port}")
    async with bench.serving():
        await bench.until(lambda: bench.lines)
        await asyncio.sleep(0.2)
        async with BotApiServer(sandbox, port=port):
            mei.send("投诉")
            await mei.until_replies()
        await bench.until(lambda: len(bench.lines) == 4)
        async with BotApiServer(sandbox, port=port):
            mei.send("回访")
            await mei.until_replies(2)
    broken = f"Telegram cannot be reached at http://127.0.0.1:{port} (ClientConnectorError"
    assert bench.lines[0].startswith(broken)
    assert bench.lines[1:3] == ["Telegram answers again", "@wenbao_bot is answering"]
    assert "trying again" in bench.lines[3]
    assert bench.lines[4:5] == ["Telegram answers again"]


async def test_a_stop_interrupts_the_waiting() -> None:
    """Without a network the end is immediate, however long the pauses are."""
    bench = Bench(Sandbox())
    bench.settings = replace(bench.settings, base_url="http://127.0.0.1:1", max_retry_pause_s=600.0)
    async with asyncio.timeout(3), bench.serving():
        await bench.until(lambda: bench.lines)
    assert len(bench.lines) == 1


async def test_a_stop_while_the_webhook_cannot_be_removed(bench: Bench) -> None:
    """The bot is known to the server by then, and not running yet."""
    bench.sandbox.faults.answer("deleteWebhook", 500, times=1000)
    async with asyncio.timeout(3), bench.serving():
        await bench.until(lambda: bench.lines)
    assert "Internal Server Error" in bench.lines[0]


async def test_a_rejected_token_ends_it(bench: Bench) -> None:
    """With exit code 4 and one line that does not show the token."""
    bench.sandbox.token = "123456789:another"  # noqa: S105
    app_token = "123456789:sandbox-token-that-opens-nothing-else"  # noqa: S105
    app = build(bench.settings, Secret(app_token), bench.desk, bench.around)
    with pytest.raises(TokenRejected, match="TELEGRAM_BOT_TOKEN") as caught:
        await run(app, bench.settings, say=bench.lines.append, stop=bench.stop, around=bench.around)
    assert caught.value.exit_code == 4
    assert app_token not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert bench.lines == []


async def test_a_withdrawn_token_ends_it(bench: Bench, mei: Person) -> None:
    """Also while the bot runs; what is in hand is tried, and the process does not hang."""
    serving = asyncio.create_task(bench.serve())
    mei.send("投诉")
    await mei.until_replies()
    bench.sandbox.token = "123456789:another"  # noqa: S105
    mei.send("wakes the waiting poll")
    with pytest.raises(TokenRejected):
        await asyncio.wait_for(serving, 5)


async def test_a_page_instead_of_updates_is_trouble_too(
    bench: Bench, mei: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that answers everything with a page is waited out."""
    pages = ["<html>Please log in</html>", "[]", '{"ok": true}', '{"ok": true, "result": [{}]}']
    request = Client.do_request

    async def proxied(client: Client, url: str, *given: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ANN401
        if "/getUpdates" in url and pages:
            return 200, pages.pop().encode()
        return await request(client, url, *given, **kwargs)

    monkeypatch.setattr(Client, "do_request", proxied)
    mei.send("投诉")
    async with bench.serving():
        await mei.until_replies()
    assert not pages
    assert "its response is not the Bot API's" in bench.lines[1]

"""Updates that are delivered: only with the secret, safe before they are confirmed, refused in JSON."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from bot.chat.app import Around
from bot.chat.webhook import MAX_BODY_BYTES, Address
from bot.errors import InboxUnavailable, IndexUnavailable, InputError, SettingsError, TelegramError
from bot.sandbox.faults import WEBHOOK
from bot.sandbox.people import Person
from bot.settings import Secret

from .bench import Bench, answer, hit
from .notebook import Notebook

KEY = "a-secret-of-telegram-and-the-bot"
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": KEY, "Content-Type": "application/json"}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass
class Hooked:
    """A bot in webhook mode and the way to it."""

    bench: Bench
    client: httpx.AsyncClient
    port: int

    async def deliver(self, person: Person, text: str, number: int) -> httpx.Response:
        """Do what Telegram does when `person` writes."""
        return await self.post(message(person, text, number))

    async def post(self, update: Any, **headers: str) -> httpx.Response:  # noqa: ANN401
        body = update if isinstance(update, bytes) else json.dumps(update).encode()
        return await self.client.post("/telegram", content=body, headers={**HEADERS, **headers})


def message(person: Person, text: str, number: int) -> dict[str, Any]:
    chat = {"id": person.chat.chat_id, "type": "private", "first_name": "梅"}
    sender = {"id": person.user.user_id, "is_bot": False, "first_name": "梅"}
    return {
        "update_id": number,
        "message": {"message_id": number, "date": 1, "chat": chat, "from": sender, "text": text},
    }


@pytest.fixture
def port() -> int:
    """That nobody listens on."""
    return free_port()


@pytest.fixture
def around(port: int) -> Around:
    """Of a bot in webhook mode."""
    address = Address(f"http://127.0.0.1:{port}/telegram", "127.0.0.1", port, "/telegram", Secret(KEY))
    return Around(Notebook(), webhook=address, retry_pauses_s=(0.01,), generation=lambda: "000001-abc")


@pytest.fixture
async def hooked(bench: Bench, around: Around, mei: Person, port: int) -> AsyncIterator[Hooked]:
    """A running bot that Telegram knows the address of."""
    bench.around = around
    bench.sandbox.world.open(mei.chat.chat_id)
    async with (
        bench.serving(),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        await bench.until(lambda: bench.sandbox.calls("setWebhook"))
        yield Hooked(bench, client, port)


async def test_a_delivered_question_is_answered(hooked: Hooked, mei: Person) -> None:
    """And confirmed with 200; Telegram was told address, secret and what is wanted."""
    response = await hooked.deliver(mei, "投诉", 1)
    assert (response.status_code, response.json()) == (200, {"ok": True})
    (reply,) = await mei.until_replies()
    assert "关于投诉" in reply.text
    (call,) = hooked.bench.sandbox.calls("setWebhook")
    assert call.given["secret_token"] == KEY
    assert call.given["url"] == f"http://127.0.0.1:{hooked.port}/telegram"
    assert json.loads(call.given["allowed_updates"]) == ["message", "callback_query", "inline_query"]
    assert not hooked.bench.sandbox.calls("deleteWebhook")


async def test_telegram_delivers_and_the_bot_answers(hooked: Hooked, mei: Person) -> None:
    """The whole way: written, delivered with the secret, confirmed, answered; also after a loss."""
    hooked.bench.sandbox.faults.lose(WEBHOOK)
    mei.send("投诉")
    (reply,) = await mei.until_replies()
    assert "关于投诉" in reply.text
    await hooked.bench.until(lambda: not hooked.bench.sandbox.world.waiting_count)
    assert len(hooked.bench.desk.asked) == 1


async def test_an_update_delivered_twice_is_answered_once(hooked: Hooked, mei: Person) -> None:
    """At the same time and after it was dealt with: 200 each time."""
    both = await asyncio.gather(*(hooked.deliver(mei, "投诉", 1) for _ in range(2)))
    await mei.until_replies()
    third = await hooked.deliver(mei, "投诉", 1)
    assert [response.status_code for response in (*both, third)] == [200, 200, 200]
    await hooked.deliver(mei, "回访", 2)
    await mei.until_replies(2)
    assert [question for question, _ in hooked.bench.desk.asked] == ["投诉", "回访"]


@pytest.mark.parametrize("secret", ["", "wrong", KEY + "x", KEY[:-1], "密"])
async def test_without_the_secret_nothing_is_taken(hooked: Hooked, mei: Person, secret: str) -> None:
    """403 in JSON, whatever the body."""
    wrong = {b"X-Telegram-Bot-Api-Secret-Token": secret.encode(), b"Content-Type": b"application/json"}
    body = json.dumps(message(mei, "投诉", 1)).encode()
    response = await hooked.client.post("/telegram", content=body, headers=list(wrong.items()))
    assert response.status_code == 403
    assert response.json()["ok"] is False
    assert hooked.bench.around.tally.updates.total() == 0


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"[]", {}, 400),
        (b"[" * 100_000, {}, 400),
        (b"", {}, 400),
        (b"\xff", {}, 400),
        (b"{}", {}, 400),
        (b'{"update_id": 1e400}', {}, 400),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b" " * (MAX_BODY_BYTES + 1), {}, 413),
    ],
    ids=lambda value: repr(value)[:20],
)
async def test_what_is_no_update_is_refused_in_json(
    hooked: Hooked, body: bytes, headers: dict[str, str], status: int
) -> None:
    """With a status that says why; the bot goes on."""
    response = await hooked.post(body, **headers)
    assert (response.status_code, response.json()["ok"]) == (status, False)
    assert (await hooked.client.get("/healthz")).json()["in_hand"] == 0


async def test_a_long_body_is_not_read_to_its_end(hooked: Hooked) -> None:
    """Also when its length is not told before."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * (MAX_BODY_BYTES // 2)

    response = await hooked.client.post("/telegram", content=chunks(), headers=HEADERS)
    assert response.status_code == 413


async def test_other_places_and_methods_are_refused_in_json(hooked: Hooked) -> None:
    """404 and 405."""
    for response, status in (
        (await hooked.client.get("/nowhere"), 404),
        (await hooked.client.get("/telegram"), 405),
    ):
        assert (response.status_code, response.json()["ok"]) == (status, False)


async def test_an_unreadable_update_is_confirmed_and_set_aside(hooked: Hooked, mei: Person) -> None:
    """Else Telegram would deliver it for ever, and nothing behind it."""
    assert (await hooked.post({"update_id": 1, "message": {"text": "no chat"}})).status_code == 200
    await hooked.deliver(mei, "投诉", 2)
    await mei.until_replies()
    assert hooked.bench.around.tally.unreadable == 1


async def test_what_cannot_be_written_down_is_refused(
    hooked: Hooked, mei: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with a pause, so that Telegram delivers it again; the health page says why."""

    def full(*_: object) -> list[bool]:
        raise InboxUnavailable("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("bot.chat.ledger.Ledger.write", full)
        patch.setattr("bot.chat.ledger.Ledger.check", full)
        response = await hooked.deliver(mei, "投诉", 1)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
        health = await hooked.client.get("/healthz")
        assert health.status_code == 503
        assert health.json()["errors"] == ["the disk is full"]
    assert (await hooked.deliver(mei, "投诉", 1)).status_code == 200
    await mei.until_replies()


async def test_telegram_is_told_again_until_it_knows(bench: Bench, around: Around) -> None:
    """The way to Telegram may be broken at the start."""
    bench.around = around
    bench.sandbox.faults.answer("setWebhook", 500, times=2)
    async with bench.serving():
        await bench.until(lambda: len(bench.sandbox.calls("setWebhook")) == 3)
        await bench.until(lambda: "Telegram answers again" in bench.lines)


async def test_while_stopping_updates_are_refused(hooked: Hooked, mei: Person) -> None:
    """The question in hand is answered, the next one is for the next start."""
    hooked.bench.sandbox.faults.delay("sendMessage", 1.0)
    await hooked.deliver(mei, "投诉", 1)
    await hooked.bench.until(lambda: hooked.bench.desk.asked)
    hooked.bench.stop.set()
    await hooked.bench.until(lambda: any("stopping" in line for line in hooked.bench.lines))
    assert (await hooked.deliver(mei, "回访", 2)).status_code == 503
    await mei.until_replies()


async def test_the_health_page_tells_how_it_is(hooked: Hooked, mei: Person) -> None:
    """200 and what is known; the numbers for Prometheus stand beside it."""
    health = await hooked.client.get("/healthz")
    assert health.status_code == 200
    assert health.json() == {
        "ok": True,
        "index": "000001-abc",
        "inbox": True,
        "last_update_s": None,
        "in_hand": 0,
        "errors": [],
    }
    await hooked.deliver(mei, "投诉", 1)
    await mei.until_replies()
    await hooked.deliver(mei, "投诉", 1)
    hooked.bench.around.tally.asked(0.03, answered=True)
    await hooked.bench.until(lambda: sum(hooked.bench.around.tally.dealing.counts) == 1)
    assert (await hooked.client.get("/healthz")).json()["last_update_s"] >= 0.0
    metrics = await hooked.client.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    lines = metrics.text.splitlines()
    for line in (
        'wenbao_updates_total{kind="message"} 1.0',
        "wenbao_updates_repeated_total 1.0",
        "wenbao_questions_total 1.0",
        "wenbao_questions_answered_total 1.0",
        "wenbao_updates_in_hand 0.0",
        'wenbao_search_seconds_bucket{le="0.025"} 0.0',
        'wenbao_search_seconds_bucket{le="0.05"} 1.0',
        "wenbao_update_seconds_count 1.0",
    ):
        assert line in lines


async def test_errors_are_counted_by_kind(hooked: Hooked, mei: Person) -> None:
    """Each try counts."""
    hooked.bench.desk.rule = lambda _: answer(hit("x")) if 0 else _raise()

    def _raise() -> Any:  # noqa: ANN401
        raise IndexUnavailable("gone")

    await hooked.deliver(mei, "投诉", 1)
    await mei.until_replies()
    metrics = (await hooked.client.get("/metrics")).text
    assert 'wenbao_errors_total{kind="IndexUnavailable"} 2.0' in metrics


async def test_polling_has_a_health_page_too(bench: Bench, mei: Person, port: int) -> None:
    """On loopback, and 503 when the index is gone."""

    def gone() -> str:
        raise IndexUnavailable("there is no index")

    bench.around = replace(bench.around, health_port=port, generation=gone)
    mei.send("投诉")
    async with bench.serving(), httpx.AsyncClient(trust_env=False) as client:
        await mei.until_replies()
        health = await client.get(f"http://127.0.0.1:{port}/healthz")
    assert health.status_code == 503
    assert health.json()["errors"] == ["there is no index"]
    assert health.json()["index"] is None


async def test_a_port_that_is_taken_is_named(bench: Bench, around: Around, port: int) -> None:
    """One line that says which setting to change."""
    bench.around = around
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(TelegramError, match=rf"127\.0\.0\.1:{port} .*webhook\.port"):
            await bench.serve()


@pytest.mark.parametrize(
    ("url", "path", "secret", "error"),
    [
        ("bot.example.org", "/telegram", KEY, SettingsError),
        ("ftp://bot.example.org", "/telegram", KEY, SettingsError),
        ("https://bot.example.org", "telegram", KEY, SettingsError),
        ("https://bot.example.org", "/telegram", "short", InputError),
        ("https://bot.example.org", "/telegram", "with spaces in it, not allowed", InputError),
    ],
)
def test_an_address_that_telegram_would_refuse_is_an_error(
    url: str, path: str, secret: str, error: type[Exception]
) -> None:
    """At once, and without the secret."""
    with pytest.raises(error) as caught:
        Address(url, "127.0.0.1", 1, path, Secret(secret))
    assert secret not in str(caught.value)

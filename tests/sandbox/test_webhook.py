"""Webhooks: which are taken, and how updates are delivered.

| rule | test |
| --- | --- |
| addresses and secrets | test_what_a_webhook_must_be |
| the secret is told in a header | test_an_update_is_delivered_with_the_secret |
| again until 2xx, with growing pauses | test_an_update_is_delivered_until_it_is_taken |
| Retry-After | test_a_webhook_may_ask_for_patience |
| one after the other in a chat, chats beside each other | test_the_updates_of_a_chat_keep_their_order |
| max_connections | test_there_are_as_many_connections_as_wanted |
| no getUpdates meanwhile | test_updates_are_not_fetched_while_a_webhook_is_set |
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any, TypeAlias

import pytest

from bot.sandbox.faults import ANY, WEBHOOK
from bot.sandbox.limits import UNLIMITED, Limits
from bot.sandbox.run import run_in_thread
from bot.sandbox.sandbox import Sandbox

from .client import Api

Reply: TypeAlias = tuple[int, dict[str, str]]
OK: Reply = (200, {})
QUICK = Limits(chat=None, group=None, overall=None, retry_s=0.02, longest_retry_s=0.08)


@dataclass
class Delivery:
    at: float
    headers: dict[str, str]
    update: dict[str, Any]

    @property
    def text(self) -> str:
        return str(self.update["message"]["text"])


@dataclass
class Hook:
    """A webhook on loopback: takes what comes, and answers as `reply` says."""

    url: str = ""
    got: list[Delivery] = field(default_factory=list)
    reply: Callable[[Delivery], Reply] = lambda _: OK
    body: bytes = b""
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, count: int, timeout_s: float = 5.0) -> list[Delivery]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.got) >= count, timeout_s), self.got
            return list(self.got)


@pytest.fixture
def hook() -> Iterator[Hook]:
    held = Hook()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            delivery = Delivery(time.monotonic(), headers, json.loads(body))
            with held.changed:
                held.got.append(delivery)
                held.changed.notify_all()
            status, answer = held.reply(delivery)
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(held.body))} | answer).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(held.body)

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        held.url = f"http://127.0.0.1:{server.server_port}/hook"
        try:
            yield held
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def api() -> Iterator[Api]:
    with run_in_thread(Sandbox(limits=QUICK)) as server, Api(server) as running:
        yield running


def settled(api: Api) -> bool:
    """Wait until nothing waits for delivery."""
    return api.sandbox.world.bell.wait_for(lambda: api.sandbox.world.waiting_count == 0)


def test_an_update_is_delivered_with_the_secret(api: Api, hook: Hook) -> None:
    """As JSON, in a POST, also when it came before the webhook was set; then it is confirmed."""
    ada = api.sandbox.join("Ada")
    ada.send("early")
    answer = api.call("setWebhook", url=hook.url, secret_token="s3-cret_")  # noqa: S106
    assert (answer.result, answer.body["description"]) == (True, "Webhook was set")
    ada.send("late")
    early, late = hook.wait(2)
    assert (early.text, late.text) == ("early", "late")
    assert late.update["update_id"] == early.update["update_id"] + 1
    assert early.headers["x-telegram-bot-api-secret-token"] == "s3-cret_"
    assert early.headers["content-type"] == "application/json"
    assert settled(api)


def test_without_a_secret_there_is_no_header(api: Api, hook: Hook) -> None:
    api.call("setWebhook", url=hook.url)
    api.sandbox.join("Ada").send("hello")
    assert "x-telegram-bot-api-secret-token" not in hook.wait(1)[0].headers


@pytest.mark.parametrize("status", [201, 204])
def test_any_2xx_takes_an_update(api: Api, hook: Hook, status: int) -> None:
    hook.reply = lambda _: (status, {})
    api.call("setWebhook", url=hook.url)
    api.sandbox.join("Ada").send("hello")
    assert settled(api)
    assert len(hook.got) == 1


def test_what_a_webhook_answers_is_not_read(api: Api, hook: Hook) -> None:
    """Telegram would take a method in it; here it is neither acted on nor in the way."""
    ada = api.sandbox.join("Ada")
    call = {"method": "sendMessage", "chat_id": ada.chat.chat_id, "text": "hi"}
    hook.body = json.dumps(call).encode()
    api.call("setWebhook", url=hook.url)
    ada.send("hello")
    assert settled(api)
    assert (len(hook.got), ada.replies()) == (1, ())


@pytest.mark.parametrize("status", [301, 400, 401, 404, 500, 503])
def test_an_update_is_delivered_until_it_is_taken(api: Api, hook: Hook, status: int) -> None:
    """The pauses grow, and getWebhookInfo tells what is wrong."""
    hook.reply = lambda _: OK if len(hook.got) > 3 else (status, {})
    api.call("setWebhook", url=hook.url)
    api.sandbox.join("Ada").send("hello")
    api.sandbox.world.bell.wait_for(lambda: api.sandbox.world.hook and api.sandbox.world.hook.error)
    info = api.call("getWebhookInfo").result
    assert info["last_error_message"].startswith(f"Wrong response from the webhook: {status}")
    assert info["last_error_date"] > 0
    assert settled(api)
    times = [delivery.at for delivery in hook.got]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert len({delivery.update["update_id"] for delivery in hook.got}) == 1
    assert len(pauses) == 3
    assert all(pause >= QUICK.retry_s * 2**turn for turn, pause in enumerate(pauses))


def test_a_webhook_may_ask_for_patience(api: Api, hook: Hook) -> None:
    hook.reply = lambda _: OK if len(hook.got) > 1 else (503, {"Retry-After": "1"})
    api.call("setWebhook", url=hook.url)
    api.sandbox.join("Ada").send("hello")
    first, second = hook.wait(2)
    assert second.at - first.at >= 1


def test_nobody_there_is_tried_again_too(api: Api, hook: Hook) -> None:
    """What is not delivered waits until there is a webhook that works."""
    api.call("setWebhook", url="http://127.0.0.1:9/")  # the port that discards; nobody listens
    api.sandbox.join("Ada").send("hello")
    api.sandbox.world.bell.wait_for(lambda: api.sandbox.world.hook and api.sandbox.world.hook.error)
    assert api.call("getWebhookInfo").result["last_error_message"] == "Connection refused"
    assert api.call("getWebhookInfo").result["pending_update_count"] == 1
    api.call("setWebhook", url=hook.url)
    assert "last_error_message" not in api.call("getWebhookInfo").result
    assert hook.wait(1)[0].text == "hello"


def test_the_updates_of_a_chat_keep_their_order(api: Api, hook: Hook) -> None:
    """One that is not taken holds back those of its chat, and no others."""
    hook.reply = lambda one: OK if one.text != "a1" or len(hook.got) > 5 else (500, {})
    api.call("setWebhook", url=hook.url)
    ada, bo = api.sandbox.join("Ada"), api.sandbox.join("Bo")
    for number in (1, 2, 3):
        ada.send(f"a{number}")
        bo.send(f"b{number}")
    assert settled(api)
    texts = [delivery.text for delivery in hook.got]
    assert [text for text in texts if text.startswith("b")] == ["b1", "b2", "b3"]
    assert list(dict.fromkeys(text for text in texts if text.startswith("a"))) == ["a1", "a2", "a3"]
    assert texts.index("b3") < texts.index("a2")


@pytest.mark.parametrize("wanted", [1, 3])
def test_there_are_as_many_connections_as_wanted(api: Api, hook: Hook, wanted: int) -> None:
    busy, most = 0, 0
    lock = threading.Lock()

    def slow(_: Delivery) -> Reply:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        time.sleep(0.05)
        with lock:
            busy -= 1
        return OK

    hook.reply = slow
    api.call("setWebhook", url=hook.url, max_connections=wanted)
    assert api.call("getWebhookInfo").result["max_connections"] == wanted
    for number in range(8):
        api.sandbox.join(f"P{number}").send("hello")
    assert settled(api)
    assert most == wanted


@pytest.mark.parametrize(("given", "kept"), [(0, 1), (101, 100)])
def test_max_connections_becomes_what_is_allowed(api: Api, hook: Hook, given: int, kept: int) -> None:
    api.call("setWebhook", url=hook.url, max_connections=given)
    assert api.call("getWebhookInfo").result["max_connections"] == kept


def test_only_wanted_updates_are_delivered(api: Api, hook: Hook) -> None:
    api.call("setWebhook", url=hook.url, allowed_updates=["callback_query"])
    assert api.call("getWebhookInfo").result["allowed_updates"] == ["callback_query"]
    ada = api.sandbox.join("Ada")
    ada.send("hello")
    keyboard = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}
    ada.press(api.send(ada, reply_markup=keyboard))
    assert hook.wait(1)[0].update["callback_query"]["data"] == "b"
    assert settled(api)
    assert len(hook.got) == 1


@pytest.mark.parametrize("method", ["setWebhook", "deleteWebhook"])
def test_waiting_updates_can_be_dropped(api: Api, hook: Hook, method: str) -> None:
    api.sandbox.join("Ada").send("old")
    url = {"url": hook.url} if method == "setWebhook" else {}
    api.call(method, drop_pending_updates=True, **url)
    assert api.call("getWebhookInfo").result["pending_update_count"] == 0
    api.call("setWebhook", url=hook.url)
    api.sandbox.join("Bo").send("new")
    assert [delivery.text for delivery in hook.wait(1)] == ["new"]


def test_what_is_said_of_a_webhook(api: Api, hook: Hook) -> None:
    assert api.call("getWebhookInfo").result == {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": 0,
    }
    said = [
        api.call("setWebhook", url=hook.url).body["description"],
        api.call("setWebhook", url=hook.url).body["description"],
        api.call("setWebhook", url=f"{hook.url}/2").body["description"],
        api.call("setWebhook", url="").body["description"],
        api.call("deleteWebhook").body["description"],
    ]
    assert said == [
        "Webhook was set",
        "Webhook is already set",
        "Webhook was set",
        "Webhook was deleted",
        "Webhook is already deleted",
    ]


def test_updates_are_not_fetched_while_a_webhook_is_set(api: Api, hook: Hook) -> None:
    """Setting it ends a waiting getUpdates; deleting it lets updates be fetched again."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(api.call, "getUpdates", timeout=20)
        time.sleep(0.1)
        with Api(api.server) as other:
            other.call("setWebhook", url=hook.url)
        assert waiting.result().error == (409, "Conflict: terminated by setWebhook request")
    code, said = api.call("getUpdates").error
    assert (code, said[:57]) == (409, "Conflict: can't use getUpdates method while webhook is ac")
    api.call("deleteWebhook")
    api.sandbox.join("Ada").send("hello")
    assert api.call("getUpdates").result[0]["message"]["text"] == "hello"
    assert hook.got == []


ADDRESSES = [
    ("http://127.0.0.1:8080/x", ""),
    ("https://127.8.8.8/x", ""),
    ("http://[::1]:8080/x", ""),
    ("http://localhost:8080/x", ""),
    ("ftp://127.0.0.1/x", "bad webhook: An HTTPS URL must be provided for webhook"),
    ("http://10.0.0.1/x", "bad webhook: IP address 10.0.0.1 is reserved"),
    ("https://93.184.216.34/x", "bad webhook: IP address 93.184.216.34 is reserved"),
    ("https://example.org/x", "bad webhook: Failed to resolve host: Name or service not known"),
    ("https://localhost.example.org/", "bad webhook: Failed to resolve host: Name or service not known"),
    ("https:///x", "invalid webhook URL specified"),
    ("http://127.0.0.1:port/", "invalid webhook URL specified"),
    ("http://127.0.0.1/a b", "invalid webhook URL specified"),
    ("nonsense", "invalid webhook URL specified"),
]
SECRETS = [
    ("x" * 256, ""),
    ("AZaz09_-", ""),
    ("x" * 257, "secret token is too long"),
    ("a b", "secret token contains unallowed characters"),
    ("密", "secret token contains unallowed characters"),
    ("a\n", "secret token contains unallowed characters"),
]


@pytest.mark.parametrize(
    ("given", "description"),
    [
        *(({"url": url}, said) for url, said in ADDRESSES),
        *(({"url": "http://127.0.0.1/", "secret_token": secret}, said) for secret, said in SECRETS),
        ({"url": "http://127.0.0.1/", "ip_address": "1.2.3.4"}, 'sandbox: setWebhook has no parameter "ip_a'),
        ({"url": "http://127.0.0.1/", "allowed_updates": ["x"]}, "sandbox: there is no update of the kind"),
    ],
)
def test_what_a_webhook_must_be(shared: Api, given: dict[str, object], description: str) -> None:
    """A refused one leaves everything as it was."""
    shared.call("deleteWebhook")
    answer = shared.call("setWebhook", **given)
    if not description:
        assert answer.result is True
    else:
        assert answer.error[0] == 400
        assert answer.error[1].startswith(f"Bad Request: {description}")
        assert shared.call("getWebhookInfo").result["url"] == ""
    shared.call("deleteWebhook")


def test_deliveries_can_be_disturbed(api: Api, hook: Hook) -> None:
    """Dropped before, answered by a proxy, or lost after the webhook acted; ANY does not mean them."""
    faults = api.sandbox.faults
    faults.drop(WEBHOOK)
    faults.answer(WEBHOOK, 502)
    faults.lose(WEBHOOK)
    faults.delay(WEBHOOK, 0.05)
    api.call("setWebhook", url=hook.url)
    faults.answer(ANY, 500)
    api.sandbox.join("Ada").send("hello")
    lost, late = hook.wait(2)
    assert lost.update == late.update
    assert late.at - lost.at >= 0.05
    assert settled(api)
    assert (len(hook.got), faults.pending) == (2, 1)


def test_a_webhook_outlives_its_server(hook: Hook) -> None:
    """And what another deployment set gets nothing."""
    sandbox = Sandbox(limits=QUICK)
    ada = sandbox.join("Ada")
    with run_in_thread(sandbox) as server, Api(server) as api:
        api.call("setWebhook", url=hook.url)
    ada.send("meanwhile")
    with run_in_thread(sandbox):
        assert sandbox.world.bell.wait_for(lambda: sandbox.world.waiting_count == 0)
    assert [delivery.text for delivery in hook.got] == ["meanwhile"]
    sandbox.world.webhook_url = hook.url
    with run_in_thread(sandbox) as server, Api(server) as api:
        ada.send("elsewhere")
        assert api.call("getWebhookInfo").result["pending_update_count"] == 1
    assert len(hook.got) == 1


def test_pauses_are_telegram_s_unless_told_otherwise() -> None:
    assert (UNLIMITED.retry_s, UNLIMITED.longest_retry_s) == (1.0, 60.0)

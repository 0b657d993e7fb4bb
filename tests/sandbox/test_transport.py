"""How calls come in and how they are refused before any method is asked."""

import json

import httpx
import pytest

from bot.sandbox.people import Person
from bot.sandbox.sandbox import BOT_KEY

from .client import Api, answer_of, encode

KEYBOARD = {"inline_keyboard": [[{"text": "好 & more", "callback_data": "page:2"}]]}


@pytest.mark.parametrize("form", ["query", "urlencoded", "multipart", "json", "mixed"])
def test_parameters_arrive_in_every_documented_form(shared: Api, ada: Person, form: str) -> None:
    """Nested values are JSON in forms and queries, and may be plain JSON in a JSON body."""
    given = {"chat_id": ada.chat.chat_id, "text": "a+b=c & 你好 😀\nsecond line", "reply_markup": KEYBOARD}
    flat = encode(given)
    match form:
        case "query":
            response = shared.http.get("sendMessage", params=flat)
        case "urlencoded":
            response = shared.http.post("sendMessage", data=flat)
        case "multipart":
            parts = {name: (None, value.encode()) for name, value in flat.items()}
            response = shared.http.post("sendMessage", files=parts)
        case "json":
            response = shared.http.post("sendMessage", json={**given, "protect_content": None})
        case _:
            query = {"text": flat.pop("text")}
            response = shared.http.post("sendMessage", params=query, data=flat)
    result = answer_of(response).result
    assert result["text"] == given["text"]
    assert result["reply_markup"] == KEYBOARD
    assert result["chat"] == {
        "id": ada.chat.chat_id,
        "first_name": "Ada",
        "username": "ada",
        "type": "private",
    }


@pytest.mark.parametrize("name", ["getme", "GETME", "GetMe"])
def test_methods_are_found_in_any_case_of_letters(shared: Api, name: str) -> None:
    assert shared.call(name).result["username"] == "wenbao_bot"


@pytest.mark.parametrize(
    ("path", "code", "description"),
    [
        ("bot123456789:another-token/getMe", 401, "Unauthorized"),
        ("bot987654321:sandbox-token/getMe", 401, "Unauthorized"),
        ("bot123456789/getMe", 404, "Not Found"),
        ("botnonsense/getMe", 404, "Not Found"),
        ("bot1:a%2Fb/getMe", 404, "Not Found"),
        (f"bot{BOT_KEY}/noSuchMethod", 404, "Not Found"),
        (f"bot{BOT_KEY}", 404, "Not Found"),
        (f"bot{BOT_KEY}/getMe/more", 404, "Not Found"),
        ("", 404, "Not Found"),
    ],
)
def test_unknown_addresses_are_refused_as_telegram_does(
    shared: Api, path: str, code: int, description: str
) -> None:
    origin = shared.server.base_url.removesuffix("bot")
    assert answer_of(httpx.get(origin + path)).error == (code, description)


def test_only_get_and_post_are_understood(shared: Api) -> None:
    assert answer_of(shared.http.put("getMe")).error == (405, "Method Not Allowed")


BAD_BODIES = [
    ("text/plain", b"chat_id=1", "sandbox: a body of the type text/plain is not understood"),
    ("application/json", b"{", "sandbox: the body is not JSON"),
    ("application/json", b"[1]", "sandbox: the body is not a JSON object"),
    ("application/json", b'{"text": "\xff"}', "strings must be encoded in UTF-8"),
    ("application/json", rb'{"text": "\ud83d"}', "strings must be encoded in UTF-8"),
    ("application/json", rb'{"reply_markup": {"a": "\ud83d"}}', "strings must be encoded in UTF-8"),
    (
        "application/json",
        json.dumps({"reply_markup": '{"a": "\\ud83d"}'}).encode(),
        "strings must be encoded in UTF-8",
    ),
    ("application/x-www-form-urlencoded", b"text=%FF", "strings must be encoded in UTF-8"),
    ("application/x-www-form-urlencoded", b"text=\xff", "strings must be encoded in UTF-8"),
    ("application/x-www-form-urlencoded", b"text=a&text=b", "sandbox: a parameter is given twice"),
    ("multipart/form-data; boundary=x", b"nothing", "sandbox: the multipart body is malformed"),
    ("multipart/form-data", b"--x--", "sandbox: the multipart body is malformed"),
    (
        "multipart/form-data; boundary=x",
        b"--x\r\ncontent-type: text/plain\r\n\r\nhello\r\n--x--\r\n",
        "sandbox: a part of the multipart body has no name",
    ),
]


@pytest.mark.parametrize(("kind", "body", "description"), BAD_BODIES)
def test_malformed_bodies_are_refused(shared: Api, kind: str, body: bytes, description: str) -> None:
    response = shared.http.post("sendMessage", content=body, headers={"content-type": kind})
    assert answer_of(response).error == (400, f"Bad Request: {description}")


def test_files_are_refused_where_none_is_meant(shared: Api) -> None:
    """To ignore one would be to pretend."""
    response = shared.http.post("sendMessage", files={"text": ("note.txt", b"hello")})
    description = 'Bad Request: sandbox: a file is given for "text", which takes none'
    assert answer_of(response).error == (400, description)


BAD_PARAMETERS: list[tuple[str, dict[str, object], str]] = [
    ("getMe", {"x": 1}, 'sandbox: getMe has no parameter "x" here'),
    ("sendMessage", {"texts": "a"}, 'sandbox: sendMessage has no parameter "texts" here'),
    ("sendMessage", {"business_connection_id": "a"}, 'sandbox: sendMessage has no parameter "busi'),
    ("getUpdates", {"offset": "next"}, 'sandbox: parameter "offset" must be an integer'),
    ("getUpdates", {"limit": 1.5}, 'sandbox: parameter "limit" must be an integer'),
    ("getUpdates", {"allowed_updates": "message"}, "can't parse allowed_updates JSON array"),
    (
        "getUpdates",
        {"allowed_updates": {}},
        'sandbox: parameter "allowed_updates" must be an Array of String',
    ),
    ("getUpdates", {"allowed_updates": ["msg"]}, 'sandbox: there is no update of the kind "msg"'),
    (
        "sendMessage",
        {"protect_content": "maybe"},
        'sandbox: parameter "protect_content" must be true or false',
    ),
    ("sendMessage", {"reply_parameters": "{"}, "can't parse reply_parameters JSON object"),
    ("sendMessage", {"reply_parameters": "[]"}, "object expected as reply_parameters"),
]


@pytest.mark.parametrize(("method", "given", "description"), BAD_PARAMETERS)
def test_unknown_and_malformed_parameters_are_errors(
    shared: Api, method: str, given: dict[str, object], description: str
) -> None:
    code, text = shared.call(method, **given).error
    assert code == 400
    assert text.startswith(f"Bad Request: {description}")


def test_calls_can_be_looked_up_afterwards(fresh: Api) -> None:
    """The token is in none of them."""
    fresh.call("getMe")
    fresh.call("sendMessage", text="")
    fresh.call("noSuchMethod")
    calls = fresh.sandbox.calls()
    assert [(call.method, call.status) for call in calls] == [("getMe", 200), ("sendMessage", 400)]
    assert fresh.sandbox.calls("getMe") == calls[:1]
    assert BOT_KEY not in repr(calls)

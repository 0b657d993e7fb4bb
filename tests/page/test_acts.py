"""What people do on the page, as its script asks for it."""

import json
import threading
import time

import httpx
import pytest

from bot.sandbox.page.cast import Cast
from bot.sandbox.page.page import Page
from bot.sandbox.run import run_in_thread
from bot.sandbox.sandbox import Sandbox

from .script import Script

KEYBOARD = {"inline_keyboard": [[{"text": "▸ 更多", "callback_data": "more:1"}]]}


def test_what_is_written_reaches_the_bot(script: Script) -> None:
    """In the private chat as it is; with its entities and as an answer to another message."""
    asked = script.say("哪一份？")
    assert script.act("send", text="/ask 投诉", reply_to=asked).json() == {}
    (update,) = script.bot("getUpdates")
    assert update["message"]["text"] == "/ask 投诉"
    assert update["message"]["reply_to_message"]["message_id"] == asked
    assert update["message"]["from"]["language_code"] == "zh-hans"


def test_a_group_keeps_its_privacy(script: Script) -> None:
    """The bot hears commands there, not talk; both people see both."""
    group = script.cast.group.chat_id
    script.act("send", chat=group, text="大家好")
    script.act("send", person=script.ben.user.user_id, chat=group, text="/ask@wenbao_bot complaints")
    assert [message.text for message in script.sandbox.world.transcript(group)] == [
        "大家好",
        "/ask@wenbao_bot complaints",
    ]
    (update,) = script.bot("getUpdates")
    assert update["message"]["from"]["first_name"] == "User B"


def test_a_press_waits_for_what_the_bot_answers(script: Script) -> None:
    """The page learns the words that are to be shown, and how."""
    message = script.say("一", reply_markup=KEYBOARD)

    def answer() -> None:
        (update,) = script.bot("getUpdates", timeout=10)
        query = update["callback_query"]
        assert query["data"] == "more:1"
        script.bot("answerCallbackQuery", callback_query_id=query["id"], text="没有了", show_alert=True)

    thread = threading.Thread(target=answer)
    thread.start()
    told = script.act("press", message=message, data="more:1")
    thread.join()
    assert told.json() == {"text": "没有了", "show_alert": True, "url": ""}


def test_a_press_does_not_hold_up_the_end() -> None:
    """A bot that never answers keeps nobody waiting when the server closes; neither does an open page."""
    sandbox = Sandbox()
    cast = Cast.join(sandbox)
    person = cast.people[0]
    page = Page(sandbox, cast, "t")
    waiting = []
    with run_in_thread(sandbox, page=page) as server:
        person.send("hi")
        form = {"chat_id": str(person.chat.chat_id), "text": "x", "reply_markup": json.dumps(KEYBOARD)}
        sent = httpx.post(f"{server.method_url}sendMessage", data=form).json()["result"]["message_id"]
        given = {
            "person": person.user.user_id,
            "chat": person.chat.chat_id,
            "message": sent,
            "data": "more:1",
        }
        address = f"http://127.0.0.1:{server.port}/page"

        def press() -> None:
            told = httpx.post(f"{address}/press", json=given, headers={"x-page-token": "t"}, timeout=30)
            waiting.append(told.json())

        thread = threading.Thread(target=press)
        with httpx.stream("GET", f"{address}/events", timeout=30) as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith("data: ")
            thread.start()
            sandbox.world.bell.wait_for(lambda: sandbox.world.waiting_count >= 2)
            begun = time.monotonic()
    thread.join()
    assert time.monotonic() - begun < 5  # a press alone would wait ten
    assert waiting == [{}]


@pytest.mark.parametrize(
    ("name", "given", "reason"),
    [
        ("send", {"text": ""}, "a message needs a text"),
        ("send", {"text": "x" * 4097}, "text has more than 4096 characters"),
        ("send", {"text": 5}, "text must be a text"),
        ("send", {"text": "x", "chat": 1002}, "has no chat 1002"),
        ("send", {"text": "x", "person": 7}, "nobody here has the id 7"),
        ("send", {"text": "x", "reply_to": 99}, "message 99 is not there"),
        ("press", {"message": 99, "data": "x"}, "message 99 is not there"),
        ("press", {"message": "1", "data": "x"}, "message 1 is not there"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(
    script: Script, name: str, given: dict[str, object], reason: str
) -> None:
    """The page shows it; the bot hears of nothing."""
    answer = script.act(name, **given)
    assert answer.status_code == 400
    assert reason in answer.json()["description"]
    assert script.bot("getUpdates") == []


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"[]", 400), (b"{", 400), (b"[" * 9999, 400), (b'"\xff"', 400), (b"x" * 65_537, 413)],
)
def test_hostile_bodies_are_refused(script: Script, body: bytes, status: int) -> None:
    """Whatever is posted, the answer is a refusal and the server goes on."""
    assert script.http.post("page/send", content=body).status_code == status
    assert script.http.get("").status_code == 200

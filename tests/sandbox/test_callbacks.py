"""Pressing buttons and answering presses."""

import pytest

from bot.sandbox.limits import Limits
from bot.sandbox.nouns import CallbackAnswer
from bot.sandbox.people import Person

from .client import Api, StillClock

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
KEYBOARD = {
    "inline_keyboard": [
        [{"text": "👍", "callback_data": "up:1"}, {"text": "👎", "callback_data": "down:1"}],
        [{"text": "more", "url": "https://a.cn/"}],
    ]
}


def test_a_press_reaches_the_bot_and_its_answer_the_person(fresh: Api) -> None:
    ada = fresh.sandbox.join("Ada", language_code="zh-hans")
    ada.send("hi")
    message = fresh.send(ada, "good?", reply_markup=KEYBOARD)
    press = ada.press(message, text="👎")
    query = fresh.call("getUpdates", offset=-1).result[0]["callback_query"]
    assert (query["id"], query["data"]) == (press.press_id, "down:1")
    assert query["from"]["language_code"] == "zh-hans"
    assert query["message"]["message_id"] == message.message_id
    assert query["message"]["reply_markup"] == KEYBOARD
    assert isinstance(query["chat_instance"], str)
    assert ada.answer_to(press) is None
    given = {"callback_query_id": press.press_id, "text": "谢谢", "show_alert": True, "cache_time": 3}
    assert fresh.call("answerCallbackQuery", **given).result is True
    answered = ada.answer_to(press)
    assert answered is not None
    assert answered.answer == CallbackAnswer("谢谢", show_alert=True, cache_time=3)


def test_a_press_is_answered_once(shared: Api, ada: Person) -> None:
    press = ada.press(shared.send(ada, reply_markup=KEYBOARD), data="up:1")
    given = {"callback_query_id": press.press_id}
    assert shared.call("answerCallbackQuery", **given).result is True
    assert shared.call("answerCallbackQuery", **given).error == (400, TOO_OLD)


@pytest.mark.parametrize("press_id", ["", "1", "nonsense"])
def test_an_unknown_press_cannot_be_answered(shared: Api, press_id: str) -> None:
    assert shared.call("answerCallbackQuery", callback_query_id=press_id).error == (400, TOO_OLD)


@pytest.mark.parametrize(("after_s", "in_time"), [(0, True), (10, True), (10.5, False), (3600, False)])
def test_a_press_must_be_answered_soon(strict: Api, clock: StillClock, after_s: float, in_time: bool) -> None:
    assert Limits().callback_s == 10
    ada = strict.sandbox.join("Ada")
    ada.send("hi")
    press = ada.press(strict.send(ada, reply_markup=KEYBOARD))
    clock.advance(after_s)
    answer = strict.call("answerCallbackQuery", callback_query_id=press.press_id)
    assert answer.body["ok"] is in_time
    if not in_time:
        assert answer.error == (400, TOO_OLD)


@pytest.mark.parametrize(
    ("given", "description"),
    [
        ({"text": "x" * 200}, None),
        ({"text": "投" * 200}, None),
        ({"text": "x" * 201}, "MESSAGE_TOO_LONG"),
        ({"url": "https://t.me/wenbao_bot?start=x"}, None),
        ({"url": "t.me/Wenbao_bot?start=x"}, None),
        ({"url": "https://a.cn/"}, "URL_INVALID"),
    ],
)
def test_answers_are_short(
    shared: Api, ada: Person, given: dict[str, object], description: str | None
) -> None:
    press = ada.press(shared.send(ada, reply_markup=KEYBOARD))
    answer = shared.call("answerCallbackQuery", callback_query_id=press.press_id, **given)
    if description is None:
        assert answer.result is True
    else:
        assert answer.error == (400, f"Bad Request: {description}")


def test_the_present_keyboard_counts(shared: Api, ada: Person) -> None:
    """What an edit took away cannot be pressed, and an address does not call the bot."""
    message = shared.send(ada, reply_markup=KEYBOARD)
    with pytest.raises(ValueError, match="no button 'more' that calls the bot"):
        ada.press(message, text="more")
    shared.call("editMessageReplyMarkup", chat_id=message.chat_id, message_id=message.message_id)
    with pytest.raises(ValueError, match="no button 'up:1'"):
        ada.press(message, data="up:1")

"""Trouble on request."""

import time

import httpx
import pytest

from bot.sandbox.faults import ANY

from .client import Api

OTHER_POLL = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)


@pytest.mark.parametrize(
    ("code", "description", "parameters"),
    [
        (409, OTHER_POLL, None),
        (429, "Too Many Requests: retry after 7", {"retry_after": 7}),
        (500, "Internal Server Error", None),
        (502, "Bad Gateway", None),
        (504, "Gateway Timeout", None),
    ],
)
def test_the_next_calls_are_answered_with_an_error(
    fresh: Api, code: int, description: str, parameters: object
) -> None:
    """As often as asked, only that method, and without acting."""
    ada = fresh.sandbox.join("Ada")
    ada.send("hi")
    fresh.sandbox.faults.answer("SendMessage", code, retry_after=7, times=2)
    given = {"chat_id": ada.chat.chat_id, "text": "x"}
    for _ in range(2):
        assert fresh.call("getMe").status == 200
        answer = fresh.call("sendMessage", **given)
        assert answer.error == (code, description)
        assert answer.body.get("parameters") == parameters
    assert fresh.sandbox.faults.pending == 0
    assert ada.replies() == ()
    assert fresh.call("sendMessage", **given).status == 200


def test_a_code_without_words_is_a_mistake_of_the_test(fresh: Api) -> None:
    with pytest.raises(ValueError, match="418"):
        fresh.sandbox.faults.answer("getMe", 418)


@pytest.mark.parametrize(("kind", "sent"), [("drop", 0), ("lose", 1)])
def test_the_connection_breaks_before_or_after_acting(fresh: Api, kind: str, sent: int) -> None:
    ada = fresh.sandbox.join("Ada")
    ada.send("hi")
    getattr(fresh.sandbox.faults, kind)("sendMessage")
    with pytest.raises(httpx.TransportError):
        fresh.call("sendMessage", chat_id=ada.chat.chat_id, text="x")
    assert len(ada.replies()) == sent
    assert [call.status for call in fresh.sandbox.calls("sendMessage")] == [0]
    assert fresh.call("sendMessage", chat_id=ada.chat.chat_id, text="y").status == 200


def test_a_call_is_delayed_and_then_acted_on(fresh: Api) -> None:
    fresh.sandbox.faults.delay("getMe", 0.3)
    begun = time.monotonic()
    assert fresh.call("getMe").status == 200
    assert 0.25 < time.monotonic() - begun < 10
    assert fresh.sandbox.faults.pending == 0


def test_faults_come_in_the_order_they_were_queued(fresh: Api) -> None:
    """Those of the method first, then those of any method."""
    faults = fresh.sandbox.faults
    faults.answer(ANY, 500)
    faults.answer("getMe", 502)
    faults.answer("getMe", 429)
    assert [fresh.call("getMe").status for _ in range(4)] == [502, 429, 500, 200]
    faults.drop("getMe", times=9)
    faults.clear()
    assert fresh.call("getMe").status == 200

"""getUpdates: confirmation, waiting, conflicts, kinds; and what there is of webhooks."""

import threading
import time
from collections.abc import Callable

import pytest

from bot.sandbox.updates import FIRST_UPDATE_ID

from .client import Answer, Api

N = FIRST_UPDATE_ID
OTHER_POLL = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)
WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


def ids(answer: Answer) -> list[int]:
    return [update["update_id"] - N for update in answer.result]


class Background:
    """A call in a thread of its own."""

    def __init__(self, call: Callable[[], Answer]) -> None:
        self.answers: list[Answer] = []
        self.thread = threading.Thread(target=lambda: self.answers.append(call()))
        self.thread.start()

    def answer(self) -> Answer:
        self.thread.join(5)
        return self.answers[0]


def poll(api: Api, **given: object) -> Background:
    """Start a poll and return when it waits on the server."""
    before = len(api.sandbox.world.bell._listeners)
    background = Background(lambda: api.call("getUpdates", **given))
    deadline = time.monotonic() + 5
    while len(api.sandbox.world.bell._listeners) <= before and time.monotonic() < deadline:
        time.sleep(0.005)
    return background


@pytest.mark.parametrize(
    ("offset", "returned", "kept"),
    [
        (None, [0, 1, 2, 3, 4], 5),
        (0, [0, 1, 2, 3, 4], 5),
        (N, [0, 1, 2, 3, 4], 5),
        (N + 2, [2, 3, 4], 3),
        (N + 4, [4], 1),
        (N + 5, [], 0),
        (N + 99, [], 0),
        (-1, [4], 1),
        (-3, [2, 3, 4], 3),
        (-9, [0, 1, 2, 3, 4], 5),
    ],
)
def test_offset_confirms_what_is_in_front_of_it(
    fresh: Api, offset: int | None, returned: list[int], kept: int
) -> None:
    ada = fresh.sandbox.join("Ada")
    for number in range(5):
        ada.send(f"question {number}")
    given = {} if offset is None else {"offset": offset}
    assert ids(fresh.call("getUpdates", **given)) == returned
    assert ids(fresh.call("getUpdates")) == returned
    assert fresh.sandbox.world.waiting_count == kept


@pytest.mark.parametrize(("limit", "count"), [(1, 1), (100, 100), (0, 1), (-5, 1), (101, 100)])
def test_limit_is_at_most_a_hundred(fresh: Api, limit: int, count: int) -> None:
    ada = fresh.sandbox.join("Ada")
    for _ in range(120):
        ada.send("hi")
    assert ids(fresh.call("getUpdates", limit=limit)) == list(range(count))


def test_update_ids_go_on_after_confirmation(fresh: Api) -> None:
    ada = fresh.sandbox.join("Ada")
    ada.send("one")
    fresh.call("getUpdates", offset=N + 1)
    ada.send("two")
    assert ids(fresh.call("getUpdates")) == [1]


def test_without_timeout_an_empty_answer_comes_at_once(fresh: Api) -> None:
    begun = time.monotonic()
    assert fresh.call("getUpdates").result == []
    assert fresh.call("getUpdates", timeout=-1).result == []
    assert time.monotonic() - begun < 5


def test_a_poll_waits_for_the_first_update(fresh: Api) -> None:
    waiting = poll(fresh, timeout=30)
    fresh.sandbox.join("Ada").send("hi")
    assert ids(waiting.answer()) == [0]


def test_a_poll_ends_empty_when_time_is_up(fresh: Api) -> None:
    begun = time.monotonic()
    assert fresh.call("getUpdates", timeout=1).result == []
    assert 0.9 < time.monotonic() - begun < 10


def test_the_older_of_two_polls_is_told_of_the_conflict(fresh: Api) -> None:
    older = poll(fresh, timeout=30)
    newer = Background(lambda: fresh.call("getUpdates", timeout=30))
    assert older.answer().error == (409, OTHER_POLL)
    fresh.sandbox.join("Ada").send("hi")
    assert ids(newer.answer()) == [0]


def test_a_poll_without_timeout_ends_the_waiting_one_too(fresh: Api) -> None:
    older = poll(fresh, timeout=30)
    assert fresh.call("getUpdates").result == []
    assert older.answer().error == (409, OTHER_POLL)


def test_allowed_updates_hold_for_what_comes_later(fresh: Api) -> None:
    """They are kept until changed; an empty list stands for the default."""
    ada = fresh.sandbox.join("Ada")
    ada.send("before")
    message = fresh.send(ada, "?", reply_markup={"inline_keyboard": [[{"text": "a", "callback_data": "a"}]]})
    fresh.call("getUpdates", allowed_updates=["callback_query"])
    ada.send("unwanted")
    ada.press(message)
    fresh.call("getUpdates")
    ada.send("still unwanted")
    kinds = [min(update) for update in fresh.call("getUpdates").result]
    assert kinds == ["message", "callback_query"]
    assert fresh.call("getWebhookInfo").result["allowed_updates"] == ["callback_query"]
    fresh.call("getUpdates", allowed_updates=[])
    ada.send("wanted again")
    assert len(fresh.call("getUpdates").result) == 3


def test_updates_can_be_dropped(fresh: Api) -> None:
    fresh.sandbox.join("Ada").send("hi")
    assert fresh.call("getWebhookInfo").result["pending_update_count"] == 1
    fresh.call("deleteWebhook", drop_pending_updates=False)
    assert fresh.sandbox.world.waiting_count == 1
    answer = fresh.call("deleteWebhook", drop_pending_updates=True)
    assert answer.body == {"ok": True, "result": True, "description": "Webhook is already deleted"}
    assert fresh.call("getUpdates").result == []


def test_a_webhook_of_another_deployment_stops_polling(fresh: Api) -> None:
    fresh.sandbox.world.webhook_url = "https://elsewhere.example/hook"
    assert fresh.call("getUpdates").error == (409, WEBHOOK)
    assert fresh.call("getWebhookInfo").result["url"] == "https://elsewhere.example/hook"
    assert fresh.call("deleteWebhook").body["description"] == "Webhook was deleted"
    assert fresh.call("getUpdates").result == []

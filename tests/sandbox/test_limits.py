"""Flood control, by a clock that stands still."""

import pytest

from bot.sandbox.limits import Flood, Limits, Window
from bot.sandbox.people import Person
from bot.sandbox.refusals import ApiError

from .client import Api, StillClock


def admitted(flood: Flood, chat_id: int, *, is_group: bool = False) -> int | None:
    """Seconds to wait, or None when admitted."""
    try:
        flood.admit(chat_id, is_group=is_group)
    except ApiError as error:
        return error.retry_after
    return None


def writer(api: Api, name: str = "Ada") -> Person:
    person = api.sandbox.join(name)
    person.send("hi")
    return person


def test_a_chat_takes_a_short_burst_and_then_one_a_second_on_average(strict: Api, clock: StillClock) -> None:
    ada = writer(strict)
    for number in range(5):
        strict.send(ada, str(number))
    clock.advance(1.5)
    refused = strict.call("sendMessage", chat_id=ada.chat.chat_id, text="6")
    assert refused.error == (429, "Too Many Requests: retry after 4")
    assert refused.body["parameters"] == {"retry_after": 4}
    assert refused.headers["retry-after"] == "4"
    assert len(ada.replies()) == 5
    clock.advance(4)
    assert strict.call("sendMessage", chat_id=ada.chat.chat_id, text="6").status == 200


def test_other_chats_are_not_held_up(strict: Api) -> None:
    ada, bob = writer(strict), writer(strict, "Bob")
    for number in range(5):
        strict.send(ada, str(number))
    assert strict.call("sendMessage", chat_id=ada.chat.chat_id, text="x").status == 429
    assert strict.call("sendMessage", chat_id=bob.chat.chat_id, text="x").status == 200


def test_a_group_takes_twenty_a_minute(strict: Api, clock: StillClock) -> None:
    team = strict.sandbox.group("Team", [strict.sandbox.join("Ada")])
    for number in range(20):
        assert strict.call("sendMessage", chat_id=team.chat_id, text=str(number)).status == 200
        clock.advance(1)
    refused = strict.call("sendMessage", chat_id=team.chat_id, text="x")
    assert refused.error == (429, "Too Many Requests: retry after 40")
    clock.advance(40)
    assert strict.call("sendMessage", chat_id=team.chat_id, text="x").status == 200


def test_all_chats_together_take_thirty_a_second(strict: Api, clock: StillClock) -> None:
    people = [writer(strict, f"P{number}") for number in range(31)]
    for person in people[:30]:
        strict.send(person)
    last = people[30].chat.chat_id
    refused = strict.call("sendMessage", chat_id=last, text="x")
    assert refused.error == (429, "Too Many Requests: retry after 1")
    clock.advance(1)
    assert strict.call("sendMessage", chat_id=last, text="x").status == 200


def test_edits_count_and_refused_calls_do_not(strict: Api) -> None:
    ada = writer(strict)
    message = strict.send(ada, "0")
    place = {"chat_id": ada.chat.chat_id, "message_id": message.message_id}
    for number in range(1, 5):
        assert strict.call("editMessageText", **place, text=str(number)).status == 200
        assert strict.call("editMessageText", **place, text=str(number)).status == 400
        assert strict.call("sendChatAction", chat_id=ada.chat.chat_id, action="typing").status == 200
    assert strict.call("editMessageText", **place, text="x").status == 429
    assert strict.call("editMessageReplyMarkup", **place).status == 400
    assert ada.replies()[0].text == "4"


@pytest.mark.parametrize(
    ("limits", "burst"),
    [
        (Limits(chat=None, group=None, overall=None), 100),
        (Limits(chat=Window(1, 1.0)), 1),
        (Limits(chat=Window(3, 0.25)), 3),
        (Limits(chat=None, overall=Window(7, 1.0)), 7),
    ],
)
def test_limits_are_configurable(limits: Limits, burst: int) -> None:
    flood = Flood(limits, StillClock())
    waits = [admitted(flood, 1) for _ in range(100)]
    assert waits == [None] * burst + [1] * (100 - burst)


def test_a_refused_message_counts_in_no_window() -> None:
    """Else a busy chat would use up what is left for the others."""
    flood = Flood(Limits(chat=Window(1, 1.0), overall=Window(3, 1.0)), StillClock())
    assert [admitted(flood, 1) for _ in range(5)] == [None, 1, 1, 1, 1]
    assert [admitted(flood, 2), admitted(flood, 3), admitted(flood, 4)] == [None, None, 1]


def test_the_longest_wait_is_told() -> None:
    clock = StillClock()
    flood = Flood(Limits(chat=Window(1, 2.0), group=Window(1, 60.0)), clock)
    assert admitted(flood, -1, is_group=True) is None
    clock.advance(0.5)
    assert admitted(flood, -1, is_group=True) == 60

"""The pace: within the limits, and insisting until a message got through."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.chat import pace
from bot.chat.pace import Pace, Quota, Response


@pytest.fixture(autouse=True)
def _durations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


class Line:
    """A way to Telegram that fails as told, then works."""

    def __init__(self, *failures: TelegramError) -> None:
        self.failures = list(failures)
        self.sent = 0

    async def __call__(self) -> Response:
        self.sent += 1
        if self.failures:
            raise self.failures.pop(0)
        return True

    async def send(self, pace: Pace, **data: Any) -> Response:  # noqa: ANN401
        return await self.send_as("sendMessage", pace, **data)

    async def send_as(self, endpoint: str, pace: Pace, **data: Any) -> Response:  # noqa: ANN401
        return await pace.process_request(self, (), {}, endpoint, data, None)


@given(st.integers(1, 5), st.floats(0.5, 60), st.lists(st.floats(0, 20), max_size=40))
def test_a_quota_is_never_exceeded(count: int, period_s: float, pauses: list[float]) -> None:
    """In no period there are more places than the quota has, and places are in order."""
    quota = Quota(count, period_s)
    now = 0.0
    places = []
    for pause in pauses:
        now += pause
        places.append(quota.take(now))
        assert places[-1] >= now
    assert places == sorted(places)
    assert all(later - place >= period_s - 1e-6 for place, later in zip(places, places[count:], strict=False))


def test_a_quota_is_idle_when_all_places_are_free() -> None:
    """Untouched, or touched a period ago."""
    quota = Quota(2, 10.0)
    assert quota.idle(0.0)
    quota.take(0.0)
    assert not quota.idle(9.9)
    assert quota.idle(10.0)


@pytest.mark.parametrize(
    "failure", [TimedOut(), NetworkError("Bad Gateway"), TelegramError("Invalid server response")], ids=repr
)
async def test_a_broken_line_is_tried_again(failure: TelegramError) -> None:
    """Whatever does not come from the message itself passes."""
    line = Line(failure, failure, failure)
    assert await line.send(Pace(max_pause_s=0.01), chat_id=1) is True
    assert line.sent == 4


@pytest.mark.parametrize("failure", [BadRequest("chat not found"), Forbidden("bot was blocked")], ids=repr)
async def test_a_refusal_is_final(failure: TelegramError) -> None:
    """The same message would be refused again."""
    line = Line(failure)
    with pytest.raises(type(failure)):
        await line.send(Pace(max_pause_s=0.01), chat_id=1)
    assert line.sent == 1


async def test_the_pause_that_telegram_asks_for_is_kept() -> None:
    """A 429 is waited out, in seconds or as a duration."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    assert await Line(RetryAfter(timedelta(seconds=0.05))).send(Pace(max_pause_s=9), chat_id=1) is True
    assert 0.05 <= loop.time() - begin < 1


def test_durations_may_be_plain_seconds() -> None:
    """The library gives numbers unless its switch is on."""
    assert pace._seconds(2) == 2.0
    assert pace._seconds(timedelta(seconds=2)) == 2.0


async def test_insisting_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time for it the failure is reported, not swallowed."""
    monkeypatch.setattr(pace, "_GIVE_UP_AFTER_S", 0.05)
    line = Line(*[TimedOut()] * 100)
    with pytest.raises(TimedOut):
        await line.send(Pace(max_pause_s=0.01), chat_id=1)
    assert 2 < line.sent < 20


async def test_stopping_shortens_the_insisting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot that is asked to stop does not hold on for minutes."""
    monkeypatch.setattr(pace, "_GIVE_UP_WHEN_STOPPING_S", 0.05)
    line = Line(*[TimedOut()] * 1000)
    hurried = Pace(max_pause_s=0.01)
    sending = asyncio.create_task(line.send(hurried, chat_id=1))
    await asyncio.sleep(0.02)
    hurried.hurry()
    with pytest.raises(TimedOut):
        await asyncio.wait_for(sending, 2)


async def test_stopping_ends_a_rest_that_is_too_long() -> None:
    """Nor does it wait for a pause of minutes to end."""
    hurried = Pace(max_pause_s=100)
    sending = asyncio.create_task(Line(RetryAfter(timedelta(seconds=300))).send(hurried, chat_id=1))
    await asyncio.sleep(0.02)
    hurried.hurry()
    with pytest.raises(RetryAfter):
        await asyncio.wait_for(sending, 2)


async def test_a_short_rest_is_kept_while_stopping() -> None:
    """There is time for a second try."""
    hurried = Pace(max_pause_s=100)
    hurried.hurry()
    assert await Line(RetryAfter(timedelta(seconds=0.02))).send(hurried, chat_id=1) is True


async def test_calls_without_a_chat_are_not_held_up() -> None:
    """What is no message has no pace and no second try."""
    line = Line(TimedOut())
    with pytest.raises(TimedOut):
        await line.send(Pace(max_pause_s=0.01))


async def test_a_chat_has_its_own_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """A burst to one chat is spread out; another chat and a group have their own."""
    monkeypatch.setattr(pace, "_chat_quotas", lambda chat_id: (Quota(2 if chat_id > 0 else 1, 0.1),))
    loop = asyncio.get_running_loop()
    begin = loop.time()
    steady = Pace(max_pause_s=1)
    times: dict[int, list[float]] = {1: [], -2: []}

    async def send(chat_id: int) -> None:
        await Line().send(steady, chat_id=chat_id)
        times[chat_id].append(loop.time() - begin)

    await asyncio.gather(*(send(chat_id) for chat_id in (1, 1, 1, 1, -2, -2)))
    assert times[1][1] < 0.08 < times[1][2]
    assert times[-2][0] < 0.08 < times[-2][1]


def test_groups_have_a_lower_limit() -> None:
    """Twenty a minute in a group, beside a chat's own pace."""
    private, group = pace._chat_quotas(1), pace._chat_quotas(-1)
    assert len(private) == 1
    assert len(group) == 2


async def test_quiet_chats_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with everybody who ever asked."""
    monkeypatch.setattr(pace, "_CHATS_REMEMBERED", 10)
    monkeypatch.setattr(pace, "_chat_quotas", lambda _: (Quota(1, 0.0),))
    steady = Pace(max_pause_s=1)
    steady._all = ()
    for chat_id in range(1, 100):
        await Line().send(steady, chat_id=chat_id)
    assert len(steady._chats) <= 10


async def test_what_is_shown_for_a_moment_has_no_pace() -> None:
    """A sign of typing takes no message's place, and is not worth a second try."""
    line = Line(TimedOut())
    with pytest.raises(TimedOut):
        await line.send_as("sendChatAction", Pace(max_pause_s=0.01), chat_id=1)
    assert line.sent == 1


async def test_messages_leave_in_small_portions() -> None:
    """Each after a tenth of a second, so that a crash can repeat but a few."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    steady = Pace(max_pause_s=1)
    times: list[float] = []

    async def send(chat_id: int) -> None:
        await Line().send(steady, chat_id=chat_id)
        times.append(loop.time() - begin)

    await asyncio.gather(*(send(chat_id) for chat_id in range(1, 8)))
    assert times[2] < 0.1 <= times[3]
    assert times[5] < 0.2 <= times[6]


async def test_a_server_without_limits_is_not_paced() -> None:
    """Then messages leave as they come."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    free = Pace(max_pause_s=1, paced=False)
    await asyncio.gather(*(Line().send(free, chat_id=1) for _ in range(200)))
    assert loop.time() - begin < 1.0

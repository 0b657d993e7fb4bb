"""The pace: within the limits, and insisting until a message got through."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.chat import pace
from bot.chat.pace import UNREAD, Lines, Pace, Quota, Response

pytestmark = pytest.mark.usefixtures("simulated_time")


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


class Server:
    """Notes when messages arrive, a while after they were sent, and answers after another."""

    def __init__(self, out_s: float, back_s: float) -> None:
        self.arrived: list[float] = []
        self.left: list[float] = []
        self._ways_s = (out_s, back_s)

    async def send(self, pace: Pace, **data: Any) -> None:  # noqa: ANN401
        async def call() -> Response:
            out_s, back_s = self._ways_s
            self.left.append(now())
            await asyncio.sleep(out_s)
            self.arrived.append(now())
            await asyncio.sleep(back_s)
            return True

        await pace.process_request(call, (), {}, "sendMessage", data, None)


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_no_more_arrive_in_a_period_than_the_quota_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """A burst of the whole quota leaves at once; each further message as soon as it may arrive."""
    monkeypatch.setattr(pace, "OVERALL", (4, 0.3))
    server, steady = Server(0.02, 0.03), Pace(max_pause_s=1)
    await asyncio.gather(*(server.send(steady, chat_id=chat) for chat in range(1, 13)))
    arrived = server.arrived
    assert arrived[3] - arrived[0] < 0.3
    assert all(later - one >= 0.3 - 0.01 for one, later in zip(arrived, arrived[4:], strict=False))
    # The way there and back is no part of the pause.
    assert server.left[4] - server.left[0] < 0.3 + 0.03


async def test_a_place_is_given_to_whoever_waits_longest() -> None:
    """Nobody is passed by."""
    quota, order = Quota(1, 0.01), []

    async def take(name: int) -> None:
        async with quota.place(lambda: 0.0):
            order.append(name)

    await asyncio.gather(*map(take, range(6)))
    assert order == sorted(order)


async def test_a_quota_is_idle_when_all_places_are_free() -> None:
    """Untouched, or touched a period ago; not while somebody waits."""
    quota = Quota(1, 0.02)
    assert quota.idle()
    async with quota.place(lambda: 0.0):
        assert not quota.idle()
        waiting = asyncio.create_task(quota.place(lambda: 0.0).__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
    assert not quota.idle()
    await asyncio.sleep(0.05)
    assert quota.idle()


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
    assert loop.time() - begin == pytest.approx(0.05)


async def test_durations_may_be_plain_seconds() -> None:
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
    monkeypatch.setattr(pace, "CHAT", (2, 0.1))
    monkeypatch.setattr(pace, "GROUP", (1, 0.1))
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


async def test_groups_have_a_lower_limit() -> None:
    """Twenty a minute in a group, beside a chat's own pace."""
    private, group = pace._chat_quotas(1), pace._chat_quotas(-1)
    assert len(private) == 1
    assert len(group) == 2


async def test_quiet_chats_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with everybody who ever asked."""
    monkeypatch.setattr(pace, "CHAT", (1, 0.0))
    monkeypatch.setattr(pace, "OVERALL", (1000, 0.001))
    steady = Pace(max_pause_s=1)
    for chat_id in range(1, 100):
        await Line().send(steady, chat_id=chat_id)
        await asyncio.sleep(0)
    assert len(steady._chats) <= 10


async def test_what_is_shown_for_a_moment_has_no_pace() -> None:
    """A sign of typing takes no message's place, and is not worth a second try."""
    line = Line(TimedOut())
    with pytest.raises(TimedOut):
        await line.send_as("sendChatAction", Pace(max_pause_s=0.01), chat_id=1)
    assert line.sent == 1


async def sent_at_once(steady: Pace, count: int, *, noted_after_s: float = 0.0) -> int:
    """Send to so many chats; return how many were at most sent and not noted."""
    under_way, most = 0, 0

    async def call() -> Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.005)
        return True

    async def deal(chat_id: int) -> None:
        nonlocal under_way
        noted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        pace.NOTED.set(noted)
        await steady.process_request(call, (), {}, "sendMessage", {"chat_id": chat_id}, None)
        await asyncio.sleep(noted_after_s)
        under_way -= 1
        noted.set_result(None)

    await asyncio.gather(*(asyncio.create_task(deal(chat_id)) for chat_id in range(1, count + 1)))
    return most


@pytest.mark.parametrize("noted_after_s", [0.0, 0.01])
async def test_few_messages_are_sent_and_not_noted(noted_after_s: float) -> None:
    """A crash can repeat no more than those; to a server so near two are enough for the whole allowance."""
    assert await sent_at_once(Pace(max_pause_s=1), 20, noted_after_s=noted_after_s) == 2


async def test_without_limits_many_are_on_their_way() -> None:
    """As many as there are lines."""
    assert await sent_at_once(Pace(max_pause_s=1, paced=False), 40) == pace.LINES


async def test_a_handler_that_goes_on_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its line is free again after a moment."""
    monkeypatch.setattr(pace, "_NOTED_WITHIN_S", 0.01)
    steady, never = Pace(max_pause_s=1), asyncio.get_running_loop().create_future()
    pace.NOTED.set(never)
    async with asyncio.timeout(2):
        await asyncio.gather(*(Line().send(steady, chat_id=chat_id) for chat_id in range(1, 9)))


async def test_a_failure_gives_its_line_back() -> None:
    """And its second try takes one like any other."""
    steady = Pace(max_pause_s=0.01)
    async with asyncio.timeout(2):
        for chat_id in range(1, 9):
            assert await Line(TimedOut()).send(steady, chat_id=chat_id) is True


async def test_there_are_as_many_lines_as_the_way_is_long() -> None:
    """A server that takes a quarter of a second needs nine for 30 a second; fewer again when it is nearer."""
    assert [pace._lines(way_s) for way_s in (0.0, 0.03, 0.1, 0.25, 9.0)] == [2, 2, 4, 9, pace.LINES]
    lines = Lines(3)
    first = [await lines.take() for _ in range(3)]
    lines.resize(1)
    for give in first:
        give()
        give()  # once is enough
    last = await lines.take()
    waiting = asyncio.create_task(lines.take())
    await asyncio.sleep(0)
    assert not waiting.done()
    lines.resize(2)
    await asyncio.wait_for(waiting, 1)
    last()


async def test_what_nobody_reads_is_not_handed_on() -> None:
    """The library makes no objects of it; what is read comes whole, and a refusal is raised all the same."""
    message = {"message_id": 7, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "投诉"}
    steady = Pace(max_pause_s=1)

    async def call() -> Response:
        return message

    async def refuse() -> Response:
        raise BadRequest("message is too long")

    where = {"chat_id": 1}
    assert await steady.process_request(call, (), {}, "sendMessage", where, None) == message
    assert await steady.process_request(call, (), {}, "sendMessage", where, UNREAD) is True
    with pytest.raises(BadRequest):
        await steady.process_request(refuse, (), {}, "sendMessage", where, UNREAD)


async def test_a_server_without_limits_is_not_paced() -> None:
    """Then messages leave as they come."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    free = Pace(max_pause_s=1, paced=False)
    await asyncio.gather(*(Line().send(free, chat_id=1) for _ in range(200)))
    assert loop.time() - begin < 1.0

"""Who may ask and how often: the decision alone, and the gate over real HTTP."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.access import SMALL, Access, Verdict
from bot.sandbox.people import Person
from bot.sandbox.sandbox import Sandbox
from bot.settings import AccessSettings

from .bench import Bench
from .notebook import Notebook

MEI, LEI, BOSS, GROUP = 11, 22, 33, -100


@dataclass
class Clock:
    """Stands still until it is set."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def access(clock: Clock, *, rate: float = 6.0, burst: int = 3, allow: tuple[int, ...] = ()) -> Access:
    settings = AccessSettings(allow=allow, admins=(BOSS,), questions_per_minute=rate, burst=burst)
    return Access(settings, clock=clock)


@pytest.mark.parametrize(
    ("user", "chat", "may"),
    [
        (MEI, MEI, True),
        (LEI, LEI, False),
        (LEI, GROUP, True),
        (LEI, -200, False),
        (BOSS, -200, True),
        (MEI, None, True),
        (LEI, None, False),
        (None, GROUP, True),
        (None, -200, False),
    ],
)
def test_listed_people_everybody_in_a_listed_group_and_admins_may_ask(
    user: int | None, chat: int | None, may: bool
) -> None:
    """Inline queries come from no chat: there only the user counts."""
    assert access(Clock(), allow=(MEI, GROUP)).may_ask(user, chat) is may


def test_without_a_list_everybody_may_ask() -> None:
    """That is the default."""
    assert Access(AccessSettings(), clock=Clock()).may_ask(LEI, None)


def test_a_stranger_is_told_once_a_day() -> None:
    """Wherever they try."""
    clock = Clock()
    door = access(clock, allow=(MEI,))
    verdicts = [door.decide(LEI, chat).verdict for chat in (LEI, GROUP, None)]
    assert verdicts == [Verdict.SAY_ONCE, Verdict.QUIET, Verdict.QUIET]
    clock.now += 86_400
    assert door.decide(LEI, LEI).verdict is Verdict.SAY_ONCE


def test_who_asks_too_often_is_told_once_until_the_bucket_was_full() -> None:
    """Three at once, then one in ten seconds, without another word."""
    clock = Clock()
    door = access(clock)

    def verdicts(times: int) -> list[str]:
        return [door.decide(MEI, MEI).verdict.name for _ in range(times)]

    assert verdicts(5) == ["ALLOWED"] * 3 + ["SAY_ONCE", "QUIET"]
    clock.now += 10
    assert verdicts(2) == ["ALLOWED", "QUIET"]
    clock.now += 30
    assert verdicts(4) == ["ALLOWED"] * 3 + ["SAY_ONCE"]


def test_presses_and_inline_queries_cost_a_quarter() -> None:
    """Twelve instead of three."""
    door = access(Clock())
    verdicts = [door.decide(MEI, MEI, cost=SMALL).verdict for _ in range(13)]
    assert verdicts == [Verdict.ALLOWED] * 12 + [Verdict.SAY_ONCE]


def test_admins_are_not_limited_and_users_not_by_each_other() -> None:
    """Each has a bucket of their own."""
    door = access(Clock(), burst=1)
    assert [door.decide(user, GROUP).verdict for user in (MEI, LEI, BOSS, BOSS)] == [Verdict.ALLOWED] * 4
    assert door.decide(MEI, GROUP).verdict is Verdict.SAY_ONCE


@given(
    steps=st.lists(st.tuples(st.floats(0, 60), st.sampled_from((1.0, SMALL))), min_size=1, max_size=60),
    rate=st.floats(0.1, 600),
    burst=st.integers(1, 50),
)
def test_nobody_gets_more_than_the_bucket_gives(
    steps: list[tuple[float, float]], rate: float, burst: int
) -> None:
    """Law: what is let through in any time costs no more than burst + rate · time; told once a drought."""
    clock = Clock()
    door = access(clock, rate=rate, burst=burst)
    spent = [(clock.now, 0.0)]
    last = Verdict.ALLOWED
    for pause, cost in steps:
        clock.now += pause
        verdict = door.decide(MEI, MEI, cost=cost).verdict
        spent.append((clock.now, cost if verdict is Verdict.ALLOWED else 0.0))
        assert not (last is Verdict.QUIET and verdict is Verdict.SAY_ONCE and pause * rate / 60 < burst - 1)
        last = verdict
    for first in range(len(spent)):
        through = sum(cost for _, cost in spent[first:])
        assert through <= burst + (spent[-1][0] - spent[first][0]) * rate / 60 + 1e-6


def test_what_is_remembered_of_a_crowd_is_bounded() -> None:
    """A flood of users costs little memory, and the latest are still known."""
    door = access(Clock(), burst=1, allow=(MEI, *range(1_000_000, 1_020_000)))
    for user in range(1_000_000, 1_020_000):
        door.decide(user, None)
        door.decide(-user, None)
    assert (len(door._buckets), len(door._strangers)) == (10_000, 10_000)
    assert door.decide(1_019_999, None).verdict is Verdict.SAY_ONCE
    assert door.decide(-1_019_999, None).verdict is Verdict.QUIET


Serve = Callable[[AccessSettings], AbstractAsyncContextManager[object]]


@pytest.fixture
def serve(bench: Bench) -> Serve:
    """Runs a bot with buttons under the given rules."""

    def start(settings: AccessSettings) -> AbstractAsyncContextManager[object]:
        bench.around = replace(bench.remembering(Notebook()), access=settings)
        return bench.serving()

    return start


async def test_a_stranger_gets_one_polite_line(bench: Bench, serve: Serve, mei: Person, ann: Person) -> None:
    """In their language, with the id to be let in by, no answer, and no second line; others are answered."""
    async with serve(AccessSettings(allow=(mei.user.user_id,))):
        ann.send("complaints")
        ann.send("/start")
        mei.send("投诉")
        assert "投诉" in (await mei.until_replies())[0].text
        (line,) = await ann.until_replies()
        assert line.text.startswith("This bot answers certain people and groups only.")
        assert str(ann.user.user_id) in line.text
    assert len(ann.replies()) == 1
    assert [question for question, _ in bench.desk.asked] == ["投诉"]


async def test_a_stranger_presses_and_asks_inline_in_vain(
    bench: Bench, serve: Serve, sandbox: Sandbox, mei: Person, ann: Person
) -> None:
    """A button below a message in a group, and inline mode: answered at once, with nothing in it."""
    async with serve(AccessSettings(allow=(mei.user.user_id,))):
        mei.send("/lang")
        group = sandbox.group("组", [mei, ann])
        mei.send("/lang", chat=group)
        (shown,) = await mei.until_replies(chat=group)
        press = ann.press(shown, text="English")
        await bench.until(lambda: ann.answer_to(press))
        answered = ann.answer_to(press)
        assert answered is not None
        assert "certain people and groups" in str(answered)
        again = ann.press(shown, text="English")
        await bench.until(lambda: ann.answer_to(again))
        assert "certain people" not in str(ann.answer_to(again))
        sandbox.world.inline.is_on = True
        found = await ann.until_results(ann.inline("投诉"))
        assert (found.results, found.is_personal, found.button) == ((), True, None)
    assert bench.desk.asked == []


async def test_a_stranger_who_asks_inline_first_is_told_there(
    serve: Serve, sandbox: Sandbox, mei: Person, ann: Person
) -> None:
    """On the button above the empty results, which opens the bot."""
    sandbox.world.inline.is_on = True
    async with serve(AccessSettings(allow=(mei.user.user_id,))):
        found = await ann.until_results(ann.inline("complaints"))
    assert found.button is not None
    assert "You may not use this bot yet" in str(found.button)


async def test_in_a_listed_group_everybody_is_answered(
    bench: Bench, serve: Serve, sandbox: Sandbox, ann: Person
) -> None:
    """Though they may not ask in private."""
    group = sandbox.group("客服组", [ann])
    async with serve(AccessSettings(allow=(group.chat_id,))):
        ann.send("/ask complaints", chat=group)
        await ann.until_replies(chat=group)
    assert len(bench.desk.asked) == 1


async def test_talk_among_strangers_is_none_of_its_business(
    serve: Serve, sandbox: Sandbox, mei: Person, ann: Person
) -> None:
    """In a group without privacy mode the bot sees everything and says nothing."""
    group = sandbox.group("闲聊", [mei, ann], privacy=False)
    async with serve(AccessSettings(allow=(mei.user.user_id,))):
        for number in range(5):
            ann.send(f"hello {number}", chat=group)
        for person in (ann, mei):
            person.send_document(b"%PDF", "a.pdf", chat=group)
        mei.send("/ask 投诉", chat=group)
        replies = await mei.until_replies(chat=group)
        await asyncio.sleep(0.05)
    assert len(replies) == len(mei.replies(chat=group)) == 1


async def test_who_asks_too_often_is_told_once(bench: Bench, serve: Serve, mei: Person) -> None:
    """Two answers, one line, silence."""
    async with serve(AccessSettings(questions_per_minute=0.1, burst=2)):
        for number in range(5):
            mei.send(f"问题{number}")
        await mei.until_replies(3)
    assert [reply.text for reply in mei.replies()][2:] == ["问得有点快，请稍等一会儿再问。"]
    assert len(bench.desk.asked) == 2


async def test_a_second_try_costs_nothing(bench: Bench, serve: Serve, mei: Person) -> None:
    """A question whose handler failed is tried again, not refused as one too many."""
    rule = bench.desk.rule
    failures = iter([True, True])

    def at_first_broken(question: str) -> object:
        if next(failures, False):
            raise RuntimeError("broken")
        return rule(question)

    bench.desk.rule = at_first_broken  # type: ignore[assignment]
    async with serve(AccessSettings(questions_per_minute=0.1, burst=1)):
        mei.send("投诉")
        (reply,) = await mei.until_replies()
    assert "投诉" in reply.text

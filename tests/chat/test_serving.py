"""The bot as a process: start, load, trouble on the line, and the end. Over real HTTP."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.chat.app import Around, build, serve, server_root
from bot.chat.commands import PRIVATE
from bot.domain import Answer
from bot.errors import SettingsError, TokenRejected
from bot.sandbox.people import Person
from bot.sandbox.run import run_in_thread
from bot.sandbox.sandbox import Sandbox
from bot.settings import Secret, TelegramSettings

from .bench import Bench, FakeDesk, answer, echo, hit
from .notebook import Notebook


async def test_commands_are_listed_in_both_languages(bot: Bench) -> None:
    """In private chats and groups, Chinese for everybody and English for those who read it."""
    await bot.until(lambda: len(bot.sandbox.calls("setMyCommands")) == 4)
    await bot.until(lambda: len(bot.sandbox.profile.commands) == 4)
    lists = bot.sandbox.profile.commands
    assert [one.command for one in lists[("all_private_chats",), ""]] == list(PRIVATE)
    assert lists[("all_group_chats",), ""][0].description == "向报告提问"
    assert lists[("all_group_chats",), "en"][0].description == "Ask the reports"


async def test_a_list_of_commands_is_not_worth_a_stop(
    bench: Bench, mei: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """When it cannot be set, the log says so and questions are answered."""
    bench.sandbox.faults.answer("setMyCommands", 500)
    async with bench.serving():
        mei.send("投诉")
        await mei.until_replies()
        await bench.until(lambda: "a list of commands was not set" in caplog.text)


async def test_the_operator_is_told_that_it_works(bot: Bench) -> None:
    """One line, with the bot's name."""
    await bot.until(lambda: bot.lines)
    assert bot.lines == ["@wenbao_bot is answering"]


async def test_only_what_has_handlers_is_asked_for(bot: Bench) -> None:
    """Telegram need not send what no handler wants, and keeps waiting questions at the start."""
    await bot.until(lambda: bot.sandbox.world.wanted_updates)
    assert bot.sandbox.world.wanted_updates == {"message", "callback_query", "inline_query"}
    (call,) = bot.sandbox.calls("deleteWebhook")
    assert call.given.get("drop_pending_updates", "false").lower() == "false"


async def test_questions_from_before_the_start_are_answered(bench: Bench, mei: Person) -> None:
    """What was asked while the bot was away is not dropped."""
    mei.send("投诉")
    async with bench.serving():
        await mei.until_replies()


async def test_many_chats_at_once_are_all_answered_in_order(bot: Bench) -> None:
    """200 questions from 20 chats at Telegram's usual limits: each one answered once, each chat in order."""
    people = [bot.sandbox.join(f"p{number}") for number in range(20)]
    for number in range(10):
        for person in people:
            person.send(f"问{number}")
    for person in people:
        replies = await person.until_replies(10, timeout_s=25)
        assert [reply.text.partition("\n")[0] for reply in replies] == [f"关于问{n}" for n in range(10)]
    accepted = [call for call in bot.sandbox.calls("sendMessage") if call.status == 200]
    assert len(accepted) == 200


async def test_a_slow_answer_holds_up_its_own_chat_only(bot: Bench, mei: Person, ann: Person) -> None:
    """Answers are computed off the event loop."""
    gate = threading.Event()

    def slow(question: str) -> Answer:
        assert question != "slow" or gate.wait(5)
        return echo(question)

    bot.desk.rule = slow
    mei.send("slow")
    mei.send("quick")
    ann.send("quick")
    await ann.until_replies()
    assert mei.replies() == ()
    gate.set()
    first, second = await mei.until_replies(2)
    assert "slow" in first.text
    assert "quick" in second.text


async def test_short_polls_leave_a_pause(bench: Bench, mei: Person) -> None:
    """Without long polls Telegram is asked about once a second, not without end."""
    bench.settings = replace(bench.settings, poll_timeout_s=0)
    async with bench.serving():
        await bench.until(lambda: len(bench.sandbox.calls("getUpdates")) == 1)
        mei.send("投诉")
        await mei.until_replies()
        assert len(bench.sandbox.calls("getUpdates")) < 5


async def test_what_is_in_hand_is_finished(bench: Bench, mei: Person, ann: Person) -> None:
    """Told to stop, the bot sends the answers it owes, confirms them and ends; nothing comes twice."""
    gate = threading.Event()

    def slow(question: str) -> Answer:
        assert gate.wait(5)
        return echo(question)

    bench.desk.rule = slow
    async with bench.serving() as serving:
        for number in range(3):
            mei.send(f"问{number}")
        ann.send("complaints")
        await bench.until(lambda: len(bench.desk.asked) == 2)
        bench.stop.set()
        await asyncio.sleep(0.05)
        assert not serving.done()
        gate.set()
        await asyncio.wait({serving}, timeout=5)
        assert len(mei.replies()) == 3
        assert len(ann.replies()) == 1
        assert bench.sandbox.world.waiting_count == 0
        assert "stopping; questions in hand: 4" in bench.lines


async def test_an_end_without_confirmation_is_logged(
    bench: Bench, mei: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """The last questions come again; they are known, and the operator knows why."""
    async with bench.serving():
        mei.send("投诉")
        await mei.until_replies()
        bench.sandbox.faults.answer("getUpdates", 500)
    assert "they come again and are passed over" in caplog.text


@pytest.mark.parametrize("token", ["", "no token", "123456:with space", "123456:line\n", "https://h/bot1:a"])
def test_what_does_not_look_like_a_token_is_rejected(token: str) -> None:
    """Before anything is sent, and without showing it."""
    with pytest.raises(TokenRejected) as caught:
        build(TelegramSettings(), Secret(token), FakeDesk(), Around(Notebook()))
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["http://h:8081", "http://h:8081/", "http://h:8081//", " http://h:8081/bot", "http://h:8081/bot/"],
)
def test_the_address_may_end_as_people_write_it(address: str) -> None:
    """With a slash, without one, or as libraries want it."""
    assert server_root(address) == "http://h:8081"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "h:8081",
        "ftp://h",
        "http://",
        "http://h/{token}",
        "http://h/a b",
        "http://h?x",
        "http://h:x",
        "http://[::1",
    ],
)
def test_an_address_that_cannot_be_one_is_an_error(address: str) -> None:
    """Named with its value and an example."""
    with pytest.raises(SettingsError, match=r"telegram\.base_url = .* https://api\.telegram\.org"):
        server_root(address)


@pytest.fixture
def _signals_kept() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    assert before == {number: signal.getsignal(number) for number in before}


@pytest.mark.usefixtures("_signals_kept")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(sandbox: Sandbox, mei: Person, number: signal.Signals) -> None:
    """`serve` returns when it is told to stop, even told twice, and puts the handlers back."""
    lines: list[str] = []

    def ask_and_stop() -> None:
        mei.send("投诉")
        mei.wait_for_replies()
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)

    with run_in_thread(sandbox) as server:
        settings = TelegramSettings(base_url=f"http://127.0.0.1:{server.port}")
        person = threading.Thread(target=ask_and_stop)
        person.start()
        begin = time.monotonic()
        desk = FakeDesk(lambda _: answer(hit("原文")))
        serve(settings, Secret(sandbox.token), desk, say=lines.append, around=Around(Notebook()))
        person.join()
    assert time.monotonic() - begin < 5
    assert len(mei.replies()) == 1
    assert lines[0] == "@wenbao_bot is answering"

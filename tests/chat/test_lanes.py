"""A handler that fails: tried again, set aside in the end, and who asked is told once."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from bot.chat.app import Around
from bot.chat.ledger import Ledger
from bot.domain import Answer
from bot.errors import IndexUnavailable
from bot.sandbox.people import Person
from bot.settings import TelegramSettings

from .bench import Bench, FakeDesk, answer, echo, hit
from .notebook import Notebook

BOT = 123456789


def failing(times: int) -> tuple[FakeDesk, list[str]]:
    """A desk that fails so many times, and what it was asked."""
    asked: list[str] = []

    def rule(question: str) -> Answer:
        asked.append(question)
        if len(asked) <= times:
            raise IndexUnavailable("the index is missing")
        return echo(question)

    return FakeDesk(rule), asked


def left(path: Path) -> tuple[int, int]:
    """Return how many updates wait on disk, and how many were set aside."""
    ledger = Ledger(path, BOT, now=lambda: 0.0, warn=lambda line: pytest.fail(line))
    ledger.open()
    counts = len(ledger.waiting()), ledger.aside()
    ledger.close()
    return counts


@pytest.fixture
def path(bench: Bench, tmp_path: Path) -> Path:
    """Of the inbox of the bench's bot."""
    path = tmp_path / "inbox.sqlite3"
    bench.around = replace(bench.around, inbox=path)
    return path


async def test_a_failure_that_passes_is_not_noticed(bench: Bench, mei: Person, path: Path) -> None:
    """The second try answers; nobody was told of trouble."""
    bench.desk, asked = failing(2)
    mei.send("投诉")
    async with bench.serving():
        (reply,) = await mei.until_replies()
    assert "关于投诉" in reply.text
    assert asked == ["投诉"] * 3
    assert bench.around.tally.errors == {"IndexUnavailable": 2}
    assert left(path) == (0, 0)


async def test_a_failure_that_stays_is_set_aside(
    bench: Bench, mei: Person, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """After the last try; one apology, one error in the log, and the next question is answered."""
    bench.desk, asked = failing(3)
    mei.send("投诉")
    mei.send("回访")
    async with bench.serving():
        first, second = await mei.until_replies(2)
    assert "这会儿查不了" in first.text
    assert "关于回访" in second.text
    assert asked == ["投诉"] * 3 + ["回访"]
    assert bench.around.tally.given_up == 1
    assert [record.levelname for record in caplog.records].count("ERROR") == 1
    assert left(path) == (0, 1)


async def test_one_that_fails_does_not_hold_up_other_chats(bench: Bench, mei: Person, ann: Person) -> None:
    """They are answered while its pause lasts."""
    bench.around = Around(Notebook(), retry_pauses_s=(60.0,))
    bench.desk.rule = lambda question: echo(question) if question != "投诉" else _missing()
    mei.send("投诉")
    ann.send("回访")
    async with bench.serving():
        await ann.until_replies()
        assert mei.replies() == ()


def _missing() -> Answer:
    raise IndexUnavailable("the index is missing")


async def test_a_stop_leaves_what_failed_to_the_next_start(bench: Bench, mei: Person, path: Path) -> None:
    """It does not wait for the pause, and the next start answers."""
    bench.around = replace(bench.around, retry_pauses_s=(60.0,))
    bench.desk.rule = lambda _: _missing()
    mei.send("投诉")
    async with asyncio.timeout(5), bench.serving():
        await bench.until(lambda: bench.around.tally.errors)
    assert left(path) == (1, 0)
    assert bench.sandbox.world.waiting_count == 0
    bench.stop = asyncio.Event()
    bench.desk.rule = lambda _: answer(hit("原文"))
    async with bench.serving():
        (reply,) = await mei.until_replies()
    assert "原文" in reply.text
    assert left(path) == (0, 0)


@pytest.mark.parametrize("error", ["BadRequest", "Forbidden"])
async def test_what_telegram_refuses_is_not_tried_again(
    bench: Bench, mei: Person, path: Path, error: str
) -> None:
    """The same message would be refused the same way: too long, or blocked by the user."""

    def rule(question: str) -> Answer:
        if error == "Forbidden":
            mei.block()
        return echo(question)

    bench.desk.rule = rule
    mei.send("投诉")
    with pytest.MonkeyPatch.context() as patch:
        if error == "BadRequest":
            patch.setattr("bot.chat.asking.answer_card", lambda *_, **__: "字" * 4097)
        async with bench.serving():
            await bench.until(lambda: sum(bench.around.tally.dealing.counts) == 1)
    assert len(bench.desk.asked) == 1
    assert bench.around.tally.errors == {error: 1}
    assert left(path) == (0, 0)


async def test_a_network_that_stays_away_leaves_the_question_to_the_next_start(
    bench: Bench, mei: Person, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often sending is given up, the question waits on disk."""
    monkeypatch.setattr("bot.chat.pace._GIVE_UP_AFTER_S", 0.05)
    monkeypatch.setattr("bot.chat.pace._GIVE_UP_WHEN_STOPPING_S", 0.05)
    bench.sandbox.faults.drop("sendMessage", times=1000)
    mei.send("投诉")
    async with bench.serving():
        await bench.until(lambda: bench.around.tally.errors.total() > len(bench.around.retry_pauses_s) + 2)
    assert left(path) == (1, 0)


async def test_the_log_knows_which_update_it_is_about(bench: Bench, mei: Person) -> None:
    """What is bound around a handler is seen in the thread that searches, too."""
    seen: list[object] = []

    def rule(question: str) -> Answer:
        seen.append(structlog.contextvars.get_contextvars().get("update"))
        return echo(question)

    bench.desk.rule = rule
    mei.send("投诉")
    mei.send("回访")
    async with bench.serving():
        await mei.until_replies(2)
    assert seen == [100000001, 100000002]
    assert structlog.contextvars.get_contextvars() == {}


def test_no_handler_escapes_the_lanes() -> None:
    """One that runs beside its update would be struck off before it answered."""
    from bot.chat.app import build
    from bot.settings import Secret

    app = build(TelegramSettings(), Secret("1:a"), FakeDesk(), Around(Notebook()))
    handlers = [handler for group in app.handlers.values() for handler in group]
    assert handlers
    assert all(handler.block for handler in handlers)

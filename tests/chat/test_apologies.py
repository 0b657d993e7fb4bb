"""What cannot be answered or sent: a polite sentence for who asked, a line in the log."""

import logging

import pytest

from bot.chat.app import Around, build
from bot.domain import Answer
from bot.errors import BlankQuestion, EmptyCorpus, IndexUnavailable, InputError, QuestionTooLong
from bot.sandbox.people import Person
from bot.settings import Secret, TelegramSettings

from .bench import Bench, FakeDesk, answer, hit
from .notebook import Notebook


async def test_suggestions_that_fail_are_left_out(
    bot: Bench, mei: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A damaged index does not silence the greeting; the log says it."""

    def broken(_: int) -> tuple[str, ...]:
        raise IndexUnavailable("the index is missing")

    monkeypatch.setattr(bot.desk, "suggestions", broken)
    mei.send("/start")
    await mei.until_replies()
    assert "no questions to suggest: the index is missing" in caplog.text


@pytest.mark.parametrize(
    ("error", "chinese", "english"),
    [
        (BlankQuestion("blank"), "请把问题一起发给我", "send your question along"),
        (QuestionTooLong("long"), "512", "512"),
        (InputError("surrogates"), "读不出来的字符", "cannot be read"),
        (EmptyCorpus("empty"), "还没有报告", "no reports"),
        (IndexUnavailable("the index is missing"), "这会儿查不了", "right now"),
        (RuntimeError("a mistake"), "这会儿查不了", "right now"),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_cannot_be_answered_is_said(
    bot: Bench, mei: Person, ann: Person, error: Exception, chinese: str, english: str
) -> None:
    """One polite sentence in the user's language that says what is needed."""

    def refuse(_: str) -> Answer:
        raise error

    bot.desk.rule = refuse
    mei.send("/ask")
    ann.send("?" * 600)
    assert chinese in (await mei.until_replies())[0].text
    assert english in (await ann.until_replies())[0].text


async def test_trouble_is_logged_in_a_line(bot: Bench, mei: Person, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is swallowed: what the user is spared the operator reads."""

    def refuse(_: str) -> Answer:
        raise IndexUnavailable("the index is missing")

    bot.desk.rule = refuse
    mei.send("投诉")
    await mei.until_replies()
    assert "a message could not be answered: IndexUnavailable: the index is missing" in caplog.text


async def test_trouble_without_a_message_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """There is nobody to tell, and still it is not swallowed."""
    app = build(TelegramSettings(), Secret("1:a"), FakeDesk(), Around(Notebook()))
    await app.process_error(None, RuntimeError("a mistake"))
    assert caplog.messages == ["a message could not be answered: RuntimeError: a mistake"]


async def test_who_blocked_the_bot_does_not_disturb_it(
    bot: Bench, mei: Person, ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """One line in the log, which is no error, and others are answered."""
    caplog.set_level(logging.INFO, "bot.chat.handlers")

    def block(question: str) -> Answer:
        if question == "block":
            mei.block()
        return answer(hit("原文"))

    bot.desk.rule = block
    mei.send("block")
    await bot.until(lambda: "an answer is not wanted any more" in caplog.text)
    assert all(record.levelno < logging.WARNING for record in caplog.records)
    ann.send("complaints")
    await ann.until_replies()
    assert len(bot.sandbox.calls("sendMessage")) == 2


@pytest.mark.usefixtures("bot")
async def test_a_refused_answer_is_apologised_for(mei: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should Telegram refuse a message's form, who asked is told at least that there is trouble."""
    monkeypatch.setattr("bot.chat.asking.answer_card", lambda *_, **__: "<nonsense>")
    mei.send("投诉")
    assert "这会儿查不了" in (await mei.until_replies())[0].text


async def test_failing_apologies_end(
    bot: Bench, mei: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """When the apology cannot be sent either, that is one more line."""
    caplog.set_level(logging.ERROR)
    monkeypatch.setattr("bot.chat.handlers.plain", lambda _: "<nonsense>")
    monkeypatch.setattr("bot.chat.asking.answer_card", lambda *_, **__: "<nonsense>")
    mei.send("投诉")
    await bot.until(lambda: "nor could that be told: BadRequest" in caplog.text)
    assert len(caplog.records) == 2

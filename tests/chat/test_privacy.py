"""/privacy and /forget, with a real journal, over real HTTP."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.chat.records import Holdings, Keeping
from bot.journal.journal import Journal
from bot.journal.nouns import Asked
from bot.journal.tables import file_url
from bot.sandbox.people import Person
from bot.sandbox.sandbox import Sandbox
from bot.settings import JournalSettings

from .bench import Bench, answer


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A new one."""
    url = file_url(tmp_path / "journal.sqlite3")
    journal = Journal(url, key=bytes(32), keep_questions=True, clock=lambda: datetime.now(UTC))
    yield journal
    journal.close()


def keeping(journal: Journal, *, keep_questions: bool = True, logs: bool = False) -> Keeping:
    """What a bot tells of a journal."""
    settings = JournalSettings(keep_questions=keep_questions, keep_days=45)
    return Keeping(journal, settings, lambda: Holdings("g", datetime.now(UTC), 1, 1), logs)


@pytest.fixture
async def bot(bench: Bench, journal: Journal) -> AsyncIterator[Bench]:
    """A bot with a journal."""
    bench.around = replace(bench.remembering(journal), keeping=keeping(journal))
    async with bench.serving():
        yield bench


@pytest.mark.usefixtures("bot")
async def test_privacy_tells_what_is_kept(mei: Person, ann: Person) -> None:
    """That no name is, for how many days, and how to have it deleted; in each language."""
    mei.send("/privacy")
    ann.send("/privacy")
    (chinese,), (english,) = await mei.until_replies(), await ann.until_replies()
    for said in ("加密摘要", "你问了什么", "在哪个聊天里", "45 天", "7 天", "/forget"):
        assert said in chinese.text
    for said in ("keyed hash", "what you asked", "in which chat", "45 days", "7 days", "/forget"):
        assert said in english.text
    assert f"（{mei.user.user_id}）" in chinese.text
    assert "日志" not in chinese.text


async def test_privacy_follows_the_settings(bench: Bench, journal: Journal, mei: Person) -> None:
    """Questions that are not kept are not said to be, those in the log are."""
    told = keeping(journal, keep_questions=False, logs=True)
    bench.around = replace(bench.remembering(journal), keeping=told)
    async with bench.serving():
        mei.send("/privacy")
        (reply,) = await mei.until_replies()
    assert "问题的文字不进记录" in reply.text
    assert "日志里会写出问题的文字" in reply.text


async def test_forgetting_is_confirmed_and_says_how_much(bot: Bench, journal: Journal, mei: Person) -> None:
    """Nothing is deleted before the button is pressed; then it is, and the button is gone."""
    user = mei.user.user_id
    (written,) = journal.asked([Asked(answer(), user, user, "zh", "private")])
    journal.judged(written.number, user=user, passage_id=None, good=False)
    mei.send("/forget")
    (asked,) = await mei.until_replies()
    before = journal.stats(days=1).questions
    assert before >= 1
    press = mei.press(asked, text="全部删除")
    await bot.until(lambda: mei.answer_to(press))
    await bot.until(lambda: "已删除" in mei.replies()[-1].text)
    done = mei.replies()[-1]
    assert done.text == f"已删除：提问 {before} 个，👍 👎 1 个，答案按钮 0 组，语言选择 0 项。"
    assert done.message_id == asked.message_id
    assert not done.buttons
    assert journal.stats(days=1).questions == 0


async def test_all_that_is_forgotten_is_counted(bot: Bench, mei: Person, ann: Person) -> None:
    """Also the buttons below one's answers and the choice of a language; of whom nothing is kept, that."""
    bot.around.memory.set_language(mei.user.user_id, "zh")
    mei.send("投诉")
    await mei.until_replies()
    mei.send("/forget")
    ann.send("/forget")
    asked, (nothing,) = (await mei.until_replies(2))[-1], await ann.until_replies()
    mei.press(asked, text="全部删除")
    ann.press(nothing, text="Delete everything")
    await bot.until(lambda: "已删除" in mei.replies()[-1].text)
    await bot.until(lambda: ann.replies()[-1].text == "I keep nothing that is yours.")
    assert mei.replies()[-1].text == "已删除：提问 1 个，👍 👎 0 个，答案按钮 1 组，语言选择 1 项。"


async def test_forgetting_spares_the_others(bot: Bench, journal: Journal, mei: Person, ann: Person) -> None:
    """Who presses forgets themselves."""
    for person in (mei, ann):
        user = person.user.user_id
        journal.asked([Asked(answer(), user, user, "", "private")])
    ann.send("/forget")
    (asked,) = await ann.until_replies()
    ann.press(asked, text="Delete everything")
    await bot.until(lambda: ann.replies()[-1].text.startswith("Deleted: 1 question"))
    assert journal.stats(days=1).questions == 1


async def test_neither_is_answered_in_groups(bot: Bench, sandbox: Sandbox, mei: Person) -> None:
    """What is kept of somebody is said to them alone."""
    group = sandbox.group("组", [mei])
    for command in ("/privacy", "/forget", "/ask 投诉"):
        mei.send(command, chat=group)
    await bot.until(lambda: bot.desk.asked)
    replies = await mei.until_replies(chat=group)
    assert ["投诉" in reply.text for reply in replies] == [True]

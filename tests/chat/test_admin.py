"""The admins' commands, with a real journal, over real HTTP; and their texts."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import __version__
from bot.chat import chart, office
from bot.chat.language import Phrases
from bot.chat.records import Holdings, Keeping
from bot.chat.refreshing import Outcome, Progress, Refreshing
from bot.chat.sending import plain_text
from bot.errors import IndexUnavailable
from bot.journal.journal import Journal
from bot.journal.nouns import Asked, DayCount, Gap, SectionCount, Stats
from bot.journal.tables import file_url
from bot.sandbox.people import Person
from bot.sandbox.sandbox import Sandbox
from bot.settings import AccessSettings, JournalSettings

from .bench import Bench, answer, hit

ZH, EN = Phrases("zh"), Phrases("en")
PNG = b"\x89PNG\r\n\x1a\n"
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


async def nobody(_: str) -> None:
    """Whom nobody tells."""


HELD = Holdings("000007-c0ffee", datetime(2026, 1, 1, tzinfo=UTC), 10, 345)
BUILT = Outcome(True, ("+ corpus/新.md", "1 reports, 2 sections, 3 passages"), 0.5)


@dataclass
class Build:
    """A build that goes on until it is let go."""

    outcome: Outcome = BUILT
    error: Exception | None = None
    steps: int = 0
    go: asyncio.Event = field(default_factory=asyncio.Event)
    began: int = 0

    async def __call__(self, *, full: bool, advance: Progress) -> Outcome:
        assert not full
        self.began += 1
        for step in range(self.steps):
            advance(step + 1, self.steps)
            await asyncio.sleep(0.02)
        await self.go.wait()
        if self.error:
            raise self.error
        return self.outcome


@pytest.fixture
def build() -> Build:
    """A build that ends at once unless it is held."""
    build = Build()
    build.go.set()
    return build


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A new one."""
    url = file_url(tmp_path / "journal.sqlite3")
    journal = Journal(url, key=bytes(32), keep_questions=True, clock=lambda: datetime.now(UTC))
    yield journal
    journal.close()


@pytest.fixture
def boss(sandbox: Sandbox) -> Person:
    """Looks after the bot."""
    return sandbox.join("Boss", language_code="zh")


@pytest.fixture
async def bot(bench: Bench, journal: Journal, build: Build, boss: Person) -> AsyncIterator[Bench]:
    """A bot with an admin."""
    held = Holdings("000007-c0ffee", datetime.now(UTC) - timedelta(days=2, hours=3), 10, 345)
    bench.around = replace(
        bench.remembering(journal),
        keeping=Keeping(journal, JournalSettings(), lambda: held),
        access=AccessSettings(admins=(boss.user.user_id,)),
        refreshing=Refreshing(build, swap=lambda: None, notify=nobody),
    )
    async with bench.serving():
        yield bench


def asked(journal: Journal, question: str, *, answered: bool, user: int = 5) -> int:
    """Write a question down."""
    found = replace(answer(*([hit("一")] if answered else [])), question=question)
    (written,) = journal.asked([Asked(found, user, user, "zh", "private")])
    return written.number


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("command", ["/stats", "/gaps", "/status", "/refresh"])
async def test_to_others_the_commands_are_unknown(mei: Person, build: Build, command: str) -> None:
    """As any other that there is not."""
    mei.send(command)
    mei.send("/nonsense")
    first, second = await mei.until_replies(2)
    assert first.text == second.text == plain_text(ZH("unknown-command"))
    assert build.began == 0


async def test_in_groups_an_admin_is_not_answered(bot: Bench, sandbox: Sandbox, boss: Person) -> None:
    """What people asked is nobody else's business."""
    group = sandbox.group("组", [boss])
    for command in ("/gaps", "/stats", "/ask 投诉"):
        boss.send(command, chat=group)
    replies = await boss.until_replies(chat=group)
    assert len(bot.desk.asked) == 1
    assert ["投诉" in reply.text for reply in replies] == [True]


@pytest.mark.usefixtures("bot")
async def test_stats_are_a_picture_with_its_figures_below(journal: Journal, boss: Person) -> None:
    """Of thirty days, or of as many as are asked for."""
    number = asked(journal, "怎么处理投诉", answered=True)
    asked(journal, "怎么请假", answered=False, user=6)
    journal.judged(number, user=5, passage_id=None, good=False, reason="outdated")
    boss.send("/stats")
    (reply,) = await boss.until_replies(timeout_s=20)
    assert boss.download(reply).startswith(PNG)
    assert reply.text.splitlines() == [
        "最近 30 天",
        "2 个问题，答出 1 个（50%），2 人提问",
        "👍 0 · 👎 1 · 内容过时 1",
        "",
        "回答最多的章节：",
        "1. 《投诉报告》 › (一) 流程 — 1",
    ]
    boss.send("/stats 7")
    assert (await boss.until_replies(2))[1].text.startswith("最近 7 天")


@pytest.mark.usefixtures("bot")
async def test_without_questions_there_is_no_picture(boss: Person) -> None:
    """It says so."""
    boss.send("/stats")
    (reply,) = await boss.until_replies()
    assert reply.text == "最近 30 天\n还没有人提问。"


@pytest.mark.usefixtures("bot")
async def test_without_the_library_the_figures_are_text(
    journal: Journal, boss: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same as below the picture."""
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    asked(journal, "怎么请假", answered=False)
    boss.send("/stats")
    (reply,) = await boss.until_replies()
    assert reply.text == "最近 30 天\n1 个问题，答出 0 个（0%），1 人提问"


async def test_an_admin_who_writes_gets_their_list_of_commands(
    bot: Bench, sandbox: Sandbox, boss: Person
) -> None:
    """Once; when the bot started it had no chat with them."""

    def lists() -> list[int]:
        calls = sandbox.calls("setMyCommands")
        return [call.status for call in calls if f'"chat_id": {boss.user.user_id}' in str(call.given)]

    await bot.until(lambda: lists() == [400, 400])
    boss.send("/status")
    await bot.until(lambda: lists() == [400, 400, 200, 200])
    boss.send("/status")
    await boss.until_replies(2)
    boss.send("/status")
    await boss.until_replies(3)
    assert lists() == [400, 400, 200, 200]


@pytest.mark.usefixtures("bot")
async def test_gaps_are_listed(journal: Journal, boss: Person) -> None:
    """Most wanted first, with other wordings and how often; what is answered well is none."""
    for user in (5, 6):
        asked(journal, "怎么<请假>", answered=False, user=user)
    asked(journal, "怎么<请假> ", answered=False)
    journal.judged(asked(journal, "投诉", answered=True), user=5, passage_id=None, good=False, reason="other")
    asked(journal, "外呼", answered=True)
    boss.send("/gaps")
    (reply,) = await boss.until_replies()
    lines = reply.text.splitlines()
    assert lines[0] == "大家问了，报告里没写（或没写好）"
    assert [line for line in lines if line[0].isdigit()] == ["1. 怎么<请假>", "2. 投诉"]
    assert lines[2].strip() == "≈ 怎么<请假>"
    assert lines[3].strip().startswith("没答出 3 次 · ")
    assert lines[5].strip().startswith("👎 1 · 其他 · ")


@pytest.mark.usefixtures("bot")
async def test_status_tells_what_the_bot_answers_from(boss: Person) -> None:
    """Reports, passages, generation and its age, uptime, version."""
    boss.send("/status")
    (reply,) = await boss.until_replies()
    first, second, third, fourth = reply.text.splitlines()
    assert (first, second) == ("10 份报告，345 个段落", "索引 000007-c0ffee")
    assert third.endswith("，2 天 3 小时前")
    assert fourth == f"已运行 0 分钟 · 版本 {__version__}"


async def test_status_without_an_index_says_what_is_wrong(
    bench: Bench, journal: Journal, boss: Person
) -> None:
    """And still how long the bot has been running."""

    def none() -> Holdings:
        raise IndexUnavailable("there is no index; run: wenbao refresh")

    bench.around = replace(
        bench.remembering(journal),
        keeping=Keeping(journal, JournalSettings(), none),
        access=AccessSettings(admins=(boss.user.user_id,)),
    )
    async with bench.serving():
        boss.send("/status")
        boss.send("/refresh")
        status, refresh = await boss.until_replies(2)
    assert status.text.startswith("出了问题：there is no index; run: wenbao refresh\n已运行 ")
    assert refresh.text == "这里没有可以刷新的索引。"


async def test_refresh_shows_its_progress_in_place_and_its_summary(
    bot: Bench, sandbox: Sandbox, boss: Person, build: Build
) -> None:
    """At most one edit a second; the same message in the end says what changed."""
    build.steps = 60
    boss.send("/refresh")
    (shown,) = await boss.until_replies()
    assert shown.text == "正在查看报告有没有变化…"
    await bot.until(lambda: "索引已更新" in boss.replies()[-1].text, 10)
    (last,) = boss.replies()
    assert last.message_id == shown.message_id
    lines = last.text.splitlines()
    assert lines[:2] == ["索引已更新，用时 1 秒", "+ corpus/新.md"]
    assert lines[3:5] == ["10 份报告，345 个段落", "索引 000007-c0ffee"]
    edits = sandbox.calls("editMessageText")
    progress = [str(call) for call in edits if "正在建立索引" in str(call)]
    assert 1 <= len(progress) <= 2
    assert len(edits) == len(progress) + 1


async def test_a_refresh_that_fails_says_why(bot: Bench, boss: Person, build: Build) -> None:
    """In one line."""
    build.error = IndexUnavailable("the <corpus> folder\ncannot be read")
    boss.send("/refresh")
    await bot.until(lambda: boss.replies() and "出了问题" in boss.replies()[-1].text)
    assert boss.replies()[-1].text == "出了问题：the <corpus> folder cannot be read"


async def test_questions_are_answered_while_it_builds(
    bot: Bench, boss: Person, mei: Person, build: Build
) -> None:
    """A refresh holds up nobody but the admin's own next message."""
    build.go.clear()
    boss.send("/refresh")
    await bot.until(lambda: build.began)
    mei.send("投诉")
    assert "投诉" in (await mei.until_replies())[0].text
    build.go.set()
    await bot.until(lambda: "索引已更新" in boss.replies()[-1].text)


NAMES = st.text(max_size=200)
STATS = st.builds(
    Stats,
    days=st.lists(
        st.builds(
            DayCount,
            day=st.dates(date(2020, 1, 1)),
            questions=st.integers(5, 9**9),
            answered=st.integers(0, 5),
        ),
        min_size=1,
        max_size=40,
    ).map(tuple),
    people=st.integers(0, 9**9),
    sections=st.lists(
        st.builds(
            SectionCount,
            report=NAMES,
            section=st.lists(NAMES, max_size=3).map(tuple),
            answers=st.integers(1, 9**9),
        ),
        max_size=10,
    ).map(tuple),
    good=st.integers(0, 9**9),
    bad=st.integers(0, 9**9),
    reasons=st.lists(st.tuples(NAMES, st.integers(1, 9**9)), max_size=9).map(tuple),
)
GAPS = st.lists(
    st.builds(
        Gap,
        question=st.text(max_size=512),
        wordings=st.just(()),
        unanswered=st.integers(0, 99),
        bad=st.integers(0, 99),
        reasons=st.lists(NAMES, max_size=5).map(tuple),
        last=st.just(NOW),
    ),
    max_size=40,
)


def utf16(text: str) -> int:
    """Units as Telegram counts them."""
    return len(text.encode("utf-16-le")) // 2


@given(stats=STATS, gaps=GAPS, phrases=st.sampled_from((ZH, EN)))
def test_no_message_is_too_long(stats: Stats, gaps: list[Gap], phrases: Phrases) -> None:
    """Law: whatever was asked and however reports are called, Telegram takes it."""
    assert utf16(plain_text(office.stats_html(stats, phrases))) <= office.CAPTION_CHARS
    assert utf16(plain_text(office.gaps_html(gaps, phrases))) <= office.MESSAGE_CHARS
    outcome = Outcome(True, (*(gap.question for gap in gaps), "done"), 1.0)
    held = office.holdings_html(phrases, HELD, HELD.built + timedelta(days=400))
    assert utf16(plain_text(office.outcome_html(phrases, outcome, held))) <= office.MESSAGE_CHARS


@pytest.mark.parametrize("phrases", [ZH, EN])
@pytest.mark.parametrize("days", [1, 30, 365])
def test_the_picture_is_drawn_for_any_span(phrases: Phrases, days: int) -> None:
    """Also for one day without an answer, and for names with marks that mean something to others."""
    counts = tuple(DayCount(date(2026, 1, 1) + timedelta(days=n), n % 7, n % 3) for n in range(days))
    sections = (SectionCount("报告$x_1$<b>", ("一", "很长" * 40), 3), SectionCount("r", (), 1))
    stats = Stats(counts, 3, sections, 1, 2, (("outdated", 2), ("$\\alpha$", 1)))
    picture = chart.draw(stats, phrases)
    assert picture is not None
    assert picture.startswith(PNG)


def test_without_a_chinese_font_the_picture_has_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """No glyph is missing, which would be a warning."""
    monkeypatch.setattr(chart, "_CHINESE_FONTS", ())
    stats = Stats(
        (DayCount(date(2026, 1, 1), 2, 1),), 1, (SectionCount("报告", ("节",), 1),), 0, 1, (("other", 1),)
    )
    assert chart.draw(stats, ZH) is not None

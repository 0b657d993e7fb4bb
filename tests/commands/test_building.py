"""A build in a process of its own: what it tells, and what is left when it fails or is stopped."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.building import Worker
from bot.chat.refreshing import Refreshing
from bot.errors import IndexUnavailable

from .shell import generation

REPORT = "# 考勤\n\n## 规定\n\n迟到三次要写说明。\n"


@pytest.fixture
def environ() -> Mapping[str, str]:
    """What the bot's process has, the token included."""
    return {**os.environ, "TELEGRAM_BOT_TOKEN": "123456:kept"}


async def test_a_changed_corpus_is_built_and_told_of(home: Path, environ: Mapping[str, str]) -> None:
    """The outcome says what `wenbao refresh` says; progress ends with all passages."""
    (home / "corpus" / "新.md").write_text(REPORT, "utf-8")
    old = generation(home)
    seen: list[tuple[int, int]] = []
    outcome = await Worker(home, environ)(full=False, advance=lambda *now: seen.append(now))
    assert outcome.built
    assert "+ corpus/新.md" in outcome.lines
    assert generation(home) != old
    done, total = seen[-1]
    assert done == total > 0


async def test_an_unchanged_corpus_is_not_built(home: Path, environ: Mapping[str, str]) -> None:
    """Unless all of it is wanted."""
    worker = Worker(home, environ)
    assert not (await worker(full=False, advance=lambda *_: None)).built
    assert (await worker(full=True, advance=lambda *_: None)).built


async def test_a_failed_build_keeps_the_old_index(home: Path, environ: Mapping[str, str]) -> None:
    """The error is one line that says what is wrong."""
    (home / "config" / "synonyms.toml").write_text("[[", "utf-8")
    old = generation(home)
    with pytest.raises(IndexUnavailable, match=r"synonyms\.toml") as caught:
        await Worker(home, environ)(full=True, advance=lambda *_: None)
    assert "\n" not in str(caught.value)
    assert generation(home) == old


async def test_a_stopped_build_ends_its_process(home: Path, environ: Mapping[str, str]) -> None:
    """Nothing goes on in the background, and the next build finds the way free."""
    old = generation(home)
    worker = Worker(home, environ)
    building = asyncio.create_task(worker(full=True, advance=lambda *_: None))
    await asyncio.sleep(0.3)
    building.cancel()
    with pytest.raises(asyncio.CancelledError):
        await building
    assert generation(home) == old
    assert (await worker(full=True, advance=lambda *_: None)).built


async def test_the_bot_opens_what_was_built_and_tells_of_failures(
    home: Path, environ: Mapping[str, str]
) -> None:
    """A command gets the error, those who look after the bot get one that nobody waits for."""
    swapped: list[str] = []
    told: list[str] = []

    async def notify(text: str) -> None:
        told.append(text)

    refreshing = Refreshing(
        Worker(home, environ), swap=lambda: swapped.append(generation(home)), notify=notify
    )
    assert not refreshing.running
    first, second = await asyncio.gather(refreshing.start(full=True), refreshing.start())
    assert (first.built, second.built) == (True, False)
    assert swapped == [generation(home)] * 2
    (home / "config" / "synonyms.toml").write_text("[[", "utf-8")
    with pytest.raises(IndexUnavailable):
        await refreshing.start()
    assert told == []
    await refreshing.unasked("SIGHUP")
    assert "refresh (SIGHUP) failed, the old index answers on" in told[0]
    assert len(swapped) == 2

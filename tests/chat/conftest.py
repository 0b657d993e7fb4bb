"""Fixtures: a sandbox that is served, and a bot that runs on it."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from bot.chat.redaction import Form, configure_logging
from bot.sandbox.people import Person
from bot.sandbox.run import BotApiServer
from bot.sandbox.sandbox import Sandbox
from bot.settings import Secret

from .bench import Bench, Configured


@pytest.fixture
def sandbox() -> Sandbox:
    """A Telegram of its own."""
    return Sandbox()


@pytest.fixture
async def bench(sandbox: Sandbox) -> AsyncIterator[Bench]:
    """A served sandbox and a bot that does not run yet."""
    async with BotApiServer(sandbox) as server:
        bench = Bench(sandbox)
        bench.at(server)
        yield bench


@pytest.fixture
async def bot(bench: Bench) -> AsyncIterator[Bench]:
    """A bot that runs."""
    async with bench.serving():
        yield bench


@pytest.fixture
def mei(sandbox: Sandbox) -> Person:
    """Reads Chinese."""
    return sandbox.join("梅", language_code="zh-hans")


@pytest.fixture
def ann(sandbox: Sandbox) -> Person:
    """Reads English."""
    return sandbox.join("Ann", language_code="en")


@pytest.fixture
def configured() -> Iterator[Configured]:
    """Sets the logging up at a level and returns what is written; everything is put back afterwards."""
    root = logging.getLogger()
    names = ("httpx", "httpcore", "telegram", "asyncio")
    before = (root.level, root.handlers[:], {name: logging.getLogger(name).level for name in names})

    def configure(level: int, token: str, *, form: Form = "console", questions: bool = False) -> io.StringIO:
        stream = io.StringIO()
        root.handlers.clear()  # pytest's own would be closed
        configure_logging(level, Secret(token), stream, form=form, questions=questions)
        return stream

    yield configure
    logging.captureWarnings(capture=False)
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    for name, level in before[2].items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
async def simulated_time() -> AsyncIterator[None]:
    """Have time pass as soon as all only wait, from 0.0, so that it does not depend on the machine."""
    loop: Any = asyncio.get_running_loop()
    select, now = loop._selector.select, 0.0

    def passing(timeout: float | None = None) -> list[Any]:
        nonlocal now
        events: list[Any] = select(None if timeout is None else 0)
        now += 0 if events or not timeout else timeout
        return events

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop._selector, "select", passing)
        patch.setattr(loop, "time", lambda: now)
        yield

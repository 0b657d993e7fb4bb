"""`shared` is one server without flood control for a whole file; `fresh` and `strict` are a test's own."""

from collections.abc import Iterator

import pytest

from bot.sandbox.limits import UNLIMITED, Limits
from bot.sandbox.people import Person
from bot.sandbox.run import run_in_thread
from bot.sandbox.sandbox import Sandbox

from .client import Api, StillClock


def _serve(limits: Limits, clock: StillClock) -> Iterator[Api]:
    with run_in_thread(Sandbox(limits=limits, clock=clock)) as server, Api(server) as api:
        yield api


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture(scope="module")
def shared() -> Iterator[Api]:
    yield from _serve(UNLIMITED, StillClock())


@pytest.fixture
def fresh(clock: StillClock) -> Iterator[Api]:
    yield from _serve(UNLIMITED, clock)


@pytest.fixture
def strict(clock: StillClock) -> Iterator[Api]:
    yield from _serve(Limits(), clock)


@pytest.fixture
def ada(shared: Api) -> Person:
    """Somebody on the shared server to whom the bot may write."""
    person = shared.sandbox.join("Ada", username="ada", language_code="en")
    shared.sandbox.world.open(person.chat.chat_id)
    return person

"""What waits at once is done at once."""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.chat.batching import Batches


class Held:
    """Doubles numbers as soon as it is let; 0 it refuses."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun, self.let = threading.Event(), threading.Event()

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append([*numbers])
        self.begun.set()
        assert self.let.wait(10)
        if 0 in numbers:
            raise ValueError("nothing to double")
        return [2 * number for number in numbers]


async def begun(held: Held, batches: Batches[int, int]) -> "asyncio.Future[int]":
    """A batch of one that is being done."""
    first = batches.done(1)
    await asyncio.to_thread(held.begun.wait, 10)
    return first


async def test_what_comes_meanwhile_is_done_in_one_go() -> None:
    """In order, and each gets its own; afterwards it begins anew."""
    held = Held()
    batches = Batches(held, ThreadPoolExecutor(1))
    first = await begun(held, batches)
    others = [batches.done(number) for number in (2, 3, 4)]
    assert not first.done()
    held.let.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6, 8]
    await batches.rest()
    assert await batches.done(5) == 10
    assert held.batches == [[1], [2, 3, 4], [5]]


async def test_who_does_not_wait_any_more_keeps_nobody_from_it() -> None:
    """Of a batch one may be cancelled, at work or before."""
    held = Held()
    batches = Batches(held, ThreadPoolExecutor(1))
    first = await begun(held, batches)
    second, third = batches.done(2), batches.done(3)
    first.cancel()
    second.cancel()
    held.let.set()
    assert await third == 6


async def test_a_failure_is_that_of_all_in_the_batch_and_of_no_other() -> None:
    """The next batch is done as if nothing had been."""
    held = Held()
    batches = Batches(held, ThreadPoolExecutor(1))
    first = await begun(held, batches)
    failing = [batches.done(number) for number in (2, 0)]
    held.let.set()
    assert await first == 2
    for one in failing:
        with pytest.raises(ValueError, match="nothing to double"):
            await one
    assert await batches.done(4) == 8

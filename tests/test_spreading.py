"""Many things over several processes: in order, none lost, and never more held than there is room for."""

import operator
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from bot.spreading import spread

DOUBLE = partial(operator.mul, 2)
# Called in another process it returns what doubles there; what pickle takes has a name.
DOUBLING = partial(partial, operator.mul, 2)
ELSEWHERE = 10**9
ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("processes", [1, 2, 4])
@pytest.mark.parametrize("number", [0, 1, 9, 10, 11, 1000])
def test_the_order_is_kept(processes: int, number: int) -> None:
    """Whoever did what, and however few there are."""
    found = list(spread(range(number), DOUBLE, DOUBLING, processes=processes, alone=10))
    assert found == [2 * item for item in range(number)]


def test_others_do_their_share() -> None:
    """As soon as they are ready, which takes a while; until then this process does all."""
    results = spread(count(), partial(max, -1), partial(partial, max, ELSEWHERE), processes=2, alone=0)
    for item, result in enumerate(results):
        assert result in {item, ELSEWHERE}
        if result == ELSEWHERE:
            break
    results.close()


@pytest.mark.parametrize(
    "opening",
    [partial(int, "no number"), partial(partial, os._exit), partial(partial, operator.truediv, None)],
)
def test_what_others_cannot_do_is_done_here(opening: "partial[partial[int]]") -> None:
    """They could not open their part, died over a share, or failed."""
    assert list(spread(range(200_000), DOUBLE, opening, processes=2, alone=0)) == list(range(0, 400_000, 2))


def blocked(_item: int) -> bool:
    """Tell whether Ctrl-C is kept from this process."""
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals cannot be blocked")
def test_ctrl_c_does_not_reach_the_others() -> None:
    """Not even the first that is started: while Python begins it would end in a traceback."""
    # A process of its own: what is started with the first one was started in this one long ago.
    script = (
        "from functools import partial; from itertools import count; from bot.spreading import spread; "
        "from tests.test_spreading import blocked; "
        "results = spread(count(), blocked, partial(partial, blocked), processes=2, alone=0); "
        "print(next(filter(None, results))); results.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_an_error_here_is_raised_in_its_turn() -> None:
    """What came before it was yielded."""
    results = spread([4, 2, 0, 1], partial(operator.floordiv, 8), DOUBLING, processes=2, alone=1)
    assert [next(results), next(results)] == [2, 4]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_items_are_taken_as_they_are_needed() -> None:
    """However many come: only some are held."""
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for item in range(20_000):
            taken = item
            yield item

    results = spread(items(), DOUBLE, DOUBLING, processes=3, alone=5)
    most = max(taken - yielded for yielded, _ in enumerate(results))
    assert most <= 8 * (3 * 8 + 1)


def test_before_a_pause_all_is_yielded() -> None:
    """Who sends the next line may wait for the answer to the last."""
    results: list[int] = []

    def items() -> Iterator[int | None]:
        for item in range(500):
            yield item
            if item % 7 == 0:
                yield None
                assert len(results) == item + 1

    results.extend([])
    for result in spread(items(), DOUBLE, DOUBLING, processes=2, alone=20):
        results.append(result)  # noqa: PERF402 - the generator looks at it meanwhile
    assert results == list(range(0, 1000, 2))

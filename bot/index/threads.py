"""Work on several cores where numpy does it, which lets other threads run meanwhile."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from bot.cores import cores

T = TypeVar("T")
U = TypeVar("U")


def in_order(work: Callable[[T], U], items: Iterable[T]) -> Iterator[U]:
    """Yield what `work` makes of items, in their order; the next ones are worked on meanwhile.

    As many as there are cores are in hand at a time, besides the one that was yielded last.
    """
    with ThreadPoolExecutor(cores()) as executor:
        waiting: deque[Future[U]] = deque()
        for item in items:
            if len(waiting) == cores():
                yield waiting.popleft().result()
            waiting.append(executor.submit(work, item))
        while waiting:
            yield waiting.popleft().result()

"""Work on several cores where numpy does it, which lets other threads run meanwhile."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from bot.cores import cores

T = TypeVar("T")
U = TypeVar("U")


def in_order(
    work: Callable[[T], U], items: Iterable[T], *, threads: int | None = None, ahead: int | None = None
) -> Iterator[U]:
    """Yield what `work` makes of items, in their order; the next ones are worked on meanwhile.

    Args:
        work: On an item.
        items: Taken as they are needed.
        threads: That work, > 0; as many as there are cores if left out.
        ahead: Most items in hand besides the one that was yielded last, > 0. If left out, one more than there
            are threads: none of them waits while that one is dealt with.
    """
    threads = threads or cores()
    ahead = ahead or threads + 1
    with ThreadPoolExecutor(threads) as executor:
        waiting: deque[Future[U]] = deque()
        for item in items:
            if len(waiting) == ahead:
                yield waiting.popleft().result()
            waiting.append(executor.submit(work, item))
        while waiting:
            yield waiting.popleft().result()

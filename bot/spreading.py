"""Many things done in order: by this process, and beside it by others when there are so many that it pays.

Pure Python holds the interpreter's lock, so that threads would take turns. Another process opens for itself
what it needs, the mapped index among it, whose pages all of them share.
"""

import contextlib
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

from bot.cores import cores

T = TypeVar("T")
R = TypeVar("R")

# Starting another process takes as long as some hundred answers, and is paid by the other cores.
_ALONE = 100
_SHARE = 8
_SHARES_AT_ONCE = 2
_SHARES_WAITING = 8  # of each process: what came before its turn is held until then


def spread(
    items: Iterable[T | None],
    here: Callable[[T], R],
    opening: Callable[[], Callable[[T], R]],
    *,
    processes: int | None = None,
    alone: int = _ALONE,
) -> Generator[R, None, None]:
    """Yield what becomes of each item, in order, as soon as its turn has come.

    Items are taken as they are needed, and only so many are held that memory does not grow with their number.

    Args:
        items: None among them says that the next may take time to come: all before it are yielded first.
        here: Does one in this process.
        opening: Called in each other process; returns what does one there. Must be one that pickle takes.
        processes: With this one; one for each core if left out.
        alone: So many are done here before others are started.
    """
    given = iter(items)
    for item in islice(given, alone):
        if item is not None:
            yield here(item)
    others = (cores() if processes is None else processes) - 1
    first = next((item for item in given if item is not None), None)
    if first is None:
        return
    with contextlib.ExitStack() as stack:
        helpers = [stack.enter_context(_Helper(opening)) for _ in range(others)]
        yield here(first)
        yield from _ordered(given, here, helpers)


@dataclass(slots=True)
class _Share(Generic[T, R]):
    """Some items, and what became of them once that is known."""

    items: Sequence[T]
    results: Sequence[R] | None = field(default=None)
    helper: "_Helper[T, R] | None" = field(default=None)


class _Helper(Generic[T, R]):
    """Another process; what it cannot do, because it died or could not open its part, is done here."""

    def __init__(self, opening: Callable[[], Callable[[T], R]]) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_help, args=(theirs, opening), daemon=True)
        with _uninterrupted():
            self._process.start()
        theirs.close()
        self._ready = False
        self._lost = False
        self._given: deque[_Share[T, R]] = deque()

    def __enter__(self) -> "_Helper[T, R]":
        return self

    def __exit__(self, *_: object) -> None:
        self._ours.close()
        self._process.terminate()
        self._process.join()

    def wants_more(self) -> bool:
        """Tell whether it is ready and has less than it can have at once."""
        self.collect(wait=False)
        return self._ready and not self._lost and len(self._given) < _SHARES_AT_ONCE

    def give(self, share: _Share[T, R]) -> None:
        """Have a share done."""
        share.helper = self
        self._given.append(share)
        try:
            self._ours.send(share.items)
        except OSError:
            self._lose()

    def collect(self, *, wait: bool) -> None:
        """Take what is done; if there is nothing, wait for one share."""
        try:
            while not self._lost and (self._ours.poll() or (wait and self._given)):
                said = self._ours.recv()
                if said is None:
                    self._ready = True
                else:
                    self._given.popleft().results = said
                    wait = False
        except (EOFError, OSError):
            self._lose()

    def _lose(self) -> None:
        self._lost = True
        for share in self._given:
            share.helper = None
        self._given.clear()


def _ordered(
    items: Iterator[T | None], here: Callable[[T], R], helpers: Sequence[_Helper[T, R]]
) -> Iterator[R]:
    waiting: deque[_Share[T, R]] = deque()
    most = _SHARES_WAITING * (1 + len(helpers))
    more = True
    while more or waiting:
        pause = False
        taker = next((helper for helper in helpers if helper.wants_more()), None)
        if more and len(waiting) < most:
            taken, pause, more = _next_share(items)
            if taken:
                share = _Share[T, R](taken)
                waiting.append(share)
                if taker is not None:
                    taker.give(share)
                else:
                    share.results = [here(item) for item in share.items]
        while waiting and (pause or not more or len(waiting) >= most or waiting[0].results is not None):
            yield from _results(waiting.popleft(), here)


def _next_share(items: Iterator[T | None]) -> tuple[list[T], bool, bool]:
    """Return the next items, whether there is a pause after them, and whether there may be more."""
    taken: list[T] = []
    for item in items:
        if item is None:
            return taken, True, True
        taken.append(item)
        if len(taken) == _SHARE:
            return taken, False, True
    return taken, False, False


def _results(share: _Share[T, R], here: Callable[[T], R]) -> Sequence[R]:
    """Return what becomes of a share, waiting for it; done here if its helper is gone."""
    while share.results is None and share.helper is not None:
        share.helper.collect(wait=True)
    return [here(item) for item in share.items] if share.results is None else share.results


def _help(theirs: Connection, opening: Callable[[], Callable[[T], R]]) -> None:
    """Do shares until there are no more; whatever goes wrong goes wrong again where it can be told."""
    with contextlib.suppress(Exception):
        do = opening()
        theirs.send(None)
        while True:
            theirs.send([do(item) for item in theirs.recv()])


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start a process that Ctrl-C does not reach: it ends with this one."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # It is started with the first process, and lets Ctrl-C through when it has been.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

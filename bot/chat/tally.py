"""What the bot counts while it runs, for its health page and whoever asks how it fares."""

import threading
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper edges of the classes of durations; what is longer is in a class of its own."""


@dataclass(slots=True)
class Durations:
    """How long something took, in classes."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(SECONDS) + 1))
    total_s: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration; an edge belongs to the class below it."""
        self.counts[bisect_left(SECONDS, seconds)] += 1
        self.total_s += seconds


@dataclass(slots=True)
class Tally:
    """Numbers since the start. Safe to use from any thread.

    Attributes:
        updates: New ones, by kind ("message", "callback_query", …).
        repeated: Delivered again by Telegram and passed over.
        unreadable: Set aside because the library cannot read them.
        stale: Queries passed over because Telegram no longer takes their answers.
        given_up: Set aside after the last try.
        errors: In handlers, by the name of the exception.
        questions: That the reports were asked.
        answered: Those that got at least one passage.
        searching: From a question to its passages.
        dealing: From an update's arrival to its end, waiting included.
        last_update: Unix time of the last arrival, None before the first.
    """

    updates: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    unreadable: int = 0
    stale: int = 0
    given_up: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    questions: int = 0
    answered: int = 0
    searching: Durations = field(default_factory=Durations)
    dealing: Durations = field(default_factory=Durations)
    last_update: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def came(self, kind: str, now: float, *, new: bool, readable: bool) -> None:
        """Count an update that arrived at Unix time `now`."""
        with self._lock:
            self.last_update = now
            if not new:
                self.repeated += 1
                return
            self.updates[kind] += 1
            self.unreadable += not readable

    def asked(self, seconds: float, *, answered: bool) -> None:
        """Count a question that took so long to look up."""
        with self._lock:
            self.questions += 1
            self.answered += answered
            self.searching.add(seconds)

    def failed(self, error: BaseException) -> None:
        """Count an error of a handler."""
        with self._lock:
            self.errors[type(error).__name__] += 1

    def ended(self, seconds: float, *, given_up: bool = False) -> None:
        """Count an update that is dealt with, or given up, so long after it came."""
        with self._lock:
            self.dealing.add(seconds)
            self.given_up += given_up

    def passed_over(self) -> None:
        """Count a query that came too late to be answered."""
        with self._lock:
            self.stale += 1

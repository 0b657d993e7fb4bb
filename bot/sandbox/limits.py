"""Flood control: how many messages may leave, and how long to wait when there were too many."""

import math
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import TypeAlias

from bot.sandbox.refusals import too_many_requests

Clock: TypeAlias = Callable[[], float]
"""Seconds since the Unix epoch; the sandbox asks no other clock for what it judges or stamps."""


@dataclass(frozen=True, slots=True)
class Window:
    """At most `messages` in any `seconds`; a burst of all of them at once is fine."""

    messages: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What one bot may do; None lifts a limit.

    Telegram publishes only the averages: one message a second in a chat, 20 a minute in a group,
    about 30 a second overall. It tolerates short bursts in a chat, hence five in five seconds.

    Attributes:
        chat: In one chat, private or group.
        group: In one group, beside `chat`.
        overall: In all chats together.
        callback_s: Seconds until the press of a button can no longer be answered.
        inline_s: Seconds until an inline query can no longer be answered.
        retry_s: Seconds of real time before a webhook that failed is tried again; doubled each time,
        longest_retry_s: up to this.
    """

    chat: Window | None = Window(5, 5.0)
    group: Window | None = Window(20, 60.0)
    overall: Window | None = Window(30, 1.0)
    callback_s: float = 10.0
    inline_s: float = 10.0
    retry_s: float = 1.0
    longest_retry_s: float = 60.0


UNLIMITED = Limits(chat=None, group=None, overall=None)
"""For load tests; everything but flood control stays as strict."""


class Flood:
    """Remembers what left when. Safe to share between threads."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self.limits = limits
        self._clock = clock
        self._lock = Lock()
        self._sent: dict[Hashable, deque[float]] = {}

    def admit(self, chat_id: int, *, is_group: bool) -> None:
        """Count one message, or count nothing and refuse.

        Args:
            chat_id: Where the message goes.
            is_group: Whether the limit of groups holds there as well.

        Raises:
            ApiError: 429 with the whole seconds until there is room again.
        """
        windows: list[tuple[Hashable, Window | None]] = [
            ("overall", self.limits.overall),
            (("chat", chat_id), self.limits.chat),
            (("group", chat_id), self.limits.group if is_group else None),
        ]
        with self._lock:
            now = self._clock()
            held = [(self._sent.setdefault(key, deque()), window) for key, window in windows if window]
            wait_s = max((_wait_s(sent, window, now) for sent, window in held), default=0.0)
            if wait_s > 0:
                raise too_many_requests(max(1, math.ceil(wait_s)))
            for sent, _ in held:
                sent.append(now)


def _wait_s(sent: deque[float], window: Window, now: float) -> float:
    while sent and sent[0] <= now - window.seconds:
        sent.popleft()
    return sent[0] + window.seconds - now if len(sent) >= window.messages else 0.0

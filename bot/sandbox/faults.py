"""Trouble on request: what should go wrong with the next calls of a method."""

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from threading import Lock

from bot.sandbox.polls import OTHER_POLL
from bot.sandbox.refusals import ApiError, conflict, too_many_requests

ANY = "*"
"""Stands for whichever method is called next."""
DOWNLOAD = "/file"
"""Stands for the next download of a file; `ANY` does not."""
WEBHOOK = "/webhook"
"""Stands for the next delivery to a webhook; `ANY` does not."""


class Loss(Enum):
    """When the connection breaks."""

    BEFORE = auto()  # nothing was done
    AFTER = auto()  # it was done, but the client does not learn of it


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one call.

    Attributes:
        refusal: Answered instead of acting.
        loss: The connection is broken without an answer.
        delay_s: Seconds that pass first.
    """

    refusal: ApiError | None = None
    loss: Loss | None = None
    delay_s: float = 0.0


NO_FAULT = Fault()

_WORDS = {
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class Faults:
    """A queue of faults for each method, first in, first out. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._queues: dict[str, deque[Fault]] = {}

    def add(self, method: str, fault: Fault, *, times: int = 1) -> None:
        """Queue `fault` for the next `times` calls of `method` (in any case of letters, or `ANY`)."""
        with self._lock:
            self._queues.setdefault(method.lower(), deque()).extend([fault] * times)

    def answer(self, method: str, code: int, *, retry_after: int = 1, times: int = 1) -> None:
        """Answer the next calls with an error in Telegram's words, without acting.

        Args:
            method: Name of the method, or `ANY`.
            code: 409, 429, 500, 502, 503 or 504.
            retry_after: Whole seconds, ≥ 1; told with 429 only.
            times: How many calls.

        Raises:
            ValueError: there are no words for `code`.
        """
        self.add(method, Fault(refusal=_refusal(code, retry_after)), times=times)

    def drop(self, method: str, *, times: int = 1) -> None:
        """Break the connection of the next calls before anything is done."""
        self.add(method, Fault(loss=Loss.BEFORE), times=times)

    def lose(self, method: str, *, times: int = 1) -> None:
        """Act on the next calls, then break the connection instead of answering."""
        self.add(method, Fault(loss=Loss.AFTER), times=times)

    def delay(self, method: str, seconds: float, *, times: int = 1) -> None:
        """Let `seconds` of real time pass before the next calls are acted on."""
        self.add(method, Fault(delay_s=seconds), times=times)

    def clear(self) -> None:
        """Forget what was queued."""
        with self._lock:
            self._queues.clear()

    @property
    def pending(self) -> int:
        """How many calls are still to be disturbed."""
        with self._lock:
            return sum(map(len, self._queues.values()))

    def take(self, method: str) -> Fault:
        """Return and forget the next fault of `method`, else of any method, else `NO_FAULT`."""
        keys = (method,) if method.startswith("/") else (method.lower(), ANY)
        with self._lock:
            for key in keys:
                if queue := self._queues.get(key):
                    return queue.popleft()
        return NO_FAULT


def _refusal(code: int, retry_after: int) -> ApiError:
    match code:
        case 409:
            return conflict(f"terminated by {OTHER_POLL}")
        case 429:
            return too_many_requests(retry_after)
        case _ if code in _WORDS:
            return ApiError(code, _WORDS[code])
    raise ValueError(f"no Telegram error has the code {code}; use 409, 429 or one of {sorted(_WORDS)}")

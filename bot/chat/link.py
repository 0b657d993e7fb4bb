"""What the operator is told about the way to Telegram: each change once, never the same line twice."""

from collections.abc import Callable
from datetime import timedelta
from enum import Enum

from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.errors import InboxUnavailable, TokenRejected

_FIRST_PAUSE_S = 1.0
_REASON_CHARS = 120


class Trouble(Enum):
    """Why Telegram gives no updates, as the operator reads it."""

    NETWORK = "Telegram cannot be reached at {where} ({reason}); trying again"
    SERVER = "Telegram cannot answer at {where} ({reason}); trying again"
    SECOND_POLLER = (
        "another program takes this bot's updates; stop one of the two (409 Conflict); trying again"
    )
    WEBHOOK = "another program set a webhook for this bot; stop that program (409 Conflict); trying again"
    FLOOD = "Telegram asks for a pause ({reason}); waiting"
    INBOX = "nothing is taken from Telegram: {reason}; trying again"


class Link:
    """The state of the way to Telegram and the growing pauses while it is broken."""

    def __init__(
        self,
        where: str,
        say: Callable[[str], None],
        *,
        redact: Callable[[str], str],
        max_pause_s: float,
        clock: Callable[[], float],
    ) -> None:
        """Begin with nothing said.

        Args:
            where: The Bot API server, as the operator knows it.
            say: Takes one line for the operator.
            redact: Takes the token out of a text.
            max_pause_s: Longest pause between two tries.
            clock: Seconds; only goes up.
        """
        self._where = where
        self._say = say
        self._redact = redact
        self._max_pause_s = max_pause_s
        self._clock = clock
        self._trouble: Trouble | None = None
        self._pause_s = self._first_pause_s = min(_FIRST_PAUSE_S, max_pause_s)
        self._failed_at = 0.0

    def failed(self, error: TelegramError | InboxUnavailable) -> float:
        """Say what is wrong, if it was not said yet, and return how many seconds to wait.

        Raises:
            TokenRejected: Waiting would not help.
        """
        if isinstance(error, InvalidToken):
            raise TokenRejected(
                f"{self._where} rejects the bot's token; check TELEGRAM_BOT_TOKEN and telegram.base_url"
            ) from None
        trouble = _trouble(error)
        if trouble is not self._trouble:
            self._say(trouble.value.format(where=self._where, reason=self._reason(error)))
        self._trouble = trouble
        self._failed_at = self._clock()
        pause_s, self._pause_s = self._pause_s, min(2 * self._pause_s, self._max_pause_s)
        return max(pause_s, _asked_for(error))

    def worked(self) -> None:
        """Say that the trouble is over.

        Two pollers take turns: each works until the other's next try. Theirs is over when neither was
        heard for longer than both pause.
        """
        if self._trouble is None:
            return
        calm_s = 2 * self._max_pause_s if self._trouble is Trouble.SECOND_POLLER else 0.0
        if self._clock() - self._failed_at < calm_s:
            return
        self._trouble = None
        self._pause_s = self._first_pause_s
        self._say("Telegram answers again")

    def _reason(self, error: TelegramError | InboxUnavailable) -> str:
        """Return the library's words on one short line; cut last, or half a token might be left."""
        return " ".join(self._redact(_words(error)).split())[:_REASON_CHARS] or type(error).__name__


def _words(error: TelegramError | InboxUnavailable) -> str:
    return error.message if isinstance(error, TelegramError) else str(error)


def _trouble(error: TelegramError | InboxUnavailable) -> Trouble:
    if isinstance(error, InboxUnavailable):
        return Trouble.INBOX
    if isinstance(error, RetryAfter):
        return Trouble.FLOOD
    if isinstance(error, Conflict):
        return Trouble.WEBHOOK if "webhook" in error.message.lower() else Trouble.SECOND_POLLER
    return Trouble.NETWORK if _unreachable(error) else Trouble.SERVER


def _unreachable(error: TelegramError) -> bool:
    """Tell a broken line, which the library takes from the HTTP client, from a server's refusal."""
    from_client = error.__cause__ is not None and not isinstance(error.__cause__, TelegramError)
    return isinstance(error, TimedOut) or (isinstance(error, NetworkError) and from_client)


def _asked_for(error: TelegramError | InboxUnavailable) -> float:
    if not isinstance(error, RetryAfter):
        return 0.0
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)

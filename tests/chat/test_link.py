"""What the operator is told: a change once, and never a line a second."""

from datetime import timedelta

import pytest
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.chat.link import Link
from bot.errors import TokenRejected


class Bench:
    """A link with a clock that is turned by hand."""

    def __init__(self, max_pause_s: float = 8.0) -> None:
        self.lines: list[str] = []
        self.now = 0.0
        self.link = Link(
            "https://h",
            self.lines.append,
            redact=lambda text: text.replace("secret" * 40, "[token]"),
            max_pause_s=max_pause_s,
            clock=lambda: self.now,
        )

    def fail(self, error: TelegramError, times: int = 1) -> list[float]:
        pauses = []
        for _ in range(times):
            pauses.append(self.link.failed(error))
            self.now += pauses[-1]
        return pauses


def broken() -> NetworkError:
    error = NetworkError("httpx.ConnectError: no way")
    error.__cause__ = OSError()
    return error


def test_pauses_grow_to_the_limit() -> None:
    """Doubling, and no further than the setting."""
    assert Bench().fail(broken(), 6) == [1, 2, 4, 8, 8, 8]
    assert Bench(0.5).fail(broken(), 2) == [0.5, 0.5]


def test_trouble_is_said_once_and_its_end_once() -> None:
    """One line when the network goes, one when it is back; then the pauses are short again."""
    bench = Bench()
    bench.fail(broken(), 100)
    bench.link.worked()
    bench.link.worked()
    assert bench.lines == [
        "Telegram cannot be reached at https://h (httpx.ConnectError: no way); trying again",
        "Telegram answers again",
    ]
    assert bench.fail(broken()) == [1]


def test_a_line_that_works_is_not_mentioned() -> None:
    """No news is good news."""
    bench = Bench()
    bench.link.worked()
    assert bench.lines == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimedOut(), "cannot be reached"),
        (NetworkError("Bad Gateway"), "cannot answer at https://h (Bad Gateway)"),
        (TelegramError("x\ny"), "cannot answer at https://h (x y)"),
        (TelegramError(""), "(TelegramError)"),
        (NetworkError("page " * 99), "page p"),
        (NetworkError("no way to " + "secret" * 40), "(no way to [token])"),
        (
            Conflict("Conflict: terminated by other getUpdates request"),
            "another program takes this bot's updates",
        ),
        (Conflict("Conflict: can't use getUpdates method while webhook is active"), "set a webhook"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_each_trouble_has_its_line(error: TelegramError, words: str) -> None:
    """The line names what it is; the library's words are put on one short line."""
    bench = Bench()
    bench.fail(error)
    assert words in bench.lines[0]
    assert len(bench.lines[0]) < 200
    assert "\n" not in bench.lines[0]


def test_two_pollers_in_turn_make_one_line() -> None:
    """While another program polls, a poll works now and then; that is not said each time."""
    bench = Bench()
    for _ in range(50):
        bench.fail(Conflict("Conflict: terminated by other getUpdates request"))
        bench.now += 5
        bench.link.worked()
    assert len(bench.lines) == 1
    bench.now += 20
    bench.link.worked()
    assert bench.lines[1:] == ["Telegram answers again"]


def test_another_trouble_has_a_line_of_its_own() -> None:
    """When the network is back and a second poller is there, the operator learns it."""
    bench = Bench()
    bench.fail(broken())
    bench.fail(Conflict("Conflict: terminated by other getUpdates request"))
    assert len(bench.lines) == 2


def test_a_pause_that_telegram_asks_for_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be longer than the setting's."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    bench = Bench()
    assert bench.fail(RetryAfter(timedelta(seconds=30))) == [30]
    assert "asks for a pause" in bench.lines[0]


def test_a_rejected_token_ends_it() -> None:
    """Waiting does not help; the library's message, which has the token in it, is left out."""
    with pytest.raises(TokenRejected) as caught:
        Bench().fail(InvalidToken("The token `1:secret` was rejected by the server."))
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__

"""The token does not reach a log, however it gets into a record."""

import json
import logging
import sys
import warnings
from collections.abc import Callable
from typing import Any, ClassVar, TypeAlias
from urllib.parse import quote

import aiohttp
import httpx
import pytest
import structlog

from bot.chat.redaction import MASK, Redactor
from bot.domain import Answer
from bot.sandbox.people import Person
from bot.settings import Secret

from .bench import Bench, Configured, answer, hit

TOKEN = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"  # noqa: S105
OTHER = "987654321:ZZbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"


def raised(text: str) -> ValueError:
    """An error with a traceback."""
    with pytest.raises(ValueError, match=text.splitlines()[0]) as caught:
        raise ValueError(text)
    return caught.value


@pytest.mark.parametrize(
    "text", [TOKEN, quote(TOKEN, safe=""), TOKEN.replace(":", "%3a"), OTHER, f"/bot{TOKEN}/getMe"]
)
def test_each_form_of_a_token_is_masked(text: str) -> None:
    """Plain, quoted for a URL in either case, and whatever else has a token's shape."""
    assert Redactor(Secret(TOKEN))(f"x {text} y").replace("/bot", "").replace("/getMe", "") == f"x {MASK} y"


def test_a_short_token_is_masked_too() -> None:
    """A token of another server need not have Telegram's shape."""
    assert (
        Redactor(Secret("1:ab"))("http://h/bot1:ab/getMe and 1%3Aab")
        == f"http://h/bot{MASK}/getMe and {MASK}"
    )


def test_an_empty_token_masks_nothing() -> None:
    """Without a token there is nothing to hide, and text stays text."""
    assert Redactor(Secret(""))("abc") == "abc"


def test_a_record_is_cleaned_with_its_traceback_and_stack(configured: Configured) -> None:
    """At DEBUG records keep their tracebacks and stacks, and lose the token in all parts."""
    stream = configured(logging.DEBUG, TOKEN)
    error = raised(f"no answer from https://h/bot{TOKEN}/getMe")
    logging.getLogger("x").error("failed: %s", f"bot{TOKEN}", exc_info=error, stack_info=True)
    text = stream.getvalue()
    assert "Traceback" in text
    assert "Stack (most recent call last)" in text
    assert text.count(MASK) >= 2
    assert TOKEN not in text


def test_above_debug_a_record_is_one_line(configured: Configured) -> None:
    """No traceback, whoever logs it; the exception is named instead, and a page is cut."""
    stream = configured(logging.INFO, TOKEN)
    logging.getLogger("x").error("failed", exc_info=raised(f"bad\n{TOKEN}"))
    logging.getLogger("x").warning("<html>%s", "\n<p>" * 5000)
    first, second = stream.getvalue().splitlines()
    assert first.endswith(f"ERROR x: failed (ValueError: bad {MASK})")
    assert len(second) < 1100


def test_json_lines_are_json(configured: Configured) -> None:
    """With time, level, logger and the bound context; cut and cleaned they still parse."""
    stream = configured(logging.INFO, TOKEN, form="json")
    with structlog.contextvars.bound_contextvars(update=7):
        logging.getLogger("x").warning("投诉 %s \n%s", TOKEN, "y" * 5000, exc_info=raised(f"bad {TOKEN}"))
    (line,) = stream.getvalue().splitlines()
    record = json.loads(line)
    assert record["event"].startswith(f"投诉 {MASK} yyy")
    assert len(record["event"]) < 1100
    assert (record["level"], record["logger"], record["update"]) == ("warning", "x", 7)
    assert record["timestamp"]
    assert TOKEN not in line


def test_json_lines_hold_tracebacks_when_debugging(configured: Configured) -> None:
    """One line a record all the same."""
    stream = configured(logging.DEBUG, TOKEN, form="json")
    logging.getLogger("x").error("failed", exc_info=raised(f"bad {TOKEN}"))
    (line,) = stream.getvalue().splitlines()
    assert "Traceback" in json.loads(line)["exception"]
    assert TOKEN not in line


def test_a_line_tells_the_update(configured: Configured) -> None:
    """On a console in brackets before the message."""
    stream = configured(logging.INFO, TOKEN)
    with structlog.contextvars.bound_contextvars(update=7):
        logging.getLogger("x").warning("slow")
    assert stream.getvalue().endswith("WARNING x: [update=7] slow\n")


@pytest.mark.parametrize("questions", [False, True])
def test_texts_are_logged_only_when_asked_for(configured: Configured, questions: bool) -> None:
    """At DEBUG the library shows whole updates."""
    stream = configured(logging.DEBUG, TOKEN, questions=questions)
    logging.getLogger("telegram.ext.Application").debug("Processing update %s", "我的投诉")
    assert ("我的投诉" in stream.getvalue()) is questions


def test_the_http_client_is_heard_only_when_debugging(configured: Configured) -> None:
    """Its INFO lines hold the URL of each request."""
    for level, heard in ((logging.INFO, False), (logging.DEBUG, True)):
        stream = configured(level, TOKEN)
        logging.getLogger("httpx").info("HTTP Request: POST https://h/bot%s/getMe", TOKEN)
        logging.getLogger("httpx").warning("loud")
        assert ("HTTP Request" in stream.getvalue()) is heard
        assert "loud" in stream.getvalue()
        assert TOKEN not in stream.getvalue()


def test_a_record_that_cannot_be_formatted_shows_no_arguments(
    configured: Configured, capsys: pytest.CaptureFixture[str]
) -> None:
    """Logging's own report would print them, token included."""
    stream = configured(logging.INFO, TOKEN)
    logging.getLogger("x").warning("%d", TOKEN)
    assert "a log record of x at test_redaction.py" in stream.getvalue()
    assert TOKEN not in stream.getvalue() + capsys.readouterr().err


def test_warnings_are_records(configured: Configured) -> None:
    """A warning of a library is cleaned like every other line."""
    stream = configured(logging.INFO, TOKEN)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn(f"odd url bot{TOKEN}", stacklevel=1)
        logging.captureWarnings(capture=False)
    assert MASK in stream.getvalue()
    assert TOKEN not in stream.getvalue()


Failures: TypeAlias = list[type[Exception]]


class BrokenLine(httpx.AsyncClient):
    """A way to Telegram that breaks now and then, with errors that show the address."""

    failures: ClassVar[Failures] = []

    async def send(self, request: httpx.Request, **kwargs: Any) -> httpx.Response:  # noqa: ANN401
        if self.failures and not request.url.path.endswith("getMe"):
            raise self.failures.pop()(f"no answer from {request.url}")
        return await super().send(request, **kwargs)


def with_httpx(monkeypatch: pytest.MonkeyPatch) -> Failures:
    """Let the bot find no aiohttp, and its line break."""
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    monkeypatch.setattr(httpx, "AsyncClient", BrokenLine)
    monkeypatch.setattr(BrokenLine, "failures", [httpx.ConnectError, httpx.ReadTimeout, RuntimeError] * 2)
    return BrokenLine.failures


def with_aiohttp(monkeypatch: pytest.MonkeyPatch) -> Failures:
    """Let the line break."""
    failures: Failures = [aiohttp.ClientError, aiohttp.SocketTimeoutError, RuntimeError] * 2
    request = aiohttp.ClientSession._request

    async def broken(session: aiohttp.ClientSession, method: str, url: str, **kwargs: Any) -> Any:  # noqa: ANN401
        if failures and not url.endswith("getMe"):
            raise failures.pop()(f"no answer from {url}")
        return await request(session, method, url, **kwargs)

    monkeypatch.setattr(aiohttp.ClientSession, "_request", broken)
    return failures


@pytest.mark.parametrize("break_line", [with_httpx, with_aiohttp])
async def test_the_token_stays_out_of_a_running_bots_log(
    bench: Bench,
    mei: Person,
    configured: Configured,
    monkeypatch: pytest.MonkeyPatch,
    break_line: Callable[[pytest.MonkeyPatch], Failures],
) -> None:
    """At DEBUG, over real HTTP, with requests that fail with the address in their errors."""
    stream = configured(logging.DEBUG, bench.sandbox.token)
    failures = break_line(monkeypatch)
    bench.desk.rule = lambda question: answer(hit(question)) if question == "投诉" else fail()

    def fail() -> Answer:
        raise RuntimeError(f"https://h/bot{bench.sandbox.token}/getMe")

    mei.send("投诉")
    mei.send("回访")
    async with bench.serving():
        await mei.until_replies(2)
    log = stream.getvalue()
    assert not failures
    assert ("HTTP Request: POST" in log) == (break_line is with_httpx)
    assert "Traceback" in log
    for text in (log, *bench.lines):
        assert bench.sandbox.token not in text
        assert "opens-nothing-else" not in text
    assert any(MASK in line for line in bench.lines)

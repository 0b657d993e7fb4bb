"""A page whose bot is the test itself, and the page's own requests without a browser."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import httpx

from bot.sandbox.page.cast import Cast
from bot.sandbox.people import Person
from bot.sandbox.run import BotApiServer


class Script:
    """Acts as the bot, and as the page's script.

    Attributes:
        server: What is tested, with the page.
        cast: Who can be played.
        address: Of the page.
        http: A client at the page's address that shows its token.
    """

    def __init__(self, server: BotApiServer, cast: Cast, token: str) -> None:
        self.server = server
        self.cast = cast
        self.sandbox = server.sandbox
        self.address = f"http://127.0.0.1:{server.port}/"
        self.http = httpx.Client(base_url=self.address, headers={"x-page-token": token}, timeout=20)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    @property
    def jia(self) -> Person:
        """Reads Chinese."""
        return self.cast.people[0]

    @property
    def ben(self) -> Person:
        """Reads English."""
        return self.cast.people[1]

    def bot(self, method: str, **given: object) -> Any:  # noqa: ANN401 - whatever the method returns
        """Call a method as the bot and return its result."""
        form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
        answer = httpx.post(self.server.method_url + method, data=form).json()
        assert answer["ok"], answer
        return answer["result"]

    def say(self, text: str, **given: object) -> int:
        """Let the bot write to the one who reads Chinese, in HTML; return the message's id."""
        self.sandbox.world.open(self.jia.chat.chat_id)
        to = {"chat_id": self.jia.chat.chat_id, "text": text, "parse_mode": "HTML"} | given
        return int(self.bot("sendMessage", **to)["message_id"])

    def act(self, name: str, **given: object) -> httpx.Response:
        """Do what the page's script does, as the one who reads Chinese unless told otherwise."""
        place = {"person": self.jia.user.user_id, "chat": self.jia.chat.chat_id}
        return self.http.post(f"page/{name}", json=place | given)

    @contextmanager
    def news(self) -> Iterator[Iterator[dict[str, Any]]]:
        """Give what an open page is told, one event after the other."""
        with self.http.stream("GET", "page/events") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = (line for line in stream.iter_lines() if line.startswith("data: "))
            yield (json.loads(line.removeprefix("data: ")) for line in lines)

"""A plain client of the Bot API, and a clock that stands still."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeAlias

import httpx

from bot.sandbox.nouns import Message
from bot.sandbox.people import Person
from bot.sandbox.run import BotApiServer

JsonValue: TypeAlias = Any  # whatever a method returns; tests say what they expect of it
START = 1_700_000_000.0


class StillClock:
    """Moves only when told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def result(self) -> JsonValue:
        assert self.body["ok"], self.body
        return self.body["result"]

    @property
    def error(self) -> tuple[int, str]:
        assert self.body["ok"] is False, self.body
        assert self.body["error_code"] == self.status
        return self.status, self.body["description"]


def encode(given: Mapping[str, object]) -> dict[str, str]:
    """Write parameters as python-telegram-bot does: strings as they are, the rest as JSON."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}


def answer_of(response: httpx.Response) -> Answer:
    return Answer(response.status_code, response.json(), response.headers)


class Api:
    """Calls methods by form, in this thread."""

    def __init__(self, server: BotApiServer) -> None:
        self.server = server
        self.sandbox = server.sandbox
        self.http = httpx.Client(base_url=server.method_url, timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def call(self, method: str, **given: object) -> Answer:
        return answer_of(self.http.post(method, data=encode(given)))

    def send(self, person: Person, text: str = "hello", **given: object) -> Message:
        """Send a text to a person and return it from the world."""
        sent = self.call("sendMessage", chat_id=person.chat.chat_id, text=text, **given).result
        message = self.sandbox.world.find_message(person.chat.chat_id, sent["message_id"])
        assert message is not None
        return message

"""What people do on the page. Each act takes what the script sent and returns what it needs to know."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from bot.sandbox.nouns import JsonObject
from bot.sandbox.page.cast import Cast
from bot.sandbox.page.given import text_of
from bot.sandbox.page.waits import Waits
from bot.sandbox.people import Person
from bot.sandbox.sandbox import Sandbox

Act: TypeAlias = Callable[[JsonObject], Awaitable[JsonObject]]


class Acts:
    """The acts of a cast. Every one is given `person`, a user's id; ValueError says why it cannot be."""

    def __init__(self, sandbox: Sandbox, cast: Cast, waits: Waits) -> None:
        self._sandbox = sandbox
        self._cast = cast
        self._waits = waits

    def by_name(self) -> Mapping[str, Act]:
        """Return each act under its name in the address."""
        return {"send": self.send, "press": self.press}

    async def send(self, given: JsonObject) -> JsonObject:
        """Write `text` in `chat`, in answer to `reply_to` if that is given."""
        person = self._person(given)
        chat = self._cast.chat(person, given.get("chat"))
        reply_to = given.get("reply_to")
        answered = self._cast.message(person, chat.chat_id, reply_to) if reply_to is not None else None
        person.send(text_of(given, "text"), chat=chat, reply_to=answered)
        return {}

    async def press(self, given: JsonObject) -> JsonObject:
        """Press the button with `data` below `message` in `chat`, and wait for what the bot answers.

        Returns:
            `text`, `show_alert` and `url` of the answer; nothing when none came in time.
        """
        person = self._person(given)
        message = self._cast.message(person, given.get("chat"), given.get("message"))
        press = person.press(message, data=text_of(given, "data", 64))
        answered = await self._waits.wait(
            lambda: person.answer_to(press), self._sandbox.flood.limits.callback_s
        )
        answer = answered.answer if answered else None
        if answer is None:
            return {}
        return {"text": answer.text, "show_alert": answer.show_alert, "url": answer.url}

    def _person(self, given: JsonObject) -> Person:
        return self._cast.person(given.get("person"))

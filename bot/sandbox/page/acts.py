"""What people do on the page. Each act takes what the script sent and returns what it needs to know."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from bot.sandbox.inline_nouns import MAX_QUERY, InlineResult
from bot.sandbox.nouns import JsonObject
from bot.sandbox.page.cast import Cast
from bot.sandbox.page.given import text_of
from bot.sandbox.page.waits import Waits
from bot.sandbox.people import Person
from bot.sandbox.sandbox import Sandbox

PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
"""What is sent as a photo; any other file as a document."""

Act: TypeAlias = Callable[[JsonObject], Awaitable[JsonObject]]


class Acts:
    """The acts of a cast. Every one is given `person`, a user's id; ValueError says why it cannot be."""

    def __init__(self, sandbox: Sandbox, cast: Cast, waits: Waits) -> None:
        self._sandbox = sandbox
        self._cast = cast
        self._waits = waits

    def by_name(self) -> Mapping[str, Act]:
        """Return each act under its name in the address."""
        return {
            "send": self.send,
            "start": self.start,
            "press": self.press,
            "inline": self.inline,
            "choose": self.choose,
        }

    async def send(self, given: JsonObject) -> JsonObject:
        """Write `text` in `chat`, in answer to `reply_to` if that is given."""
        person = self._person(given)
        chat = self._cast.chat(person, given.get("chat"))
        reply_to = given.get("reply_to")
        answered = self._cast.message(person, chat.chat_id, reply_to) if reply_to is not None else None
        person.send(text_of(given, "text"), chat=chat, reply_to=answered)
        return {}

    async def start(self, given: JsonObject) -> JsonObject:
        """Follow a link to the bot that carries `payload`."""
        self._person(given).open(text_of(given, "payload", 64))
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

    async def inline(self, given: JsonObject) -> JsonObject:
        """Write the bot's name and `query` into the input of `chat`, and wait for the results from `offset`.

        Returns:
            `results`, each with `query_id`, `id`, `title` and `description`; `next_offset`; `button` with
            `text` and `start_parameter`, or None. Nothing when no answer came in time.
        """
        person = self._person(given)
        chat = self._cast.chat(person, given.get("chat"))
        query = text_of(given, "query", MAX_QUERY)
        asked = person.inline(query, offset=text_of(given, "offset", 64), chat=chat)
        answer = await self._waits.wait(lambda: person.results_of(asked), self._sandbox.flood.limits.inline_s)
        if answer is None:
            return {}
        button = answer.button
        return {
            "results": [_result_json(asked.query_id, result) for result in answer.results],
            "next_offset": answer.next_offset,
            "button": {"text": button.text, "start_parameter": button.start_parameter} if button else None,
        }

    async def choose(self, given: JsonObject) -> JsonObject:
        """Post the result `result_id` of the query `query_id` in `chat`."""
        person = self._person(given)
        chat = self._cast.chat(person, given.get("chat"))
        asked = person.world.inline.find(text_of(given, "query_id"))
        if asked is None or asked.user != person.user:
            raise ValueError(f"{person.user.first_name} did not ask this")
        person.choose(asked, text_of(given, "result_id"), chat=chat)
        return {}

    def upload(self, given: JsonObject, data: bytes) -> JsonObject:
        """Send a file called `name` in `chat`: as a photo if its `type` is that of a picture."""
        person = self._person(given)
        chat = self._cast.chat(person, given.get("chat"))
        kind = text_of(given, "type", 256)
        if kind in PICTURES:
            person.send_photo(data, chat=chat)
        else:
            person.send_document(data, text_of(given, "name", 256), mime_type=kind, chat=chat)
        return {}

    def _person(self, given: JsonObject) -> Person:
        return self._cast.person(given.get("person"))


def _result_json(query_id: str, result: InlineResult) -> JsonObject:
    return {
        "query_id": query_id,
        "id": result.result_id,
        "title": result.title,
        "description": result.description,
    }

"""Answering the press of a button."""

from dataclasses import dataclass

from bot.sandbox.context import Context
from bot.sandbox.nouns import CallbackAnswer
from bot.sandbox.parameters import Flag, Integer, Text
from bot.sandbox.refusals import bad_request

MAX_ANSWER = 200


@dataclass(frozen=True, slots=True)
class AnswerCallbackQuery:
    """Of answerCallbackQuery; `cache_time` is in seconds."""

    callback_query_id: Text = ""
    text: Text = ""
    show_alert: Flag = False
    url: Text = ""
    cache_time: Integer = 0


def answer_callback_query(context: Context, given: AnswerCallbackQuery) -> bool:
    """Tell the one who pressed what came of it; once, and soon.

    Raises:
        ApiError: too late, answered before, never pressed, longer than 200 characters, or an address
            that does not lead to this bot.
    """
    if len(given.text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    if given.url and not _leads_here(given.url, context.world.bot.username):
        raise bad_request("URL_INVALID")
    answer = CallbackAnswer(given.text, given.show_alert, given.url, given.cache_time)
    if not context.world.presses.answer(given.callback_query_id, answer, context.flood.limits.callback_s):
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    return True


def _leads_here(url: str, username: str) -> bool:
    address = url.removeprefix("https://").removeprefix("http://").lower()
    return address.startswith(f"t.me/{username.lower()}?start=")

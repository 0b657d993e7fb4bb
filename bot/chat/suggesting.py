"""Questions to begin with, as a keyboard: tapping one sends it."""

import logging

from telegram import ReplyKeyboardMarkup

from bot.chat.desk import Desk
from bot.chat.language import Phrases
from bot.errors import WenbaoError

SUGGESTIONS = 3

_LOG = logging.getLogger(__name__)


def suggestions(desk: Desk) -> tuple[str, ...]:
    """Return up to three questions that the reports answer, none when they cannot be looked at. Blocks."""
    try:
        return desk.suggestions(SUGGESTIONS)
    except WenbaoError as error:
        _LOG.warning("no questions to suggest: %s", error)
        return ()


def question_keyboard(questions: tuple[str, ...], phrases: Phrases) -> ReplyKeyboardMarkup | None:
    """Return a keyboard with a question in each row, in place of the user's own until one is tapped."""
    if not questions:
        return None
    return ReplyKeyboardMarkup(
        [[question] for question in questions],
        resize_keyboard=True,
        one_time_keyboard=True,
        input_field_placeholder=phrases("placeholder"),
    )

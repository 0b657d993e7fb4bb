"""Sending a message and changing one: where it belongs, and readable even if its HTML is not Telegram's.

When to send and how long to insist is `pace`'s part. What Telegram refuses for good (403, 400) is raised.
"""

import logging
import re
from html import unescape
from typing import TYPE_CHECKING, cast

from telegram import InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyKeyboardMarkup, ReplyParameters
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest

from bot.chat.pace import UNREAD

if TYPE_CHECKING:
    from telegram.ext import ExtBot

_LOG = logging.getLogger(__name__)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def send(
    message: Message, html: str, keyboard: InlineKeyboardMarkup | ReplyKeyboardMarkup | None = None
) -> None:
    """Send `html` where `message` came from: in a group as a reply to it, in a topic to that topic.

    Args:
        message: What is answered.
        html: At most 4,096 UTF-16 units once parsed. When Telegram cannot parse it, its plain text is sent.
        keyboard: Below the message, or in place of the user's keyboard.

    Raises:
        TelegramError: Telegram refused, or the way to it stayed broken.
    """
    await _send(message, html, keyboard, UNREAD)


async def send_to_edit(message: Message, html: str) -> Message:
    """Send `html` as `send` does, and return the message that was sent."""
    return await _send(message, html, None, None)


async def _send(
    message: Message,
    html: str,
    keyboard: InlineKeyboardMarkup | ReplyKeyboardMarkup | None,
    unread: bool | None,
) -> Message:
    bot = cast("ExtBot[bool]", message.get_bot())

    async def deliver(text: str, parse_mode: str | None) -> Message:
        return await bot.send_message(
            message.chat_id,
            text,
            parse_mode=parse_mode,
            link_preview_options=_NO_PREVIEW,
            # A reply's thread outside of topics has an id as well, but Telegram refuses to send there.
            message_thread_id=message.message_thread_id if message.is_topic_message else None,
            reply_parameters=reply_to(message),
            reply_markup=keyboard,
            rate_limit_args=unread,
        )

    try:
        return await deliver(html, ParseMode.HTML)
    except BadRequest as error:
        return await deliver(_plain(html, error), None)


async def send_document(message: Message, data: bytes, name: str, caption: str) -> Message:
    """Send a file where `message` came from, as `send` does.

    Args:
        message: What is answered.
        data: The file's bytes, at most 50 MB.
        name: What the file is called.
        caption: Plain text below it, at most 1,024 characters.

    Raises:
        TelegramError: Telegram refused, or the way to it stayed broken.
    """
    return await message.get_bot().send_document(
        message.chat_id,
        data,
        filename=name,
        caption=caption,
        message_thread_id=message.message_thread_id if message.is_topic_message else None,
        reply_parameters=reply_to(message),
    )


async def edit(message: Message, html: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    """Make `html` the text of a message of the bot; one that says so already is left as it is.

    Args:
        message: Of the bot.
        html: As in `send`.
        keyboard: Replaces the one below the message; None takes it away.

    Raises:
        TelegramError: Telegram refused, or the way to it stayed broken.
    """
    bot = cast("ExtBot[bool]", message.get_bot())

    async def change(text: str, parse_mode: str | None) -> None:
        await bot.edit_message_text(
            text,
            chat_id=message.chat_id,
            message_id=message.message_id,
            parse_mode=parse_mode,
            link_preview_options=_NO_PREVIEW,
            reply_markup=keyboard,
            rate_limit_args=UNREAD,
        )

    try:
        await change(html, ParseMode.HTML)
    except BadRequest as error:
        if "not modified" not in error.message.lower():
            await change(_plain(html, error), None)


async def edit_buttons(message: Message, keyboard: InlineKeyboardMarkup) -> None:
    """Replace the buttons below a message of the bot; the same ones are left as they are.

    Raises:
        TelegramError: Telegram refused, or the way to it stayed broken.
    """
    try:
        await message.get_bot().edit_message_reply_markup(
            message.chat_id, message.message_id, reply_markup=keyboard
        )
    except BadRequest as error:
        if "not modified" not in error.message.lower():
            raise


def reply_to(message: Message) -> ReplyParameters | None:
    """Return what makes a message a reply to `message`: in groups, also when it was deleted meanwhile."""
    if message.chat.type == ChatType.PRIVATE:
        return None
    return ReplyParameters(message.message_id, allow_sending_without_reply=True)


def plain_text(html: str) -> str:
    """Return what a person would read of `html`, whether or not its tags are whole."""
    return unescape(_TAG.sub("", html)).strip()


def _plain(html: str, error: BadRequest) -> str:
    """Return the plain text to send instead; raise `error` when the HTML was not the trouble."""
    text = plain_text(html)
    if "parse entities" not in error.message.lower() or not text:
        raise error
    _LOG.error("a message's HTML was refused, its plain text is sent: %s", error.message)
    return text

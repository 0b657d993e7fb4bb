"""The table of methods. A method is added by its line here; what is not in the table is not found."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from bot.sandbox import about, callbacks, chats, commands, edits, inline, media, messages, polling, webhooks
from bot.sandbox.context import Context
from bot.sandbox.parameters import read_parameters
from bot.sandbox.uploads import Upload

Parameters = TypeVar("Parameters")


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the Bot API.

    Attributes:
        name: As documented; clients may write it in any case of letters.
        build: The dataclass that declares its parameters.
    """

    name: str
    build: Callable[..., object]
    _run: Callable[[Context, Mapping[str, str | Upload]], object]

    async def call(self, context: Context, given: Mapping[str, str | Upload]) -> object:
        """Act on the raw parameters `given` and return the result.

        Raises:
            ApiError: the call is refused; nothing was changed.
        """
        result = self._run(context, given)
        return await result if inspect.isawaitable(result) else result


def _method(
    name: str, build: Callable[..., Parameters], run: Callable[[Context, Parameters], object]
) -> Method:
    return Method(name, build, lambda context, given: run(context, read_parameters(build, given, name)))


_TABLE = (
    _method("getMe", polling.Nothing, polling.get_me),
    _method("getUpdates", polling.GetUpdates, polling.get_updates),
    _method("setWebhook", webhooks.SetWebhook, webhooks.set_webhook),
    _method("deleteWebhook", webhooks.DeleteWebhook, webhooks.delete_webhook),
    _method("getWebhookInfo", polling.Nothing, webhooks.get_webhook_info),
    _method("sendMessage", messages.SendMessage, messages.send_message),
    _method("sendDocument", media.SendDocument, media.send_document),
    _method("sendPhoto", media.SendPhoto, media.send_photo),
    _method("getFile", media.GetFile, media.get_file),
    _method("editMessageText", edits.EditMessageText, edits.edit_message_text),
    _method("editMessageCaption", edits.EditMessageCaption, edits.edit_message_caption),
    _method("editMessageReplyMarkup", edits.Edited, edits.edit_message_reply_markup),
    _method("deleteMessage", messages.DeleteMessage, messages.delete_message),
    _method("sendChatAction", messages.SendChatAction, messages.send_chat_action),
    _method("setMessageReaction", chats.SetMessageReaction, chats.set_message_reaction),
    _method("getChat", chats.OfChat, chats.get_chat),
    _method("getChatMember", chats.GetChatMember, chats.get_chat_member),
    _method("getChatAdministrators", chats.OfChat, chats.get_chat_administrators),
    _method("getChatMemberCount", chats.OfChat, chats.get_chat_member_count),
    _method("leaveChat", chats.OfChat, chats.leave_chat),
    _method("answerCallbackQuery", callbacks.AnswerCallbackQuery, callbacks.answer_callback_query),
    _method("answerInlineQuery", inline.AnswerInlineQuery, inline.answer_inline_query),
    _method("setMyCommands", commands.SetMyCommands, commands.set_my_commands),
    _method("getMyCommands", commands.CommandList, commands.get_my_commands),
    _method("deleteMyCommands", commands.CommandList, commands.delete_my_commands),
    _method("setMyName", about.SetMyName, about.set_my_name),
    _method("getMyName", about.InLanguage, about.get_my_name),
    _method("setMyDescription", about.SetMyDescription, about.set_my_description),
    _method("getMyDescription", about.InLanguage, about.get_my_description),
    _method("setMyShortDescription", about.SetMyShortDescription, about.set_my_short_description),
    _method("getMyShortDescription", about.InLanguage, about.get_my_short_description),
)

METHODS: Mapping[str, Method] = MappingProxyType({method.name.lower(): method for method in _TABLE})
"""By name in small letters."""

"""Answering inline queries."""

from dataclasses import dataclass

from bot.sandbox.contents import with_known_users
from bot.sandbox.context import Context
from bot.sandbox.inline_nouns import InlineAnswer, InlineButton, InlineResult
from bot.sandbox.json_fields import as_object, load, only, optional, required
from bot.sandbox.keyboards import is_inline, markup_of
from bot.sandbox.nouns import Content, JsonObject
from bot.sandbox.parameters import Flag, Integer, Json, Text, entities_of, preview_of
from bot.sandbox.refusals import bad_request, stricter
from bot.sandbox.starts import check_start_parameter
from bot.sandbox.texts import read_text

MAX_RESULTS = 50
MAX_RESULT_ID_BYTES = 64
MAX_OFFSET_BYTES = 64
MAX_CACHE_S = 24 * 3600

_RESULT = "InlineQueryResult"
_CONTENT = "InputTextMessageContent"
_BUTTON = "InlineQueryResultsButton"
_OTHER_KINDS = {
    "audio",
    "contact",
    "document",
    "game",
    "gif",
    "location",
    "mpeg4_gif",
    "photo",
    "sticker",
    "venue",
    "video",
    "voice",
}
_ARTICLE = {
    "type",
    "id",
    "title",
    "input_message_content",
    "reply_markup",
    "url",
    "description",
    "thumbnail_url",
    "thumbnail_width",
    "thumbnail_height",
}


@dataclass(frozen=True, slots=True)
class AnswerInlineQuery:
    """Out of range, `cache_time` (seconds) becomes the nearest allowed value, as in Telegram."""

    inline_query_id: Text = ""
    results: Text = ""
    cache_time: Integer = 300
    is_personal: Flag = False
    next_offset: Text = ""
    button: Json = None


def answer_inline_query(context: Context, given: AnswerInlineQuery) -> bool:
    """Show results to the one who asks; once, and soon.

    Raises:
        ApiError: too late, answered before, never asked, more than 50 results, ids that are not unique or
            not of 1–64 bytes, or a result, button or offset that Telegram would refuse.
    """
    button = _button(given.button)
    results = _results(context, given.results)
    if len(given.next_offset.encode()) > MAX_OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    cache_s = min(max(given.cache_time, 0), MAX_CACHE_S)
    answer = InlineAnswer(results, given.next_offset, cache_s, given.is_personal, button)
    if not context.world.inline.answer(given.inline_query_id, answer, context.flood.limits.inline_s):
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    return True


def _button(fields: JsonObject | None) -> InlineButton | None:
    if fields is None:
        return None
    only(fields, {"text", "start_parameter", "web_app"}, _BUTTON)
    text = required(fields, "text", str, within=_BUTTON)
    if not text.strip():
        raise bad_request("SWITCH_PM_TEXT_EMPTY")
    if fields.get("web_app") is not None:
        raise stricter("a button above the results with web_app is not supported")
    parameter = required(fields, "start_parameter", str, within=_BUTTON)
    return InlineButton(text, check_start_parameter(parameter))


def _results(context: Context, raw: str) -> tuple[InlineResult, ...]:
    values = load(raw, "can't parse JSON encoded inline query results") if raw else []
    if not isinstance(values, list):
        raise bad_request("expected an Array of inline query results")
    if len(values) > MAX_RESULTS:
        raise bad_request("too many inline query results specified")
    results = tuple(_result(context, value) for value in values)
    if len({result.result_id for result in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    return results


def _result(context: Context, value: object) -> InlineResult:
    if not isinstance(value, dict):
        raise bad_request(f"can't parse {_RESULT}: Inline query result must be an object")
    kind = required(value, "type", str, within=_RESULT).lower()
    if kind in _OTHER_KINDS:
        raise stricter(f'inline query results of the type "{kind}" are not supported')
    if kind != "article":
        raise bad_request(f'can\'t parse {_RESULT}: type "{kind}" is unsupported for the inline query result')
    only(value, _ARTICLE, "InlineQueryResultArticle")
    title = required(value, "title", str, within=_RESULT)
    if not title.strip():
        raise bad_request("ARTICLE_TITLE_EMPTY")
    return InlineResult(
        _result_id(required(value, "id", str, within=_RESULT)),
        title,
        _content(context, value),
        description=optional(value, "description", str, "", within=_RESULT),
        url=optional(value, "url", str, "", within=_RESULT),
        thumbnail_url=_thumbnail(optional(value, "thumbnail_url", str, "", within=_RESULT)),
    )


def _result_id(result_id: str) -> str:
    if not result_id:
        raise bad_request("RESULT_ID_EMPTY")
    if len(result_id.encode()) > MAX_RESULT_ID_BYTES:
        raise bad_request("RESULT_ID_INVALID")
    return result_id


def _content(context: Context, result: JsonObject) -> Content:
    if result.get("input_message_content") is None:
        raise bad_request("inline message can't be empty")
    fields = as_object(result["input_message_content"], "InputMessageContent")
    if "message_text" not in fields:
        raise stricter("an inline message must be an InputTextMessageContent")
    only(fields, {"message_text", "parse_mode", "entities", "link_preview_options"}, _CONTENT)
    source = required(fields, "message_text", str, within=_CONTENT)
    parse_mode = optional(fields, "parse_mode", str, "", within=_CONTENT)
    preview = fields.get("link_preview_options")
    text, entities = read_text(
        source, parse_mode, entities_of(fields.get("entities") or []), too_long="MESSAGE_TOO_LONG"
    )
    return Content(
        text,
        with_known_users(context, entities, must_exist=not parse_mode),
        source=source,
        parse_mode="HTML" if parse_mode else "",
        reply_markup=_markup(result.get("reply_markup")),
        link_preview=preview_of(as_object(preview, "link_preview_options")) if preview else None,
    )


def _markup(value: object) -> JsonObject | None:
    markup = markup_of(value, "reply_markup") if value is not None else None
    if not is_inline(markup):
        raise bad_request("inline keyboard expected")
    return markup


def _thumbnail(url: str) -> str:
    if url and not url.lower().startswith(("http://", "https://")):
        raise bad_request("WEBDOCUMENT_URL_INVALID")
    return url

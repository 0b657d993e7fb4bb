"""Inline mode: `@bot question` in any chat offers passages, and the one that is chosen is posted there."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import InlineQueryHandler

from bot.chat.cards import standing
from bot.chat.conversion import Convert, converted_hit
from bot.chat.desk import Desk
from bot.chat.readers import Reader, Readers
from bot.chat.render import cited_html, line
from bot.chat.scope import scoped
from bot.chat.verbs import App, Context
from bot.domain import Answer, Hit, Passage
from bot.errors import BlankQuestion, EmptyCorpus, QuestionTooLong, WenbaoError

RESULTS_A_PAGE = 10
# Every page is cut from the same answer: with other numbers of hits the order may be another.
MOST_RESULTS = 40
KEEP_FOR = timedelta(seconds=15)
"""How long Telegram may answer the same question itself; a refresh is seen after it."""

_DESCRIPTION_CHARS = 200
_START, _HELP = "inline", "help"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What is offered for a question.

    Attributes:
        hits: One page.
        next_offset: What Telegram asks for the next page with, "" when this is the last.
        button: Message above the results, when there are none, and what the link to the bot carries.
    """

    hits: Sequence[Hit] = ()
    next_offset: str = ""
    button: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Inline:
    """Answers while somebody writes in another chat.

    Attributes:
        desk: Who answers.
        readers: How people read.
        convert: Simplified → Traditional.
    """

    desk: Desk
    readers: Readers
    convert: Convert

    def register(self, app: App) -> None:
        """Put the handler into `app`."""
        app.add_handler(InlineQueryHandler(self.offer))

    async def offer(self, update: Update, context: Context) -> None:
        """Offer a page of passages, or a way to the bot; a query that Telegram gave up is let go."""
        query = update.inline_query
        if query is None:
            return
        reader = await self.readers.of(query.from_user)
        found = await asyncio.to_thread(self._find, query.query, query.offset)
        link = f"https://t.me/{context.bot.username}?start=p_"
        results = await asyncio.to_thread(self._results, found.hits, reader, link)
        text, parameter = found.button or ("", "")
        try:
            await query.answer(
                results,
                cache_time=KEEP_FOR,
                is_personal=True,
                next_offset=found.next_offset,
                button=InlineQueryResultsButton(reader.phrases(text), start_parameter=parameter)
                if text
                else None,
            )
        except BadRequest as error:
            if "query is too old" not in error.message.lower():
                raise
            _LOG.info("an inline query was too old to be answered")

    def _find(self, text: str, offset: str) -> Found:
        asked = scoped(text)
        try:
            if asked.report and self.desk.report(asked.report) is None:
                return Found(button=("inline-nothing", _HELP))
            answer = self.desk.ask(asked.question, hits=MOST_RESULTS, report_id=asked.report)
        except BlankQuestion:
            return Found(button=("inline-start", _START))
        except (QuestionTooLong, EmptyCorpus):
            return Found(button=("inline-nothing", _HELP))
        except WenbaoError as error:
            _LOG.error("an inline query could not be answered: %s", error)
            return Found(button=("inline-trouble", _START))
        return _page(answer, offset)

    def _results(self, hits: Sequence[Hit], reader: Reader, link: str) -> list[InlineQueryResultArticle]:
        places = self.desk.places([hit.passage.passage_id for hit in hits])
        return [
            self._result(hit, standing(place, reader.phrases), reader, link)
            for hit, place in zip(hits, places, strict=True)
        ]

    def _result(self, hit: Hit, where: str, reader: Reader, link: str) -> InlineQueryResultArticle:
        shown, changed = converted_hit(hit, self.convert) if reader.convert else (hit, False)
        note = reader.phrases("converted") if changed else ""
        passage_id = hit.passage.passage_id
        open_it = InlineKeyboardButton(reader.phrases("inline-open"), url=link + passage_id)
        return InlineQueryResultArticle(
            id=passage_id,
            title=_title(shown.passage),
            description=_snippet(shown),
            input_message_content=InputTextMessageContent(
                cited_html([shown.passage], shown.highlights, where=where, note=note),
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            ),
            reply_markup=InlineKeyboardMarkup.from_button(open_it),
        )


def _page(answer: Answer, offset: str) -> Found:
    """Return the page that an offset stands for; none when the reports have changed since the page before."""
    if not answer.hits:
        return Found(button=("inline-nothing", _HELP))
    number, _, generation = offset.partition(":")
    start = int(number) if number.isdecimal() and number.isascii() else 0
    if offset and generation != answer.generation:
        return Found()
    end = start + RESULTS_A_PAGE
    return Found(answer.hits[start:end], f"{end}:{answer.generation}" if end < len(answer.hits) else "")


def _title(passage: Passage) -> str:
    return next(filter(None, map(line, (passage.section[-1], passage.report))), passage.source)


def _snippet(hit: Hit) -> str:
    """Return the sentences that answer, else the passage's beginning, and the report's title."""
    text = hit.passage.text
    sentences = " ".join(text[span.start : span.end].strip() for span in hit.excerpt) or text
    return f"{line(sentences, _DESCRIPTION_CHARS)}\n《{line(hit.passage.report)}》"

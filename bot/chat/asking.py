"""Questions, and the cards that answer them: in private chats, by /ask, a mention, or a reply to the bot."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from telegram import InlineKeyboardMarkup, Message, MessageEntity, ReplyKeyboardMarkup, Update, User
from telegram.constants import ChatType
from telegram.ext import CommandHandler, MessageHandler, filters

from bot.chat.batching import Batches
from bot.chat.cards import answer_card, refusal, repaired, standing
from bot.chat.conversion import Convert, converted_hit, converted_passages
from bot.chat.courtesy import courtesy
from bot.chat.desk import Desk
from bot.chat.keys import Card, Keys
from bot.chat.memory import Memory
from bot.chat.readers import Reader, Readers
from bot.chat.render import cited_html, line, plain
from bot.chat.scope import Scoped, Scopes
from bot.chat.sending import send
from bot.chat.suggesting import question_keyboard, suggestions
from bot.chat.verbs import App, Context
from bot.domain import Answer, Hit, Passage
from bot.errors import BlankQuestion, EmptyCorpus, InputError, QuestionTooLong, WenbaoError
from bot.journal.nouns import Asked, Written

PAGES = 4
"""Of an answer, at most."""

View: TypeAlias = tuple[str, InlineKeyboardMarkup | None]
"""HTML and the buttons below it."""

_LOG = logging.getLogger(__name__)
_WHAT_IS_NEEDED: Mapping[type[WenbaoError], str] = {
    BlankQuestion: "blank",
    QuestionTooLong: "too-long",
    EmptyCorpus: "no-reports",
    InputError: "unreadable",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer and its card, which are not remembered yet."""

    answer: Answer
    card: Card
    reader: Reader
    html: str


@dataclass(frozen=True, slots=True)
class Asking:
    """The bot's answers.

    Attributes:
        desk: Who answers.
        memory: Remembers what the buttons mean.
        notes: Remembers questions; many chats' are written down at once.
        readers: How people read.
        scopes: In which report people ask.
        convert: Simplified → Traditional.
        hits: Passages on a card, 1–3.
    """

    desk: Desk
    memory: Memory
    notes: Batches[Asked, Written]
    readers: Readers
    scopes: Scopes
    convert: Convert
    hits: int

    def register(self, app: App) -> None:
        """Put the handlers into `app`. Edited messages, channel posts and talk in groups find none."""
        text = filters.UpdateType.MESSAGE & filters.TEXT & ~filters.COMMAND & ~filters.VIA_BOT
        app.add_handler(CommandHandler("ask", self.ask, filters=filters.UpdateType.MESSAGE))
        app.add_handler(MessageHandler(text & filters.ChatType.PRIVATE, self.private_text))
        app.add_handler(MessageHandler(text & filters.ChatType.GROUPS, self.group_text))

    async def ask(self, update: Update, _: Context) -> None:
        """Answer what follows the command; without anything, the message that it replies to."""
        message = update.message
        if message is not None and message.text:
            await self.answer(message, after_command(message) or _replied_to(message))

    async def private_text(self, update: Update, _: Context) -> None:
        """Answer a message in a private chat."""
        message = update.message
        if message is not None:
            await self.answer(message, message.text or "")

    async def group_text(self, update: Update, _: Context) -> None:
        """Answer a message in a group that names the bot or replies to its message."""
        message = update.message
        if message is None:
            return
        text = _without_mention(message)
        if text is not None:
            await self.answer(message, text or _replied_to(message))
        elif _is_reply_to_bot(message):
            await self.answer(message, message.text or "")

    async def answer(self, message: Message, text: str) -> None:
        """Answer a question with a card, or say what keeps the bot from answering."""
        user = message.from_user
        asked = self.scopes.read(text, user.id if user else 0, message.chat_id)
        # Threads take the interpreter from each other, for milliseconds at a time: longer than most answers.
        if self._is_at_hand(asked):
            reply = self._reply(message, asked)
        else:
            reply = await asyncio.to_thread(self._reply, message, asked)
        if isinstance(reply, str):
            await send(message, reply)
        else:
            await send(message, reply.html, await self._keyboard(message, reply))

    def _is_at_hand(self, asked: Scoped) -> bool:
        """Tell whether a reply takes a moment only."""
        if asked.report or not self.memory.near:
            return False
        return self.desk.at_hand(asked.question, hits=PAGES * self.hits)

    def _reply(self, message: Message, asked: Scoped) -> Reply | str:
        """Return an answer, or the HTML of what else is said to a question. Blocks."""
        reader = self.readers.reader(message.from_user)
        if name := courtesy(asked.question):
            return plain(reader.phrases(name))
        try:
            if asked.report and self.desk.report(asked.report) is None:
                return plain(reader.phrases("no-such-report", report=line(asked.report)))
            answer = self.look_up(asked.question, asked.report)
        except tuple(_WHAT_IS_NEEDED) as error:
            name = next(name for kind, name in _WHAT_IS_NEEDED.items() if isinstance(error, kind))
            return plain(reader.phrases(name))
        card = Card(
            tuple(passage.passage_id for passage in passages_of(answer)), answer.question, asked.report
        )
        return Reply(answer, card, reader, self._html(card, answer, 0, reader))

    async def _keyboard(
        self, message: Message, reply: Reply
    ) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | None:
        """Write a question and its card down; return the card's buttons, else questions to begin with."""
        answer, reader = reply.answer, reply.reader
        buttons = None
        try:
            written = await self.notes.done(self._asked(message, reply))
        except WenbaoError as error:  # which keeps no answer back
            _LOG.error("a question is not in the journal, and its card has no buttons: %s", error)
        else:
            card = replace(reply.card, asked=written.number)
            keys = Keys(written.button, reader.phrases, message.get_bot().username)
            buttons = self._buttons(card, answer, 0, keys, reader)
        if not answer.hits and not buttons and message.chat.type == ChatType.PRIVATE:
            return question_keyboard(await asyncio.to_thread(suggestions, self.desk), reader.phrases)
        return buttons

    def _asked(self, message: Message, reply: Reply) -> Asked:
        user = message.from_user
        return Asked(
            replace(reply.answer, hits=reply.answer.hits[: self.hits]),
            user=user.id if user else None,
            chat=message.chat_id,
            language=reply.reader.speaks,
            via="private" if message.chat.type == ChatType.PRIVATE else "group",
            card=reply.card.payload(),
        )

    def look_up(
        self, question: str, report: str | None, *, literal: bool = False, explain: bool = False
    ) -> Answer:
        """Return the answer with the hits of all pages, always the same for a question. Blocks."""
        # With another number of hits their order may be another.
        most = PAGES * self.hits
        return self.desk.ask(question, hits=most, explain=explain, literal=literal, report_id=report)

    def remember(self, card: Card, user: User | None) -> str | None:
        """Return the id of a card's buttons; None when nobody can remember it, it has none then. Blocks."""
        try:
            return self.memory.remember(card.payload(), user=user.id if user else None)
        except WenbaoError as error:
            _LOG.error("a card has no buttons: %s", error)
            return None

    def page(self, card: Card, answer: Answer, first: int, keys: Keys | None, reader: Reader) -> View:
        """Return the card of an answer, or of a refusal. Blocks while characters are converted.

        Args:
            card: What is remembered of it.
            answer: With the hits of all pages.
            first: 0-based place of any hit on the page that is wanted.
            keys: Makes its buttons; None: it has none.
            reader: Who reads it.
        """
        html = self._html(card, answer, first, reader)
        return html, None if keys is None else self._buttons(card, answer, first, keys, reader)

    def _html(self, card: Card, answer: Answer, first: int, reader: Reader) -> str:
        notes = list(self._notes(card, answer, reader))
        if not answer.hits:
            return "\n".join([*map(plain, notes), refusal(answer, reader.phrases)])
        start, hits = self._on_page(answer, first)
        shown = [converted_hit(hit, self.convert) if reader.convert else (hit, False) for hit in hits]
        if any(changed for _, changed in shown):
            notes.append(reader.phrases("converted"))
        where = self.where([hit.passage for hit in hits], reader)
        return answer_card(
            [hit for hit, _ in shown], reader.phrases, first=start + 1, notes=notes, where=where
        )

    def _buttons(
        self, card: Card, answer: Answer, first: int, keys: Keys, reader: Reader
    ) -> InlineKeyboardMarkup | None:
        is_repaired = bool(answer.repairs) and not card.literal
        if not answer.hits:
            nearest, _ = converted_passages(answer.nearest, self.convert if reader.convert else None)
            return keys.nearest(nearest, repaired=is_repaired, scoped=bool(card.report))
        start, hits = self._on_page(answer, first)
        return keys.answer(
            [hit.passage for hit in hits],
            start,
            len(answer.hits),
            repaired=is_repaired,
            scoped=bool(card.report),
            judged=card.asked is not None,
        )

    def _on_page(self, answer: Answer, first: int) -> tuple[int, Sequence[Hit]]:
        """Return the page with hit `first`: the 0-based place of its first hit, and its hits."""
        start = min(first, len(answer.hits) - 1) // self.hits * self.hits
        return start, answer.hits[start : start + self.hits]

    def passage(
        self,
        card: Card,
        at: int,
        keys: Keys | None,
        reader: Reader,
        *,
        plainly: bool = False,
        around: bool = False,
    ) -> View | None:
        """Return one of a card's passages with its buttons, None when the reports have it no more. Blocks.

        Args:
            card: What is remembered of it.
            at: 0-based place of the passage in the card.
            keys: Makes its buttons; None: it has none.
            reader: Who reads it.
            plainly: As written, also for those who read Traditional characters.
            around: Whether its buttons stand below what is around it as well.
        """
        passage = self.desk.passage(card.passages[at]) if at < len(card.passages) else None
        if passage is None:
            return None
        hit = self.hit(card, passage)
        shown, changed = converted_hit(hit, self.convert) if reader.convert else (hit, False)
        seen = hit if plainly else shown
        note = reader.phrases("converted") if changed and not plainly else ""
        (where,) = self.where([passage], reader)
        html = cited_html([seen.passage], seen.highlights, where=where, note=note)
        swap = ("converted" if plainly else "plain") if changed else ""
        if keys is None:
            return html, None
        judged = card.asked is not None
        return html, keys.passage(
            passage, at, back=bool(card.question), swap=swap, judged=judged, around=around
        )

    def hit(self, card: Card, passage: Passage) -> Hit:
        """Return a card's passage with what its question matched in it, if it was asked one. Blocks.

        Args:
            card: What is remembered of it.
            passage: As the reports have it now.
        """
        hits = self.look_up(card.question, card.report, literal=card.literal).hits if card.question else ()
        found = (hit for hit in hits if hit.passage.passage_id == passage.passage_id)
        return replace(next(found, Hit(passage, 0.0, 0)), passage=passage)

    def where(self, passages: Sequence[Passage], reader: Reader) -> list[str]:
        """Return at which places of their reports passages stand, in words; "" if unknown. Blocks."""
        places = self.desk.places([passage.passage_id for passage in passages])
        return [standing(place, reader.phrases) for place in places]

    def _notes(self, card: Card, answer: Answer, reader: Reader) -> list[str]:
        notes = []
        if answer.repairs and not card.literal:
            notes.append(reader.phrases("repaired", question=repaired(answer.question, answer.repairs)))
        listed = self.desk.report(card.report) if card.report else None
        if listed is not None:
            title = self.convert(listed.title) if reader.convert else listed.title
            notes.append(reader.phrases("in-report", report=line(title)))
        return notes


def passages_of(answer: Answer) -> tuple[Passage, ...]:
    """Return what an answer's buttons are about: its hits, else the nearest."""
    return tuple(hit.passage for hit in answer.hits) or answer.nearest


def after_command(message: Message) -> str:
    """Return what stands behind the command with which a message begins."""
    text = (message.text or "").encode("utf-16-le")
    return text[2 * message.entities[0].length :].decode("utf-16-le").strip()


def _replied_to(message: Message) -> str:
    """Return what stands in the message that a message replies to, "" when that is the bot's own."""
    replied = message.reply_to_message
    return "" if replied is None or _is_reply_to_bot(message) else (replied.text or replied.caption or "")


def _is_reply_to_bot(message: Message) -> bool:
    replied = message.reply_to_message
    return (
        replied is not None and replied.from_user is not None and replied.from_user.id == message.get_bot().id
    )


def _without_mention(message: Message) -> str | None:
    """Return a message's text without the bot's name, None when that is not in it."""
    bot = message.get_bot()
    kinds: list[str | None] = [MessageEntity.MENTION, MessageEntity.TEXT_MENTION]
    named = [
        entity
        for entity, text in message.parse_entities(kinds).items()
        if text.casefold() == f"@{bot.username}".casefold() or (entity.user and entity.user.id == bot.id)
    ]
    if not named:
        return None
    text = (message.text or "").encode("utf-16-le")
    for entity in sorted(named, key=lambda entity: -entity.offset):
        text = text[: 2 * entity.offset] + text[2 * (entity.offset + entity.length) :]
    return text.decode("utf-16-le").strip(" \t\n,，:：")

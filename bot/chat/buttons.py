"""The buttons of a card: turn a page, open a passage, what stands around it, its section, its file; judge."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.chat.asking import Asking, View, passages_of
from bot.chat.cards import context_card, matched_words, section_messages
from bot.chat.conversion import converted_hit, converted_passages
from bot.chat.documents import give_document
from bot.chat.keys import REASONS, VERB, Action, Card, Keys
from bot.chat.readers import Reader
from bot.chat.render import line, plain
from bot.chat.sending import edit, edit_buttons, send
from bot.chat.verbs import Press, Verbs, added
from bot.domain import Answer, Passage
from bot.errors import BlankQuestion, EmptyCorpus, QuestionTooLong


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of a card that was pressed.

    Attributes:
        press: The press.
        message: Below which the button stands.
        card: What is remembered.
        action: What the button does.
        reader: Who pressed.
        keys: Makes the card's buttons.
    """

    press: Press
    message: Message
    card: Card
    action: Action
    reader: Reader
    keys: Keys

    @property
    def passage_id(self) -> str | None:
        """The passage that it is about."""
        at = self.action.at
        return self.card.passages[at] if at < len(self.card.passages) else None


Do: TypeAlias = Callable[[Pressed], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class CardButtons:
    """What the buttons of cards do.

    A card's passages are found again by their content. When the reports have changed so that the card would
    be another one, it says so and offers to ask again.

    Attributes:
        asking: Makes the cards.
    """

    asking: Asking

    def register(self, verbs: Verbs) -> None:
        """Make the verb of cards known."""
        verbs.add({VERB: self.pressed})

    async def pressed(self, press: Press) -> None:
        """Do what a button of a card says."""
        actions: Mapping[str, Do] = {
            "page": self.page,
            "open": self.open,
            "near": self.near,
            "context": self.context,
            "section": self.section,
            "file": self.file,
            "why": self.why,
            "literal": self.ask_otherwise,
            "everywhere": self.ask_otherwise,
            "again": self.ask_otherwise,
            "good": self.good,
            "bad": self.bad,
            "reason": self.reason,
        }
        action = Action.of(press.action)
        do = actions.get(action.name) if action else None
        message = press.message
        if action is None or do is None or message is None:
            await press.answer(press.phrases("button-unknown"), alert=True)
            return
        reader = await self.asking.readers.of(press.query.from_user)
        keys = Keys(press.remembered, press.phrases, message.get_bot().username)
        await do(Pressed(press, message, Card.of(press.payload), action, reader, keys))

    async def page(self, one: Pressed) -> None:
        """Turn the message into a page of the answer, or into the refusal that it was."""
        answer = await self._again(one.card)
        if answer is None or not _same_page(answer, one.card, one.action.at, self.asking.hits):
            await self._outdated(one)
            return
        view = await asyncio.to_thread(
            self.asking.page, one.card, answer, one.action.at, one.keys, one.reader
        )
        await _show(one, view)

    async def open(self, one: Pressed) -> None:
        """Turn the message into one passage."""
        await self._turn(
            one,
            lambda: self.asking.passage(
                one.card, one.action.at, one.keys, one.reader, plainly=one.action.word == "plain"
            ),
        )

    async def near(self, one: Pressed) -> None:
        """Turn the message into a section that comes near to what was asked."""
        await self._turn(one, lambda: self._with_section(one))

    async def context(self, one: Pressed) -> None:
        """Turn the message into a passage between those around it."""
        await self._turn(one, lambda: self._context(one))

    async def section(self, one: Pressed) -> None:
        """Send the whole section, in as many messages as it needs."""
        messages = await asyncio.to_thread(self._section, one)
        if not messages:
            await self._outdated(one)
            return
        await one.press.answer()
        for html in messages:
            await send(one.message, html)

    async def file(self, one: Pressed) -> None:
        """Send the file in which the passage's report stands."""
        passage = await asyncio.to_thread(self.asking.desk.passage, one.passage_id or "")
        if passage is None:
            await self._outdated(one)
            return
        title = self.asking.convert(passage.report) if one.reader.convert else passage.report
        await give_document(one.press, self.asking.desk, passage.report_id, line(title))

    async def why(self, one: Pressed) -> None:
        """Tell which words of the question each passage matched, over the chat."""
        answer = await self._again(one.card, explain=True)
        first = one.action.at
        if answer is None or not _same_page(answer, one.card, first, self.asking.hits):
            await self._outdated(one)
            return
        hits = answer.hits[first : first + self.asking.hits]
        words = matched_words(hits, answer.question, first + 1)
        await one.press.answer(one.press.phrases("matched", words=words), alert=True)

    async def ask_otherwise(self, one: Pressed) -> None:
        """Ask the same again: as it was written, in all reports, or just once more."""
        name = one.action.name
        card = replace(
            one.card,
            literal=one.card.literal or name == "literal",
            report=None if name == "everywhere" else one.card.report,
        )
        answer = await self._again(card)
        if answer is None:
            await one.press.answer(one.press.phrases("no-reports"), alert=True)
            return
        card = replace(card, passages=tuple(passage.passage_id for passage in passages_of(answer)))
        card_id = await asyncio.to_thread(self.asking.remember, card, one.press.query.from_user)
        keys = replace(one.keys, card_id=card_id) if card_id else None
        await _show(one, await asyncio.to_thread(self.asking.page, card, answer, 0, keys, one.reader))

    async def good(self, one: Pressed) -> None:
        """Note a 👍."""
        await self._judge(one, good=True)
        await one.press.answer(one.press.phrases("thanks"))

    async def bad(self, one: Pressed) -> None:
        """Note a 👎 and offer to say why."""
        await self._judge(one, good=False)
        await one.press.answer(one.press.phrases("why-bad"))
        await _swap_judging(one, one.keys.reasons(one.action.at))

    async def reason(self, one: Pressed) -> None:
        """Note why it is a 👎."""
        if one.action.word in REASONS:
            await self._judge(one, good=False, reason=one.action.word)
        await one.press.answer(one.press.phrases("thanks-bad"))
        await _swap_judging(one, [one.keys.judging(one.action.at)])

    async def _judge(self, one: Pressed, *, good: bool, reason: str = "") -> None:
        if one.card.asked is not None:
            await asyncio.to_thread(
                self.asking.memory.judged,
                one.card.asked,
                user=one.press.query.from_user.id,
                passage_id=one.passage_id,
                good=good,
                reason=reason,
            )

    async def _again(self, card: Card, *, explain: bool = False) -> Answer | None:
        """Return the answer as it is now; None when nothing can be asked any more."""
        try:
            return await asyncio.to_thread(
                self.asking.look_up, card.question, card.report, literal=card.literal, explain=explain
            )
        except (BlankQuestion, EmptyCorpus, QuestionTooLong):
            return None

    async def _turn(self, one: Pressed, view: Callable[[], View | None]) -> None:
        """Turn the message into what `view`, which blocks, returns; None is for what is gone."""
        shown = await asyncio.to_thread(view)
        if shown is None:
            await self._outdated(one)
        else:
            await _show(one, shown)

    async def _outdated(self, one: Pressed) -> None:
        """Say that the reports have changed, and offer to ask again."""
        again = one.keys.again() if one.card.question else None
        await _show(one, (plain(one.press.phrases("outdated")), again))

    def _section(self, one: Pressed) -> list[str]:
        """Return the messages of a passage's section; none when the reports have it no more."""
        passages = self.asking.desk.section(one.passage_id or "")
        return list(section_messages(*self._converted(passages, one.reader))) if passages else []

    def _with_section(self, one: Pressed) -> View | None:
        """Return the section of a passage if it fits a message, else the passage."""
        view = self.asking.passage(one.card, one.action.at, one.keys, one.reader)
        messages = self._section(one)
        return (messages[0], view[1]) if view and len(messages) == 1 else view

    def _context(self, one: Pressed) -> View | None:
        view = self.asking.passage(one.card, one.action.at, one.keys, one.reader, around=True)
        around = self.asking.desk.around(one.passage_id or "")
        at = next((at for at, other in enumerate(around) if other.passage_id == one.passage_id), None)
        if view is None or at is None:
            return None
        hit = self.asking.hit(one.card, around[at])
        marks = (
            converted_hit(hit, self.asking.convert)[0].highlights if one.reader.convert else hit.highlights
        )
        passages, note = self._converted(around, one.reader)
        (where,) = self.asking.where([around[at]], one.reader)
        return context_card(passages, at, one.press.phrases, marks=marks, where=where, note=note), view[1]

    def _converted(self, passages: Sequence[Passage], reader: Reader) -> tuple[Sequence[Passage], str]:
        """Return passages as somebody reads them, and a line that says so if they are not as written."""
        shown, changed = converted_passages(passages, self.asking.convert if reader.convert else None)
        return shown, reader.phrases("converted") if changed else ""


def _same_page(answer: Answer, card: Card, at: int, hits: int) -> bool:
    """Tell whether the page with passage `at` would show what the card was made for."""
    start = at // hits * hits
    page = slice(start, start + hits)
    now = tuple(passage.passage_id for passage in passages_of(answer))
    return now[page] == card.passages[page] and bool(now[page] or not card.passages)


async def _show(one: Pressed, view: View) -> None:
    await edit(one.message, *view)


async def _swap_judging(one: Pressed, rows: list[list[InlineKeyboardButton]]) -> None:
    """Put rows in place of those that judge; the other buttons stay."""
    present = one.message.reply_markup.inline_keyboard if one.message.reply_markup else ()
    places = [at for at, row in enumerate(present) if _judges(row[0])]
    if places:
        before, after = present[: places[0]], present[places[-1] + 1 :]
        await edit_buttons(one.message, InlineKeyboardMarkup([*before, *rows, *after]))


def _judges(button: InlineKeyboardButton) -> bool:
    data = button.callback_data if isinstance(button.callback_data, str) else ""
    action = Action.of(added(data))
    return action is not None and action.name in {"good", "bad", "reason"}

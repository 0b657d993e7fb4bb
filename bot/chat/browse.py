"""/reports: reports, their sections and what stands there, in one message that is edited in place."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import CommandHandler, filters

from bot.chat import contents
from bot.chat.contents import Page, Part
from bot.chat.conversion import Convert, converted_passages
from bot.chat.desk import Shelf
from bot.chat.documents import give_document
from bot.chat.language import Phrases
from bot.chat.memory import Memory
from bot.chat.readers import Reader, Readers
from bot.chat.render import cited_html, line, plain
from bot.chat.scope import Scopes
from bot.chat.sending import edit, send
from bot.chat.verbs import App, Button, Context, Payload, Press, Verb, Verbs, keyboard
from bot.domain import Listed, Passage

REPORTS_A_PAGE = 8
PARTS_A_PAGE = 10
_NUMBERS_A_ROW = 5
_FIGURES = re.compile("[0-9]+")

View: TypeAlias = tuple[str, list[list[Button]]]
"""HTML and the rows of buttons below it."""


def report_payload(report_id: str, title: str, page: int = 0) -> Payload:
    """Return what a button means that opens a report's outline."""
    return {"do": "report", "report": report_id, "title": title, "page": page}


def section_payload(passage: Passage, *, plain: bool = False) -> Payload:
    """Return what a button means that opens a passage's section where the passage stands.

    Args:
        passage: As the reports have it.
        plain: Show it as written, also to those who read Traditional characters.
    """
    return {"do": "section", "passage": passage.passage_id, "title": passage.report, "plain": plain}


@dataclass(frozen=True, slots=True)
class Browsing:
    """Reading without a question.

    Attributes:
        shelf: Where the reports stand.
        memory: What the buttons mean.
        readers: How people read.
        scopes: In which report people ask.
        convert: Simplified → Traditional.
    """

    shelf: Shelf
    memory: Memory
    readers: Readers
    scopes: Scopes
    convert: Convert

    def register(self, app: App, verbs: Verbs) -> None:
        """Put the command into `app`, the buttons into `verbs`."""
        app.add_handler(CommandHandler("reports", self.reports, filters=filters.UpdateType.MESSAGE))
        known: dict[str, Verb] = {
            "reports": self.show_reports,
            "report": self.show_report,
            "section": self.show_section,
            "within": self.within,
            "leave": self.leave,
            "document": self.document,
        }
        verbs.add(known)

    async def reports(self, update: Update, _: Context) -> None:
        """Send the list of reports."""
        if update.message is not None:
            await self.offer(update.message)

    async def offer(self, message: Message, *, above: str = "") -> None:
        """Send the list of reports where `message` stands, below the text named `above` if there is one."""
        reader = await self.readers.of(message.from_user)
        html, rows = await asyncio.to_thread(self._reports, 0, reader.phrases, convert=reader.convert)
        if above and rows:
            html = f"{plain(reader.phrases(above))}\n\n{html}"
        await send(message, html, await keyboard(self.memory, rows) if rows else None)

    async def show_reports(self, press: Press) -> None:
        """Turn the message into a page of the list of reports."""
        number = press.payload["page"]
        view = await asyncio.to_thread(self._reports, number, press.phrases, convert=press.convert)
        await self._show(press, view)

    async def show_report(self, press: Press) -> None:
        """Turn the message into a page of a report's outline."""
        await self._show(press, await asyncio.to_thread(self._report, press))

    async def show_section(self, press: Press) -> None:
        """Turn the message into what stands in a section."""
        await self._show(press, await asyncio.to_thread(self._section, press))

    async def within(self, press: Press) -> None:
        """Have the questions of the one who pressed looked up in one report from now on."""
        listed = await asyncio.to_thread(self._find, press.payload)
        if listed is None or press.message is None:
            await self._show(press, None)
            return
        reader = await self.readers.of(press.query.from_user)
        await self.enter(press.message, press.query.from_user.id, listed, reader)

    async def enter(self, message: Message, user: int, listed: Listed, reader: Reader) -> None:
        """Have a user's questions looked up in one report from now on, and say so."""
        self.scopes.enter(user, message.chat_id, listed.report_id)
        phrases = reader.phrases
        name = "within" if message.chat.type == ChatType.PRIVATE else "within-group"
        html = plain(phrases(name, report=self._title(listed.title, convert=reader.convert)))
        leave = (phrases("within-leave"), {"do": "leave", "edit": True})
        await send(message, html, await keyboard(self.memory, [[leave]]))

    async def leave(self, press: Press) -> None:
        """Have questions looked up in all reports again."""
        message = press.message
        if message is not None:
            self.scopes.leave(press.query.from_user.id, message.chat_id)
            if press.payload.get("edit"):
                await edit(message, plain(press.phrases("left")))
        await press.answer(press.phrases("left"))

    async def document(self, press: Press) -> None:
        """Send the file in which a report stands."""
        listed = await asyncio.to_thread(self._find, press.payload)
        if listed is None or press.message is None:
            await self._show(press, None)
            return
        title = self._title(listed.title, convert=press.convert)
        await give_document(press, self.shelf, listed.report_id, title)

    async def _show(self, press: Press, view: View | None) -> None:
        """Turn the message into a view; None stands for what is no longer there."""
        if press.message is None:
            await press.answer(press.phrases("button-unknown"), alert=True)
            return
        html, rows = view or _gone(press.phrases)
        await edit(press.message, html, await keyboard(self.memory, rows))

    def _reports(self, number: int, phrases: Phrases, *, convert: bool) -> View:
        listed = self.shelf.reports()
        if not listed:
            return plain(phrases("no-reports")), []
        shown, page = contents.page(listed, number, REPORTS_A_PAGE)
        titles = [
            [(self._title(one.title, convert=convert), report_payload(one.report_id, one.title))]
            for one in shown
        ]
        turn = _turn(page, phrases, [{"do": "reports", "page": at} for at in range(page.count)])
        heading = f"<b>{plain(phrases('reports-title', count=len(listed)))}</b>"
        return "\n".join([heading, *_page_line(page, phrases)]), [*titles, turn]

    def _report(self, press: Press) -> View | None:
        listed = self._find(press.payload)
        parts = contents.parts(self.shelf.passages(listed.report_id)) if listed else ()
        if listed is None or not parts:
            return None
        phrases = press.phrases
        shown, page = contents.page(parts, press.payload["page"], PARTS_A_PAGE)
        lines = list(contents.outline(shown))
        if press.convert:
            lines = list(map(self.convert, lines))
        heading = f"<b>《{plain(self._title(listed.title, convert=press.convert))}》</b>"
        count = plain(phrases("report-sections", count=len(parts)))
        number = self._number(listed)
        alone = ["", plain(phrases("report-alone", number=number))] if number else []
        outline = [plain(one) for one in lines]
        text = [heading, count, "", *outline, *_page_line(page, phrases), *alone]
        numbers: list[Button] = [(str(part.number), section_payload(part.passages[0])) for part in shown]
        named = {"report": listed.report_id, "title": listed.title}
        return "\n".join(text), [
            *(numbers[at : at + _NUMBERS_A_ROW] for at in range(0, len(numbers), _NUMBERS_A_ROW)),
            _turn(
                page,
                phrases,
                [report_payload(listed.report_id, listed.title, at) for at in range(page.count)],
            ),
            [
                (phrases("report-within"), {"do": "within", **named}),
                (phrases("report-document"), {"do": "document", **named}),
            ],
            [(phrases("all-reports"), {"do": "reports", "page": self._page_of(listed)})],
        ]

    def _section(self, press: Press) -> View | None:
        here = self.shelf.passage(press.payload["passage"])
        # The same words may stand in two reports, and an id then passes from one to the other.
        if here is None or here.report != press.payload["title"]:
            return None
        part = _part_of(contents.parts(self.shelf.passages(here.report_id)), here)
        if part is None:
            return None
        phrases, plainly = press.phrases, press.payload["plain"]
        pages = contents.pages(part.passages)
        number = next(at for at, shown in enumerate(pages) if here in shown)
        page = Page(number, len(pages))
        convert = self.convert if press.convert else None
        shown, changed = converted_passages(pages[number], convert)
        note = phrases("converted") if changed and not plainly else ""
        html = cited_html(pages[number] if plainly else shown, note=note)
        turn = _turn(page, phrases, [section_payload(one[0], plain=plainly) for one in pages])
        back = report_payload(here.report_id, here.report, (part.number - 1) // PARTS_A_PAGE)
        other = phrases("as-traditional" if plainly else "original")
        swap: list[Button] = [(other, section_payload(here, plain=not plainly))] if changed else []
        rows = [turn, [(phrases("back"), back), *swap]]
        return "\n".join([html, *_page_line(page, phrases)]), rows

    def _find(self, payload: Payload) -> Listed | None:
        """Return the report that a button means: of this id and title, or the only one of this title."""
        listed = self.shelf.report(payload["report"])
        if listed is not None and listed.title == payload["title"]:
            return listed
        same = [one for one in self.shelf.reports() if one.title == payload["title"]]
        return same[0] if len(same) == 1 else None

    def _page_of(self, listed: Listed) -> int:
        ids = [one.report_id for one in self.shelf.reports()]
        return ids.index(listed.report_id) // REPORTS_A_PAGE if listed.report_id in ids else 0

    def _number(self, listed: Listed) -> str:
        """Return the figures by which a report can be named, those of its file's name; "" for none."""
        found = _FIGURES.match(Path(listed.source).name)
        if found is None or self.shelf.report(found[0]) != listed:
            return ""
        return found[0]

    def _title(self, title: str, *, convert: bool) -> str:
        return line(self.convert(title) if convert else title)


def _part_of(parts: Sequence[Part], passage: Passage) -> Part | None:
    return next((part for part in parts if passage in part.passages), None)


def _turn(page: Page, phrases: Phrases, payloads: Sequence[Payload]) -> list[Button]:
    """Return the buttons to the pages before and after; `payloads` has one for each page."""
    before: list[Button] = [(phrases("previous"), payloads[page.number - 1])] if page.number else []
    is_last = page.number + 1 == page.count
    after: list[Button] = [] if is_last else [(phrases("next"), payloads[page.number + 1])]
    return before + after


def _page_line(page: Page, phrases: Phrases) -> list[str]:
    return [phrases("page", page=page.number + 1, pages=page.count)] if page.count > 1 else []


def _gone(phrases: Phrases) -> View:
    again: Button = (phrases("all-reports"), {"do": "reports", "page": 0})
    return plain(phrases("updated-reports")), [[again]]

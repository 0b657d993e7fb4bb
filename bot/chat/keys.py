"""What is remembered of a card, and the buttons below it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.chat.cards import heading, numeral
from bot.chat.language import Phrases
from bot.chat.verbs import callback_data
from bot.domain import Passage

VERB = "card"
"""What `do` is in a card's payload."""
REASONS = ("passage", "outdated", "incomplete", "other")
"""Why an answer is no good, in the order of their buttons."""

_ACTION = re.compile(r"(?P<name>[a-z]+)(?:\.(?P<at>[0-9]{1,3}))?(?:\.(?P<word>[a-z]+))?")


@dataclass(frozen=True, slots=True)
class Card:
    """What is remembered of a card, so that its buttons do the same after a restart and after a refresh.

    Attributes:
        passages: Ids of those that it is about, best first, on later pages as well. Of a refused question
            those that come nearest. Ids are made from what passages say.
        question: As asked; "" for a passage that was opened by a link.
        report: Where it was looked up, None for all reports.
        literal: Whether nothing was repaired.
        asked: The question's number in the journal, None when it is not there.
    """

    passages: tuple[str, ...]
    question: str = ""
    report: str | None = None
    literal: bool = False
    asked: int | None = None

    def payload(self) -> dict[str, Any]:
        """Return it as a button's payload."""
        return {
            "do": VERB,
            "passages": list(self.passages),
            "question": self.question,
            "report": self.report,
            "literal": self.literal,
            "asked": self.asked,
        }

    @staticmethod
    def of(payload: Mapping[str, Any]) -> "Card":
        """Return the card of a payload."""
        return Card(
            tuple(payload["passages"]),
            payload["question"],
            payload["report"],
            payload["literal"],
            payload["asked"],
        )


@dataclass(frozen=True, slots=True)
class Action:
    """What one of a card's buttons does.

    Attributes:
        name: For example "open".
        at: 0-based: which of the card's passages, or which page.
        word: What else there is to say: a reason, "plain", or "".
    """

    name: str
    at: int = 0
    word: str = ""

    def __str__(self) -> str:
        return f"{self.name}.{self.at}" + (f".{self.word}" if self.word else "")

    @staticmethod
    def of(text: str) -> "Action | None":
        """Return what a button adds to its card, None for what no button adds."""
        found = _ACTION.fullmatch(text)
        return Action(found["name"], int(found["at"] or 0), found["word"] or "") if found else None


class Key(InlineKeyboardButton):
    """A button that does something with its card."""

    __slots__ = ()

    def to_dict(self, recursive: bool = True) -> dict[str, Any]:  # noqa: ARG002 - the library's own
        """Return it as Telegram takes it; the library looks through all that a button can be."""
        return {"text": self.text, "callback_data": self.callback_data}


@dataclass(frozen=True, slots=True)
class Keys:
    """Makes the buttons of one card.

    Attributes:
        card_id: Under which the card is remembered.
        phrases: In the language of who reads.
        username: Of the bot, for links to it.
    """

    card_id: str
    phrases: Phrases
    username: str

    def key(self, label: str, action: Action) -> InlineKeyboardButton:
        """Return a button that does something with the card."""
        return Key(label, callback_data=callback_data(self.card_id, str(action)))

    def answer(
        self,
        shown: Sequence[Passage],
        first: int,
        count: int,
        *,
        repaired: bool,
        scoped: bool,
        judged: bool,
    ) -> InlineKeyboardMarkup:
        """Return the buttons below a page of an answer.

        Args:
            shown: The page's passages.
            first: 0-based place of the first of them among all.
            count: Of all passages.
            repaired: Whether something was looked up for what was mistyped.
            scoped: Whether only one report was asked.
            judged: Whether the answer can be judged.
        """
        phrases, size = self.phrases, len(shown)
        places = range(first, first + size)
        if size == 1:
            opening = self._reading(shown[0], first)
        else:
            opening = [
                [self.key(phrases("open", number=numeral(at + 1)), Action("open", at)) for at in places]
            ]
        turning = [self.key(phrases("fewer"), Action("page", first - 1))] if first else []
        turning.append(self.key(phrases("why"), Action("why", first)))
        if first + size < count:
            turning.append(self.key(phrases("more"), Action("page", first + size)))
        rows = [*opening, turning, *self._otherwise(repaired=repaired, scoped=scoped)]
        if judged:
            rows.append(self.judging(first))
        return InlineKeyboardMarkup(rows)

    def judging(self, at: int) -> list[InlineKeyboardButton]:
        """Return the buttons that judge passage `at`."""
        return [self.key("👍", Action("good", at)), self.key("👎", Action("bad", at))]

    def reasons(self, at: int) -> list[list[InlineKeyboardButton]]:
        """Return the buttons that say why passage `at` is no good, two a row."""
        keys = [
            self.key(self.phrases(f"reason-{reason}"), Action("reason", at, reason)) for reason in REASONS
        ]
        return [keys[:2], keys[2:]]

    def passage(
        self, passage: Passage, at: int, *, back: bool, swap: str, judged: bool, around: bool = False
    ) -> InlineKeyboardMarkup:
        """Return the buttons below one passage.

        Args:
            passage: As the reports have it.
            at: Its place in the card.
            back: Whether it was opened from an answer.
            swap: "plain" or "converted": the characters that it can be shown in instead; "" for none.
            judged: Whether the answer can be judged.
            around: Whether what stands around it is shown already.
        """
        rows = self._reading(passage, at, around=around)
        rows[-1].append(self.key(self.phrases("report-document"), Action("file", at)))
        if swap:
            label = self.phrases("original" if swap == "plain" else "as-traditional")
            rows.append([self.key(label, Action("open", at, swap))])
        if judged:
            rows.append(self.judging(at))
        if back:
            rows.append([self.key(self.phrases("back"), Action("page", at))])
        return InlineKeyboardMarkup(rows)

    def nearest(
        self, passages: Sequence[Passage], *, repaired: bool, scoped: bool
    ) -> InlineKeyboardMarkup | None:
        """Return buttons to the sections that come nearest to a refused question."""
        rows = [[self.key(heading(passage), Action("near", at))] for at, passage in enumerate(passages)]
        rows += self._otherwise(repaired=repaired, scoped=scoped)
        return InlineKeyboardMarkup(rows) if rows else None

    def again(self) -> InlineKeyboardMarkup:
        """Return the button that asks again."""
        return InlineKeyboardMarkup([[self.key(self.phrases("ask-again"), Action("again"))]])

    def _otherwise(self, *, repaired: bool, scoped: bool) -> list[list[InlineKeyboardButton]]:
        """Return the buttons that ask the same otherwise, one a row."""
        rows = []
        if repaired:
            rows.append([self.key(self.phrases("literal"), Action("literal"))])
        if scoped:
            rows.append([self.key(self.phrases("everywhere"), Action("everywhere"))])
        return rows

    def _reading(
        self, passage: Passage, at: int, *, around: bool = False
    ) -> list[list[InlineKeyboardButton]]:
        phrases = self.phrases
        link = f"https://t.me/{self.username}?start=p_{passage.passage_id}"
        share = f"https://t.me/share/url?url={quote(link, safe='')}&text={quote(heading(passage), safe='')}"
        return [
            [
                self.key(phrases("passage-only"), Action("open", at))
                if around
                else self.key(phrases("context"), Action("context", at)),
                self.key(phrases("whole-section"), Action("section", at)),
            ],
            [InlineKeyboardButton(phrases("share"), url=share)],
        ]

"""A memory for tests: what the journal does, without its file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from bot.journal.nouns import Asked, Written


@dataclass
class Notebook:
    """Remembers buttons and languages while the test lasts."""

    buttons: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    languages: dict[int, str] = field(default_factory=dict)
    questions: list[tuple[str, int | None, int | None, str, str]] = field(default_factory=list)
    judgements: dict[tuple[int, int, str | None], tuple[bool, str]] = field(default_factory=dict)

    near = False

    def remember(self, payload: Mapping[str, Any], *, user: int | None) -> str:
        written = json.dumps([payload, user], sort_keys=True)
        button = sha256(written.encode()).hexdigest()[:16]
        self.buttons[button] = json.loads(written)[0]
        return button

    def recall(self, button: str) -> Mapping[str, Any] | None:
        return self.buttons.get(button)

    def language(self, user: int) -> str | None:
        return self.languages.get(user)

    def set_language(self, user: int, language: str) -> None:
        self.languages[user] = language

    def asked(self, questions: Sequence[Asked]) -> list[Written]:
        return list(map(self._asked, questions))

    def _asked(self, asked: Asked) -> Written:
        self.questions.append((asked.answer.question, asked.user, asked.chat, asked.language, asked.via))
        number = len(self.questions)
        card = {**asked.card, "asked": number} if asked.card is not None else None
        return Written(number, self.remember(card, user=asked.user) if card else "")

    def judged(
        self, question: int, *, user: int, passage_id: str | None, good: bool, reason: str = ""
    ) -> None:
        self.judgements[question, user, passage_id] = (good, reason)

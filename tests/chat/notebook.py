"""A memory for tests: what the journal does, without its file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any


@dataclass
class Notebook:
    """Remembers buttons and languages while the test lasts."""

    buttons: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    languages: dict[int, str] = field(default_factory=dict)

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

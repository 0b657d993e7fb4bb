"""What the bot says about itself: its name, descriptions and command lists."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Scope: TypeAlias = tuple[str, *tuple[int, ...]]
"""Where a command list holds: the scope's type and the ids of its chat and member."""


class About(StrEnum):
    """The texts a bot has, by the name of their parameter."""

    NAME = "name"
    DESCRIPTION = "description"
    SHORT_DESCRIPTION = "short_description"


@dataclass(frozen=True, slots=True)
class Command:
    """A command as the menu shows it, without the slash."""

    command: str
    description: str


@dataclass(slots=True)
class Profile:
    """The lists and texts by language; "" is for every language without its own.

    Callers hold the world's lock.
    """

    commands: dict[tuple[Scope, str], tuple[Command, ...]] = field(default_factory=dict)
    texts: dict[tuple[About, str], str] = field(default_factory=dict)

    def text(self, about: About, language: str) -> str:
        """Return a text in `language`, else the one for every language, else ""."""
        return self.texts.get((about, language)) or self.texts.get((about, ""), "")

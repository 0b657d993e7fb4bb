"""How each person reads: the language of the bot's own words, and the characters of the passages."""

import asyncio
from dataclasses import dataclass

from telegram import User

from bot.chat.language import Catalog, Phrases
from bot.chat.memory import Memory

TRADITIONAL = "zh-Hant"
CONVERTED = "zh-Hant-t-zh-hans"
"""BCP 47 for Traditional Chinese made from Simplified: the passages are to be converted as well."""
LANGUAGES = ("zh", TRADITIONAL, "en")
"""That can be chosen; each has its own name in `texts/`."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How a person reads.

    Attributes:
        language: What they chose, else what Telegram says of them; "" when neither is known.
        phrases: What the bot says, in that language.
    """

    language: str
    phrases: Phrases

    @property
    def speaks(self) -> str:
        """The one of `LANGUAGES` that the bot speaks to them."""
        tag = self.language.lower()
        if tag.startswith("en"):
            return "en"
        traditional = tag.startswith(("zh-hant", "zh-tw", "zh-hk", "zh-mo"))
        return TRADITIONAL if traditional else "zh"

    @property
    def convert(self) -> bool:
        """Whether passages are to be shown in Traditional characters."""
        return self.language == CONVERTED


class Readers:
    """Everybody who reads."""

    def __init__(self, catalog: Catalog, memory: Memory) -> None:
        """Read the bot's words from `catalog` and people's choices from `memory`."""
        self._catalog = catalog
        self._memory = memory

    async def of(self, user: User | None) -> Reader:
        """Return how a user reads; None is somebody unknown, for example a channel."""
        chosen = await asyncio.to_thread(self._memory.language, user.id) if user else None
        language = chosen or (user.language_code if user else None) or ""
        return Reader(language, self._catalog.of(language))

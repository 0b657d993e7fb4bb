"""How each person reads: the language of the bot's own words, and the characters of the passages."""

import asyncio
import logging
from dataclasses import dataclass

from telegram import User

from bot.chat.language import Catalog, Phrases, spoken
from bot.chat.memory import Memory
from bot.errors import WenbaoError

CONVERTED = "zh-Hant-t-zh-hans"
"""BCP 47 for Traditional Chinese made from Simplified: the passages are to be converted as well."""

_LOG = logging.getLogger(__name__)


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
        return spoken(self.language)

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
        """Return how a user reads; None is somebody unknown, for example a channel.

        When their choice cannot be read it is as if there were none: they are answered all the same.
        """
        return await asyncio.to_thread(self.reader, user)

    def reader(self, user: User | None) -> Reader:
        """Return the same as `of`, in a thread of one's own. Blocks."""
        language = (self._chosen(user) or user.language_code or "") if user else ""
        return Reader(language, self._catalog.of(language))

    def _chosen(self, user: User) -> str | None:
        try:
            return self._memory.language(user.id)
        except WenbaoError as error:
            _LOG.error("a choice of language cannot be read: %s", error)
            return None

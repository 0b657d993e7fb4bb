"""What the bot says, in the user's language: `texts/*.ftl`, one file a language."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from fluent.runtime import FluentBundle, FluentResource

SIMPLIFIED, TRADITIONAL, ENGLISH = "zh", "zh-Hant", "en"
LANGUAGES = (SIMPLIFIED, TRADITIONAL, ENGLISH)
"""Each has its texts, and its own name among them."""

_LOCALES: Mapping[str, str] = {SIMPLIFIED: "zh-CN", TRADITIONAL: "zh-TW", ENGLISH: "en-GB"}
# A card has ten, and most are on every card.
_PHRASES_KEPT = 1024
_TRADITIONAL_TAGS = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


def spoken(tag: str | None) -> str:
    """Return the one of `LANGUAGES` in which to speak to somebody; Simplified Chinese if none fits.

    Args:
        tag: IETF tag of what they chose or of what Telegram says of them, for example "en-GB"; may be empty.
    """
    tag = (tag or "").lower()
    if tag.startswith("en"):
        return ENGLISH
    return TRADITIONAL if tag.startswith(_TRADITIONAL_TAGS) else SIMPLIFIED


class Phrases:
    """The messages of one language."""

    def __init__(self, name: str) -> None:
        """Read `texts/<name>.ftl`; `name` is one of `LANGUAGES`."""
        text = files("bot.chat").joinpath("texts", f"{name}.ftl").read_text(encoding="utf-8")
        # Telegram would count the invisible marks of isolation and carry them into copied text.
        self._bundle = FluentBundle([_LOCALES[name]], use_isolating=False)
        self._bundle.add_resource(FluentResource(text))
        self._said = lru_cache(maxsize=_PHRASES_KEPT)(self._say)

    def __call__(self, name: str, **values: str | int) -> str:
        """Return message `name` with its placeholders filled.

        Raises:
            LookupError: There is no such message, or a placeholder has no value.
        """
        return self._said(name, **values)

    def _say(self, name: str, **values: str | int) -> str:
        pattern = self._bundle.get_message(name).value
        if pattern is None:
            raise LookupError(f"message {name} has no text")
        text, errors = self._bundle.format_pattern(pattern, values)
        if errors:
            raise LookupError(f"message {name}: {errors[0]}")
        return str(text)


class Catalog:
    """All languages, read once."""

    def __init__(self) -> None:
        """Read the texts of every language."""
        self._phrases = {name: Phrases(name) for name in LANGUAGES}

    def of(self, tag: str | None) -> Phrases:
        """Return the texts in which to speak to somebody; see `spoken`."""
        return self._phrases[spoken(tag)]

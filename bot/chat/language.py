"""What the bot says, in the user's language: `texts/*.ftl`, one file a language."""

from collections.abc import Mapping
from importlib.resources import files

from fluent.runtime import FluentBundle, FluentResource

_FILES: Mapping[str, str] = {"zh": "zh-CN", "en": "en-GB"}


class Phrases:
    """The messages of one language."""

    def __init__(self, name: str) -> None:
        """Read `texts/<name>.ftl`; `name` is "zh" or "en"."""
        text = files("bot.chat").joinpath("texts", f"{name}.ftl").read_text(encoding="utf-8")
        # Telegram would count the invisible marks of isolation and carry them into copied text.
        self._bundle = FluentBundle([_FILES[name]], use_isolating=False)
        self._bundle.add_resource(FluentResource(text))

    def __call__(self, name: str, **values: str | int) -> str:
        """Return message `name` with its placeholders filled.

        Raises:
            LookupError: There is no such message, or a placeholder has no value.
        """
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
        self._phrases = {name: Phrases(name) for name in _FILES}

    def of(self, language_code: str | None) -> Phrases:
        """Return English for "en" and its regions, Chinese for everything else.

        Args:
            language_code: IETF tag of a Telegram user, for example "en-GB"; None when Telegram gives none.
        """
        return self._phrases["en" if (language_code or "").lower().startswith("en") else "zh"]

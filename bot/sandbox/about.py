"""The bot's name and descriptions."""

from dataclasses import dataclass

from bot.sandbox.commands import language
from bot.sandbox.context import Context
from bot.sandbox.nouns import JsonObject
from bot.sandbox.parameters import Text
from bot.sandbox.profile import About
from bot.sandbox.refusals import stricter

_LONGEST = {About.NAME: 64, About.DESCRIPTION: 512, About.SHORT_DESCRIPTION: 120}


@dataclass(frozen=True, slots=True)
class SetMyName:
    """Of setMyName."""

    name: Text = ""
    language_code: Text = ""


@dataclass(frozen=True, slots=True)
class SetMyDescription:
    """Of setMyDescription."""

    description: Text = ""
    language_code: Text = ""


@dataclass(frozen=True, slots=True)
class SetMyShortDescription:
    """Of setMyShortDescription."""

    short_description: Text = ""
    language_code: Text = ""


@dataclass(frozen=True, slots=True)
class InLanguage:
    """Of the methods that return one of the texts."""

    language_code: Text = ""


def set_my_name(context: Context, given: SetMyName) -> bool:
    """Set the name, at most 64 characters; "" takes the one of the language back."""
    return _set(context, About.NAME, given.name, given.language_code)


def set_my_description(context: Context, given: SetMyDescription) -> bool:
    """Set what an empty chat shows, at most 512 characters."""
    return _set(context, About.DESCRIPTION, given.description, given.language_code)


def set_my_short_description(context: Context, given: SetMyShortDescription) -> bool:
    """Set what the profile page shows, at most 120 characters."""
    return _set(context, About.SHORT_DESCRIPTION, given.short_description, given.language_code)


def get_my_name(context: Context, given: InLanguage) -> JsonObject:
    """Return the name in a language, else the account's."""
    named = _get(context, About.NAME, given.language_code)
    return named if named["name"] else {"name": context.world.bot.first_name}


def get_my_description(context: Context, given: InLanguage) -> JsonObject:
    """Return the description in a language, else the one for all, else ""."""
    return _get(context, About.DESCRIPTION, given.language_code)


def get_my_short_description(context: Context, given: InLanguage) -> JsonObject:
    """Return the short description in a language, else the one for all, else ""."""
    return _get(context, About.SHORT_DESCRIPTION, given.language_code)


def _set(context: Context, about: About, text: str, code: str) -> bool:
    if len(text) > _LONGEST[about]:
        raise stricter(f"{about} is longer than {_LONGEST[about]}")
    with context.world.bell.lock:
        context.profile.texts[about, language(code)] = text
    return True


def _get(context: Context, about: About, code: str) -> JsonObject:
    with context.world.bell.lock:
        return {about.value: context.profile.text(about, language(code))}

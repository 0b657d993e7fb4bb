"""The texts: the same messages in each language, and the right language for a user."""

import functools
import re
from importlib.resources import files

import opencc
import pytest
from fluent.syntax import FluentParser, ast
from fluent.syntax.serializer import serialize_message

from bot.chat.commands import ADMINS, PRIVATE
from bot.chat.language import LANGUAGES, SIMPLIFIED, TRADITIONAL, Catalog, Phrases


@functools.cache
def messages(language: str) -> dict[str, ast.Message]:
    text = files("bot.chat").joinpath("texts", f"{language}.ftl").read_text(encoding="utf-8")
    body = FluentParser().parse(text).body
    assert not [entry for entry in body if isinstance(entry, ast.Junk)]
    return {entry.id.name: entry for entry in body if isinstance(entry, ast.Message)}


def placeholders(language: str, name: str) -> frozenset[str]:
    return frozenset(re.findall(r"\{ \$([a-z]+) \}", serialize_message(messages(language)[name])))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_the_same_messages(language: str) -> None:
    """What can be said in one language can be said in each, of the same things."""
    assert messages(language).keys() == messages(SIMPLIFIED).keys()
    for name in messages(SIMPLIFIED):
        assert placeholders(language, name) == placeholders(SIMPLIFIED, name), name


def test_traditional_texts_have_no_simplified_characters() -> None:
    """But for the names of the languages, which stand in their own characters."""
    convert = opencc.OpenCC("s2tw").convert
    phrases = Phrases(TRADITIONAL)
    for name in messages(TRADITIONAL).keys() - {"language-zh", "language-choose"}:
        text = phrases(name, **dict.fromkeys(placeholders(TRADITIONAL, name), ""))
        assert convert(text) == text, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_message_can_be_said(language: str) -> None:
    """Each message renders, without marks of isolation, and fits a Telegram message."""
    phrases = Phrases(language)
    for name in messages(language):
        text = phrases(name, **dict.fromkeys(placeholders(language, name), "投诉"))
        assert text.strip()
        assert not set(text) & set("\u2068\u2069{}")
        assert len(text) <= 600


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_fit_where_telegram_puts_them(language: str) -> None:
    """A field's placeholder has at most 64 characters, a command's description 256."""
    phrases = Phrases(language)
    assert len(phrases("placeholder")) <= 64
    assert all(len(phrases(f"command-{name}")) <= 256 for name in (*PRIVATE, *ADMINS))
    assert all(len(phrases(name)) <= 200 for name in ("button-unknown", "thanks", "why-bad", "thanks-bad"))


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en", "en"),
        ("en-US", "en"),
        ("EN", "en"),
        ("zh-hans", "zh"),
        ("de", "zh"),
        ("", "zh"),
        (None, "zh"),
        ("zh-Hant", "zh-Hant"),
        ("zh-hant-t-zh-hans", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("zh-hk", "zh-Hant"),
    ],
)
def test_simplified_chinese_is_the_default(code: str | None, language: str) -> None:
    """English and Traditional Chinese for those who have set them, Simplified for everybody else."""
    assert Catalog().of(code)("start") == Phrases(language)("start")


def test_an_unknown_message_is_an_error() -> None:
    """A misspelt name is noticed where it is used."""
    with pytest.raises(LookupError):
        Phrases("en")("no-such-message")


def test_a_placeholder_without_a_value_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is shown a hole in a sentence, nor a message that has only attributes."""
    broken = "hole = { $missing }\nattributes =\n    .title = x\n"
    monkeypatch.setattr("bot.chat.language.FluentResource", lambda _: FluentParserResource(broken))
    phrases = Phrases("en")
    with pytest.raises(LookupError, match="hole"):
        phrases("hole")
    with pytest.raises(LookupError, match="no text"):
        phrases("attributes")


def FluentParserResource(text: str) -> ast.Resource:  # noqa: N802
    return FluentParser().parse(text)

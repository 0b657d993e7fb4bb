"""The parse mode HTML: Telegram's small dialect and its error messages.

Offsets in messages count the bytes of the source in UTF-8. The behaviour follows the documented rules
(https://core.telegram.org/bots/api#html-style) and the messages a bot is really sent.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from bot.sandbox.links import LinkError, check_link, user_of
from bot.sandbox.nouns import Entity
from bot.sandbox.utf16 import units

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "b": "bold",
        "strong": "bold",
        "i": "italic",
        "em": "italic",
        "u": "underline",
        "ins": "underline",
        "s": "strikethrough",
        "strike": "strikethrough",
        "del": "strikethrough",
        "code": "code",
        "pre": "pre",
        "a": "text_link",
        "span": "spoiler",
        "tg-spoiler": "spoiler",
        "tg-emoji": "custom_emoji",
        "blockquote": "blockquote",
    }
)
"""The tags that exist, and the entity each makes."""

_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_SPACES = " \t\r\n\0\v"
_END = "\0"  # what is read behind the last character; Telegram takes it for a space
_PLAIN = re.compile(r"[^<&]+")
_NAME = re.compile(rf"[^{_SPACES}>]*")
_ATTRIBUTE = re.compile(rf"[^{_SPACES}=>/\"']*")
_TOKEN = re.compile(r"[A-Za-z0-9.-]*")
_BLANK = re.compile(r"[ \t\r\n\v]*")
_REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]{1,7})|#([0-9]{1,8})|([A-Za-z]+));?")
_INT64 = 2**63


class MarkupError(ValueError):
    """A text is not well-formed in its parse mode; the message is Telegram's."""


@dataclass(frozen=True, slots=True)
class _Open:
    tag: str
    argument: str
    offset: int  # UTF-16 units
    length: int  # characters of the text so far
    rank: int


def parse_html(source: str) -> tuple[str, tuple[Entity, ...]]:
    """Return the text without its tags, and the entities they made, by (offset, −length).

    Args:
        source: Text in the parse mode HTML.

    Raises:
        MarkupError: a tag is unknown, malformed, not closed or closed by another.
    """
    return _Html(source).parse()


def decode_references(value: str) -> str:
    """Return `value` with the four named and all numeric character references replaced."""
    return _REFERENCE.sub(lambda found: _decode(found) or found[0], value)


class _Html:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.text = ""
        self.offset = 0
        self.rank = 0
        self.open: list[_Open] = []
        self.closed: list[tuple[int, Entity]] = []

    def parse(self) -> tuple[str, tuple[Entity, ...]]:
        while self.at < len(self.source):
            match self.source[self.at]:
                case "<" if self.source.startswith("/", self.at + 1):
                    self._end_tag()
                case "<":
                    self._start_tag()
                case "&":
                    self._reference()
                case _:
                    self._write(self._take(_PLAIN))
        if self.open:
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        if any("\ud800" <= character <= "\udfff" for character in self.text):
            raise MarkupError(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            )
        return self.text, _ordered(self.closed)

    def _peek(self) -> str:
        return self.source[self.at] if self.at < len(self.source) else _END

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.source, self.at)
        self.at = found.end() if found else self.at
        return found[0] if found else ""

    def _write(self, text: str) -> None:
        self.text += text
        self.offset += units(text)

    def _byte(self, at: int) -> str:
        return f"at byte offset {len(self.source[:at].encode())}"

    def _reference(self) -> None:
        found = _REFERENCE.match(self.source, self.at)
        character = _decode(found) if found else None
        self.at += len(found[0]) if found and character else 1
        self._write(character or "&")

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        tag = self._take(_NAME).lower()
        if self._peek() == _END:
            raise MarkupError(f"Unclosed start tag {self._byte(begin)}")
        if tag not in KINDS:
            raise MarkupError(f'Unsupported start tag "{tag}" {self._byte(begin)}')
        argument = self._attributes(tag, begin)
        if tag == "span" and argument != "spoiler":
            raise MarkupError(f'Tag "span" must have class "tg-spoiler" {self._byte(begin)}')
        self.rank += 1
        self.open.append(_Open(tag, argument, self.offset, len(self.text), self.rank))

    def _attributes(self, tag: str, begin: int) -> str:
        argument = ""
        while True:
            self._take(_BLANK)
            if self._peek() == ">":
                self.at += 1
                return argument
            name = self._take(_ATTRIBUTE)
            if not name:
                raise MarkupError(f'Empty attribute name in the tag "{tag}" {self._byte(begin)}')
            argument = _argument(tag, name, self._value(tag, begin)) or argument

    def _value(self, tag: str, begin: int) -> str:
        self._take(_BLANK)
        if self._peek() not in {"=", _END}:
            return ""
        self.at += 1
        self._take(_BLANK)
        if self._peek() == _END:
            raise MarkupError(f'Unclosed start tag "{tag}" {self._byte(begin)}')
        value = self._quoted() if self._peek() in {"'", '"'} else self._token()
        if self._peek() == _END:
            raise MarkupError(f"Unclosed start tag {self._byte(begin)}")
        return value

    def _quoted(self) -> str:
        mark, start = self._peek(), self.at + 1
        end = self.source.find(mark, start)
        self.at = len(self.source) if end < 0 else end + 1
        return decode_references(self.source[start : end if end >= 0 else None])

    def _token(self) -> str:
        begin = self.at
        token = self._take(_TOKEN).lower()
        if self._peek() not in f"{_SPACES}>":
            raise MarkupError(f"Unexpected end of name token {self._byte(begin)}")
        return token

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise MarkupError(f"Unexpected end tag {self._byte(begin)}")
        self.at += 2
        tag = self._take(_NAME).lower()
        self._take(_BLANK)
        if self._peek() != ">":
            raise MarkupError(f"Unclosed end tag {self._byte(begin)}")
        self.at += 1
        opened = self.open.pop()
        if tag not in {"", opened.tag}:
            raise MarkupError(
                f'Unmatched end tag {self._byte(begin)}, expected "</{opened.tag}>", found "</{tag}>"'
            )
        if self.offset > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity = _entity(opened, self.offset - opened.offset, self.text[opened.length :])
        if entity is None:
            return
        if self.closed and (block := _code_block(self.closed[-1][1], entity)):
            self.closed.pop()
            entity = block
        self.closed.append((opened.rank, entity))


def _decode(found: re.Match[str]) -> str | None:
    hexadecimal, decimal, name = found.groups()
    if name:
        return _NAMED.get(name)
    number = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(number) if 0 < number < 0x10FFFF else None


def _argument(tag: str, name: str, value: str) -> str:
    """The one attribute that means something in a tag; the others are read and forgotten."""
    match tag, name:
        case ("a", "href") | ("tg-emoji", "emoji-id"):
            return value
        case ("code", "class") if value.startswith("language-"):
            return value.removeprefix("language-")
        case ("span", "class") if value.startswith("tg-"):
            return value.removeprefix("tg-")
        case ("blockquote", "expandable"):
            return name
    return ""


def _entity(opened: _Open, length: int, text: str) -> Entity | None:
    entity = Entity(KINDS[opened.tag], opened.offset, length)
    match opened.tag:
        case "a":
            return _link(entity, opened.argument or text)
        case "code":
            return replace(entity, language=opened.argument)
        case "blockquote" if opened.argument:
            return replace(entity, kind="expandable_blockquote")
        case "tg-emoji":
            if not (opened.argument.isdecimal() and 0 < int(opened.argument) < _INT64):
                raise MarkupError("Invalid custom emoji identifier specified")
            return replace(entity, custom_emoji_id=opened.argument)
    return entity


def _link(entity: Entity, url: str) -> Entity | None:
    if (user_id := user_of(url)) is not None:
        return replace(entity, kind="text_mention", user_id=user_id)
    try:
        return replace(entity, url=check_link(url))
    except LinkError:
        return None  # the text stays, the link is silently lost


def _code_block(inner: Entity, outer: Entity) -> Entity | None:
    """A `pre` around (or within) a `code` that names a language is one block with that language."""
    language = inner.language or outer.language
    same_range = (inner.offset, inner.length) == (outer.offset, outer.length)
    if same_range and language and {inner.kind, outer.kind} == {"pre", "code"}:
        return Entity("pre", outer.offset, outer.length, language=language)
    return None


def _ordered(closed: list[tuple[int, Entity]]) -> tuple[Entity, ...]:
    ordered = sorted(closed, key=lambda each: (each[1].offset, -each[1].length, each[0]))
    return tuple(replace(each, language="") if each.kind == "code" else each for _, each in ordered)

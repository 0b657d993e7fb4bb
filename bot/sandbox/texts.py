"""From what was given as a text to what is shown: cleaned, measured, with its entities."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.sandbox.markup import MarkupError, parse_html
from bot.sandbox.nouns import Entity
from bot.sandbox.refusals import bad_request, stricter
from bot.sandbox.utf16 import cut, units

MAX_TEXT = 4096
"""Code points of a message."""
MAX_CAPTION = 1024
"""Code points below a file."""
MAX_SOURCE_BYTES = 2**15
MAX_ENTITIES = 100

_CONTROL = {code: " " for code in range(32) if chr(code) not in "\n\r"}
_OPAQUE = {"code", "pre"}
_CLICKABLE = _OPAQUE | {"text_link", "text_mention", "custom_emoji"}
_COMMAND = re.compile(r"(?<![\w/<>])/([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]{3,32}))?(?![\w/<>])")
_MENTION = re.compile(r"(?<!\w)@[A-Za-z0-9_]{3,32}(?!\w)")


def read_caption(source: str, parse_mode: str, given: tuple[Entity, ...]) -> tuple[str, tuple[Entity, ...]]:
    """Return a caption and its entities as `read_text` does; it may be empty and has at most 1024.

    Raises:
        ApiError: as `read_text`, except that nothing is too little.
    """
    text, entities = _shown(source, parse_mode, given)
    if len(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return text, entities


def read_text(
    source: str,
    parse_mode: str,
    given: tuple[Entity, ...],
    *,
    too_long: str = "message is too long",
) -> tuple[str, tuple[Entity, ...]]:
    """Return the text that is shown for `source`, and its entities by (offset, −length).

    Args:
        source: As the bot sent it.
        parse_mode: "HTML" in any case of letters, or "" to use `given`.
        given: Entities the bot sent beside a plain text; ignored with a parse mode.
        too_long: Telegram's complaint of more than 4096 code points.

    Raises:
        ApiError: empty before or after cleaning, longer than 4096 code points after it, not well-formed,
            entities outside of the text, or a parse mode other than HTML.
    """
    if not source:
        raise bad_request("message text is empty")
    text, entities = _shown(source, parse_mode, given)
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise bad_request("text must be non-empty")
    if len(text) > MAX_TEXT:
        raise bad_request(too_long)
    return text, entities


def _shown(source: str, parse_mode: str, given: tuple[Entity, ...]) -> tuple[str, tuple[Entity, ...]]:
    if (parse_mode or given) and len(source.encode()) > MAX_SOURCE_BYTES:
        raise bad_request("text is too long")
    text, entities = _parsed(source, parse_mode) if parse_mode else (source, _inside(source, given))
    text, entities = _tidy(text, entities)
    return text, with_detected(text, _uncovered(entities))


def with_detected(text: str, entities: tuple[Entity, ...] = ()) -> tuple[Entity, ...]:
    """Return `entities` with the commands and mentions that Telegram finds in `text` by itself."""
    busy = [entity for entity in entities if entity.kind in _CLICKABLE]
    found = [one for one in _detected(text) if not any(_overlap(one, other) for other in busy)]
    fresh = (one for one in found if one not in entities)
    ordered = sorted((*entities, *fresh), key=lambda each: (each.offset, -each.length))
    return tuple(ordered[:MAX_ENTITIES])


def _parsed(source: str, parse_mode: str) -> tuple[str, tuple[Entity, ...]]:
    match parse_mode.lower():
        case "html":
            try:
                return parse_html(source)
            except MarkupError as error:
                raise bad_request(f"can't parse entities: {error}") from error
        case "markdown" | "markdownv2":
            raise stricter(f"parse_mode {parse_mode} is not supported; use HTML")
    raise bad_request("unsupported parse_mode")


def _inside(text: str, given: Iterable[Entity]) -> tuple[Entity, ...]:
    length = units(text)
    for entity in given:
        if entity.offset < 0:
            raise bad_request(f"receive an entity with incorrect offset {entity.offset}")
        if entity.length < 0:
            raise bad_request(f"receive an entity with incorrect length {entity.length}")
        if entity.offset > length:
            raise bad_request(f"entity begins after the end of the text at UTF-16 offset {entity.offset}")
        if entity.end > length:
            raise bad_request(
                f"entity beginning at UTF-16 offset {entity.offset} ends after the end of the text "
                f"at UTF-16 offset {entity.end}"
            )
    return tuple(sorted(given, key=lambda each: (each.offset, -each.length)))


def _tidy(text: str, entities: tuple[Entity, ...]) -> tuple[str, tuple[Entity, ...]]:
    """Control characters become spaces; blank ends go, in front only as far as the first entity."""
    shown = text.translate(_CONTROL).replace("\r", "")
    first = min((entity.offset for entity in entities), default=units(text))
    head = cut(text, 0, first).translate(_CONTROL).replace("\r", "")
    left = len(head) - len(head.lstrip(" \n"))
    tidied = shown.rstrip(" \n")[left:]
    end = units(tidied)

    def moved(offset: int) -> int:
        dropped = cut(text, 0, offset).count("\r") if "\r" in text else 0
        return min(max(offset - dropped - left, 0), end)

    placed = [
        replace(entity, offset=moved(entity.offset), length=moved(entity.end) - moved(entity.offset))
        for entity in entities
    ]
    return tidied, tuple(entity for entity in placed if entity.length)


def _uncovered(entities: tuple[Entity, ...]) -> tuple[Entity, ...]:
    """Code shows everything in it as it is, so that marks within it are lost."""
    blocks = [entity for entity in entities if entity.kind in _OPAQUE]
    return tuple(one for one in entities if not any(_covers(block, one) for block in blocks))


def _covers(block: Entity, other: Entity) -> bool:
    if block is other or not (block.offset <= other.offset and other.end <= block.end):
        return False
    if (block.offset, block.end) != (other.offset, other.end):
        return True
    return block.kind == "pre" and other.kind == "code"


def _overlap(one: Entity, other: Entity) -> bool:
    return one.offset < other.end and other.offset < one.end


def _detected(text: str) -> Iterator[Entity]:
    for kind, pattern in (("bot_command", _COMMAND), ("mention", _MENTION)):
        for found in pattern.finditer(text):
            yield Entity(kind, units(text[: found.start()]), units(found[0]))

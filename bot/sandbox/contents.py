"""What the bot's messages say: texts, captions, and the users mentioned in them."""

from typing import Protocol

from bot.sandbox.context import Context
from bot.sandbox.nouns import Content, Entity, File, JsonObject
from bot.sandbox.refusals import bad_request
from bot.sandbox.texts import read_caption, read_text


class Written(Protocol):
    """What sending and editing a text have in common.

    Attributes:
        text: As the bot sent it.
        parse_mode: Of the text; "" to use `entities`.
        entities: Beside a plain text.
        link_preview_options: Those that differ from the default.
        reply_markup: As checked.
    """

    @property
    def text(self) -> str: ...
    @property
    def parse_mode(self) -> str: ...
    @property
    def entities(self) -> tuple[Entity, ...]: ...
    @property
    def link_preview_options(self) -> JsonObject | None: ...
    @property
    def reply_markup(self) -> JsonObject | None: ...


class Captioned(Protocol):
    """What sending and editing a caption have in common.

    Attributes:
        caption: As the bot sent it.
        parse_mode: Of the caption; "" to use `caption_entities`.
        caption_entities: Beside a plain caption.
        reply_markup: As checked.
    """

    @property
    def caption(self) -> str: ...
    @property
    def parse_mode(self) -> str: ...
    @property
    def caption_entities(self) -> tuple[Entity, ...]: ...
    @property
    def reply_markup(self) -> JsonObject | None: ...


def text_content(context: Context, given: Written) -> Content:
    """Return what a text message is to say.

    Raises:
        ApiError: as `read_text`, or an entity mentions a user that does not exist.
    """
    text, entities = read_text(given.text, given.parse_mode, given.entities)
    return Content(
        text,
        with_known_users(context, entities, must_exist=not given.parse_mode),
        source=given.text,
        parse_mode="HTML" if given.parse_mode else "",
        reply_markup=given.reply_markup,
        link_preview=given.link_preview_options,
    )


def file_content(context: Context, given: Captioned, file: File | None) -> Content:
    """Return what is to stand below `file`.

    Raises:
        ApiError: as `read_caption`, or an entity mentions a user that does not exist.
    """
    text, entities = read_caption(given.caption, given.parse_mode, given.caption_entities)
    return Content(
        text,
        with_known_users(context, entities, must_exist=not given.parse_mode),
        source=given.caption,
        parse_mode="HTML" if given.parse_mode else "",
        reply_markup=given.reply_markup,
        file=file,
    )


def with_known_users(
    context: Context, entities: tuple[Entity, ...], *, must_exist: bool
) -> tuple[Entity, ...]:
    """Return the entities without mentions of users that do not exist.

    Raises:
        ApiError: there is such a mention, and all `must_exist`.
    """
    if not any(entity.kind == "text_mention" for entity in entities):
        return entities
    known = {None, *context.world.users}
    found = tuple(entity for entity in entities if entity.user_id in known)
    if must_exist and len(found) < len(entities):
        raise bad_request("user not found")
    return found

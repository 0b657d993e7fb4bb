"""What the sandbox's Telegram is made of. Frozen values; offsets of entities are UTF-16 units."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

JsonObject: TypeAlias = dict[str, object]


class ChatKind(StrEnum):
    """The kinds of chat a bot can be in here."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"


class Standing(StrEnum):
    """What somebody is in a chat."""

    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    LEFT = "left"
    KICKED = "kicked"


@dataclass(frozen=True, slots=True)
class User:
    """A person or a bot; an empty string stands for what the account does not have."""

    user_id: int
    first_name: str
    username: str = ""
    language_code: str = ""
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Chat:
    """A place for messages.

    Attributes:
        chat_id: A private chat has its user's id, groups have negative ones.
        title: Of a group; in a private chat the user's first name.
        privacy: Whether a bot in it sees only what is meant for it; of no effect in private.
    """

    chat_id: int
    kind: ChatKind
    title: str
    username: str = ""
    privacy: bool = True

    @property
    def is_group(self) -> bool:
        """Whether several people write here."""
        return self.kind is not ChatKind.PRIVATE


@dataclass(frozen=True, slots=True)
class Entity:
    """A marked range of a text, in UTF-16 units; the last four are empty unless the kind has them."""

    kind: str
    offset: int
    length: int
    url: str = ""
    language: str = ""
    custom_emoji_id: str = ""
    user_id: int | None = None

    @property
    def end(self) -> int:
        """Offset of the first unit behind it."""
        return self.offset + self.length


class FileKind(StrEnum):
    """How a file is shown."""

    DOCUMENT = "document"
    PHOTO = "photo"


@dataclass(frozen=True, slots=True)
class File:
    """A file that Telegram keeps.

    Attributes:
        file_id: What a bot calls it by; opaque.
        unique_id: The same for the same bytes; cannot be used to send or fetch it.
        name: As its sender called it; "" for a photo.
        size: In bytes.
        width: In pixels, as is `height`; 0 unless it is a photo.
    """

    file_id: str
    unique_id: str
    kind: FileKind
    name: str
    mime_type: str
    size: int
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says; an edit replaces it as a whole.

    Attributes:
        text: As shown, 1–4096 code points; below a file, 0–1024.
        entities: Ordered by (offset, −length).
        source: The text as it was given, with its markup.
        parse_mode: "HTML", or "" for plain text.
        reply_markup: As checked; None without one.
    """

    text: str
    entities: tuple[Entity, ...] = ()
    source: str = ""
    parse_mode: str = ""
    reply_markup: JsonObject | None = None
    link_preview: JsonObject | None = None
    file: File | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """The part of another message that is answered; `position` is in UTF-16 units."""

    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message in its present state.

    Attributes:
        message_id: Counts from 1 in each chat.
        date: Unix time in seconds, as is `edited`.
        reply_to: Id of the answered message in the same chat.
        history: Earlier contents, oldest first.
        via_bot: Whose inline result this is; None for what was written.
        inline_id: What the bot edits an inline result by; "" for all others.
        reactions: Emoji that the bot shows below the message.
    """

    message_id: int
    chat_id: int
    sender: User
    date: int
    content: Content
    reply_to: int | None = None
    quote: Quote | None = None
    thread_id: int | None = None
    silent: bool = False
    protected: bool = False
    edited: int | None = None
    history: tuple[Content, ...] = ()
    via_bot: User | None = None
    inline_id: str = ""
    reactions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The present text or caption, without markup."""
        return self.content.text

    @property
    def entities(self) -> tuple[Entity, ...]:
        """The present entities."""
        return self.content.entities

    @property
    def source(self) -> str:
        """The present text as it was sent, markup included."""
        return self.content.source

    @property
    def reply_markup(self) -> JsonObject | None:
        """The present keyboard."""
        return self.content.reply_markup

    @property
    def file(self) -> File | None:
        """The document or photo, if it is one."""
        return self.content.file

    @property
    def buttons(self) -> tuple[JsonObject, ...]:
        """The buttons below the message, row by row in one sequence."""
        rows = (self.reply_markup or {}).get("inline_keyboard", [])
        if not isinstance(rows, list):
            return ()
        return tuple(button for row in rows for button in row)


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """What the bot answered to the press of a button."""

    text: str = ""
    show_alert: bool = False
    url: str = ""
    cache_time: int = 0


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button; `at` is Unix time, `answer` is None until the bot gave one.

    Attributes:
        inline_id: Of the message, if it is an inline result.
    """

    press_id: str
    user: User
    chat_id: int
    message_id: int
    data: str
    at: float
    answer: CallbackAnswer | None = None
    inline_id: str = ""


@dataclass(frozen=True, slots=True)
class Update:
    """Something that waits to be fetched: one object under the name of its kind."""

    update_id: int
    kind: str
    payload: JsonObject

"""The state of the sandbox: users, chats, messages, updates. No HTTP, no rules of the Bot API.

Everything here is safe to call from any thread; whoever needs several calls to be one holds `bell.lock`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.sandbox.bell import Bell
from bot.sandbox.hook import Hook
from bot.sandbox.inline_desk import InlineDesk
from bot.sandbox.limits import Clock
from bot.sandbox.nouns import (
    Chat,
    ChatKind,
    Content,
    JsonObject,
    Message,
    Quote,
    Standing,
    Update,
    User,
)
from bot.sandbox.press_desk import PressDesk
from bot.sandbox.storage import Files
from bot.sandbox.updates import UpdateQueue
from bot.sandbox.wire import membership_json, message_json

FIRST_USER_ID = 1001
FIRST_GROUP_ID = -1_001_000_000_001
ACTION_S = 5.0
"""Seconds for which it shows that the bot is at work, unless its message comes first."""


@dataclass(slots=True)
class _Room:
    chat: Chat
    members: set[int]
    messages: dict[int, Message] = field(default_factory=dict)
    next_message_id: int = 1
    threads: set[int] = field(default_factory=set)
    actions: list[str] = field(default_factory=list)
    action_until: float = 0.0
    admins: frozenset[int] = frozenset()
    standing: Standing = Standing.MEMBER  # of the bot
    is_open: bool = False


class World:
    """Who is there and what was said.

    Attributes:
        bot: The account whose token is served.
        bell: Rings at every change; `bell.wait_for` and `bell.until` wait for one.
        presses: Pressed buttons and what the bot answered.
        inline: What is asked by writing the bot's name anywhere.
        files: What was sent as a document or photo.
        hook: Where updates are delivered; None while they are fetched.
    """

    def __init__(self, bot: User, clock: Clock) -> None:
        self.bot = bot
        self.bell = Bell()
        self.presses = PressDesk(self.bell, clock)
        self.inline = InlineDesk(self.bell, clock)
        self.files = Files(self.bell)
        self.hook: Hook | None = None
        self._clock = clock
        self._users: dict[int, User] = {bot.user_id: bot}
        self._rooms: dict[int, _Room] = {}
        self._updates = UpdateQueue()

    @property
    def now(self) -> int:
        """Unix time in whole seconds."""
        return int(self._clock())

    @property
    def users(self) -> dict[int, User]:
        """All accounts by id, the bot's included."""
        with self.bell.lock:
            return dict(self._users)

    @property
    def webhook_url(self) -> str:
        """Where updates are delivered, "" for nowhere."""
        return self.hook.url if self.hook else ""

    @webhook_url.setter
    def webhook_url(self, url: str) -> None:
        """Play another deployment's webhook, where nothing is delivered; "" forgets it."""
        self.hook = Hook(url, is_foreign=True) if url else None

    def add_user(self, first_name: str, *, username: str = "", language_code: str = "") -> User:
        """Return a new account; its private chat exists but is closed until it writes or is opened."""
        with self.bell.lock:
            user = User(FIRST_USER_ID + len(self._rooms), first_name, username, language_code)
            self._users[user.user_id] = user
            private = Chat(user.user_id, ChatKind.PRIVATE, first_name, username)
            self._rooms[user.user_id] = _Room(private, {user.user_id})
        return user

    def add_group(
        self,
        title: str,
        members: Iterable[User],
        *,
        kind: ChatKind = ChatKind.SUPERGROUP,
        username: str = "",
        privacy: bool = True,
        admins: Iterable[User] = (),
    ) -> Chat:
        """Return a new group that the bot and `members`, `admins` among them, are in; see `Chat.privacy`."""
        with self.bell.lock:
            chat = Chat(FIRST_GROUP_ID - len(self._rooms), kind, title, username, privacy)
            leading = frozenset(user.user_id for user in admins)
            everybody = leading | {user.user_id for user in members}
            self._rooms[chat.chat_id] = _Room(chat, set(everybody), admins=leading, is_open=True)
        return chat

    def find_chat(self, reference: str) -> Chat | None:
        """Return the chat with this id or @username (of a supergroup); None when the bot cannot know it."""
        with self.bell.lock:
            if re.fullmatch(r"-?\d{1,19}", reference):
                room = self._rooms.get(int(reference))
                return room.chat if room and room.is_open else None
            named = (room.chat for room in self._rooms.values() if room.chat.kind is ChatKind.SUPERGROUP)
            return next((chat for chat in named if chat.username and reference == f"@{chat.username}"), None)

    def is_acquaintance(self, user_id: int) -> bool:
        """Say whether the bot knows a user from a group but was never written to by them."""
        with self.bell.lock:
            room = self._rooms.get(user_id)
            groups = (one for one in self._rooms.values() if one.chat.is_group)
            return bool(room and not room.is_open and any(user_id in group.members for group in groups))

    def open(self, chat_id: int) -> None:
        """Let the bot write to a private chat, as its user's first message does."""
        with self.bell.lock:
            self._rooms[chat_id].is_open = True

    def is_member(self, chat_id: int, user: User) -> bool:
        """Say whether `user` may write in the chat."""
        with self.bell.lock:
            return user.user_id in self._rooms[chat_id].members

    def members(self, chat_id: int) -> frozenset[int]:
        """Return the ids of the people in the chat."""
        with self.bell.lock:
            return frozenset(self._rooms[chat_id].members)

    def admins(self, chat_id: int) -> frozenset[int]:
        """Return the ids of the people who administer the chat."""
        with self.bell.lock:
            return self._rooms[chat_id].admins

    def standing(self, chat_id: int) -> Standing:
        """Return what the bot is in the chat; "kicked" in private is blocked."""
        with self.bell.lock:
            return self._rooms[chat_id].standing

    def change_standing(self, chat_id: int, actor: User, standing: Standing) -> None:
        """Let `actor` change what the bot is in the chat, and tell it."""
        with self.bell.lock:
            room = self._rooms[chat_id]
            old, room.standing = room.standing, standing
            change = membership_json(room.chat, actor, self.bot, self.now, old, standing)
            self.emit("my_chat_member", change)

    def is_blocked(self, chat_id: int) -> bool:
        """Say whether the chat's user blocked the bot."""
        with self.bell.lock:
            return self._rooms[chat_id].standing is Standing.KICKED

    def add_thread(self, chat_id: int, thread_id: int) -> None:
        """Let a topic exist in the chat."""
        with self.bell.lock:
            self._rooms[chat_id].threads.add(thread_id)

    def has_thread(self, chat_id: int, thread_id: int) -> bool:
        """Say whether the topic exists in the chat."""
        with self.bell.lock:
            return thread_id in self._rooms[chat_id].threads

    def post(
        self,
        chat_id: int,
        sender: User,
        content: Content,
        *,
        reply_to: int | None = None,
        quote: Quote | None = None,
        thread_id: int | None = None,
        silent: bool = False,
        protected: bool = False,
        via_bot: User | None = None,
        inline_id: str = "",
    ) -> Message:
        """Put a message into a chat and return it."""
        with self.bell.lock:
            room = self._rooms[chat_id]
            message = Message(
                room.next_message_id,
                chat_id,
                sender,
                self.now,
                content,
                reply_to=reply_to,
                quote=quote,
                thread_id=thread_id,
                silent=silent,
                protected=protected,
                via_bot=via_bot,
                inline_id=inline_id,
            )
            room.messages[message.message_id] = message
            if sender == self.bot:
                room.action_until = 0.0
            room.next_message_id += 1
        self.bell.ring()
        return message

    def revise(self, chat_id: int, message_id: int, content: Content) -> Message:
        """Replace the content of a message and return it; the former content joins its history."""
        with self.bell.lock:
            messages = self._rooms[chat_id].messages
            old = messages[message_id]
            history = (*old.history, old.content)
            message = replace(old, content=content, history=history, edited=self.now)
            messages[message_id] = message
        self.bell.ring()
        return message

    def react(self, chat_id: int, message_id: int, emoji: tuple[str, ...]) -> None:
        """Replace the bot's reactions to a message."""
        with self.bell.lock:
            messages = self._rooms[chat_id].messages
            messages[message_id] = replace(messages[message_id], reactions=emoji)
        self.bell.ring()

    def remove(self, chat_id: int, message_id: int) -> None:
        """Delete a message for everybody."""
        with self.bell.lock:
            del self._rooms[chat_id].messages[message_id]
        self.bell.ring()

    def find_message(self, chat_id: int, message_id: int) -> Message | None:
        """Return the present state of a message, or None."""
        with self.bell.lock:
            return self._rooms[chat_id].messages.get(message_id)

    def transcript(self, chat_id: int) -> tuple[Message, ...]:
        """Return what stands in a chat, oldest first."""
        with self.bell.lock:
            return tuple(self._rooms[chat_id].messages.values())

    def note_action(self, chat_id: int, action: str) -> None:
        """Remember that the bot shows it is typing, or the like."""
        with self.bell.lock:
            room = self._rooms[chat_id]
            room.actions.append(action)
            room.action_until = 0.0 if action == "cancel" else self._clock() + ACTION_S
        self.bell.ring()

    def actions(self, chat_id: int) -> tuple[str, ...]:
        """Return the actions shown in a chat so far, oldest first."""
        with self.bell.lock:
            return tuple(self._rooms[chat_id].actions)

    def action_shown(self, chat_id: int) -> str:
        """Return what the bot is seen doing in a chat right now, such as "typing", or ""."""
        with self.bell.lock:
            room = self._rooms[chat_id]
            return room.actions[-1] if self._clock() < room.action_until else ""

    def message_json(self, message: Message) -> JsonObject:
        """Return a message as the Bot API writes it, with the one it answers."""
        with self.bell.lock:
            room = self._rooms[message.chat_id]
            replied = room.messages.get(message.reply_to) if message.reply_to else None
            return message_json(message, room.chat, self._users, replied)

    def emit(self, kind: str, payload: JsonObject) -> None:
        """Queue an update for the bot."""
        with self.bell.lock:
            self._updates.append(kind, payload)
        self.bell.ring()

    def select_updates(self, kinds: tuple[str, ...]) -> None:
        """Queue only these kinds of updates from now on; none stands for the default."""
        with self.bell.lock:
            self._updates.select(kinds)

    def confirm_updates(self, offset: int) -> None:
        """Forget updates in front of `offset`; see `UpdateQueue.confirm`."""
        with self.bell.lock:
            self._updates.confirm(offset)
        self.bell.ring()

    def drop_updates(self) -> None:
        """Forget all waiting updates."""
        with self.bell.lock:
            self._updates.drop()
        self.bell.ring()

    def waiting_updates(self, limit: int = 100) -> tuple[Update, ...]:
        """Return up to `limit` updates that are not confirmed yet, oldest first."""
        with self.bell.lock:
            return self._updates.first(limit)

    def updates_since(self, update_id: int) -> tuple[Update, ...]:
        """Return the waiting updates with a higher id, oldest first."""
        with self.bell.lock:
            return self._updates.since(update_id)

    def is_waiting(self, update_id: int) -> bool:
        """Say whether an update is not confirmed yet."""
        with self.bell.lock:
            return update_id in self._updates

    def confirm_update(self, update_id: int) -> None:
        """Forget one update."""
        with self.bell.lock:
            self._updates.remove(update_id)
        self.bell.ring()

    @property
    def wanted_updates(self) -> frozenset[str]:
        """The kinds of updates asked for; empty for the default."""
        with self.bell.lock:
            return self._updates.wanted

    @property
    def waiting_count(self) -> int:
        """How many updates are not confirmed yet."""
        with self.bell.lock:
            return len(self._updates)

"""What people do: write, press buttons, block the bot. The server adds what Telegram adds."""

from dataclasses import dataclass

from bot.sandbox.nouns import Chat, ChatKind, Content, Entity, Message, Press, User
from bot.sandbox.texts import with_detected
from bot.sandbox.utf16 import cut
from bot.sandbox.wire import membership_json, press_json
from bot.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Person:
    """One human being and everything they can do. Safe to use from any thread.

    Attributes:
        world: Where they live.
        user: Their account.
    """

    world: World
    user: User

    @property
    def chat(self) -> Chat:
        """Their private chat with the bot."""
        return Chat(self.user.user_id, ChatKind.PRIVATE, self.user.first_name, self.user.username)

    def send(
        self,
        text: str,
        *,
        chat: Chat | None = None,
        reply_to: Message | None = None,
        thread_id: int | None = None,
    ) -> Message:
        """Write a text and return it as a message; the bot gets an update if it may see it.

        Args:
            text: At least one character; commands and mentions in it become entities.
            chat: A group, or None for the private chat, which is opened by this.
            reply_to: The message that is answered, of the same chat.
            thread_id: Topic of the chat; it exists from now on.

        Raises:
            ValueError: the text is empty, the person is not in the group or has blocked the bot.
        """
        place = chat or self.chat
        self._check(place, text)
        content = Content(text, with_detected(text), source=text)
        with self.world.bell.lock:
            self.world.open(place.chat_id)
            if thread_id is not None:
                self.world.add_thread(place.chat_id, thread_id)
            answered = reply_to.message_id if reply_to else None
            message = self.world.post(
                place.chat_id, self.user, content, reply_to=answered, thread_id=thread_id
            )
            if _is_seen(message, place, self.world.bot, reply_to):
                self.world.emit("message", self.world.message_json(message))
        return message

    def edit(self, message: Message, text: str) -> Message:
        """Change the text of an own message and return it; the bot gets an update if it may see it.

        Raises:
            ValueError: the text is empty or the message is someone else's.
        """
        if message.sender != self.user:
            raise ValueError(f"{self.user.first_name} did not write message {message.message_id}")
        with self.world.bell.lock:
            place = self._place(message)
            self._check(place, text)
            content = Content(text, with_detected(text), source=text)
            edited = self.world.revise(message.chat_id, message.message_id, content)
            answered = self.world.find_message(message.chat_id, message.reply_to or 0)
            if _is_seen(edited, place, self.world.bot, answered):
                self.world.emit("edited_message", self.world.message_json(edited))
        return edited

    def press(self, message: Message, *, text: str = "", data: str = "") -> Press:
        """Press the first button below `message` with this text or callback data.

        Args:
            message: Of the bot; its present keyboard counts, whatever it was before.
            text: What is written on the button, or "" for any.
            data: The button's callback data, or "" for any.

        Returns:
            The press; `answer_to` tells what became of it.

        Raises:
            ValueError: there is no such button that calls the bot.
        """
        with self.world.bell.lock:
            present = self.world.find_message(message.chat_id, message.message_id) or message
            press = self.world.add_press(self.user, present, _called(present, text, data))
            self.world.emit("callback_query", press_json(press, self.world.message_json(present)))
        return press

    def answer_to(self, press: Press) -> Press | None:
        """Return the press as it is now if the bot has answered it, else None."""
        present = self.world.find_press(press.press_id)
        return present if present and present.answer else None

    def block(self) -> None:
        """Block the bot: its messages fail, and it is told so."""
        self._set_blocked(blocked=True)

    def unblock(self) -> None:
        """Take a block back."""
        self._set_blocked(blocked=False)

    def transcript(self, chat: Chat | None = None) -> tuple[Message, ...]:
        """Return what stands in the private chat or in `chat`, oldest first."""
        return self.world.transcript((chat or self.chat).chat_id)

    def replies(self, chat: Chat | None = None) -> tuple[Message, ...]:
        """Return the bot's messages in the private chat or in `chat`, oldest first."""
        return tuple(one for one in self.transcript(chat) if one.sender == self.world.bot)

    def wait_for_replies(
        self, count: int = 1, *, chat: Chat | None = None, timeout_s: float = 5.0
    ) -> tuple[Message, ...]:
        """Block this thread until the chat has at least `count` messages of the bot; return them all.

        Raises:
            TimeoutError: there were fewer in the end; the message says how many.
        """
        try:
            return self.world.bell.wait_for(lambda: self._enough(count, chat), timeout_s)
        except TimeoutError:
            raise TimeoutError(self._too_few(count, chat, timeout_s)) from None

    async def until_replies(
        self, count: int = 1, *, chat: Chat | None = None, timeout_s: float = 5.0
    ) -> tuple[Message, ...]:
        """Do what `wait_for_replies` does without blocking the running event loop."""
        try:
            return await self.world.bell.until(lambda: self._enough(count, chat), timeout_s)
        except TimeoutError:
            raise TimeoutError(self._too_few(count, chat, timeout_s)) from None

    def _enough(self, count: int, chat: Chat | None) -> tuple[Message, ...]:
        replies = self.replies(chat)
        return replies if len(replies) >= count else ()

    def _too_few(self, count: int, chat: Chat | None, timeout_s: float) -> str:
        there = len(self.replies(chat))
        return f"{self.user.first_name} waited {timeout_s} s for {count} replies and has {there}"

    def _place(self, message: Message) -> Chat:
        return self.world.find_chat(str(message.chat_id)) or self.chat

    def _check(self, place: Chat, text: str) -> None:
        if not text.strip():
            raise ValueError("a message needs a text")
        if not self.world.is_member(place.chat_id, self.user):
            raise ValueError(f"{self.user.first_name} is not in {place.title}")
        if self.world.is_blocked(place.chat_id):
            raise ValueError(f"{self.user.first_name} has blocked the bot; unblock it first")

    def _set_blocked(self, *, blocked: bool) -> None:
        old, new = ("member", "kicked") if blocked else ("kicked", "member")
        with self.world.bell.lock:
            self.world.set_blocked(self.chat.chat_id, blocked=blocked)
            change = membership_json(self.chat, self.user, self.world.bot, self.world.now, old, new)
            self.world.emit("my_chat_member", change)


def _called(message: Message, text: str, data: str) -> str:
    for button in message.buttons:
        called = button.get("callback_data")
        if isinstance(called, str) and text in {"", button["text"]} and data in {"", called}:
            return called
    raise ValueError(f"message {message.message_id} has no button {text or data!r} that calls the bot")


def _is_seen(message: Message, chat: Chat, bot: User, answered: Message | None) -> bool:
    """Privacy mode: commands that may be for this bot, mentions of it and answers to it."""
    if not (chat.is_group and chat.privacy):
        return True
    if answered and answered.sender == bot:
        return True
    return any(_is_meant(message.text, entity, bot) for entity in message.entities)


def _is_meant(text: str, entity: Entity, bot: User) -> bool:
    marked = cut(text, entity.offset, entity.end)
    _, at, name = marked.partition("@")
    if entity.kind == "bot_command":
        return (entity.offset == 0 and not at) or name.lower() == bot.username.lower()
    return entity.kind == "mention" and name.lower() == bot.username.lower()

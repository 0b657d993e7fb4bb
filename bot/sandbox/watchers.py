"""What people see: chats, files, answers."""

from dataclasses import dataclass

from bot.sandbox.inline_nouns import InlineAnswer, InlineQuery
from bot.sandbox.nouns import Chat, ChatKind, Message, Press, User
from bot.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Watcher:
    """One human being and everything they can see. Safe to use from any thread.

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

    def answer_to(self, press: Press) -> Press | None:
        """Return the press as it is now if the bot has answered it, else None."""
        present = self.world.presses.find(press.press_id)
        return present if present and present.answer else None

    def download(self, message: Message) -> bytes:
        """Return the bytes of the file in a message.

        Raises:
            ValueError: there is none in it.
        """
        if message.file is None:
            raise ValueError(f"message {message.message_id} has no file")
        return self.world.files.data(message.file)

    def results_of(self, asked: InlineQuery) -> InlineAnswer | None:
        """Return the bot's answer to an inline query, None as long as there is none."""
        present = self.world.inline.find(asked.query_id)
        return present.answer if present else None

    def wait_for_results(self, asked: InlineQuery, timeout_s: float = 5.0) -> InlineAnswer:
        """Block this thread until an inline query is answered.

        Raises:
            TimeoutError: it was not answered in time.
        """
        return self.world.bell.wait_for(lambda: self.results_of(asked), timeout_s)

    async def until_results(self, asked: InlineQuery, timeout_s: float = 5.0) -> InlineAnswer:
        """Do what `wait_for_results` does without blocking the running event loop."""
        return await self.world.bell.until(lambda: self.results_of(asked), timeout_s)

    def _enough(self, count: int, chat: Chat | None) -> tuple[Message, ...]:
        replies = self.replies(chat)
        return replies if len(replies) >= count else ()

    def _too_few(self, count: int, chat: Chat | None, timeout_s: float) -> str:
        there = len(self.replies(chat))
        return f"{self.user.first_name} waited {timeout_s} s for {count} replies and has {there}"

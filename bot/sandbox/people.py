"""What people do: write, press buttons, send files, ask inline, block the bot."""

import mimetypes
from dataclasses import dataclass, replace

from bot.sandbox.images import ImageError, measure
from bot.sandbox.inline_nouns import MAX_QUERY, InlineAnswer, InlineQuery
from bot.sandbox.nouns import Chat, ChatKind, Content, File, FileKind, Message, Press, User
from bot.sandbox.privacy import is_seen
from bot.sandbox.starts import is_payload
from bot.sandbox.texts import MAX_CAPTION, with_detected
from bot.sandbox.wire import chosen_json, inline_query_json, membership_json, press_json
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
        if not text.strip():
            raise ValueError("a message needs a text")
        content = Content(text, with_detected(text), source=text)
        return self._post(content, chat, reply_to=reply_to, thread_id=thread_id)

    def open(self, payload: str = "") -> Message:
        """Follow the link t.me/bot?start=`payload`, or press Start; return the /start that is sent.

        Raises:
            ValueError: the payload is longer than 64 or has other characters than A–Z, a–z, 0–9, _ and -.
        """
        if payload and not is_payload(payload):
            raise ValueError(f"a link cannot carry {payload!r}")
        return self.send(f"/start {payload}".strip())

    def send_document(
        self,
        data: bytes,
        name: str,
        *,
        caption: str = "",
        mime_type: str = "",
        chat: Chat | None = None,
        reply_to: Message | None = None,
        thread_id: int | None = None,
    ) -> Message:
        """Send a file and return it as a message; the bot gets an update if it may see it.

        Args:
            data: Its bytes, at least one.
            name: What it is called.
            caption: At most 1024 characters below it.
            mime_type: What it is; guessed from the name without.
            chat: As for `send`, like the last two.
            reply_to: The message that is answered.
            thread_id: Topic of the chat.

        Raises:
            ValueError: as for `send`; the file is empty or the caption too long.
        """
        mime_type = mime_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._check_file(data, caption, chat)
        file = self.world.files.keep(FileKind.DOCUMENT, data, name=name, mime_type=mime_type)
        return self._post(_captioned(file, caption), chat, reply_to=reply_to, thread_id=thread_id)

    def send_photo(
        self,
        data: bytes,
        *,
        caption: str = "",
        chat: Chat | None = None,
        reply_to: Message | None = None,
        thread_id: int | None = None,
    ) -> Message:
        """Send a picture as a photo and return it as a message; see `send_document`.

        Raises:
            ValueError: as for `send_document`, or it is no picture.
        """
        self._check_file(data, caption, chat)
        try:
            size = measure(data)
        except ImageError as error:
            raise ValueError(f"this cannot be sent as a photo: {error}") from error
        file = self.world.files.keep(FileKind.PHOTO, data, mime_type="image/jpeg", size=size)
        return self._post(_captioned(file, caption), chat, reply_to=reply_to, thread_id=thread_id)

    def download(self, message: Message) -> bytes:
        """Return the bytes of the file in a message.

        Raises:
            ValueError: there is none in it.
        """
        if message.file is None:
            raise ValueError(f"message {message.message_id} has no file")
        return self.world.files.data(message.file)

    def inline(self, query: str, *, offset: str = "", chat: Chat | None = None) -> InlineQuery:
        """Write the bot's name and `query` into the input of a chat; the bot is asked for results.

        Args:
            query: At most 256 characters, may be empty.
            offset: "" for the first results, then `next_offset` of the answer before.
            chat: Where it is written, a group or None for the chat with the bot.

        Returns:
            The query; `results_of` tells what became of it. If an answer to the same query is still kept,
            it is there at once and the bot is not asked.

        Raises:
            ValueError: inline mode is off, the query is too long, or the person is not in the group.
        """
        if not self.world.inline.is_on:
            raise ValueError(f"inline mode of @{self.world.bot.username} is off")
        if len(query) > MAX_QUERY:
            raise ValueError(f"an inline query has at most {MAX_QUERY} characters")
        self._check_place(chat or self.chat)
        kind = str(chat.kind) if chat and chat.is_group else "sender"
        with self.world.bell.lock:
            asked = self.world.inline.ask(self.user, query, offset, kind)
            if asked.answer is None:
                self.world.emit("inline_query", inline_query_json(asked))
        return asked

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

    def choose(self, asked: InlineQuery, result_id: str, *, chat: Chat | None = None) -> Message:
        """Post one of the results that a query had, and return it as a message "via" the bot.

        The bot is told of the choice only with inline feedback on, and can edit the message later only if
        it has a keyboard.

        Args:
            asked: An answered query of this person.
            result_id: Of the result.
            chat: Where it is posted, a group or None for the chat with the bot.

        Raises:
            ValueError: there is no such result, or as for `send`.
        """
        desk = self.world.inline
        with self.world.bell.lock:
            asked = desk.find(asked.query_id) or asked
            content = asked.result(result_id).content
            inline_id = desk.new_message_id() if content.reply_markup else ""
            message = self._post(content, chat, via_bot=self.world.bot, inline_id=inline_id)
            if inline_id:
                desk.place(inline_id, message.chat_id, message.message_id)
            if desk.feedback:
                self.world.emit("chosen_inline_result", chosen_json(asked, result_id, inline_id))
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
            if not text.strip():
                raise ValueError("a message needs a text")
            self._check_place(place)
            content = replace(message.content, text=text, entities=with_detected(text), source=text)
            edited = self.world.revise(message.chat_id, message.message_id, content)
            answered = self.world.find_message(message.chat_id, message.reply_to or 0)
            if is_seen(edited, place, self.world.bot, answered):
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

    def _post(
        self,
        content: Content,
        chat: Chat | None,
        *,
        reply_to: Message | None = None,
        thread_id: int | None = None,
        via_bot: User | None = None,
        inline_id: str = "",
    ) -> Message:
        place = chat or self.chat
        self._check_place(place)
        with self.world.bell.lock:
            self.world.open(place.chat_id)
            if thread_id is not None:
                self.world.add_thread(place.chat_id, thread_id)
            message = self.world.post(
                place.chat_id,
                self.user,
                content,
                reply_to=reply_to.message_id if reply_to else None,
                thread_id=thread_id,
                via_bot=via_bot,
                inline_id=inline_id,
            )
            if is_seen(message, place, self.world.bot, reply_to):
                self.world.emit("message", self.world.message_json(message))
        return message

    def _check_file(self, data: bytes, caption: str, chat: Chat | None) -> None:
        if not data:
            raise ValueError("a file needs a content")
        if len(caption) > MAX_CAPTION:
            raise ValueError(f"a caption has at most {MAX_CAPTION} characters")
        self._check_place(chat or self.chat)

    def _check_place(self, place: Chat) -> None:
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


def _captioned(file: File, caption: str) -> Content:
    return Content(caption, with_detected(caption), source=caption, file=file)

"""What people do: write, press buttons, send files, ask inline, block the bot."""

import mimetypes
from dataclasses import dataclass, replace

from bot.sandbox.images import ImageError, measure
from bot.sandbox.inline_nouns import MAX_QUERY, InlineQuery
from bot.sandbox.nouns import Chat, Content, File, FileKind, Message, Press, Standing, User
from bot.sandbox.privacy import is_seen
from bot.sandbox.starts import is_payload
from bot.sandbox.texts import MAX_CAPTION, with_detected
from bot.sandbox.watchers import Watcher
from bot.sandbox.wire import chosen_json, inline_query_json, press_json


@dataclass(frozen=True, slots=True)
class Person(Watcher):
    """One human being and everything they can do, beside what they can see. Safe to use from any thread."""

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
            if self._is_seen(edited, place, answered):
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
            press = self.world.presses.add(self.user, present, _called(present, text, data))
            self.world.emit("callback_query", press_json(press, self.world.message_json(present)))
        return press

    def block(self) -> None:
        """Block the bot: its messages fail, and it is told so."""
        self.world.change_standing(self.chat.chat_id, self.user, Standing.KICKED)

    def unblock(self) -> None:
        """Take a block back."""
        self.world.change_standing(self.chat.chat_id, self.user, Standing.MEMBER)

    def remove_bot(self, chat: Chat) -> None:
        """Throw the bot out of a group; it is told so."""
        self._check_place(chat)
        self.world.change_standing(chat.chat_id, self.user, Standing.KICKED)

    def add_bot(self, chat: Chat) -> None:
        """Bring the bot back into a group; it is told so."""
        self._check_place(chat)
        self.world.change_standing(chat.chat_id, self.user, Standing.MEMBER)

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
            if self._is_seen(message, place, reply_to):
                self.world.emit("message", self.world.message_json(message))
        return message

    def _is_seen(self, message: Message, place: Chat, answered: Message | None) -> bool:
        is_there = self.world.standing(place.chat_id) is Standing.MEMBER
        return is_there and is_seen(message, place, self.world.bot, answered)

    def _check_file(self, data: bytes, caption: str, chat: Chat | None) -> None:
        if not data:
            raise ValueError("a file needs a content")
        if len(caption) > MAX_CAPTION:
            raise ValueError(f"a caption has at most {MAX_CAPTION} characters")
        self._check_place(chat or self.chat)

    def _check_place(self, place: Chat) -> None:
        if not self.world.is_member(place.chat_id, self.user):
            raise ValueError(f"{self.user.first_name} is not in {place.title}")
        if not place.is_group and self.world.is_blocked(place.chat_id):
            raise ValueError(f"{self.user.first_name} has blocked the bot; unblock it first")


def _called(message: Message, text: str, data: str) -> str:
    for button in message.buttons:
        called = button.get("callback_data")
        if isinstance(called, str) and text in {"", button["text"]} and data in {"", called}:
            return called
    raise ValueError(f"message {message.message_id} has no button {text or data!r} that calls the bot")


def _captioned(file: File, caption: str) -> Content:
    return Content(caption, with_detected(caption), source=caption, file=file)

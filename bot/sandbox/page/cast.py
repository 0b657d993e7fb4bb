"""Who can be played on the page."""

from dataclasses import dataclass
from typing import Self

from bot.sandbox.nouns import Chat, Message
from bot.sandbox.people import Person
from bot.sandbox.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Cast:
    """Two people, each with a private chat, and a group of both with the bot.

    Attributes:
        people: One reads Chinese, the other English; the page opens as the one who reads as its browser does.
        group: Led by the first of them; with privacy mode, as groups are unless a bot's owner turns it off.
    """

    people: tuple[Person, ...]
    group: Chat

    @classmethod
    def join(cls, sandbox: Sandbox) -> Self:
        """Let everybody join a sandbox."""
        people = (
            sandbox.join("用户甲", username="user_jia", language_code="zh-hans"),
            sandbox.join("User B", username="user_b", language_code="en"),
        )
        return cls(people, sandbox.group("客服小组 Team", people, admins=people[:1]))

    def person(self, user_id: object) -> Person:
        """Return one of the people.

        Raises:
            ValueError: nobody has this id.
        """
        for person in self.people:
            if person.user.user_id == user_id:
                return person
        raise ValueError(f"nobody here has the id {user_id}")

    def chats(self, person: Person) -> tuple[Chat, ...]:
        """Return the chats that a person sees, the private one first."""
        return (person.chat, self.group)

    def chat(self, person: Person, chat_id: object) -> Chat:
        """Return one of a person's chats.

        Raises:
            ValueError: they do not see it.
        """
        for chat in self.chats(person):
            if chat.chat_id == chat_id:
                return chat
        raise ValueError(f"{person.user.first_name} has no chat {chat_id}")

    def message(self, person: Person, chat_id: object, message_id: object) -> Message:
        """Return a message in one of a person's chats.

        Raises:
            ValueError: it is not there, or no longer.
        """
        chat = self.chat(person, chat_id)
        found = person.world.find_message(chat.chat_id, message_id) if isinstance(message_id, int) else None
        if found is None:
            raise ValueError(f"message {message_id} is not there")
        return found

"""What an open page is told: everything at first, then what changed."""

from bot.sandbox.nouns import Chat, JsonObject, Message, User
from bot.sandbox.page.cast import Cast
from bot.sandbox.profile import About, Command, Profile, Scope
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.wire import chat_json, user_json


class View:
    """One open page's knowledge. Messages are frozen, so a new object is a changed message."""

    def __init__(self, sandbox: Sandbox, cast: Cast) -> None:
        """Begin with a page that knows nothing."""
        self._sandbox = sandbox
        self._cast = cast
        self._about: JsonObject = {}
        self._messages: dict[tuple[int, int], Message] = {}
        self._actions: dict[int, int] = {}

    def news(self) -> JsonObject:
        """Return what the page does not know yet and count it as told. Callers hold the world's lock.

        Returns:
            Any of `about` (the bot, the people, their chats and command lists), `messages` (each a Bot API
            Message, and beside it `keyboard`, the reply keyboard or what takes it away, and the bot's
            `reactions`), `removed` (chat and message ids) and `actions` (chats in which the bot does
            something, and what); empty without news.
        """
        about = self._about_now()
        news: JsonObject = {
            "about": about if about != self._about else None,
            "removed": self._removed(),
            "messages": self._changed(),
            "actions": self._new_actions(is_first=not self._about),
        }
        self._about = about
        return {name: value for name, value in news.items() if value}

    def _chats(self) -> list[Chat]:
        return [*(person.chat for person in self._cast.people), self._cast.group]

    def _changed(self) -> list[JsonObject]:
        changed = []
        for chat in self._chats():
            for message in self._sandbox.world.transcript(chat.chat_id):
                key = (chat.chat_id, message.message_id)
                if self._messages.get(key) is not message:
                    self._messages[key] = message
                    changed.append(self._message_json(message))
        return changed

    def _message_json(self, message: Message) -> JsonObject:
        markup = message.reply_markup or {}
        keyboard = None if "inline_keyboard" in markup else message.reply_markup
        return {
            "message": self._sandbox.world.message_json(message),
            "keyboard": keyboard,
            "reactions": message.reactions,
        }

    def _removed(self) -> list[tuple[int, int]]:
        find = self._sandbox.world.find_message
        removed = [key for key in self._messages if find(*key) is None]
        for key in removed:
            del self._messages[key]
        return removed

    def _new_actions(self, *, is_first: bool) -> list[tuple[int, str]]:
        """Return the latest action of each chat where there are more than there were."""
        new = []
        for chat in self._chats():
            actions = self._sandbox.world.actions(chat.chat_id)
            if len(actions) > self._actions.get(chat.chat_id, 0) and not is_first:
                new.append((chat.chat_id, actions[-1]))
            self._actions[chat.chat_id] = len(actions)
        return new

    def _about_now(self) -> JsonObject:
        return {
            "bot": user_json(self._sandbox.world.bot),
            "people": [
                {
                    "user": user_json(person.user),
                    "chats": [self._chat_json(chat, person.user) for chat in self._cast.chats(person)],
                }
                for person in self._cast.people
            ],
        }

    def _chat_json(self, chat: Chat, user: User) -> JsonObject:
        profile = self._sandbox.profile
        is_admin = user.user_id in self._sandbox.world.admins(chat.chat_id)
        commands = shown_commands(profile, chat, user, is_admin=is_admin)
        return chat_json(chat) | {
            "description": profile.text(About.DESCRIPTION, user.language_code[:2]),
            "commands": [{"command": one.command, "description": one.description} for one in commands],
        }


def shown_commands(profile: Profile, chat: Chat, user: User, *, is_admin: bool) -> tuple[Command, ...]:
    """Return the list of commands that Telegram shows to `user` in `chat`.

    It is the first that there is: the narrowest scope goes first, and in each the user's language goes
    before the list for all languages.
    """
    for scope in _group_scopes(chat, user, is_admin=is_admin) if chat.is_group else _private_scopes(chat):
        for language in (user.language_code[:2], ""):
            if found := profile.commands.get((scope, language)):
                return found
    return ()


def _private_scopes(chat: Chat) -> list[Scope]:
    return [("chat", chat.chat_id), ("all_private_chats",), ("default",)]


def _group_scopes(chat: Chat, user: User, *, is_admin: bool) -> list[Scope]:
    scopes: list[tuple[bool, Scope]] = [
        (True, ("chat_member", chat.chat_id, user.user_id)),
        (is_admin, ("chat_administrators", chat.chat_id)),
        (True, ("chat", chat.chat_id)),
        (is_admin, ("all_chat_administrators",)),
        (True, ("all_group_chats",)),
        (True, ("default",)),
    ]
    return [scope for is_theirs, scope in scopes if is_theirs]

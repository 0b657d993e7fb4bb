"""One bot's whole Telegram: state, people, limits and trouble. No server yet; see `run.py`."""

import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.sandbox.faults import Faults
from bot.sandbox.limits import Clock, Flood, Limits
from bot.sandbox.nouns import Chat, ChatKind, User
from bot.sandbox.people import Person
from bot.sandbox.profile import Profile
from bot.sandbox.world import World

BOT_KEY = "123456789:sandbox-token-that-opens-nothing-else"
"""Token of the bot that a sandbox serves unless told otherwise."""
CALLS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it came, and its HTTP status; 0 when the connection was broken on purpose.

    Attributes:
        given: The raw parameters; of a file its name.
    """

    method: str
    given: Mapping[str, str]
    status: int


class Sandbox:
    """The state behind a server. Safe to use from any thread; outlives the servers it is given to.

    Attributes:
        token: Its digits before the colon are the bot's id.
        world: Users, chats, messages, updates; `world.bell` waits for changes.
        profile: What the bot said about itself; read it while holding `world.bell.lock`.
        faults: What shall go wrong next.
        flood: The limits and what counts towards them.
    """

    def __init__(
        self,
        *,
        token: str = BOT_KEY,
        first_name: str = "问报",
        username: str = "wenbao_bot",
        limits: Limits | None = None,
        clock: Clock = time.time,
        inline: bool = False,
        inline_feedback: bool = False,
    ) -> None:
        """Begin with nobody there.

        Args:
            token: Of the bot.
            first_name: Of the bot.
            username: Of the bot, without "@".
            limits: Of flood control and deadlines; Telegram's without.
            clock: What everything is judged and stamped by.
            inline: Whether people may ask inline; BotFather's /setinline, off until it is set.
            inline_feedback: Whether the bot learns what they choose; BotFather's /setinlinefeedback.
        """
        self.token = token
        self.world = World(User(int(token.partition(":")[0]), first_name, username, is_bot=True), clock)
        self.set_inline(on=inline, feedback=inline_feedback)
        self.profile = Profile()
        self.faults = Faults()
        self.flood = Flood(limits or Limits(), clock)
        self._calls: deque[Call] = deque(maxlen=CALLS_KEPT)

    def set_inline(self, *, on: bool, feedback: bool = False) -> None:
        """Switch inline mode, and whether the bot learns what people choose; BotFather does this."""
        with self.world.bell.lock:
            self.world.inline.is_on = on
            self.world.inline.feedback = feedback

    def join(self, first_name: str, *, username: str = "", language_code: str = "") -> Person:
        """Return a new person. The bot cannot write to them before they write to it."""
        account = self.world.add_user(first_name, username=username, language_code=language_code)
        return Person(self.world, account)

    def group(
        self,
        title: str,
        members: Iterable[Person],
        *,
        kind: ChatKind = ChatKind.SUPERGROUP,
        username: str = "",
        privacy: bool = True,
        admins: Iterable[Person] = (),
    ) -> Chat:
        """Return a new group of the bot, `members` and `admins`.

        With `privacy` the bot sees only what is meant for it.
        """
        people = [person.user for person in members]
        leading = [person.user for person in admins]
        return self.world.add_group(
            title, people, kind=kind, username=username, privacy=privacy, admins=leading
        )

    def calls(self, method: str = "") -> tuple[Call, ...]:
        """Return the latest calls, oldest first, of one method or of all; at most `CALLS_KEPT` are kept."""
        with self.world.bell.lock:
            return tuple(call for call in self._calls if method in {"", call.method})

    def note(self, call: Call) -> None:
        """Remember a call; the server does this when it has been dealt with."""
        with self.world.bell.lock:
            self._calls.append(call)
        self.world.bell.ring()

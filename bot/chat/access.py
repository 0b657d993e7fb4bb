"""Who may ask, and how often: decided by ids alone, before anything else sees an update."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeAlias

from telegram import (
    CallbackQuery,
    InlineQuery,
    InlineQueryResultsButton,
    Message,
    MessageEntity,
    Update,
    User,
)
from telegram.constants import ChatType
from telegram.error import BadRequest
from telegram.ext import Application, ApplicationHandlerStop, CallbackContext, TypeHandler

from bot.chat.language import Catalog, Phrases
from bot.chat.sending import send
from bot.settings import AccessSettings

App: TypeAlias = Application[Any, Any, Any, Any, Any, Any]
Context: TypeAlias = CallbackContext[Any, Any, Any, Any]
Asked: TypeAlias = Message | CallbackQuery | InlineQuery

QUESTION = 1.0
SMALL = 0.25
"""What a press or an inline query costs: while one inline question is typed, several are sent."""
BEFORE_ALL = -1
"""The group of handlers that stands in front of all others."""

_TELL_STRANGERS_AGAIN_S = 86_400.0
_MOST_REMEMBERED = 10_000
_MOST_ADMITTED = 4_096


class Verdict(Enum):
    """What becomes of an update."""

    ALLOWED = auto()
    SAY_ONCE = auto()
    QUIET = auto()


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, and the name of the text that says why."""

    verdict: Verdict
    reason: str = ""


_ALLOWED = Decision(Verdict.ALLOWED)


@dataclass(slots=True)
class _Bucket:
    """Tokens of one user: `tokens` at time `at`; they were told that there are too few of them."""

    tokens: float
    at: float
    told: bool = False


class Access:
    """Decides. Nothing here waits, and nothing is known of the world but ids and the clock.

    Args:
        settings: Who may ask, and how often.
        clock: Seconds that only grow.
    """

    def __init__(self, settings: AccessSettings, *, clock: Callable[[], float]) -> None:
        self._open = not settings.allow
        self._allow = frozenset(settings.allow)
        self._admins = frozenset(settings.admins)
        self._rate = settings.questions_per_minute / 60
        self._burst = float(settings.burst)
        self._clock = clock
        self._buckets: OrderedDict[int, _Bucket] = OrderedDict()
        self._strangers: OrderedDict[int, float] = OrderedDict()

    def is_admin(self, user: int | None) -> bool:
        """Tell whether a user looks after the bot."""
        return user in self._admins

    def may_ask(self, user: int | None, chat: int | None) -> bool:
        """Tell whether a user may ask in a chat; None is inline, or nobody in particular."""
        return self._open or self.is_admin(user) or user in self._allow or chat in self._allow

    def decide(self, user: int, chat: int | None, *, cost: float = QUESTION) -> Decision:
        """Return what becomes of an update of `user`.

        Somebody who may not ask is told so once a day. Somebody who asks more often than they may is told
        once, and then again only after their bucket was full; what it has meanwhile they may use.

        Args:
            user: Telegram's id.
            chat: Where; None for inline.
            cost: In questions, above 0.
        """
        if not self.may_ask(user, chat):
            return self._refused(user)
        if self.is_admin(user):
            return _ALLOWED
        bucket = self._bucket(user)
        # Quarters add up to one less a rounding error.
        if bucket.tokens + 1e-9 >= min(cost, self._burst):
            bucket.tokens -= min(cost, self._burst)
            return _ALLOWED
        told, bucket.told = bucket.told, True
        return Decision(Verdict.QUIET if told else Verdict.SAY_ONCE, "too-often")

    def _refused(self, user: int) -> Decision:
        now = self._clock()
        told_at = self._strangers.get(user)
        if told_at is not None and now - told_at < _TELL_STRANGERS_AGAIN_S:
            return Decision(Verdict.QUIET, "not-allowed")
        self._strangers[user] = now
        self._strangers.move_to_end(user)
        if len(self._strangers) > _MOST_REMEMBERED:
            self._strangers.popitem(last=False)
        return Decision(Verdict.SAY_ONCE, "not-allowed")

    def _bucket(self, user: int) -> _Bucket:
        """Return a user's bucket as it is now; the one that was not used longest makes room."""
        now = self._clock()
        bucket = self._buckets.setdefault(user, _Bucket(self._burst, now))
        self._buckets.move_to_end(user)
        if len(self._buckets) > _MOST_REMEMBERED:
            self._buckets.popitem(last=False)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._rate)
        bucket.at = now
        bucket.told = bucket.told and bucket.tokens < self._burst
        return bucket


class Gate:
    """Stands before all handlers and lets through what `Access` allows.

    Args:
        access: Decides.
        catalog: How to say no.
    """

    def __init__(self, access: Access, catalog: Catalog) -> None:
        self._access = access
        self._catalog = catalog
        self._admitted: OrderedDict[int, None] = OrderedDict()

    def register(self, app: App) -> None:
        """Put the gate before all handlers of `app`."""
        app.add_handler(TypeHandler(Update, self.check), group=BEFORE_ALL)

    async def check(self, update: Update, context: Context) -> None:
        """Let an update through, or answer it with one line, or with nothing.

        Raises:
            ApplicationHandlerStop: No handler is to see it.
        """
        if update.update_id in self._admitted:
            return  # a second try of what was let through costs nothing
        user = update.effective_user
        chat = update.effective_chat.id if update.effective_chat else None
        asked = _asked(update, context)
        if asked is None or user is None:
            if not self._access.may_ask(user.id if user else None, chat):
                raise ApplicationHandlerStop
            return
        cost = QUESTION if isinstance(asked, Message) else SMALL
        decision = self._access.decide(user.id, chat, cost=cost)
        if decision.verdict is not Verdict.ALLOWED:
            await self._say(asked, user, decision)
            raise ApplicationHandlerStop
        self._admit(update.update_id)

    def _admit(self, update_id: int) -> None:
        self._admitted[update_id] = None
        if len(self._admitted) > _MOST_ADMITTED:
            self._admitted.popitem(last=False)

    async def _say(self, asked: Asked, user: User, decision: Decision) -> None:
        # In Telegram's language of theirs: whoever is kept out makes no work for the journal.
        told = decision.verdict is Verdict.SAY_ONCE
        phrases = self._catalog.of(user.language_code) if told else None
        if not isinstance(asked, Message):
            await _dismiss(asked, user, phrases, decision.reason)
        elif phrases:
            await send(asked, phrases(decision.reason, id=str(user.id)))


def _asked(update: Update, context: Context) -> Asked | None:
    """Return what of an update asks the bot for something."""
    message = update.message
    if message is not None:
        return message if is_for_bot(message, context.bot.id, context.bot.username) else None
    return update.callback_query or update.inline_query


async def _dismiss(
    asked: CallbackQuery | InlineQuery, user: User, phrases: Phrases | None, reason: str
) -> None:
    """Answer a query with nothing, so that nobody waits for it, or with the reason."""
    try:
        if isinstance(asked, CallbackQuery):
            notice = phrases(reason, id=str(user.id)) if phrases else None
            await asked.answer(notice, show_alert=phrases is not None)
        else:
            button = (
                InlineQueryResultsButton(phrases(f"{reason}-inline"), start_parameter="help")
                if phrases
                else None
            )
            await asked.answer([], cache_time=1, is_personal=True, button=button)
    except BadRequest as error:
        if "query" not in error.message.lower():
            raise


def is_for_bot(message: Message, bot_id: int, username: str) -> bool:
    """Tell whether a message speaks to the bot: all in private, and what answers or names it in groups."""
    if message.chat.type == ChatType.PRIVATE:
        return True
    answered = message.reply_to_message
    if answered is not None and answered.from_user is not None and answered.from_user.id == bot_id:
        return True
    if not message.text:
        return False
    named = f"@{username}".lower()
    return any(
        (kind == MessageEntity.MENTION and text.lower() == named)
        or (kind == MessageEntity.BOT_COMMAND and ("@" not in text or text.lower().endswith(named)))
        for kind, text in ((entity.type, text) for entity, text in message.parse_entities().items())
    )

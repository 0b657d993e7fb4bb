"""Updates that wait until the bot fetches and confirms them."""

from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice

from bot.sandbox.nouns import JsonObject, Update

FIRST_UPDATE_ID = 100_000_001
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that come only when they are asked for by name."""


class UpdateQueue:
    """First in, first out; nothing leaves before it is confirmed. Callers hold the world's lock."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[int, Update] = OrderedDict()
        self._next_id = FIRST_UPDATE_ID
        self._wanted: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, update_id: int) -> bool:
        return update_id in self._waiting

    def select(self, kinds: tuple[str, ...]) -> None:
        """Queue only these kinds from now on; none stands for the default, all but `ON_REQUEST`."""
        self._wanted = frozenset(kinds)

    @property
    def wanted(self) -> frozenset[str]:
        """The kinds that were asked for; empty for the default."""
        return self._wanted

    def append(self, kind: str, payload: JsonObject) -> None:
        """Queue an update, unless its kind is not wanted."""
        if kind in self._wanted if self._wanted else kind not in ON_REQUEST:
            self._waiting[self._next_id] = Update(self._next_id, kind, payload)
            self._next_id += 1

    def confirm(self, offset: int) -> None:
        """Forget what is in front of `offset`: an update id, −n for all but the last n, or 0 for nothing."""
        while len(self._waiting) > -offset if offset < 0 else self._is_before(offset):
            self._waiting.popitem(last=False)

    def remove(self, update_id: int) -> None:
        """Forget one update, if it is still there."""
        self._waiting.pop(update_id, None)

    def first(self, limit: int) -> tuple[Update, ...]:
        """Return up to `limit` updates, oldest first; they stay."""
        return tuple(islice(self._waiting.values(), limit))

    def since(self, update_id: int) -> tuple[Update, ...]:
        """Return the updates with a higher id, oldest first; they stay."""
        return tuple(self._after(update_id))[::-1]

    def drop(self) -> None:
        """Forget all of them."""
        self._waiting.clear()

    def _is_before(self, offset: int) -> bool:
        return bool(self._waiting) and next(iter(self._waiting)) < offset

    def _after(self, update_id: int) -> Iterator[Update]:
        for waiting_id in reversed(self._waiting):
            if waiting_id <= update_id:
                return
            yield self._waiting[waiting_id]

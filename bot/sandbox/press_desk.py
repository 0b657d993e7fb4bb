"""Where pressed buttons wait for their answers."""

from dataclasses import replace

from bot.sandbox.bell import Bell
from bot.sandbox.limits import Clock
from bot.sandbox.nouns import CallbackAnswer, Message, Press, User

FIRST_PRESS_ID = 4_000_000_000_000


class PressDesk:
    """The presses of one bot's buttons. Safe to call from any thread."""

    def __init__(self, bell: Bell, clock: Clock) -> None:
        self._bell = bell
        self._clock = clock
        self._presses: dict[str, Press] = {}

    def add(self, user: User, message: Message, data: str) -> Press:
        """Remember that a user pressed a button below `message`."""
        with self._bell.lock:
            press_id = str(FIRST_PRESS_ID + len(self._presses))
            at = self._clock()
            place = message.chat_id, message.message_id
            press = Press(press_id, user, *place, data, at, inline_id=message.inline_id)
            self._presses[press_id] = press
        self._bell.ring()
        return press

    def find(self, press_id: str) -> Press | None:
        """Return the present state of a press, or None."""
        with self._bell.lock:
            return self._presses.get(press_id)

    def answer(self, press_id: str, answer: CallbackAnswer, within_s: float) -> bool:
        """Give a press its answer; False when it is unknown, answered, or older than `within_s` seconds."""
        with self._bell.lock:
            press = self._presses.get(press_id)
            if press is None or press.answer or self._clock() - press.at > within_s:
                return False
            self._presses[press_id] = replace(press, answer=answer)
        self._bell.ring()
        return True

"""What inline mode is made of: a question, its answer and the results in it. Frozen values."""

from dataclasses import dataclass

from bot.sandbox.nouns import Content, User

MAX_QUERY = 256
"""Characters of a query; Telegram's clients let nobody write more."""


@dataclass(frozen=True, slots=True)
class InlineResult:
    """One result as a list shows it; only articles are known here.

    Attributes:
        result_id: 1–64 bytes, the bot's own.
        title: Not empty; `description` may be, as may `url` and `thumbnail_url`.
        content: The message that is posted when somebody chooses it.
    """

    result_id: str
    title: str
    content: Content
    description: str = ""
    url: str = ""
    thumbnail_url: str = ""


@dataclass(frozen=True, slots=True)
class InlineButton:
    """The button above the results: it opens the private chat with /start `start_parameter`."""

    text: str
    start_parameter: str = ""
    web_app: str = ""


@dataclass(frozen=True, slots=True)
class InlineAnswer:
    """What the bot answered.

    Attributes:
        results: At most 50, in the bot's order.
        next_offset: What to ask with for more, at most 64 bytes; "" when there is no more.
        cache_s: Seconds for which the same question is answered without the bot.
        is_personal: Whether only the same user gets the kept answer.
    """

    results: tuple[InlineResult, ...] = ()
    next_offset: str = ""
    cache_s: int = 300
    is_personal: bool = False
    button: InlineButton | None = None


@dataclass(frozen=True, slots=True)
class InlineQuery:
    """What somebody wrote behind the bot's name; `at` is Unix time.

    Attributes:
        chat_type: "sender" for the chat with the bot itself, else the kind of chat.
        answer: None until there is one; there at once when a kept answer fits.
    """

    query_id: str
    user: User
    query: str
    offset: str
    chat_type: str
    at: float
    answer: InlineAnswer | None = None

    def result(self, result_id: str) -> InlineResult:
        """Return the result with this id.

        Raises:
            ValueError: there is none.
        """
        for result in self.answer.results if self.answer else ():
            if result.result_id == result_id:
                return result
        raise ValueError(f"no result {result_id!r} was offered for {self.query!r}")

"""A bot at work on a strict Bot API server: the sandbox, the application and a desk that answers as told."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from bot.chat.app import Around, build, run
from bot.chat.desk import Desk
from bot.chat.memory import Memory
from bot.chat.redaction import Form
from bot.domain import Answer, Hit, Listed, Passage, Span
from bot.sandbox.nouns import Message
from bot.sandbox.run import BotApiServer
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.utf16 import cut
from bot.settings import Secret, TelegramSettings

from .notebook import Notebook

QUESTIONS = ("怎么处理投诉", "外呼指标怎么定", "<b>回访</b> & 记录")
Rule = Callable[[str], Answer]


class Configured(Protocol):
    """Sets the logging up and returns what is written."""

    def __call__(
        self, level: int, token: str, *, form: Form = "console", questions: bool = False
    ) -> io.StringIO: ...


def hit(text: str, *marks: Span) -> Hit:
    """A passage of a report about complaints."""
    passage = Passage("p1", "r1", "投诉报告", ("一、处理", "(一) 流程"), "corpus/a.md", 0, len(text), text)
    return Hit(passage, 1.0, 1, marks)


def answer(*hits: Hit) -> Answer:
    """What the reports say; without hits that they do not."""
    return Answer("", bool(hits), 1.0 if hits else 0.0, "g1", 1.0, hits)


def echo(question: str) -> Answer:
    """One passage that is the question."""
    return answer(hit(f"关于{question}", Span(2, 2 + len(question))))


def marked(message: Message, kind: str) -> list[str]:
    """The parts of a message that are marked as `kind`."""
    return [cut(message.text, one.offset, one.end) for one in message.entities if one.kind == kind]


class EmptyShelf:
    """No report to read without a question."""

    def reports(self) -> tuple[Listed, ...]:
        return ()

    def report(self, report_id: str) -> Listed | None:  # noqa: ARG002
        return None

    def passages(self, report_id: str) -> tuple[Passage, ...]:  # noqa: ARG002
        return ()

    def passage(self, passage_id: str) -> Passage | None:  # noqa: ARG002
        return None

    def places(self, passage_ids: Sequence[str]) -> tuple[tuple[int, int] | None, ...]:
        return (None,) * len(passage_ids)

    def around(self, passage_id: str, *, before: int = 1, after: int = 1) -> tuple[Passage, ...]:  # noqa: ARG002
        return ()

    def section(self, passage_id: str) -> tuple[Passage, ...]:  # noqa: ARG002
        return ()

    def document(self, report_id: str) -> Path | None:  # noqa: ARG002
        return None


@dataclass
class FakeDesk(EmptyShelf):
    """Answers by its rule and remembers what it was asked."""

    rule: Rule = echo
    questions: tuple[str, ...] = QUESTIONS
    asked: list[tuple[str, int]] = field(default_factory=list)
    within: list[str | None] = field(default_factory=list)
    literal: list[bool] = field(default_factory=list)

    def ask(
        self,
        question: str,
        *,
        hits: int,
        explain: bool = False,  # noqa: ARG002
        literal: bool = False,
        report_id: str | None = None,
    ) -> Answer:
        self.literal.append(literal)
        self.asked.append((question, hits))
        self.within.append(report_id)
        return self.rule(question)

    def at_hand(self, question: str, *, hits: int) -> bool:  # noqa: ARG002
        return False

    def suggestions(self, count: int) -> tuple[str, ...]:
        return self.questions[:count]


@dataclass
class Bench:
    """The parts of a test, and the bot's process in small.

    Attributes:
        sandbox: Telegram.
        desk: Who answers; its rule may be changed at any time.
        settings: Short pauses; the address is that of the server.
        around: Updates in memory, short pauses between tries.
        lines: What the operator was told.
        at_the_desk: Answers instead of `desk`, for example a real service.
    """

    sandbox: Sandbox
    desk: FakeDesk = field(default_factory=FakeDesk)
    settings: TelegramSettings = field(
        default_factory=lambda: TelegramSettings(poll_timeout_s=5, max_retry_pause_s=0.05)
    )
    around: Around = field(default_factory=lambda: Around(Notebook(), retry_pauses_s=(0.01, 0.05)))
    lines: list[str] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    at_the_desk: Desk | None = None

    async def serve(self) -> None:
        """Run the bot until `stop` is set."""
        app = build(self.settings, Secret(self.sandbox.token), self.at_the_desk or self.desk, self.around)
        await run(app, self.settings, say=self.lines.append, stop=self.stop, around=self.around)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[asyncio.Task[None]]:
        """Run the bot beside the block, and let it end in order afterwards."""
        task = asyncio.create_task(self.serve())
        try:
            yield task
        finally:
            self.stop.set()
            await asyncio.wait({task})
        task.result()

    def remembering(self, memory: Memory) -> Around:
        """Return what stands around the bot, with a memory for its buttons."""
        return replace(self.around, memory=memory)

    def at(self, server: BotApiServer) -> None:
        """Point the bot to `server`."""
        self.settings = replace(self.settings, base_url=f"http://127.0.0.1:{server.port}/")

    async def until(self, predicate: Callable[[], object], timeout_s: float = 5.0) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(timeout_s):
            while not predicate():  # noqa: ASYNC110
                await asyncio.sleep(0.01)

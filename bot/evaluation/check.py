"""A gate before a generation is published: it must not answer the judged questions worse."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import CheckFailed, IndexUnavailable
from bot.evaluation.change import Moved, moved
from bot.evaluation.judged import Judged, Outcome
from bot.evaluation.measure import ask_all

if TYPE_CHECKING:
    from bot.wiring import Service


@dataclass(frozen=True, slots=True)
class Compared:
    """How two generations answer the same questions.

    Attributes:
        questions: How many.
        before: Right answers of the one that is published.
        now: Right answers of the new one.
        fell: Questions that were right and are wrong.
        rose: Questions that were wrong and are right.
    """

    questions: int
    before: int
    now: int
    fell: tuple[Moved, ...]
    rose: tuple[Moved, ...]


class Check:
    """Asks the judged questions of a generation that was built and of the published one.

    Args:
        service: Of the home.
        questions: Judged.
        margin: Share of the questions, 0..1, by which the new one may have fewer right.

    Attributes:
        compared: What came of it; None when nothing was asked, as there is nothing to compare with.
    """

    def __init__(self, service: "Service", questions: Sequence[Judged], *, margin: float) -> None:
        self._service = service
        self._questions = questions
        self._margin = margin
        self.compared: Compared | None = None

    def __call__(self, folder: Path) -> None:
        """Let a whole, unpublished generation pass, or not.

        Raises:
            CheckFailed: It answers worse by more than the margin.
        """
        try:
            present = self._service.generation().generation
        except IndexUnavailable:
            return
        before = ask_all(self._service, self._questions)
        now = ask_all(self._service.answering_from(folder), self._questions)
        self.compared = compared = _compared(before, now)
        lost = (compared.before - compared.now) / compared.questions
        if lost > self._margin:
            raise CheckFailed(
                f"the new index answers {compared.now} of {compared.questions} judged questions right, "
                f"{present} {compared.before}; over index.check_margin ({self._margin:g}) is lost, so the "
                "latter stays; mend reports or judgements, or publish without --check"
            )


def _compared(before: Sequence[Outcome], now: Sequence[Outcome]) -> Compared:
    fell, rose = moved(before, now)
    return Compared(
        questions=len(now),
        before=sum(outcome.right for outcome in before),
        now=sum(outcome.right for outcome in now),
        fell=tuple(pair for pair in fell if pair.before.right and not pair.now.right),
        rose=tuple(pair for pair in rose if pair.now.right and not pair.before.right),
    )

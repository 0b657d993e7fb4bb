"""A home's evaluation from beginning to end: asked, compared with the last one, kept."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import HomeError
from bot.evaluation.history import History, Run, digest
from bot.evaluation.judged import read_questions
from bot.evaluation.measure import on_home

if TYPE_CHECKING:
    from bot.wiring import Service


def evaluate(
    service: "Service", questions: Path, *, now: datetime, warn: Callable[[str], None]
) -> tuple[Run, Run | None]:
    """Ask a home the judged questions of a file; return the run and the last one before it on that file.

    A home that cannot be written to is measured all the same, and `warn` is told that the run was not kept.

    Raises:
        InputError: The file is not one of judged questions.
        EmptyCorpus: There is no report to ask.
    """
    judged = read_questions(questions)
    history = History(service.home.private / "evaluations", warn=warn)
    name = _name(questions.resolve(), service.home.root)
    run = Run(now, name, digest(service.settings), on_home(service, judged))
    before = history.last(name)
    try:
        service.home.make_private()
        history.keep(run)
    except (OSError, HomeError) as error:
        warn(f"this evaluation is not kept for the next one to compare with: {error}")
    return run, before


def _name(questions: Path, home: Path) -> str:
    """Return a path as the home sees it, so that a home can be moved."""
    return questions.relative_to(home).as_posix() if questions.is_relative_to(home) else questions.as_posix()

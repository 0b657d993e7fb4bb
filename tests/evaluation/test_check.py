"""What is checked is whole and not published; what fails the check is gone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import CheckFailed
from bot.evaluation.check import Check
from bot.evaluation.judged import Judged
from bot.home import Home
from bot.index.refresh import Refreshed
from bot.settings import Settings
from bot.wiring import Service

REPORT = "# 热线报告\n\n## 一、投诉\n\n接到投诉后当天转派责任部门，三天内回访客户。\n"
OTHER = "# 物业报告\n\n## 一、巡查\n\n泵房每两小时巡查一次，雨季加派一班人手。\n"
COMPLAINTS = Judged("1", "投诉转派给谁", ("当天转派责任部门",), "question")
ROUNDS = Judged("2", "泵房多久巡查一次", ("每两小时巡查一次",), "question")


@pytest.fixture
def service(home: Home) -> Service:
    """A home of one report, assembled and indexed."""
    (home.corpus / "a.md").write_text(REPORT, "utf-8")
    service = Service(home, Settings(), warn=lambda line: pytest.fail(line))
    service.refresh()
    return service


def rewrite(service: Service, text: str, check: Callable[[Path], None]) -> Refreshed:
    """Replace the report and refresh with a check."""
    (service.home.corpus / "a.md").write_text(text, "utf-8")
    return service.refresh(check=check)


def test_what_is_checked_can_be_asked_while_the_other_answers(service: Service) -> None:
    """Each from its own reports."""
    published = service.store.current()
    seen: list[tuple[str, str | None, bool, bool]] = []

    def look(folder: Path) -> None:
        new = service.answering_from(folder).ask(ROUNDS.question)
        old = service.ask(ROUNDS.question)
        seen.append((new.generation, service.store.current(), new.answered, old.answered))

    done = rewrite(service, OTHER, look)
    assert done.meta is not None
    assert seen == [(done.meta.generation, published, True, False)]
    assert service.ask(ROUNDS.question).answered


def test_what_fails_is_removed_whatever_the_failure(service: Service) -> None:
    """Also when it is interrupted; the next build gets its number."""
    published = service.store.current()
    before = sorted(service.home.index.iterdir())

    def interrupt(_folder: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rewrite(service, OTHER, interrupt)
    assert (service.store.current(), sorted(service.home.index.iterdir())) == (published, before)
    done = service.refresh()
    assert done.meta is not None
    assert done.meta.generation.startswith("000002-")


def test_falls_and_rises_are_weighed_against_each_other(service: Service) -> None:
    """One question fell and one rose: nothing is lost, but both are told."""
    check = Check(service, [COMPLAINTS, ROUNDS], margin=0.0)
    assert rewrite(service, OTHER, check).built
    compared = check.compared
    assert compared is not None
    assert (compared.questions, compared.before, compared.now) == (2, 1, 1)
    assert [pair.now.judged for pair in compared.fell] == [COMPLAINTS]
    assert [pair.now.judged for pair in compared.rose] == [ROUNDS]


def test_one_question_less_is_too_many_without_a_margin(service: Service) -> None:
    """The present generation stays and is named."""
    check = Check(service, [COMPLAINTS], margin=0.0)
    present = service.store.current()
    with pytest.raises(CheckFailed, match=f"answers 0 of 1 judged questions right, {present} 1"):
        rewrite(service, OTHER, check)
    assert service.ask(COMPLAINTS.question).answered

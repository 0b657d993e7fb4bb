"""Questions to begin with."""

from pathlib import Path

import pytest

from bot.home import Home
from bot.wiring import Service, assemble

from .shell import wenbao


def suggestions(home: Path, count: int = 3) -> tuple[str, ...]:
    return assemble(Home(home), {}, warn=lambda line: pytest.fail(line)).suggestions(count)


def test_every_suggestion_is_answered(service: Service) -> None:
    """Whoever taps one gets an answer."""
    found = service.suggestions(10)
    assert len(found) == 10
    assert all(service.ask(question).answered for question in found)


def test_suggestions_come_from_different_reports(service: Service) -> None:
    """One each, before a second of any; told by whose heading is asked for."""
    reports = []
    for question in service.suggestions(5):
        heading = question.removesuffix("怎么做？")
        hits = service.ask(question, hits=10).hits
        reports += [h.passage.report for h in hits if heading in h.passage.section[-1]][:1]
    assert len(set(reports)) == 5


@pytest.mark.parametrize("count", [0, 1, 3])
def test_no_more_than_wanted(service: Service, count: int) -> None:
    """And no question twice."""
    found = service.suggestions(count)
    assert len(found) == len(set(found)) == count


def test_suggestions_are_chosen_once_for_a_generation(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is refused is shown them, and among many reports it takes a while. Nobody asked them."""
    asked: list[object] = []
    monkeypatch.setattr(service, "on_answer", asked.append)
    found = service.suggestions(4)
    with monkeypatch.context() as patch:
        patch.setattr("bot.suggest.suggest", lambda *_: pytest.fail("they were chosen already"))
        assert service.suggestions(4) == found
    service.reopen()
    assert service.suggestions(4) == found
    assert asked == []


def test_the_same_reports_give_the_same_suggestions(sample: Path) -> None:
    """In the same order, in another process as well as here."""
    assert suggestions(sample) == suggestions(sample)


def test_suggestions_are_short_and_ask(service: Service) -> None:
    """They fit a button and carry no number of a heading."""
    for question in service.suggestions(10):
        assert 4 <= len(question) <= 20
        assert question[0] not in "一二三四五六七八九十123456789（(、"


def test_headings_of_every_report_are_no_questions(home: Path) -> None:
    """Summary, outlook and the like say nothing about this one."""
    text = "# 总结报告\n\n## 一、工作总结\n\n做了很多事。\n\n## 二、不足与展望\n\n还要努力。\n"
    (home / "corpus" / "新.md").write_text(text, "utf-8")
    assert wenbao("refresh", "--home", home).code == 0
    assert not any("总结" in question or "展望" in question for question in suggestions(home, 20))


def test_without_reports_there_are_none(empty: Path) -> None:
    """Neither without an index."""
    assert suggestions(empty) == ()
    assert wenbao("refresh", "--home", empty).code == 3
    assert suggestions(empty) == ()


def test_reports_without_headings_give_none(empty: Path) -> None:
    """Rather than something that nobody would ask."""
    (empty / "corpus" / "新.txt").write_text("接到投诉先听完，再登记时间、地点和诉求。\n", "utf-8")
    assert wenbao("refresh", "--home", empty).code == 0
    assert suggestions(empty) == ()

"""Asking within one report."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.scope import Scoped, Scopes, scoped


@pytest.mark.parametrize(
    ("text", "report", "question"),
    [
        ("in:07 怎么处理投诉", "07", "怎么处理投诉"),
        ("in：07 怎么处理投诉", "07", "怎么处理投诉"),
        ("  IN:7\n怎么处理\n投诉 ", "7", "怎么处理\n投诉"),
        ("in:07怎么处理投诉", "07", "怎么处理投诉"),
        ("in:07-热线 怎么处理", "07-热线", "怎么处理"),
        ("in:热线 怎么处理", "热线", "怎么处理"),
        ("in:07", "07", ""),
        ("怎么处理投诉", None, "怎么处理投诉"),
        ("怎么 in:07 处理", None, "怎么 in:07 处理"),
        ("in: 07", None, "in: 07"),
        ("inside:07 x", None, "inside:07 x"),
        (" in", None, " in"),
        ("", None, ""),
    ],
)
def test_a_report_is_named_before_the_question(text: str, report: str | None, question: str) -> None:
    """By number or id, with either colon; anywhere else it is part of the question."""
    assert scoped(text) == Scoped(report, question)


@given(st.text(max_size=60))
def test_nothing_of_a_question_is_lost(text: str) -> None:
    """Whatever is written: it is the question as it is, or it ends with it but for white space."""
    asked = scoped(text)
    if asked.report is None:
        assert asked.question == text
    else:
        assert text.rstrip().endswith(asked.question)
        assert asked.report in text
        assert asked.report


def test_a_scope_is_a_persons_in_a_chat() -> None:
    """Others in the chat, and the same person elsewhere, ask all reports."""
    scopes = Scopes()
    scopes.enter(1, 10, "a")
    scopes.enter(2, 10, "b")
    assert [scopes.of(1, 10), scopes.of(2, 10), scopes.of(1, 11), scopes.of(3, 10)] == ["a", "b", None, None]
    assert scopes.leave(1, 10)
    assert not scopes.leave(1, 10)
    assert [scopes.of(1, 10), scopes.of(2, 10)] == [None, "b"]


def test_a_question_that_names_a_report_goes_there() -> None:
    """For this once; without a name it goes where the person is."""
    scopes = Scopes()
    assert scopes.read("投诉", 1, 10) == Scoped(None, "投诉")
    scopes.enter(1, 10, "a")
    assert scopes.read("投诉", 1, 10) == Scoped("a", "投诉")
    assert scopes.read("in:07 投诉", 1, 10) == Scoped("07", "投诉")
    assert scopes.of(1, 10) == "a"


def test_scopes_do_not_grow_for_ever() -> None:
    """Those who began first, or again, are dropped first."""
    scopes = Scopes(most=2)
    for user in (1, 2, 1, 3):
        scopes.enter(user, 10, "a")
    assert [scopes.of(user, 10) for user in (1, 2, 3)] == ["a", None, "a"]

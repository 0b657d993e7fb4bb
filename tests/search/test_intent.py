"""What a question wants, and whether a text has it."""

import pytest

from bot.search.intent import Intent, wanted


@pytest.mark.parametrize(
    ("question", "intents"),
    [
        ("怎么处理投诉", {Intent.STEPS}),
        ("如何挽留要离网的用户", {Intent.STEPS}),
        ("投诉处理流程", {Intent.STEPS}),
        ("how to handle complaints", {Intent.STEPS}),
        ("一周要打多少个外呼电话", {Intent.FIGURES}),
        ("几天之内要回访", {Intent.FIGURES}),
        ("how many calls a week", {Intent.FIGURES}),
        ("目前有哪些不足", {Intent.PROBLEMS}),
        ("what went wrong in october", {Intent.PROBLEMS}),
        ("出了问题怎么办", {Intent.STEPS, Intent.PROBLEMS}),
        ("双人查勘", set()),
        ("who owns the third floor", set()),
        ("几乎没有投诉", set()),
        ("", set()),
    ],
)
def test_a_question_says_what_it_wants(question: str, intents: set[Intent]) -> None:
    """In either language, by its question words; a bare keyword wants nothing in particular."""
    assert set(wanted(question)) == intents


@pytest.mark.parametrize(
    ("intent", "text", "met"),
    [
        (Intent.FIGURES, "每周200个正常通话", True),
        (Intent.FIGURES, "每周两次，抽查三成", True),
        (Intent.FIGURES, "抽样比例不低于百分之五", True),
        (Intent.FIGURES, "大家一起努力", False),
        (Intent.STEPS, "步骤如下", True),
        (Intent.STEPS, "做法有三条：\n1. 先听；\n2. 再问。", True),
        (Intent.STEPS, "先登记，再转派", True),
        (Intent.STEPS, "今年公司搬了家", False),
        (Intent.PROBLEMS, "跟进还不够及时", True),
        (Intent.PROBLEMS, "客户很满意", False),
    ],
)
def test_a_text_shows_what_it_has(intent: Intent, text: str, *, met: bool) -> None:
    """Figures with their units, items and order, what is not good yet."""
    assert intent.is_met(text) is met

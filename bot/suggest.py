"""Questions to begin with, chosen from the reports themselves."""

import re
from collections.abc import Callable, Iterator

from bot.domain import Answer, Passage
from bot.index.ranker import Ranker

# Headings that stand in every report say nothing about this one.
_EMPTY = re.compile(
    r"总结|概述|前言|引言|背景|结语|不足|计划|展望|基本情况|工作内容|其他|附件|目录|小结|体会|感想"
)
_NUMBER = re.compile(r"^[\s第（(【]*[0-9０-９一二三四五六七八九十百]+[章节篇部分]?[\s、.．)）】:：]*")
_MOST_LOOKED_AT = 5000
_QUESTION = re.compile(r"怎么|怎样|如何|为什么|什么|哪些|[？?]$")


def suggest(ranker: Ranker, ask: Callable[[str], Answer], count: int) -> tuple[str, ...]:
    """Return up to `count` questions, each about a section of another report, that do get an answer.

    Args:
        ranker: Whose passages are looked at.
        ask: Answers a question.
        count: Most questions wanted.
    """
    chosen: list[str] = []
    for question in _candidates(ranker):
        if len(chosen) == count:
            break
        if question not in chosen and ask(question).answered:
            chosen.append(question)
    return tuple(chosen)


def _candidates(ranker: Ranker) -> Iterator[str]:
    """Yield the best question of each report, then the second best of each, and so on."""
    by_report: dict[str, list[str]] = {}
    for ordinal in range(min(ranker.size, _MOST_LOOKED_AT)):
        passage = ranker.passage(ordinal)
        questions = by_report.setdefault(passage.report_id, [])
        if (question := _question(passage)) and question not in questions:
            questions.append(question)
    ordered = [sorted(questions, key=_preference) for questions in by_report.values()]
    for nth in range(max(map(len, ordered), default=0)):
        for questions in sorted(ordered, key=lambda q: _preference(q[nth]) if nth < len(q) else (9, 0)):
            if nth < len(questions):
                yield questions[nth]


def _question(passage: Passage) -> str | None:
    heading = _NUMBER.sub("", passage.section[-1]).strip(" 。：:")
    if passage.section == (passage.report,) or not 4 <= len(heading) <= 14 or _EMPTY.search(heading):
        return None
    return heading if _QUESTION.search(heading) else f"{heading}怎么做？"


def _preference(question: str) -> tuple[int, int]:
    """Put headings that name a thing to handle first, then those that ask; among them the shorter."""
    asks = not question.endswith("怎么做？")
    handles = re.search(r"处理|设置|投诉|技巧|提高|应对|流程|回访|管理", question)
    return ((0 if handles else 2) + (0 if asks else 1), len(question))

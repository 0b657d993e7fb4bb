"""Asking within one report: `in:07 怎么处理投诉`, or every question until one leaves it."""

import re
from collections import OrderedDict
from dataclasses import dataclass

_SCOPED = re.compile(
    r"\s*in[:：](?P<report>\d+(?=[\u3400-\u9fff])|\S+)\s*(?P<question>.*)", re.IGNORECASE | re.DOTALL
)
MOST_IN_A_REPORT = 10_000


@dataclass(frozen=True, slots=True)
class Scoped:
    """A question and where it is to be looked up.

    Attributes:
        report: What was written for the report, its id or the figures that its file's name begins with;
            None for all reports.
        question: Without what says where; may be empty.
    """

    report: str | None
    question: str


def scoped(text: str) -> Scoped:
    """Return what a text asks and where: `in:07 …`, with a full-width colon as well."""
    found = _SCOPED.fullmatch(text)
    return Scoped(found["report"], found["question"].rstrip()) if found else Scoped(None, text)


class Scopes:
    """In which report people are asking, each in each chat. A restart leaves all of them.

    When there are too many, those who began first are back in all reports. For one thread.
    """

    def __init__(self, most: int = MOST_IN_A_REPORT) -> None:
        """Remember at most `most`."""
        self._most = most
        self._reports: OrderedDict[tuple[int, int], str] = OrderedDict()

    def enter(self, user: int, chat: int, report_id: str) -> None:
        """From now on the user's questions in the chat are about a report."""
        self._reports[user, chat] = report_id
        self._reports.move_to_end((user, chat))
        if len(self._reports) > self._most:
            self._reports.popitem(last=False)

    def leave(self, user: int, chat: int) -> bool:
        """Ask all reports again; return whether it was one."""
        return self._reports.pop((user, chat), None) is not None

    def of(self, user: int, chat: int) -> str | None:
        """Return the id of the report in which a user asks in a chat, None for all."""
        return self._reports.get((user, chat))

    def read(self, text: str, user: int, chat: int) -> Scoped:
        """Return what a text asks and where; what it says itself goes before where the user is."""
        asked = scoped(text)
        return asked if asked.report is not None else Scoped(self.of(user, chat), text)

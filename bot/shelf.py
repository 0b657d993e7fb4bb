"""The reports, to be read without a question: by a passage's id or a report's."""

from collections.abc import Callable
from pathlib import Path

from bot.domain import Listed, Passage
from bot.index.generations import Generation
from bot.search import browsing


class Shelf:
    """Reads on from what is known by its id. Every method raises IndexUnavailable when there is no index.

    Args:
        root: Of the home.
        generation: Gives the published generation.
    """

    def __init__(self, root: Path, generation: Callable[[], Generation]) -> None:
        self._root = root
        self._generation = generation

    def passage(self, passage_id: str) -> Passage | None:
        """Return a passage of the published generation by its id, None when it has none of that id."""
        ranker = self._generation()
        ordinal = ranker.find(passage_id)
        return None if ordinal is None else ranker.passage(ordinal)

    def around(self, passage_id: str, *, before: int = 1, after: int = 1) -> tuple[Passage, ...]:
        """Return a passage between so many of its report before and after it; empty for an unknown id."""
        ranker = self._generation()
        ordinal = ranker.find(passage_id)
        return () if ordinal is None else browsing.around(ranker, ordinal, before=before, after=after)

    def section(self, passage_id: str) -> tuple[Passage, ...]:
        """Return all passages of a passage's section, in order; empty for an unknown id."""
        ranker = self._generation()
        ordinal = ranker.find(passage_id)
        return () if ordinal is None else browsing.section(ranker, ordinal)

    def reports(self) -> tuple[Listed, ...]:
        """Return the reports of the published generation, in order."""
        return self._generation().reports()

    def report(self, report_id: str) -> Listed | None:
        """Return a report by its id or by the figures that its file's name begins with, None for neither."""
        return browsing.report(self._generation(), report_id)

    def document(self, report_id: str) -> Path | None:
        """Return the file that a report stands in; None when it is gone or lies outside of the home."""
        listed = self.report(report_id)
        if listed is None:
            return None
        path = (self._root / listed.source).resolve()
        return path if path.is_relative_to(self._root.resolve()) and path.is_file() else None

    def passages(self, report_id: str) -> tuple[Passage, ...]:
        """Return the passages of a report, in order; empty for an unknown id."""
        ranker = self._generation()
        listed = browsing.report(ranker, report_id)
        return tuple(map(ranker.passage, listed.passages)) if listed else ()

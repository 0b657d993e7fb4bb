"""What was found for the last questions, kept for who asks the same."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from bot.search.searcher import Found

PASSAGES_KEPT = 6 * 2**10
"""Passages that stay in memory with the questions they were found for: about 1 kB each."""


class Finder:
    """Searches one generation. Safe to share between threads.

    Many people ask the same, and who turns a page of an answer asks again: what was found is kept.

    Args:
        find: See Searcher.search, without generation and names.
        most: Passages that are kept, those of the last questions; 0 keeps nothing.
    """

    def __init__(self, find: Callable[..., Found], *, most: int) -> None:
        self._find = find
        self._most = most
        self._kept: OrderedDict[Hashable, Found] = OrderedDict()
        self._held = 0
        self._changing = threading.Lock()

    def __call__(
        self,
        question: str,
        k: int,
        *,
        explain: bool = False,
        literal: bool = False,
        within: range | None = None,
    ) -> Found:
        """See Searcher.search."""
        key = (question, k, literal, within)
        with self._changing:
            if key in self._kept and not explain:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = self._find(question, k=k, explain=explain, literal=literal, within=within)
        if found.hits and not explain:
            self._keep(key, found)
        return found

    def _keep(self, key: Hashable, found: Found) -> None:
        with self._changing:
            if key not in self._kept:
                self._held += len(found.hits)
            self._kept[key] = found
            while self._held > self._most:
                _, oldest = self._kept.popitem(last=False)
                self._held -= len(oldest.hits)

    def kept(self, question: str, k: int) -> Found | None:
        """Return what is kept of a question that was asked of all reports, None for nothing."""
        return self._kept.get((question, k, False, None))

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
        most: Passages that are kept, those of the last questions; a question counts as one; 0 keeps nothing.
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
        if not explain:
            self._keep(key, found)
        return found

    def _keep(self, key: Hashable, found: Found) -> None:
        with self._changing:
            if key not in self._kept:
                self._held += 1 + len(found.hits)
            self._kept[key] = found
            while self._held > self._most:
                _, oldest = self._kept.popitem(last=False)
                self._held -= 1 + len(oldest.hits)

    def has(self, question: str, k: int) -> bool:
        """Tell whether what answers a question is kept, when it is asked of all reports."""
        return (question, k, False, None) in self._kept

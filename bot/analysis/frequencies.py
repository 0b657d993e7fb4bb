"""How often words are used: jieba's dictionary as a mapped table, so that no question loads it."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

# Changing what the file holds changes its name: count up.
_FILE_VERSION = 2
# Characters of the longest word of the dictionary.
_LONGEST_WORD = 16
# The format of a table's values and the key of their sum.
_FREQUENCY, _TOTAL = "<I", "#"


class Frequencies:
    """Word → its frequency in jieba's dictionary; read-only, safe to share between threads.

    Args:
        cache: A private, existing folder; the file is made there when it is missing or damaged.

    Attributes:
        total: Sum of all frequencies, about 60 million. A word that stands twice in the dictionary counts
            twice, as in jieba; by the sum it takes every cut.
    """

    def __init__(self, cache: Path) -> None:
        path = cache / f"jieba-{_FILE_VERSION}.marisa"
        try:
            self._open(path)
        except (OSError, RuntimeError, KeyError):
            _write(path)
            self._open(path)

    def _open(self, path: Path) -> None:
        import marisa_trie

        self._table = marisa_trie.RecordTrie(_FREQUENCY)
        self._table.mmap(str(path))
        self.total: int = self._table[_TOTAL][0][0]

    def __getitem__(self, word: str) -> int:
        """Return a word's frequency, 0 when it is not in the dictionary."""
        found = self._table.get(word)
        return found[0][0] if found else 0

    def words_in(self, text: str) -> dict[str, int]:
        """Return the words that stand anywhere in a text, each with its frequency, which is not 0."""
        starts = (text[start : start + _LONGEST_WORD] for start in range(len(text)))
        words = dict.fromkeys(word for start in starts for word in self._table.prefixes(start))
        return {word: frequency for word in words if word != _TOTAL and (frequency := self[word])}

    def words(self) -> Iterator[str]:
        """Yield the words of the dictionary that have a frequency."""
        return (word for word, (frequency,) in self._table.iteritems() if frequency and word != _TOTAL)


def _write(path: Path) -> None:
    """Write the table whole or not at all: another process may read it."""
    import marisa_trie

    package = importlib.util.find_spec("jieba")
    folders = package.submodule_search_locations if package else None
    if not folders:
        raise ImportError("jieba is not installed")
    frequencies: dict[str, int] = {}
    total = 0
    with (Path(folders[0]) / "dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, frequency, *_ = line.split(" ")
            frequencies[word] = int(frequency)
            total += int(frequency)
    frequencies[_TOTAL] = total
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        marisa_trie.RecordTrie(_FREQUENCY, ((w, (f,)) for w, f in frequencies.items())).save(str(aside))
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)

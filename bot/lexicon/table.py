"""A mapped table: key → names with weights, searched where it lies on disk."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import marisa_trie

from bot.errors import IndexDamaged

Weighted = tuple[str, float]

# The tables of `similar`, which is imported only for a question that has something to repair.
SIMILAR_FILES = ("spellings.marisa", "sounds.marisa", "readings.marisa", "own.marisa")


class Table:
    """An opened table; reading a key costs microseconds, opening nothing."""

    def __init__(self, path: Path) -> None:
        """Map what `write` made; IndexDamaged when it cannot be mapped."""
        self._trie = marisa_trie.BytesTrie()
        try:
            self._trie.mmap(str(path))
        except (OSError, RuntimeError) as error:
            raise IndexDamaged(f"{path} cannot be opened: {error}") from error

    def __contains__(self, key: str) -> bool:
        """Tell whether a key has an entry."""
        return key in self._trie

    def get(self, key: str) -> list[Weighted]:
        """Return (text, weight) pairs, heaviest first; none for an unknown key."""
        return list(self.each(key))

    def each(self, key: str) -> Iterator[Weighted]:
        """Yield the same, for who stops before the end."""
        found = self._trie.get(key)
        for line in found[0].decode().split("\n") if found else ():
            text, _, weight = line.partition("\t")
            yield text, float(weight)

    def written(self, key: str) -> dict[str, str]:
        """Return the same with the weights as figures, for who wants few of them."""
        found = self._trie.get(key)
        if not found:
            return {}
        fields = found[0].decode().replace("\n", "\t").split("\t")
        return dict(zip(fields[::2], fields[1::2], strict=True))

    def beginnings(self, text: str) -> list[str]:
        """Return the keys that a text begins with."""
        found: list[str] = self._trie.prefixes(text)
        return found

    def words(self, key: str) -> list[str]:
        """Return the words of a key in a table that `write_words` made; none for an unknown key."""
        found = self._trie.get(key)
        return found[0].decode().split("\n") if found else []


def write(path: Path, entries: Mapping[str, Collection[Weighted]]) -> None:
    """Write a table; weights keep three decimals, and texts have no tab or line feed."""
    packed = ((key, _packed(pairs)) for key, pairs in sorted(entries.items()) if pairs)
    marisa_trie.BytesTrie(packed).save(str(path))


def write_words(path: Path, entries: Mapping[str, Collection[str]]) -> None:
    """Write a table of words without weights, which have neither tab nor line feed."""
    packed = ((key, "\n".join(sorted(words)).encode()) for key, words in sorted(entries.items()))
    marisa_trie.BytesTrie(packed).save(str(path))


def _packed(pairs: Iterable[Weighted]) -> bytes:
    ordered = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
    return "\n".join(f"{text}\t{weight:.3f}" for text, weight in ordered).encode()

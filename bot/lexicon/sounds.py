"""The tables that `similar` asks: how words sound and how they may be misspelt."""

import functools
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.lexicon.similar import HAN_WORD, LATIN_WORD, SLOPPY, shelf, sloppy, toneless
from bot.lexicon.table import SIMILAR_FILES, Weighted, write, write_words

_SYLLABLE = re.compile(r"[a-z]*[aeiouv][a-z]*")
_MOST_READINGS_OF_A_CHARACTER, _MOST_READINGS_OF_A_WORD = 3, 8
_RARER_READING = 0.9
# Of a character's occurrences in phrases; a reading that has less is not typed.
_LEAST_USED = 0.05


def compile_words(folder: Path, words: Iterable[str]) -> None:
    """Write the tables of words of the dictionaries: those of an index, or more.

    Args:
        folder: Of the generation.
        words: In the one spelling of the index. Han words of 2–6 characters count.
    """
    han = [word for word in words if HAN_WORD.fullmatch(word)]
    spellings, sounds, readings, _ = (folder / name for name in SIMILAR_FILES)
    write_words(spellings, _spellings(han))
    spoken = _Spoken()
    write_words(sounds, _sounds(han, spoken))
    write(readings, _readings(han, spoken))


def compile_own(folder: Path, words: Iterable[str]) -> None:
    """Write the table of the domain's own words and of Latin words of an index.

    Args:
        folder: Of the generation.
        words: In the one spelling of the index. Han words of 2–6 characters and Latin words of at least four
            letters count.
    """
    words = list(words)
    found: dict[str, list[str]] = defaultdict(list)
    for word in words:
        if LATIN_WORD.fullmatch(word):
            found[shelf(word[0], len(word))].append(word)
    if han := [word for word in words if HAN_WORD.fullmatch(word)]:
        found |= _spellings(han) | _sounds(han, _Spoken())
    write_words(folder / SIMILAR_FILES[-1], found)


def _spellings(han: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for word in han:
        if len(word) > 3:
            for at in range(1, len(word) - 1):
                found[f"{word[:at]}_{word[at + 1 :]}"].append(word)
    return found


def _sounds(han: Iterable[str], spoken: "_Spoken") -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for word in han:
        exact = set(spoken.word(word))
        for key in exact | {f"~{other}" for other in map(_all_sloppy, exact) if other not in exact}:
            found[key].append(word)
    return found


def _readings(han: Iterable[str], spoken: "_Spoken") -> dict[str, list[Weighted]]:
    """Return the readings of the characters of GB 2312 and of the index, and every way to type a syllable."""
    found: dict[str, list[Weighted]] = {}
    for character in {*_gb2312(), *itertools.chain.from_iterable(han)}:
        if usual := spoken.character(character):
            found[character] = [(usual[0], 1.0), *((rarer, _RARER_READING) for rarer in usual[1:])]
    syllables = {syllable for pairs in found.values() for syllable, _ in pairs}
    found.update((way, [(way, 1.0)]) for syllable in syllables for way in sloppily(syllable))
    return found


class _Spoken:
    """How words are read, by pypinyin's data, without tones."""

    def __init__(self) -> None:
        from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

        self._phrases, self._characters = PHRASES_DICT, PINYIN_DICT
        self.character = functools.cache(self._character)
        self._heard: dict[str, Counter[str]] = defaultdict(Counter)
        read = itertools.chain.from_iterable(map(zip, PHRASES_DICT, PHRASES_DICT.values()))
        # Counted with tones first: the same 6,000 pairs come again and again.
        for (character, reading), times in Counter((one, how[0]) for one, how in read).items():
            self._heard[character][toneless(reading)] += times

    def word(self, word: str) -> Iterable[str]:
        """Return the syllables of a word; several times when no dictionary says how it is read."""
        if (phrase := self._phrases.get(word)) and len(phrase) == len(word):
            return [" ".join(toneless(readings[0]) for readings in phrase)]
        usual = itertools.product(*map(self.character, word))
        return map(" ".join, itertools.islice(usual, _MOST_READINGS_OF_A_WORD))

    def _character(self, character: str) -> Sequence[str]:
        """Return the readings of a character that are in use, the usual first.

        Dictionaries also list readings that nobody types, such as dou for 投.
        """
        listed = dict.fromkeys(map(toneless, self._characters.get(ord(character), "").split(",")))
        heard = self._heard[character]
        used = sorted((r for r in listed if _SYLLABLE.fullmatch(r)), key=lambda reading: -heard[reading])
        least = max(1, _LEAST_USED * heard.total())
        rarer = [reading for reading in used[1:] if heard[reading] >= least]
        return [*used[:1], *rarer][:_MOST_READINGS_OF_A_CHARACTER]


def _gb2312() -> str:
    """Return the Han characters that simplified Chinese is usually written with, 6,763 of them."""
    return bytes(
        byte for pair in itertools.product(range(0xB0, 0xF8), range(0xA1, 0xFF)) for byte in pair
    ).decode("gb2312", "ignore")


def _all_sloppy(syllables: str) -> str:
    return " ".join(map(sloppy, syllables.split(" ")))


def sloppily(syllable: str) -> set[str]:
    """Return every way to type a syllable, itself included."""
    ways = {syllable}
    for pattern, plain in SLOPPY:
        ways |= {pattern.sub(plain, way) for way in ways}
    return ways

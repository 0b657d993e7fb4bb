"""The lexicon's tables of words of the dictionaries; see `lexicon` for what they hold."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from bot.lexicon.cedict import Cedict, Gloss
from bot.lexicon.english import SMALL_STEMS
from bot.lexicon.lexicon import SIZE, content, idf, unit
from bot.lexicon.table import Weighted, write

# Not all of them may stand in the index.
_MOST_NAMES, _MOST_WORDS_OF_A_STEM = 160, 200
# A single character means many things; "to register a complaint" says 投诉 less surely than "complaint" does.
_SINGLE, _WITHOUT_SMALL_WORDS, _PART, _MOST_PARTS = 0.5, 0.8, 0.6, 3


def compile_words(folder: Path, cedict: Cedict, words: Collection[str]) -> None:
    """Write the tables of words of the dictionaries: those that stand in an index, or more.

    Args:
        folder: Of the generation.
        cedict: The dictionary of meanings.
        words: In the one spelling of the index.
    """
    from bot.lexicon import sounds

    glosses = cedict.glosses_of(words)
    write(folder / "english.marisa", _english(glosses))
    write(folder / "near.marisa", _near(glosses))
    sounds.compile_words(folder, words)


def _english(glosses: Mapping[str, Sequence[Gloss]]) -> dict[str, list[Weighted]]:
    """Turn the dictionary round: whole glosses, glosses without their small words, and their parts."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for word, meanings in glosses.items():
        for gloss in meanings:
            for stems, weight in _phrases(gloss):
                keep_best(found[" ".join(stems)], word, weight * (_SINGLE if len(word) == 1 else 1.0))
    return {key: _heaviest(names, _MOST_NAMES) for key, names in found.items()}


def _phrases(gloss: Gloss) -> Iterator[tuple[Sequence[str], float]]:
    yield gloss.stems, gloss.weight
    content = [stem for stem in gloss.stems if stem not in SMALL_STEMS]
    if not 0 < len(content) <= _MOST_PARTS:
        return
    if len(content) < len(gloss.stems):
        yield content, gloss.weight * _WITHOUT_SMALL_WORDS
    if len(content) > 1:
        for stem in content:
            yield [stem], gloss.weight * _PART / len(content)


def _near(glosses: Mapping[str, Sequence[Gloss]]) -> dict[str, list[Weighted]]:
    contents = {word: content(meanings) for word, meanings in glosses.items()}
    df: dict[str, int] = defaultdict(int)
    for stems in contents.values():
        for stem in stems:
            df[stem] += 1
    words: dict[str, dict[str, float]] = defaultdict(dict)
    for word, stems in contents.items():
        vector = unit({stem: tf * idf(len(contents), df[stem]) for stem, tf in stems.items()})
        for stem, weight in vector.items():
            words[stem][word] = weight
    near = {stem: _heaviest(found, _MOST_WORDS_OF_A_STEM) for stem, found in words.items()}
    return near | {SIZE: [(SIZE, float(len(contents)))]}


def keep_best(names: dict[str, float], text: str, weight: float) -> None:
    """Give a text the weight, unless it has a higher one."""
    if names.get(text, 0.0) < weight:
        names[text] = weight


def _heaviest(names: Mapping[str, float], most: int) -> list[Weighted]:
    return sorted(names.items(), key=lambda pair: (-pair[1], pair[0]))[:most]

"""What a lexicon is compiled from, and the tables of the domain's own words."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.domain import Name
from bot.lexicon.cedict import Cedict
from bot.lexicon.compiling import keep_best
from bot.lexicon.dictionary import Dictionary
from bot.lexicon.table import Weighted, write


@dataclass(frozen=True, slots=True)
class Sources:
    """What a lexicon is compiled from, besides the words of the index.

    Attributes:
        cedict: The dictionary.
        synonyms: Groups of names of one idea.
        glossary: English phrase → Chinese names.
        stems: Stems of an English phrase.
        spelt: Text in the one spelling of the index.
        dictionary: All words of the dictionaries.
    """

    cedict: Cedict
    synonyms: Iterable[Sequence[Name]]
    glossary: Mapping[str, Sequence[Name]]
    stems: Callable[[str], Sequence[str]]
    spelt: Callable[[str], str]
    dictionary: Dictionary


def compile_own(folder: Path, sources: Sources, latin: Iterable[str]) -> None:
    """Write the tables of the domain's own words, and of Latin words of an index."""
    from bot.lexicon import sounds

    names = _own_names(sources)
    write(folder / "names.marisa", names)
    own = {sources.spelt(name.term) for group in sources.synonyms for name in group}
    sounds.compile_own(folder, sorted({*own, *latin}))


def _own_names(sources: Sources) -> dict[str, list[Weighted]]:
    names: dict[str, dict[str, float]] = defaultdict(dict)
    for group in sources.synonyms:
        spelt = [(sources.spelt(name.term), name.weight) for name in group]
        for one, weight in spelt:
            for other, other_weight in spelt:
                if other != one:
                    keep_best(names[one], other, weight * other_weight)
    for phrase, translations in sources.glossary.items():
        key = "=" + " ".join(sources.stems(phrase))
        for name in translations:
            keep_best(names[key], sources.spelt(name.term), name.weight)
    return {key: list(found.items()) for key, found in names.items()}

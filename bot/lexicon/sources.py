"""What a lexicon is compiled from, and the tables of the domain's own words."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.domain import Name
from bot.lexicon.cedict import Cedict
from bot.lexicon.compiling import keep_best
from bot.lexicon.dictionary import Dictionary
from bot.lexicon.table import Weighted, write

_Groups = Collection[Sequence[Name]]
_Glossary = Mapping[str, Sequence[Name]]


@dataclass(frozen=True, slots=True)
class Sources:
    """What a lexicon is compiled from, besides the words of the index.

    Attributes:
        cedict: The dictionary.
        synonyms: Gives groups of names of one idea; read when first asked for.
        glossary: Gives English phrase → Chinese names; read when first asked for.
        stems: Stems of an English phrase.
        spelt: Text in the one spelling of the index.
        dictionary: All words of the dictionaries.
    """

    cedict: Cedict
    synonyms: Callable[[], _Groups]
    glossary: Callable[[], _Glossary]
    stems: Callable[[str], Sequence[str]]
    spelt: Callable[[str], str]
    dictionary: Dictionary

    def check(self) -> None:
        """Read what people write, so that an error in it is told before anything else is done.

        Raises:
            SettingsError: With file:line.
        """
        self.synonyms()
        self.glossary()


def compile_own(folder: Path, sources: Sources, latin: Iterable[str]) -> None:
    """Write the tables of the domain's own words, and of Latin words of an index."""
    from bot.lexicon import sounds

    synonyms, glossary = sources.synonyms(), sources.glossary()
    write(folder / "names.marisa", _own_names(sources, synonyms, glossary))
    own = {sources.spelt(name.term) for group in synonyms for name in group}
    sounds.compile_own(folder, sorted({*own, *latin}))


def _own_names(sources: Sources, synonyms: _Groups, glossary: _Glossary) -> dict[str, list[Weighted]]:
    names: dict[str, dict[str, float]] = defaultdict(dict)
    for group in synonyms:
        spelt = [(sources.spelt(name.term), name.weight) for name in group]
        for one, weight in spelt:
            for other, other_weight in spelt:
                if other != one:
                    keep_best(names[one], other, weight * other_weight)
    for phrase, translations in glossary.items():
        key = "=" + " ".join(sources.stems(phrase))
        for name in translations:
            keep_best(names[key], sources.spelt(name.term), name.weight)
    return {key: list(found.items()) for key, found in names.items()}

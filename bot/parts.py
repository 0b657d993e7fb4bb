"""What a home's service is made of: each part is made once, when it is first needed."""

import functools
import tempfile
from collections.abc import Callable, Container, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bot.analysis.analyzer import Analyzer
from bot.analysis.frequencies import Frequencies
from bot.analysis.normalize import Normalizer, simplifier
from bot.analysis.recipe import Recipe
from bot.analysis.segment import QuestionSegmenter, UserWord
from bot.errors import IndexUnwritable
from bot.home import Home
from bot.index.unwritable import writing
from bot.lexicon import wordlists
from bot.lexicon.cedict import Cedict
from bot.lexicon.english import Stemmer
from bot.search.query import QueryBuilder, Weights
from bot.search.searcher import Searcher
from bot.settings import SearchSettings, Settings

T = TypeVar("T")

if TYPE_CHECKING:
    from bot.lexicon.sources import Sources

# Of text: so much is analysed with `question_analyzer` sooner than the dictionary is loaded.
_LITTLE_BYTES = 32 * 2**10
_READ_FROM_CONFIG = ("words", "stop_words", "analyzer", "question_analyzer", "searcher", "refresher")


class Parts:
    """Analysis, dictionaries and search of one home.

    Args:
        home: Whose reports and settings.
        settings: Of that home.
    """

    def __init__(self, home: Home, settings: Settings) -> None:
        self.home = home
        self.settings = settings

    @cached_property
    def analyzer(self) -> Analyzer:
        """Return the analyzer; made when first needed, which loads the segmenter's dictionary."""
        engine, words = self.settings.analysis.segmenter, tuple(self.words)
        return self._cached(lambda cache: Recipe(engine, words, cache).analyzer())

    def analyzer_of(self, size: int | None) -> Analyzer:
        """Return an analyzer of the same terms for so many bytes of text, None if nobody knows how many."""
        return self.analyzer if size is None or size > _LITTLE_BYTES else self.question_analyzer

    @property
    def recipe(self) -> Recipe:
        """Return how the analyzer is made."""
        return Recipe(self.settings.analysis.segmenter, tuple(self.words), self.cache)

    @cached_property
    def normalizer(self) -> Normalizer:
        """Return what brings text into its one spelling."""
        return Normalizer(simplifier())

    @cached_property
    def question_analyzer(self) -> Analyzer:
        """Return an analyzer of the same terms that starts sooner where it can, for questions."""
        if "analyzer" in self.__dict__ or self.settings.analysis.segmenter == "jieba":
            return self.analyzer
        try:
            return Analyzer(self.normalizer, QuestionSegmenter(self.words, self.frequencies))
        except ImportError:
            return self.analyzer

    @cached_property
    def frequencies(self) -> Frequencies:
        """Return how often words are used; the file is made in the home's cache when first needed."""
        return self._cached(Frequencies)

    @cached_property
    def cache(self) -> Path:
        """Return the folder of what can be made again."""
        cache = self.home.make_private() / "cache"
        cache.mkdir(mode=0o700, exist_ok=True)
        return cache

    def _cached(self, made: Callable[[Path], T]) -> T:
        """Return what is made of files in the cache; where they cannot be written, for this process only.

        Raises:
            IndexUnwritable: Nor can they in the system's folder for temporary files.
        """
        try:
            with writing(self.home.private):
                return made(self.cache)
        except IndexUnwritable:
            with tempfile.TemporaryDirectory(prefix="wenbao-") as folder, writing(Path(folder)):
                return made(Path(folder))  # what is mapped stays when the folder goes

    @cached_property
    def words(self) -> Sequence[UserWord]:
        """Return the words of config/dictionary.txt."""
        return wordlists.dictionary(self.home.config("dictionary.txt"))

    @cached_property
    def searcher(self) -> Searcher:
        """Return what makes queries and picks hits."""
        search = self.settings.search
        queries = QueryBuilder(self.stop_words.__contains__, weights_of(search), self.stemmer.phrase)
        return Searcher(
            self.question_analyzer,
            queries,
            sentence_weight=search.sentence_weight,
            intent_weight=search.intent_weight,
            spread=search.spread,
        )

    @cached_property
    def stemmer(self) -> Stemmer:
        """Return what takes English words to their stems."""
        return Stemmer()

    @cached_property
    def cedict(self) -> Cedict:
        """Return the dictionary; its file is made in the home's cache when first needed."""
        return self._cached(lambda cache: Cedict(cache, self.stemmer))

    def sources(self) -> "Sources":
        """Return what a lexicon is compiled from."""
        from bot.lexicon import glossary
        from bot.lexicon.dictionary import Dictionary
        from bot.lexicon.sources import Sources

        return Sources(
            self.cedict,
            functools.cache(lambda: glossary.synonyms(self.home.config("synonyms.toml"))),
            functools.cache(lambda: glossary.glossary(self.home.config("glossary.toml"))),
            self.stemmer.phrase,
            lambda text: self.normalizer(text).text,
            Dictionary(self.cache, self.cedict, self.frequencies),
        )

    def meaning(self, question: str) -> frozenset[str]:
        """Return the words of a question that carry content, English ones as stems; the same for the same."""
        words = [word for word in self.question_analyzer.tokens(question)[0] if word not in self.stop_words]
        stems = self.stemmer.phrase(" ".join(word for word in words if word.isascii()))
        return frozenset([*stems, *(word for word in words if not word.isascii())]) or frozenset([question])

    @cached_property
    def stop_words(self) -> Container[str]:
        """Return the words of config/stopwords.txt."""
        return wordlists.stop_words(self.home.config("stopwords.txt"))

    def reread(self) -> None:
        """Forget what was read from config/; it is read again when next needed."""
        for name in _READ_FROM_CONFIG:
            self.__dict__.pop(name, None)


def weights_of(search: SearchSettings) -> Weights:
    """Return what channels and names count by the settings in [search]."""
    return Weights(
        word=search.word_weight,
        char=search.char_weight,
        heading=search.heading_weight,
        single=search.single_weight,
        synonym=search.synonym_weight,
        meaning=search.meaning_weight,
        meaning_least=search.meaning_least,
        translated_char=search.translated_char_weight,
        phrase=search.phrase_weight,
        part=search.part_weight,
    )

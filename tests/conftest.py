"""Parts that many tests share: the real analyzer and lexicon, fresh folders, passages, generations."""

import functools
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.analysis.analyzer import Analyzer
from bot.analysis.frequencies import Frequencies
from bot.analysis.normalize import Normalizer, simplifier
from bot.analysis.segment import UserWord, segmenter
from bot.domain import Passage
from bot.home import Home
from bot.index import builder
from bot.index.builder import Means
from bot.index.generations import Store
from bot.index.meta import MANIFEST, Meta
from bot.lexicon import glossary, sounds, wordlists
from bot.lexicon.cedict import Cedict
from bot.lexicon.dictionary import Dictionary
from bot.lexicon.english import Stemmer
from bot.lexicon.sources import Sources
from tests import caches

ROOT = Path(__file__).parents[1]
HAS_BROWSER = shutil.which("chromium") is not None
HOW_TO_GET_ONE = "install Chromium: apt-get install chromium"

settings.register_profile(
    "wenbao",
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("wenbao")


def pytest_configure() -> None:
    """Refuse to run without a browser where one is required; let the programs that are tested hear Ctrl-C.

    A shell that runs the tests in the background has them ignore it, and all that they start.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if os.environ.get("REQUIRE_BROWSER") and not HAS_BROWSER:
        raise pytest.UsageError(f"there is no browser; {HOW_TO_GET_ONE}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what needs a browser where there is none; the summary says so."""
    browsing = [] if HAS_BROWSER else [item for item in items if item.get_closest_marker("browser")]
    if browsing:
        items[:] = [item for item in items if item not in browsing]
        config.hook.pytest_deselected(items=browsing)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not run, and how to run it."""
    if not HAS_BROWSER:
        terminalreporter.write_line(
            f"the chat page was not tested in a browser; {HOW_TO_GET_ONE}", yellow=True
        )


@pytest.fixture(autouse=True, scope="session")
def _one_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Share what homes make of the dictionaries between all processes of this run."""
    own = tmp_path_factory.getbasetemp()
    caches.keep_in(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture(autouse=True, scope="session")
def _one_pinyin() -> Iterator[None]:
    """Read pypinyin's phrases once: for each small index anew, they take half of its build."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sounds, "_Spoken", functools.cache(sounds._Spoken))
        yield


@pytest.fixture(scope="session")
def user_words() -> tuple[UserWord, ...]:
    """The words of config/dictionary.txt."""
    return wordlists.dictionary(ROOT / "config" / "dictionary.txt")


@pytest.fixture(scope="session")
def normalizer() -> Normalizer:
    """The normaliser as it is assembled, with OpenCC."""
    return Normalizer(simplifier())


@pytest.fixture(scope="session")
def analyzer(
    normalizer: Normalizer, user_words: tuple[UserWord, ...], tmp_path_factory: pytest.TempPathFactory
) -> Analyzer:
    """The analyzer as it is assembled, with whichever segmenter is installed."""
    return Analyzer(normalizer, segmenter("auto", user_words, tmp_path_factory.mktemp("jieba")))


@pytest.fixture(scope="session")
def stemmer() -> Stemmer:
    """What takes English words to their stems."""
    return Stemmer()


@pytest.fixture(scope="session")
def dictionaries(_one_cache: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what homes make of the dictionaries; only to be read."""
    root = tmp_path_factory.mktemp("dictionaries")
    caches.give(root)
    return Home(root).private / "cache"


@pytest.fixture(scope="session")
def frequencies(dictionaries: Path) -> Frequencies:
    """How often words are used."""
    return Frequencies(dictionaries)


@pytest.fixture(scope="session")
def cedict(dictionaries: Path, stemmer: Stemmer) -> Cedict:
    """The dictionary as it comes with its package."""
    return Cedict(dictionaries, stemmer)


@pytest.fixture(scope="session")
def sources(
    cedict: Cedict,
    stemmer: Stemmer,
    analyzer: Analyzer,
    frequencies: Frequencies,
    tmp_path_factory: pytest.TempPathFactory,
) -> Sources:
    """What lexicons are compiled from as it is assembled; a name is normalised once for all of them."""
    spelt = functools.cache(lambda text: analyzer.normalize(text).text)
    synonyms = functools.cache(lambda: glossary.synonyms(ROOT / "config" / "synonyms.toml"))
    terms = functools.cache(lambda: glossary.glossary(ROOT / "config" / "glossary.toml"))
    dictionary = Dictionary(tmp_path_factory.mktemp("dictionary"), cedict, frequencies)
    return Sources(cedict, synonyms, terms, functools.cache(stemmer.phrase), spelt, dictionary)


@pytest.fixture(scope="session")
def means(analyzer: Analyzer, sources: Sources) -> Means:
    """What indexes are built with, in this process."""
    return Means(lambda _size: analyzer, sources)


@pytest.fixture(scope="session")
def new_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Gives a new, empty folder at every call: a generated example needs its own."""
    parent = tmp_path_factory.mktemp("folders")
    numbers = count()

    def make() -> Path:
        folder = parent / str(next(numbers))
        folder.mkdir()
        return folder

    return make


@pytest.fixture(scope="session")
def as_passages() -> Callable[[Sequence[str]], list[Passage]]:
    """Makes passages of texts: one report, numbered ids."""

    def make(texts: Sequence[str]) -> list[Passage]:
        return [
            Passage(f"p{i}", "r", "热线报告", ("三", "投诉"), "corpus/r.md", 0, len(text), text)
            for i, text in enumerate(texts)
        ]

    return make


@pytest.fixture(scope="session")
def publish(means: Means, new_folder: Callable[[], Path]) -> Callable[[Store, Sequence[Passage]], Meta]:
    """Publishes a generation of passages; the same passages are built once and copied."""
    built: dict[tuple[Passage, ...], tuple[Path, Mapping[str, int]]] = {}

    def make(store: Store, passages: Sequence[Passage]) -> Meta:
        key = tuple(passages)
        if key not in built:
            files = new_folder()
            built[key] = files, builder.build(passages, means, files)
        files, counts = built[key]
        with store.building() as building:
            for file in files.iterdir():
                shutil.copyfile(file, building.folder / file.name)
            (building.folder / MANIFEST).write_text("{}", "utf-8")
            return store.publish(building, {"corpus": "c0ffee", "format": "1"}, counts, seconds=0.125)

    return make

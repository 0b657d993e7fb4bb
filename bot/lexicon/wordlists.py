"""config/*.txt: the words of the domain and the words that carry no content.

One entry a line; `#` starts a comment; blank lines do not count.
"""

from collections.abc import Iterator
from pathlib import Path

from bot.analysis.segment import UserWord
from bot.errors import SettingsError

# On the scale of jieba's dictionary: enough to keep a word of several characters whole.
DEFAULT_FREQUENCY = 1000
_MAX_FREQUENCY = 1_000_000


def dictionary(path: Path) -> tuple[UserWord, ...]:
    """Read words for the segmenter: `word` or `word frequency`, a frequency of 1–1,000,000.

    Raises:
        SettingsError: With file:line, when a line is neither.
    """
    words = {}
    for number, line in _entries(path):
        word, *rest = line.split()
        if len(rest) > 1 or (rest and not _is_frequency(rest[0])):
            raise SettingsError(
                f"{path}:{number}: is no word: {line}; "
                f"write a word and at most a frequency from 1 to {_MAX_FREQUENCY}"
            )
        words[word] = UserWord(word, int(rest[0]) if rest else DEFAULT_FREQUENCY)
    return tuple(words.values())


def stop_words(path: Path) -> frozenset[str]:
    """Read words that a question is not searched for, several a line if wanted, in lower case."""
    return frozenset(word.lower() for _, line in _entries(path) for word in line.split())


def _entries(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8; save the file as UTF-8") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    for number, line in enumerate(text.splitlines(), 1):
        if entry := line.partition("#")[0].strip():
            yield number, entry


def _is_frequency(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= _MAX_FREQUENCY

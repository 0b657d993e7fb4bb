"""config/synonyms.toml and config/glossary.toml: what else an idea of the trade is called.

A file has a table per topic and in it a line per idea, `key = ["name", "name:0.5", …]`. In the synonyms
the key is the idea's main name; in the glossary it is English, alternatives divided by `|`.
Names are returned as they are written; bringing them into the form of the index is the caller's part.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain import Name
from bot.errors import SettingsError

# Of a synonym without a weight of its own: near enough to look for, not as sure as the word that was asked.
SYNONYM_WEIGHT = 0.7
_TRANSLATION_WEIGHT = 1.0

_HEADER = re.compile(r"\s*(\[+[^]]*\]+)\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)\s*(?:\.[^=]*)?=""")
_BARE_KEY = re.compile(r"""\s*[^\s"'#\[\]=,][^"'\[\]=]*=""")
_DECIMAL = re.compile(r"[01]|[01]?\.[0-9]+")
# What the analyzer takes for words: letters and figures, and what joins them inside.
_TERM = re.compile(r"[^\W_]+(?:[.+#&'_-][^\W_]+)*")
_ENGLISH = re.compile(r"[a-z0-9]+(?:[ '’&/.+-]+[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class _Line:
    """One idea as it stands in the file; `where` is file:line."""

    where: str
    key: str
    names: list[str]


def synonyms(path: Path) -> tuple[tuple[Name, ...], ...]:
    """Read groups of words that can stand for each other.

    Returns:
        A group a line, in the order of the file: the main name with weight 1, then its synonyms;
        at least two names, none twice. A word may be in several groups.

    Raises:
        SettingsError: With file:line, when the file cannot be read or a line is not such a group.
    """
    return tuple(_synonym_group(line) for line in _lines(path))


def glossary(path: Path) -> Mapping[str, tuple[Name, ...]]:
    """Read English terms and their Chinese names.

    Returns:
        Each English phrase, in lower case and with single spaces, to its names; at least one, none twice.

    Raises:
        SettingsError: With file:line, when the file cannot be read, a line is not an entry or a
            phrase stands twice.
    """
    entries: dict[str, tuple[Name, ...]] = {}
    first: dict[str, str] = {}
    for line in _lines(path):
        names = _distinct(line, _names(line, _TRANSLATION_WEIGHT, "glossary"))
        for phrase in _phrases(line):
            if phrase in entries:
                other = first[phrase].rpartition(":")[2]
                raise SettingsError(
                    f"{line.where}: {phrase!r} stands in line {other} already; keep it in one of the two"
                )
            entries[phrase], first[phrase] = names, line.where
    return entries


def _synonym_group(line: _Line) -> tuple[Name, ...]:
    main = Name(_term(line, line.key.strip()), 1.0, "synonym")
    return _distinct(line, (main, *_names(line, SYNONYM_WEIGHT, "synonym")))


def _phrases(line: _Line) -> Iterator[str]:
    for written in line.key.split("|"):
        phrase = " ".join(written.lower().split())
        if not _ENGLISH.fullmatch(phrase):
            raise SettingsError(
                f"{line.where}: {written.strip()!r} is not English; write English words on the left, "
                "alternatives divided by |"
            )
        yield phrase


def _names(line: _Line, usual: float, source: str) -> tuple[Name, ...]:
    return tuple(_name(line, written, usual, source) for written in line.names)


def _name(line: _Line, written: str, usual: float, source: str) -> Name:
    # The colon of a Chinese keyboard will do.
    term, colon, weight = (part.strip() for part in written.replace("：", ":").partition(":"))
    term = _term(line, term)
    if not colon:
        return Name(term, usual, source)
    if not _DECIMAL.fullmatch(weight) or not 0 < float(weight) <= 1:
        raise SettingsError(
            f"{line.where}: {written!r} has a weight that is not above 0 and up to 1; write {term}:0.5"
        )
    return Name(term, float(weight), source)


def _term(line: _Line, written: str) -> str:
    if not written:
        raise SettingsError(f"{line.where}: a name is empty; write a word or take it out")
    if not _TERM.fullmatch(written):
        raise SettingsError(f"{line.where}: {written!r} is not one word; leave out spaces and marks")
    return written


def _distinct(line: _Line, names: tuple[Name, ...]) -> tuple[Name, ...]:
    seen: set[str] = set()
    for name in names:
        if name.term.casefold() in seen:
            raise SettingsError(f"{line.where}: {name.term} stands twice in this line; take one out")
        seen.add(name.term.casefold())
    return names


def _lines(path: Path) -> Iterator[_Line]:
    text = _text(path)
    topics = _parsed(path, text)
    places = _places(text)
    for topic, ideas in topics.items():
        where = f"{path}:{places.get((topic,), 1)}"
        if not isinstance(ideas, dict):
            raise SettingsError(f"{where}: {topic!r} belongs to no topic; put a line like [calls] above it")
        for key, names in ideas.items():
            place = places.get((topic, key), places.get((topic,), 1))
            yield _Line(f"{path}:{place}", key, _checked(f"{path}:{place}", key, names))


def _checked(where: str, key: str, names: Any) -> list[str]:  # noqa: ANN401
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise SettingsError(f'{where}: {key!r} is no list of names; write = ["name", "name:0.5"] behind it')
    if not names:
        raise SettingsError(f"{where}: {key!r} has no names; add one or take the line out")
    return names


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}:{line}: is not UTF-8; save the file as UTF-8") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error


def _parsed(path: Path, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # of numbers too long and brackets too deep, too
        place = re.search(r"\(at line (\d+), column \d+\)$", str(error))
        number = int(place.group(1)) if place else text.count("\n") + 1
        raise SettingsError(f"{path}:{number}: {_advice(text, number, str(error))}") from error


def _advice(text: str, number: int, what: str) -> str:
    """Say what to do about a line that is not TOML; the two likely slips in words of their own."""
    line = text.split("\n")[number - 1]
    if what.startswith("Cannot overwrite") and (key := _KEY.match(line)):
        return f"{key.group(1)} is listed twice in its topic; make one line of the two"
    if _BARE_KEY.match(line) and not _KEY.match(line):
        return f'write the word on the left in quotation marks: "{line.partition("=")[0].strip()}" = […]'
    return f"is not valid TOML: {re.sub(r' *[(]at [^)]*[)]$', '', what)}"


def _places(text: str) -> dict[tuple[str, ...], int]:
    """Return the 1-based lines of topics and of the keys in them; the parser does not tell."""
    places: dict[tuple[str, ...], int] = {}
    topic: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            topic = _path(header.group(1))
            for depth in (1, 2):
                places.setdefault(topic[:depth], number)
        elif key := _KEY.match(line):
            places.setdefault((*topic, _unquoted(key.group(1))), number)
    return places


def _path(header: str) -> tuple[str, ...]:
    """Return the names in a table's header, outermost first."""
    return tuple(_unquoted(name) for name in re.findall(r"""[^\s"'.\[\]]+|"[^"]*"|'[^']*'""", header))


def _unquoted(key: str) -> str:
    return key[1:-1] if key[0] in "\"'" else key

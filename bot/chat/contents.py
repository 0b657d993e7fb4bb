"""What stands in a report, as a person browses it: sections from passages, an outline, pages. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from bot.chat.render import line, units
from bot.domain import Passage

T = TypeVar("T")

INDENT = "\u3000"
_PAGE_UNITS = 1500  # about two screens of a phone
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Page:
    """One page of several.

    Attributes:
        number: 0-based, below `count`.
        count: At least one.
    """

    number: int
    count: int


@dataclass(frozen=True, slots=True)
class Part:
    """A section with all its passages, as it stands in a report.

    Attributes:
        number: 1-based, in its report.
        path: Headings from the outermost to its own.
    """

    number: int
    path: tuple[str, ...]
    passages: tuple[Passage, ...]


def parts(passages: Sequence[Passage]) -> tuple[Part, ...]:
    """Return the sections of a report from all its passages, in order."""
    groups = groupby(passages, key=lambda passage: passage.section)
    return tuple(Part(number, path, tuple(group)) for number, (path, group) in enumerate(groups, start=1))


def page(things: Sequence[T], number: int, size: int) -> tuple[Sequence[T], Page]:
    """Return one page of things, the nearest there is, with at most `size` of them."""
    count = max(1, -(-len(things) // size))
    at = min(max(number, 0), count - 1)
    return things[at * size : (at + 1) * size], Page(at, count)


def outline(shown: Sequence[Part]) -> Iterator[str]:
    """Yield the lines of an outline: numbered headings below those that they belong to.

    A heading above is given once, before the first section below it, unless it is a section itself.
    """
    above: tuple[str, ...] = ()
    for part in shown:
        common = _common(above, part.path[:-1])
        for depth, heading in enumerate(part.path[common:-1], start=common):
            yield f"{_indent(depth)}{line(heading)}"
        yield f"{_indent(len(part.path) - 1)}{part.number}. {line(part.path[-1])}"
        above = part.path


def pages(passages: Sequence[Passage]) -> tuple[tuple[Passage, ...], ...]:
    """Return a section's passages in pages of a readable length, each of at least one passage."""
    done: list[tuple[Passage, ...]] = []
    length = 0
    for passage in passages:
        size = units(passage.text.encode("utf-8", "replace").decode("utf-8"))
        if done and length + size <= _PAGE_UNITS:
            done[-1] += (passage,)
            length += size
        else:
            done.append((passage,))
            length = size
    return tuple(done)


def _indent(depth: int) -> str:
    return INDENT * min(depth, _DEEPEST)


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Return how many headings two paths begin with alike."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )

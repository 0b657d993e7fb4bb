"""One reader per file kind: a file → its text and lines, with the headings that the format itself marks.

A new kind is one function from bytes to `SourceText` and one entry in `READERS`.
"""

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from bot.domain import Omission, Span
from bot.errors import UnreadableReport
from bot.reports.decoding import decode


class Role(StrEnum):
    """What the file's format says of a line; numbering is the outline's business."""

    BODY = "body"
    HEADING = "heading"
    BOLD = "bold"
    FIXED = "fixed"
    SKIP = "skip"


class Line(NamedTuple):
    """A line with something on it; a tuple, since a dataclass takes more than twice as long to make.

    Attributes:
        start: Of its first character that is not a space, in code points of the text.
        end: After its last one.
        role: BODY may be a heading by its numbering, FIXED (code, table, list) never is, SKIP has no words.
        level: 1–6 for a HEADING, else 0.
        title: A HEADING's or BOLD line's words without the marks.
    """

    start: int
    end: int
    role: Role = Role.BODY
    level: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class SourceText:
    r"""A file as read.

    Attributes:
        text: All of it, decoded; line ends are "\n".
        lines: Those that are not blank and not left out, in order.
        omissions: What the format sets apart from the text, such as front matter.
        title: As the format gives it, or "".
    """

    text: str = field(repr=False)
    lines: tuple[Line, ...] = field(repr=False)
    omissions: tuple[Omission, ...] = ()
    title: str = ""


def read(path: Path, *, max_bytes: int, within: Path | None = None, name: str = "") -> SourceText:
    """Read one report file.

    Args:
        path: The file; its suffix, in any case, says its kind.
        max_bytes: Largest size that is read, > 0.
        within: Folder, without links in its own path, that the file must lie in once links are followed;
            None to allow any.
        name: How messages call the file; the path when "".

    Returns:
        Its text and lines; the text may be empty.

    Raises:
        UnreadableReport: The kind is unknown, the file is no regular file, too large, outside `within`,
            or no text.
    """
    return parse(read_bytes(path, max_bytes=max_bytes, within=within, name=name), path, name=name)


def read_bytes(path: Path, *, max_bytes: int, within: Path | None = None, name: str = "") -> bytes:
    """Return the bytes of one report file; arguments and errors are those of `read`."""
    name = name or str(path)
    _reader(path, name)
    try:
        if within is not None and not _lies_in(path, within):
            raise UnreadableReport(f"{name}: links to a file outside the corpus; put a copy there instead")
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableReport(f"{name}: not a regular file; remove it from the corpus")
        with path.open("rb") as file:
            # Room for the most that is allowed would take longer to get than most files to read.
            data = file.read(max_bytes + 1 if status.st_size > max_bytes else -1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadableReport(
            f"{name}: cannot be opened ({reason}); check that it exists and may be read"
        ) from error
    if len(data) > max_bytes:
        raise UnreadableReport(f"{name}: {too_large(max_bytes)}")
    return data


def _lies_in(path: Path, folder: Path) -> bool:
    # As text: Path objects, of which there would be two a file, take thrice as long.
    return os.path.realpath(path, strict=True).startswith(os.path.join(folder, ""))  # noqa: PTH118


def parse(data: bytes, path: Path, *, name: str = "") -> SourceText:
    """Return what `data`, the bytes of the file at `path`, says; errors are those of `read`."""
    name = name or str(path)
    try:
        return _reader(path, name)(data)
    except ValueError as error:
        raise UnreadableReport(f"{name}: {error}") from error


def too_large(max_bytes: int) -> str:
    """Return the reason for leaving out a file of more than `max_bytes`."""
    return f"larger than {max_bytes / 2**20:g} MB; split it, or raise corpus.max_file_mb"


def unsupported(suffix: str) -> str:
    """Return the reason for leaving out a file whose name ends in `suffix`."""
    what = f"{suffix} files are not read" if suffix else "a name without suffix"
    return f"{what}; save it as .txt or .md"


def _reader(path: Path, name: str) -> Callable[[bytes], SourceText]:
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UnreadableReport(f"{name}: {unsupported(path.suffix)}")
    return reader


_CONTENT = re.compile(r"\S[^\n]*(?<!\s)")


def read_plain(data: bytes) -> SourceText:
    """Read plain text: every line is body text.

    Raises:
        ValueError: It cannot be decoded.
    """
    text = decode(data)
    return SourceText(text, tuple(Line(found.start(), found.end()) for found in _CONTENT.finditer(text)))


_FRONT_MATTER = re.compile(r"---[ \t]*\n(?=[^\n]*:)(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title[ \t]*:[ \t]*(\S[^\n]*?)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_ATX = re.compile(r"(#{1,6})(?:[ \t\u3000]+|(?=[^\x00-\x7f]))(\S[^\n]*?)(?:[ \t]+#+)?\Z")
_SETEXT = re.compile(r"=+\Z|-{3,}\Z")
_RULE = re.compile(r"(?:\*[ \t]*){3,}\Z|(?:-[ \t]*){3,}\Z|(?:_[ \t]*){3,}\Z|=+\Z")
_FENCE = re.compile(r"`{3,}(?=[^`]*\Z)|~{3,}")
_LIST = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]|[|>]")
_BOLD = re.compile(r"(\*\*|__)(?=\S)((?:(?!\1).)+?)\1([：:]?)\Z")
_SENTENCE_END = re.compile(r"[。！？!?；;，,]\Z")
# What each of the above begins with, and a comment; most lines begin with none of it.
_MARKED = re.compile(r"[#`~<=|>*+_\d-]")


def read_markdown(data: bytes) -> SourceText:
    """Read Markdown: headings, and what is never one: code, tables, lists, rules, comments, front matter.

    Raises:
        ValueError: It cannot be decoded.
    """
    text = decode(data)
    front = _FRONT_MATTER.match(text)
    begin = front.end() if front else 0
    titled = _FRONT_TITLE.search(front.group(1)) if front else None
    return SourceText(
        text,
        tuple(_markdown_lines(text, begin)),
        (Omission(Span(0, len(text[:begin].rstrip())), "front matter"),) if begin else (),
        titled.group(1).strip("\"'") if titled else "",
    )


def _markdown_lines(text: str, begin: int) -> Iterator[Line]:
    """Yield the lines; a heading over === or --- spans both."""
    above: Line | None = None
    waiting: Line | None = None
    for line in _blocks(text, begin):
        if waiting and _is_underlined(text, above, waiting, line):
            level = 1 if text[line.start] == "=" else 2
            title = text[waiting.start : waiting.end]
            above, waiting = waiting, Line(waiting.start, line.end, Role.HEADING, level, title)
            continue
        if waiting:
            yield waiting
        above, waiting = waiting, line
    if waiting:
        yield waiting


def _blocks(text: str, begin: int) -> Iterator[Line]:
    """Yield the lines, those inside code fences and comments marked as such."""
    open_until = ""
    last_comment_end = text.rfind("-->")
    for found in _CONTENT.finditer(text, begin):
        words, span = found.group(), found.span()
        if not open_until and not _MARKED.match(words):
            yield Line(*span)
        elif open_until == "-->":
            open_until = "" if "-->" in words else open_until
            yield Line(*span, Role.SKIP)
        elif open_until:
            closed = words.startswith(open_until)
            open_until = "" if closed else open_until
            yield Line(*span, Role.SKIP if closed else Role.FIXED)
        elif opened := _FENCE.match(words):
            open_until = opened.group()
            yield Line(*span, Role.SKIP)
        elif words.startswith("<!--") and span[0] < last_comment_end:
            open_until = "" if "-->" in words else "-->"
            yield Line(*span, Role.SKIP if open_until or words.endswith("-->") else Role.BODY)
        else:
            yield _markdown_line(words, *span)


def _is_underlined(text: str, above: Line | None, line: Line, below: Line) -> bool:
    """Tell whether `below` makes `line` a heading; a rule under prose is taken for a rule."""
    if line.role is not Role.BODY or below.role is not Role.SKIP:  # as each rule is
        return False
    if not _SETEXT.match(text[below.start : below.end]):
        return False
    alone = above is None or above.role is not Role.BODY or text.count("\n", above.end, line.start) > 1
    title = text[line.start : line.end]
    adjacent = text.count("\n", line.end, below.start) == 1
    return alone and adjacent and len(title) <= 40 and not _SENTENCE_END.search(title)


def _markdown_line(words: str, start: int, end: int) -> Line:
    if atx := _ATX.match(words):
        return Line(start, end, Role.HEADING, len(atx.group(1)), atx.group(2))
    if _RULE.match(words):
        return Line(start, end, Role.SKIP)
    if _LIST.match(words):
        return Line(start, end, Role.FIXED)
    if bold := _BOLD.match(words):
        return Line(start, end, Role.BOLD, 0, bold.group(2).strip() + bold.group(3))
    return Line(start, end)


READERS: Mapping[str, Callable[[bytes], SourceText]] = MappingProxyType(
    {
        ".txt": read_plain,
        ".text": read_plain,
        ".md": read_markdown,
        ".markdown": read_markdown,
    }
)

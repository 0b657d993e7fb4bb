"""Questions a line, answers a line: what `wenbao ask --batch` reads and prints."""

import codecs
import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from bot import answer as answers
from bot import console
from bot.errors import InputError
from bot.home import Home
from bot.settings import Settings
from bot.spreading import spread
from bot.wiring import Service

_READ_BYTES = 2**16


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end; one that is no text has marks in the place of what cannot be read."""

    text: str
    is_text: bool = True


def print_answers(service: Service, batch: Path, *, hits: int | None, explain: bool) -> None:
    """Answer the lines of a file, of standard input for "-", and print an object each, in order.

    Raises:
        InputError: The file cannot be read.
    """
    here = partial(answered, service, hits=hits, explain=explain)
    folder = service.generation().folder
    opening = partial(_opened, service.home, service.settings, folder, hits=hits, explain=explain)
    with closing(spread(lines(batch), here, opening)) as objects:
        for one in objects:
            console.print_json(one)
            sys.stdout.flush()


def answered(service: Service, line: Line, *, hits: int | None, explain: bool) -> dict[str, Any]:
    """Answer one line; a line that is no question gets an object that says why, so that none is missing."""
    if not line.is_text:
        return answers.unasked(line.text, "this line is not in the encoding of the others; mend it")
    try:
        return answers.to_json(service.ask(line.text, hits=hits, explain=explain))
    except InputError as error:
        return answers.unasked(line.text, str(error))


def check(batch: Path) -> None:
    """See that a file can be read to its end before its first line is answered.

    Raises:
        InputError: It cannot, or it is not UTF-8.
    """
    if str(batch) == "-":
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with batch.open("rb") as file:
            while part := file.read(_READ_BYTES):
                decoder.decode(part)
        decoder.decode(b"", final=True)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"{batch} cannot be read: {reason}") from error


def lines(batch: Path) -> Iterator[Line | None]:
    """Yield lines as they come; None where the next one may take its time."""
    if str(batch) != "-":
        with batch.open("rb") as file:
            yield from _decoded(file, "utf-8-sig")
    elif hasattr(sys.stdin, "buffer"):
        yield from _decoded(sys.stdin.buffer, sys.stdin.encoding)
    else:
        yield from (Line(line.removesuffix("\n").removesuffix("\r")) for line in sys.stdin)


def _decoded(file: BinaryIO, encoding: str) -> Iterator[Line | None]:
    # A line feed ends a line and nothing else does, as form feeds and other separators do for Python.
    for number, line in enumerate(_raw(file)):
        if line is None:
            yield None
            continue
        text = line.removesuffix(b"\n").removesuffix(b"\r")
        try:
            yield Line(text.decode(encoding if number == 0 else encoding.removesuffix("-sig")))
        except UnicodeDecodeError:
            yield Line(text.decode(encoding, "replace"), is_text=False)


def _raw(file: BinaryIO) -> Iterator[bytes | None]:
    left = b""
    while part := os.read(file.fileno(), _READ_BYTES):
        *whole, left = (left + part).split(b"\n")
        yield from whole
        if not select.select([file], [], [], 0)[0]:
            yield None
    if left:
        yield left


def _opened(
    home: Home, settings: Settings, generation: Path, *, hits: int | None, explain: bool
) -> Callable[[Line], dict[str, Any]]:
    """Open a generation in another process; return what answers a line from it."""
    service = Service(home, settings, warn=lambda _line: None, many=True).answering_from(generation)
    service.generation()
    return partial(answered, service, hits=hits, explain=explain)

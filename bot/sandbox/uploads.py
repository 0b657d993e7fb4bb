"""A multipart form: values and files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from bot.sandbox.refusals import bad_request, stricter

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks


@dataclass(frozen=True, slots=True)
class Upload:
    """A file within a form: its name, what its sender says that it is ("" if nothing), and its bytes."""

    name: str
    mime_type: str
    data: bytes


@dataclass(slots=True)
class _Part:
    headers: dict[str, bytes] = field(default_factory=dict)
    data: bytearray = field(default_factory=bytearray)


def read_form(content_type: str, body: bytes) -> Iterator[tuple[str, str | Upload]]:
    """Yield the parts of a multipart form by name.

    Raises:
        ApiError: the form is malformed, a part has no name, or a text is not UTF-8.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise _malformed()
    parts = _Parts()
    try:
        parser = MultipartParser(boundary, parts.callbacks())
        parser.write(body)
        parser.finalize()
    except FormParserError:
        raise _malformed() from None
    if not parts.is_whole:
        raise _malformed()
    for part in parts.parts:
        yield _read(part)


class _Parts:
    def __init__(self) -> None:
        self.parts: list[_Part] = []
        self.is_whole = False
        self._name = b""
        self._value = b""

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_part_data": self._add,
            "on_header_begin": self._header,
            "on_header_field": self._add_name,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self.parts.append(_Part())

    def _add(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].data += memoryview(data)[start:end]

    def _header(self) -> None:
        self._name = self._value = b""

    def _add_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self.parts[-1].headers[self._name.decode("latin-1").lower()] = self._value

    def _end(self) -> None:
        self.is_whole = True


def _read(part: _Part) -> tuple[str, str | Upload]:
    _, options = parse_options_header(part.headers.get("content-disposition", b""))
    name = options.get(b"name")
    if not name:
        raise stricter("a part of the multipart body has no name")
    try:
        if (file_name := options.get(b"filename")) is None:
            return name.decode(), part.data.decode()
        mime_type = part.headers.get("content-type", b"").decode("latin-1")
        return name.decode(), Upload(file_name.decode(), mime_type, bytes(part.data))
    except UnicodeError:
        raise bad_request("strings must be encoded in UTF-8") from None


def _malformed() -> Exception:
    return stricter("the multipart body is malformed")

"""The files that Telegram keeps: what people and the bot sent, in memory."""

import hashlib
import re
from base64 import urlsafe_b64encode

from bot.sandbox.bell import Bell
from bot.sandbox.nouns import File, FileKind

MAX_UPLOAD = 50 * 2**20
"""Bytes of a file that a bot may send."""
MAX_DOWNLOAD = 20 * 2**20
"""Bytes of a file that a bot may fetch."""
MAX_PHOTO = 10 * 2**20
"""Bytes of a photo that a bot may send."""


class Files:
    """Each file once for every time it was sent. Safe to call from any thread."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._files: dict[str, File] = {}
        self._data: dict[str, bytes] = {}  # by unique id: the same bytes lie here once
        self._paths: dict[str, str] = {}  # by file id
        self._by_path: dict[str, File] = {}

    def keep(
        self,
        kind: FileKind,
        data: bytes,
        *,
        name: str = "",
        mime_type: str = "",
        size: tuple[int, int] = (0, 0),
    ) -> File:
        """Keep a file and return what it is called by from now on.

        Args:
            kind: How it is shown.
            data: Its bytes, as they come back; Telegram would make a photo smaller.
            name: As its sender called it.
            mime_type: As its sender said.
            size: Width and height in pixels, of a photo.
        """
        digest = hashlib.sha256(data).digest()
        with self._bell.lock:
            number = len(self._files) + 1
            file_id = urlsafe_b64encode(f"{kind}{number:08}".encode() + digest[:12]).decode().rstrip("=")
            unique_id = urlsafe_b64encode(digest[:9]).decode()
            file = File(file_id, unique_id, kind, name, mime_type, len(data), *size)
            self._files[file_id] = file
            self._data.setdefault(unique_id, data)
            suffix = ".jpg" if kind is FileKind.PHOTO else _suffix(name)
            self._paths[file_id] = path = f"{kind}s/file_{number}{suffix}"
            self._by_path[path] = file
        return file

    def find(self, file_id: str) -> File | None:
        """Return the file that a bot calls by `file_id`, or None."""
        with self._bell.lock:
            return self._files.get(file_id)

    def data(self, file: File) -> bytes:
        """Return the bytes of a kept file."""
        with self._bell.lock:
            return self._data[file.unique_id]

    def path(self, file: File) -> str:
        """Return the file_path under which a bot fetches the file."""
        with self._bell.lock:
            return self._paths[file.file_id]

    def at(self, path: str) -> File | None:
        """Return the file with this file_path, or None."""
        with self._bell.lock:
            return self._by_path.get(path)


def _suffix(name: str) -> str:
    found = re.search(r"\.[A-Za-z0-9]{1,16}\Z", name)
    return found[0] if found else ""

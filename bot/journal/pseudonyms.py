"""Who somebody is, without saying it: keyed hashes, and the key in a file that only its owner reads."""

import base64
import os
import secrets
import stat
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from bot.errors import JournalUnavailable

KEY_BYTES = 32
_PSEUDONYM_BYTES = 16
_BUTTON_BYTES = 15


class Pseudonyms:
    """Keyed BLAKE2b: without the key neither the hash of a known id nor an id of a hash can be found.

    Args:
        key: 16–64 random bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, kind: Literal["user", "chat"], number: int) -> str:
        """Return the pseudonym of a Telegram id: 32 hexadecimal digits. A user and a chat never share one."""
        return self._digest(kind, str(number).encode(), _PSEUDONYM_BYTES).hex()

    def button(self, meaning: str) -> str:
        """Return what a button carries: 20 characters of `[A-Za-z0-9_-]`."""
        return base64.urlsafe_b64encode(self._digest("button", meaning.encode(), _BUTTON_BYTES)).decode()

    def _digest(self, kind: str, value: bytes, size: int) -> bytes:
        return blake2b(value, key=self._key, digest_size=size, person=kind.encode()).digest()


def read_key(path: Path) -> bytes:
    """Return the key of a file; made at the first call, mode 0600.

    Raises:
        JournalUnavailable: It cannot be made or read, others may read it, or it is no key.
    """
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise JournalUnavailable(f"{path} can be read by others; run: chmod 600 {path}")
        key = path.read_bytes()
    except OSError as error:
        raise JournalUnavailable(f"{path} cannot be read: {error.strerror}") from error
    if len(key) != KEY_BYTES:
        raise JournalUnavailable(
            f"{path} is damaged; restore it, or delete it: then nobody's old questions are known as theirs"
        )
    return key


def _make(path: Path) -> None:
    """Write a new key aside and give it its name, unless another process was sooner."""
    aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            return
    finally:
        aside.unlink()

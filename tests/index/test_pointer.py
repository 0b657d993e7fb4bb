"""The file that says what is published: read when it is another one, and only then."""

import os
from pathlib import Path

import pytest

from bot.index.pointer import Pointer
from tests.soak.parts import open_files


def replaced(path: Path, text: bytes, *, at: int) -> None:
    """Publish `text`, written at a time in seconds."""
    aside = path.with_name("aside")
    aside.write_bytes(text)
    os.utime(aside, (at, at))
    aside.replace(path)


def test_another_file_is_read(tmp_path: Path) -> None:
    """However alike they are: same length, same time, and a number that may be used again."""
    path = tmp_path / "current"
    pointer = Pointer(path)
    for number in range(200):
        replaced(path, b"%06d\n" % number, at=7)
        assert pointer.words() == [f"{number:06d}"]


def test_the_same_file_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look at it is enough."""
    path = tmp_path / "current"
    replaced(path, b"000001 held\n", at=7)
    pointer = Pointer(path)
    assert pointer.words() == ["000001", "held"]
    monkeypatch.setattr("os.read", lambda *_: pytest.fail("it was read again"))
    assert pointer.words() == ["000001", "held"]


def test_what_cannot_be_read_is_an_error_each_time(tmp_path: Path) -> None:
    """And is read as soon as it can be."""
    path = tmp_path / "current"
    pointer = Pointer(path)
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            pointer.words()
    replaced(path, b"\xff", at=7)
    for _ in range(2):
        with pytest.raises(UnicodeDecodeError):
            pointer.words()
    replaced(path, b"000001\n", at=7)
    assert pointer.words() == ["000001"]
    path.unlink()
    with pytest.raises(FileNotFoundError):
        pointer.words()


def test_it_keeps_one_file_open(tmp_path: Path) -> None:
    """The one that was read last, and none when nobody needs it any more."""
    path = tmp_path / "current"
    before = open_files(os.getpid())
    pointer = Pointer(path)
    for number in range(5):
        replaced(path, b"%06d\n" % number, at=number)
        pointer.words()
    assert open_files(os.getpid()) == before + 1
    del pointer
    assert open_files(os.getpid()) == before

"""`wenbao init`, and which folder a command takes for its home."""

from pathlib import Path

import pytest

from bot.home import defaults
from tests import caches

from .shell import Done, process, snapshot, wenbao


def home_of(done: Done) -> str:
    """Return the home that `doctor --json` found."""
    (found,) = (finding["found"] for finding in done.json if finding["what"] == "home")
    return str(found)


def test_a_folder_is_filled(tmp_path: Path) -> None:
    """With the default settings and ten reports, whatever is above it is made too."""
    target = tmp_path / "a" / "b"
    done = wenbao("init", target)
    assert (done.code, done.err) == (0, "")
    assert len(list((target / "corpus").iterdir())) == 10
    assert (target / "config" / "bot.toml").read_bytes() == (defaults() / "config" / "bot.toml").read_bytes()
    assert str(target) in done.out


def test_the_next_step_works(tmp_path: Path) -> None:
    """The line that it ends with is a command that answers."""
    out = wenbao("init", tmp_path / "home").out
    caches.give(tmp_path / "home")
    command = out.splitlines()[-1].removeprefix("next: wenbao ").split()
    assert command[0] == "ask"
    assert wenbao(*command).code == 0


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    """Own settings and reports stay; only what is missing is made."""
    root = tmp_path / "home"
    wenbao("init", root)
    (root / "config" / "bot.toml").write_text("[search]\nhits = 2\n", "utf-8")
    (root / "corpus" / "own.md").write_text("# own\n", "utf-8")
    (root / "corpus" / "02-热线客服.md").unlink()
    assert "1 files made" in wenbao("init", root).out
    assert (root / "config" / "bot.toml").read_text("utf-8") == "[search]\nhits = 2\n"
    assert (root / "corpus" / "own.md").read_text("utf-8") == "# own\n"
    assert (root / "corpus" / "02-热线客服.md").is_file()


def test_a_full_folder_needs_nothing(tmp_path: Path) -> None:
    """The second time nothing is touched, and that is said."""
    wenbao("init", tmp_path / "home")
    before = snapshot(tmp_path)
    assert "nothing to do" in wenbao("init", tmp_path / "home").out
    assert snapshot(tmp_path) == before


def test_empty_leaves_the_samples_out(tmp_path: Path) -> None:
    """An empty corpus, and import as the next step."""
    done = wenbao("init", "--empty", tmp_path / "home")
    assert list((tmp_path / "home" / "corpus").iterdir()) == []
    assert (tmp_path / "home" / "config" / "bot.toml").is_file()
    assert "wenbao import" in done.out.splitlines()[-1]


def test_without_a_folder_the_users_own_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is then found from anywhere."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    assert wenbao("init").code == 0
    caches.give(tmp_path / "data" / "wenbao")
    assert home_of(wenbao("doctor", "--json")) == str(tmp_path / "data" / "wenbao")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """Exit code 2, and the file stays."""
    (tmp_path / "file").write_text("x", "utf-8")
    assert "is a file" in wenbao("init", tmp_path / "file").failed(2)
    assert (tmp_path / "file").read_text("utf-8") == "x"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """Exit code 3."""
    (tmp_path / "file").write_text("x", "utf-8")
    assert str(tmp_path / "file" / "home") in wenbao("init", tmp_path / "file" / "home").failed(3)


def test_home_may_stand_before_the_command(home: Path) -> None:
    """As an option of wenbao itself."""
    assert home_of(wenbao("--home", home, "doctor", "--json")) == str(home)


def test_home_may_stand_after_the_command(home: Path) -> None:
    """As an option of the command; it goes before the other."""
    assert home_of(wenbao("doctor", "--json", "--home", home)) == str(home)
    assert home_of(wenbao("--home", home.parent, "doctor", "--json", "--home", home)) == str(home)


def test_the_environment_names_the_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """WENBAO_HOME; --home goes before it, and it goes before the current folder."""
    monkeypatch.setenv("WENBAO_HOME", str(home))
    assert home_of(wenbao("doctor", "--json")) == str(home)
    other = tmp_path / "other"
    wenbao("init", "--empty", other)
    caches.give(other)
    monkeypatch.chdir(other)
    assert home_of(wenbao("doctor", "--json")) == str(home)
    assert home_of(wenbao("doctor", "--json", "--home", other)) == str(other)


def test_the_current_folder_is_the_home_if_it_is_one(home: Path) -> None:
    """With a config/bot.toml, for a real process."""
    done = process("ask", "投诉怎么处理", "--json", cwd=home)
    assert (done.code, done.err) == (0, "")
    assert done.json["hits"][0]["source"] == "corpus/热线.md"


@pytest.mark.parametrize("arguments", [("ask", "投诉"), ("refresh",), ("eval",), ("serve",)])
def test_without_any_home_the_way_to_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """Exit code 3, with `wenbao init`."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)
    assert "wenbao init" in wenbao(*arguments).failed(3)


def test_a_home_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it was named, with the command that makes it."""
    missing = tmp_path / "missing"
    assert f"wenbao init {missing}" in wenbao("ask", "投诉", "--home", missing).failed(3)
    monkeypatch.setenv("WENBAO_HOME", str(missing))
    assert f"wenbao init {missing}" in wenbao("ask", "投诉").failed(3)


def test_a_relative_home_is_found_from_where_one_stands(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Like any path."""
    monkeypatch.chdir(home.parent)
    assert home_of(wenbao("doctor", "--json", "--home", home.name)) == str(home)

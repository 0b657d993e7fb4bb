"""The home: which folder it is, and what it is filled with."""

from pathlib import Path

import platformdirs
import pytest

from bot import home
from bot.errors import HomeError, InputError
from bot.home import Home

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _user_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's data folder is one of the test's."""
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda *_, **__: str(tmp_path / "user"))


def made(folder: Path) -> Path:
    """Make a folder that is a home."""
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "bot.toml").write_text("")
    return folder


def test_the_named_folder_goes_before_all(tmp_path: Path) -> None:
    """Whatever the environment and the current folder say; it need not be filled."""
    named = tmp_path / "named"
    named.mkdir()
    found = home.find(named, {"WENBAO_HOME": str(made(tmp_path / "other"))}, made(tmp_path / "cwd"))
    assert found == Home(named)


def test_the_environment_goes_before_the_current_folder(tmp_path: Path) -> None:
    """If the variable has a value."""
    named, cwd = made(tmp_path / "named"), made(tmp_path / "cwd")
    assert home.find(None, {"WENBAO_HOME": str(named)}, cwd) == Home(named)
    assert home.find(None, {"WENBAO_HOME": ""}, cwd) == Home(cwd)


def test_the_current_folder_goes_before_the_users(tmp_path: Path) -> None:
    """If it has a config/bot.toml; else the user's is taken."""
    user, cwd = made(tmp_path / "user"), made(tmp_path / "cwd")
    assert home.find(None, {}, cwd) == Home(cwd)
    (cwd / "config" / "bot.toml").unlink()
    assert home.find(None, {}, cwd) == Home(user)


def test_a_home_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it stays the same when the process changes its folder."""
    made(tmp_path / "cwd")
    monkeypatch.chdir(tmp_path / "cwd")
    assert home.find(Path(), {}, tmp_path).root == tmp_path / "cwd"
    assert home.find(None, {}, Path()).root == tmp_path / "cwd"


@pytest.mark.parametrize("way", ["argument", "environment"])
def test_a_named_folder_must_exist(tmp_path: Path, way: str) -> None:
    """The message says how to make it."""
    missing = tmp_path / "missing"
    named, environ = (missing, {}) if way == "argument" else (None, {"WENBAO_HOME": str(missing)})
    with pytest.raises(HomeError) as caught:
        home.find(named, environ, tmp_path)
    assert str(caught.value) == f"there is no folder {missing}; make it with: wenbao init {missing}"


def test_no_home_at_all_is_said(tmp_path: Path) -> None:
    """With the folders that were looked in and what to do."""
    with pytest.raises(HomeError) as caught:
        home.find(None, {}, tmp_path)
    for part in (str(tmp_path), str(tmp_path / "user"), "config/bot.toml", "wenbao init"):
        assert part in str(caught.value)
    assert not (tmp_path / "user").exists()


def test_paths_lie_in_the_home(tmp_path: Path) -> None:
    """Reports in corpus/, everything written in .wenbao/."""
    here = Home(tmp_path)
    assert (here.corpus, here.private) == (tmp_path / "corpus", tmp_path / ".wenbao")
    assert here.index == tmp_path / ".wenbao" / "index"


def test_a_file_of_config_is_the_homes_own_or_the_programs(tmp_path: Path) -> None:
    """A home may keep only what it changes."""
    here = Home(made(tmp_path))
    assert here.config("bot.toml") == tmp_path / "config" / "bot.toml"
    assert here.config("stopwords.txt") == home.defaults() / "config" / "stopwords.txt"


def test_the_private_folder_is_private(tmp_path: Path) -> None:
    """Made for the user alone; made once."""
    here = Home(tmp_path)
    assert here.make_private() == here.make_private() == tmp_path / ".wenbao"
    assert here.private.stat().st_mode & 0o777 == 0o700


def test_a_private_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """A file in its place."""
    (tmp_path / ".wenbao").write_text("")
    with pytest.raises(HomeError, match=r"\.wenbao cannot be made: File exists"):
        Home(tmp_path).make_private()


def test_defaults_are_the_project_s_own_folders() -> None:
    """Of a checkout its own, of an installation the same files, packaged."""
    installed = Path(home.__file__).parent / "home"
    assert home.defaults() == (installed if installed.is_dir() else ROOT)
    assert files(home.defaults()) == files(ROOT)


def files(folder: Path) -> dict[str, bytes]:
    """Return the files under config/ and corpus/ of a folder by their relative paths."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for name in ("config", "corpus")
        for path in (folder / name).iterdir()
        if path.is_file()
    }


def test_a_new_home_has_config_and_samples(tmp_path: Path) -> None:
    """Byte for byte those of the program; what was made is returned, in order."""
    new = home.fill(tmp_path / "a" / "b", samples=True)
    assert files(tmp_path / "a" / "b") == files(ROOT)
    assert new == sorted(new)
    assert {str(path.relative_to(tmp_path / "a" / "b")) for path in new} == files(ROOT).keys()
    assert len(new) > 10


def test_samples_are_left_out_when_not_wanted(tmp_path: Path) -> None:
    """The folder for reports is there, empty."""
    new = home.fill(tmp_path, samples=False)
    assert {path.parent.name for path in new} == {"config"}
    assert list((tmp_path / "corpus").iterdir()) == []
    assert home.find(tmp_path, {}, tmp_path).config("bot.toml").parent.parent == tmp_path


def test_files_that_are_there_are_kept(tmp_path: Path) -> None:
    """Whatever stands in them; filling again makes nothing."""
    own = made(tmp_path) / "config" / "bot.toml"
    own.write_text("[search]\nk1 = 1.2\n")
    new = home.fill(tmp_path, samples=True)
    assert own not in new
    assert own.read_text() == "[search]\nk1 = 1.2\n"
    assert home.fill(tmp_path, samples=True) == []


def test_a_file_is_not_filled(tmp_path: Path) -> None:
    """It is the user's mistake, and nothing changes."""
    path = tmp_path / "report.txt"
    path.write_text("投诉")
    with pytest.raises(InputError, match="is a file; name a folder"):
        home.fill(path, samples=True)
    assert path.read_text() == "投诉"


def test_a_folder_that_cannot_be_filled_is_said(tmp_path: Path) -> None:
    """With the place: a file where a folder has to be."""
    (tmp_path / "corpus").write_text("")
    with pytest.raises(HomeError) as caught:
        home.fill(tmp_path, samples=True)
    assert str(caught.value) == f"{tmp_path} cannot be filled: File exists: {tmp_path / 'corpus'}"

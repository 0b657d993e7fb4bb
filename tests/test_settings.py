"""Settings: defaults, file and environment, what is refused and how that is said, secrets."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import settings_loader
from bot.errors import SettingsError
from bot.settings import Secret, Settings
from bot.settings_loader import known_keys, load

ROOT = Path(__file__).parents[1]
KEYS = [(section, key) for section, key, _, _ in known_keys()]
NUMBERS = [(s, k, allowed) for s, k, _, allowed in known_keys() if "number" in allowed]


@pytest.fixture(autouse=True)
def _no_settings_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of whoever runs the tests does not count."""
    for name in list(os.environ):
        if name.upper().startswith("WENBAO_"):
            monkeypatch.delenv(name)


class Place:
    """A folder with a bot.toml."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "bot.toml"
        self.cache = folder / "private" / "settings.json"

    def load(self, text: str | bytes = "") -> Settings:
        """Load a file of this content under the process's environment."""
        self.file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(self.file, os.environ, self.cache)

    def refusal(self, text: str | bytes = "") -> str:
        """Return what is said against a file of this content; it is one line."""
        with pytest.raises(SettingsError) as caught:
            self.load(text)
        assert "\n" not in str(caught.value)
        return str(caught.value)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A new one."""
    return Place(tmp_path)


def variable(section: str, key: str) -> str:
    """Return the name of a setting in the environment."""
    return f"WENBAO_{section}__{key}".upper()


def test_the_file_that_comes_with_the_program_has_the_defaults() -> None:
    """Key by key, every key, in the order of the settings, and of the same types."""
    table = tomllib.loads((ROOT / "config" / "bot.toml").read_text("utf-8"))
    assert [(section, key) for section, values in table.items() for key in values] == KEYS
    for section, key in KEYS:
        default = getattr(getattr(Settings(), section), key)
        written = tuple(table[section][key]) if isinstance(default, tuple) else table[section][key]
        assert (written, type(written)) == (default, type(default))


def test_without_a_file_the_defaults_hold(place: Place) -> None:
    """The file need not exist, nor have anything in it."""
    assert load(place.file, os.environ, place.cache) == Settings()
    assert place.load("") == Settings()
    assert place.load((ROOT / "config" / "bot.toml").read_bytes()) == Settings()


def test_the_file_goes_before_the_defaults(place: Place) -> None:
    """What it does not name keeps its default."""
    loaded = place.load('[search]\nk1 = 1.2\nhits = 7\n[analysis]\nsegmenter = "jieba"\n')
    assert (loaded.search.k1, loaded.search.hits, loaded.search.b) == (1.2, 7, Settings().search.b)
    assert loaded.analysis.segmenter == "jieba"
    assert loaded.telegram == Settings().telegram


def test_a_byte_order_mark_does_no_harm(place: Place) -> None:
    """Windows' Notepad writes one."""
    assert place.load(b"\xef\xbb\xbf[search]\r\nk1 = 1.2\r\n").search.k1 == 1.2


def test_the_environment_goes_before_the_file(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Key by key; $WENBAO_HOME is no setting."""
    monkeypatch.setenv("WENBAO_SEARCH__K1", "1.5")
    monkeypatch.setenv("WENBAO_TELEGRAM__BASE_URL", "http://localhost:8081")
    monkeypatch.setenv("WENBAO_HOME", "anywhere")
    loaded = place.load("[search]\nk1 = 1.2\nb = 0.75\n")
    assert (loaded.search.k1, loaded.search.b) == (1.5, 0.75)
    assert loaded.telegram.base_url == "http://localhost:8081"


def test_lists_come_from_the_file_and_the_environment(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """As JSON in the environment; what is remembered is the same."""
    text = "[access]\nallow = [12, -1001234567890]\nadmins = [12]\n"
    assert place.load(text).access.allow == (12, -1001234567890)
    monkeypatch.setenv("WENBAO_ACCESS__ADMINS", "[34, 56]")
    loaded = place.load(text)
    assert (loaded.access.allow, loaded.access.admins) == ((12, -1001234567890), (34, 56))
    assert place.load(text) == loaded


@pytest.mark.parametrize("value", ["12", "12,34", '["12"]', "[true]", "[1.5]", "{}", "[" * 2000, "[12"])
def test_what_is_no_list_of_ids_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """In the environment, with the way to write it."""
    monkeypatch.setenv("WENBAO_ACCESS__ALLOW", value)
    said = place.refusal()
    assert said.startswith("environment WENBAO_ACCESS__ALLOW: access.allow is")
    assert said.endswith("allowed: a list of Telegram ids, as JSON: [123456789]")


@pytest.mark.parametrize("value", ["12", '["x"]', "[true]", "[1.5]", "true"])
def test_what_is_no_list_of_ids_is_refused_in_the_file(place: Place, value: str) -> None:
    """With its line."""
    said = place.refusal(f"[access]\nallow = {value}\n")
    assert said.startswith(f"{place.file}:2: access.allow is ")
    assert said.endswith("allowed: a list of Telegram ids")


def test_the_environment_is_the_one_that_was_given(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the process's, where they differ."""
    monkeypatch.setenv("WENBAO_SEARCH__B", "0.9")
    loaded = load(place.file, {"WENBAO_SEARCH__K1": "1.5"}, place.cache)
    assert (loaded.search.k1, loaded.search.b) == (1.5, Settings().search.b)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[serach]\nk1 = 1", 1, "unknown serach; did you mean search?"),
        (
            "[corpus]\n\n[search]\nk1 = 1\nheding_weight = 1",
            5,
            "unknown search.heding_weight; did you mean search.heading_weight?",
        ),
        (
            "[search]\nmin_confidnce = 1",
            2,
            "unknown search.min_confidnce; did you mean search.min_confidence?",
        ),
        ("k1 = 1.2", 1, "unknown k1; did you mean"),
        ("# nothing\nsearch = 3", 2, "search is a section: write [search]"),
        ("[[search]]\nk1 = 1", 1, "search is a section: write [search]"),
        ("search.k3 = 1", 1, "unknown search.k3; did you mean search.k1?"),
    ],
)
def test_what_is_unknown_is_named_with_the_nearest(place: Place, text: str, line: int, said: str) -> None:
    """File, line, and what was probably meant."""
    assert place.refusal(text).startswith(f"{place.file}:{line}: {said}")


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("WENBAO_SEARCH__K3", "WENBAO_SEARCH__K1"),
        ("WENBAO_SERACH__HITS", "WENBAO_SEARCH__HITS"),
        ("WENBAO_SEARCH_MIN_CONFIDENCE", "WENBAO_SEARCH__MIN_CONFIDENCE"),
        ("WENBAO_SEARCH", "WENBAO_SEARCH__"),
    ],
)
def test_an_unknown_variable_is_named_with_the_nearest(
    place: Place, monkeypatch: pytest.MonkeyPatch, name: str, nearest: str
) -> None:
    """A misspelt variable would otherwise do nothing, silently."""
    monkeypatch.setenv(name, "1")
    assert place.refusal().startswith(f"environment: unknown {name}; did you mean {nearest}")


def bounds(allowed: str) -> tuple[float, float]:
    """Read the range back from what is said to be allowed."""
    low, high = re.findall(r"[\d.]+", allowed)
    return float(low), float(high)


@pytest.mark.parametrize(("section", "key", "allowed"), NUMBERS, ids=[f"{s}.{k}" for s, k, _ in NUMBERS])
def test_every_range_is_held_and_named(
    place: Place, monkeypatch: pytest.MonkeyPatch, section: str, key: str, allowed: str
) -> None:
    """Below and above it, in the file and in the environment; its upper end is allowed."""
    low, high = bounds(allowed)
    for value in (str(int(low) - 1), str(int(high) + 1)):
        said = f"{section}.{key} is {value}; allowed: {allowed}"
        assert place.refusal(f"# first\n[{section}]\n{key} = {value}\n") == f"{place.file}:3: {said}"
        with monkeypatch.context() as patch:
            patch.setenv(variable(section, key), value)
            said = f"{section}.{key} is {value!r}; allowed: {allowed}"
            assert place.refusal() == f"environment {variable(section, key)}: {said}"
    assert getattr(getattr(place.load(f"[{section}]\n{key} = {int(high)}"), section), key) == high


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[search]\nk1 = nan", "search.k1 is nan; allowed: a number from 0.0 to 10.0"),
        ("[search]\nk1 = inf", "search.k1 is inf; allowed: a number from 0.0 to 10.0"),
        ('[search]\nk1 = "high"', "search.k1 is 'high'; allowed: a number from 0.0 to 10.0"),
        ("[search]\nhits = 3.5", "search.hits is 3.5; allowed: a whole number from 1 to 100"),
        ("[corpus]\nmax_file_mb = 0", "corpus.max_file_mb is 0; allowed: a number above 0.0 to 1000.0"),
        (
            '[analysis]\nsegmenter = "thulac"',
            "analysis.segmenter is 'thulac'; allowed: 'auto' or 'jieba' or 'rjieba'",
        ),
        ("[telegram]\nbase_url = 3", "telegram.base_url is 3; allowed: text"),
        ('[telegram]\nbase_url = ""', "telegram.base_url is ''; allowed: text"),
        ("[search]\nhits = []", "search.hits is []; allowed: a whole number from 1 to 100"),
    ],
)
def test_a_value_of_another_kind_is_refused(place: Place, text: str, said: str) -> None:
    """With what is allowed."""
    assert place.refusal(text) == f"{place.file}:2: {said}"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[search]\nk1 = 1.2\nk1 2\n", 3),
        ("[search\n", 1),
        ("[search]\nk1 = ", 2),
        ('[telegram]\nbase_url = "x\n', 2),
        ("[search]\nk1 = 1\nk1 = 2\nb = 1\n", 3),
    ],
)
def test_what_is_not_toml_is_said_with_its_line(place: Place, text: str, line: int) -> None:
    """A duplicate key counts as such."""
    assert place.refusal(text).startswith(f"{place.file}:{line}: is not valid TOML: ")


def test_what_is_not_utf_8_is_said_with_its_line(place: Place) -> None:
    """A file saved in a Chinese code page is not guessed at."""
    content = "[search]\n# 权重\nk1 = 1".encode("gb18030")
    assert place.refusal(content) == f"{place.file}:2: is not UTF-8; save the file as UTF-8"


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A folder in its place."""
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load(tmp_path, {}, tmp_path / "settings.json")


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were checked, one entry each time."""
    seen: list[Path] = []
    checked = settings_loader._checked

    def counted(path: Path, content: bytes, variables: Mapping[str, str]) -> Settings:
        seen.append(path)
        return checked(path, content, variables)

    monkeypatch.setattr(settings_loader, "_checked", counted)
    return seen


def test_accepted_settings_are_remembered(place: Place, checks: list[Path]) -> None:
    """The same file is checked once and gives the same settings."""
    text = "[search]\nk1 = 1.2\nhits = 9\n"
    assert place.load(text) == place.load(text) == place.load(text)
    assert len(checks) == 1


def test_another_file_or_environment_is_checked_anew(
    place: Place, checks: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changed comment counts, a variable of another program does not."""
    place.load("[search]\nk1 = 1.2\n")
    assert place.load("[search]\nk1 = 1.3\n").search.k1 == 1.3
    assert len(checks) == 2
    monkeypatch.setenv("WENBAO_SEARCH__K1", "2.0")
    assert place.load("[search]\nk1 = 1.3\n").search.k1 == 2.0
    assert len(checks) == 3
    monkeypatch.setenv("OTHER_SEARCH__K1", "3.0")
    assert place.load("[search]\nk1 = 1.3\n").search.k1 == 2.0
    assert len(checks) == 3
    monkeypatch.setenv("WENBAO_SEARCH__K1", "11")
    assert "environment WENBAO_SEARCH__K1" in place.refusal("[search]\nk1 = 1.3\n")


@pytest.mark.parametrize("remembered", ["", "{", "[]", "null", '{"fingerprint": 1}', '"x"', "\x00"])
def test_a_garbled_memory_is_not_trusted(place: Place, checks: list[Path], remembered: str) -> None:
    """It is checked anew and then remembered."""
    place.cache.parent.mkdir()
    place.cache.write_text(remembered)
    assert place.load("[search]\nk1 = 1.2\n").search.k1 == 1.2
    assert place.load("[search]\nk1 = 1.2\n").search.k1 == 1.2
    assert len(checks) == 1


def test_refused_settings_are_not_remembered(place: Place, checks: list[Path]) -> None:
    """They are refused each time."""
    assert place.refusal("[search]\nk1 = 11") == place.refusal("[search]\nk1 = 11")
    assert len(checks) == 2
    assert not place.cache.exists()


@pytest.mark.parametrize("obstacle", ["a file for its folder", "a folder for its file"])
def test_what_cannot_be_remembered_is_checked_each_time(
    place: Place, checks: list[Path], obstacle: str
) -> None:
    """A home that cannot be written in is none the worse for it."""
    if obstacle == "a file for its folder":
        place.cache.parent.write_text("")
    else:
        place.cache.mkdir(parents=True)
    text = "[search]\nk1 = 1.2\n"
    assert place.load(text) == place.load(text)
    assert len(checks) == 2


def test_the_memory_is_private(place: Place) -> None:
    """Its folder is made for the user alone, and nothing else is left in it."""
    place.load("[search]\nk1 = 1.2\n")
    assert place.cache.parent.stat().st_mode & 0o777 == 0o700
    assert list(place.cache.parent.iterdir()) == [place.cache]


LOADED = """
import os, sys
from pathlib import Path
from bot.settings_loader import load
print(load(Path("bot.toml"), os.environ, Path("private/settings.json")).search.k1, "pydantic" in sys.modules)
"""


def test_remembered_settings_need_no_validation_library(tmp_path: Path) -> None:
    """Only the first question after a change pays for importing it."""
    (tmp_path / "bot.toml").write_text("[search]\nk1 = 1.2\n")
    said = [
        subprocess.run(
            [sys.executable, "-c", LOADED],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for _ in range(2)
    ]
    assert said == [["1.2", "True"], ["1.2", "False"]]


TOKEN = "123456789:AAF-k3pTh1sQu1etZq_w8vNmLbXy0PdRgJx"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Keeper:
    """Something that has a secret among its fields."""

    token: Secret


@pytest.mark.parametrize(
    "shown",
    [
        str(Secret(TOKEN)),
        repr(Secret(TOKEN)),
        f"{Secret(TOKEN)}",
        f"{Secret(TOKEN)!r}",
        f"{Secret(TOKEN)!s:>50}",
        "%s %r" % (Secret(TOKEN), Secret(TOKEN)),  # noqa: UP031
        format(Secret(TOKEN)),
        repr(Keeper(Secret(TOKEN))),
        str([Secret(TOKEN)]),
        str({"token": Secret(TOKEN)}),
        str(ValueError(Secret(TOKEN))),
    ],
)
def test_a_secret_does_not_show_itself(shown: str) -> None:
    """However it is printed, at most its last three characters are seen."""
    assert not [part for part in range(len(TOKEN) - 3) if TOKEN[part : part + 4] in shown]
    assert "…" in shown


@given(st.text(min_size=4))
def test_a_short_secret_shows_nothing(value: str) -> None:
    """Its last characters would be too much of it."""
    shown = str(Secret(value))
    assert shown == ("…" if len(value) <= 20 else f"…{value[-3:]}")
    assert Secret(value).reveal() == value


def test_a_secret_gives_nothing_away_to_introspection() -> None:
    """It has no dictionary of attributes for a traceback or a logger to print."""
    assert not hasattr(Secret(TOKEN), "__dict__")


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_secrets_are_equal_when_their_values_are(one: str, other: str) -> None:
    """Hashes agree, and a secret equals nothing but a secret."""
    assert (Secret(one) == Secret(other)) is (one == other)
    assert Secret(one) == Secret(one)
    assert hash(Secret(one)) == hash(Secret(one))
    assert Secret(one) != one

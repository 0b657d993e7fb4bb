"""`wenbao doctor`: what was found, what to do about it, and never the token."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .shell import Done, generation, wenbao

TOKEN = "123456789:AAF-kept-from-everybodys-eyes_0123"  # noqa: S105


def doctor(home: Path) -> Done:
    return wenbao("doctor", "--json", "--home", home)


def finding(done: Done, what: str) -> dict[str, Any]:
    """Return what was found about one thing."""
    (found,) = (one for one in done.json if one["what"] == what)
    assert isinstance(found, dict)
    return found


def test_a_home_in_order_ends_with_0(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every check passes and nothing is left to do."""
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    done = doctor(home)
    assert (done.code, done.err) == (0, "")
    looked_at = [found["what"] for found in done.json]
    assert looked_at == ["home", "config", "corpus", "index", "dictionary", "token"]
    assert {found["mark"] for found in done.json if found["what"] != "dictionary"} == {"ok"}


def test_the_index_is_named_with_what_it_holds(home: Path) -> None:
    """Generation, reports and passages."""
    found = finding(doctor(home), "index")["found"]
    assert found == f"{generation(home)}: 2 reports, 4 passages"


def test_people_get_a_table(home: Path) -> None:
    """Tab-separated in a pipe: mark, what, found, what to do."""
    out = wenbao("doctor", "--home", home).out.splitlines()
    assert out[0].split("\t") == ["", "what", "found", "what to do"]
    assert all(len(line.split("\t")) == 4 for line in out)


def test_the_token_is_masked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough to tell two apart, never the whole, nor its secret half."""
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    for done in (doctor(home), wenbao("doctor", "--home", home), wenbao("--debug", "doctor", "--home", home)):
        assert TOKEN not in done.out + done.err
        assert TOKEN.partition(":")[2] not in done.out + done.err
    assert finding(doctor(home), "token")["found"].startswith(f"…{TOKEN[-3:]} ")


def test_a_token_in_a_file_is_masked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """token_file, relative to the home."""
    (home / "token").write_text(TOKEN + "\n", "utf-8")
    (home / "token").chmod(0o600)
    monkeypatch.setenv("WENBAO_TELEGRAM__TOKEN_FILE", "token")
    done = doctor(home)
    assert (done.code, finding(done, "token")["mark"]) == (0, "ok")
    assert TOKEN not in done.out


def test_a_missing_token_is_only_advice(home: Path) -> None:
    """The command line works without; it says how to get one."""
    done = doctor(home)
    assert done.code == 0
    assert finding(done, "token")["mark"] == "!"
    assert "@BotFather" in finding(done, "token")["advice"]


def test_missing_settings_are_only_advice(home: Path) -> None:
    """The defaults hold, and init is named."""
    (home / "config" / "bot.toml").unlink()
    done = doctor(home)
    assert done.code == 0
    assert finding(done, "config")["advice"] == f"wenbao init {home}"


def test_skipped_files_are_only_advice(home: Path) -> None:
    """The first is named."""
    (home / "corpus" / "表.xlsx").write_bytes(b"PK")
    done = doctor(home)
    assert done.code == 0
    assert "1 skipped: corpus/表.xlsx" in finding(done, "corpus")["found"]
    assert finding(done, "corpus")["advice"]


def test_an_index_that_was_not_built_is_only_advice(unbuilt: Path) -> None:
    """Asking builds it; looking does not."""
    done = doctor(unbuilt)
    assert done.code == 0
    assert "wenbao refresh" in finding(done, "index")["advice"]
    assert not (unbuilt / ".wenbao" / "index").exists()


def test_an_outdated_index_is_only_advice(home: Path) -> None:
    """What differs is named; looking does not build."""
    before = generation(home)
    (home / "corpus" / "热线.md").unlink()
    done = doctor(home)
    assert done.code == 0
    assert "outdated: corpus" in finding(done, "index")["found"]
    assert finding(done, "index")["advice"] == "wenbao refresh"
    assert generation(home) == before


def _empty_corpus(home: Path) -> None:
    shutil.rmtree(home / "corpus")


def _damaged_meta(home: Path) -> None:
    (home / ".wenbao" / "index" / generation(home) / "meta.json").write_text("garbage", "utf-8")


def _damaged_postings(home: Path) -> None:
    (home / ".wenbao" / "index" / generation(home) / "postings.npy").write_text("garbage", "utf-8")


def _damaged_current(home: Path) -> None:
    (home / ".wenbao" / "index" / "current").write_bytes(b"\xff\xfe")


def _malformed_settings(home: Path) -> None:
    (home / "config" / "bot.toml").write_text("[search\n", "utf-8")


def _unknown_setting(home: Path) -> None:
    (home / "config" / "bot.toml").write_text("[search]\nhitz = 3\n", "utf-8")


def _out_of_range(home: Path) -> None:
    (home / "config" / "bot.toml").write_text("[search]\nhits = 1000\n", "utf-8")


def _malformed_dictionary(home: Path) -> None:
    (home / "config" / "dictionary.txt").write_text("甲 乙 丙\n", "utf-8")


def _no_token_file(home: Path) -> None:
    (home / "config" / "bot.toml").write_text('[telegram]\ntoken_file = "token"\n', "utf-8")


def _open_token_file(home: Path) -> None:
    _no_token_file(home)
    (home / "token").write_text(TOKEN, "utf-8")
    (home / "token").chmod(0o644)


def _no_token_in_file(home: Path) -> None:
    _no_token_file(home)
    (home / "token").write_text("kept-from-everybodys-eyes", "utf-8")
    (home / "token").chmod(0o600)


FAILURES = [
    (_empty_corpus, "corpus", 3),
    (_damaged_meta, "index", 3),
    (_damaged_postings, "index", 3),
    (_damaged_current, "index", 3),
    (_malformed_settings, "config", 2),
    (_unknown_setting, "config", 2),
    (_out_of_range, "config", 2),
    (_malformed_dictionary, "dictionary", 2),
    (_no_token_file, "token", 2),
    (_open_token_file, "token", 2),
    (_no_token_in_file, "token", 2),
]


@pytest.mark.parametrize(("spoil", "what", "code"), FAILURES)
def test_a_failure_is_marked_and_decides_the_exit_code(
    home: Path, spoil: Callable[[Path], None], what: str, code: int
) -> None:
    """2 for what was set wrong, 3 for reports and index."""
    spoil(home)
    done = doctor(home)
    assert (done.code, done.err) == (code, "")
    assert finding(done, what)["mark"] == "✗"


@pytest.mark.parametrize(("spoil", "what", "code"), FAILURES)
def test_every_failure_comes_with_what_to_do(
    home: Path, spoil: Callable[[Path], None], what: str, code: int
) -> None:
    """In the last column, whatever failed."""
    spoil(home)
    found = finding(doctor(home), what)
    assert (found["exit_code"], found["found"] != "") == (code, True)
    assert found["advice"]


@pytest.mark.parametrize(("spoil", "what", "code"), FAILURES[-3:])
def test_a_failure_does_not_show_the_token(
    home: Path, spoil: Callable[[Path], None], what: str, code: int
) -> None:
    """Nor what was taken for one."""
    spoil(home)
    done = doctor(home)
    assert (done.code, finding(done, what)["mark"]) == (code, "✗")
    assert "kept-from-everybodys-eyes" not in done.out + done.err


@pytest.mark.parametrize("token", ["kept-from-everybodys-eyes", "12:", "botABC kept-from-everybodys-eyes"])
def test_a_malformed_token_is_a_failure_and_is_not_shown(
    home: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    """From the environment: exit code 2."""
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", token)
    done = doctor(home)
    assert done.code == 2
    assert token not in done.out + done.err
    assert "@BotFather" in finding(done, "token")["advice"]


@pytest.mark.parametrize("spoil", [_damaged_meta, _damaged_postings, _damaged_current])
def test_the_advice_for_a_damaged_index_helps(home: Path, spoil: Callable[[Path], None]) -> None:
    """After `wenbao refresh` the doctor has nothing to say."""
    spoil(home)
    assert doctor(home).code == 3
    assert wenbao("refresh", "--home", home).code == 0
    assert finding(doctor(home), "index")["mark"] == "ok"


def test_what_was_set_wrong_goes_before_the_rest(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several failures the smallest code."""
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "none")
    _damaged_meta(home)
    done = doctor(home)
    assert sorted(found["exit_code"] for found in done.json if found["mark"] == "✗") == [2, 3]
    assert done.code == 2


def test_no_home_is_a_failure(tmp_path: Path) -> None:
    """The only one that can be told, with the way to a home."""
    done = doctor(tmp_path / "none")
    assert done.code == 3
    assert [found["what"] for found in done.json] == ["home"]
    assert "wenbao init" in finding(done, "home")["advice"]

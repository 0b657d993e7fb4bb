"""What people and machines get wrong: named in one line, with what to do, and without a traceback."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.home import Home
from bot.index.lock import building_lock
from bot.index.meta import FILES, FORMAT, MANIFEST, read_meta
from bot.wiring import Service, assemble

from .shell import SCRIPT, TIMEOUT_S, Done, generation, process, wenbao

TOKEN = "123456789:AAF-kept-from-everybodys-eyes_0123"  # noqa: S105


def ask(home: Path, question: str = "投诉怎么处理") -> Done:
    return wenbao("ask", question, "--json", "--home", home)


@pytest.mark.parametrize("arguments", [("ask", "投诉"), ("refresh",), ("eval",)])
def test_an_empty_corpus_comes_with_the_way_to_fill_it(empty: Path, arguments: tuple[str, ...]) -> None:
    """Exit code 3; where it is, and the command that adds a report."""
    done = wenbao(*arguments, "--home", empty)
    assert done.code == 3
    told = done.err.splitlines()[-1]
    assert f"there are no reports in {empty / 'corpus'}" in told
    assert "wenbao import FILE" in told


def test_a_missing_corpus_folder_is_an_empty_corpus(empty: Path) -> None:
    """The folder itself need not be there."""
    (empty / "corpus").rmdir()
    done = ask(empty)
    assert (done.code, done.out) == (3, "")
    assert "wenbao import FILE" in done.err


def test_an_emptied_corpus_says_so(home: Path) -> None:
    """The last report was deleted: the old index does not answer for it."""
    for report in (home / "corpus").iterdir():
        report.unlink()
    done = ask(home)
    assert (done.code, done.out) == (3, "")
    assert "there are no reports" in done.err


def _write(name: str, content: bytes) -> Callable[[Path], None]:
    def write(corpus: Path) -> None:
        (corpus / name).write_bytes(content)

    return write


def _link_outside(corpus: Path) -> None:
    outside = corpus.parent.parent / "outside.md"
    outside.write_text("# outside\n\n## secret\n\nnot ours to tell\n", "utf-8")
    (corpus / "新.md").symlink_to(outside)


def _link_to_a_folder_outside(corpus: Path) -> None:
    outside = corpus.parent.parent / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("# outside\n\n## secret\n\nnot ours to tell\n", "utf-8")
    (corpus / "新.md").symlink_to(outside)


def _dangling_link(corpus: Path) -> None:
    (corpus / "新.md").symlink_to(corpus / "none.md")


def _link_to_itself(corpus: Path) -> None:
    (corpus / "新.md").symlink_to(corpus / "新.md")


def _pipe(corpus: Path) -> None:
    os.mkfifo(corpus / "新.md")


UNREADABLE = [
    pytest.param(_write("新.md", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8), "binary", id="binary"),
    pytest.param(_write("新.md", b"\xff\xfe\x00"), "UTF-16", id="utf-16"),
    pytest.param(_write("新.md", b"\xc3\x28\xa0\xa1\xf0\x28" * 50), "UTF-8", id="undecodable"),
    pytest.param(_write("新.md", "投诉\x07处理\n".encode()), "U+0007", id="control"),
    pytest.param(_write("新.md", "投诉处理，当天答复。\n".encode() * 100), "max_file_mb", id="large"),
    pytest.param(_write("新.md", b"\n \n"), "no text", id="blank"),
    pytest.param(_write("新.pdf", b"%PDF-1.7"), ".pdf", id="kind"),
    pytest.param(_write("新", b"text"), "suffix", id="no-suffix"),
    pytest.param(_link_outside, "outside the corpus", id="link"),
    pytest.param(_link_to_a_folder_outside, "outside the corpus", id="folder-link"),
    pytest.param(_dangling_link, "cannot be opened", id="dangling"),
    pytest.param(_link_to_itself, "cannot be opened", id="loop"),
    pytest.param(_pipe, "not a regular file", id="pipe"),
]


@pytest.fixture
def _small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENBAO_CORPUS__MAX_FILE_MB", "0.002")


@pytest.mark.usefixtures("_small_files")
@pytest.mark.parametrize(("spoil", "reason"), UNREADABLE)
def test_a_file_that_cannot_be_read_is_skipped(
    unbuilt: Path, spoil: Callable[[Path], None], reason: str
) -> None:
    """Its name and the reason are told and counted, the other reports are indexed."""
    spoil(unbuilt / "corpus")
    done = wenbao("refresh", "--home", unbuilt)
    assert (done.code, done.err) == (0, "")
    (line,) = (line for line in done.out.splitlines() if line.startswith("skipped "))
    assert line.startswith("skipped corpus/新")
    assert reason in line
    assert ", 1 skipped; 2 reports, 4 sections, 4 passages" in done.out.splitlines()[-1]
    assert ask(unbuilt).json["answered"] is True


@pytest.mark.usefixtures("_small_files")
@pytest.mark.parametrize(("spoil", "reason"), UNREADABLE)
def test_strict_does_not_skip(unbuilt: Path, spoil: Callable[[Path], None], reason: str) -> None:
    """Exit code 3 with the same name and reason, and nothing is published."""
    spoil(unbuilt / "corpus")
    told = wenbao("refresh", "--strict", "--home", unbuilt).failed(3)
    assert "--strict: 1 skipped, first corpus/新" in told
    assert reason in told
    assert not (unbuilt / ".wenbao" / "index" / "current").exists()


def test_strict_holds_when_nothing_else_changed(home: Path) -> None:
    """Also for what an earlier refresh skipped."""
    (home / "corpus" / "坏.md").write_bytes(b"\x00\x01\x02" * 99)
    assert wenbao("refresh", "--home", home).code == 0
    assert "corpus/坏.md" in wenbao("refresh", "--strict", "--home", home).failed(3)


@pytest.mark.parametrize("options", [(), ("--strict",)])
def test_a_new_file_of_another_kind_is_named(home: Path, options: tuple[str, ...]) -> None:
    """Although no report changed; and it is not named any more once it is gone."""
    (home / "corpus" / "表.xlsx").write_bytes(b"PK")
    done = wenbao("refresh", *options, "--home", home)
    assert done.code == (3 if options else 0)
    assert "corpus/表.xlsx" in done.out + done.err
    (home / "corpus" / "表.xlsx").unlink()
    done = wenbao("refresh", *options, "--home", home)
    assert done.code == 0
    assert "skipped" not in done.out


def test_the_largest_size_is_told_as_it_is_set(home: Path) -> None:
    """In the unit of the setting that the message names."""
    with (home / "corpus" / "新.md").open("wb") as file:
        file.truncate(20 * 2**20 + 1)
    assert "larger than 20 MB" in wenbao("refresh", "--full", "--home", home).out


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
def test_a_name_that_is_no_utf8_is_skipped(unbuilt: Path) -> None:
    """And shown as far as it can be."""
    Path(os.fsdecode(os.fsencode(unbuilt / "corpus") + b"/\xff\xfe.md")).write_text("# x\n\ny\n", "utf-8")
    done = process("refresh", "--home", unbuilt)
    assert (done.code, done.err) == (0, "")
    assert "UTF-8; rename it" in done.out
    assert ask(unbuilt).json["answered"] is True


def test_what_lies_outside_is_not_answered_from(home: Path) -> None:
    """A link out of the corpus gives nothing away."""
    _link_outside(home / "corpus")
    done = ask(home, "not ours to tell")
    assert (done.code, done.json["hits"]) == (1, [])


def test_a_corpus_of_unreadable_files_names_one(empty: Path) -> None:
    """Somebody who has put in files only of another kind learns why there are no reports."""
    (empty / "corpus" / "总结.docx").write_bytes(b"PK")
    done = wenbao("refresh", "--home", empty)
    assert done.code == 3
    assert "corpus/总结.docx" in done.out


@pytest.mark.parametrize("question", ["", " ", "\n\t", "\u3000", "\u200b", "\u2060\ufeff"])
def test_a_blank_question_is_bad_input(home: Path, question: str) -> None:
    """Nothing that can be seen: exit code 2, with an example."""
    told = ask(home, question).failed(2)
    assert "blank" in told
    assert "wenbao ask" in told


def test_a_question_may_have_512_characters(home: Path) -> None:
    """513 are too many, and both numbers are told."""
    assert ask(home, "投诉" * 256).code == 0
    told = ask(home, "投诉" * 256 + "吗").failed(2)
    assert "513" in told
    assert "512" in told


def test_space_around_a_question_does_not_count(home: Path) -> None:
    """Characters are counted without it."""
    assert ask(home, " " * 300 + "投诉" * 256 + " " * 300).code == 0


def test_a_bad_question_costs_no_index(unbuilt: Path) -> None:
    """It is refused before anything is built."""
    ask(unbuilt, " ").failed(2)
    assert not (unbuilt / ".wenbao" / "index").exists()


@pytest.mark.skipif(os.name != "posix", reason="arguments are bytes on POSIX only")
def test_a_question_that_is_no_utf8_is_bad_input(home: Path) -> None:
    """From a terminal with another encoding: exit code 2, not a fault of the program."""
    done = process("ask", "投诉".encode("gbk"), "--json", "--home", home)
    assert "UTF-8" in done.failed(2)


@pytest.mark.parametrize("form", ["--json", "--explain"])
def test_a_pipe_of_another_encoding_gets_an_answer(home: Path, form: str) -> None:
    """Characters that it lacks do not end the program, and JSON stays JSON."""
    ran = subprocess.run(
        [SCRIPT, "ask", "投诉怎么处理", form, "--home", home],
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "gbk"},
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    out = ran.stdout.decode("gbk")
    assert "投诉" in (json.loads(out)["hits"][0]["text"] if form == "--json" else out)


@pytest.mark.parametrize("arguments", [("frobnicate",), ("ask", "--nope"), ("import",), ("outline",)])
def test_bad_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    """And names the way to the help."""
    done = wenbao(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "--help" in done.err


def test_a_traceback_is_shown_when_asked_for(home: Path) -> None:
    """--debug, before or after the command; the exit code stays the same."""
    for arguments in (["--debug", "ask", " "], ["ask", " ", "--debug"]):
        ran = subprocess.run(
            [SCRIPT, *arguments], capture_output=True, text=True, timeout=TIMEOUT_S, check=False, cwd=home
        )
        assert "Traceback" in ran.stderr
        assert "BlankQuestion" in ran.stderr
        assert ran.returncode == 2


def mended(home: Path, before: str) -> Done:
    """Ask, expect the right answer from a new generation, and what was done on standard error."""
    done = ask(home)
    assert done.code == 0, done
    assert done.json["hits"][0]["source"] == "corpus/热线.md"
    assert done.json["generation"] == generation(home) != before
    assert str(home / ".wenbao" / "index") in done.err
    assert "kept aside" in done.err
    assert ask(home).err == ""
    return done


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _garble(path: Path) -> None:
    path.write_bytes(bytes(byte ^ 0x5A for byte in path.read_bytes()))


@pytest.fixture
def built_before(pair: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds of the two short reports, which are copied instead: how one is built is tested elsewhere."""
    built = pair / ".wenbao" / "index" / generation(pair)
    meta = read_meta(built)
    counts = {"passages": meta.passages, "sections": meta.sections, "reports": meta.reports}

    def copy(*arguments: object, **_: object) -> dict[str, int]:
        (folder,) = (argument for argument in arguments if isinstance(argument, Path))
        for name in set(FILES) - {MANIFEST}:
            shutil.copyfile(built / name, folder / name)
        return counts

    monkeypatch.setattr("bot.index.builder.build", copy)


@pytest.fixture(scope="module")
def warm(pair: Path) -> Service:
    """The service of the two short reports, with all that it loads."""
    service = assemble(Home(pair), {}, warn=lambda line: pytest.fail(line))
    assert service.analyzer
    assert service.ask("投诉怎么处理").answered
    return service


def as_just_started(home: Path, warm: Service) -> tuple[Service, list[str]]:
    """Return a service that was made ready for a question, and what it warned of."""
    warnings: list[str] = []
    service = assemble(Home(home), {}, warn=warnings.append)
    for part in ("analyzer", "searcher", "cedict", "frequencies", "stemmer", "normalizer"):
        service.__dict__[part] = getattr(warm, part)
    service.ready(advance=lambda: lambda _done, _total: None)
    return service, warnings


@pytest.mark.usefixtures("built_before")
@pytest.mark.parametrize("damage", [_truncate, _empty, _garble, Path.unlink])
@pytest.mark.parametrize("name", [*FILES, "meta.json"])
def test_a_damaged_index_is_rebuilt(
    home: Path, warm: Service, name: str, damage: Callable[[Path], None]
) -> None:
    """Whichever file: named, kept aside, and the answer is right; the next question hears nothing of it."""
    before = generation(home)
    index = home / ".wenbao" / "index"
    damage(index / before / name)
    service, (warning,) = as_just_started(home, warm)
    answer = service.ask("投诉怎么处理")
    assert answer.hits[0].passage.source == "corpus/热线.md"
    assert answer.generation == generation(home) != before
    assert str(index / before) in warning
    assert name in warning
    assert "kept aside" in warning
    assert (index / f"{before}.damaged").is_dir()
    assert as_just_started(home, warm)[1] == []


@pytest.mark.parametrize("name", ["postings.npy", "keys.npy", "passages.jsonl", "meta.json"])
def test_refresh_mends_a_damaged_index_too(home: Path, name: str) -> None:
    """It does not say that nothing changed."""
    before = generation(home)
    _garble(home / ".wenbao" / "index" / before / name)
    done = wenbao("refresh", "--home", home)
    assert done.code == 0
    assert name in done.err
    assert generation(home) != before
    assert ask(home).err == ""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\xff\xfe\x00",
        b"\x00" * 40,
        b"garbage",
        b"..",
        b".",
        b"/etc",
        b"../../corpus",
        b"lock",
        b"000009-0123456789ab",
        b"x" * 300,
    ],
)
def test_a_garbled_current_is_mended(home: Path, content: bytes) -> None:
    """Whatever it names that is no generation: a new one answers, and the rest of the home stays."""
    before = generation(home)
    (home / ".wenbao" / "index" / "current").write_bytes(content)
    done = ask(home)
    assert done.code == 0, done
    assert done.json["hits"][0]["source"] == "corpus/热线.md"
    assert str(home / ".wenbao" / "index") in done.err
    assert (home / ".wenbao" / "index" / before / "meta.json").is_file()
    assert len(list((home / "corpus").iterdir())) == 2
    assert ask(home).err == ""


def test_a_lost_current_is_mended(home: Path) -> None:
    """Without it there is no index, and one is built."""
    (home / ".wenbao" / "index" / "current").unlink()
    done = ask(home)
    assert done.code == 0
    assert "building the index" in done.one_line


def test_an_index_of_another_version_is_rebuilt(home: Path) -> None:
    """Both versions are named."""
    before = generation(home)
    path = home / ".wenbao" / "index" / before / "meta.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"format": 99}), "utf-8")
    done = mended(home, before)
    assert f"format 99, this version reads {FORMAT}" in done.err


@pytest.mark.parametrize(
    "changed",
    [
        {"made_of": []},
        {"made_of": None},
        {"files": []},
        {"files": {"postings.npy": 1}},
        {"passages": "many"},
        {"passages": float("inf")},
        {"seconds": None},
        {"generation": "000099-0123456789ab"},
        {"format": None},
    ],
    ids=str,
)
def test_a_meta_json_that_makes_no_sense_is_damage(home: Path, changed: dict[str, object]) -> None:
    """Valid JSON with other things in it than ours."""
    before = generation(home)
    path = home / ".wenbao" / "index" / before / "meta.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changed), "utf-8")
    mended(home, before)


@pytest.mark.parametrize("name", ["meta.json", "manifest.json"])
@pytest.mark.parametrize("content", ["null", "[]", "{}", "3", '"x"', "[" * 100_000], ids=lambda c: c[:4])
def test_json_that_is_not_ours_is_damage(home: Path, name: str, content: str) -> None:
    """Of any shape and depth."""
    before = generation(home)
    (home / ".wenbao" / "index" / before / name).write_text(content, "utf-8")
    mended(home, before)


def test_a_manifest_with_other_values_is_damage(home: Path) -> None:
    """Right keys, wrong kinds."""
    before = generation(home)
    path = home / ".wenbao" / "index" / before / "manifest.json"
    entry: dict[str, object] = {"source": 1, "report_id": None, "size": "x", "mtime_ns": [], "sha256": 5}
    path.write_text(json.dumps({"entries": [entry], "skipped": []}), "utf-8")
    mended(home, before)


@pytest.mark.parametrize("content", [b"", b"garbage", b"[]", b'{"fingerprint": 1}', b"\xff", b"[" * 100_000])
def test_damaged_remembered_settings_do_no_harm(home: Path, content: bytes) -> None:
    """They are read anew."""
    (home / ".wenbao" / "settings.json").write_bytes(content)
    done = ask(home)
    assert (done.code, done.err) == (0, "")


def test_what_a_killed_build_left_is_removed(home: Path) -> None:
    """By the next build."""
    left = home / ".wenbao" / "index" / "building-killed"
    left.mkdir()
    (left / "postings.npy").write_bytes(b"half")
    assert wenbao("refresh", "--full", "--home", home).code == 0
    assert not left.exists()


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("[search]\nk1 = = 2\n", 2, "is not valid TOML"),
        ("[search]\nk1 = 0.8\n[search]\n", 3, "is not valid TOML"),
        ("[search]\n\nkk1 = 1.0\n", 3, "unknown search.kk1; did you mean search.k1?"),
        ("[serch]\nk1 = 1.0\n", 1, "unknown serch; did you mean search?"),
        ("[telegram]\nhits = 3\n[search]\nhits = 101\n", 4, "allowed: a whole number from 1 to 100"),
        ("[search]\nk1 = -0.1\n", 2, "search.k1 is -0.1; allowed: a number from 0.0 to 10.0"),
        ("[search]\nk1 = nan\n", 2, "allowed: a number from 0.0 to 10.0"),
        ('[search]\nb = "half"\n', 2, "search.b is 'half'; allowed: a number from 0.0 to 1.0"),
        ("[search]\nb = true\n", 2, "search.b is True; allowed: a number from 0.0 to 1.0"),
        ("[telegram]\nhits = 2.5\n", 2, "telegram.hits is 2.5; allowed: a whole number from 1 to 3"),
        ("[corpus]\nmax_file_mb = 0\n", 2, "allowed: a number above 0.0 to 1000.0"),
        ('[analysis]\nsegmenter = "mecab"\n', 2, "allowed: 'auto' or 'jieba' or 'rjieba'"),
        ("search = 3\n", 1, "search is a section: write [search]"),
    ],
)
def test_a_wrong_setting_is_named_with_its_place(home: Path, text: str, line: int, told: str) -> None:
    """File and line, the nearest key, what is allowed: exit code 2."""
    settings = home / "config" / "bot.toml"
    settings.write_text(text, "utf-8")
    said = ask(home).failed(2)
    assert said.startswith(f"{settings}:{line}: ")
    assert told in said


def test_settings_that_are_no_utf8_are_named(home: Path) -> None:
    """With the line."""
    settings = home / "config" / "bot.toml"
    settings.write_bytes("[search]\n# 权重\n".encode("gbk"))
    assert ask(home).failed(2).startswith(f"{settings}:2: is not UTF-8")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("WENBAO_SEARCH__K1", "99", "search.k1 is '99'; allowed: a number from 0.0 to 10.0"),
        ("WENBAO_SEARCH__K11", "1", "unknown WENBAO_SEARCH__K11; did you mean WENBAO_SEARCH__K1?"),
        ("WENBAO_SERCH__K1", "1", "unknown WENBAO_SERCH__K1; did you mean WENBAO_SEARCH__K1?"),
        ("WENBAO_INDEX__KEEP", "", "allowed: a whole number from 1 to 100"),
    ],
)
def test_a_wrong_variable_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    """The environment is where it stands: exit code 2."""
    monkeypatch.setenv(name, value)
    said = ask(home).failed(2)
    assert said.startswith("environment")
    assert told in said


def test_a_wrong_line_of_the_dictionary_is_named(home: Path) -> None:
    """With file and line: exit code 2."""
    dictionary = home / "config" / "dictionary.txt"
    dictionary.write_text("外呼\n外呼 量 大\n", "utf-8")
    done = ask(home)
    assert (done.code, done.out) == (2, "")
    assert f"{dictionary}:2: " in done.err


@pytest.mark.parametrize("name", ["dictionary.txt", "stopwords.txt"])
def test_word_lists_that_are_no_utf8_are_named(home: Path, name: str) -> None:
    """Exit code 2."""
    (home / "config" / name).write_bytes("外呼\n".encode("gbk"))
    done = ask(home)
    assert (done.code, done.out) == (2, "")
    assert f"{home / 'config' / name}: is not UTF-8" in done.err


def test_without_a_token_the_way_to_one_is_told(home: Path) -> None:
    """Exit code 2, before anything is started."""
    told = wenbao("serve", "--home", home).failed(2)
    assert "@BotFather" in told
    assert "TELEGRAM_BOT_TOKEN" in told


@pytest.mark.parametrize(
    "token", ["nonsense-secret", "123456789", "123:a b c d e f", "bot123456789:AAFsecret"]
)
def test_a_malformed_token_is_refused_and_not_shown(
    home: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    """Exit code 2; where it stands is told, what it is not."""
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", token)
    told = wenbao("serve", "--home", home).failed(2)
    assert told.startswith("TELEGRAM_BOT_TOKEN does not hold a bot token")
    assert token not in told


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_token_file_that_others_may_use_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    """Exit code 2, with the command that closes it, and without the token."""
    path = home / "token"
    path.write_text(TOKEN, "utf-8")
    path.chmod(mode)
    monkeypatch.setenv("WENBAO_TELEGRAM__TOKEN_FILE", "token")
    told = wenbao("serve", "--home", home).failed(2)
    assert f"chmod 600 {path}" in told
    assert TOKEN not in told


@pytest.mark.parametrize(
    ("content", "told"), [(None, "cannot be read"), (b"\xff", "text"), (b"x", "@BotFather")]
)
def test_a_token_file_without_a_token_is_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, told: str
) -> None:
    """Missing, no text, or something else in it: exit code 2."""
    path = home / "token"
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    monkeypatch.setenv("WENBAO_TELEGRAM__TOKEN_FILE", str(path))
    said = wenbao("serve", "--home", home).failed(2)
    assert str(path) in said
    assert told in said


def test_an_address_that_is_none_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """telegram.base_url without http: exit code 2, with an example."""
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("WENBAO_TELEGRAM__BASE_URL", "api.telegram.org")
    done = process("serve", "--home", home)
    assert "telegram.base_url = 'api.telegram.org'" in done.failed(2)


def test_two_refreshes_at_once_make_one_index(unbuilt: Path) -> None:
    """The second waits for the first and finds nothing left to do."""
    both = [
        subprocess.Popen(
            [SCRIPT, "refresh", "--home", unbuilt], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    ends = [one.communicate(timeout=TIMEOUT_S) for one in both]
    assert [one.returncode for one in both] == [0, 0], ends
    assert [err for _, err in ends] == ["", ""]
    last = sorted(out.splitlines()[-1] for out, _ in ends)
    assert last[0].startswith("+2 ~0 −0; ")
    assert last[1].startswith("nothing changed; ")
    assert all(line.count(generation(unbuilt)) == 1 for line in last)


def test_two_full_refreshes_at_once_both_publish(home: Path) -> None:
    """One after the other; what answers in the end is whole."""
    both = [
        subprocess.Popen([SCRIPT, "refresh", "--full", "--home", home], stdout=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert [one.wait(TIMEOUT_S) for one in both] == [0, 0]
    assert generation(home).startswith("000003-")
    assert (ask(home).code, ask(home).err) == (0, "")


@pytest.mark.parametrize("arguments", [("refresh",), ("refresh", "--full"), ("ask", "投诉")])
def test_a_lock_that_is_held_is_named_with_its_holder(
    unbuilt: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """After the time that was set: exit code 3, who holds it, since when."""
    monkeypatch.setenv("WENBAO_INDEX__LOCK_TIMEOUT_S", "0.2")
    index = unbuilt / ".wenbao" / "index"
    index.mkdir(parents=True)
    since = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    with building_lock(index / "lock", timeout=timedelta(seconds=5), now=since):
        done = wenbao(*arguments, "--home", unbuilt)
    assert (done.code, done.out) == (3, "")
    told = done.err.splitlines()[-1]
    assert f"built by process {os.getpid()} since 2024-05-06T07:08:09+00:00" in told
    assert "0.2 s" in told
    assert wenbao(*arguments, "--home", unbuilt).code == 0


def test_a_lock_does_not_keep_questions_waiting(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that is up to date answers while another is built."""
    monkeypatch.setenv("WENBAO_INDEX__LOCK_TIMEOUT_S", "0")
    lock = home / ".wenbao" / "index" / "lock"
    with building_lock(lock, timeout=timedelta(seconds=5), now=datetime.now(UTC)):
        assert ask(home).code == 0


def test_an_outdated_index_answers_while_another_build_does_not_end(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time that was set; one line says who builds, and what answers."""
    monkeypatch.setenv("WENBAO_INDEX__LOCK_TIMEOUT_S", "0.2")
    before = generation(home)
    (home / "corpus" / "外呼.md").unlink()
    lock = home / ".wenbao" / "index" / "lock"
    with building_lock(lock, timeout=timedelta(seconds=5), now=datetime.now(UTC)):
        done = ask(home)
    assert (done.code, done.json["generation"]) == (0, before)
    told = done.err.splitlines()[-1]
    assert f"built by process {os.getpid()} since " in told
    assert told.endswith(f"; until then {before} answers")
    assert ask(home).json["generation"] > before


def test_a_lock_of_a_dead_process_does_not_hold(home: Path) -> None:
    """Whatever its note says."""
    index = home / ".wenbao" / "index"
    (index / "lock").write_bytes(b"")
    (index / "lock.owner").write_text('{"pid": 1, "since": "2020-01-01T00:00:00+00:00"}', "utf-8")
    assert wenbao("refresh", "--full", "--home", home).code == 0


@pytest.mark.parametrize("arguments", [("ask", "投诉"), ("refresh",), ("refresh", "--full"), ("eval",)])
def test_a_home_that_cannot_be_written_is_named(unused: Path, arguments: tuple[str, ...]) -> None:
    """A file where the private folder should be: exit code 3, and what cannot be made."""
    (unused / ".wenbao").write_text("in the way", "utf-8")
    done = wenbao(*arguments, "--home", unused)
    assert (done.code, done.out) == (3, "")
    assert f"{unused / '.wenbao'} cannot be made" in done.err.splitlines()[-1]


@pytest.mark.parametrize("name", ["index", "cache"])
def test_a_file_in_the_way_of_a_private_folder_is_named(unused: Path, name: str) -> None:
    """Exit code 3, and the path."""
    (unused / ".wenbao").mkdir()
    (unused / ".wenbao" / name).write_text("in the way", "utf-8")
    done = ask(unused)
    assert (done.code, done.out) == (3, "")
    assert str(unused / ".wenbao" / name) in done.err.splitlines()[-1]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_home_with_an_index_answers(home: Path) -> None:
    """Nothing has to be written for a question."""
    folders = [home, *(path for path in home.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    try:
        assert ask(home).code == 0
    finally:
        for folder in folders:
            folder.chmod(0o700)

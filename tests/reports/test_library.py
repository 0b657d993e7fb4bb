"""The corpus folder and its manifest."""

import json
import os
import unicodedata
from hashlib import sha256
from pathlib import Path

import pytest

from bot.errors import CorpusError, UnreadableReport
from bot.reports import scanning
from bot.reports.library import LeftOut, load, split
from bot.reports.manifest import Changes, Entry, Manifest, Skipped, diff
from bot.reports.passages import passages
from bot.reports.scanning import scan

MOST = 10_000
COMPILATION = "合集\n总结篇一\n投诉处理好。\n客服:\n总结篇二\n一、回访\n回访做好。\n"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Return an empty corpus folder in a home."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    return folder


def sources(manifest: Manifest) -> list[str]:
    """Return the sources of a manifest's entries."""
    return [entry.source for entry in manifest.entries]


def reasons(manifest: Manifest) -> dict[str, str]:
    """Return why each skipped file was skipped."""
    return {skipped.source: skipped.reason for skipped in manifest.skipped}


def test_a_scan_lists_files_of_all_folders_by_name(corpus: Path) -> None:
    """Files are found at any depth, ordered by path, relative to the home."""
    (corpus / "b" / "c").mkdir(parents=True)
    for name in ("b/c/3.TXT", "b/2.md", "a.txt", "README.md", "z.markdown"):
        (corpus / name).write_text(name)
    manifest = scan(corpus, corpus.parent, max_bytes=MOST)
    assert sources(manifest) == [
        "corpus/README.md",
        "corpus/a.txt",
        "corpus/b/2.md",
        "corpus/b/c/3.TXT",
        "corpus/z.markdown",
    ]
    assert [entry.report_id for entry in manifest.entries] == ["README", "a", "b/2", "b/c/3", "z"]
    assert manifest.entries[1].size == 5
    assert manifest.entries[1].sha256 == sha256(b"a.txt").hexdigest()
    assert manifest.skipped == ()


def test_hidden_and_temporary_files_are_passed_over(corpus: Path) -> None:
    """Dotfiles, hidden folders, lock files of office programs and .tmp are not even named."""
    (corpus / ".git").mkdir()
    for name in (".DS_Store", ".a.txt", ".git/x.txt", "~$a.docx", "a.tmp", "a.txt~", "Thumbs.db"):
        (corpus / name).write_text("x")
    assert scan(corpus, corpus.parent, max_bytes=MOST) == Manifest()


def test_what_is_not_read_is_named_with_a_reason(corpus: Path) -> None:
    """Unsupported kinds, large files, pipes and links out of the corpus are skipped, one line each."""
    (corpus.parent / "secret.txt").write_text("秘密")
    (corpus.parent / "outside").mkdir()
    (corpus / "folder").mkdir()
    (corpus / "a.pdf").write_text("x")
    (corpus / "none").write_text("x")
    (corpus / "big.txt").write_text("x" * 11)
    (corpus / "a.txt").write_text("正文")
    os.mkfifo(corpus / "pipe.txt")
    links = {
        "out.txt": "../secret.txt",
        "outside": "../outside",
        "dangling.txt": "nowhere.txt",
        "loop.txt": "loop.txt",
        "inside": "folder",
        "same.txt": "a.txt",
    }
    for name, target in links.items():
        (corpus / name).symlink_to(target)
    manifest = scan(corpus, corpus.parent, max_bytes=10)
    assert sources(manifest) == ["corpus/a.txt", "corpus/same.txt"]
    told = {
        source.removeprefix("corpus/"): reason.split(";")[0] for source, reason in reasons(manifest).items()
    }
    assert told.pop("dangling.txt").startswith("cannot be opened")
    assert told.pop("loop.txt").startswith("cannot be opened")
    assert told == {
        "a.pdf": ".pdf files are not read",
        "big.txt": "larger than 9.53674e-06 MB",
        "inside": "links to a folder of the corpus, which is read in its own place",
        "none": "a name without suffix",
        "out.txt": "links to something outside the corpus",
        "outside": "links to something outside the corpus",
        "pipe.txt": "not a regular file",
    }
    assert all("\n" not in reason and ";" in reason for reason in reasons(manifest).values())


def test_a_name_that_is_not_utf8_is_skipped(corpus: Path) -> None:
    """A name from another encoding is shown as far as it can be, and left out."""
    try:
        Path(os.fsdecode(os.fsencode(corpus) + b"/\xbf\xcd.txt")).write_text("x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert reasons(scan(corpus, corpus.parent, max_bytes=MOST)) == {
        "corpus/��.txt": "its name is not UTF-8; rename it"
    }


def test_an_unchanged_file_is_not_read_again(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same name, size and time: the hash is taken from the previous manifest."""
    (corpus / "a.txt").write_text("一")
    (corpus / "b.txt").symlink_to("a.txt")
    first = scan(corpus, corpus.parent, max_bytes=MOST)
    assert len(first.entries) == 2

    def refuse(path: Path) -> str:
        raise AssertionError(path)

    with monkeypatch.context() as patch:
        patch.setattr(scanning, "_hash", refuse)
        assert scan(corpus, corpus.parent, max_bytes=MOST, previous=first) == first
    (corpus / "a.txt").write_text("二")
    os.utime(corpus / "a.txt", ns=(0, 0))
    second = scan(corpus, corpus.parent, max_bytes=MOST, previous=first)
    assert second.entries[0].sha256 != first.entries[0].sha256


def test_a_file_that_vanishes_meanwhile_is_skipped(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between listing and hashing, and between scan and load, files may go."""
    (corpus / "a.txt").write_text("一")
    (corpus / "b.txt").write_text("二")
    manifest = scan(corpus, corpus.parent, max_bytes=MOST)
    (corpus / "b.txt").unlink()
    loaded = load(corpus, corpus.parent, max_bytes=MOST, manifest=manifest)
    assert sources(loaded.manifest) == ["corpus/a.txt"]
    assert [(s.source, s.reason.split(" (")[0]) for s in loaded.skipped] == [
        ("corpus/b.txt", "cannot be opened")
    ]

    def vanish(path: Path) -> str:
        path.unlink()
        return path.read_text()

    monkeypatch.setattr(scanning, "_hash", vanish)
    assert "cannot be opened" in reasons(scan(corpus, corpus.parent, max_bytes=MOST))["corpus/a.txt"]


def test_a_folder_that_may_not_be_listed_is_skipped(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be opened is named; the rest is found."""
    (corpus / "closed").mkdir()
    (corpus / "a.txt").write_text("一")
    listing = os.scandir

    def refuse(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return listing(path)

    monkeypatch.setattr(os, "scandir", refuse)
    manifest = scan(corpus, corpus.parent, max_bytes=MOST)
    assert sources(manifest) == ["corpus/a.txt"]
    assert "Permission denied" in reasons(manifest)["corpus/closed"]


def test_a_missing_corpus_is_an_error(tmp_path: Path) -> None:
    """Without the folder there is nothing to scan."""
    with pytest.raises(CorpusError, match="no such folder"):
        load(tmp_path / "corpus", tmp_path, max_bytes=MOST)


def test_ids_are_unique_and_in_nfc(corpus: Path) -> None:
    """Same names with different suffixes keep them; names that only look the same are numbered."""
    decomposed = unicodedata.normalize("NFD", "é")
    for name in ("a.txt", "a.md", "a.txt.md", "b.txt", f"{decomposed}.txt", "é.txt"):
        (corpus / name).write_text("正文。")
    entries = scan(corpus, corpus.parent, max_bytes=MOST).entries
    assert [entry.report_id for entry in entries] == ["a.md", "a.txt", "a.txt~2", "b", "é.txt", "é.txt~2"]
    assert all((corpus.parent / entry.source).exists() for entry in entries)


def test_a_manifest_goes_through_json() -> None:
    """What is written is what is read; anything else is refused."""
    manifest = Manifest((Entry("corpus/a.txt", "a", 1, 2, "f" * 64),), (Skipped("corpus/b.pdf", "no"),))
    assert Manifest.from_json(json.loads(json.dumps(manifest.to_json()))) == manifest
    good = [*manifest.to_json()["entries"][0]]
    values: tuple[tuple[int, object], ...] = ((4, ["x"]), (2, "1"), (3, 1.5), (2, True), (0, None))
    wrong: list[dict[str, object]] = [
        {"entries": [[*good[:place], value, *good[place + 1 :]]], "skipped": []} for place, value in values
    ]
    others: list[dict[str, object]] = [
        {},
        {"entries": [{"x": 1}], "skipped": []},
        {"entries": [good[:-1]], "skipped": []},
        {"entries": 3, "skipped": []},
    ]
    for value in [*others, *wrong]:
        with pytest.raises(ValueError, match="not a manifest"):
            Manifest.from_json(value)


def test_a_diff_tells_renamed_from_added_and_deleted() -> None:
    """Same bytes under another name are renamed; pairs are made in order."""

    def manifest(**hashes: str) -> Manifest:
        return Manifest(tuple(Entry(name, name, 1, 1, digest) for name, digest in hashes.items()))

    old = manifest(a="1", b="2", c="3", d="4", e="4")
    new = manifest(a="1", b="9", f="3", g="4", h="5")
    assert diff(old, new) == Changes(
        added=("h",), changed=("b",), renamed=(("c", "f"), ("d", "g")), deleted=("e",)
    )
    assert diff(old, new)
    assert not diff(old, old)


def test_loading_reads_every_report_and_names_what_it_left_out(corpus: Path) -> None:
    """Reports come in the manifest's order; unreadable and wordless files are skipped, omissions kept."""
    (corpus / "a.txt").write_text(COMPILATION)
    (corpus / "b.txt").write_bytes(b"\x00\x01\x02")
    (corpus / "c.md").write_text("# 月报\n正文。\n")
    (corpus / "d.txt").write_text("……")
    (corpus / "e.pdf").write_text("x")
    loaded = load(corpus, corpus.parent, max_bytes=MOST)
    assert [report.report_id for report in loaded.reports] == ["a#1", "a#2", "c"]
    assert [(skipped.source, skipped.reason.split(";")[0]) for skipped in loaded.skipped] == [
        ("corpus/b.txt", "it is binary, not text"),
        ("corpus/d.txt", "there is no text in it"),
        ("corpus/e.pdf", ".pdf files are not read"),
    ]
    assert [left.source for left in loaded.left_out] == ["corpus/a.txt", "corpus/a.txt", "corpus/d.txt"]
    assert isinstance(loaded.left_out[0], LeftOut)
    assert loaded.manifest == scan(corpus, corpus.parent, max_bytes=MOST)


def test_the_manifest_is_of_the_bytes_that_were_read(corpus: Path) -> None:
    """A file that changes between scan and load is recorded as it was read."""
    (corpus / "a.txt").write_text("旧的正文。")
    manifest = scan(corpus, corpus.parent, max_bytes=MOST)
    (corpus / "a.txt").write_text("新的正文，长了。")
    loaded = load(corpus, corpus.parent, max_bytes=MOST, manifest=manifest)
    now = scan(corpus, corpus.parent, max_bytes=MOST)
    assert loaded.manifest.entries[0].sha256 == now.entries[0].sha256 != manifest.entries[0].sha256


def test_a_link_put_in_after_the_scan_is_not_followed_out(corpus: Path) -> None:
    """What is read is checked again when it is read."""
    (corpus.parent / "secret.txt").write_text("秘密。")
    (corpus / "a.txt").write_text("正文。")
    manifest = scan(corpus, corpus.parent, max_bytes=MOST)
    (corpus / "a.txt").unlink()
    (corpus / "a.txt").symlink_to("../secret.txt")
    loaded = load(corpus, corpus.parent, max_bytes=MOST, manifest=manifest)
    assert loaded.reports == ()
    assert "outside the corpus" in loaded.skipped[0].reason


def test_a_corpus_that_is_a_link_is_read(tmp_path: Path) -> None:
    """The corpus folder itself may lie elsewhere."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("正文。")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "corpus").symlink_to("../data")
    loaded = load(tmp_path / "home" / "corpus", tmp_path / "home", max_bytes=MOST)
    assert [report.source for report in loaded.reports] == ["corpus/a.txt"]


def test_a_compilation_is_split_into_files(tmp_path: Path) -> None:
    """One slice a report, numbered after the file, verbatim, without boilerplate and tails."""
    path = tmp_path / "客服年终总结报告.txt"
    path.write_text(COMPILATION)
    parts = split(path, max_bytes=MOST)
    assert [part.name for part in parts] == ["客服年终总结报告-01.txt", "客服年终总结报告-02.txt"]
    assert [part.text for part in parts] == ["总结篇一\n投诉处理好。", "总结篇二\n一、回访\n回访做好。"]


def test_a_single_report_is_one_slice_under_its_own_name(tmp_path: Path) -> None:
    """A file that is no compilation keeps its name; one without words gives nothing."""
    path = tmp_path / "月报.md"
    path.write_text("# 月报\n正文。\n")
    assert [(part.name, part.text) for part in split(path, max_bytes=MOST)] == [("月报.md", "# 月报\n正文。")]
    path.write_text("……")
    assert split(path, max_bytes=MOST) == ()
    path.write_bytes(b"\x00")
    with pytest.raises(UnreadableReport):
        split(path, max_bytes=MOST)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("a:b*c?.txt", "a_b_c_-01.txt"),
        ("con.txt", "_con-01.txt"),
        ("~$a.txt", "a-01.txt"),
        ("总" * 70 + ".txt", "总" * 64 + "-01.txt"),
        ("😀" * 60 + ".md", "😀" * 48 + "-01.md"),
        ("e\u0301.txt", "é-01.txt"),
        ("a. .txt", "a-01.txt"),
        ("  .txt", "report-01.txt"),
    ],
)
def test_names_of_slices_are_safe(tmp_path: Path, name: str, first: str) -> None:
    """Separators, reserved and hidden names, and long ones are made into names that any system takes."""
    path = tmp_path / name
    path.write_text(COMPILATION)
    names = [part.name for part in split(path, max_bytes=MOST)]
    assert names[0] == first
    assert len(set(names)) == len(names)
    assert all(len(one) <= 80 and len(one.encode()) <= 200 for one in names)


def test_slices_of_the_reference_are_the_reports_they_were(reference_file: Path, tmp_path: Path) -> None:
    """Written and read again, each slice has the title, sections and passages it had in the compilation."""
    corpus = reference_file.parent
    whole = load(corpus, corpus.parent, max_bytes=10**7).reports
    (tmp_path / "corpus").mkdir()
    for part in split(reference_file, max_bytes=10**7):
        (tmp_path / "corpus" / part.name).write_text(part.text, encoding="utf-8")
    again = load(tmp_path / "corpus", tmp_path, max_bytes=10**7).reports
    assert [report.title for report in again] == [report.title for report in whole]
    assert [[s.path for s in report.sections] for report in again] == [
        [s.path for s in report.sections] for report in whole
    ]
    assert [(p.passage_id, p.text) for p in passages(again)] == [
        (p.passage_id, p.text) for p in passages(whole)
    ]

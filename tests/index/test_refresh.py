"""Refreshing: a new generation when, and only when, something that it is made of has changed."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import CorpusError, IndexDamaged, IndexLocked
from bot.index.bm25 import one_term_groups
from bot.index.builder import Means
from bot.index.generations import Store
from bot.index.lock import building_lock
from bot.index.meta import FILES, MANIFEST
from bot.index.refresh import Ingredients, Refresher

INGREDIENTS = Ingredients(
    max_file_bytes=10_000,
    max_passage_chars=350,
    dictionary="d1",
    synonyms="s1",
    lock_timeout=timedelta(0),
    keep=3,
)
REPORT = "# 热线报告\n\n## 一、投诉\n\n接到投诉后当天转派责任部门，三天内回访客户。\n"
OTHER = "# 物业报告\n\n## 一、巡查\n\n泵房每两小时巡查一次，雨季加派一班人手。\n"


class Place:
    """A home with a corpus, and what is needed to refresh it."""

    def __init__(self, root: Path, means: Means) -> None:
        self.root = root
        self.corpus = root / "corpus"
        self.corpus.mkdir()
        self.store = Store(root / ".wenbao" / "index")
        self.warnings: list[str] = []
        self.builds = 0
        self._means = means

    def write(self, name: str, text: str) -> Path:
        """Write a report."""
        (self.corpus / name).write_text(text, "utf-8")
        return self.corpus / name

    def refresher(self, ingredients: Ingredients = INGREDIENTS) -> Refresher:
        """Make what refreshes it."""

        def means() -> Means:
            self.builds += 1
            return self._means

        warn = self.warnings.append
        return Refresher(self.root, self.corpus, self.store, ingredients, means, warn=warn)

    def found(self, word: str) -> list[str]:
        """Return the sources of what a word finds in the published generation."""
        generation = self.store.open(k1=0.8, b=0.5)
        return [generation.passage(s.ordinal).source for s in generation.top(one_term_groups([word]), 10)]


@pytest.fixture
def place(tmp_path: Path, means: Means) -> Place:
    """A home with one report."""
    place = Place(tmp_path, means)
    place.write("a.md", REPORT)
    return place


def test_the_first_refresh_builds(place: Place) -> None:
    """Because an index is missing; what was added is said."""
    done = place.refresher().refresh()
    assert (done.built, done.reasons, done.changes.added) == (True, ("missing",), ("corpus/a.md",))
    assert done.meta is not None
    assert done.meta.generation == place.store.current()
    assert place.found("投诉") == ["corpus/a.md"]
    assert place.builds == 1


def test_nothing_changed_is_nothing_built(place: Place) -> None:
    """Neither the segmenter nor the lexicon is loaded; touching a file is no change."""
    first = place.refresher().refresh()
    (place.corpus / "a.md").touch()
    again = place.refresher().refresh()
    assert (again.built, again.reasons, bool(again.changes)) == (False, (), False)
    assert first.meta is not None
    assert again.meta == place.store.meta()
    assert place.store.names() == [first.meta.generation]
    assert place.builds == 1


def test_changes_of_the_corpus_are_built(place: Place) -> None:
    """Added, changed, renamed and deleted reports are told apart, and the index follows."""
    refresher = place.refresher()
    refresher.refresh()
    place.write("b.md", OTHER)
    assert refresher.refresh().changes.added == ("corpus/b.md",)
    place.write("b.md", OTHER.replace("泵房", "电梯"))
    assert refresher.refresh().changes.changed == ("corpus/b.md",)
    assert (place.found("电梯"), place.found("泵房")) == (["corpus/b.md"], [])
    (place.corpus / "b.md").rename(place.corpus / "c.md")
    assert refresher.refresh().changes.renamed == (("corpus/b.md", "corpus/c.md"),)
    assert place.found("电梯") == ["corpus/c.md"]
    (place.corpus / "c.md").unlink()
    gone = refresher.refresh()
    assert (gone.changes.deleted, gone.reasons) == (("corpus/c.md",), ("corpus",))
    assert place.found("电梯") == []


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (replace(INGREDIENTS, dictionary="d2"), "dictionary"),
        (replace(INGREDIENTS, synonyms="s2"), "lexicon"),
        (replace(INGREDIENTS, max_passage_chars=200), "passages"),
    ],
    ids=["dictionary", "lexicon", "passages"],
)
def test_another_ingredient_is_a_reason(place: Place, other: Ingredients, reason: str) -> None:
    """The index is built anew, once."""
    place.refresher().refresh()
    assert place.refresher(other).refresh().reasons == (reason,)
    assert not place.refresher(other).refresh().built


def test_a_full_refresh_always_builds(place: Place) -> None:
    """And says that this was why."""
    place.refresher().refresh()
    done = place.refresher().refresh(full=True)
    assert (done.built, done.reasons) == (True, ("full",))
    assert len(place.store.names()) == 2


def test_a_dry_run_changes_nothing(place: Place) -> None:
    """It says what would be done; no folder is made."""
    planned = place.refresher().refresh(dry_run=True)
    assert (planned.built, planned.reasons, planned.meta) == (True, ("missing",), None)
    assert not (place.root / ".wenbao").exists()
    place.refresher().refresh()
    place.write("b.md", OTHER)
    planned = place.refresher().refresh(dry_run=True)
    assert (planned.built, planned.changes.added) == (True, ("corpus/b.md",))
    assert len(place.store.names()) == 1
    assert place.refresher().refresh(dry_run=True, full=True).reasons == ("corpus", "full")


def test_what_cannot_be_read_is_skipped_and_said(place: Place) -> None:
    """Also by the next refresh, which builds nothing for it."""
    place.write("large.md", "长" * 10_000)
    done = place.refresher().refresh()
    assert [skipped.source for skipped in done.skipped] == ["corpus/large.md"]
    again = place.refresher().refresh()
    assert (again.built, again.skipped) == (False, done.skipped)


def test_strict_refuses_to_skip(place: Place) -> None:
    """Whether there is something to build or not; what was published stays."""
    place.refresher().refresh()
    first = place.store.current()
    place.write("large.md", "长" * 10_000)
    place.write("b.md", OTHER)
    with pytest.raises(CorpusError, match=r"--strict: 1 skipped, first corpus/large\.md: "):
        place.refresher().refresh(strict=True)
    assert place.store.current() == first
    place.refresher().refresh()
    with pytest.raises(CorpusError, match="--strict: 1 skipped"):
        place.refresher().refresh(strict=True)


@pytest.mark.parametrize("damage", ["meta.json", MANIFEST, "current", "format"])
def test_an_index_that_cannot_be_used_is_built_anew(place: Place, damage: str) -> None:
    """With a warning, and what was damaged is kept for a person to look at."""
    refresher = place.refresher()
    first = refresher.refresh().meta
    assert first is not None
    folder = place.store.folder / first.generation
    if damage == "current":
        (place.store.folder / "current").write_bytes(b"\xff")
    elif damage == "format":
        meta = json.loads((folder / "meta.json").read_text("utf-8"))
        (folder / "meta.json").write_text(json.dumps(meta | {"format": 0}))
    else:
        (folder / damage).write_text("{")
    state = refresher.state()
    assert state.meta is None
    assert state.damage
    done = refresher.refresh()
    assert (done.built, done.reasons) == (True, ("missing",))
    assert place.warnings == [f"{state.damage}; it is kept aside and the index is built anew"]
    assert done.damaged == (
        None if damage == "current" else place.store.folder / f"{first.generation}.damaged"
    )
    assert done.damaged is None or done.damaged.is_dir()
    assert place.found("投诉") == ["corpus/a.md"]
    assert not refresher.refresh().built


@pytest.mark.parametrize("name", sorted(FILES))
def test_nothing_is_taken_over_from_a_damaged_generation(place: Place, name: str) -> None:
    """Whichever file it is: what the change was in is found, and what is damaged is kept aside."""
    for number in range(8):
        place.write(f"{number}.md", OTHER.replace("泵房", f"{number}号泵房"))
    first = place.refresher().refresh().meta
    assert first is not None
    path = place.store.folder / first.generation / name
    data = bytearray(path.read_bytes() or b"?")
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    place.write("new.md", REPORT.replace("投诉", "退费"))
    done = place.refresher().refresh()
    assert done.damaged == place.store.folder / f"{first.generation}.damaged"
    assert place.found("退费") == ["corpus/new.md"]
    assert place.found("投诉") == ["corpus/a.md"]
    assert not place.refresher().refresh().built


def test_an_update_that_is_interrupted_ends(place: Place) -> None:
    """Who copies the others meanwhile waits for the new reports no more; nothing is left of it."""
    for number in range(8):
        place.write(f"{number}.md", OTHER.replace("泵房", f"{number}号泵房"))
    first = place.refresher().refresh().meta
    assert first is not None
    place.write("new.md", REPORT.replace("投诉", "退费"))

    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.refresher().refresh(advance=interrupt)
    assert place.store.names() == [first.generation]
    assert list(place.store.folder.glob("building-*")) == []
    assert place.refresher().refresh().work.analysed == 1


def test_a_check_that_finds_damage_leaves_the_published_index_alone(place: Place) -> None:
    """What it looked at is the new one: nothing is published, and nothing is put aside."""
    for number in range(8):
        place.write(f"{number}.md", OTHER)
    first = place.refresher().refresh().meta
    assert first is not None
    place.write("new.md", REPORT)

    def check(_: Path) -> None:
        raise IndexDamaged("the new one")

    for full in (False, True):
        with pytest.raises(IndexDamaged, match="the new one"):
            place.refresher().refresh(full=full, check=check)
    assert place.store.names() == [place.store.current()] == [first.generation]
    assert place.warnings == []


@pytest.mark.parametrize("emptied", ["no folder", "no report"])
def test_an_emptied_corpus_is_an_empty_index(place: Place, emptied: str) -> None:
    """What is gone is no longer found."""
    place.refresher().refresh()
    (place.corpus / "a.md").unlink()
    if emptied == "no folder":
        place.corpus.rmdir()
    done = place.refresher().refresh()
    assert (done.built, done.changes.deleted) == (True, ("corpus/a.md",))
    assert place.found("投诉") == []
    assert not place.refresher().refresh().built


def test_another_build_is_waited_for_and_named(place: Place) -> None:
    """Two builders would number alike: the second is refused."""
    place.store.folder.mkdir(parents=True)
    with building_lock(place.store.folder / "lock", timeout=timedelta(0), now=datetime.now(UTC)):
        with pytest.raises(IndexLocked, match="is being built by process"):
            place.refresher().refresh()
        assert place.refresher().refresh(dry_run=True).built
    assert place.refresher().refresh().built


def test_progress_comes_to_the_number_of_passages(place: Place) -> None:
    """It never goes back."""
    place.write("b.md", OTHER)
    told: list[tuple[int, int]] = []
    done = place.refresher().refresh(advance=lambda *step: told.append(step))
    assert done.meta is not None
    total = done.meta.passages
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (total, total)


def test_a_build_that_fails_leaves_the_old_one(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers as before, and the lock is free."""
    place.refresher().refresh()
    first = place.store.current()
    place.write("b.md", OTHER)

    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("bot.index.generations.sync", fail)
        with pytest.raises(OSError, match="disk full"):
            place.refresher().refresh()
    assert place.store.current() == first
    assert place.found("投诉") == ["corpus/a.md"]
    assert place.refresher().refresh().built

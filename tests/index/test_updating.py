"""Updating: what is taken over and what is done anew; the files are those of a build from the beginning."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.index.builder import Means
from bot.index.generations import Store
from bot.index.meta import FILES
from bot.index.refresh import Ingredients, Refreshed, Refresher, Work

NewFolder = Callable[[], Path]

INGREDIENTS = Ingredients(
    max_file_bytes=10_000,
    max_passage_chars=100,
    dictionary="d1",
    synonyms="s1",
    lock_timeout=timedelta(0),
    keep=3,
)
_SENTENCES = (
    "接到投诉后当天转派责任部门，三天内回访客户。",
    "泵房每两小时巡查一次，雨季加派一班人手。" * 3,
    "的" * 40,
    "KPI dashboards are reviewed weekly by the 客服 team.",
    "新员工入职先跟班学习，再独立上岗，每周写一次小结。" * 4,
    "臺灣分公司的電話改由總部接聽。",
)


def report(number: int, title: bool, sentences: tuple[int, ...]) -> str:
    """Return a report's text; without a title its name is its title."""
    head = f"# 报告{number}\n\n" if title else ""
    return head + "\n\n".join(f"## 第{i}节\n\n{_SENTENCES[s]}" for i, s in enumerate(sentences))


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody does to a file of the corpus."""

    what: str
    name: str
    other: str
    text: str


NAMES = st.sampled_from(["a.md", "b.md", "c.txt", "d.md", "乙/a.md", "丙.md"])
REPORTS = st.builds(
    report, st.integers(1, 3), st.booleans(), st.lists(st.integers(0, 5), max_size=4).map(tuple)
)
EDITS = st.lists(
    st.builds(Edit, st.sampled_from(["write", "delete", "rename", "touch"]), NAMES, NAMES, REPORTS),
    max_size=4,
)
# Much or little at a time; each change by itself or all at once; numbered by stretches or one by one; with
# many common terms, some or none.
WAYS = st.fixed_dictionaries(
    {
        "ranges._AT_ONCE": st.sampled_from([64, 2**21]),
        "renumbering._LOOKED_THROUGH": st.sampled_from([50, 2**17]),
        "renumbering._MANY_STRETCHES": st.sampled_from([0, 12]),
        "edit._SELDOM": st.sampled_from([0, 64, 2**40]),
        "common._LEAST": st.sampled_from([1, 2, 4, 16]),
    }
)


class Home:
    """A corpus, and what keeps an index of it up to date."""

    def __init__(self, root: Path, means: Means, ingredients: Ingredients = INGREDIENTS) -> None:
        self.root, self.corpus, self.store = root, root / "corpus", Store(root / "index")
        self.corpus.mkdir(exist_ok=True)
        self._means = means
        self.ingredients = ingredients
        self.warnings: list[str] = []

    def refresh(self, *, full: bool = False) -> Refreshed:
        """Bring the index up to date."""
        refresher = Refresher(
            self.root,
            self.corpus,
            self.store,
            self.ingredients,
            lambda: self._means,
            warn=self.warnings.append,
        )
        return refresher.refresh(full=full)

    def do(self, edit: Edit) -> None:
        """Change the corpus, if the edit is possible."""
        path, other = self.corpus / edit.name, self.corpus / edit.other
        path.parent.mkdir(exist_ok=True)
        other.parent.mkdir(exist_ok=True)
        if edit.what == "write":
            path.write_text(edit.text, "utf-8")
        elif not path.exists():
            return
        elif edit.what == "delete":
            path.unlink()
        elif edit.what == "rename":
            path.replace(other)
        else:
            os.utime(path, (1_000_000_000, 1_000_000_000))

    def files(self) -> dict[str, bytes]:
        """Return the files of the published generation."""
        folder = self.store.folder / (self.store.current() or "")
        return {name: (folder / name).read_bytes() for name in FILES}


@settings(max_examples=60, phases=[Phase.explicit, Phase.generate])
@given(st.lists(st.tuples(NAMES, REPORTS), max_size=6), st.lists(EDITS, min_size=1, max_size=3), WAYS)
def test_an_update_gives_the_files_of_a_whole_build(
    means: Means,
    new_folder: NewFolder,
    corpus: list[tuple[str, str]],
    rounds: list[list[Edit]],
    ways: dict[str, int],
) -> None:
    """Whatever was added, changed, renamed or deleted, byte for byte, and again from what was updated."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.index.updating._MOST_NEW", 1.0)
        for name, value in ways.items():
            patch.setattr(f"bot.index.{name}", value)
        home = Home(new_folder(), means)
        for name, text in corpus:
            home.do(Edit("write", name, name, text))
        home.refresh()
        for edits in rounds:
            for edit in edits:
                home.do(edit)
            if home.refresh().built:
                updated = home.files()
                home.refresh(full=True)
                assert updated == home.files()
    assert home.warnings == []


@pytest.fixture
def home(tmp_path: Path, means: Means) -> Home:
    """An index of a dozen reports."""
    home = Home(tmp_path, means)
    for number in range(12):
        text = report(number, True, (number % 6, (number + 1) % 6, (number + 2) % 6))
        (home.corpus / f"{number:02d}.md").write_text(text, "utf-8")
    home.refresh()
    return home


def rewritten(home: Home, name: str) -> None:
    """Change a report."""
    path = home.corpus / name
    path.write_text(path.read_text("utf-8").replace("第1节", "第九节"), "utf-8")


def test_only_what_changed_is_analysed(home: Home) -> None:
    """One of twelve; no word has come or gone, so what they are also called is kept."""
    path = home.corpus / "03.md"
    path.write_text(path.read_text("utf-8").replace("## 第0节", "## 第1节"), "utf-8")
    assert home.refresh().work == Work(analysed=1, files=12, lexicon=False)


def test_a_rename_or_a_deletion_analyses_nothing(home: Home) -> None:
    """The new name is cited all the same."""
    (home.corpus / "03.md").rename(home.corpus / "99.md")
    (home.corpus / "04.md").unlink()
    assert home.refresh().work.analysed == 0
    generation = home.store.open(k1=0.8, b=0.5)
    assert generation.passage(generation.size - 1).source == "corpus/99.md"


def test_a_report_named_by_its_file_is_read_again_when_that_changes(home: Home) -> None:
    """Its title is searched, too."""
    (home.corpus / "04.md").write_text(report(0, False, (1,)), "utf-8")
    home.refresh()
    (home.corpus / "04.md").rename(home.corpus / "热线.md")
    assert home.refresh().work.analysed == 1
    assert [listed.title for listed in home.store.open(k1=0.8, b=0.5).reports()][-1] == "热线"


@pytest.mark.parametrize(
    ("other", "analysed"),
    [
        (replace(INGREDIENTS, synonyms="s2"), 0),
        (replace(INGREDIENTS, dictionary="d2"), 12),
        (replace(INGREDIENTS, max_passage_chars=150), 12),
    ],
    ids=["synonyms", "dictionary", "passages"],
)
def test_another_ingredient_redoes_what_depends_on_it(home: Home, other: Ingredients, analysed: int) -> None:
    """Synonyms only what words are also called; the dictionary moves every cut, since it changes all odds."""
    home.ingredients = other
    assert home.refresh().work == Work(analysed=analysed, files=12, lexicon=True)


def test_a_corpus_that_is_mostly_new_is_built_whole(home: Home) -> None:
    """Taking over little would cost more than it saves."""
    for number in range(6):
        rewritten(home, f"{number:02d}.md")
    assert home.refresh().work.analysed == 12


def test_a_damaged_generation_is_not_taken_over(home: Home) -> None:
    """All is read again, and the damage is told."""
    folder = home.store.folder / (home.store.current() or "")
    content = bytearray((folder / "postings.npy").read_bytes())
    content[-1] ^= 1
    (folder / "postings.npy").write_bytes(content)
    rewritten(home, "03.md")
    assert home.refresh().work.analysed == 12
    assert len(home.warnings) == 1
    updated = home.files()
    shutil.rmtree(home.store.folder)
    home.refresh()
    assert updated == home.files()

"""Reading on from a passage, and reading reports without a question."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

from bot.domain import Passage
from bot.index.generations import Generation, Store
from bot.index.meta import Meta
from bot.search import browsing

Publish = Callable[[Store, Sequence[Passage]], Meta]

# Report and section of each passage, by ordinal.
PLACES = [("a", "一"), ("a", "一"), ("a", "二"), ("b", "一"), ("b", "一"), ("b", "一")]


@pytest.fixture(scope="module")
def ranker(publish: Publish, tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """Six passages of two reports, opened."""
    sources = {"a": "corpus/01-热线.md", "b": "corpus/12-物业.md"}
    passages = [
        Passage(f"p{i}", report, report * 2, (section,), sources[report], i, i + 1, f"第{i}段")
        for i, (report, section) in enumerate(PLACES)
    ]
    store = Store(tmp_path_factory.mktemp("browsing") / "index")
    publish(store, passages)
    return store.open(k1=1.2, b=0.75)


def ids(passages: Sequence[Passage]) -> list[str]:
    return [passage.passage_id for passage in passages]


@pytest.mark.parametrize(
    ("ordinal", "whole"),
    [(0, ["p0", "p1"]), (1, ["p0", "p1"]), (2, ["p2"]), (3, ["p3", "p4", "p5"]), (5, ["p3", "p4", "p5"])],
)
def test_a_section_is_all_its_passages(ranker: Generation, ordinal: int, whole: list[str]) -> None:
    """From whichever of them; a section of the same name in the next report is another one."""
    assert ids(browsing.section(ranker, ordinal)) == whole


def test_around_stays_in_the_report(ranker: Generation) -> None:
    """Neighbours come in order, across sections, never from another report or beyond the ends."""
    assert ids(browsing.around(ranker, 1)) == ["p0", "p1", "p2"]
    assert ids(browsing.around(ranker, 2)) == ["p1", "p2"]
    assert ids(browsing.around(ranker, 3, before=2, after=9)) == ["p3", "p4", "p5"]
    assert ids(browsing.around(ranker, 0, before=1, after=0)) == ["p0"]


@pytest.mark.parametrize(
    ("name", "title"),
    [("a", "aa"), ("b", "bb"), ("01", "aa"), ("1", "aa"), ("12", "bb"), ("2", None), ("", None), ("c", None)],
)
def test_a_report_goes_by_its_id_or_number(ranker: Generation, name: str, title: str | None) -> None:
    """The number is the one that its file's name begins with; half a number is none."""
    found = browsing.report(ranker, name)
    assert (found.title if found else None) == title


def test_reports_hold_every_passage_once(ranker: Generation) -> None:
    """Their ranges follow each other and end with the last passage."""
    listed = ranker.reports()
    assert all(one.passages.stop == other.passages.start for one, other in pairwise(listed))
    assert (listed[0].passages.start, listed[-1].passages.stop) == (0, ranker.size)

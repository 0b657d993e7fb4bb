"""Records on disk: passages come back word for word, and damage is told."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Passage
from bot.errors import IndexDamaged
from bot.index import records
from bot.index.records import Records

NewFolder = Callable[[], Path]

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PASSAGE = st.builds(
    Passage,
    passage_id=st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
    report_id=st.sampled_from(["r1", "r2"]),
    report=TEXT,
    section=st.lists(TEXT, max_size=3).map(tuple),
    source=st.sampled_from(["corpus/甲.md", "corpus/乙.md"]),
    start=st.integers(0, 2**31),
    end=st.integers(0, 2**31),
    text=TEXT,
)
SOME = [Passage(f"p{i}", "r", "热线", ("一", "二"), "corpus/a.md", i, i + 2, "投诉\n😀") for i in range(3)]


@given(st.lists(PASSAGE, max_size=6))
def test_passages_come_back_as_they_were(new_folder: NewFolder, passages: list[Passage]) -> None:
    """Each under its number, every field equal, whatever characters its text has."""
    folder = new_folder()
    records.write(folder, passages)
    opened = Records(folder)
    assert len(opened) == len(passages)
    assert [opened.passage(i) for i in range(len(opened))] == passages


@given(st.lists(PASSAGE, max_size=6))
def test_a_report_is_listed_with_its_passages(new_folder: NewFolder, passages: list[Passage]) -> None:
    """In order, each once, however many passages it has; together they have every passage."""
    passages.sort(key=lambda p: (p.report_id, p.report, p.source))
    folder = new_folder()
    records.write(folder, passages)
    listed = Records(folder).reports()
    assert [(one.report_id, one.title, one.source) for one in listed] == list(
        dict.fromkeys((p.report_id, p.report, p.source) for p in passages)
    )
    assert [i for one in listed for i in one.passages] == list(range(len(passages)))
    for one in listed:
        assert {passages[i].report_id for i in one.passages} == {one.report_id}


@given(st.lists(PASSAGE, max_size=6, unique_by=lambda p: p.passage_id), st.text(max_size=3))
def test_a_passage_is_found_by_its_id(new_folder: NewFolder, passages: list[Passage], other: str) -> None:
    """Every id gives its passage's number, and an id that no passage has gives none."""
    folder = new_folder()
    records.write(folder, passages)
    opened = Records(folder)
    ids = [p.passage_id for p in passages]
    assert [opened.find(one) for one in ids] == list(range(len(ids)))
    assert (opened.find(other) is None) == (other not in ids)


@given(st.lists(st.text("0af", min_size=1, max_size=20), max_size=40))
def test_ids_are_in_the_order_of_their_bytes(new_folder: NewFolder, ids: list[str]) -> None:
    """However many begin alike, and the same id in the order of its passages."""
    folder = new_folder()
    records.write(folder, [replace(SOME[0], passage_id=one) for one in ids])
    order = np.load(folder / "passages.order.npy").tolist()
    assert order == sorted(range(len(ids)), key=ids.__getitem__)


def test_a_line_of_text_is_a_line_of_the_file(new_folder: NewFolder) -> None:
    """A person can read the files: a line a passage, Chinese as it is."""
    folder = new_folder()
    records.write(folder, SOME)
    lines = (folder / "passages.jsonl").read_text("utf-8").splitlines()
    assert lines[1] == '[["一","二"],1,3,"投诉\\n😀"]'
    assert len(lines) == 3


def test_arrays_hold_no_python_objects(new_folder: NewFolder) -> None:
    """They load with pickle refused, and are numbers."""
    folder = new_folder()
    records.write(folder, SOME)
    arrays = [np.load(folder / name, allow_pickle=False) for name in records.FILES if name.endswith(".npy")]
    assert [array.dtype.kind for array in arrays] == ["u"] * 5


OF_FEW_SECTIONS = st.builds(
    replace,
    PASSAGE,
    report=st.just("热线"),
    source=st.just("corpus/a.md"),
    section=st.sampled_from([(), ("一",), ("一", "二")]),
)


@given(st.lists(OF_FEW_SECTIONS, max_size=8), st.lists(st.integers(0, 8), max_size=3))
def test_records_do_not_depend_on_where_they_were_divided(
    new_folder: NewFolder, passages: list[Passage], edges: list[int]
) -> None:
    """A report, and a section of it, may go on from one part to the next; the files are the same."""
    passages.sort(key=lambda passage: passage.report_id)
    whole, divided = new_folder(), new_folder()
    counts = records.write(whole, passages)
    with records.Writer(divided) as writer:
        for first, end in pairwise([0, *sorted(edges), len(passages)]):
            writer.add(records.part(passages[first:end]))
        assert writer.finish() == counts
    for name in records.FILES:
        assert (divided / name).read_bytes() == (whole / name).read_bytes(), name


DAMAGES: Mapping[str, Callable[[bytes], bytes | None]] = {
    "gone": lambda _: None,
    "empty": lambda _: b"",
    "cut": lambda content: content[:-1],
    "half": lambda content: content[: len(content) // 2],
    "longer": lambda content: content + b"\n",
}
ARRAY_DAMAGES: Mapping[str, Callable[[bytes], bytes | None]] = {
    "noise": lambda content: bytes(range(255, 255 - min(len(content), 200), -1)),
    "archive": lambda content: b"PK\x03\x04" + content[4:],
    "pickle": lambda content: b"\x80\x05N." + content[4:],
}
CASES = [
    pytest.param(name, damage, id=f"{name}-{kind}")
    for name in records.FILES
    for kind, damage in {**DAMAGES, **(ARRAY_DAMAGES if name.endswith(".npy") else {})}.items()
    if (name.endswith(".npy"), kind) != (True, "longer")
]


@pytest.mark.parametrize(("name", "damage"), CASES)
def test_a_damaged_file_is_told(
    new_folder: NewFolder, name: str, damage: Callable[[bytes], bytes | None]
) -> None:
    """Whatever stands in the file, opening ends in IndexDamaged, never in a library's own error."""
    folder = new_folder()
    records.write(folder, SOME)
    content = damage((folder / name).read_bytes())
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    with pytest.raises(IndexDamaged, match=str(folder)):
        Records(folder)

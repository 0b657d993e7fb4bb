"""Checksums by blocks: whatever byte changes, what is answered is right, or the damage is named."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import Channel, Group, Name, Passage, Query, Span
from bot.errors import IndexDamaged
from bot.index import added, checksums, patching, postings, records, writing
from bot.index.bm25 import GroupedBM25, one_term_groups
from bot.index.checksums import NOTHING, Blocks, Known
from bot.index.packed import GONE

NewFolder = Callable[[], Path]

# So small that a small index has many.
BITS = 7
PASSAGES = 3000
WORDS = [f"词{'汉' * (number % 3)}{number}" for number in range(400)]
FILES = (*postings.FILES, *records.FILES)
QUERIES = [
    one_term_groups([WORDS[0], WORDS[1], WORDS[399]]),
    one_term_groups([WORDS[399], WORDS[350], "没有"]),
    Query(
        "",
        (
            Group(Channel.WORD, tuple(Name(word, 0.5) for word in WORDS[5:300:60]), 1.0, Span(0, 1)),
            Group(Channel.HEADING, (Name(WORDS[2], 1.0), Name(WORDS[390], 0.7)), 0.4, Span(0, 1)),
        ),
    ),
]


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "_BITS", BITS)
    monkeypatch.setattr(checksums, "BLOCK", 1 << BITS)


def passage(number: int) -> Passage:
    """Return a passage; ten of them are a report."""
    report = number // 10
    text = f"第{number}段" * (1 + number % 5)
    return Passage(f"p{number * 7919 % PASSAGES:04}", f"r{report}", f"报告{report}", (), "a.md", 0, 9, text)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The files of an index of common and of rare words, and of passages."""
    folder = tmp_path_factory.mktemp("whole")
    random = np.random.default_rng(3)
    lengths = random.integers(1, 20, PASSAGES)
    numbers = (len(WORDS) * random.random(lengths.sum()) ** 3).astype(int).tolist()
    words = iter(WORDS[number] for number in numbers)
    corpus = [[next(words) for _ in range(length)] for length in lengths.tolist()]
    corpus[50] = [WORDS[0]] * 40
    writing.write(folder, ({Channel.WORD: p, Channel.HEADING: p[:2]} for p in corpus))
    records.write(folder, map(passage, range(PASSAGES)))
    return {name: (folder / name).read_bytes() for name in FILES}


def put(folder: Path, content: Mapping[str, bytes]) -> None:
    """Write files into a folder."""
    for name, one in content.items():
        (folder / name).write_bytes(one)


def flipped(content: bytes, share: float, bit: int) -> bytes:
    """Return content in which one bit, so far in it, is another."""
    changed = bytearray(content)
    changed[int(share * len(changed))] ^= 1 << bit
    return bytes(changed)


def told(folder: Path, sums: Known, *, compiled: bool) -> list[object]:
    """Return what an index that is opened afresh says of this and that."""
    opened = postings.Postings(folder, sums)
    ranker = GroupedBM25(opened, k1=0.8, b=0.5, compiled=compiled, dense_up_to=-1)
    said: list[object] = []
    for query in QUERIES:
        best = ranker.top(query, 5)
        said += [best, ranker.top(query, 3, within=range(1000, 1900))]
        said += [ranker.explain(query, [one.ordinal for one in best])]
    said += [len(opened.find(Channel.WORD, word)) for word in (*WORDS[::41], "不在", "a", "𠀀")]
    stored = records.Records(folder, sums)
    said += [stored.passage(number) for number in (0, 1234, PASSAGES - 1)]
    return [*said, stored.find("p0042"), stored.find("p2999"), stored.find("none")]


@pytest.mark.parametrize("compiled", [False, True], ids=["numpy", "numba"])
@pytest.mark.parametrize("name", FILES)
def test_no_answer_comes_from_what_was_not_written(
    new_folder: NewFolder, whole: Mapping[str, bytes], name: str, compiled: bool
) -> None:
    """Wherever a bit changes, what is asked for is as before, or ends in IndexDamaged."""
    folder = new_folder()
    put(folder, whole)
    sums = {file: checksums.of_file(folder / file) for file in FILES}
    right = told(folder, sums, compiled=compiled)
    ended = set()

    @settings(max_examples=40)
    @given(st.floats(0, 1, exclude_max=True), st.integers(0, 7))
    def law(share: float, bit: int) -> None:
        (folder / name).write_bytes(flipped(whole[name], share, bit))
        try:
            assert told(folder, sums, compiled=compiled) == right
            ended.add("right")
        except IndexDamaged as error:
            ended.add(str(error))

    law()
    assert f"the index file {folder / name} is not what was written" in ended
    assert len(ended - {"right"}) == 1


def patched(old_folder: Path, sums: Known, gone: Sequence[int], folder: Path) -> Mapping[str, bytes]:
    """Return the files of postings without some passages."""
    old = postings.Postings(old_folder, sums)
    numbers = np.arange(PASSAGES, dtype=np.uint32)
    numbers -= np.searchsorted(gone, numbers).astype(np.uint32)
    numbers[list(gone)] = GONE
    patching.patch(folder, old, numbers, added.added([]), np.delete(old.all_lengths, gone, axis=1))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("gone", [range(100, 102), range(7, PASSAGES, 101)], ids=["apart", "whole"])
@pytest.mark.parametrize("name", ["postings.npy", "common.npy"])
def test_nothing_is_taken_over_of_what_was_not_written(
    new_folder: NewFolder, whole: Mapping[str, bytes], name: str, gone: Sequence[int]
) -> None:
    """Wherever a bit changes in what an update copies, it ends in IndexDamaged."""
    folder = new_folder()
    put(folder, whole)
    sums = {file: checksums.of_file(folder / file) for file in FILES}
    assert patched(folder, sums, gone, new_folder()) == patched(folder, NOTHING, gone, new_folder())

    @settings(max_examples=40)
    @given(st.floats(0, 1, exclude_max=True), st.integers(0, 7))
    def law(share: float, bit: int) -> None:
        (folder / name).write_bytes(flipped(whole[name], share, bit))
        with pytest.raises(IndexDamaged, match=f"{name} is not what was written"):
            patched(folder, sums, gone, new_folder())

    law()


@pytest.mark.parametrize(
    "name", ["postings.npy", "common.npy", "bounds.npy", "passages.jsonl", "passages.ids.npy"]
)
def test_what_is_not_asked_for_is_not_read(
    new_folder: NewFolder, whole: Mapping[str, bytes], name: str
) -> None:
    """A changed byte somewhere else in a large file holds up no answer."""
    folder = new_folder()
    put(folder, whole)
    sums = {file: checksums.of_file(folder / file) for file in FILES}
    opened, stored = postings.Postings(folder, sums), records.Records(folder, sums)
    right = opened.find(Channel.WORD, WORDS[399]).packed.tolist(), stored.passage(3)
    middle = len(whole[name]) // 2
    (folder / name).write_bytes(whole[name][:middle] + b"\xff" + whole[name][middle + 1 :])
    opened, stored = postings.Postings(folder, sums), records.Records(folder, sums)
    assert (opened.find(Channel.WORD, WORDS[399]).packed.tolist(), stored.passage(3)) == right


@given(st.binary(max_size=5 << BITS))
def test_a_file_has_the_checksums_of_its_content(new_folder: NewFolder, content: bytes) -> None:
    """One for each block, the last of which may be shorter; they tell one content from another."""
    path = new_folder() / "file"
    path.write_bytes(content)
    sums = checksums.of_file(path)
    assert len(sums) == checksums.blocks_of(len(content)) == -(-len(content) // (1 << BITS))
    assert sums.tolist() == checksums.of_bytes(content).tolist()
    assert checksums.digest(sums) != checksums.digest(checksums.of_bytes(content + b"\0"))


def slices(size: int) -> Iterator[tuple[int, int]]:
    """Yield the edges of all blocks."""
    return ((start, min(size, start + (1 << BITS))) for start in range(0, size, 1 << BITS))


@given(st.integers(1, 5 << BITS), st.data())
def test_a_block_is_compared_once(size: int, data: st.DataObject) -> None:
    """What was seen to be right is not read again; what was not is found, wherever it is asked for."""
    content = bytearray(range(256)) * (size // 256 + 1)
    del content[size:]
    blocks = Blocks(Path("file"), memoryview(content), checksums.of_bytes(bytes(content)))
    place = data.draw(st.integers(0, size - 1))
    own = next((start, end) for start, end in slices(size) if start <= place < end)
    for start, end in slices(size):
        if (start, end) != own:
            blocks.check(start, end)
    assert not blocks.is_checked(0, size)
    content[place] ^= 1
    blocks.check(0, own[0])
    blocks.check(own[1], size)
    with pytest.raises(IndexDamaged, match="file is not what was written"):
        blocks.check(0, size)
    with pytest.raises(IndexDamaged, match="file is not what was written"):
        blocks.check_each(np.array([own[1] - 1, 0]))
    content[place] ^= 1
    blocks.check(place, place + 1)
    content[place] ^= 1
    blocks.check(0, size)
    assert blocks.is_checked(0, size)


def test_nothing_is_compared_with_nothing() -> None:
    """A file without checksums is taken as it is."""
    blocks = Blocks(Path("file"), memoryview(b"any" * 1000), None)
    assert blocks.is_checked(0, 3000)
    blocks.check(0, 3000)

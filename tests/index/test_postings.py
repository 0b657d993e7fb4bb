"""Postings on disk: what was written is found again, and damage is told."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Channel
from bot.errors import IndexDamaged
from bot.index import merging, postings, writing
from bot.index.postings import Postings

NewFolder = Callable[[], Path]
Passages = list[Mapping[Channel, Sequence[str]]]

# Any text but half surrogate pairs, which no file holds, and NUL, which ends a key of the trie.
TERM = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=4)
FEW = st.sampled_from(["投诉", "客户", "a", "ab", "w", "c", "h", "wa", "😀", "𠮷", " ", ""])
PASSAGES: st.SearchStrategy[Passages] = st.lists(
    st.dictionaries(st.sampled_from(Channel), st.lists(st.one_of(FEW, TERM), max_size=8), max_size=3),
    max_size=6,
).map(list)


def written(folder: Path, passages: Passages, memory_mb: float = 1.0) -> Postings:
    """Write passages and open them."""
    writing.write(folder, passages, memory_mb=memory_mb)
    return Postings(folder)


@given(PASSAGES)
def test_what_was_written_is_found(new_folder: NewFolder, passages: Passages) -> None:
    """Every term of every channel has the passages and the counts that it had."""
    opened = written(new_folder(), passages)
    for channel in Channel:
        counts = [Counter(passage.get(channel, ())) for passage in passages]
        for term in set().union(*counts):
            found = opened.find(channel, term)
            expected = [(i, count[term]) for i, count in enumerate(counts) if count[term]]
            assert list(zip(found.ids.tolist(), found.counts.tolist(), strict=True)) == expected
    assert opened.size == len(passages)


@given(PASSAGES)
def test_channels_have_vocabularies_of_their_own(new_folder: NewFolder, passages: Passages) -> None:
    """`terms` yields each term of a channel once, and no other channel's."""
    opened = written(new_folder(), passages)
    total = 0
    for channel in Channel:
        vocabulary = [term for term, _ in opened.terms(channel)]
        total += len(vocabulary)
        assert Counter(vocabulary) == Counter({t for passage in passages for t in passage.get(channel, ())})
    assert len(opened) == total


@given(PASSAGES)
def test_lengths_count_terms_per_channel(new_folder: NewFolder, passages: Passages) -> None:
    """Their mean is 0 where there is nothing to take a mean of."""
    opened = written(new_folder(), passages)
    for channel in Channel:
        lengths = [len(passage.get(channel, ())) for passage in passages]
        assert opened.lengths[channel].tolist() == lengths
        assert opened.average_lengths[channel] == pytest.approx(sum(lengths) / max(1, len(lengths)))


@given(PASSAGES, TERM)
def test_what_was_not_written_is_not_found(new_folder: NewFolder, passages: Passages, term: str) -> None:
    """A term of no passage, or of another channel only, has empty postings."""
    opened = written(new_folder(), passages)
    for channel in Channel:
        if not any(term in passage.get(channel, ()) for passage in passages):
            assert len(opened.find(channel, term).ids) == len(opened.find(channel, term).counts) == 0


@given(PASSAGES)
def test_files_do_not_depend_on_the_memory(new_folder: NewFolder, passages: Passages) -> None:
    """Built in runs of a few postings or all at once, every file is the same, and no other is left."""
    one, other = new_folder(), new_folder()
    written(one, passages, 1e-5)
    written(other, passages)
    assert sorted(path.name for path in one.iterdir()) == sorted(postings.FILES)
    for name in postings.FILES:
        assert (one / name).read_bytes() == (other / name).read_bytes()


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.lists(st.integers(0, 9), max_size=5))
def test_counts_of_any_size_come_back(new_folder: NewFolder, counts: list[int], asked: list[int]) -> None:
    """Also those that a posting has no room for; and of passages in any order."""
    found = written(new_folder(), [{Channel.WORD: ["a"] * count} for count in counts]).find(Channel.WORD, "a")
    assert found.counts.tolist() == [count for count in counts if count]
    expected = [counts[i] if i < len(counts) else 0 for i in asked]
    assert found.counts_at(np.array(asked, np.uint32)).tolist() == expected


@given(st.lists(st.dictionaries(st.sampled_from("cabd"), st.integers(1, 40)), max_size=6))
def test_counts_of_any_size_are_merged(new_folder: NewFolder, passages: list[dict[str, int]]) -> None:
    """Those that a posting has no room for stay with their passages, in however many runs they were."""
    terms: Passages = [{Channel.WORD: [*"".join(t * n for t, n in counts.items())]} for counts in passages]
    one, other = new_folder(), new_folder()
    opened = written(one, terms, 1e-5)
    for term in "abcd":
        found = opened.find(Channel.WORD, term)
        expected = [(i, counts[term]) for i, counts in enumerate(passages) if term in counts]
        assert list(zip(found.ids.tolist(), found.counts.tolist(), strict=True)) == expected
    written(other, terms)
    assert all((one / name).read_bytes() == (other / name).read_bytes() for name in postings.FILES)


@given(st.data(), st.integers(1, 9))
def test_stretches_are_gathered_a_part_at_a_time(data: st.DataObject, part: int) -> None:
    """In the order that is asked for, whole, however few are dealt with at once."""
    sizes = data.draw(st.lists(st.integers(1, 12), min_size=1, max_size=8))
    ends = np.cumsum([0, *sizes])
    packed = np.arange(100, 100 + ends[-1], dtype=np.uint32)
    order = np.array(data.draw(st.permutations(range(len(sizes)))), np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.index.merging._PART", part)
        found = merging._gathered(packed, ends[order], np.array(sizes, np.int64)[order])
    expected = [number for place in order for number in packed[ends[place] : ends[place + 1]].tolist()]
    assert found.tolist() == expected


def test_a_channels_letter_is_no_prefix_of_a_term(new_folder: NewFolder) -> None:
    """The word "ca" and the pair "a" of the channel "c" are two things."""
    opened = written(new_folder(), [{Channel.WORD: ["ca"]}, {Channel.CHAR: ["a"]}, {Channel.CHAR: ["ca"]}])
    assert opened.find(Channel.WORD, "ca").ids.tolist() == [0]
    assert opened.find(Channel.CHAR, "a").ids.tolist() == [1]
    assert opened.find(Channel.CHAR, "ca").ids.tolist() == [2]
    assert opened.find(Channel.WORD, "a").ids.tolist() == []


def test_arrays_are_mapped_and_read_only(new_folder: NewFolder) -> None:
    """Nothing that searches can change an index."""
    found = written(new_folder(), [{Channel.WORD: ["a"]}]).find(Channel.WORD, "a")
    with pytest.raises(ValueError, match="read-only"):
        found.packed[0] = 7


def test_arrays_hold_no_python_objects(new_folder: NewFolder) -> None:
    """They load with pickle refused, and are numbers."""
    folder = new_folder()
    written(folder, [{Channel.WORD: ["a", "投诉"]}])
    arrays = [np.load(folder / name, allow_pickle=False) for name in postings.FILES if name.endswith(".npy")]
    assert [array.dtype.kind for array in arrays] == ["u"] * 12


DAMAGES: Mapping[str, Callable[[bytes], bytes | None]] = {
    "gone": lambda _: None,
    "empty": lambda _: b"",
    "cut": lambda content: content[:-1],
    "half": lambda content: content[: len(content) // 2],
    "noise": lambda content: bytes(range(255, 255 - min(len(content), 200), -1)),
    "archive": lambda content: b"PK\x03\x04" + content[4:],
    "pickle": lambda content: b"\x80\x05N." + content[4:],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("name", postings.FILES)
def test_a_damaged_file_is_told(
    new_folder: NewFolder, name: str, damage: Callable[[bytes], bytes | None]
) -> None:
    """Whatever stands in the file, opening ends in IndexDamaged, never in a library's own error."""
    folder = new_folder()
    writing.write(folder, [{Channel.WORD: ["a", "投诉率"]}, {Channel.CHAR: ["c"], Channel.WORD: ["a"]}])
    content = damage((folder / name).read_bytes())
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    with pytest.raises(IndexDamaged, match=str(folder)):
        Postings(folder)


@pytest.mark.parametrize("name", [name for name in postings.FILES if name.endswith(".npy")])
def test_a_changed_header_is_told_or_harmless(new_folder: NewFolder, name: str) -> None:
    """Any bit of an array's header flipped, opening works or ends in IndexDamaged."""
    folder = new_folder()
    writing.write(folder, [{Channel.WORD: ["a", "b"]}, {Channel.CHAR: ["c"], Channel.WORD: ["a"]}])
    content = (folder / name).read_bytes()
    told = 0
    for place in range(128):
        flipped = bytearray(content)
        flipped[place] ^= 1 << place % 7
        (folder / name).write_bytes(flipped)
        try:
            Postings(folder)
        except IndexDamaged:
            told += 1
    assert told > 20


def test_files_of_two_indexes_do_not_fit(new_folder: NewFolder) -> None:
    """Each file whole but from another index: that is told too."""
    one, other = new_folder(), new_folder()
    writing.write(one, [{Channel.WORD: ["a", "b"]}])
    writing.write(other, [{Channel.WORD: ["a", "b", "c", "d"]}])
    (one / "keys.npy").write_bytes((other / "keys.npy").read_bytes())
    with pytest.raises(IndexDamaged, match="do not fit each other"):
        Postings(one)

"""Postings of common terms: in halves, by buckets, found and changed as if they were whole."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.domain import Channel, Group, Name, Query, Span
from bot.index import added, blocks, patching, postings, vocabulary, writing
from bot.index.bm25 import GroupedBM25
from bot.index.common import buckets_of, least
from bot.index.packed import GONE
from bot.index.postings import RARE, Postings

NewFolder = Callable[[], Path]
Passages = list[dict[Channel, Sequence[str]]]

WORDS = ["c", "热线", "客户满意度", "a", *(f"{letter}{i}" for i in range(6) for letter in "zbyd")]
SHARES = 1 / np.arange(1, len(WORDS) + 1) ** 1.5
SHARES /= SHARES.sum()
# None, part of a bucket, to its edge, and over it.
SIZES = st.sampled_from([0, 1, 700, 4095, 4096, 4097, 8192, 9000])
SEEDS = st.integers(0, 2**32 - 1)
# How many passages of a bucket have a common term: nearly all terms are common, some, or none.
LEAST = st.sampled_from([1, 16, 300, 2**20])
FEW = settings(max_examples=12, phases=[Phase.explicit, Phase.generate])


def passages(size: int, seed: int) -> Passages:
    """Draw passages of up to four words, a few of them with a word twenty times."""
    random = np.random.default_rng(seed)
    made: Passages = []
    for length in random.integers(0, 5, size).tolist():
        words = [WORDS[i] for i in random.choice(len(WORDS), length, p=SHARES)]
        if random.random() < 0.002:
            words += [WORDS[int(random.integers(3))]] * 20
        made.append({Channel.WORD: words, Channel.HEADING: words[:1]})
    return made


@contextmanager
def common_from(number: int, **ways: int) -> Iterator[None]:
    """Let so many passages of each bucket make a term common; set other constants too."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"common._LEAST": number, **ways}.items():
            patch.setattr(f"bot.index.{name}", value)
        yield


def opened(folder: Path, corpus: Passages) -> Postings:
    """Write passages and open them."""
    writing.write(folder, corpus, memory_mb=1)
    return Postings(folder)


def check_found(found: Postings, corpus: Passages, asked: list[int]) -> None:
    """Compare what is found of each word with what one counts."""
    counts = [Counter(passage[Channel.WORD]) for passage in corpus]
    size = len(corpus)
    for word in WORDS:
        expected = {i: count[word] for i, count in enumerate(counts) if word in count}
        posting = found.find(Channel.WORD, word)
        assert dict(zip(posting.ids.tolist(), posting.counts.tolist(), strict=True)) == expected
        assert (posting.number != RARE) == (len(expected) >= least(size))
        wanted = np.array(asked, np.uint32)
        assert posting.counts_at(wanted).tolist() == [expected.get(i, 0) for i in asked]
        inside = range(min([*asked, size]), min(size, max([*asked, 0])))
        within = posting.within(inside)
        assert dict(zip(within.ids.tolist(), within.counts.tolist(), strict=True)) == {
            i: count for i, count in expected.items() if i in inside
        }


@FEW
@given(SIZES, SEEDS, LEAST, st.lists(st.integers(0, 9_500), max_size=20))
def test_common_terms_are_found_like_rare_ones(
    new_folder: NewFolder,
    size: int,
    seed: int,
    number: int,
    asked: list[int],
) -> None:
    """Passages, counts of any size, single passages in any order, and ranges of passages."""
    with common_from(number):
        check_found(opened(new_folder(), passages(size, seed)), passages(size, seed), asked)


@FEW
@given(st.sampled_from([4097, 9000]), SEEDS, LEAST, st.sampled_from([1, 10, 100]), SEEDS)
def test_rankers_agree_across_buckets(
    new_folder: NewFolder,
    size: int,
    seed: int,
    number: int,
    k: int,
    asked: int,
) -> None:
    """Rare and common names in one group or several: numpy and numba give what the plain formula gives."""
    with common_from(number):
        random = np.random.default_rng(asked)
        found = opened(new_folder(), passages(size, seed))
        rankers = [GroupedBM25(found, k1=0.8, b=0.5, compiled=compiled) for compiled in (False, True)]
        for _ in range(10):
            groups = []
            for channel in random.choice([Channel.WORD, Channel.HEADING], random.integers(1, 4)):
                words = random.choice(WORDS, random.integers(1, 4), replace=False).tolist()
                names = tuple(Name(word, float(random.choice([1.0, 0.5]))) for word in words)
                groups.append(Group(Channel(channel), names, 1.0, Span(0, 1)))
            query = Query("", tuple(groups))
            first, end = sorted(random.integers(0, size, 2).tolist())
            scores = rankers[0].get_scores(query)
            for within in (None, range(first, end)):
                inside = within or range(size)
                ordered = sorted((i for i in inside if scores[i] > 0), key=lambda i: (-scores[i], i))
                expected = [(i, float(scores[i])) for i in ordered[:k]]
                for ranker in rankers:
                    assert [(s.ordinal, s.score) for s in ranker.top(query, k, within=within)] == expected
            for group in groups:
                united = set().union(*(found.find(group.channel, n.term).ids.tolist() for n in group.names))
                dfs = {ranker._df(group, ranker._find(group)) for ranker in rankers}
                assert dfs == {len(united)}


# Or as many as a word has, about: it is common before and not afterwards, or the reverse.
NEAR = st.tuples(st.integers(0, 6), st.integers(-3, 3))
# Where in the corpus, how many passages go there, and how many come instead.
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), st.integers(0, 30)), max_size=4)


@settings(max_examples=40, phases=[Phase.explicit, Phase.generate])
@given(
    SIZES,
    SEEDS,
    st.one_of(LEAST, NEAR),
    EDITS,
    st.fixed_dictionaries(
        {
            "ranges._AT_ONCE": st.sampled_from([500, 2**21]),
            "renumbering._LOOKED_THROUGH": st.sampled_from([50, 2**17]),
            "renumbering._MANY_STRETCHES": st.sampled_from([0, 12]),
            "edit._SELDOM": st.sampled_from([0, 64, 2**40]),
        }
    ),
)
def test_patched_postings_are_those_of_a_build(
    new_folder: NewFolder,
    size: int,
    seed: int,
    number: int | tuple[int, int],
    edits: list[tuple[float, int, int]],
    ways: dict[str, int],
) -> None:
    """Whatever goes and comes, at the edges of buckets too, the files are the same, byte for byte."""
    before, drawn = passages(size, seed), iter(passages(200, seed + 1))
    new = cycle([[], ["b9"], [], ["热"], ["d", "客户满意", "zz"]])
    after: Passages = []
    fresh: list[int] = []
    numbers = np.full(size, GONE, np.uint32)
    done = 0
    for share, goes, comes in [*sorted(edits), (1.0, 0, 0)]:
        place = max(done, round(share * size))
        numbers[done:place] = np.arange(len(after), len(after) + place - done)
        after += before[done:place]
        fresh += range(len(after), len(after) + comes)
        for more_words in islice(new, comes):
            after.append({channel: [*words, *more_words] for channel, words in next(drawn).items()})
        done = min(size, place + goes)
    build, update = new_folder(), new_folder()
    if isinstance(number, tuple):
        df = sum(WORDS[number[0]] in passage[Channel.WORD] for passage in before)
        number = max(1, (df + number[1]) // max(1, buckets_of(size)))
    with common_from(number, **ways):
        old = opened(new_folder(), before)
        lengths = opened(build, after).all_lengths.astype(np.uint32)
        block = blocks.Counter().of_terms([after[i] for i in fresh])
        more = added.added([added.of_block(block, np.array(fresh, np.uint32))])
        writing.write_lengths(update, lengths)
        patching.patch(update, old, numbers, more, lengths)
        vocabulary.write_terms_after(update, old.vocabulary, block.terms)
    for name in postings.FILES:
        assert (update / name).read_bytes() == (build / name).read_bytes(), name

"""Terms of some passages that stand together → their postings, sorted.

Terms become keys here, and from here on only keys are sorted and merged.
"""

from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from bot.analysis.bulk import Bulk
from bot.analysis.keys import bare_key, is_long
from bot.domain import Channel
from bot.index.packed import COUNT_BITS, MANY, Numbers, narrow
from bot.index.vocabulary import CHANNEL_BIT, CHANNELS, Keys, pair_keys

_Places = npt.NDArray[np.int64]
_Ranks = npt.NDArray[np.uint16 | np.uint32 | np.uint64]
_FIRST_16, _NEXT_16 = np.uint32(2**16 - 1), np.uint32(16)
# Distinct words that are remembered; then it begins anew.
_MOST_WORDS = 2**19


@dataclass(frozen=True, slots=True)
class Block:
    """The postings of passages that stand together; the first of them is passage 0.

    Attributes:
        keys: Rising, none twice.
        df: Of each key how many passages have it.
        packed: Postings as `postings` has them on disk, those of a key together, rising.
        excess: Places in `packed` whose count is MANY or more, rising, and these counts; shape (2, any).
        lengths: Terms per channel and passage; shape (channels, passages).
        terms: Bare keys of long terms → the terms; those that the same counter gave before may be missing.
    """

    keys: Keys
    df: Numbers
    packed: Numbers
    excess: npt.NDArray[np.uint64]
    lengths: Numbers
    terms: Mapping[int, str]

    def arrays(self) -> tuple[Keys, Numbers, Numbers, npt.NDArray[np.uint64]]:
        """Return keys, df, packed and excess."""
        return self.keys, self.df, self.packed, self.excess

    def between(self, first: int, end: int, start: int, stop: int) -> tuple[Keys, Numbers, Numbers]:
        """Return keys and df from `first` to `end`, and packed from `start` to `stop`."""
        return self.keys[first:end], self.df[first:end], self.packed[start:stop]


class Counter:
    """Counts terms into blocks; remembers the keys of words."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._numbers: defaultdict[str, int] = defaultdict()
        self._numbers.default_factory = self._numbers.__len__
        self._gap, self._end = self._numbers[" "], self._numbers["\n"]
        self._keys = array("Q", map(bare_key, self._numbers))

    def of_terms(self, passages: Sequence[Mapping[Channel, Sequence[str]]]) -> Block:
        """Return the block of passages that are given as their terms per channel."""
        if len(self._numbers) > _MOST_WORDS:
            self._forget()
        terms: dict[int, str] = {}
        parts, lengths = [], []
        for channel in CHANNELS:
            rows = [passage.get(channel, ()) for passage in passages]
            counts = np.fromiter(map(len, rows), np.uint32, len(rows))
            numbers = self._numbered([term for row in rows for term in row], terms)
            passage = np.repeat(np.arange(len(rows), dtype=np.uint32), counts)
            parts.append(self._sorted_words(channel, numbers, passage))
            lengths.append(counts)
        return _block(parts, np.array(lengths, np.uint32), terms)

    def of_bulk(self, bulk: Bulk, headings: Bulk, heading_of: _Places) -> Block:
        """Return the block of passages whose texts and headings were analysed together.

        Args:
            bulk: Of the texts.
            headings: Of all different headings.
            heading_of: Of each passage the number of its heading.
        """
        terms: dict[int, str] = {}
        size = len(heading_of)
        if len(self._numbers) > _MOST_WORDS:
            self._forget()
        words, passage = self._words(bulk, terms)
        titles, heading = self._words(headings, terms)
        per_heading = _per_text(heading, int(heading_of.max(initial=-1)) + 1)
        titles, above = _spread(titles, per_heading, heading_of)
        characters = _per_text(bulk.texts, size) + _per_text(bulk.texts[bulk.joined], size)
        by_channel = {
            Channel.WORD: (
                self._sorted_words(Channel.WORD, words, passage),
                _per_text(passage, size),
            ),
            Channel.CHAR: (_sorted_pairs(bulk), characters),
            Channel.HEADING: (
                self._sorted_words(Channel.HEADING, titles, above),
                per_heading[heading_of] if size else per_heading,
            ),
        }
        parts = [by_channel[channel][0] for channel in CHANNELS]
        lengths = np.array([by_channel[channel][1] for channel in CHANNELS], np.uint32)
        return _block(parts, lengths, terms)

    def _words(self, bulk: Bulk, terms: dict[int, str]) -> tuple[Numbers, Numbers]:
        """Return the numbers of all words, and of each its text, which rises."""
        numbers = self._numbered(bulk.words, terms)
        text = np.cumsum(numbers == self._end, dtype=np.uint32)
        is_word = numbers > max(self._gap, self._end)
        others = self._numbered([word for word, _ in bulk.others], terms)
        texts = np.fromiter((text for _, text in bulk.others), np.uint32, len(others))
        words, text = np.concatenate((numbers[is_word], others)), np.concatenate((text[is_word], texts))
        if len(others):
            order = text.argsort(kind="stable")
            words, text = words[order], text[order]
        return words, text

    def _numbered(self, words: Sequence[str], terms: dict[int, str]) -> Numbers:
        """Return the numbers of words; long ones that are new come to `terms`, by their bare keys."""
        known = len(self._numbers)
        numbers = np.frombuffer(array("I", list(map(self._numbers.__getitem__, words))), np.uint32)
        new = list(islice(reversed(self._numbers), len(self._numbers) - known))[::-1]
        keys = list(map(bare_key, new))
        self._keys.extend(keys)
        terms.update((key, word) for key, word in zip(keys, new, strict=True) if is_long(key))
        return numbers

    def _sorted_words(self, channel: Channel, numbers: Numbers, passages: Numbers) -> "_Sorted":
        """Return the keys of numbered words and where they stand; `passages` rises."""
        keys = np.frombuffer(self._keys, np.uint64)
        used = np.flatnonzero(np.bincount(numbers, minlength=len(keys)))
        used = used[keys[used].argsort()]
        ranks = np.empty(len(keys), np.uint32)
        ranks[used] = np.arange(len(used), dtype=np.uint32)
        rank = ranks[numbers]
        order = _order(rank)
        rank = rank[order]
        base = np.uint64(CHANNELS.index(channel) << CHANNEL_BIT)
        return _Sorted(keys[used] | base, _changes(rank), passages[order])


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Terms sorted by their keys and then by their passages.

    Attributes:
        keys: Rising, none twice.
        first: Of each term whether its key is another than that of the one before.
        passages: Of each term.
    """

    keys: Keys
    first: npt.NDArray[np.bool_]
    passages: Numbers


def _sorted_pairs(bulk: Bulk) -> _Sorted:
    """Return the single characters and the pairs of texts; a single one stands before the pairs it begins."""
    letters = np.flatnonzero(np.bincount(bulk.characters)) if len(bulk.characters) else np.empty(0, np.int64)
    ranks = np.zeros(int(letters[-1]) + 1 if len(letters) else 0, narrow(len(letters)))
    ranks[letters] = np.arange(1, len(letters) + 1)
    single = ranks[bulk.characters]
    pairs = np.flatnonzero(bulk.joined)
    second = single[pairs + 1]
    order = _order(second)
    second, pairs = second[order], pairs[order]
    first = np.concatenate((single, single[pairs]))
    order = _order(first)
    first = first[order]
    second = np.concatenate((np.zeros_like(single), second))[order]
    passages = np.concatenate((bulk.texts, bulk.texts[pairs]))[order]
    changes = _changes(first) | _changes(second)
    codes = np.concatenate(([0], letters)).astype(np.uint64)
    keys = pair_keys(Channel.CHAR, codes[first[changes]], codes[second[changes]])
    return _Sorted(keys, changes, passages)


def _block(parts: Sequence[_Sorted], lengths: Numbers, terms: Mapping[int, str]) -> Block:
    """Count equal neighbours; the parts are those of the channels."""
    packed, dfs, places, counts = [], [], [], []
    before = 0
    for part in parts:
        starts = np.flatnonzero(part.first | _changes(part.passages))
        times = np.diff(starts, append=len(part.passages))
        many = np.flatnonzero(times >= MANY)
        places.append(many + before)
        counts.append(times[many])
        packed.append(
            part.passages[starts] << np.uint32(COUNT_BITS) | np.minimum(times, MANY).astype(np.uint32)
        )
        edges = np.flatnonzero(part.first[starts])
        dfs.append(np.diff(edges, append=len(starts)).astype(np.uint32))
        before += len(starts)
    excess = np.stack((np.concatenate(places), np.concatenate(counts))).astype(np.uint64)
    keys = np.concatenate([part.keys for part in parts])
    return Block(keys, np.concatenate(dfs), np.concatenate(packed), excess, lengths, terms)


def _order(numbers: _Ranks) -> _Places:
    """Return the stable order of numbers; numpy sorts those of 16 bits in linear time."""
    if numbers.dtype == np.uint16:
        return numbers.argsort(kind="stable")
    order = (numbers & _FIRST_16).astype(np.uint16).argsort(kind="stable")
    if int(numbers.max(initial=0)) >= 2**16:
        order = order[(numbers[order] >> _NEXT_16).astype(np.uint16).argsort(kind="stable")]
    return order


def _changes(values: _Ranks) -> npt.NDArray[np.bool_]:
    """Tell of each value whether it is another than the one before; the first one is."""
    changes = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return changes


def _per_text(texts: Numbers, size: int) -> _Places:
    """Return how many of `texts`, which rises, are 0, 1 and so on."""
    return np.diff(texts.searchsorted(np.arange(size + 1, dtype=np.uint32)))


def _spread(numbers: Numbers, counts: _Places, of: _Places) -> tuple[Numbers, Numbers]:
    """Return the numbers of the group of each passage, and of each of them the passage.

    Args:
        numbers: Those of a group together, in the order of the groups.
        counts: Of each group.
        of: Of each passage its group.
    """
    starts = np.concatenate(([0], np.cumsum(counts)))
    own = counts[of]
    passages = np.repeat(np.arange(len(of), dtype=np.uint32), own)
    shift = np.repeat(starts[of] - np.concatenate(([0], np.cumsum(own)[:-1])), own)
    return numbers[np.arange(len(passages)) + shift], passages

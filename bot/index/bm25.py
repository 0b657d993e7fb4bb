"""BM25 over postings, for queries whose ideas have several names.

Score of a passage p for a query of groups g:

    Σ_g weight(g) · idf(df(g)) · tf(g,p)·(k1 + 1) / (tf(g,p) + k1·(1 − b + b·dl(p)/avgdl))

with tf(g,p) = Σ_t w(t)·tf(t,p) over the names t of the group and df(g) the number of passages that have
any of them, so that a group is scored as if it were one term.

Sources: Robertson et al., TREC-3 (1994); idf after Lucene, see Kamphuis et al., ECIR 2020;
grouping after Pirkola, SIGIR 1998. dl and avgdl are those of the group's channel.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import rank_bm25

from bot.domain import Channel, Explanation, Group, GroupShare, Name, NameShare, Query, Span
from bot.index.postings import Ids, Posting, Postings
from bot.index.ranker import Scored, idf

Floats = npt.NDArray[np.float64]
_GROUPS_KEPT = 256
T = TypeVar("T", np.uint32, np.float64)


def saturated(tf: Floats, length: Floats, *, k1: float, b: float) -> Floats:
    """Return tf·(k1 + 1)/(tf + k1·(1 − b + b·length)); `length` is dl/avgdl. In [0, k1 + 1)."""
    return tf * (k1 + 1) / (tf + k1 * (1 - b + b * length))


@dataclass(frozen=True, slots=True)
class _GroupPostings:
    ids: Ids
    tf: Floats
    names: tuple[Posting, ...]


class GroupedBM25(rank_bm25.BM25):  # type: ignore[misc]
    """rank_bm25's template over arrays: `_initialize` reads statistics, `_calc_idf` ours, `get_scores`.

    The library scans every passage for every term; here only the postings of the query are touched.
    Read-only after construction, safe to share between threads.

    Args:
        postings: Of one generation.
        k1: Saturation of tf, ≥ 0.
        b: Share of length normalisation, 0..1.
    """

    def __init__(self, postings: Postings, *, k1: float, b: float) -> None:
        self.k1 = k1
        self.b = b
        # A question looks at each of its groups three times, to rank, to weigh and to explain.
        self._found = functools.lru_cache(maxsize=_GROUPS_KEPT)(self._find)
        super().__init__(postings)

    def _initialize(self, corpus: Postings) -> Postings:
        self.corpus_size = corpus.size
        self.doc_len = corpus.lengths
        self.avgdl = corpus.average_lengths
        return corpus

    def _calc_idf(self, nd: Postings) -> None:
        # A group's df is known only once its postings are united; idf waits until then.
        self._postings = nd

    def get_scores(self, query: Query | Sequence[str]) -> Floats:
        """Return the scores of all passages, shape (N,); terms in plain words are one-term groups.

        Unlike rank_bm25, a string is refused: it would be read character by character.
        """
        if isinstance(query, str):
            raise TypeError("a query is a Query or a sequence of terms, not a string")
        if not isinstance(query, Query):
            query = one_term_groups(query)
        scores = np.zeros(self.corpus_size)
        for group in query.groups:
            found = self._found(group)
            scores[found.ids] += self._shares(group, found)
        return scores

    def top(self, query: Query, k: int, *, within: range | None = None) -> tuple[Scored, ...]:
        """Return at most `k` matching passages (of those numbered `within`), by (−score, ordinal)."""
        scores = self.get_scores(query)
        first, end = (within.start, within.stop) if within is not None else (0, len(scores))
        candidates = np.flatnonzero(scores[first:end]) + first
        if len(candidates) > k:
            # All that reach the k-th score, so that ties are decided by the ordinal, not by chance.
            kth = np.partition(scores[candidates], -k)[-k]
            candidates = candidates[scores[candidates] >= kth]
        order = np.lexsort((candidates, -scores[candidates]))[:k]
        return tuple(Scored(int(i), float(scores[i])) for i in candidates[order])

    def group_idf(self, group: Group) -> float:
        """Return the idf of a group."""
        return idf(self.corpus_size, len(self._found(group).ids))

    def explain(self, query: Query, ordinals: Sequence[int]) -> tuple[Explanation, ...]:
        """Return what each group adds to the scores of some passages, in the order of `ordinals`."""
        wanted = np.array(ordinals, np.uint32)
        columns = [self._explain_group(group, wanted) for group in query.groups]
        rows = zip(*columns, strict=True) if columns else ((),) * len(ordinals)
        return tuple(Explanation(math.fsum(share.share for share in row), tuple(row)) for row in rows)

    def _find(self, group: Group) -> _GroupPostings:
        postings = tuple(self._postings.find(group.channel, name.term) for name in group.names)
        if len(postings) == 1:
            only = postings[0]
            return _GroupPostings(only.ids, _weighted(only, group.names[0]), postings)
        ids = np.concatenate([p.ids for p in postings])
        weighted = np.concatenate([_weighted(p, n) for p, n in zip(postings, group.names, strict=True)])
        order = ids.argsort(kind="stable")
        ids = ids[order]
        first = np.flatnonzero(np.concatenate((ids[:1] == ids[:1], ids[1:] != ids[:-1])))
        return _GroupPostings(
            ids[first], np.add.reduceat(weighted[order], first) if len(ids) else weighted, postings
        )

    def _shares(self, group: Group, found: _GroupPostings) -> Floats:
        if not len(found.ids):
            return found.tf
        return self._score(group, found.ids, found.tf, idf(self.corpus_size, len(found.ids)))

    def _score(self, group: Group, ids: Ids, tf: Floats, group_idf: float) -> Floats:
        length = self.doc_len[group.channel][ids] / self.avgdl[group.channel]
        return group.weight * group_idf * saturated(tf, length, k1=self.k1, b=self.b)

    def _explain_group(self, group: Group, wanted: Ids) -> list[GroupShare]:
        found = self._found(group)
        df = len(found.ids)
        group_idf = idf(self.corpus_size, df)
        tf = _at(found.ids, found.tf, wanted)
        shares = np.zeros(len(wanted))
        here = tf > 0  # elsewhere k1 = 0, or b = 1 and no terms at all, would give 0/0
        shares[here] = self._score(group, wanted[here], tf[here], group_idf)
        names = [self._name_shares(group, found, wanted, i, value) for i, value in enumerate(tf.tolist())]
        return [
            GroupShare(group, shown, tf_here, df, group_idf, share)
            for shown, tf_here, share in zip(names, tf.tolist(), shares.tolist(), strict=True)
        ]

    def _name_shares(
        self, group: Group, found: _GroupPostings, wanted: Ids, at: int, tf: float
    ) -> tuple[NameShare, ...]:
        """Return the names that a passage has, and those that are as sure as the surest."""
        surest = group.names[0].weight
        shares = []
        for name, posting in zip(group.names, found.names, strict=True):
            count = _count(posting, int(wanted[at])) if tf else 0
            if count or name.weight >= surest:
                shares.append(NameShare(name.term, name.source, name.weight, count, len(posting.ids)))
        return tuple(shares)


def _count(posting: Posting, ordinal: int) -> int:
    at = int(posting.ids.searchsorted(ordinal))
    return int(posting.counts[at]) if at < len(posting.ids) and posting.ids[at] == ordinal else 0


def _weighted(posting: Posting, name: Name) -> Floats:
    return posting.counts.astype(np.float64) * name.weight


def _at(ids: Ids, values: npt.NDArray[T], wanted: Ids) -> npt.NDArray[T]:
    """Return the values at some ids, 0 where an id is not there."""
    if not len(ids):
        return np.zeros(len(wanted), values.dtype)
    places = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return np.where(ids[places] == wanted, values[places], values.dtype.type(0))


def one_term_groups(terms: Sequence[str], channel: Channel = Channel.WORD) -> Query:
    """Return plain terms as a query; a repeated term counts as often as it stands there."""
    groups = tuple(Group(channel, (Name(term, 1.0),), 1.0, Span(0, 0)) for term in terms)
    return Query(" ".join(terms), groups)

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

import numpy as np
import rank_bm25

from bot.distinct import distinct
from bot.domain import Channel, Explanation, Group, GroupShare, Name, NameShare, Query, Span
from bot.index import pruned
from bot.index.postings import Counts, Ids, Posting, Postings
from bot.index.pruned import Floats, Plan, saturated
from bot.index.ranker import Scored, idf

_GROUPS_KEPT = 4096
_TERMS_KEPT = 16_384
_FEW = 4096
# Of so few, numpy takes longer to find the best than Python takes to sort all.
_SORTED_AT_ONCE = 50


class GroupedBM25(rank_bm25.BM25):  # type: ignore[misc]
    """rank_bm25's template over arrays: `_initialize` reads statistics, `_calc_idf` ours, `get_scores`.

    The library scans every passage for every term; here only postings of the query are touched, and of common
    terms only those of passages that can still be among the best (`top`). `get_scores` is the plain formula.
    Read-only but for what is remembered, safe to share between threads.

    Args:
        postings: Of one generation.
        k1: Saturation of tf, ≥ 0.
        b: Share of length normalisation, 0..1.
        compiled: Rank with compiled loops if numba is installed: the same results sooner, for a process that
            answers many questions; importing numba takes longer than answering one.
        dense_up_to: Passages up to which all are scored: of few there is little to leave out.
    """

    def __init__(
        self,
        postings: Postings,
        *,
        k1: float,
        b: float,
        compiled: bool = False,
        dense_up_to: int = _FEW,
    ) -> None:
        self.k1 = k1
        self.b = b
        # A group's df is asked for to rank, to weigh and to explain; uniting its names costs the most.
        self._dfs: dict[tuple[Channel, tuple[str, ...]], int] = {}
        self._posting = functools.lru_cache(maxsize=_TERMS_KEPT)(postings.find)
        super().__init__(postings)
        if postings.size <= dense_up_to:
            self._engine: pruned.Engine = pruned.Dense(postings, k1, b)
        else:
            self._engine = _engine(postings, k1, b, compiled=compiled)

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
            found = self._find(group)
            ids = distinct(np.concatenate([posting.ids for posting in found]))
            if len(ids):
                scores[ids] += self._score(
                    group, ids, _tf(group, found, ids), idf(self.corpus_size, len(ids))
                )
        return scores

    def top(self, query: Query, k: int, *, within: range | None = None) -> tuple[Scored, ...]:
        """Return at most `k` matching passages (of those numbered `within`), by (−score, ordinal)."""
        plans = []
        for group in query.groups:
            found = self._find(group)
            if df := self._df(group, found):
                scale = group.weight * idf(self.corpus_size, df)
                plans.append(Plan(group.channel, [n.weight for n in group.names], found, scale))
        if not plans:
            return ()
        ids, scores = self._engine(plans, k, within)
        if len(ids) > _SORTED_AT_ONCE + k:
            # All that reach the k-th score, so that ties are decided by the ordinal, not by chance.
            reach = scores >= np.partition(scores, -k)[-k]
            ids, scores = ids[reach], scores[reach]
        best = sorted(zip((-scores).tolist(), ids.tolist(), strict=True))[:k]
        return tuple([Scored(ordinal, -score) for score, ordinal in best])

    def group_idf(self, group: Group) -> float:
        """Return the idf of a group."""
        return idf(self.corpus_size, self._df(group, self._find(group)))

    def explain(self, query: Query, ordinals: Sequence[int]) -> tuple[Explanation, ...]:
        """Return what each group adds to the scores of some passages, in the order of `ordinals`."""
        wanted = np.array(ordinals, np.uint32)
        columns = [self._explain_group(group, wanted) for group in query.groups]
        rows = zip(*columns, strict=True) if columns else ((),) * len(ordinals)
        return tuple(Explanation(math.fsum(share.share for share in row), tuple(row)) for row in rows)

    def _find(self, group: Group) -> list[Posting]:
        channel = group.channel
        return [self._posting(channel, name.term) for name in group.names]

    def _df(self, group: Group, found: Sequence[Posting]) -> int:
        """Return how many passages have any of a group's names."""
        if len(found) == 1:
            return len(found[0])
        named = group.channel, tuple([name.term for name in group.names])
        df = self._dfs.get(named)
        if df is None:
            there = [posting for posting in found if len(posting)]
            df = len(there[0]) if len(there) == 1 else self._engine.united(there)
            if len(self._dfs) >= _GROUPS_KEPT:
                self._dfs.clear()
            self._dfs[named] = df
        return df

    def _score(self, group: Group, ids: Ids, tf: Floats, group_idf: float) -> Floats:
        length = self.doc_len[group.channel][ids] / self.avgdl[group.channel]
        return group.weight * group_idf * saturated(tf, length, k1=self.k1, b=self.b)

    def _explain_group(self, group: Group, wanted: Ids) -> list[GroupShare]:
        found = self._find(group)
        df = self._df(group, found)
        group_idf = idf(self.corpus_size, df)
        counts = [posting.counts_at(wanted) for posting in found]
        tf = _weighted(group, counts, len(wanted))
        shares = np.zeros(len(wanted))
        here = tf > 0  # elsewhere k1 = 0, or b = 1 and no terms at all, would give 0/0
        shares[here] = self._score(group, wanted[here], tf[here], group_idf)
        dfs = [len(posting) for posting in found]
        rows = zip(tf.tolist(), shares.tolist(), zip(*(c.tolist() for c in counts), strict=True), strict=True)
        return [
            GroupShare(group, _name_shares(group, times, dfs), tf_here, df, group_idf, share)
            for tf_here, share, times in rows
        ]


def _name_shares(group: Group, times: Sequence[int], dfs: Sequence[int]) -> tuple[NameShare, ...]:
    """Return the names that a passage has, and those that are as sure as the surest."""
    surest = group.names[0].weight
    return tuple(
        NameShare(name.term, name.source, name.weight, count, df)
        for name, count, df in zip(group.names, times, dfs, strict=True)
        if count or name.weight >= surest
    )


def _tf(group: Group, found: Sequence[Posting], ids: Ids) -> Floats:
    return _weighted(group, [posting.counts_at(ids) for posting in found], len(ids))


def _weighted(group: Group, counts: Sequence[Counts], size: int) -> Floats:
    """Return Σ w(t)·tf(t), added up in the order of the names, which every way of ranking keeps."""
    tf = np.zeros(size)
    for name, count in zip(group.names, counts, strict=True):
        tf += name.weight * count
    return tf


def _engine(postings: Postings, k1: float, b: float, *, compiled: bool) -> pruned.Engine:
    if compiled:
        try:
            from bot.index.compiled import Compiled
        except ImportError:
            pass  # numba is an extra, and what it brings is speed only
        else:
            return Compiled(postings, k1, b)
    return pruned.Arrays(postings, k1, b)


def one_term_groups(terms: Sequence[str], channel: Channel = Channel.WORD) -> Query:
    """Return plain terms as a query; a repeated term counts as often as it stands there."""
    nowhere = Span(0, 0)
    groups = tuple([Group(channel, (Name(term, 1.0),), 1.0, nowhere) for term in terms])
    return Query(" ".join(terms), groups)

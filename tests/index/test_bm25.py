"""BM25: the formula against three other implementations of it, and its laws."""

import math
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import bm25s
import numpy as np
import pytest
import rank_bm25
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain import Channel, Group, Name, Query, Span
from bot.index import postings, writing
from bot.index.bm25 import GroupedBM25, one_term_groups
from bot.index.pruned import Floats, saturated
from bot.index.ranker import idf

Corpus = list[list[str]]
NewFolder = Callable[[], Path]

TERMS = list("abcdefgh")
UNKNOWN = "unknown"
PASSAGE = st.lists(st.sampled_from(TERMS), max_size=12)
CORPORA = st.lists(PASSAGE, min_size=1, max_size=12).filter(any)
QUESTIONS = st.lists(st.sampled_from([*TERMS, UNKNOWN]), max_size=6)
K1 = st.sampled_from([0.4, 0.8, 1.2, 1.5, 10.0])
B = st.sampled_from([0.0, 0.5, 0.75, 0.99])
NAMES = st.dictionaries(
    st.sampled_from([*TERMS, UNKNOWN]), st.sampled_from([1.0, 0.8, 0.5, 0.05]), min_size=1, max_size=4
).map(lambda names: tuple(Name(term, weight) for term, weight in names.items()))
GROUPS = st.builds(
    Group, st.sampled_from(list(Channel)), NAMES, st.sampled_from([0.3, 1.0, 2.0]), st.just(Span(0, 1))
)
QUERIES = st.lists(GROUPS, max_size=5).map(lambda groups: Query("", tuple(groups)))


ENGINES = st.sampled_from(["dense", "arrays", "loops"])


def ranker(
    folder: Path, corpus: Corpus, *, k1: float = 1.5, b: float = 0.75, engine: str = "dense"
) -> GroupedBM25:
    """Write a corpus of words to disk and open it; headings are its first words, characters its last."""
    writing.write(
        folder,
        ({Channel.WORD: p, Channel.CHAR: p[-5:], Channel.HEADING: p[:2]} for p in corpus),
    )
    opened = postings.Postings(folder)
    every = len(corpus) if engine == "dense" else -1
    return GroupedBM25(opened, k1=k1, b=b, compiled=engine == "loops", dense_up_to=every)


def group(*names: tuple[str, float], weight: float = 1.0) -> Query:
    """Make a query of one group of words."""
    return Query("", (Group(Channel.WORD, tuple(Name(*name) for name in names), weight, Span(0, 1)),))


class Reference(rank_bm25.BM25Okapi):  # type: ignore[misc]
    """rank_bm25's own formula under Lucene's idf."""

    def _calc_idf(self, nd: dict[str, int]) -> None:
        n = self.corpus_size
        self.idf = {term: math.log(1 + (n - df + 0.5) / (df + 0.5)) for term, df in nd.items()}


@given(CORPORA, QUESTIONS, K1, B)
def test_scores_are_those_of_rank_bm25(
    new_folder: NewFolder, corpus: Corpus, question: list[str], k1: float, b: float
) -> None:
    """With one-term groups the library's formula gives the same, repeated terms and all."""
    expected = Reference(corpus, k1=k1, b=b).get_scores(question)
    ours = ranker(new_folder(), corpus, k1=k1, b=b).get_scores(question)
    assert ours.shape == (len(corpus),)
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-9)


@given(CORPORA, st.lists(st.sampled_from(TERMS), min_size=1, max_size=6), K1, B)
def test_scores_are_those_of_bm25s(
    new_folder: NewFolder, corpus: Corpus, question: list[str], k1: float, b: float
) -> None:
    """bm25s, method "lucene", leaves out the factor k1 + 1 and computes in single precision."""
    known = [term for term in question if any(term in passage for passage in corpus)]
    assume(known)
    theirs = bm25s.BM25(method="lucene", k1=k1, b=b)
    theirs.index(corpus, show_progress=False)
    expected = theirs.get_scores(known) * (k1 + 1)
    ours = ranker(new_folder(), corpus, k1=k1, b=b).get_scores(question)
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-5)


def pirkola(corpus: Corpus, query: Query, *, k1: float, b: float) -> list[float]:
    """Score by the definition, passage by passage, without an index."""
    fields = {
        Channel.WORD: corpus,
        Channel.CHAR: [passage[-5:] for passage in corpus],
        Channel.HEADING: [passage[:2] for passage in corpus],
    }
    scores = [0.0] * len(corpus)
    for g in query.groups:
        texts = fields[g.channel]
        average = sum(map(len, texts)) / len(texts)
        df = sum(any(name.term in text for name in g.names) for text in texts)
        rarity = math.log(1 + (len(texts) - df + 0.5) / (df + 0.5))
        for i, text in enumerate(texts):
            if tf := sum(name.weight * text.count(name.term) for name in g.names):
                norm = k1 * (1 - b + b * len(text) / average)
                scores[i] += g.weight * rarity * tf * (k1 + 1) / (tf + norm)
    return scores


@given(CORPORA, QUERIES, K1, B)
def test_groups_are_scored_as_one_term(
    new_folder: NewFolder, corpus: Corpus, query: Query, k1: float, b: float
) -> None:
    """Several names, channels and weights score as the definition says."""
    ours = ranker(new_folder(), corpus, k1=k1, b=b).get_scores(query)
    np.testing.assert_allclose(ours, pirkola(corpus, query, k1=k1, b=b), rtol=0, atol=1e-9)


@given(CORPORA, QUERIES, K1, B)
def test_scores_are_finite_and_positive_where_something_matched(
    new_folder: NewFolder, corpus: Corpus, query: Query, k1: float, b: float
) -> None:
    """A passage with none of the names has 0, any other more, and at most Σ weight·idf·(k1 + 1)."""
    opened = ranker(new_folder(), corpus, k1=k1, b=b)
    scores = opened.get_scores(query)
    matched = [any(share.tf > 0 for share in e.groups) for e in opened.explain(query, range(len(corpus)))]
    bound = sum(g.weight * math.log(1 + (len(corpus) + 0.5) / 0.5) * (k1 + 1) for g in query.groups)
    assert np.isfinite(scores).all()
    assert [score > 0 for score in scores] == matched
    assert (scores <= bound).all()


@given(st.integers(2, 30), K1, B)
def test_a_score_rises_with_the_frequency(new_folder: NewFolder, length: int, k1: float, b: float) -> None:
    """Among passages of one length, the one that has the term more often scores more."""
    corpus = [["a"] * tf + ["x"] * (length - tf) for tf in range(length + 1)]
    scores = ranker(new_folder(), corpus, k1=k1, b=b).get_scores(["a"])
    assert (np.diff(scores) > 0).all()


@given(st.integers(2, 30), K1, B)
def test_a_score_falls_with_the_length(new_folder: NewFolder, most: int, k1: float, b: float) -> None:
    """Among passages that have the term once, the longer one scores less, unless lengths do not count."""
    corpus = [["a"] + ["x"] * more for more in range(most)]
    steps = np.diff(ranker(new_folder(), corpus, k1=k1, b=b).get_scores(["a"]))
    assert (steps < 0).all() if b else (steps == 0).all()


@given(st.integers(0, 100_000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_idf_is_positive_and_falls(counts: tuple[int, int]) -> None:
    """Also for a term that every passage has; and a term that more passages have is worth less."""
    size, df = counts
    assert idf(size, df) > 0
    assert df == 0 or idf(size, df) < idf(size, df - 1)
    assert idf(size, df) == pytest.approx(math.log(1 + (size - df + 0.5) / (df + 0.5)), rel=1e-12)


@given(st.integers(1, 1000), st.floats(0.01, 50), st.floats(0.01, 10), st.floats(0, 1))
def test_saturation_is_bounded(tf: int, length: float, k1: float, b: float) -> None:
    """However often a term stands there, it counts less than k1 + 1 times."""
    (value,) = saturated(np.array([float(tf)]), np.array([length]), k1=k1, b=b)
    assert 0 < value <= k1 + 1


@given(CORPORA, NAMES, st.sampled_from(TERMS), st.sampled_from([1.0, 0.5]))
def test_another_name_adds_frequency_and_takes_rarity(
    new_folder: NewFolder, corpus: Corpus, names: tuple[Name, ...], term: str, weight: float
) -> None:
    """tf falls in no passage; as the group stands in more passages, its idf does not rise."""
    assume(term not in [name.term for name in names])
    opened = ranker(new_folder(), corpus)
    fewer = Group(Channel.WORD, names, 1.0, Span(0, 1))
    more = Group(Channel.WORD, (*names, Name(term, weight)), 1.0, Span(0, 1))
    ordinals = range(len(corpus))
    for one, other in zip(
        opened.explain(Query("", (fewer,)), ordinals),
        opened.explain(Query("", (more,)), ordinals),
        strict=True,
    ):
        assert other.groups[0].tf >= one.groups[0].tf
        assert other.groups[0].df >= one.groups[0].df
        assert other.groups[0].idf <= one.groups[0].idf


@given(CORPORA, st.sampled_from(TERMS), st.integers(2, 4))
def test_a_name_that_no_passage_has_changes_nothing(
    new_folder: NewFolder, corpus: Corpus, term: str, extra: int
) -> None:
    """A synonym that is not in the reports leaves the scores as they are."""
    opened = ranker(new_folder(), corpus)
    unknown = [(f"{UNKNOWN}{i}", 1.0) for i in range(extra)]
    np.testing.assert_array_equal(
        opened.get_scores(group((term, 1.0), *unknown)), opened.get_scores(group((term, 1.0)))
    )


@given(CORPORA, QUERIES, K1, B, st.lists(st.integers(0, 11), max_size=8))
def test_shares_sum_to_the_score(
    new_folder: NewFolder, corpus: Corpus, query: Query, k1: float, b: float, asked: list[int]
) -> None:
    """Explanations come in the order asked for, and each one's shares sum to the passage's score."""
    opened = ranker(new_folder(), corpus, k1=k1, b=b)
    ordinals = [i for i in asked if i < len(corpus)]
    scores = opened.get_scores(query)
    explained = opened.explain(query, ordinals)
    assert len(explained) == len(ordinals)
    for i, explanation in zip(ordinals, explained, strict=True):
        assert explanation.score == pytest.approx(scores[i], abs=1e-9)
        assert math.fsum(share.share for share in explanation.groups) == pytest.approx(scores[i], abs=1e-9)
        assert tuple(share.group for share in explanation.groups) == query.groups


@given(CORPORA, QUERIES)
def test_explanations_name_the_counts(new_folder: NewFolder, corpus: Corpus, query: Query) -> None:
    """tf and df of each name that is there, and of the group, are those that one counts by hand."""
    words = Query("", tuple(g for g in query.groups if g.channel is Channel.WORD))
    opened = ranker(new_folder(), corpus)
    for passage, explanation in zip(corpus, opened.explain(words, range(len(corpus))), strict=True):
        for share in explanation.groups:
            surest = share.group.names[0].weight
            named = [n for n in share.group.names if n.term in passage or n.weight >= surest]
            assert [(n.term, n.weight) for n in share.names] == [(n.term, n.weight) for n in named]
            for name in share.names:
                assert name.tf == Counter(passage)[name.term]
                assert name.df == sum(name.term in other for other in corpus)
            assert share.tf == pytest.approx(sum(name.weight * name.tf for name in share.names))
            assert share.df == sum(any(n.term in other for n in share.group.names) for other in corpus)
            assert share.idf == pytest.approx(idf(len(corpus), share.df))


@given(CORPORA, GROUPS)
def test_a_group_says_as_much_as_it_is_explained_to(
    new_folder: NewFolder, corpus: Corpus, asked: Group
) -> None:
    """Its idf, asked for alone, is the one that its scores are made with, and positive."""
    opened = ranker(new_folder(), corpus)
    (explanation,) = opened.explain(Query("", (asked,)), [0])
    assert opened.group_idf(asked) == explanation.groups[0].idf > 0


def best(scores: Floats, k: int) -> list[tuple[int, float]]:
    """Sort all passages by (−score, ordinal) and keep the first `k` that matched."""
    ordered = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    return [(i, float(scores[i])) for i in ordered if scores[i] > 0][:k]


@given(CORPORA, QUERIES, st.integers(1, 20), K1, B, ENGINES)
def test_top_is_the_sorted_beginning(
    new_folder: NewFolder, corpus: Corpus, query: Query, k: int, k1: float, b: float, engine: str
) -> None:
    """Best first, ties by ordinal, none without a match, also when fewer match than are wanted."""
    opened = ranker(new_folder(), corpus, k1=k1, b=b, engine=engine)
    top = opened.top(query, k)
    assert [(s.ordinal, s.score) for s in top] == best(opened.get_scores(query), k)


@given(CORPORA, QUERIES, st.integers(1, 20), st.integers(0, 12), st.integers(0, 12), ENGINES)
def test_top_within_a_range_is_what_all_would_leave(
    new_folder: NewFolder, corpus: Corpus, query: Query, k: int, first: int, length: int, engine: str
) -> None:
    """Scores and order are those of the whole corpus, without the passages outside."""
    opened = ranker(new_folder(), corpus, engine=engine)
    inside = range(min(first, len(corpus)), min(first + length, len(corpus)))
    top = opened.top(query, k, within=inside)
    everything = best(opened.get_scores(query), len(corpus))
    assert [(s.ordinal, s.score) for s in top] == [one for one in everything if one[0] in inside][:k]


LARGE_QUERIES = st.lists(
    st.builds(
        Group,
        st.sampled_from(list(Channel)),
        st.dictionaries(
            st.integers(0, 200).map(str), st.sampled_from([1.0, 0.7, 0.3]), min_size=1, max_size=4
        ).map(lambda names: tuple(Name(term, weight) for term, weight in names.items())),
        st.sampled_from([0.3, 1.0, 2.0]),
        st.just(Span(0, 1)),
    ),
    min_size=1,
    max_size=8,
).map(lambda groups: Query("", tuple(groups)))


@pytest.fixture(scope="module", params=[0, 1_100], ids=["short", "long"])
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> postings.Postings:
    """Postings of 30,000 passages, of rare and common words, some of them often in one, which may be long."""
    folder = tmp_path_factory.mktemp("large")
    random = np.random.default_rng(5)
    lengths = random.integers(0, 12, 30_000)
    words = (200 * random.random(lengths.sum()) ** 3).astype(int).astype(str).tolist()
    ends = np.cumsum(lengths).tolist()
    corpus = [words[end - length : end] for end, length in zip(ends, lengths.tolist(), strict=True)]
    corpus[7::5000] = [["0"] * 40 + ["3"] * 15] * len(corpus[7::5000])
    corpus[9] += ["1", "150", *("0" for _ in range(request.param))]
    writing.write(
        folder, ({Channel.WORD: p, Channel.CHAR: p[-5:], Channel.HEADING: p[:2]} for p in corpus), memory_mb=1
    )
    return postings.Postings(folder)


@pytest.mark.parametrize("compiled", [False, True], ids=["numpy", "numba"])
def test_pruning_leaves_nothing_out(large: postings.Postings, compiled: bool) -> None:
    """Where most passages are never scored, the best are those of the plain formula, to the last digit."""
    opened = GroupedBM25(large, k1=0.8, b=0.5, compiled=compiled)

    @given(LARGE_QUERIES, st.sampled_from([1, 3, 10, 100]))
    def the_same(query: Query, k: int) -> None:
        top = opened.top(query, k)
        assert [(s.ordinal, s.score) for s in top] == best(opened.get_scores(query), k)

    the_same()


def test_compiled_loops_are_tested(large: postings.Postings) -> None:
    """The tests of compiled loops run them, not what stands in for them."""
    assert type(GroupedBM25(large, k1=0.8, b=0.5, compiled=True)._engine).__name__ == "Compiled"
    assert type(GroupedBM25(large, k1=0.8, b=0.5)._engine).__name__ == "Arrays"


def test_without_numba_arrays_rank(large: postings.Postings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not installed is not needed."""
    monkeypatch.setitem(sys.modules, "numba", None)
    for name in ("jit", "seeking", "loops", "uniting", "compiled"):
        monkeypatch.delitem(sys.modules, f"bot.index.{name}", raising=False)
    assert type(GroupedBM25(large, k1=0.8, b=0.5, compiled=True)._engine).__name__ == "Arrays"


@given(
    st.lists(st.sampled_from([["a"], ["a", "b"], ["b"]]), min_size=2, max_size=40),
    st.integers(1, 40),
    ENGINES,
)
def test_ties_are_decided_by_the_ordinal(new_folder: NewFolder, corpus: Corpus, k: int, engine: str) -> None:
    """Equal passages have equal scores, and the earlier one comes first, wherever the cut falls."""
    opened = ranker(new_folder(), corpus, engine=engine)
    top = opened.top(one_term_groups(["a"]), k)
    assert [(s.ordinal, s.score) for s in top] == best(opened.get_scores(["a"]), k)


def test_no_match_is_no_hit(new_folder: NewFolder) -> None:
    """Unlike rank_bm25's get_top_n, nothing arbitrary is returned for unknown words."""
    opened = ranker(new_folder(), [["a"], ["b"]])
    assert opened.top(one_term_groups([UNKNOWN]), 5) == ()
    assert opened.top(Query("", ()), 5) == ()


def test_a_term_of_every_passage_still_counts(new_folder: NewFolder) -> None:
    """Where rank_bm25 gives 0 or less, 客户 in each of three passages has a positive score."""
    opened = ranker(new_folder(), [["客户", "投诉"], ["客户"], ["客户", "回访"]])
    assert [scored.ordinal for scored in opened.top(one_term_groups(["客户"]), 5)] == [1, 0, 2]


def test_a_string_is_refused(new_folder: NewFolder) -> None:
    """It would be read character by character and silently score 0."""
    with pytest.raises(TypeError, match="not a string"):
        ranker(new_folder(), [["a"]]).get_scores("a")


@pytest.mark.parametrize("corpus", [[], [[]], [[], []]], ids=["none", "one blank", "two blank"])
def test_an_empty_corpus_is_searched_in_vain(new_folder: NewFolder, corpus: Corpus) -> None:
    """No passages, or only passages without a term: no hit, and no division by zero."""
    opened = ranker(new_folder(), corpus)
    assert opened.get_scores(["a"]).tolist() == [0.0] * len(corpus)
    assert opened.top(one_term_groups(["a"]), 5) == ()
    assert [e.score for e in opened.explain(one_term_groups(["a"]), range(len(corpus)))] == [0.0] * len(
        corpus
    )


CORNERS: list[tuple[float, float, Sequence[Sequence[str]]]] = [
    (0.0, 0.5, [["a", "b"], ["b"], []]),
    (0.0, 1.0, [["a", "b"], ["b"], []]),
    (0.8, 1.0, [["a", "b"], ["b"], []]),
    (10.0, 0.0, [["a", "b"], ["b"], []]),
]


@pytest.mark.parametrize(("k1", "b", "corpus"), CORNERS)
def test_the_ends_of_the_ranges_are_explained_too(
    new_folder: NewFolder, k1: float, b: float, corpus: Corpus
) -> None:
    """k1 = 0 and b = 1 are allowed: a passage without the term, or without any term, has share 0."""
    opened = ranker(new_folder(), corpus, k1=k1, b=b)
    query = one_term_groups(["a", "b"])
    explained = opened.explain(query, range(3))
    np.testing.assert_allclose([e.score for e in explained], opened.get_scores(query), rtol=0, atol=1e-9)
    assert [share.share for share in explained[2].groups] == [0.0, 0.0]
    assert explained[1].groups[0].share == 0.0

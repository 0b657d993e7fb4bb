"""Searching: from a question to hits, over a real index."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.analyzer import Analyzer
from bot.domain import Passage
from bot.index.generations import Generation, Meta, Store
from bot.lexicon import wordlists
from bot.search.query import Weights
from bot.search.searcher import Searcher

AsPassages = Callable[[Sequence[str]], list[Passage]]
Publish = Callable[[Store, Sequence[Passage]], Meta]

TEXTS = [
    "接到投诉后，先安抚客户情绪，再记录诉求，当天转派责任部门。",
    "外呼目标按坐席经验设定：新员工每天八十通，老员工一百二十通。",
    "满意度回访由质检组完成，抽样比例不低于百分之五。",
    "Overtime is approved by the shift manager; KPI reports follow on Friday.",
    "雨季来水多，泵房每两小时巡查一次。",
]
WORDS = st.lists(
    st.sampled_from(
        [
            "投诉",
            "投訴",
            "怎么",
            "外呼",
            "目标",
            "KPI",
            "巡查",
            "客户",
            "火星",
            "overtime",
            "的",
            "？",
            "😀",
            "員工",
        ]
    ),
    max_size=6,
).map("".join)


@pytest.fixture(scope="module")
def searcher(analyzer: Analyzer) -> Searcher:
    """A searcher with the default weights and stop words."""
    stop_words = wordlists.stop_words(Path(__file__).parents[2] / "config" / "stopwords.txt")
    return Searcher(analyzer, stop_words, Weights(word=1.0, char=0.6, heading=0.3, single=0.33))


@pytest.fixture(scope="module")
def generation(
    tmp_path_factory: pytest.TempPathFactory, as_passages: AsPassages, publish: Publish
) -> Generation:
    """Five passages, the second under a heading of its own."""
    store = Store(tmp_path_factory.mktemp("index"))
    passages = as_passages(TEXTS)
    passages[1] = replace(passages[1], section=("话务指标",))
    publish(store, passages)
    return store.open(k1=0.8, b=0.5)


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("怎么处理投诉？", 0),
        ("投訴怎麼處理", 0),
        ("外呼目标怎么设置", 1),
        ("话务指标", 1),
        ("回访抽样比例", 2),
        ("ＫＰＩ", 3),
        ("who approves OVERTIME", 3),
        ("泵房巡查", 4),
    ],
)
def test_the_passage_that_answers_comes_first(
    searcher: Searcher, generation: Generation, question: str, best: int
) -> None:
    """Whatever the script, the width or the case of the question."""
    assert searcher.search(question, generation, k=5).hits[0].passage.text == TEXTS[best]


@pytest.mark.parametrize("question", ["你好", "是什么？", "……", "😀", "", "how are you", "霹雳 zzz"])
def test_nothing_to_look_up_or_to_find_is_no_hit(
    searcher: Searcher, generation: Generation, question: str
) -> None:
    """Not the least bad passage, and a confidence of 0."""
    found = searcher.search(question, generation, k=5)
    assert found.hits == ()
    assert found.confidence == 0.0


def test_all_words_in_one_passage_is_full_confidence(searcher: Searcher, generation: Generation) -> None:
    """And a question whose main word no report has stays well below it."""
    assert searcher.search("投诉后怎么安抚客户情绪", generation, k=5).confidence == 1.0
    assert searcher.search("火星移民的投诉", generation, k=5).confidence < 0.6


@given(WORDS, st.integers(1, 7))
def test_hits_are_ranked_verbatim_and_marked(
    searcher: Searcher, generation: Generation, question: str, k: int
) -> None:
    """At most k, best first, ranks from 1, positive scores, passages as they are, marks inside them."""
    found = searcher.search(question, generation, k=k)
    assert len(found.hits) <= k
    assert [hit.rank for hit in found.hits] == list(range(1, len(found.hits) + 1))
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)
    assert {hit.passage.text for hit in found.hits} <= set(TEXTS)
    for hit in found.hits:
        assert all(0 <= m.start < m.end <= len(hit.passage.text) for m in hit.highlights)
    assert 0.0 <= found.confidence <= 1.0
    assert bool(found.hits) or found.confidence == 0.0


@given(WORDS)
def test_more_hits_begin_with_fewer(searcher: Searcher, generation: Generation, question: str) -> None:
    """Asking for more adds hits at the end; explaining changes nothing but the explanations."""
    five = searcher.search(question, generation, k=5, explain=True)
    two = searcher.search(question, generation, k=2)
    assert tuple(replace(hit, explanation=None) for hit in five.hits[:2]) == two.hits
    assert all(hit.explanation is None for hit in two.hits)
    for hit in five.hits:
        assert hit.explanation is not None
        assert hit.explanation.score == pytest.approx(hit.score, abs=1e-9)
        assert len(hit.explanation.groups) == len(searcher.query(question).groups)


def test_confidence_is_the_most_of_the_first_three(
    searcher: Searcher, analyzer: Analyzer, tmp_path: Path, as_passages: AsPassages, publish: Publish
) -> None:
    """The best by score need not be the one that covers most of the question."""
    store = Store(tmp_path)
    publish(store, as_passages(["投诉投诉投诉", "投诉与回访及时完成，各部门各负其责，每月通报一次进展情况"]))
    generation = store.open(k1=0.8, b=0.5)
    found = searcher.search("投诉投诉投诉回访", generation, k=2)
    assert found.hits[0].passage.text == "投诉投诉投诉"
    assert found.confidence == 1.0
    assert analyzer.tokens("投诉回访")[0] == ["投诉", "回访"]


def test_confidence_does_not_depend_on_how_many_are_wanted(
    searcher: Searcher, tmp_path: Path, as_passages: AsPassages, publish: Publish
) -> None:
    """Whether the reports say is a matter of the question, not of the number of hits shown."""
    store = Store(tmp_path)
    publish(store, as_passages(["投诉投诉投诉", "投诉与回访及时完成，各部门各负其责，每月通报一次进展情况"]))
    generation = store.open(k1=0.8, b=0.5)
    confidences = {searcher.search("投诉投诉投诉回访", generation, k=k).confidence for k in (1, 2, 3, 5)}
    assert confidences == {1.0}


def test_a_corpus_of_nothing_has_no_answer(searcher: Searcher, tmp_path: Path, publish: Publish) -> None:
    """An empty index is searched in vain."""
    store = Store(tmp_path)
    publish(store, [])
    assert searcher.search("投诉", store.open(k1=0.8, b=0.5), k=5).hits == ()

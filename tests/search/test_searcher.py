"""Searching: from a question to hits, over a real index."""

import itertools
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.analyzer import Analyzer
from bot.analysis.frequencies import Frequencies
from bot.domain import Passage
from bot.index.generations import Store
from bot.index.meta import Meta
from bot.lexicon import wordlists
from bot.lexicon.cedict import Cedict
from bot.lexicon.english import Stemmer
from bot.lexicon.lexicon import Lexicon
from bot.parts import weights_of
from bot.search.query import QueryBuilder
from bot.search.searcher import Found, Searcher
from bot.settings import SearchSettings

AsPassages = Callable[[Sequence[str]], list[Passage]]
Publish = Callable[[Store, Sequence[Passage]], Meta]

STOP_WORDS = wordlists.stop_words(Path(__file__).parents[2] / "config" / "stopwords.txt")
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


class Place:
    """An index of some passages, and what searches it with the settings that come with the program."""

    def __init__(
        self, store: Store, analyzer: Analyzer, cedict: Cedict, frequencies: Frequencies, stemmer: Stemmer
    ) -> None:
        search = SearchSettings()
        queries = QueryBuilder(STOP_WORDS.__contains__, weights_of(search), stemmer.phrase)
        self.searcher = Searcher(
            analyzer,
            queries,
            sentence_weight=search.sentence_weight,
            intent_weight=search.intent_weight,
            spread=search.spread,
        )
        self.ranker = store.open(k1=search.k1, b=search.b)
        self.names = Lexicon(self.ranker.folder, cedict, frequencies, self.ranker.df)

    def search(self, question: str, *, k: int, explain: bool = False) -> Found:
        """Return what a question finds."""
        return self.searcher.search(question, self.ranker, self.names, k=k, explain=explain)


NewPlace = Callable[[Sequence[Passage]], Place]


@pytest.fixture(scope="module")
def new_place(
    new_folder: Callable[[], Path],
    analyzer: Analyzer,
    cedict: Cedict,
    frequencies: Frequencies,
    stemmer: Stemmer,
    publish: Publish,
) -> NewPlace:
    """Makes an index of passages."""

    def make(passages: Sequence[Passage]) -> Place:
        store = Store(new_folder())
        publish(store, passages)
        return Place(store, analyzer, cedict, frequencies, stemmer)

    return make


@pytest.fixture(scope="module")
def place(new_place: NewPlace, as_passages: AsPassages) -> Place:
    """Five passages, the second under a heading of its own."""
    passages = as_passages(TEXTS)
    passages[1] = replace(passages[1], section=("话务指标",))
    return new_place(passages)


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
def test_the_passage_that_answers_comes_first(place: Place, question: str, best: int) -> None:
    """Whatever the script, the width or the case of the question."""
    assert place.search(question, k=5).hits[0].passage.text == TEXTS[best]


@pytest.mark.parametrize("question", ["你好", "是什么？", "……", "😀", "", "how are you", "霹雳 zzz"])
def test_nothing_to_look_up_or_to_find_is_no_hit(place: Place, question: str) -> None:
    """Not the least bad passage, and a confidence of 0."""
    found = place.search(question, k=5)
    assert found.hits == ()
    assert found.confidence == 0.0


def test_confidence_tells_what_the_reports_say(place: Place) -> None:
    """All words in one passage is above the bar of the settings, a main word that no report has below it."""
    bar = SearchSettings().min_confidence
    assert place.search("投诉后怎么安抚客户情绪", k=5).confidence > 0.9
    assert place.search("火星移民的投诉", k=5).confidence < bar
    assert place.search("火星移民", k=5).confidence < bar


@given(WORDS, st.integers(1, 7))
def test_hits_are_ranked_verbatim_and_marked(place: Place, question: str, k: int) -> None:
    """At most k, best first, ranks from 1, positive scores, passages as they are, marks inside them."""
    found = place.search(question, k=k)
    assert len(found.hits) <= k
    assert [hit.rank for hit in found.hits] == list(range(1, len(found.hits) + 1))
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)
    assert {hit.passage.text for hit in found.hits} <= set(TEXTS)
    for hit in found.hits:
        assert all(0 <= m.start < m.end <= len(hit.passage.text) for m in hit.highlights)
        assert len(hit.excerpt) <= 3
        assert all(0 <= s.start < s.end <= len(hit.passage.text) for s in hit.excerpt)
    assert 0.0 <= found.confidence <= 1.0
    assert bool(found.hits) or found.confidence == 0.0


@given(WORDS)
def test_more_hits_begin_with_fewer(place: Place, question: str) -> None:
    """Asking for more adds hits at the end; explaining changes nothing but the explanations."""
    five = place.search(question, k=5, explain=True)
    two = place.search(question, k=2)
    assert tuple(replace(hit, explanation=None) for hit in five.hits[:2]) == two.hits
    assert all(hit.explanation is None for hit in two.hits)
    for hit in five.hits:
        assert hit.explanation is not None
        assert hit.explanation.score == pytest.approx(hit.score, abs=1e-9)
        shares = [share.share for share in hit.explanation.groups]
        assert math.fsum(shares) == pytest.approx(hit.score, abs=1e-9)
        assert all(share >= 0 for share in shares)
        assert len(hit.explanation.groups) == len(place.searcher.query(question, place.names).groups)


@pytest.fixture(scope="module")
def uneven(new_place: NewPlace, as_passages: AsPassages) -> Place:
    """Two passages, of which the best by score has one of two words, and the other both."""
    return new_place(
        as_passages(["投诉投诉投诉", "投诉与回访及时完成，各部门各负其责，每月通报一次进展情况"])
    )


def test_confidence_is_the_most_of_the_first_three(
    uneven: Place, new_place: NewPlace, as_passages: AsPassages, analyzer: Analyzer
) -> None:
    """The best by score need not be the one that covers most of the question."""
    found = uneven.search("投诉投诉投诉回访", k=2)
    assert found.hits[0].passage.text == "投诉投诉投诉"
    assert analyzer.tokens("投诉回访")[0] == ["投诉", "回访"]
    alone = new_place(as_passages(["投诉投诉投诉", "各部门各负其责，每月通报一次进展情况"]))
    assert found.confidence > alone.search("投诉投诉投诉回访", k=2).confidence


def test_confidence_does_not_depend_on_how_many_are_wanted(uneven: Place) -> None:
    """Whether the reports say is a matter of the question, not of the number of hits shown."""
    assert len({uneven.search("投诉投诉投诉回访", k=k).confidence for k in (1, 2, 3, 5)}) == 1


def test_many_hits_begin_with_few(new_place: NewPlace, as_passages: AsPassages) -> None:
    """Also when more are wanted than are looked at closely; the confidence stays the same."""
    chance = random.Random(1)  # noqa: S311
    words = ["投诉", "回访", "安抚", "客户", "情绪", "登记", "通报", "巡查"]
    ends = ["，", "。", "的", ""]
    place = new_place(
        as_passages(
            [
                "".join(chance.choice(words) + chance.choice(ends) for _ in range(chance.randint(3, 40)))
                for _ in range(60)
            ]
        )
    )
    for asked in itertools.permutations(words, 3):
        many = place.search("".join(asked), k=40)
        few = place.search("".join(asked), k=5)
        assert few.hits == many.hits[:5]
        assert few.confidence == many.confidence


def test_ideas_in_one_sentence_go_before_ideas_apart(new_place: NewPlace, as_passages: AsPassages) -> None:
    """Of two passages with the same words the one that says them together comes first, and shows where."""
    apart, together = "投诉要登记。每月通报。回访要及时。", "每月通报。投诉的回访要及时。要登记。"
    place = new_place(as_passages([apart, together]))
    best, other = place.search("投诉回访", k=2).hits
    assert (best.passage.text, other.passage.text) == (together, apart)
    assert [together[span.start : span.end] for span in best.excerpt] == ["投诉的回访要及时。"]


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("how to calm down a customer", 0),
        ("complaint handling", 0),
        ("touSu 怎么处理", 0),
        ("投拆怎么处理", 0),
        ("outbound call targets", 1),
        ("rainy season", 4),
    ],
)
def test_other_names_find_the_passage(place: Place, question: str, best: int) -> None:
    """English, pinyin, a wrong character: what the reports call it comes first."""
    assert place.search(question, k=5).hits[0].passage.text == TEXTS[best]


@pytest.mark.parametrize(
    ("question", "repairs", "missing"),
    [
        ("投拆怎么安抚", [(0, 2, "投拆", "投诉")], []),
        ("怎么安抚投诉", [], []),
        ("火星移民的投诉", [], ["火星", "移民"]),
        ("how to reset the printer", [], ["reset", "printer"]),
        ("投诉一直没记录", [], []),
    ],
)
def test_what_was_read_and_what_is_missing_is_told(
    place: Place, question: str, repairs: list[tuple[int, int, str, str]], missing: list[str]
) -> None:
    """Mistyped pieces with what was looked up for them; words that say something and stand nowhere."""
    found = place.search(question, k=5)
    told = [(r.span.start, r.span.end, r.written, r.read) for r in found.repairs]
    assert told == repairs
    assert list(found.missing) == missing


def test_what_two_reports_say_alike_is_one_hit(new_place: NewPlace, as_passages: AsPassages) -> None:
    """It names the other place."""
    one, other, third = as_passages([TEXTS[0], TEXTS[0].replace("当天", "当日"), TEXTS[1]])
    other = replace(other, report_id="r2", report="另一份")
    hits = new_place([one, third, other]).search("投诉 安抚 外呼", k=5).hits
    assert [(hit.passage, hit.also) for hit in hits] in (
        [(one, (other,)), (third, ())],
        [(third, ()), (one, (other,))],
    )


def test_the_first_three_are_not_all_of_one_report(new_place: NewPlace, as_passages: AsPassages) -> None:
    """When another report answers about as well; scores still fall, and still are the sum of their shares."""
    texts = [f"投诉由{who}登记，{who}负责答复。" for who in ("前台", "班长", "客服部", "值班室")]
    passages = as_passages(texts)
    passages[3] = replace(passages[3], report_id="r2", report="另一份")
    hits = new_place(passages).search("投诉谁登记", k=4, explain=True).hits
    assert "r2" in {hit.passage.report_id for hit in hits[:3]}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        assert hit.explanation is not None
        assert math.fsum(share.share for share in hit.explanation.groups) == pytest.approx(
            hit.score, abs=1e-9
        )


def test_who_asks_how_gets_the_steps_first(new_place: NewPlace, as_passages: AsPassages) -> None:
    """Of two passages that match alike; without question words the earlier one stays first."""
    told, steps = "投诉处理得好，客户满意。", "投诉处理有方法，先听再问。"
    place = new_place(as_passages([told, steps]))
    assert place.search("怎么处理投诉", k=2).hits[0].passage.text == steps


@given(WORDS)
def test_weights_of_nothing_change_nothing(place: Place, question: str) -> None:
    """Without sentence, intent and spread the hits are the ranker's, score by score."""
    bare = Searcher(
        place.searcher._analyzer, place.searcher._queries, sentence_weight=0.0, intent_weight=0.0, spread=1.0
    )
    hits = bare.search(question, place.ranker, place.names, k=5).hits
    query = bare.query(question, place.names)
    top = place.ranker.top(query, 5)
    assert [hit.score for hit in hits] == [scored.score for scored in top]
    assert [hit.passage for hit in hits] == [place.ranker.passage(scored.ordinal) for scored in top]


def test_a_search_within_one_report_stays_there(new_place: NewPlace, as_passages: AsPassages) -> None:
    """Its hits are of the passages that were named, whatever the others say."""
    place = new_place(as_passages([TEXTS[0], TEXTS[1], TEXTS[0] + TEXTS[1]]))
    found = place.searcher.search("安抚", place.ranker, place.names, k=5, within=range(1, 3))
    assert [hit.passage.passage_id for hit in found.hits] == ["p2"]


def test_a_corpus_of_nothing_has_no_answer(new_place: NewPlace) -> None:
    """An empty index is searched in vain."""
    assert new_place([]).search("投诉", k=5) == Found((), 0.0)

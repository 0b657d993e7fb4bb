"""Asking: which terms of a question are looked up, where and with what weight."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.analyzer import Analyzer
from bot.domain import Channel, Query
from bot.lexicon import wordlists
from bot.search import query
from bot.search.query import Weights

STOP_WORDS = wordlists.stop_words(Path(__file__).parents[2] / "config" / "stopwords.txt")
WEIGHTS = Weights(word=1.0, char=0.6, heading=0.3, single=0.33)
QUESTIONS = st.lists(
    st.sampled_from(
        [
            "怎么",
            "处理",
            "投訴",
            "客户",
            "的",
            "KPI",
            "how to",
            "3.5",
            "？",
            "，",
            " ",
            "回访率",
            "是什么",
            "ＡＨＴ",
        ]
    ),
    max_size=8,
).map("".join)


def asked(analyzer: Analyzer, question: str, weights: Weights = WEIGHTS) -> Query:
    """Return a question's query under the stop words that come with the program."""
    return query.build(question, analyzer(question), is_stop_word=STOP_WORDS.__contains__, weights=weights)


def terms(built: Query, channel: Channel) -> dict[str, float]:
    """Return the terms of one channel with their weights."""
    return {g.names[0].term: g.weight for g in built.groups if g.channel is channel}


def test_a_question_is_looked_up_in_three_channels(analyzer: Analyzer) -> None:
    """Words in texts and headings, pairs and single characters of them at lower weights."""
    built = asked(analyzer, "怎么处理投诉？")
    assert built.text == "怎么处理投诉？"
    assert terms(built, Channel.WORD) == {"处理": 1.0, "投诉": 1.0}
    assert terms(built, Channel.HEADING) == {"处理": 0.3, "投诉": 0.3}
    single, pair = 0.6 * 0.33, 0.6
    assert terms(built, Channel.CHAR) == pytest.approx(
        {
            "么处": pair,
            "处": single,
            "处理": pair,
            "理": single,
            "理投": pair,
            "投": single,
            "投诉": pair,
            "诉": single,
        }
    )


def test_groups_know_their_place_in_the_question(analyzer: Analyzer) -> None:
    """As it was written: Traditional, full-width, with marks around."""
    question = "請問ＡＨＴ跟投訴"
    built = asked(analyzer, question)
    places = {
        g.names[0].term: question[g.span.start : g.span.end]
        for g in built.groups
        if g.channel is Channel.WORD
    }
    assert places == {"aht": "ＡＨＴ", "投诉": "投訴"}


def test_what_is_asked_twice_weighs_twice(analyzer: Analyzer) -> None:
    """One group, of double weight, at its first place."""
    built = asked(analyzer, "投诉KPI投诉")
    assert terms(built, Channel.WORD) == {"投诉": 2.0, "kpi": 1.0}
    assert next(g.span.start for g in built.groups if g.names[0].term == "投诉") == 0


@pytest.mark.parametrize(
    "question", ["你好", "怎么办？", "是什么", "what is it", "……？！", "😀", "", " \n", "__", "谢谢，再见。"]
)
def test_without_a_content_word_nothing_is_looked_up(analyzer: Analyzer, question: str) -> None:
    """Greetings, stop words, marks: no groups."""
    assert asked(analyzer, question).groups == ()


def test_a_channel_without_weight_is_not_asked(analyzer: Analyzer) -> None:
    """Neither are single characters without a share."""
    built = asked(analyzer, "投诉KPI", Weights(word=1.0, char=0.6, heading=0.0, single=0.0))
    assert {g.channel for g in built.groups} == {Channel.WORD, Channel.CHAR}
    assert terms(built, Channel.CHAR) == {"投诉": 0.6}
    assert asked(analyzer, "投诉", Weights(0.0, 0.0, 0.0, 0.0)).groups == ()


@given(QUESTIONS)
def test_groups_are_well_formed(analyzer: Analyzer, question: str) -> None:
    """Positive weights, one name each, no term twice in a channel, places inside the question."""
    groups = asked(analyzer, question).groups
    assert all(g.weight > 0 and len(g.names) == 1 and g.names[0].weight == 1.0 for g in groups)
    assert all(0 <= g.span.start < g.span.end <= len(question) for g in groups)
    assert not [
        key for key, times in Counter((g.channel, g.names[0].term) for g in groups).items() if times > 1
    ]


@given(QUESTIONS)
def test_stop_words_are_not_looked_up(analyzer: Analyzer, question: str) -> None:
    """All other words are, each as often as it was asked."""
    built = asked(analyzer, question)
    content = Counter(term.text for term in analyzer(question).words if term.text not in STOP_WORDS)
    assert terms(built, Channel.WORD) == dict(content)
    assert set(terms(built, Channel.HEADING)) == set(content)
    assert bool(built.groups) == bool(content)

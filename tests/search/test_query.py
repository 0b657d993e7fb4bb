"""Asking: which ideas of a question are looked up, under which names, where and with what weight."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.analyzer import Analyzer
from bot.analysis.frequencies import Frequencies
from bot.domain import Channel, Group, Name, Passage, Query, Span
from bot.index.generations import Generation, Store
from bot.index.meta import Meta
from bot.lexicon import wordlists
from bot.lexicon.cedict import Cedict
from bot.lexicon.compiling import compile_words
from bot.lexicon.english import Stemmer
from bot.lexicon.lexicon import Lexicon
from bot.lexicon.sources import Sources, compile_own
from bot.search.query import QueryBuilder, Weights

STOP_WORDS = wordlists.stop_words(Path(__file__).parents[2] / "config" / "stopwords.txt")
WEIGHTS = Weights(word=1.0, char=0.6, heading=0.3, single=0.33)
ALL_NAMES = replace(WEIGHTS, synonym=0.7, meaning=0.4, meaning_least=0.4)
TEXTS = [
    "接到投诉后，先安抚客户情绪，再记录诉求，当天转派责任部门处理。",
    "下属由班长考核，员工培训每月一次，讲应对的技巧。",
    "淘宝客服的话术统一，客服中心负责热线。",
    "Tickets are kept in Zendesk; overtime is approved by the manager.",
    "外呼指标按季度设定，目标写进考核。",
]
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


class Asker:
    """Builds queries under the stop words that come with the program."""

    def __init__(self, analyzer: Analyzer, stemmer: Stemmer, names: Lexicon) -> None:
        self._analyzer = analyzer
        self._stemmer = stemmer
        self.names = names

    def __call__(self, question: str, weights: Weights = WEIGHTS) -> Query:
        """Return a question's query."""
        builder = QueryBuilder(STOP_WORDS.__contains__, weights, self._stemmer.phrase)
        return builder.build(question, self._analyzer(question), self.names)

    def words(self, question: str, weights: Weights = ALL_NAMES) -> dict[str, Group]:
        """Return the groups of the words channel by the piece of the question that they stand for."""
        groups = [g for g in self(question, weights).groups if g.channel is Channel.WORD]
        return {question[g.span.start : g.span.end]: g for g in groups}


@pytest.fixture(scope="module")
def asked(
    new_folder: Callable[[], Path],
    analyzer: Analyzer,
    stemmer: Stemmer,
    cedict: Cedict,
    sources: Sources,
    frequencies: Frequencies,
) -> Asker:
    """Asks where nothing has another name."""
    folder = new_folder()
    compile_own(folder, replace(sources, synonyms=tuple, glossary=dict), ())
    compile_words(folder, cedict, ())
    return Asker(analyzer, stemmer, Lexicon(folder, cedict, frequencies, lambda _word: 0))


@pytest.fixture(scope="module")
def generation(
    new_folder: Callable[[], Path],
    as_passages: Callable[[Sequence[str]], list[Passage]],
    publish: Callable[[Store, Sequence[Passage]], Meta],
) -> Generation:
    """Some passages, indexed with the names that come with the program."""
    store = Store(new_folder())
    publish(store, as_passages(TEXTS))
    return store.open(k1=0.8, b=0.5)


@pytest.fixture(scope="module")
def ask(
    analyzer: Analyzer, stemmer: Stemmer, cedict: Cedict, frequencies: Frequencies, generation: Generation
) -> Asker:
    """Asks these passages."""
    return Asker(analyzer, stemmer, Lexicon(generation.folder, cedict, frequencies, generation.df))


def weights_of(group: Group) -> dict[str, float]:
    """Return the names of a group with their weights."""
    return {name.term: name.weight for name in group.names}


def terms(built: Query, channel: Channel) -> dict[str, float]:
    """Return the terms of one channel with their weights."""
    return {g.names[0].term: g.weight for g in built.groups if g.channel is channel}


def test_a_question_is_looked_up_in_three_channels(asked: Asker) -> None:
    """Words in texts and headings, pairs and single characters of them at lower weights."""
    built = asked("怎么处理投诉？")
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


def test_groups_know_their_place_in_the_question(asked: Asker) -> None:
    """As it was written: Traditional, full-width, with marks around."""
    question = "請問ＡＨＴ跟投訴"
    built = asked(question)
    places = {
        g.names[0].term: question[g.span.start : g.span.end]
        for g in built.groups
        if g.channel is Channel.WORD
    }
    assert places == {"aht": "ＡＨＴ", "投诉": "投訴"}


def test_what_is_asked_twice_weighs_twice(asked: Asker) -> None:
    """One group, of double weight, at its first place."""
    built = asked("投诉KPI投诉")
    assert terms(built, Channel.WORD) == {"投诉": 2.0, "kpi": 1.0}
    assert next(g.span.start for g in built.groups if g.names[0].term == "投诉") == 0


@pytest.mark.parametrize(
    "question", ["你好", "怎么办？", "是什么", "what is it", "……？！", "😀", "", " \n", "__", "谢谢，再见。"]
)
def test_without_a_content_word_nothing_is_looked_up(asked: Asker, ask: Asker, question: str) -> None:
    """Greetings, stop words, marks: no groups."""
    assert asked(question).groups == ()
    assert ask(question, ALL_NAMES).groups == ()


def test_a_channel_without_weight_is_not_asked(asked: Asker) -> None:
    """Neither are single characters without a share."""
    built = asked("投诉KPI", Weights(word=1.0, char=0.6, heading=0.0, single=0.0))
    assert {g.channel for g in built.groups} == {Channel.WORD, Channel.CHAR}
    assert terms(built, Channel.CHAR) == {"投诉": 0.6}
    assert asked("投诉", Weights(0.0, 0.0, 0.0, 0.0)).groups == ()


@given(QUESTIONS)
def test_groups_are_well_formed(asked: Asker, question: str) -> None:
    """Positive weights, one name each, no term twice in a channel, places inside the question."""
    groups = asked(question).groups
    assert all(g.weight > 0 and len(g.names) == 1 and g.names[0].weight == 1.0 for g in groups)
    assert all(0 <= g.span.start < g.span.end <= len(question) for g in groups)
    assert not [
        key for key, times in Counter((g.channel, g.names[0].term) for g in groups).items() if times > 1
    ]


@given(QUESTIONS)
def test_stop_words_are_not_looked_up(asked: Asker, analyzer: Analyzer, question: str) -> None:
    """All other words are, each as often as it was asked."""
    built = asked(question)
    content = Counter(term.text for term in analyzer(question).words if term.text not in STOP_WORDS)
    assert terms(built, Channel.WORD) == dict(content)
    assert set(terms(built, Channel.HEADING)) == set(content)
    assert bool(built.groups) == bool(content)


def test_a_word_has_its_synonyms_as_names(ask: Asker) -> None:
    """Itself first and surest, the domain's names at a share of their weight there."""
    group = ask.words("顾客")["顾客"]
    assert group.names[0] == Name("顾客", 1.0)
    synonyms = {name.term: name.weight for name in group.names if name.source == "synonym"}
    assert synonyms
    assert all(0 < weight <= 0.7 for weight in synonyms.values())
    half = ask.words("顾客", replace(ALL_NAMES, synonym=0.35, meaning=0.0))["顾客"]
    whole = ask.words("顾客", replace(ALL_NAMES, synonym=0.7, meaning=0.0))["顾客"]
    assert {t: 2 * w for t, w in weights_of(half).items() if t != "顾客"} == pytest.approx(
        {t: w for t, w in weights_of(whole).items() if t != "顾客"}
    )


def test_an_expression_that_is_cut_apart_has_its_names(ask: Asker, analyzer: Analyzer) -> None:
    """底下的人 is no word of the segmenter, but the domain's files name it; its pieces are asked as well."""
    assert "底下的人" not in analyzer.tokens("底下的人怎么管")[0]
    words = ask.words("底下的人怎么管")
    assert words["底下的人"].span == Span(0, 4)
    assert "下属" in weights_of(words["底下的人"])
    assert all(weight <= 0.7 for weight in weights_of(words["底下的人"]).values())
    assert "底下" in words


def test_an_expression_in_traditional_characters_is_one_too(ask: Asker) -> None:
    """Its place is that in the question as it was written."""
    assert "下属" in weights_of(ask.words("底下的人怎麼管")["底下的人"])


def test_the_longest_english_phrase_is_one_idea(ask: Asker) -> None:
    """customer service representative is not a customer, a service and a representative."""
    words = ask.words("customer service representatives and customer service")
    assert list(words) == ["customer service representatives", "customer service"]
    assert "客服代表" in weights_of(words["customer service representatives"])
    assert "客户服务" in weights_of(words["customer service"])
    assert [group.weight for group in words.values()] == [2.0, 1.5]


def test_words_without_a_common_name_are_ideas_of_their_own(ask: Asker) -> None:
    """And so are words that a mark divides."""
    assert list(ask.words("handle friendly complaints")) == ["handle", "friendly", "complaints"]
    assert list(ask.words("customer; service")) == ["customer", "service"]


def test_a_phrase_that_no_report_has_is_asked_for_beside_its_words(ask: Asker) -> None:
    """The world cup is not the world and a cup; it has no name here, so it matches nothing."""
    words = ask.words("who won the world cup")
    assert list(words) == ["won", "world", "cup", "world cup"]
    assert weights_of(words["world cup"]) == {"world cup": 1.0}


def test_a_word_that_is_cut_into_characters_is_asked_for_beside_them(ask: Asker) -> None:
    """年假 is in the dictionary; who asks for it does not ask for years."""
    words = ask.words("年假怎么休")
    assert words["年假"].names == (Name("年假", 1.0),)
    assert {"年", "假"} <= words.keys()


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("tousu anfu 怎么做", ["投诉", "安抚"]),
        ("投拆计录", ["投诉", "记录"]),
        ("tousu怎么处理", ["投诉"]),
    ],
)
def test_slips_beside_each_other_are_repaired_each(ask: Asker, question: str, read: list[str]) -> None:
    """Nobody says where one mistyped word ends; the longest stretch that is one word is taken."""
    repaired = [g.names[0].term for g in ask.words(question).values() if g.names[0].source == "repair"]
    assert repaired == read


def test_a_part_of_a_longer_word_weighs_less(ask: Asker) -> None:
    """By the share that is set; 1 is as if it stood alone."""
    for part in (0.0, 0.5, 1.0):
        words = ask.words("采油厂", replace(ALL_NAMES, part=part))
        assert words["采油厂"].weight == 1.0
        assert [words[w].weight for w in ("采油", "油厂") if w in words] == ([part] * 2 if part else [])


def test_how_much_a_word_says_goes_with_its_idea(ask: Asker) -> None:
    """Seldom words say more, in either language; a name of several characters as much as its own."""
    words = ask.words("一直查勘 happen printer")
    assert words["一直"].says < words["查勘"].says
    assert words["happen"].says < words["printer"].says
    assert all(0.0 <= group.says <= 1.0 for group in words.values())


@pytest.mark.parametrize("question", ["投拆处理", "tousu 处理"])
def test_what_is_asked_literally_is_not_repaired(
    analyzer: Analyzer, stemmer: Stemmer, ask: Asker, question: str
) -> None:
    """Its groups are those of the repaired question without the repairs."""
    builder = QueryBuilder(STOP_WORDS.__contains__, ALL_NAMES, stemmer.phrase)
    plain = builder.build(question, analyzer(question), ask.names, literal=True).groups
    repaired = ask(question, ALL_NAMES).groups
    assert [g for g in repaired if g.names[0].source != "repair"] == list(plain) != list(repaired)


def test_a_question_in_two_languages_is_asked_in_both(ask: Asker) -> None:
    """Each piece under its own names, at its own place."""
    words = ask.words("taobao 客服 tips")
    assert {"taobao", "客服", "tips"} == words.keys()
    assert "淘宝" in weights_of(words["taobao"])
    assert "技巧" in weights_of(words["tips"])
    assert weights_of(words["客服"])["客服"] == 1.0


@pytest.mark.parametrize("word", ["Zendesk", "ＯＶＥＲＴＩＭＥ", "tickets", "qwertz"])
def test_an_english_word_is_looked_up_as_it_is_written(ask: Asker, word: str) -> None:
    """Reports have names and words in Latin letters; no name is surer."""
    (group,) = ask.words(word).values()
    term = {"ＯＶＥＲＴＩＭＥ": "overtime"}.get(word, word.lower())
    assert Name(term, 1.0) in group.names


def test_the_words_of_a_phrase_are_looked_up_as_they_are_written(ask: Asker) -> None:
    """In one group with its translations."""
    names = ask.words("customer service")["customer service"].names
    assert {Name("customer", 1.0), Name("service", 1.0)} <= {*names}


def test_a_mistyped_word_is_also_asked_as_it_was_meant(ask: Asker) -> None:
    """Beside what was typed, which may be right after all."""
    groups = [g for g in ask("投拆怎么办", ALL_NAMES).groups if g.channel is Channel.WORD]
    assert [weights_of(g).get("投拆") for g in groups] == [1.0, None]
    (repaired,) = groups[1:]
    assert repaired.span == Span(0, 2)
    assert {name.source for name in repaired.names} == {"repair"}
    assert "投诉" in weights_of(repaired)


def test_pinyin_is_asked_in_characters(ask: Asker) -> None:
    """Syllables may be spaced."""
    for question in ("tousu", "tou su"):
        repaired = [g for g in ask(question, ALL_NAMES).groups if g.names[0].source == "repair"]
        assert {g.names[0].term for g in repaired} == {"投诉"}, question


def test_without_their_weights_words_have_no_other_names(ask: Asker, asked: Asker) -> None:
    """The query is that of a lexicon that says nothing."""
    for question in ("怎么处理投诉", "底下的人怎么管", "顾客和用户"):
        assert ask(question, WEIGHTS) == asked(question, ALL_NAMES) == asked(question, WEIGHTS)


def test_without_their_weights_english_phrases_are_as_words(ask: Asker) -> None:
    """Translations have no characters then, and a phrase weighs no more than a word."""
    plain = replace(ALL_NAMES, translated_char=0.0, phrase=0.0)
    groups = ask("customer service tips", plain).groups
    assert {g.channel for g in groups} == {Channel.WORD, Channel.HEADING}
    assert {g.weight for g in groups} == {1.0, 0.3}
    assert {g.channel for g in ask("customer service tips", ALL_NAMES).groups} == {*Channel}


PIECES = [
    "投诉",
    "顾客",
    "底下的人",
    "處理",
    "kpi",
    "how to",
    "tips",
    "target",
    "客户",
    "的",
    " ",
    "投拆",
    "员工",
    "？",
]
MIXED = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)


@given(MIXED)
def test_groups_with_names_are_well_formed(ask: Asker, question: str) -> None:
    """Weights in range, the surest name first, no name twice in a group, no group twice, places inside."""
    groups = ask(question, ALL_NAMES).groups
    for group in groups:
        weights = [name.weight for name in group.names]
        assert all(0 < weight <= 1 for weight in weights)
        assert weights == sorted(weights, reverse=True)
        assert len({name.term for name in group.names}) == len(group.names) > 0
        assert group.weight > 0
        assert 0 <= group.span.start < group.span.end <= len(question)
    named = [(g.channel, g.names) for g in groups if g.channel is not Channel.CHAR]
    assert len(named) == len({*named})
    assert ask(question, ALL_NAMES).groups == groups


@given(MIXED)
def test_other_names_take_no_passage_away(ask: Asker, generation: Generation, question: str) -> None:
    """Whatever a question finds by its own words it finds with synonyms and near words as well."""
    bare = generation.top(ask(question, WEIGHTS), len(TEXTS))
    named = generation.top(ask(question, ALL_NAMES), len(TEXTS))
    assert {scored.ordinal for scored in bare} <= {scored.ordinal for scored in named}


@given(MIXED, st.sampled_from(["投诉", "员工", "zendesk", "客服", "没有"]), st.sampled_from([1.0, 0.5, 0.05]))
def test_a_further_name_takes_no_passage_away(
    ask: Asker, generation: Generation, question: str, term: str, weight: float
) -> None:
    """Give every group one name more: whatever matched matches still."""
    built = ask(question, ALL_NAMES)
    more = tuple(
        replace(group, names=(*group.names, Name(term, weight))) if term not in weights_of(group) else group
        for group in built.groups
    )
    before = {scored.ordinal for scored in generation.top(built, len(TEXTS))}
    after = {scored.ordinal for scored in generation.top(replace(built, groups=more), len(TEXTS))}
    assert before <= after

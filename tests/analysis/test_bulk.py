"""Many texts at once: the same terms as one by one."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.analyzer import Analyzer
from bot.analysis.bulk import Bulk, BulkAnalyzer
from bot.analysis.normalize import Normalizer
from bot.analysis.segment import UserWord, segmenter

PIECES = (
    *("投诉", "客户满意度", "售后服务部", "中华人民共和国", "臺灣", "髮", "乾", "後", "𠀀", "㐀", "豈"),
    *("ＶＩＰ", "３．５％", "e-mail", "C++11", "ﬁne", "é", "e\u0301", "ｶﾞ", "İ", "ς", "한국"),
    *("\ud800", "\n", " ", "，", "。", "_", "x_1"),
)
TEXT = st.one_of(st.text(max_size=12), st.lists(st.sampled_from(PIECES), max_size=10).map("".join))


@pytest.fixture(scope="module", params=["jieba", "rjieba"])
def analyzer(
    request: pytest.FixtureRequest,
    normalizer: Normalizer,
    user_words: tuple[UserWord, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> Analyzer:
    """The analyzer with either segmenter."""
    cache = tmp_path_factory.mktemp("cache")
    return Analyzer(normalizer, segmenter(request.param, user_words, cache))


def words_of(bulk: Bulk, count: int) -> list[Counter[str]]:
    """Return the words of each text."""
    words = [Counter[str]() for _ in range(count)]
    text = 0
    for word in bulk.words:
        if word == "\n":
            text += 1
        elif word != " ":
            words[text][word] += 1
    assert text == count
    for word, text in bulk.others:
        words[text][word] += 1
    return words


def characters_of(bulk: Bulk, count: int) -> list[Counter[str]]:
    """Return the characters and the pairs of each text."""
    found = [Counter[str]() for _ in range(count)]
    row = [chr(code) for code in bulk.characters.tolist()]
    for place, (text, joined) in enumerate(zip(bulk.texts.tolist(), bulk.joined.tolist(), strict=True)):
        found[text][row[place]] += 1
        if joined:
            found[text][row[place] + row[place + 1]] += 1
    return found


@given(st.lists(TEXT, max_size=5))
def test_each_text_has_the_terms_that_it_has_alone(analyzer: Analyzer, texts: list[str]) -> None:
    """Words and characters, whatever stands in the texts beside it; and the second time as the first."""
    plain = [analyzer.tokens(text) for text in texts]
    bulk = BulkAnalyzer(analyzer)
    for _ in range(2):
        found = bulk(texts)
        assert words_of(found, len(texts)) == [Counter(words) for words, _ in plain]
        assert characters_of(found, len(texts)) == [Counter(characters) for _, characters in plain]

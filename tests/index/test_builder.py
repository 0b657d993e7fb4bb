"""Building: what of a passage is looked up where."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.analysis.analyzer import Analyzer
from bot.domain import Channel, Name, Passage
from bot.errors import SettingsError
from bot.index import builder
from bot.index.builder import Means
from bot.index.postings import Postings
from bot.index.records import Records

AsPassages = Callable[[Sequence[str]], list[Passage]]


def test_each_channel_has_its_terms(analyzer: Analyzer, as_passages: AsPassages) -> None:
    """Words and characters are of the text; headings of the report's title and the section's path."""
    (passage,) = as_passages(["投诉处理KPI"])
    (terms,) = builder.terms([passage], analyzer)
    words, characters = analyzer.tokens("投诉处理KPI")
    assert terms[Channel.WORD] == words
    assert terms[Channel.CHAR] == characters
    assert terms[Channel.HEADING] == analyzer.tokens("热线报告\n三\n投诉")[0]


def test_a_heading_that_repeats_the_title_counts_once(analyzer: Analyzer, as_passages: AsPassages) -> None:
    """A report without headings has its title as the path of its text."""
    (passage,) = as_passages(["投诉"])
    (terms,) = builder.terms([replace(passage, section=("热线报告",))], analyzer)
    assert terms[Channel.HEADING] == analyzer.tokens("热线报告")[0]


def test_headings_follow_their_passages(analyzer: Analyzer, as_passages: AsPassages) -> None:
    """When the section changes and changes back, so do the heading terms."""
    first, second, third = as_passages(["甲", "乙", "丙"])
    second = replace(second, section=("回访",))
    headings = [terms[Channel.HEADING] for terms in builder.terms([first, second, third], analyzer)]
    assert headings[0] == headings[2] != headings[1]
    assert headings[1] == analyzer.tokens("热线报告\n回访")[0]


def test_counts(means: Means, as_passages: AsPassages, tmp_path: Path) -> None:
    """Reports and sections count when they have passages."""
    first, second, third, fourth = as_passages(["甲投诉", "乙投诉", "丙投诉", "丁"])
    passages = [
        first,
        replace(second, section=("回访",)),
        replace(third, report_id="other"),
        replace(fourth, report_id="other"),
    ]
    counts = builder.build(passages, means, tmp_path)
    assert counts == {"passages": 4, "sections": 3, "reports": 2}
    assert [Records(tmp_path).passage(i) for i in range(4)] == passages
    assert Postings(tmp_path).find(Channel.WORD, "投诉").ids.tolist() == [0, 1, 2]


def test_an_error_in_what_people_write_is_told_before_the_work(tmp_path: Path, means: Means) -> None:
    """Nobody waits for an index to learn that a line of synonyms cannot be read."""

    def broken() -> tuple[tuple[Name, ...], ...]:
        raise SettingsError("synonyms.toml:3: no names")

    read: list[str] = []

    def passages() -> Iterator[Passage]:
        read.append("a passage")
        yield from ()

    with pytest.raises(SettingsError, match=r"synonyms\.toml:3"):
        builder.build(passages(), replace(means, sources=replace(means.sources, synonyms=broken)), tmp_path)
    assert not read

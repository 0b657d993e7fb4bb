"""Confidence: how sure it is that a passage answers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Channel, Group, Name, Query, Span
from bot.index.ranker import idf
from bot.search.confidence import Evidence, confidence, content, weigh

QUESTION = "甲乙丙丁戊己庚辛壬癸"
SIZE = 1000
RARE, COMMON = 1, 400


@dataclass(frozen=True)
class Asked:
    """A group of a question, how much of it a passage has, and in how many passages its name stands."""

    group: Group
    matched: float
    df: int


def share(
    start: int, end: int, *, here: bool, df: int = 10, channel: Channel = Channel.WORD, also: float = 0.0
) -> Asked:
    """Make a group at a place of the question that the passage has or lacks.

    With `also` it has a second, common name of that weight, which the passage has.
    """
    names: tuple[Name, ...] = (Name(QUESTION[start:end], 1.0),)
    if also:
        names += (Name("又名", also, "synonym"),)
    return Asked(Group(channel, names, 1.0, Span(start, end)), 1.0 if here else also, df)


def evidence(*asked: Asked) -> Evidence:
    """Return what speaks for a passage with these groups."""
    return evidence_of_names({"又名": COMMON}, *asked)


def evidence_of_names(others: Mapping[str, int], *asked: Asked) -> Evidence:
    """Return it where some names stand in so many passages."""
    df = {one.group.names[0].term: one.df for one in asked} | dict(others)
    weights = [idf(SIZE, one.df) for one in asked]
    query = Query(QUESTION, tuple(one.group for one in asked))
    return weigh(
        content(query, lambda group: idf(SIZE, max(df[name.term] for name in group.names))),
        [one.matched for one in asked],
        score=sum(weight * one.matched for weight, one in zip(weights, asked, strict=True)),
        weights=weights,
    )


def of(*asked: Asked) -> float:
    """Return the coverage of a question with these groups."""
    return evidence(*asked).coverage


SHARES = st.lists(
    st.builds(
        lambda start, length, here, df, channel: share(
            start, start + length, here=here, df=df, channel=channel
        ),
        st.integers(0, 6),
        st.integers(1, 4),
        st.booleans(),
        st.integers(0, SIZE),
        st.sampled_from(list(Channel)),
    ),
    max_size=8,
)
EVIDENCE = st.builds(Evidence, st.floats(0, 1), st.floats(0, 3), st.integers(0, 20))


@given(SHARES)
def test_coverage_is_a_share(shares: list[Asked]) -> None:
    """Between 0 and 1, whatever matched, and so is the confidence."""
    assert 0.0 <= of(*shares) <= 1.0
    assert 0.0 <= confidence(evidence(*shares)) <= 1.0


@given(SHARES)
def test_nothing_matched_is_nothing_covered(shares: list[Asked]) -> None:
    """Exactly 0, and no confidence at all."""
    gone = [replace(s, matched=0.0) for s in shares]
    assert of(*gone) == 0.0
    assert confidence(evidence(*gone)) == 0.0


@given(SHARES.filter(lambda shares: any(s.group.channel is Channel.WORD for s in shares)))
def test_all_words_there_is_all_covered(shares: list[Asked]) -> None:
    """Exactly 1, whether or not the characters matched too."""
    there = [replace(s, matched=1.0) if s.group.channel is Channel.WORD else s for s in shares]
    assert of(*there) == 1.0


@given(SHARES, st.integers(0, 7))
def test_a_further_match_does_not_lower_it(shares: list[Asked], which: int) -> None:
    """A passage that has one group more covers at least as much."""
    if which < len(shares):
        more = [*shares[:which], replace(shares[which], matched=1.0), *shares[which + 1 :]]
        assert of(*more) >= of(*shares) - 1e-12
        assert confidence(evidence(*more)) >= confidence(evidence(*shares)) - 1e-12


def test_no_words_is_nothing() -> None:
    """A query without words covers nothing, whatever its characters did."""
    for shares in ((), (share(0, 2, here=True, channel=Channel.CHAR),)):
        assert of(*shares) == 0.0
        assert evidence(*shares).ideas == 0
        assert confidence(evidence(*shares)) == 0.0


def test_rare_words_decide() -> None:
    """Each word weighs its idf."""
    rare, common = idf(SIZE, RARE), idf(SIZE, COMMON)
    one = of(share(0, 2, here=True, df=COMMON), share(2, 4, here=False, df=RARE))
    other = of(share(0, 2, here=False, df=COMMON), share(2, 4, here=True, df=RARE))
    assert one == pytest.approx(common / (common + rare))
    assert other == pytest.approx(rare / (common + rare))
    assert one < 0.2 < 0.8 < other


def test_a_part_of_a_longer_word_is_not_counted_twice() -> None:
    """Only the longest words are what was asked, and are counted."""
    parts = (share(0, 2, here=True, df=RARE), share(2, 4, here=False))
    assert of(*parts, share(0, 4, here=False)) == 0.0
    assert of(*parts, share(0, 4, here=True)) == 1.0
    assert evidence(*parts, share(0, 4, here=True)).ideas == 1


def test_a_word_cut_another_way_is_covered_by_its_pairs() -> None:
    """Pairs of characters that match stand for it, if they are half of it; single characters do not."""
    first, second, last = (share(at, at + 2, here=True, channel=Channel.CHAR) for at in (0, 1, 3))
    assert of(share(0, 3, here=False), second) == pytest.approx(0.9 * 2 / 3)
    assert of(share(0, 3, here=False), first, second) == pytest.approx(0.9)
    assert of(share(0, 5, here=False), first, last) == pytest.approx(0.9 * 4 / 5)
    assert of(share(0, 5, here=False), first) == 0.0
    assert of(share(0, 3, here=False), share(0, 1, here=True, channel=Channel.CHAR)) == 0.0


def test_the_head_of_a_compound_counts_more_than_what_stands_before_it() -> None:
    """A passage about 加班 (overtime) says less about 加班费 (the pay for it) than one about another 费."""
    first, last = (share(at, at + 2, here=True, channel=Channel.CHAR) for at in (0, 1))
    assert of(share(0, 3, here=False), first) == pytest.approx(0.5 * 2 / 3)
    assert of(share(0, 3, here=False), last) == pytest.approx(0.9 * 2 / 3)


def test_a_word_that_says_little_anywhere_counts_little() -> None:
    """That no report has 一直 matters less than that none has 婚假."""
    missing = share(0, 2, here=False, df=0)
    vague = replace(missing, group=replace(missing.group, says=0.0))
    there = share(2, 4, here=True)
    assert of(missing, there) < of(vague, there) < 1.0


def test_a_repaired_word_is_asked_for_once() -> None:
    """As what it was probably meant to be: that no report has the slip says nothing."""
    slip, meant = share(0, 2, here=False, df=0), share(0, 2, here=True)
    repair = replace(meant, group=replace(meant.group, names=(Name("投诉", 1.0, "repair"),)))
    together = evidence_of_names({"投诉": 10}, slip, repair)
    assert (together.coverage, together.ideas) == (1.0, 1)


def test_the_parts_of_an_unknown_phrase_say_half_of_it() -> None:
    """Passages about machines and about learning say little about machine learning."""
    name = Name("machine learning", 1.0)
    phrase = Asked(Group(Channel.WORD, (name,), 1.0, Span(0, 6)), 0.0, 0)
    one, other = share(0, 3, here=True), share(3, 6, here=True)
    assert evidence_of_names({name.term: 0}, phrase, one, other).coverage == pytest.approx(0.5)
    assert evidence_of_names(
        {name.term: 0}, phrase, one, replace(other, matched=0.0)
    ).coverage == pytest.approx(0.25)


def test_without_the_figure_that_was_asked_for_it_is_less_sure() -> None:
    """How much, how many: sentences without a figure hardly say it."""
    said = evidence(share(0, 2, here=True), share(2, 4, here=True))
    assert confidence(replace(said, no_figure=True)) < confidence(said)


def test_five_ideas_are_as_good_as_ten() -> None:
    """A long question about something else has many."""
    assert (
        confidence(Evidence(0.3, 0.3, 5))
        == confidence(Evidence(0.3, 0.3, 10))
        > confidence(Evidence(0.3, 0.3, 4))
    )


def test_a_word_of_the_headings_is_covered() -> None:
    """A passage need not repeat what stands above it."""
    assert of(share(0, 2, here=False), share(0, 2, here=True, channel=Channel.HEADING)) == 1.0


def test_a_word_under_another_name_is_covered_in_part() -> None:
    """By the weight of the surest name that the passage has."""
    assert of(share(0, 2, here=False, also=0.7)) == pytest.approx(0.7)
    assert of(share(0, 2, here=True, also=0.7)) == 1.0


def test_a_word_says_what_it_says_itself() -> None:
    """A rare word with a common synonym is a rare word."""
    word, other = share(0, 2, here=True, df=RARE, also=0.5), share(2, 4, here=False, df=RARE)
    assert of(word, other) == pytest.approx(0.5)


@given(EVIDENCE, st.floats(0, 1), st.floats(0, 3), st.integers(0, 20))
def test_more_evidence_is_no_less_confidence(
    base: Evidence, coverage: float, match: float, ideas: int
) -> None:
    """Coverage, match and ideas each raise it, or leave it where it ends."""
    more = Evidence(max(base.coverage, coverage), max(base.match, match), max(base.ideas, ideas))
    assert 0.0 <= confidence(base) <= confidence(more) <= 1.0

"""Confidence: how much of what was asked a passage speaks of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Channel, Explanation, Group, GroupShare, Name, Span
from bot.search.confidence import coverage


def share(
    start: int, end: int, *, here: bool, idf: float = 1.0, channel: Channel = Channel.WORD
) -> GroupShare:
    """Make a group at a place of the question that the passage has or lacks."""
    group = Group(channel, (Name(f"{channel}{start}-{end}", 1.0),), 1.0, Span(start, end))
    return GroupShare(group, (), float(here), int(here), idf, idf if here else 0.0)


def of(*shares: GroupShare) -> float:
    """Return the coverage of a question with these groups."""
    return coverage(Explanation(sum(s.share for s in shares), shares))


SHARES = st.lists(
    st.builds(
        lambda start, length, here, idf, channel: share(
            start, start + length, here=here, idf=idf, channel=channel
        ),
        st.integers(0, 6),
        st.integers(1, 4),
        st.booleans(),
        st.floats(0.001, 10),
        st.sampled_from(list(Channel)),
    ),
    max_size=8,
)


@given(SHARES)
def test_coverage_is_a_share(shares: list[GroupShare]) -> None:
    """Between 0 and 1, whatever matched."""
    assert 0.0 <= of(*shares) <= 1.0


@given(SHARES)
def test_nothing_matched_is_nothing_covered(shares: list[GroupShare]) -> None:
    """Exactly 0."""
    gone = [share(s.group.span.start, s.group.span.end, here=False, idf=s.idf) for s in shares]
    assert of(*gone) == 0.0


@given(SHARES.filter(lambda shares: any(s.group.channel is Channel.WORD for s in shares)))
def test_all_words_there_is_all_covered(shares: list[GroupShare]) -> None:
    """Exactly 1, whether or not the characters matched too."""
    there = [
        share(s.group.span.start, s.group.span.end, here=True, idf=s.idf)
        if s.group.channel is Channel.WORD
        else s
        for s in shares
    ]
    assert of(*there) == 1.0


@given(SHARES, st.integers(0, 7))
def test_a_further_match_does_not_lower_it(shares: list[GroupShare], which: int) -> None:
    """A passage that has one group more covers at least as much."""
    if which < len(shares):
        old = shares[which]
        span = old.group.span
        new = share(span.start, span.end, here=True, idf=old.idf, channel=old.group.channel)
        assert of(*shares[:which], new, *shares[which + 1 :]) >= of(*shares) - 1e-12


def test_no_words_is_nothing() -> None:
    """A query without words covers nothing, whatever its characters did."""
    assert of() == 0.0
    assert of(share(0, 2, here=True, channel=Channel.CHAR)) == 0.0


def test_rare_words_decide() -> None:
    """Each word weighs its idf."""
    assert of(share(0, 2, here=True, idf=1.0), share(2, 4, here=False, idf=3.0)) == pytest.approx(0.25)
    assert of(share(0, 2, here=False, idf=1.0), share(2, 4, here=True, idf=3.0)) == pytest.approx(0.75)


def test_a_part_of_a_longer_word_is_not_counted_twice() -> None:
    """Only the longest words are what was asked; parts that match cover them in part."""
    parts = (share(0, 2, here=True, idf=9.0), share(2, 4, here=False, idf=3.0))
    assert of(*parts, share(0, 4, here=False, idf=2.0)) == pytest.approx(0.5)


def test_a_word_cut_another_way_is_covered_by_its_pairs() -> None:
    """Pairs of characters that match stand for the word; single characters do not."""
    word = share(0, 3, here=False)
    assert of(word, share(0, 2, here=True, channel=Channel.CHAR)) == pytest.approx(2 / 3)
    assert of(word, share(0, 1, here=True, channel=Channel.CHAR)) == 0.0


def test_a_word_of_the_headings_is_covered() -> None:
    """A passage need not repeat what stands above it."""
    assert of(share(0, 2, here=False), share(0, 2, here=True, channel=Channel.HEADING)) == 1.0

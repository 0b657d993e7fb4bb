"""Which passages are shown: none twice, and not all of one report."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Passage
from bot.search.choosing import Ranked, collapsed, spread

ADVICE = "接到投诉后，先安抚客户情绪，再记录诉求，当天转派责任部门，办结后回访。"
ALMOST = "接到投诉后，先安抚客户情绪，再记录诉求，当日转派责任部门，办结后回访。"
OTHER = "外呼目标按坐席经验设定：新员工每天八十通，老员工一百二十通。"


def ranked(number: int, report: str, text: str, score: float) -> Ranked[int]:
    """Make a passage that came out with a score."""
    passage = Passage(f"p{number}", report, report, (), f"corpus/{report}.md", 0, len(text), text)
    return Ranked(number, passage, text, score)


RANKED = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from([ADVICE, ALMOST, OTHER, ""]), st.integers(1, 20)),
    max_size=8,
).map(
    lambda rows: [
        ranked(number, report, text, float(score))
        for number, (report, text, score) in enumerate(sorted(rows, key=lambda row: -row[2]))
    ]
)


def test_what_says_the_same_is_named_by_the_better_one() -> None:
    """It keeps its place, and the others are no hits of their own."""
    chosen = collapsed([ranked(0, "a", ADVICE, 3), ranked(1, "b", OTHER, 2), ranked(2, "c", ALMOST, 1)])
    assert [one.item for one in chosen] == [0, 1]
    assert [[passage.passage_id for passage in one.also] for one in chosen] == [["p2"], []]


@given(RANKED)
def test_nothing_is_lost_or_moved(passages: list[Ranked[int]]) -> None:
    """Each passage is a hit or is named by one before it; hits keep their order."""
    chosen = collapsed(passages)
    items = [one.item for one in chosen]
    assert items == sorted(items)
    named = [(one.item, int(passage.passage_id[1:])) for one in chosen for passage in one.also]
    assert sorted([*items, *(number for _, number in named)]) == list(range(len(passages)))
    assert all(hit < number for hit, number in named)


def pairs(text: str) -> set[str]:
    """Return the pairs of characters of a text."""
    return {text[at : at + 2] for at in range(len(text) - 1)}


@given(st.text("接到投诉后\U00020bb7a", max_size=12), st.text("接到投诉后\U00020bb7a", max_size=12))
def test_two_texts_are_alike_by_their_pairs(one: str, other: str) -> None:
    """What is looked at before the pairs leaves out none that are alike."""
    both, all_pairs = pairs(one) & pairs(other), pairs(one) | pairs(other)
    near_in_length = min(len(one), len(other)) >= 0.7 * max(len(one), len(other))
    alike = near_in_length and 0 < len(both) >= 0.8 * len(all_pairs)
    chosen = collapsed([ranked(0, "a", one, 2), ranked(1, "b", other, 1)])
    assert (len(chosen) == 1) == alike


@pytest.mark.parametrize(
    ("reports", "scores", "share", "order"),
    [
        ("aaab", [9, 8, 7, 6], 0.8, [0, 1, 3, 2]),
        ("aaaab", [9, 8, 7, 6.5, 6], 0.8, [0, 1, 4, 2, 3]),
        ("aaab", [9, 8, 7, 5], 0.8, [0, 1, 2, 3]),
        ("aaab", [9, 8, 7, 6], 1.0, [0, 1, 2, 3]),
        ("abaa", [9, 8, 7, 6], 0.8, [0, 1, 2, 3]),
        ("aaa", [9, 8, 7], 0.8, [0, 1, 2]),
        ("aab", [9, 8, 7], 0.8, [0, 1, 2]),
        ("", [], 0.8, []),
    ],
)
def test_another_report_takes_the_third_place(
    reports: str, scores: list[float], share: float, order: list[int]
) -> None:
    """If it answers as well, by the share of the score that is set, and the first three are of one report."""
    passages = [
        ranked(i, report, str(i), score)
        for i, (report, score) in enumerate(zip(reports, scores, strict=True))
    ]
    chosen = spread(passages, share)
    assert [one.item for one in chosen] == order
    assert [one.score for one in chosen][:3] == scores[:3]


@given(RANKED, st.floats(0, 1))
def test_spreading_moves_one_passage_at_most(passages: list[Ranked[int]], share: float) -> None:
    """The others keep their order, and none is lost."""
    order = [one.item for one in spread(passages, share)]
    assert sorted(order) == list(range(len(passages)))
    moved = [number for place, number in enumerate(order) if number != place]
    assert order[:2] == list(range(len(passages)))[:2]
    rest = [number for number in order if number != (order[2] if moved else -1)]
    assert rest == sorted(rest)

"""Blocks: counted from arrays as they are from lists of terms."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.analyzer import Analyzer
from bot.domain import Passage
from bot.index import builder
from bot.index.blocks import Block, Counter
from bot.index.pieces import Maker

AsPassages = Callable[[Sequence[str]], list[Passage]]

TEXTS = st.lists(
    st.lists(
        st.sampled_from(["投诉", "客户满意度", "的", "KPI", "臺灣", " ", "。", "的的的的的"]), max_size=30
    ).map("".join),
    max_size=6,
)
SECTIONS = st.lists(st.sampled_from([(), ("投诉",), ("一", "投诉"), ("热线报告",)]), min_size=6, max_size=6)


@given(TEXTS, SECTIONS)
def test_a_block_of_texts_is_that_of_their_terms(
    analyzer: Analyzer, as_passages: AsPassages, texts: list[str], sections: list[tuple[str, ...]]
) -> None:
    """Keys, postings, high counts and lengths, also of the headings above a passage."""
    passages = [
        replace(passage, section=section)
        for passage, section in zip(as_passages(texts), sections, strict=False)
    ]
    (piece,) = Maker(analyzer, most_chars=10_000).of_passages(passages)
    plain = Counter().of_terms(list(builder.terms(passages, analyzer)))
    assert isinstance(piece.block, Block)
    for name in ("keys", "df", "packed", "excess", "lengths"):
        assert np.array_equal(getattr(piece.block, name), getattr(plain, name)), name
    assert piece.block.terms == plain.terms

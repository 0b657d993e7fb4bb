"""Different numbers, and where numbers stand: what numpy says of them."""

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from bot.distinct import counted, distinct, sought

Numbers = npt.NDArray[np.uint64]
NUMBERS = st.lists(st.one_of(st.integers(0, 9), st.integers(0, 2**64 - 1)), max_size=30).map(
    lambda numbers: np.array(numbers, np.uint64)
)


@given(NUMBERS)
def test_numbers_are_counted(numbers: Numbers) -> None:
    """Each different one with how often it stands there, rising."""
    expected, times = np.unique(numbers, return_counts=True)
    found, counts = counted(np.sort(numbers))
    assert (found.tolist(), counts.tolist()) == (expected.tolist(), times.tolist())
    assert distinct(numbers).tolist() == expected.tolist()


@given(NUMBERS, NUMBERS)
def test_numbers_are_sought(wanted: Numbers, others: Numbers) -> None:
    """In any order, there or not, before or after all others."""
    rising = np.sort(others)
    places, there = sought(wanted, rising)
    assert there.tolist() == np.isin(wanted, others).tolist()
    assert places.tolist() == np.searchsorted(rising, wanted).tolist()

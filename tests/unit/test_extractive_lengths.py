"""Hitting a range with whole pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.writers.lengths import choose_lengths

PIECES = st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=4), max_size=6)


@given(PIECES, st.integers(0, 120), st.integers(0, 30))
def test_choice_lies_in_the_range_when_there_is_one(pieces: list[list[int]], low: int, width: int) -> None:
    """The sum lies in the range, and None is answered only where an exhaustive search finds nothing either."""
    chosen = choose_lengths(pieces, low=low, high=low + width)
    sums = {0}
    for lengths in pieces:
        sums = {total + length for total in sums for length in lengths}
    if chosen is None:
        assert not any(low <= total <= low + width for total in sums)
    else:
        assert low <= sum(lengths[i] for lengths, i in zip(pieces, chosen, strict=True)) <= low + width


def test_preferred_lengths_stay_when_they_fit() -> None:
    """Nothing is changed where every piece may keep its preferred length."""
    assert choose_lengths([[30, 10], [25, 5]], low=50, high=60) == [0, 0]


def test_first_pieces_keep_their_length_when_something_must_go() -> None:
    """What comes first matters most: the last piece is shortened."""
    assert choose_lengths([[30, 10], [30, 10]], low=35, high=45) == [0, 1]


def test_sum_is_the_nearest_when_an_aim_is_given() -> None:
    """Preferences give way to the aim, and None is answered where the range cannot be met."""
    assert choose_lengths([[0, 12, 5], [0, 9]], low=1, high=40, aim=14) == [2, 1]
    assert choose_lengths([[0, 12]], low=13, high=40, aim=14) is None


@pytest.mark.parametrize("high", [-1, -20])
def test_none_is_answered_when_headings_alone_are_too_long(high: int) -> None:
    """A range below zero cannot be met."""
    assert choose_lengths([[3]], low=-30, high=high) is None


def test_exact_length_is_met_when_pieces_are_many() -> None:
    """An article of 10,000 words is settled to the word."""
    pieces = [[17 + i % 23, 11 + i % 7, 5] for i in range(500)]
    chosen = choose_lengths(pieces, low=9_001, high=9_001)
    assert chosen is not None
    assert sum(piece[index] for piece, index in zip(pieces, chosen, strict=True)) == 9_001

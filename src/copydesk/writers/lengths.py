"""Hitting a word range with whole sentences: one choice of length per piece, so that the sum fits.

Sums are sets of bits: bit n of a Python integer is set where n words can be reached. Five hundred
pieces of four lengths each against 10,000 words take about two milliseconds.
"""

from collections.abc import Sequence


def choose_lengths(pieces: Sequence[Sequence[int]], *, low: int, high: int, aim: int | None = None) -> list[int] | None:
    """Choose one length for every piece, so that their sum lies in `low..high`.

    Pieces that come first keep their preferred lengths as far as the range allows: put what matters
    most first.

    Args:
        pieces: For every piece its possible lengths in words, preferred first, none empty.
        low: The least sum.
        high: The greatest sum.
        aim: Where given, the sum is the reachable one nearest to it, and preferences come second.

    Returns:
        For every piece the index of its length; None where no choice fits.
    """
    if high < 0:
        return None
    reach = _reachable(pieces, high)
    if aim is not None:
        total = _nearest(reach[0], low, high, aim)
        if total is None:
            return None
        low = high = total
    chosen: list[int] = []
    for lengths, rest in zip(pieces, reach[1:], strict=True):
        index = next((i for i, length in enumerate(lengths) if _meets(rest, low - length, high - length)), None)
        if index is None:
            return None
        chosen.append(index)
        low, high = low - lengths[index], high - lengths[index]
    return chosen if low <= 0 <= high else None


def _meets(sums: int, low: int, high: int) -> bool:
    """Whether one of the sums lies in the range."""
    if high < 0:
        return False
    low = max(low, 0)
    return bool(sums >> low & ((1 << (high - low + 1)) - 1))


def _reachable(pieces: Sequence[Sequence[int]], high: int) -> list[int]:
    """For every suffix of the pieces the sums that it can make, as bits; the last is of none."""
    mask = (1 << (high + 1)) - 1
    reach = [1]
    for lengths in reversed(pieces):
        sums = 0
        for length in set(lengths):
            sums |= reach[-1] << length
        reach.append(sums & mask)
    reach.reverse()
    return reach


def _nearest(sums: int, low: int, high: int, aim: int) -> int | None:
    for total in sorted(range(max(low, 0), high + 1), key=lambda total: (abs(total - aim), total)):
        if sums >> total & 1:
            return total
    return None

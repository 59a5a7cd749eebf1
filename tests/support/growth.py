"""How the cost of some work grows with its input, told by counting and not by the clock on the wall."""

import time
from collections.abc import Callable

_TRIES = 3  # the least of these counts: what is left of a busy machine is a slower cache


def growth(work: Callable[[int], object], small: int, large: int) -> float:
    """CPU time of `work(large)` over that of `work(small)`: the ratio of the sizes for linear work, its square for
    quadratic. Other processes do not count, and a small cost is taken as 10 ms.
    """  # noqa: D205 - one sentence
    return _seconds(work, large) / max(_seconds(work, small), 0.01)


def _seconds(work: Callable[[int], object], size: int) -> float:
    best = float("inf")
    for _ in range(_TRIES):
        begun = time.process_time()
        work(size)
        best = min(best, time.process_time() - begun)
    return best

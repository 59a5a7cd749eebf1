"""Near-duplicate passages: those that share most of their word sequences."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHINGLE = 3  # terms in a sequence; function words are gone, so three terms span about six words
OVERLAP = 0.7  # of the shorter passage's sequences; below 0.6 texts only share their subject
_PRIME = 1_000_003


def nearest_earlier(texts: Sequence[Sequence[int]]) -> list[int | None]:
    """For each text the index of an earlier one that it mostly repeats, or None.

    Args:
        texts: Term ids of each text, the texts to keep first. A text of fewer than `SHINGLE` terms
            counts as one sequence.
    """
    import numpy as np  # noqa: PLC0415 - not needed at start-up

    hashes, owners = _sequences(texts)
    earlier: list[int | None] = [None] * len(texts)
    if not len(hashes):
        return earlier
    order = np.lexsort((owners, hashes))
    hashes, owners = hashes[order], owners[order]
    fresh = np.ones(len(hashes), dtype=bool)
    fresh[1:] = (hashes[1:] != hashes[:-1]) | (owners[1:] != owners[:-1])  # a sequence counts once a text
    hashes, owners = hashes[fresh], owners[fresh]
    sizes = np.bincount(owners, minlength=len(texts))
    begins = np.ones(len(hashes), dtype=bool)
    begins[1:] = hashes[1:] != hashes[:-1]
    first_owner = owners[begins][np.cumsum(begins) - 1]  # the earliest text with the same sequence
    shared = first_owner != owners
    pairs, counts = np.unique(np.stack([owners[shared], first_owner[shared]], axis=1), axis=0, return_counts=True)
    for (text, other), count in zip(pairs.tolist(), counts.tolist(), strict=True):
        if earlier[text] is None and count >= OVERLAP * min(sizes[text], sizes[other]):
            earlier[text] = other if earlier[other] is None else earlier[other]
    return earlier


def _sequences(texts: Sequence[Sequence[int]]) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
    """A hash of every run of `SHINGLE` terms, and which text it is of."""
    import numpy as np  # noqa: PLC0415 - as above

    padded = [list(text) + [-2] * (SHINGLE - len(text)) if 0 < len(text) < SHINGLE else text for text in texts]
    flat = np.array([term for text in padded for term in text], dtype=np.int64)
    owners = np.repeat(np.arange(len(texts)), [len(text) for text in padded])
    if len(flat) < SHINGLE:
        return flat[:0], owners[:0]
    count = len(flat) - SHINGLE + 1
    hashes = np.zeros(count, dtype=np.int64)
    for offset in range(SHINGLE):
        hashes = hashes * _PRIME + (flat[offset : offset + count] + 7)
    inside = owners[:count] == owners[SHINGLE - 1 :]
    return hashes[inside], owners[:count][inside]

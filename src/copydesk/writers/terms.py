"""Which passages are about the same matter: term vectors, their likeness and their centrality."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from copydesk.domain.words import words_of, writes_without_spaces

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

STEM_CHARACTERS = 6  # words are compared by their first letters: inflection falls away in European languages
DAMPING = 0.85  # of LexRank (Erkan and Radev 2004), as in PageRank
ITERATIONS = 40  # the order no longer changes after about 20 on 1,000 passages
_SHORT = 3  # words below this many letters are mostly function words
_ENDING = 2  # letters of an inflected ending
_TRIM = re.compile(r"['\u2019].*$")


def terms_of(text: str) -> list[str]:
    """The terms of a text: its words cut to their stem, and pairs of characters where no spaces are written."""
    words = [_TRIM.sub("", word.casefold()) for word in words_of(text)]
    if writes_without_spaces(text):
        return [a + b for a, b in pairwise(words)]
    return [word[:STEM_CHARACTERS] for word in words if len(word) >= _SHORT or word.isdigit()]


def mentions(text: str, phrase: str) -> bool:
    """Whether a text names a phrase: its words one after the other, each but for an ending of two letters."""
    words, sought = ([word.casefold() for word in words_of(part)] for part in (text, phrase))
    starts = range(len(words) - len(sought) + 1)
    return bool(sought) and any(
        all(_same_word(*pair) for pair in zip(words[start : start + len(sought)], sought, strict=True))
        for start in starts
    )


def _same_word(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return one == other or (
        len(shorter) >= _SHORT and longer.startswith(shorter) and len(longer) - len(shorter) <= _ENDING
    )


def term_vectors(texts: Sequence[str]) -> "Matrix":
    """TF-IDF vectors of texts, one row each, of length one (or zero, for a text without terms)."""
    import numpy as np  # noqa: PLC0415 - heavy; the CLI and API load this package without composing

    counts = [Counter(terms_of(text)) for text in texts]
    spread = Counter(term for count in counts for term in count)
    columns = {term: column for column, term in enumerate(sorted(spread))}
    matrix = np.zeros((len(texts), max(len(columns), 1)), dtype=np.float64)
    for row, count in enumerate(counts):
        for term, times in count.items():
            weight = math.log((1 + len(texts)) / (1 + spread[term])) + 0.1
            matrix[row, columns[term]] = (1 + math.log(times)) * weight
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    normal: Matrix = matrix / np.where(lengths == 0, 1, lengths)
    return normal


def centrality(likeness: "Matrix") -> "Matrix":
    """How central every text is among all (LexRank), from 0 to 1 with the most central at 1."""
    import numpy as np  # noqa: PLC0415 - as above

    size = likeness.shape[0]
    links = likeness.copy()
    np.fill_diagonal(links, 0)
    sums = links.sum(axis=1, keepdims=True)
    steps = np.where(sums > 0, links / np.where(sums > 0, sums, 1), 1 / size)
    rank = np.full(size, 1 / size)
    for _ in range(ITERATIONS):
        rank = (1 - DAMPING) / size + DAMPING * (steps.T @ rank)
    central: Matrix = rank / rank.max()
    return central

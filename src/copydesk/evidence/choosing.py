"""Put the best passages in an order in which they say different things, and none of the sources says all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from copydesk.domain.source import Passage
from copydesk.evidence.folding import Scored
from copydesk.evidence.meaning import Meaning, unit_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CAP_FACTOR = 3  # times the article's longest length: the words that one source may bring
TOTAL_FACTOR = 20  # likewise: the words that are handed on in all; a writer looks at about the best three
_SAME_SOURCE = 0.95  # factor for each better passage of the same source, so that others come up
# Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): what a passage loses for its likeness (0 to 1)
# to one that stands before it. Small: near-repeats are folded already, and an article needs several on one matter.
_REDUNDANCY = 0.15
_DIVERSIFIED = 200  # the best passages that are compared with one another; behind them likeness does not matter
_SIGNATURE = 128  # dimensions that terms are hashed into where there is no model's vector


def choose(entries: Sequence[Scored], *, longest: int, meaning: Meaning | None) -> tuple[Passage, ...]:
    """Passages with their scores, best first, each source ended at its cap.

    Args:
        entries: Without repeats, best first.
        longest: The article's longest length in words.
        meaning: Vectors that tell how alike passages are; without, shared terms do.
    """
    capped = _capped(entries, longest)
    head = _diversified(capped[:_DIVERSIFIED], meaning)
    return tuple(
        replace(entry.passage, score=entry.score, corroborated_by=entry.corroborated_by)
        for entry in (*head, *capped[_DIVERSIFIED:])
    )


def _capped(entries: Sequence[Scored], longest: int) -> list[Scored]:
    """Best first, each source held back a little by its better passages and ended at its words."""
    taken: dict[str, int] = {}
    words: dict[str, int] = {}
    ordered: list[tuple[float, int]] = []
    for number, entry in enumerate(entries):
        source_id = entry.passage.source_id
        if words.get(source_id, 0) >= CAP_FACTOR * longest:
            continue
        rank = taken.get(source_id, 0)
        ordered.append((-entry.score * _SAME_SOURCE**rank, number))
        taken[source_id] = rank + 1
        words[source_id] = words.get(source_id, 0) + entry.size
    total = 0
    chosen: list[Scored] = []
    for _, number in sorted(ordered):
        if total >= TOTAL_FACTOR * longest:
            break
        chosen.append(entries[number])
        total += entries[number].size
    return chosen


def _diversified(entries: Sequence[Scored], meaning: Meaning | None) -> list[Scored]:
    """The same entries, those that say what better ones say later."""
    import numpy as np  # noqa: PLC0415 - not needed at start-up

    if len(entries) < 3:  # noqa: PLR2004 - two have no other order
        return list(entries)
    vectors = _vectors(entries, meaning)
    ranks: dict[str, int] = {}
    worth = np.empty(len(entries), dtype=np.float64)
    for number, entry in enumerate(entries):
        rank = ranks.get(entry.passage.source_id, 0)
        ranks[entry.passage.source_id] = rank + 1
        worth[number] = entry.score * _SAME_SOURCE**rank
    most = np.zeros(len(entries))
    order: list[int] = []
    for _ in entries:
        best = int(np.argmax(worth - _REDUNDANCY * most))
        order.append(best)
        worth[best] = -np.inf
        most = np.maximum(most, vectors @ vectors[best])
    return [entries[number] for number in order]


def _vectors(entries: Sequence[Scored], meaning: Meaning | None) -> "NDArray[np.float32]":
    """A vector of length 1 for each entry: the model's where every one has one, else its terms' signs."""
    import numpy as np  # noqa: PLC0415 - as above

    known: Mapping[str, NDArray[np.float32]] = meaning.passages if meaning is not None else {}
    if all(entry.passage.passage_id in known for entry in entries):
        return unit_rows(np.stack([known[entry.passage.passage_id] for entry in entries]))
    terms = np.concatenate([entry.terms for entry in entries])
    owners = np.repeat(np.arange(len(entries)), [len(entry.terms) for entry in entries])
    spread = (terms + 1) * np.int64(0x9E3779B1) >> 7  # neighbouring ids fall into far places
    table = np.zeros((len(entries), _SIGNATURE), dtype=np.float32)
    np.add.at(table, (owners, spread % _SIGNATURE), np.where(spread >> 12 & 1, 1, -1))
    return unit_rows(table)

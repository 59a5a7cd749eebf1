"""How near passages are to the brief in meaning, from vectors of an embedding model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from copydesk.domain.brief import Brief
from copydesk.domain.source import Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """Vectors of one model, all of the same length."""

    brief: "Vector"  # of `query_text`
    passages: Mapping[str, "Vector"]  # by passage id; a passage without one is ranked by its words alone


def query_text(brief: Brief) -> str:
    """The text that stands for a brief: its topic, and the keywords that it does not name."""
    named = brief.topic.casefold()
    return ", ".join((brief.topic, *(word for word in brief.keywords if word.casefold() not in named)))


def nearness(meaning: Meaning, passages: Sequence[Passage]) -> "NDArray[np.float32]":
    """The cosine of each passage with the brief, NaN where it has no vector."""
    import numpy as np  # noqa: PLC0415 - not needed at start-up

    found = [number for number, passage in enumerate(passages) if passage.passage_id in meaning.passages]
    cosines = np.full(len(passages), np.nan, dtype=np.float32)
    if found:
        matrix = unit_rows(np.stack([meaning.passages[passages[number].passage_id] for number in found]))
        cosines[found] = matrix @ unit_rows(meaning.brief[None, :])[0]
    return cosines


def unit_rows(matrix: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """Rows brought to length 1; a row of zeros stays."""
    import numpy as np  # noqa: PLC0415 - as above

    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return (matrix / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def scaled(cosines: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """Cosines from 0 (the median and below) to 1 (the nearest), NaN kept.

    Models differ in where their cosines lie (0.1 to 0.6, or 0.7 to 0.9), so that only the place among the
    passages of the same task says something.
    """
    import numpy as np  # noqa: PLC0415 - as above

    if np.isnan(cosines).all():
        return cosines
    middle, highest = np.nanmedian(cosines), np.nanmax(cosines)
    places: NDArray[np.float32] = np.clip((cosines - middle) / max(float(highest - middle), 1e-6), 0, 1)
    return places.astype(np.float32)

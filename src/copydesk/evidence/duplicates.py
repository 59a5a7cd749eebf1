"""Passages and sources that say the same: by shared word sequences, and by the address a page gives as its own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from copydesk.domain.links import canonical_link
from copydesk.domain.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Terms = NDArray[np.int64] | Sequence[int]

SHINGLE = 3  # terms in a sequence; function words are gone, so three terms span about six words
OVERLAP = 0.7  # of a passage's sequences that another has; below 0.6 texts only share their subject
_PRIME = 1_000_003
_BUCKETS = 2**20  # sequences are counted in so many buckets first: most stand alone in one and need no sorting


class Sequences:
    """Which texts share how many sequences of terms."""

    def __init__(self, texts: "Sequence[Terms]") -> None:
        """Find the sequences that may occur more than once.

        Args:
            texts: Term ids of each text. A text of fewer than `SHINGLE` terms counts as one sequence.
        """
        import numpy as np  # noqa: PLC0415 - not needed at start-up

        self._count = len(texts)
        hashes, owners = _sequences(texts)
        bucket = hashes & (_BUCKETS - 1)
        several = np.bincount(bucket, minlength=_BUCKETS)[bucket] > 1
        single = np.bincount(owners[~several], minlength=len(texts))
        hashes, owners = hashes[several], owners[several]
        order = np.argsort(hashes, kind="stable")  # owners come in order, and stay so for each hash
        hashes, owners = hashes[order], owners[order]
        fresh = np.ones(len(hashes), dtype=bool)  # a sequence counts once a text
        fresh[1:] = (hashes[1:] != hashes[:-1]) | (owners[1:] != owners[:-1])
        hashes, owners = hashes[fresh], owners[fresh]
        self._sizes = single + np.bincount(owners, minlength=len(texts))  # of all sequences, also single ones
        begins = np.ones(len(hashes), dtype=bool)
        begins[1:] = hashes[1:] != hashes[:-1]
        shared = ~begins  # by an earlier text, or by a later one:
        shared[:-1] |= ~begins[1:]
        self._owners, self._begins = owners[shared], begins[shared]
        self._numbers = np.cumsum(self._begins) - 1  # the shared sequences, numbered

    def nearest_earlier(self) -> list[int | None]:
        """For each text the index of an earlier one that it mostly repeats, or None; the texts to keep stand first.

        None leads to a text that itself leads to another: what it says would be nowhere then.
        """
        import numpy as np  # noqa: PLC0415 - as above

        earlier: list[int | None] = [None] * self._count
        if not len(self._owners):
            return earlier
        first_owner = self._owners[self._begins][self._numbers]  # the earliest text with the same sequence
        shared = first_owner != self._owners
        pairs, counts = np.unique(self._owners[shared] * self._count + first_owner[shared], return_counts=True)
        texts, others = np.divmod(pairs, self._count)
        alike = counts >= OVERLAP * self._sizes[texts]
        repeats = list(zip(texts[alike].tolist(), others[alike].tolist(), strict=True))
        known = set(repeats)
        for text, other in repeats:
            through = earlier[other]
            if earlier[text] is None and (through is None or (text, through) in known):
                earlier[text] = other if through is None else through
        return earlier

    def also_said_by(self, wanted: Sequence[int], groups: Sequence[int]) -> dict[int, list[int]]:
        """For those of the wanted texts that other groups say too: which, however their texts are divided.

        A group says a text if it has at least `OVERLAP` of the text's sequences.

        Args:
            wanted: The indexes of the texts to look up.
            groups: The group (source) of each text, from 0.
        """
        import numpy as np  # noqa: PLC0415 - as above

        found: dict[int, list[int]] = {}
        if not len(self._owners) or not wanted:
            return found
        group_of = np.asarray(groups)
        count = int(group_of.max()) + 1
        known = np.unique(self._numbers * count + group_of[self._owners])  # which group has which sequence
        looked_up = np.zeros(self._count, dtype=bool)
        looked_up[list(wanted)] = True
        # A text that shares too few sequences with all others together is said by none of them.
        looked_up &= np.bincount(self._owners, minlength=self._count) >= OVERLAP * self._sizes
        mine = looked_up[self._owners]
        numbers, askers = self._numbers[mine], self._owners[mine]
        starts, ends = np.searchsorted(known, numbers * count), np.searchsorted(known, (numbers + 1) * count)
        sizes = ends - starts
        within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        asker, group = np.repeat(askers, sizes), known[np.repeat(starts, sizes) + within] % count
        foreign = group != group_of[asker]
        pairs, shared = np.unique(asker[foreign] * count + group[foreign], return_counts=True)
        texts, others = np.divmod(pairs, count)
        said = shared >= OVERLAP * self._sizes[texts]
        for text, other in zip(texts[said].tolist(), others[said].tolist(), strict=True):
            found.setdefault(text, []).append(other)
        return found


def _sequences(texts: "Sequence[Terms]") -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
    """A hash of every run of `SHINGLE` terms, and which text it is of."""
    import numpy as np  # noqa: PLC0415 - as above

    padded = [[*text, *[-2] * (SHINGLE - len(text))] if 0 < len(text) < SHINGLE else text for text in texts]
    owners = np.repeat(np.arange(len(texts)), [len(text) for text in padded])
    if len(owners) < SHINGLE:
        return np.zeros(0, dtype=np.int64), owners[:0]
    flat = np.concatenate([np.asarray(text, dtype=np.int64) for text in padded])
    count = len(flat) - SHINGLE + 1
    hashes = np.zeros(count, dtype=np.int64)
    for offset in range(SHINGLE):
        hashes = hashes * _PRIME + (flat[offset : offset + count] + 7)
    hashes ^= hashes >> 29  # the lowest bits decide the bucket, and should depend on all terms
    inside = owners[:count] == owners[SHINGLE - 1 :]
    return hashes[inside], owners[:count][inside]


def same_pages(sources: Sequence[Source]) -> dict[str, str]:
    """Sources that are the page another source is, by source id, with the id of that other.

    Two are one page whose canonical addresses, or without one their own, are the same. Kept is the one that
    was asked for under that address, so that a page cannot displace another by naming its address; else the first.
    """
    pages: dict[str, list[Source]] = {}
    for source in sources:
        address = _address(source.canonical_url) or _address(source.url)
        if address is not None:
            pages.setdefault(address, []).append(source)
    same: dict[str, str] = {}
    for address, found in pages.items():
        own = (source for source in found if _address(source.url) == address)
        kept = next(own, found[0])
        same |= {source.source_id: kept.source_id for source in found if source is not kept}
    return same


def _address(url: str | None) -> str | None:
    """An address as it is compared; None for one that is no address: a page may call itself anything."""
    try:
        return canonical_link(url) if url else None
    except ValueError:
        return None

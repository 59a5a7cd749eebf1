"""Vectors without a model: words hashed into a fixed number of dimensions, the same in every process."""

from collections.abc import Sequence
from decimal import Decimal
from hashlib import blake2b

from copydesk.domain.words import words_of
from copydesk.ports import Embedded

DIMENSIONS = 64
_BATCH = 16


class ScriptedEmbedder:
    """Texts that share words are near each other; no meaning is known."""

    def __init__(
        self, *, fails_after: int | None = None, error: Exception | None = None, price: Decimal | None = None
    ) -> None:
        """Script it: from call number `fails_after` (from 0) on, `error` is raised; `price` is US dollars a word."""
        self.calls: list[tuple[str, ...]] = []  # the texts of each call that was answered
        self._fails_after = fails_after
        self._error = error
        self._price = price

    @property
    def name(self) -> str:
        """Its name in the `EMBEDDING_MODEL` setting: it has none there."""
        return "scripted"

    @property
    def batch(self) -> int:
        """Texts one call may have."""
        return _BATCH

    def worst_price(self, texts: Sequence[str]) -> Decimal | None:
        """The price of the texts' words, if there is one."""
        return None if self._price is None else self._price * _words(texts)

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> Embedded:
        """The vectors of texts, in their order; questions and passages alike. A word is a token."""
        del query
        if self._error is not None and self._fails_after is not None and len(self.calls) >= self._fails_after:
            raise self._error
        if texts:
            self.calls.append(tuple(texts))
        return Embedded(
            vectors=tuple(_vector(text) for text in texts),
            input_tokens=_words(texts),
            cost_usd=self.worst_price(texts),
        )


def _words(texts: Sequence[str]) -> int:
    return sum(len(words_of(text)) for text in texts)


def _vector(text: str) -> tuple[float, ...]:
    vector = [0.0] * DIMENSIONS
    for word in words_of(text.casefold()):
        number = int.from_bytes(blake2b(word.encode(), digest_size=4).digest())
        vector[number % DIMENSIONS] += 1.0 if number >> 16 & 1 else -1.0
    return tuple(vector)

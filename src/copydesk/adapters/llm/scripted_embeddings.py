"""Vectors without a model: words hashed into a fixed number of dimensions, the same in every process."""

from collections.abc import Sequence
from hashlib import blake2b

from copydesk.domain.words import words_of
from copydesk.ports import Embedded

DIMENSIONS = 64
_BATCH = 16


class ScriptedEmbedder:
    """Texts that share words are near each other; no meaning is known."""

    def __init__(self, *, fails_after: int | None = None, error: Exception | None = None) -> None:
        """Script it: from call number `fails_after` (from 0) on, `error` is raised."""
        self.calls: list[tuple[str, ...]] = []  # the texts of each call that was answered
        self._fails_after = fails_after
        self._error = error

    @property
    def name(self) -> str:
        """Its name in the `EMBEDDING_MODEL` setting: it has none there."""
        return "scripted"

    @property
    def batch(self) -> int:
        """Texts one call may have."""
        return _BATCH

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> Embedded:
        """The vectors of texts, in their order; questions and passages alike. A word is a token."""
        del query
        if self._error is not None and self._fails_after is not None and len(self.calls) >= self._fails_after:
            raise self._error
        if texts:
            self.calls.append(tuple(texts))
        words = sum(len(words_of(text)) for text in texts)
        return Embedded(vectors=tuple(_vector(text) for text in texts), input_tokens=words)


def _vector(text: str) -> tuple[float, ...]:
    vector = [0.0] * DIMENSIONS
    for word in words_of(text.casefold()):
        number = int.from_bytes(blake2b(word.encode(), digest_size=4).digest())
        vector[number % DIMENSIONS] += 1.0 if number >> 16 & 1 else -1.0
    return tuple(vector)

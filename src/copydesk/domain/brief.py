"""What was asked for: the brief of one article."""

import math
from dataclasses import dataclass

MIN_WORDS_DEFAULT = 800
MAX_WORDS_DEFAULT = 1_200


@dataclass(frozen=True, kw_only=True)
class WordRange:
    """The words an article must have, both ends included."""

    minimum: int
    maximum: int

    @classmethod
    def derive(cls, minimum: int | None, maximum: int | None) -> "WordRange":
        """Complete the caller's bounds as the contract says: derived, not clipped."""
        if minimum is None and maximum is None:
            return cls(minimum=MIN_WORDS_DEFAULT, maximum=MAX_WORDS_DEFAULT)
        if maximum is None:
            assert minimum is not None  # noqa: S101 - narrows the type; the case above took both
            return cls(minimum=minimum, maximum=math.ceil(1.5 * minimum))
        if minimum is None:
            return cls(minimum=maximum * 7 // 10, maximum=maximum)
        return cls(minimum=minimum, maximum=maximum)

    @property
    def target(self) -> int:
        """The length to aim at, in words: the middle, so that both ends are far."""
        return (self.minimum + self.maximum) // 2

    def __contains__(self, words: int) -> bool:
        return self.minimum <= words <= self.maximum


@dataclass(frozen=True, kw_only=True)
class Brief:
    """Everything a writer is told about the article it is to write."""

    prompt: str  # topic and instructions, 1 to 1,000 characters
    topic: str  # the topic phrase found in the prompt, without its instructions
    keywords: tuple[str, ...]  # as given; the first is the primary one
    language: str  # BCP 47 tag, as asked for or detected
    words: WordRange
    subject: str | None = None  # the topic phrase without a leading article: how a text names the thing
    tone: str | None = None
    audience: str | None = None
    allow_ungrounded: bool = False

    @property
    def primary_keyword(self) -> str:
        """`keywords[0]`, else the prompt's topic phrase (without its article, which a text need not repeat)."""
        return self.keywords[0] if self.keywords else self.subject or self.topic

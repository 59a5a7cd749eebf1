"""Sentences that stand twice and paragraphs that nearly do."""

from collections import Counter
from collections.abc import Iterator, Sequence

from copydesk.domain.sentences import split_sentences
from copydesk.domain.words import words_of

_SENTENCE_WORDS = 4  # shorter ones ("Not always.") may come again
_PARAGRAPH_WORDS = 12  # shorter ones are judged as sentences
_SHINGLE = 3  # words
_SAME_SHARE = 0.6  # of the shorter paragraph's shingles; two paraphrases with 2 of 20 words changed share 0.67
_WIDE = 3  # characters that are about a word where no spaces are written: the limits above are so many times higher
_COMMON = 50  # paragraphs; a shingle in more of them (a refrain) tells nothing and would cost quadratic time


def repeated_sentences(paragraphs: Sequence[str], language: str) -> Iterator[str]:
    """Sentences of at least four words that stand again, whatever case and punctuation, each once."""
    seen: Counter[str] = Counter()
    for paragraph in paragraphs:
        for sentence in split_sentences(paragraph, language):
            words = words_of(sentence.casefold())
            key = " ".join(words)
            seen[key] += 1
            if len(words) >= _SENTENCE_WORDS * _width(words) and seen[key] == 2:  # noqa: PLR2004 - said when it comes back first
                yield sentence


def near_repeats(paragraphs: Sequence[str]) -> Iterator[str]:
    """Paragraphs that share most of their word triples with an earlier one.

    Two that each name a number which the other does not (a year's figure, a row of a table) differ.
    """
    kept: list[_Paragraph] = []
    holders: dict[str, list[int]] = {}
    for text in paragraphs:
        words = words_of(text.casefold())
        if len(words) < _PARAGRAPH_WORDS * _width(words):
            continue
        paragraph = _Paragraph(words)
        shared: Counter[int] = Counter()
        for shingle in paragraph.shingles:
            numbers = holders.setdefault(shingle, [])
            shared.update(numbers)
            if len(numbers) < _COMMON:
                numbers.append(len(kept))
        if any(paragraph.repeats(kept[index], count) for index, count in shared.items()):
            yield text
        kept.append(paragraph)


def _width(words: Sequence[str]) -> int:
    """How many of the words make a word of a text with spaces."""
    single = sum(len(word) == 1 and not word.isascii() for word in words)
    return _WIDE if single > len(words) // 2 else 1


class _Paragraph:
    """A paragraph's word triples and numbers."""

    def __init__(self, words: Sequence[str]) -> None:
        size = _SHINGLE * _width(words)
        self.shingles = {" ".join(words[start : start + size]) for start in range(len(words) - size + 1)}
        self.numbers = {word for word in words if word[0].isdigit()}

    def repeats(self, other: "_Paragraph", shared: int) -> bool:
        """Whether so many shared triples make this a repeat of `other`."""
        if self.numbers - other.numbers and other.numbers - self.numbers:
            return False
        return shared >= _SAME_SHARE * min(len(self.shingles), len(other.shingles))

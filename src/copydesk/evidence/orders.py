"""What an order to machines reaches beyond its own block: what it names, and what it says will follow."""

from collections.abc import Sequence

import regex

from copydesk.domain.words import words_of
from copydesk.evidence.facts import find_facts, folded
from copydesk.evidence.noise import addresses_machines

_OWN_SUBJECT = 4  # other blocks that speak of a name from which on it is what the document is about
_ON = regex.compile(
    r"\b(?:follow(?:s|ing)|below|next|folgend\w*|nachstehend\w*|suivant\w*|ci-dessous|siguiente\w*|seguent[ei]|seguinte\w*)\b"
    r"|:\s*$",
    regex.IGNORECASE,
)


def names_in_orders(blocks: Sequence[str], about: str, language: str) -> frozenset[str]:
    """The folded words of names that a document's orders to machines hold, and that nobody asked about.

    Orders are split up: one sentence commands, and another, which looks harmless, says what to claim. So what an
    order names is no evidence in the document that gives it, unless the article is about it (`about`: topic and
    keywords), or the document itself is.
    """
    orders = {number for number, text in enumerate(blocks) if addresses_machines(text)}
    names = {
        token for number in orders for _, tokens in find_facts(blocks[number], language).names for token in tokens
    } - _words(about)
    if not names:
        return frozenset()
    others = [_words(text) for number, text in enumerate(blocks) if number not in orders]
    return frozenset(name for name in names if sum(name in words for words in others) < _OWN_SUBJECT)


def points_on(order: str) -> bool:
    """Whether an order is about the block that comes after it."""
    return _ON.search(order) is not None


def speaks_of(sentence: str, names: frozenset[str]) -> bool:
    """Whether a sentence holds one of these words."""
    return not names.isdisjoint(_words(sentence))


def _words(text: str) -> set[str]:
    return set(words_of(folded(text)))

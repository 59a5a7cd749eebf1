"""Finding a keyword in a text as a reader would: whatever its case, hyphens and inflection."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import regex

from copydesk.domain.language import primary_language
from copydesk.domain.words import writes_without_spaces
from copydesk.language.terms import lemma_language

_KNOWN_LEMMAS = 50_000  # kept in a process, some 10 MB
_TOKEN = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}]*")


class KeywordText:
    """A text prepared for counting keywords in it."""

    def __init__(self, text: str, language: str) -> None:
        self._language = primary_language(language)
        self._plain = _squeezed(text)
        self._folded = _Terms(_tokens(text, None))
        self._lemmas = _Terms(_tokens(text, lemma_language(self._language)))

    def count(self, keyword: str) -> int:
        """How often the keyword occurs, occurrences that overlap counted once.

        Words match whatever their case and joining hyphens, in the inflections whose lemma is the same
        where the language has a dictionary; in scripts without spaces the characters are sought.
        """
        if writes_without_spaces(keyword):
            squeezed = _squeezed(keyword)
            return self._plain.count(squeezed) if squeezed else 0
        lemmas = _tokens(keyword, lemma_language(self._language))
        return max(self._folded.count(_tokens(keyword, None)), self._lemmas.count(lemmas))

    def __contains__(self, keyword: str) -> bool:
        return self.count(keyword) > 0


class _Terms:
    """A sequence of terms with the places of each."""

    def __init__(self, terms: Sequence[str]) -> None:
        self._terms = terms
        self._positions: dict[str, list[int]] = {}
        for position, term in enumerate(terms):
            self._positions.setdefault(term, []).append(position)

    def count(self, wanted: Sequence[str]) -> int:
        """How often `wanted` stands there in a row, without overlap."""
        found, free_from = 0, 0
        for position in self._positions.get(wanted[0], ()) if wanted else ():
            if position >= free_from and self._terms[position : position + len(wanted)] == wanted:
                found += 1
                free_from = position + len(wanted)
        return found


def contains_literally(text: str, keyword: str) -> bool:
    """Whether the keyword stands in the text letter by letter but for case and the width of spaces."""
    return bool(keyword) and _folded(keyword) in _folded(text)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _squeezed(text: str) -> str:
    """Letters and digits alone, folded: white space, hyphens and punctuation between words do not matter."""
    return regex.sub(r"[\s\p{P}]+", "", unicodedata.normalize("NFKC", text).casefold())


def _tokens(text: str, dictionary: str | None) -> list[str]:
    closed = unicodedata.normalize("NFC", text).replace("\u2019", "'").replace("'s ", " ").replace("\u00ad", "")
    return [_lemma(token, dictionary) for token in _TOKEN.findall(closed)]


@lru_cache(_KNOWN_LEMMAS)
def _lemma(token: str, dictionary: str | None) -> str:
    """The folded lemma; German nouns are known only with a capital, so both spellings are tried."""
    if dictionary is None or not token[0].isalpha():
        return token.casefold()
    from simplemma import lemmatize  # noqa: PLC0415 - loads a dictionary, 0.2 s once

    lowered = token.lower()
    for spelling in (lowered, lowered.capitalize()):
        lemma: str = lemmatize(spelling, lang=dictionary)
        if lemma.casefold() != token.casefold():
            return lemma.casefold()
    return token.casefold()

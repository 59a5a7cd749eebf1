"""Index terms: content words folded to their lemmas, so that texts can be compared by what they name."""

from collections.abc import Iterable
from functools import cache, lru_cache

import regex

from copydesk.domain.language import primary_language
from copydesk.evidence.stopwords import stopwords

# Languages whose simplemma name differs from their primary subtag.
_SIMPLEMMA_NAMES = {"no": "nb", "sr": "hbs", "hr": "hbs", "bs": "hbs"}
_DENSE = r"[\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_KNOWN_TERMS = 200_000  # kept lemmas of a process, about 30 MB


@cache
def _word() -> regex.Pattern[str]:
    # Numbers keep their inner stops ("2,019", "1.5"); hyphenated words are compared part by part.
    return regex.compile(rf"(?V1){_DENSE}+|[[\p{{L}}\p{{M}}\p{{N}}]--{_DENSE}]+(?:[.,][0-9]+)*")


@cache
def lemma_language(language: str) -> str | None:
    """The name under which simplemma knows a language, or None."""
    from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES  # noqa: PLC0415 - lazily

    name = _SIMPLEMMA_NAMES.get(primary_language(language), primary_language(language))
    return name if name in SUPPORTED_LANGUAGES else None


def raw_tokens(text: str) -> list[str]:
    """The words of a text in lower case; scripts without spaces as overlapping pairs of characters."""
    words = _word().findall(text.lower())
    if text.isascii():
        return words
    return [token for word in words for token in _pairs(word)]


def _pairs(word: str) -> Iterable[str]:
    if not regex.match(_DENSE, word) or len(word) == 1:
        return (word,)
    return (word[index : index + 2] for index in range(len(word) - 1))


@lru_cache(_KNOWN_TERMS)
def term_of(token: str, language: str) -> str:
    """The index term of a lower-case token: its lemma, lower case; empty for a function word."""
    if token in stopwords(language) or (len(token) == 1 and token.isascii() and token.isalpha()):
        return ""
    name = lemma_language(language)
    if name is None or token[0].isdigit():
        return token
    from simplemma import lemmatize  # noqa: PLC0415 - loads a dictionary

    lemma: str = lemmatize(token, lang=name)
    return lemma.lower()


def content_terms(text: str, language: str) -> list[str]:
    """The terms of a text in order, function words left out."""
    language = primary_language(language)
    return [term for token in raw_tokens(text) if (term := term_of(token, language))]

"""Index terms: content words folded to their lemmas, so that texts can be compared by what they name."""

import re
from functools import cache, lru_cache

import regex

from copydesk.domain.language import primary_language
from copydesk.language.stopwords import stopwords

# Languages whose simplemma name differs from their primary subtag.
_SIMPLEMMA_NAMES = {"no": "nb", "sr": "hbs", "hr": "hbs", "bs": "hbs"}
_DENSE = r"[\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_HIRAGANA = regex.compile(r"\p{Hiragana}")
_JAPANESE_RUN = regex.compile(r"\p{Hiragana}+|[\p{Katakana}ー]+|[^\p{Hiragana}\p{Katakana}ー]+")
_KNOWN_TERMS = 200_000  # kept lemmas of a process, about 30 MB


# Beyond Latin, Greek, Cyrillic and punctuation: combining marks and scripts without spaces need more care.
_CAREFUL = re.compile("[\u0300-\u036f\u0530-\u1fff\u2c00-\uffff\U00010000-\U0010ffff]")


@cache
def _word() -> re.Pattern[str]:
    r"""Letters and digits; numbers keep their inner stops ("2,019", "1.5"), hyphenated words are compared in parts.

    What `[^\W_]` matches of the characters that need no care, as a list: a third faster than the category.
    """
    plain = re.compile(r"[^\W_]")
    letters = [character for character in map(chr, range(0x2C00)) if plain.match(character)]
    listed = "".join(character for character in letters if not _CAREFUL.match(character))
    return re.compile(f"[{listed}]++(?:[.,][0-9]+)*+")


@cache
def _careful_word() -> regex.Pattern[str]:
    return regex.compile(rf"(?V1)(?P<dense>{_DENSE}+)|[[\p{{L}}\p{{M}}\p{{N}}]--{_DENSE}]+(?:[.,][0-9]+)*")


@cache
def lemma_language(language: str) -> str | None:
    """The name under which simplemma knows a language, or None."""
    from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES  # noqa: PLC0415 - lazily

    name = _SIMPLEMMA_NAMES.get(primary_language(language), primary_language(language))
    return name if name in SUPPORTED_LANGUAGES else None


def raw_tokens(text: str, language: str = "") -> list[str]:
    """The words of a text in lower case; scripts without spaces as overlapping pairs of characters.

    In Chinese function words, in Japanese hiragana part the runs of characters first, where `language` (BCP 47)
    is given: paraphrases share far more of the pairs then (tests/unit/test_support_languages.py).
    """
    text = text.lower()
    if text.isascii() or not _CAREFUL.search(text):
        return _word().findall(text)
    tokens: list[str] = []
    for match in _careful_word().finditer(text):
        if match["dense"]:
            tokens.extend(pair for run in _runs(match[0], primary_language(language)) for pair in _pairs(run))
        else:
            tokens.append(match[0])
    return tokens


def _pairs(word: str) -> list[str]:
    return [word[index : index + 2] for index in range(max(1, len(word) - 1))]


def _runs(text: str, language: str) -> list[str]:
    """The stretches of a run of characters within which words are sought."""
    if language == "zh":
        return [run for run in _chinese_function_words().split(text) if run]
    if language == "ja":
        return [run for run in _JAPANESE_RUN.findall(text) if len(run) > 1 or not _HIRAGANA.match(run)]
    return [text]


@cache
def _chinese_function_words() -> regex.Pattern[str]:
    return regex.compile("|".join(sorted(map(regex.escape, stopwords("zh")), key=len, reverse=True)))


@cache
def _function_pairs() -> frozenset[str]:
    """The pairs of characters that Japanese function words are made of."""
    return frozenset(pair for word in stopwords("ja") for pair in _pairs(word))


@lru_cache(_KNOWN_TERMS)
def term_of(token: str, language: str) -> str:
    """The index term of a lower-case token: its lemma, lower case; empty for a function word."""
    if token in stopwords(language) or (len(token) == 1 and token.isascii() and token.isalpha()):
        return ""
    if language == "ja" and token in _function_pairs():
        return ""
    name = lemma_language(language)
    if name is None or token[0].isdigit():
        return token
    from simplemma import is_known, lemmatize  # noqa: PLC0415 - loads a dictionary

    if name == "de" and is_known(token.capitalize(), lang=name):
        token = token.capitalize()  # the noun "Haus", not a form of the verb "hausen"
    lemma: str = lemmatize(token, lang=name)
    return lemma.lower()


def content_terms(text: str, language: str) -> list[str]:
    """The terms of a text in order, function words left out."""
    language = primary_language(language)
    return [term for token in raw_tokens(text, language) if (term := term_of(token, language))]

"""Function words: the words that carry grammar and no topic.

They tell languages apart in short texts, and are kept out of ranking and support.
"""

from functools import cache

from copydesk.language.lexicon import languages_with, words


@cache
def stopwords(language: str) -> frozenset[str]:
    """The function words of a language (BCP 47), lower case, apostrophes straight; empty where none are known."""
    return frozenset(words(language, "stopwords"))


def languages_with_stopwords() -> tuple[str, ...]:
    """The primary languages that have a list."""
    return languages_with("stopwords")

# ruff: noqa: RUF001 -- quotation marks and brackets as people write them, not look-alikes by mistake
"""Sentences that lean on text outside themselves: orphans ("This", "However"), pointers ("see below"), other voices."""

from functools import cache

import regex

from copydesk.domain.language import primary_language
from copydesk.language.lexicon import general, pattern

_DENSE = frozenset({"ja", "zh"})  # written without spaces: an opener may be the start of the first word
_OPENS_SENTENCE = "[\\s\"'“”„«»‘’「『（(\\[]*{}"
_WHOLE_WORD = r"(?![\p{L}\p{N}])"
_STARTS_WORD = r"(?<![\p{L}\p{N}])"


def opens_as_orphan(sentence: str, language: str) -> bool:
    """Whether a sentence's opening words point back to text before it."""
    primary = primary_language(language)
    frame = _OPENS_SENTENCE if primary in _DENSE else _OPENS_SENTENCE + _WHOLE_WORD
    openers = pattern(primary, "leaning", "openers", frame)
    return openers is not None and openers.match(sentence) is not None


def points_elsewhere(sentence: str, language: str) -> bool:
    """Whether a sentence speaks of a figure, table or part of its document, or of the document itself."""
    pointers = pattern(primary_language(language), "leaning", "pointers", _STARTS_WORD + "{}")
    return pointers is not None and pointers.search(sentence) is not None


def sends_on(sentence: str) -> bool:
    """Whether a sentence does nothing but send the reader elsewhere: "See the manual for details."."""
    return general("directions").match(sentence.lstrip(" (")) is not None


def speaks_in_first_person(sentence: str, language: str) -> bool:
    """Whether a sentence says "I" or "we" outside its quotations: a source's own voice, which is not the article's."""
    primary = primary_language(language)
    frame = "{}" if primary in _DENSE else r"(?<![\p{L}\p{N}.]){}" + _WHOLE_WORD
    first_person = pattern(primary, "leaning", "first_person", frame)
    return first_person is not None and first_person.search(_quotations().sub(" ", sentence)) is not None


@cache
def _quotations() -> regex.Pattern[str]:
    return regex.compile(r"“[^”]*”|„[^“”]*[“”]|«[^»]*»|\"[^\"]*\"")

# ruff: noqa: RUF001 -- quotation marks, dashes and letters as people write them, not look-alikes by mistake
"""Text that is no evidence: boilerplate, fragments, link lists, and text addressed to machines."""

import unicodedata

import regex

from copydesk.domain.words import count_words, writes_without_spaces
from copydesk.language.lexicon import general
from copydesk.language.orders import gives_orders

_BOILERPLATE_WORDS = 60  # longer text that speaks of cookies or newsletters is about them
_MIN_LETTERS = 0.6  # of a sentence's visible characters; below: formulas, code, rows of figures
_MAX_SENTENCE = 90  # words; longer ones are lists whose punctuation was lost
_MAX_CHARACTERS = 1_000  # of a sentence; ninety words have about 600
_MIN_SENTENCE = 4  # words
_MIN_DENSE_SENTENCE = 8  # characters, in scripts without spaces

_FINAL = regex.compile(r"[.!?।؟۔።។။。！？｡]['\"”’»«“)\]）」』]*$")
_UNFINISHED = regex.compile(r"(?:\.\.\.|…|\[…\]|\[\.\.\.\]|\betc)['\"”’»)\]]*\.?$")
_START = regex.compile(r"['\"“”„«»‘’‹›(\[¿¡「『（]*(?:[\p{Lu}\p{Lt}\p{Lo}\p{N}]|\p{Ll}{1,3}[\p{Lu}\p{N}-])")
_LINKS = regex.compile(
    r"https?://|www\.|\S+@\S+\.\w|[|•·►→»]\s|\\[a-z]+\{|\{\{|\}\}|</?\w+[^>]*>|_{3,}|\.{4,}|={3,}|`{3}"
)
_BIBLIOGRAPHY = regex.compile(
    r"^\p{Lu}[\p{L}’'-]+, (?:\p{Lu}\.[ -]?)+"
    r"|\bdoi:|\bISBN\b|\barXiv:|\bpp?\.\s?\d+\s?[-–]\s?\d+|\bet al\.,? \(?\d{4}\)?\.$"
)
_PAIRS = (("(", ")"), ("[", "]"), ("“", "”"), ("«", "»"), ("「", "」"), ("（", "）"))


def clean_text(text: str) -> str:
    """NFC on one line, without footnote marks such as `[12]` and editors' marks such as `[citation needed]`."""
    text = general("marks").sub("", unicodedata.normalize("NFC", text))
    text = regex.sub(r"[\p{Cc}\p{Zl}\p{Zp}\s]+", " ", text)
    return regex.sub(r"\s+([,.;:!?])(?=\s|$)", r"\1", text).strip()


def speaks_of_the_page(text: str) -> bool:
    """Whether any part of a text may be boilerplate; a first look at a whole paragraph, of any length."""
    return general("boilerplate").search(text) is not None


def is_boilerplate(text: str) -> bool:
    """Whether a short text is of the page and not of its subject: cookies, subscriptions, rights, captions."""
    return speaks_of_the_page(text) and count_words(text) <= _BOILERPLATE_WORDS


def addresses_machines(text: str) -> bool:
    """Whether a text gives orders to a program that reads it."""
    return gives_orders(text)


def is_end_matter(heading: str) -> bool:
    """Whether a section of this heading lists sources, links or comments."""
    return general("end_matter").fullmatch(regex.sub(r"^[\d.\s]+", "", heading.strip())) is not None


def is_whole_sentence(sentence: str) -> bool:
    """Whether a piece of text is one finished, readable sentence, neither fragment nor list nor code."""
    if (
        len(sentence) > _MAX_CHARACTERS
        or not _FINAL.search(sentence)
        or _UNFINISHED.search(sentence)
        or not _START.match(sentence)
    ):
        return False
    if (
        _LINKS.search(sentence)
        or _BIBLIOGRAPHY.search(sentence)
        or any(sentence.count(left) != sentence.count(right) for left, right in _PAIRS)
    ):
        return False
    if sentence.count('"') % 2 or ("„" in sentence and "“" not in sentence):
        return False
    visible = regex.sub(r"\s", "", sentence)
    if len(regex.findall(r"[\p{L}\p{M}]", visible)) < _MIN_LETTERS * len(visible):
        return False
    if writes_without_spaces(sentence):
        return len(visible) >= _MIN_DENSE_SENTENCE
    return _MIN_SENTENCE <= count_words(sentence) <= _MAX_SENTENCE

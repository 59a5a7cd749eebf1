"""Bags of words, and how much of one another one holds.

The text is put into NFKC and case-folded. A word is a run of letters and digits; hyphens inside of
words are taken out, at line ends together with the break, so that a word parted by hyphenation, one
written with a hyphen and one put together again are the same on both sides. Words of hyphen and
underscore marks alone are none. Numbers of a workbook are words by their value, to 12 digits.
"""

import re
import unicodedata
from collections import Counter

Bag = Counter[str]

_WORD = re.compile(r"[^\W_]+")
_HYPHEN = re.compile("(?<=[^\\W_])(?:\u00ad|[-\u2010\u2011](?:[ \t]*\n\\s*)?)(?=[^\\W_])")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_DIGITS = 12  # of the 15 that a workbook keeps: the last ones are a matter of rounding


def words(text: str) -> Bag:
    """The words of a text and how often each stands in it."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return Counter(_WORD.findall(_HYPHEN.sub("", folded)))


def cell(text: str) -> Bag:
    """The words of a workbook's cell; a number is one word, its value."""
    return Counter([value(text)]) if _NUMBER.fullmatch(text.strip()) else words(text)


def value(number: str) -> str:
    """A number in the one notation that equal numbers share: 2, 2.0 and 2e0 are `2`."""
    return f"{float(number):.{_DIGITS}g}".replace("-0", "0") if float(number) == 0 else f"{float(number):.{_DIGITS}g}"


def recall(reference: Bag, reading: Bag) -> float:
    """The share of the reference's words, each as often as it stands there, that the reading holds."""
    total = reference.total()
    return (reference & reading).total() / total if total else 1.0

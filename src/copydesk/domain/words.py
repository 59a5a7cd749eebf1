r"""What a word is, and how wide text shows: the contract's counting rules.

A word is a maximal run of letters, digits and combining marks, joined inside by one apostrophe,
hyphen, period or comma; each Han, kana, Thai, Lao, Khmer or Myanmar grapheme cluster counts one
(contract.md, Articles). Read so:

- a run begins with a letter or digit (`\p{L}`, `\p{N}`): the variation selector of an emoji is no word;
- ZWJ, ZWNJ and the soft hyphen, which readers do not see, do not end a run (Persian, Sinhala);
- the prolonged sound mark and other letters that kana and Han share (`Script_Extensions`) are kana.
"""

import functools
import re
import unicodedata

import regex

APOSTROPHES = "'\u2019\uff07"
HYPHENS = "-\u2010\u2011\uff0d"
STOPS = ".,\uff0e"
UNSEEN = "\u200c\u200d\u00ad"  # ZWNJ, ZWJ, soft hyphen

_CLUSTER_SCRIPTS = ("Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar")


@functools.cache
def _cluster_class() -> str:
    """The letters and digits that count one a grapheme cluster, as a set for a V1 pattern."""
    scripts = "".join(rf"\p{{scx={name}}}" for name in _CLUSTER_SCRIPTS)
    return rf"[[{scripts}]&&[\p{{L}}\p{{N}}]]"


@functools.cache
def _word_pattern() -> "regex.Pattern[str]":
    cluster = _cluster_class()
    letter = rf"[[\p{{L}}\p{{N}}]--{cluster}]"
    rest = rf"[[\p{{L}}\p{{N}}\p{{M}}]--{cluster}]"
    run = rf"{letter}{rest}*+(?:[{UNSEEN}]++{rest}++)*+"
    joiner = f"[{re.escape(APOSTROPHES + HYPHENS + STOPS)}]"
    return regex.compile(rf"(?V1)(?={cluster})\X|{run}(?:{joiner}{run})*+")


_ASCII_WORD = re.compile(r"[A-Za-z0-9]+(?:['\-.,][A-Za-z0-9]+)*")


def words_of(text: str) -> list[str]:
    """The words of plain text, in order, as they stand there."""
    if text.isascii():
        return _ASCII_WORD.findall(text)
    return _word_pattern().findall(text)


def count_words(text: str) -> int:
    """How many words plain text has."""
    return len(words_of(text))


def writes_without_spaces(text: str) -> bool:
    """Whether any letter of `text` is of a script whose clusters count one each (Han, kana, Thai, ...)."""
    return not text.isascii() and regex.search(f"(?V1){_cluster_class()}", text) is not None


def display_width(text: str) -> int:
    """The length that search fields are measured in.

    Every code point counts one, East Asian wide and fullwidth ones (UAX #11, `W` and `F`) two. Combining
    marks count one like any other code point: the contract's characters are code points.
    """
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def hyphenate(text: str) -> str:
    """Join the letters and digits of `text` with hyphens: lower case, NFC, Unicode letters kept; may be empty.

    Apostrophes inside a word vanish ("don't" becomes "dont"), as do invisible characters.
    """
    lowered = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())
    closed = regex.sub(rf"(?<=\p{{L}})[{APOSTROPHES}](?=\p{{L}})|[{UNSEEN}\p{{Cf}}]", "", lowered)
    return "-".join(regex.findall(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}]*", closed))

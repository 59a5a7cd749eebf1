"""Phrases as wholes: when one is complete, and how one is cut or lengthened to a window of display width."""

import unicodedata
from collections.abc import Iterable
from itertools import accumulate, cycle

import regex

from copydesk.domain.words import display_width, words_of
from copydesk.seo.phrases import asking_words, breaks, dangling_end, dangling_words

BETWEEN = " \u00b7 "  # joins phrases in languages without fixed ones
_OPEN_ENDS = tuple(",;:-\u2010\u2011\u2012\u2013\u2014/&+=(|\u00b7\u3001\uff0c\uff1b\uff1a")
_PAIRS = (
    ("(", ")"),
    ("[", "]"),
    ("\u00ab", "\u00bb"),
    ("\u300c", "\u300d"),
    ("\uff08", "\uff09"),
    ("\u300a", "\u300b"),
)
_ENDS = (".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f", "\u061f", "\u06d4", "\u0964", "\u104b", "\u17d4")
_CLOSERS = "\"'\u2019\u201d\u201c\u00bb\u00ab)]\u300d\u300f\uff09\u300b*_"


def tidy(text: str) -> str:
    """One line of visible characters: white space collapsed, control characters gone, NFC."""
    visible = regex.sub(r"[\p{Cc}\p{Cs}\p{Co}\u2028\u2029]+", " ", unicodedata.normalize("NFC", text))
    return " ".join(visible.split())


def capitalized(text: str) -> str:
    """With a capital first letter, unless the first word has capitals of its own ("iPhone")."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first == first.lower() else text


def labelled(label: str, colon: str, text: str) -> str:
    """`label: text`; no colon follows a question or a sentence."""
    if label.endswith((".", "!", "?", "\u2026")):
        return f"{label} {capitalized(text)}"
    return f"{label}{text}" if label.endswith(("\u3002", "\uff01", "\uff1f")) else f"{label}{colon}{text}"


def ends_sentence(text: str) -> bool:
    """Whether `text` ends with a mark that ends sentences, closing quotes and brackets aside."""
    return text.rstrip(_CLOSERS).endswith(_ENDS)


def is_complete(text: str, language: str) -> bool:
    """Whether nothing is missing at the end: no comma, function word or open bracket, and no "..."."""
    if not text or text.endswith((*_OPEN_ENDS, "\u2026", "...")):
        return False
    if any(text.count(opening) != text.count(closing) for opening, closing in _PAIRS):
        return False
    end = dangling_end(language)
    if end is not None and end.search(text):
        return False
    words = words_of(text)
    return bool(words) and (len(words) == 1 or ends_sentence(text) or not _dangles(words[-1], language))


def _dangles(word: str, language: str) -> bool:
    return word.islower() and word in dangling_words(language)


def shorten_phrase(text: str, low: int, high: int, language: str) -> str | None:
    """The longest beginning of `text`, `low` to `high` wide, that is a phrase of its own; None without one.

    It ends before a comma, dash or bracket, or before a word that only adds to what was said ("in", "and"), unless
    a clause was opened whose verb may be missing ("how").
    """
    asking = asking_words(language)
    best: str | None = None
    for match in breaks(language).finditer(text):
        phrase = text[: match.start()].rstrip()
        adds = match[0].strip()[:1].isalpha()
        if adds and not asking.isdisjoint(word.lower() for word in words_of(phrase)):
            continue
        if low <= display_width(phrase) <= high and is_complete(phrase, language):
            best = phrase
    return best


def cut_phrase(text: str, low: int, high: int, language: str) -> str:
    """The longest beginning of `text` that is `low` to `high` wide.

    It ends after a whole word, complete where one is; a text without such a place is cut between characters.
    `text` must be at least `low` wide.
    """
    if display_width(text) <= high and is_complete(text, language):
        return text
    widths = list(accumulate(map(display_width, text), initial=0))
    places = [match.start() for match in regex.finditer(r"(?<=[\p{L}\p{N}\p{M}])(?![\p{L}\p{N}\p{M}'\u2019-])", text)]
    fitting = [text[:place] for place in places if low <= widths[place] <= high]
    whole = [phrase for phrase in fitting if is_complete(phrase, language)]
    if not whole and display_width(text) <= high:
        return text
    if whole or fitting:
        return (whole or fitting)[-1]
    clusters = _beginning(regex.findall(r"\X", text), high)
    return clusters if display_width(clusters) >= low else _beginning(text, high)


def _beginning(pieces: Iterable[str], high: int) -> str:
    """The pieces that fit into `high`."""
    cut, width = "", 0
    for piece in pieces:
        width += display_width(piece)
        if width > high:
            break
        cut += piece
    return cut.rstrip()


def lengthen(phrases: Iterable[str], low: int, high: int, language: str) -> str:
    """Join phrases, again from the first where they run out, until `low` to `high` wide.

    The last resort for languages without fixed phrases: it adds no word that was not given.
    """
    parts = list({phrase.casefold(): phrase for phrase in phrases if phrase}.values())
    text = ""
    for part in cycle(parts):
        text = f"{text}{BETWEEN}{part}" if text else part
        if display_width(text) >= low:
            break
    return cut_phrase(text, low, high, language)

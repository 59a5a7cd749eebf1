"""Sentences of plain text: `sentencex`, with a small pass over what it splits or joins wrongly.

What the pass mends (each case was seen with sentencex 1.0.32):

- joined again: after an abbreviation or title that it does not know ("M. Dupont", "approx. 5"), after
  a list number ("1. First"), after a German ordinal ("im 19. Jahrhundert"), before a small letter that
  follows a period, around pieces without a word ("?", "..."), and Japanese quotations that go on
  ("...」と言った");
- split further: after a bracketed sentence ("(See there.) Next"), after an ellipsis character before a
  capital, and after a full-width stop that a digit or Latin letter follows.
"""

import functools
import re
from collections.abc import Iterator
from itertools import accumulate

CHUNK_CHARACTERS = 4_000  # sentencex takes quadratic time: 0.6 us a character at 2,000 characters, 5 at 20,000
JOINED_CHARACTERS = 2_000  # a longer "sentence" is not joined to what follows: hostile text stays linear

# Abbreviations that never end a sentence in running text, by what follows them.
_BEFORE_NAMES = {
    "": "Dr Prof Mr Mrs Ms St",
    "en": "Dr Mr Mrs Ms Prof Rev Hon Gov Sen Rep Gen Col Capt Lt Sgt Maj Fr Mt Ft Messrs vs viz cf e.g i.e",
    "de": "Dr Prof Hr Fr Frl Dipl Ing Hl St z.B z. d.h d. bzw vgl ca sog evtl ggf inkl exkl insb",
    "fr": "M MM Mme Mmes Mlle Mlles Dr Pr Me Mgr St Ste p.ex cf",
    "es": "Sr Sra Sres Sras Srta D Dña Dr Dra Prof Profa Lic Ing Ud Uds p.ej cf",
    "it": "Sig Sigg Dott Prof Avv Ing On Arch Geom Rag Mons S cfr",
    "pt": "Sr Sra Srs Sras Dr Dra Prof Profa Eng Exmo Exma cf",
    "nl": "Dhr Mevr Mr Drs Ir Dr Prof bijv o.a d.w.z",
}
_BEFORE_NUMBERS = {
    "": "No Nr N Fig Vol p pp ca c art",
    "en": "No Nos Fig Figs Vol Ch Sec Eq p pp approx ca c est Art Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec",
    "de": "Nr Nrn Abb Bd Kap S Abs Art Tab ca rd Ziff",
    "fr": "N n fig vol chap p pp art env éd",
    "es": "Núm núm n fig Fig vol cap pág págs Pág Págs p pp art aprox",
    "it": "N n fig vol cap pag pagg p pp art ca",
    "pt": "N n fig Fig vol cap pág págs Pág p pp art aprox",
    "nl": "Nr nr fig blz p art ca",
}
_GERMAN_ORDINAL = re.compile(
    r"\b(?:am|im|vom|zum|beim|ab|bis|seit|der|die|das|dem|den|des|und|oder|jeder?|ihrem?|seinem?)\s+\d{1,2}\.$",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"[^\W\d_A-Z]+[A-Z]")
_LIST_NUMBER = re.compile(r"^[(\[]?(?:\d{1,3}|[a-zA-Z])[.)]$")
_LAST_TOKEN = re.compile(r"(?:^|[\s(\[\"'\u201c\u2018\u00ab])([^\s(\[\"'\u201c\u2018\u00ab]+)\.$")
_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_SURE_STOP = re.compile(r"[^\W\d_]{4}[.!?]\s|[\u3002\uff01\uff1f](?![\u201d\u2019\u300d\u300f\uff09\u300b])")
_WIDE_STOP = re.compile(r"[\u3002\uff01\uff1f]+[\u201d\u2019\u300d\u300f\uff09\u300b]*(?=[0-9A-Za-z])")
_QUOTE_STEP = dict.fromkeys("\u201c\u300c\u300e\uff08\u300a", 1) | dict.fromkeys("\u201d\u300d\u300f\uff09\u300b", -1)
_BRACKETED = re.compile(r"^[(\[][^()\[\]]*[.!?\u2026][)\]]\s+")
_JAPANESE_QUOTE_END = ("\u300d", "\u300f")
_JAPANESE_GOES_ON = ("と", "って", "は", "が", "を", "の", "に", "も", "で", "など")


def split_sentences(text: str, language: str) -> list[str]:
    """Split plain text into sentences.

    Nothing is lost but white space: leading and trailing white space goes, runs of breaking white
    space become one space. A blank line always ends a sentence.

    Args:
        text: Plain text of any length.
        language: BCP 47 tag; an unknown language is split by punctuation alone.
    """
    primary = language.replace("_", "-").split("-")[0].lower()
    sentences: list[str] = []
    for paragraph in re.split(r"\n[ \t\r]*\n", text):
        line = _SPACES.sub(" ", paragraph).strip()
        if line:
            sentences.extend(_mend(_raw_pieces(line, primary), primary))
    return sentences


def _raw_pieces(line: str, language: str) -> Iterator[str]:
    from sentencex import segment  # noqa: PLC0415 - a native module that the API start-up need not load

    for chunk in _chunks(line):
        for piece in segment(language, chunk):
            stripped = piece.strip()
            if stripped:
                yield from _split_further(stripped)


def _chunks(line: str) -> Iterator[str]:
    """Cut a very long line after a stop or, failing that, a space, so that no cut is inside a word."""
    start = 0
    while len(line) - start > CHUNK_CHARACTERS:
        window = line[start : start + CHUNK_CHARACTERS]
        stops = [match.end() for match in _SURE_STOP.finditer(window)]
        cut = stops[-1] if stops else max(window.rfind(mark) + len(mark) for mark in (". ", "! ", "? "))
        if cut < len(". ") + 1:
            cut = window.rfind(" ") + 1 or CHUNK_CHARACTERS
        yield window[:cut]
        start += cut
    yield line[start:]


def _split_further(piece: str) -> Iterator[str]:
    bracketed = _BRACKETED.match(piece)
    if bracketed and piece[bracketed.end() : bracketed.end() + 1].isupper():
        yield piece[: bracketed.end()].strip()
        piece = piece[bracketed.end() :]
    start = 0
    for cut in _further_cuts(piece):
        yield piece[start:cut].strip()
        start = cut
    yield piece[start:].strip()


def _further_cuts(piece: str) -> list[int]:
    cuts = [match.end() for match in re.finditer(r"\u2026\s+(?=[^\W\d_])", piece) if piece[match.end()].isupper()]
    cuts += [match.end() for match in _WIDE_STOP.finditer(piece)]
    if not cuts:
        return cuts
    depths = list(accumulate((_QUOTE_STEP.get(character, 0) for character in piece), initial=0))
    return sorted(cut for cut in set(cuts) if depths[cut] <= 0)


def _mend(pieces: Iterator[str], language: str) -> list[str]:
    mended: list[str] = []
    for piece in pieces:
        if mended and (glue := _glue(mended[-1], piece, language)) is not None:
            mended[-1] = f"{mended[-1]}{glue}{piece}"
        else:
            mended.append(piece)
    return mended


def _glue(before: str, after: str, language: str) -> str | None:
    """What joins two pieces that are one sentence; None where they are two."""
    if len(before) > JOINED_CHARACTERS:
        return None
    if before.endswith(_JAPANESE_QUOTE_END) and after.startswith(_JAPANESE_GOES_ON):
        return ""
    wide = ord(before[-1]) > 0x3000 or ord(after[0]) > 0x3000  # noqa: PLR2004 - CJK punctuation begins there
    space = "" if wide else " "
    if not any(map(str.isalnum, after)) or not any(map(str.isalnum, before)):
        return space
    if _LIST_NUMBER.match(before) or (before.endswith(".") and _goes_on(before, after, language)):
        return space
    return None


def _goes_on(before: str, after: str, language: str) -> bool:
    first = after.lstrip("\"'\u201c\u2018(")[:1]
    if first.islower() and not _CAMEL.match(after):  # "iPhone" may begin a sentence
        return True
    if language == "de" and _GERMAN_ORDINAL.search(before) and first.isupper():
        return True
    token = _LAST_TOKEN.search(before)
    if token is None:
        return False
    names, numbers = _abbreviations(language)
    return token[1] in names or (token[1] in numbers and first.isdigit())


@functools.cache
def _abbreviations(language: str) -> tuple[frozenset[str], frozenset[str]]:
    names = _BEFORE_NAMES.get(language, _BEFORE_NAMES[""]).split()
    numbers = _BEFORE_NUMBERS.get(language, _BEFORE_NUMBERS[""]).split()
    return (
        frozenset(names) | {name.lower() for name in names if len(name) > 1},
        frozenset(numbers) | {number.lower() for number in numbers},
    )

# ruff: noqa: RUF001 -- stops and quotation marks of wide scripts
"""How the scripted endpoint says what a passage says in words of its own: a light paraphrase, the same each time."""

from collections.abc import Iterator, Sequence
from zlib import crc32

import regex

from copydesk.domain.words import count_words, writes_without_spaces

_SENTENCE = regex.compile(r"[^.!?]+(?:\.\d[^.!?]*)*[.!?]+(?=\s|$)")
_WIDE_SENTENCE = regex.compile(r"[^。！？]+[。！？]+[」』”]*")
# What only English sentences have: others are told as they stand.
_ENGLISH = regex.compile(r"\b(?:the|and|by|with|from|which|that|to|for|its|it|are|an)\b", regex.IGNORECASE)
_LEADING = regex.compile(r"((?:In|At|By|On|After|Before|Since|During) [^,]{3,40}), (.+)\.")
_TRAILING = regex.compile(r"(.{40,}?), (?:which|although|so that|where|because) [^,]+\.")
_MAY_BE_LOWERED = regex.compile(r"(?:The|A|An|It|He|She|They|In|At|By|On|Some|Many|Most|Today|This|These|For|When) ")
_OPENERS = ("Moreover, ", "In fact, ", "Likewise, ", "Indeed, ", "Besides, ", "Here, ", "Notably, ", "Overall, ")
_SYNONYMS = {
    "about": "roughly",
    "also": "likewise",
    "almost": "nearly",
    "because": "since",
    "began": "started",
    "big": "large",
    "built": "constructed",
    "but": "yet",
    "called": "named",
    "famous": "well-known",
    "finished": "completed",
    "found": "discovered",
    "gave": "provided",
    "grew": "rose",
    "hard": "difficult",
    "helped": "aided",
    "kept": "held",
    "made": "produced",
    "many": "numerous",
    "nearly": "almost",
    "needs": "requires",
    "often": "frequently",
    "rose": "climbed",
    "showed": "demonstrated",
    "small": "modest",
    "today": "nowadays",
    "usually": "normally",
    "while": "whereas",
}
_WORDS = regex.compile(r"\b(?:" + "|".join(_SYNONYMS) + r")\b")
_ASIDES = ("in turn", "as such", "in all", "in the end", "by then", "of course", "as a rule", "in part", "so to speak")
_BEFORE = frozenset({"of", "in", "on", "for", "from", "by", "with", "to", "at", "after", "and", "that", "which", "as"})
_BOUND = frozenset({"a", "an", "the", "no", "not", "more", "less", "about", "roughly", "by", "at", "least", "most"})
_UNBROKEN = 9  # words that are left as they are in a row: who copies a dozen quotes
_EARLIEST = 5  # of them before an aside
_SHORTEST = 5  # words; fewer are a scrap, not a sentence
_VARIATION = 0.12  # by which a written part is longer or shorter than was asked, at most


def sentences_in_turn(passages: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """First all of the first passage, then of the next: neighbours belong together."""
    for number, text in passages:
        for sentence in (_WIDE_SENTENCE if "。" in text else _SENTENCE).findall(text):
            if length_of(sentence) >= _SHORTEST:
                yield number, sentence.strip()


def length_of(text: str) -> int:
    """The words of a text; its characters where no spaces are written."""
    return count_words(text) if writes_without_spaces(text) else len(text.split())


def sentences_across(passages: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """First one sentence of every passage, then a second of each: what an opening or a summary does."""
    own = [list(sentences_in_turn([passage])) for passage in passages]
    for place in range(max(map(len, own), default=0)):
        yield from (sentences[place] for sentences in own if place < len(sentences))


def about(words: int, part: str) -> int:
    """The words that a model writes when it was asked for so many: some more or some less, the same for each part."""
    return round(words * (1 + _VARIATION * (crc32(part.encode()) % 201 - 100) / 100))


def retold(sentence: str, part: str) -> str:
    """The sentence in other words; how, depends on the part that it is written for.

    Facts and most content words stay, as in the paraphrase of a careful model.
    """
    if not _ENGLISH.search(sentence):
        return sentence
    turn = crc32(f"{part}\n{sentence}".encode())
    told = sentence
    clause = _TRAILING.fullmatch(told)
    if clause and turn % 3 == 0:
        told = f"{clause[1]}."
    moved = _LEADING.fullmatch(told)
    if moved:
        told = f"{_raised(moved[2])} {moved[1][0].lower()}{moved[1][1:]}."
    told = _WORDS.sub(lambda found: _SYNONYMS[found[0]], told, count=1 + turn % 2)
    told = " ".join(_broken(told.split(), turn))
    if told == sentence or turn % 5 == 0:
        rest = f"{told[0].lower()}{told[1:]}" if _MAY_BE_LOWERED.match(told) else told
        return f"{_OPENERS[turn // 5 % len(_OPENERS)]}{rest}"
    return told


def _broken(words: Sequence[str], turn: int) -> Iterator[str]:
    """The words with an aside where many stand in a row, before a preposition if there is one."""
    start = 0
    while len(words) - start > _UNBROKEN:
        places = [n for n in range(start + _EARLIEST, start + _UNBROKEN + 1) if _may_part(words[n - 1], words[n])]
        if not places:
            yield from words[start : start + _EARLIEST]
            start += _EARLIEST
            continue
        place = next((n for n in reversed(places) if words[n] in _BEFORE), places[-1])
        yield from words[start : place - 1]
        yield f"{words[place - 1].rstrip(',')},"
        yield f"{_ASIDES[(turn + place) % len(_ASIDES)]},"
        start = place
    yield from words[start:]


def _may_part(left: str, right: str) -> bool:
    """Whether something may stand between two words: not inside a name, a figure or a phrase."""
    bare = left.rstrip(",")
    return bare.isalpha() and bare.islower() and right.isalpha() and right.islower() and bare not in _BEFORE | _BOUND


def _raised(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"

"""How the scripted endpoint says what a passage says in words of its own: a light paraphrase, the same each time."""

from collections.abc import Iterator, Sequence
from zlib import crc32

import regex

_SENTENCE = regex.compile(r"[^.!?]+(?:\.\d[^.!?]*)*[.!?]+(?=\s|$)")
_LEADING = regex.compile(r"((?:In|At|By|On|After|Before|Since|During) [^,]{3,40}), (.+)\.")
_TRAILING = regex.compile(r"(.{40,}?), (?:which|although|so that|where|because) [^,]+\.")
_MAY_BE_LOWERED = regex.compile(r"(?:The|A|An|It|He|She|They|In|At|By|On|Some|Many|Most|Today|This|These|For|When) ")
_OPENERS = ("Moreover, ", "At the same time, ", "In fact, ", "Likewise, ")
_SYNONYMS = {
    "began": "started",
    "big": "large",
    "built": "constructed",
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
    "needs": "requires",
    "often": "frequently",
    "rose": "climbed",
    "showed": "demonstrated",
    "small": "modest",
    "usually": "normally",
}
_WORDS = regex.compile(r"\b(?:" + "|".join(_SYNONYMS) + r")\b")
_SHORTEST = 5  # words; fewer are a scrap, not a sentence
_VARIATION = 0.12  # by which a written part is longer or shorter than was asked, at most


def sentences_in_turn(passages: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """First all of the first passage, then of the next: neighbours belong together."""
    for number, text in passages:
        for sentence in _SENTENCE.findall(text):
            if len(sentence.split()) >= _SHORTEST:
                yield number, sentence.strip()


def sentences_across(passages: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """First one sentence of every passage, then a second of each: what an opening or a summary does."""
    own = [list(sentences_in_turn([passage])) for passage in passages]
    for place in range(max(map(len, own), default=0)):
        yield from (sentences[place] for sentences in own if place < len(sentences))


def about(words: int, part: str) -> int:
    """The words that a model writes when it was asked for so many: some more or some less, the same for each part."""
    return round(words * (1 + _VARIATION * (crc32(part.encode()) % 201 - 100) / 100))


def retold(sentence: str, part: str) -> str:
    """The sentence in other words; what is changed depends on the part that it is written for.

    Facts and most content words stay, as in the paraphrase of a careful model.
    """
    turn = crc32(f"{part}\n{sentence}".encode())
    clause = _TRAILING.fullmatch(sentence)
    if clause and turn % 3 == 0:
        sentence = f"{clause[1]}."
    moved = _LEADING.fullmatch(sentence)
    if moved:
        sentence = f"{_raised(moved[2])} {moved[1][0].lower()}{moved[1][1:]}."
    sentence = _WORDS.sub(lambda found: _SYNONYMS[found[0]], sentence, count=1)
    if turn % 4 == 0 and _MAY_BE_LOWERED.match(sentence):
        return f"{_OPENERS[turn // 4 % len(_OPENERS)]}{sentence[0].lower()}{sentence[1:]}"
    return sentence


def _raised(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"

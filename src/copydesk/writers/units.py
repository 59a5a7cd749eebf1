"""Units: what the extractive writer moves about, cut so that every piece reads by itself.

A unit is a passage that stands on its own, with the passage that leans on it where one follows. Any
prefix of a unit reads as well as the whole, because nothing that is left needs what was dropped.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from copydesk.domain.language import primary_language
from copydesk.domain.source import Evidence, Passage
from copydesk.domain.words import count_words, words_of

QUOTATION_WORDS = 150  # of one source that is not openly licensed (quality.md, section 5)
LONGEST_SENTENCE = 80  # words; above it a "sentence" is a table or list that lost its form
LETTER_SHARE = 0.55  # of a sentence's visible characters; below it, it is a row of figures
ALIKE = 0.8  # shared words of two sentences above which one repeats the other
_FEW = 6  # words below which only an equal sentence is a repetition
_NO_STOPS = ("th", "lo")  # Thai and Lao sentences end without a mark
_FINISHED = re.compile(
    r"[.!?\u3002\uff01\uff1f\u0964\u17d4\u104b\u061f\u06d4][\"'\u201d\u2019\u00bb\u203a)\]\u300d\u300f\uff09]*$"
)
_TRAILS_OFF = re.compile(r"(?:\.\.\.|\u2026)[\"'\u201d\u2019\u00bb)]*$")
_ADDRESS = re.compile(r"https?://|www\.|\S@\S+\.\w")
_REFERENCE_MARK = re.compile(r"\s?\[(?:\d{1,3}|[a-z]|note \d+|citation needed)\]")
_NUMBER = re.compile(r"\d+")
_Key = tuple[frozenset[str], str]  # the numbers of a sentence, and one of its words


@dataclass(frozen=True, kw_only=True)
class Line:
    """One sentence of a unit."""

    text: str
    passage_id: str
    words: int


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A run of sentences of one source, of which every prefix reads by itself."""

    passages: tuple[Passage, ...]  # the first stands on its own; one that leans on it may follow
    lines: tuple[Line, ...]  # what may be used of them, in order
    quoted: bool  # its source may only be quoted briefly, in quotation marks

    @property
    def head(self) -> Passage:
        """The passage that gives the unit its place."""
        return self.passages[0]

    @cached_property
    def words(self) -> int:
        """Words of the whole unit."""
        return sum(line.words for line in self.lines)

    @cached_property
    def text(self) -> str:
        """The whole unit as one string."""
        return " ".join(line.text for line in self.lines)

    def prefix_words(self, count: int) -> int:
        """Words of the first `count` sentences."""
        return sum(line.words for line in self.lines[:count])


def build_unit(passages: tuple[Passage, ...], *, quoted: bool) -> Unit:
    """A unit of what can be used of `passages`: up to the first sentence that cannot stand in an article."""
    lines: list[Line] = []
    for passage in passages:
        for sentence in passage.sentences:
            text = _REFERENCE_MARK.sub("", " ".join(sentence.split()))
            words = count_words(text)
            if not _usable(text, words, passage):
                return Unit(passages=passages, lines=tuple(lines), quoted=quoted)
            lines.append(Line(text=text, passage_id=passage.passage_id, words=words))
    return Unit(passages=passages, lines=tuple(lines), quoted=quoted)


def _usable(text: str, words: int, passage: Passage) -> bool:
    if not 0 < words <= LONGEST_SENTENCE or _ADDRESS.search(text):
        return False
    if _TRAILS_OFF.search(text) or (not _FINISHED.search(text) and passage.language not in _NO_STOPS):
        return False
    visible = [character for character in text if not character.isspace()]
    return passage.computed or sum(map(str.isalpha, visible)) >= LETTER_SHARE * len(visible)


def units_of(evidence: Evidence, language: str) -> list[Unit]:
    """All units that the evidence has in `language` (BCP 47), best first."""
    wanted = primary_language(language)
    at = {(passage.source_id, passage.position): passage for passage in evidence.passages}
    units: list[Unit] = []
    for passage in evidence.passages:
        if passage.stands_alone and primary_language(passage.language) == wanted:
            follower = at.get((passage.source_id, passage.position + 1))
            run = (passage, follower) if follower is not None and _leans_on(follower, passage) else (passage,)
            unit = build_unit(run, quoted=not evidence.by_source_id[passage.source_id].quotable)
            if unit.lines:
                units.append(unit)
    return units


def regroup(passage_ids: Iterable[str], evidence: Evidence) -> list[Unit]:
    """The units of a section again, from the passage ids that its plan lists."""
    runs: list[list[Passage]] = []
    for passage_id in passage_ids:
        passage = evidence.by_passage_id[passage_id]
        if runs and len(runs[-1]) == 1 and _leans_on(passage, runs[-1][0]):
            runs[-1].append(passage)
        else:
            runs.append([passage])
    return [build_unit(tuple(run), quoted=not evidence.by_source_id[run[0].source_id].quotable) for run in runs]


def _leans_on(passage: Passage, before: Passage) -> bool:
    return (
        not passage.stands_alone
        and not passage.computed
        and passage.source_id == before.source_id
        and passage.position == before.position + 1
        and passage.place.headings == before.place.headings
    )


class Ledger:
    """What an article already holds: no sentence goes in twice, no restricted source over its limit."""

    def __init__(self) -> None:
        self._sentences: set[str] = set()
        self._by_key: dict[_Key, list[frozenset[str]]] = {}
        self._quoted: dict[str, int] = {}

    def admit(self, unit: Unit) -> Unit:
        """Enter a unit: cut before the first sentence that repeats one, and at its source's limit."""
        lines: list[Line] = []
        for line in unit.lines:
            if self._repeats(line.text) or not self._within_rights(unit, line):
                break
            self.enter_text(line.text)
            lines.append(line)
        return Unit(passages=unit.passages, lines=tuple(lines), quoted=unit.quoted)

    def _within_rights(self, unit: Unit, line: Line) -> bool:
        if not unit.quoted:
            return True
        words = self._quoted.get(unit.head.source_id, 0) + line.words
        if words > QUOTATION_WORDS:
            return False
        self._quoted[unit.head.source_id] = words
        return True

    def enter_text(self, text: str) -> None:
        """Enter one sentence that stands in the article."""
        words = _word_set(text)
        self._sentences.add(_folded(text))
        for key in _leading(words):
            self._by_key.setdefault(key, []).append(words)

    def _repeats(self, text: str) -> bool:
        words = _word_set(text)
        if _folded(text) in self._sentences:
            return True
        if len(words) < _FEW:
            return False
        return any(_alike(words, other) for key in _leading(words) for other in self._by_key.get(key, ()))


def _leading(words: frozenset[str]) -> list[_Key]:
    """Keys of which two alike sentences share at least one: prefix filtering, as in similarity joins.

    Sentences with other numbers say other things and share no key; long words are rare, so they come first.
    """
    numbers = frozenset(word for word in words if _NUMBER.search(word))
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return [(numbers, word) for word in ordered[: len(words) - math.ceil(ALIKE * len(words)) + 1]]


def _alike(words: frozenset[str], other: frozenset[str]) -> bool:
    return len(words & other) >= ALIKE * len(words | other)


def _word_set(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in words_of(text))


def _folded(text: str) -> str:
    return " ".join(word.casefold() for word in words_of(text))

"""What fills an article between opening and closing: whole stretches of the sources, block by block.

A block is what a source says under one heading. Sections made of few, fuller blocks read like text;
sections made of the best single passages, wherever they stand, read like a heap (both were tried).
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from copydesk.domain.brief import Brief
from copydesk.domain.sentences import split_sentences
from copydesk.language.stopwords import stopwords
from copydesk.writers.choosing import Candidates, Choice
from copydesk.writers.terms import terms_of
from copydesk.writers.units import QUOTATION_WORDS, Unit

BLOCK_WORDS = 170  # taken of one block at first: a section's worth
SMALLEST_BLOCK = 60  # words; a smaller one cannot be a section by itself
LONGEST_BLOCK = 6  # units; a longer stretch under one heading is several blocks
LEAST_SPARE = 200  # words of units to choose from where the length must be exact
COMPUTED_SHARE = 0.22  # of the body's words at most from statements computed from tables, while prose is left
# What a block's worth (0 to 1, relevance and centrality of its best units) gains and loses:
NEW_SOURCE = 0.6  # nothing of its source is in the article yet
OF_THE_CALLER = 0.6  # beyond, where that source is a file or link of the caller's
ASKED = 0.8  # it has all the words of the prompt that the article lacks so far
EVERYWHERE = 0.4  # share of the units above which a word of the prompt tells them apart no more
CROWDING = 0.6  # times the share of the article that its source has already
REDUNDANCY = 0.6  # times its likeness to what is in the article
TOO_SMALL = 0.2  # it is under SMALLEST_BLOCK
QUOTED = 0.2  # it may only be quoted briefly
_BEST = 3  # units that a block's worth is the mean of


def fill(brief: Brief, found: Candidates, choice: Choice, *, budget: int) -> None:
    """Choose the body: blocks by worth until `budget` words are full, then spare units for the exact length."""
    filling = _Filling(brief, found, choice, budget=budget)
    blocks = list(_blocks(found, filling.free))
    left = list(blocks)
    while left and filling.room > 0:
        best = max(left, key=lambda block: (filling.gain(block), -block[0]))
        left.remove(best)
        filling.take(best, at_most=BLOCK_WORDS)
    for block in sorted(blocks, key=lambda block: block in left):
        filling.take(block, at_most=filling.room)
    filling.take(sorted(filling.free, key=lambda i: (found.units[i].head.computed, i)), at_most=filling.room)
    choice.spare = filling.spare(max(budget // 2, LEAST_SPARE))


def _blocks(found: Candidates, free: Sequence[int]) -> Iterator[tuple[int, ...]]:
    stretches: dict[tuple[object, ...], list[int]] = {}
    for i in free:
        head = found.units[i].head
        key = (head.source_id, head.computed, head.place.sheet, *found.paths[i])
        stretches.setdefault(key, []).append(i)
    for stretch in stretches.values():
        stretch.sort(key=lambda i: found.units[i].head.position)
        count = -(-len(stretch) // LONGEST_BLOCK)
        size = -(-len(stretch) // count)
        for start in range(0, len(stretch), size):
            yield tuple(stretch[start : start + size])


class _Filling:
    """The body while it is being filled."""

    def __init__(self, brief: Brief, found: Candidates, choice: Choice, *, budget: int) -> None:
        self._found = found
        self._choice = choice
        # The first sentence of a prompt names the matter; what follows mostly says how to write.
        first = split_sentences(brief.prompt, brief.language)[:1]
        asked = set(terms_of(" ".join(first))) - set(terms_of(f"{brief.topic} {' '.join(stopwords(brief.language))}"))
        self._terms = [asked & set(terms_of(unit.text)) for unit in found.units]
        spread = Counter(term for terms in self._terms for term in terms)
        self._asked = {term for term, count in spread.items() if count < EVERYWHERE * len(found.units)}
        self._asked_for = max(1, len(self._asked))
        self._words: dict[str, int] = {}
        self._quoted: dict[str, int] = {}
        self._in = sorted(choice.taken())
        self._computed_room = int(COMPUTED_SHARE * budget)
        self.room = budget
        for index in self._in:
            self._note(found.units[index], index)
        self.room = budget
        self.free = [i for i in range(len(found.units)) if i not in set(self._in)]

    def _note(self, unit: Unit, index: int) -> None:
        source_id = unit.head.source_id
        self._words[source_id] = self._words.get(source_id, 0) + unit.words
        self._asked -= self._terms[index]
        self.room -= unit.words
        if unit.quoted:
            self._quoted[source_id] = self._quoted.get(source_id, 0) + unit.words
        if unit.head.computed:
            self._computed_room -= unit.words

    def gain(self, block: Sequence[int]) -> float:
        """How much the article gains by a block."""
        units = [self._found.units[i] for i in block]
        best = sorted((self._found.worth[i] for i in block), reverse=True)[:_BEST]
        answers = self._asked.intersection(*[set().union(*(self._terms[i] for i in block))])
        source_id = units[0].head.source_id
        new = source_id not in self._words
        gain = sum(best) / len(best) + ASKED * len(answers) / self._asked_for
        gain += new * (NEW_SOURCE + OF_THE_CALLER * self._found.caller[block[0]])
        gain -= CROWDING * self._words.get(source_id, 0) / max(1, sum(self._words.values()))
        gain -= REDUNDANCY * self._likeness(block)
        return gain - TOO_SMALL * (sum(unit.words for unit in units) < SMALLEST_BLOCK) - QUOTED * units[0].quoted

    def _likeness(self, block: Sequence[int]) -> float:
        if not self._in:
            return 0.0
        return float(self._found.likeness[list(block)][:, self._in].max(axis=1).mean())

    def take(self, block: Sequence[int], *, at_most: int) -> None:
        """Take the best units of a block, its first a little before others, while words and rights allow."""
        first = block[0] if block else -1
        words = 0
        for i in sorted(block, key=lambda i: (-self._found.worth[i] - 0.15 * (i == first), i)):
            unit = self._found.units[i]
            fits = words + unit.words // 2 <= min(at_most, self.room + words)
            if i in self.free and fits and self._allowed(unit):
                self._choice.body.append(i)
                self._in.append(i)
                self.free.remove(i)
                self._note(unit, i)
                words += unit.words

    def _allowed(self, unit: Unit) -> bool:
        if unit.head.computed and self._computed_room <= 0 and self._prose_left():
            return False
        used = self._quoted.get(unit.head.source_id, 0)
        return not unit.quoted or used == 0 or used + unit.words <= QUOTATION_WORDS

    def _prose_left(self) -> bool:
        return any(not self._found.units[i].head.computed for i in self.free)

    def spare(self, budget: int) -> list[int]:
        """Units beyond the body, best first, of about `budget` words."""
        chosen: list[int] = []
        for i in sorted(self.free, key=lambda i: (self._found.units[i].head.computed, -self._found.worth[i], i)):
            if budget <= 0:
                break
            if self._allowed(self._found.units[i]):
                chosen.append(i)
                self._note(self._found.units[i], i)
                budget -= self._found.units[i].words
        return chosen

"""Which units an article is made of: what opens it, what closes it, and what fills it between."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copydesk.domain.brief import Brief
from copydesk.domain.source import Evidence, SourceKind
from copydesk.writers.headings import fold, is_apparatus, is_early, is_late
from copydesk.writers.terms import centrality, term_vectors, terms_of
from copydesk.writers.units import QUOTATION_WORDS, Unit, units_of

if TYPE_CHECKING:
    from copydesk.writers.terms import Matrix

SPARE_FACTOR = 3.0  # candidates looked at: this many times the words wanted, best first
LEAST_CANDIDATES = 80  # units
OPENING_SHARE = 0.12  # of the article's words
CLOSING_SHARE = 0.10
COMPUTED_SHARE = 0.3  # of the article's words at most from statements computed from tables, while prose is left
SAME_HEADING = 0.35  # worth that a unit gains when its heading is in the article already: fewer, fuller sections
NEW_SOURCE = 0.6  # worth that a unit gains when nothing of its source is in the article yet
REDUNDANCY = 0.7  # worth lost by a unit that says the same as a chosen one, times their likeness


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """The units that an article may be made of, with what is known of each; all by the same index."""

    units: tuple[Unit, ...]
    worth: tuple[float, ...]  # relevance and centrality, 0 to 1
    central: tuple[float, ...]  # centrality alone, 0 to 1
    likeness: "Matrix"  # cosine of every two units
    depth: tuple[float, ...]  # place in its source: 0 its beginning, 1 its end
    caller: tuple[bool, ...]  # whether its source is a file or link of the caller's


@dataclass
class Choice:
    """The units chosen, as indexes into the candidates."""

    opening: list[int] = field(default_factory=list)
    closing: list[int] = field(default_factory=list)
    body: list[int] = field(default_factory=list)
    spare: list[int] = field(default_factory=list)  # used only where the exact length needs them

    def taken(self) -> set[int]:
        """All chosen units."""
        return {*self.opening, *self.closing, *self.body}


def candidates_for(brief: Brief, evidence: Evidence, *, words: int) -> Candidates:
    """The best units for an article of `words` words, weighed against one another."""
    found = [unit for unit in units_of(evidence, brief.language) if not is_apparatus(unit.head.place.headings)]
    units = _best(found, words)
    if not units:
        return Candidates(units=(), worth=(), central=(), likeness=term_vectors([]), depth=(), caller=())
    vectors = term_vectors([_topic_text(unit) for unit in units])
    likeness = vectors @ vectors.T
    central = tuple(float(value) for value in centrality(likeness))
    scored = any(unit.head.score > 0 for unit in units)
    relevance = [unit.head.score if scored else 1 - i / len(units) for i, unit in enumerate(units)]
    last = {source.source_id: 1 for source in evidence.sources}
    for passage in evidence.passages:
        last[passage.source_id] = max(last.get(passage.source_id, 1), passage.position)
    return Candidates(
        units=tuple(units),
        worth=tuple(0.6 * r + 0.4 * c for r, c in zip(relevance, central, strict=True)),
        central=central,
        likeness=likeness,
        depth=tuple(unit.head.position / last[unit.head.source_id] for unit in units),
        caller=tuple(evidence.by_source_id[unit.head.source_id].kind is not SourceKind.WEB for unit in units),
    )


def _topic_text(unit: Unit) -> str:
    return f"{' '.join(unit.head.place.headings)} {unit.text}"


def _best(units: Sequence[Unit], words: int) -> list[Unit]:
    """The first units until there is plenty, and the best of every source beyond."""
    kept: list[Unit] = []
    seen: set[str] = set()
    total = 0
    for unit in units:
        plenty = total > SPARE_FACTOR * words and len(kept) >= LEAST_CANDIDATES
        if not plenty or unit.head.source_id not in seen:
            kept.append(unit)
            seen.add(unit.head.source_id)
            total += unit.words
    return kept


def choose_units(brief: Brief, found: Candidates, *, words: int) -> Choice:
    """Choose what opens, closes and fills an article of about `words` words."""
    choice = Choice()
    if words < 60 or len(found.units) < 3:  # noqa: PLR2004 - too little to divide
        choice.body = list(range(len(found.units)))
        return choice
    choice.opening = _opening(brief, found, budget=max(25, int(OPENING_SHARE * words)))
    closing_budget = max(20, int(CLOSING_SHARE * words))
    choice.closing = _closing(found, taken=choice.taken(), budget=closing_budget)
    used = sum(found.units[i].words for i in choice.taken())
    _fill(found, choice, budget=words - used)
    return choice


def _opening(brief: Brief, found: Candidates, *, budget: int) -> list[int]:
    """The definition or general statement to begin with, and what follows it while the budget lasts."""
    order = sorted(range(len(found.units)), key=lambda i: (-_opens(brief, found, i, budget), i))
    first = order[0]
    chosen = [first]
    total = found.units[first].words
    for i in _neighbours_first(found, first, order[1:]):
        unit = found.units[i]
        if total >= budget * 0.7 or len(chosen) == 3:  # noqa: PLR2004 - an opening is no section
            break
        if total + unit.words <= budget * 1.25 and not unit.head.computed and not unit.quoted:
            chosen.append(i)
            total += unit.words
    return chosen


def _neighbours_first(found: Candidates, first: int, order: Sequence[int]) -> list[int]:
    """The unit that follows `first` in its source, then the rest."""
    head, last = found.units[first].head, found.units[first].passages[-1]
    follows = [
        i
        for i in order
        if found.units[i].head.source_id == head.source_id and found.units[i].head.position == last.position + 1
    ]
    return [*follows, *(i for i in order if i not in follows)]


def _opens(brief: Brief, found: Candidates, index: int, budget: int) -> float:
    unit = found.units[index]
    keyword = fold(brief.primary_keyword)
    lines = [f" {fold(line.text)} " for line in unit.lines]
    topic = set(terms_of(f"{brief.primary_keyword} {brief.topic}"))
    first_words = set(terms_of(" ".join(unit.lines[0].text.split()[:8])))
    score = found.worth[index] + 0.8 * (1 - found.depth[index])
    score += 1.2 * (f" {keyword} " in lines[0]) + 0.6 * any(f" {keyword} " in line for line in lines)
    score += 1.0 * len(topic & first_words) / max(len(topic), 1)
    score += 0.6 * bool(not unit.head.place.headings or is_early(" ".join(unit.head.place.headings)))
    score -= 2.0 * unit.head.computed + 1.0 * unit.quoted + 0.6 * (unit.words > 1.3 * budget)
    return score


def _closing(found: Candidates, *, taken: set[int], budget: int) -> list[int]:
    """The most central units that are left, late ones before early ones."""

    def closes(i: int) -> float:
        unit = found.units[i]
        late = is_late(" ".join(unit.head.place.headings))
        fits = unit.words <= 1.2 * budget
        return found.central[i] + 0.5 * found.worth[i] + 0.5 * late + 0.3 * found.depth[i] + fits - 0.8 * unit.quoted

    order = sorted((i for i in range(len(found.units)) if i not in taken), key=lambda i: (-closes(i), i))
    chosen: list[int] = []
    total = 0
    for i in order:
        unit = found.units[i]
        if unit.head.computed and total == 0:
            continue
        if not chosen or total + unit.words <= budget:
            chosen.append(i)
            total += unit.words
        if total >= 0.7 * budget or len(chosen) == 3:  # noqa: PLR2004 - a summary is short
            break
    return sorted(chosen, key=lambda i: (found.depth[i], i))


def _fill(found: Candidates, choice: Choice, *, budget: int) -> None:
    """Fill the body: the best unit of every source first, then by worth, fewer headings before more."""
    picker = _Picker(found, choice, computed_limit=int(COMPUTED_SHARE * budget))
    total = picker.cover_sources(int(0.7 * budget))
    while total < budget and (best := picker.best(room=budget - total)) is not None:
        choice.body.append(best)
        picker.enter(best)
        total += found.units[best].words
    spare = budget // 2
    while spare > 0 and (best := picker.best(room=spare)) is not None:
        choice.spare.append(best)
        picker.enter(best)
        spare -= found.units[best].words


class _Picker:
    """Greedy choice by worth, likeness to what is chosen, headings, sources and rights."""

    def __init__(self, found: Candidates, choice: Choice, *, computed_limit: int) -> None:
        import numpy as np  # noqa: PLC0415 - heavy, and loaded with the term vectors already

        self._found = found
        self._choice = choice
        self._nearest = np.zeros(len(found.units))
        self._headings: set[tuple[str, ...]] = set()
        self._sources: set[str] = set()
        self._quoted: dict[str, int] = {}
        self._computed = computed_limit
        self._open = [i for i in range(len(found.units)) if i not in choice.taken()]
        for index in choice.taken():
            self.enter(index)

    def enter(self, index: int) -> None:
        """Take note that a unit is in the article."""
        import numpy as np  # noqa: PLC0415 - as above

        unit = self._found.units[index]
        self._nearest = np.maximum(self._nearest, self._found.likeness[index])
        self._headings.add((unit.head.source_id, *unit.head.place.headings))
        self._sources.add(unit.head.source_id)
        if unit.quoted:
            self._quoted[unit.head.source_id] = self._quoted.get(unit.head.source_id, 0) + unit.words
        if unit.head.computed:
            self._computed -= unit.words
        if index in self._open:
            self._open.remove(index)

    def cover_sources(self, budget: int) -> int:
        """Enter the best unit of each source that is not in yet, the caller's first; returns their words."""
        total = 0
        for index in sorted(self._open, key=lambda i: (not self._found.caller[i], -self._found.worth[i], i)):
            unit = self._found.units[index]
            if unit.head.source_id not in self._sources and total + unit.words <= budget:
                self._choice.body.append(index)
                self.enter(index)
                total += unit.words
        return total

    def best(self, *, room: int) -> int | None:
        """The most worthwhile unit that is left, or None; statements from tables only while they are few."""
        allowed = [i for i in self._open if self._within_rights(self._found.units[i])]
        prose = [i for i in allowed if not self._found.units[i].head.computed or self._computed > 0]
        return max(prose or allowed, key=lambda i: (self._gain(i, room), -i), default=None)

    def _within_rights(self, unit: Unit) -> bool:
        used = self._quoted.get(unit.head.source_id, 0)
        return not unit.quoted or used == 0 or used + unit.words <= QUOTATION_WORDS

    def _gain(self, index: int, room: int) -> float:
        unit = self._found.units[index]
        known = (unit.head.source_id, *unit.head.place.headings) in self._headings
        new = unit.head.source_id not in self._sources
        gain = self._found.worth[index] - REDUNDANCY * float(self._nearest[index])
        return gain + SAME_HEADING * known + NEW_SOURCE * new - 0.2 * unit.quoted - 0.5 * (unit.words > 1.5 * room)

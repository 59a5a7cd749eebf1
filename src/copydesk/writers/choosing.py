"""Which units an article is made of: what opens it, what closes it, and what fills it between."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copydesk.domain.brief import Brief
from copydesk.domain.source import Evidence, SourceKind
from copydesk.writers.headings import is_apparatus, is_early, is_late
from copydesk.writers.terms import centrality, mentions, term_vectors, terms_of
from copydesk.writers.units import Unit, units_of

if TYPE_CHECKING:
    from copydesk.writers.terms import Matrix

SPARE_FACTOR = 3.0  # candidates looked at: this many times the words wanted, best first
LEAST_CANDIDATES = 80  # units
SECTION_WORTH = 100  # words under a heading; with fewer, the heading above it gathers them
OPENING_SHARE = 0.12  # of the article's words
CLOSING_SHARE = 0.10


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """The units that an article may be made of, with what is known of each; all by the same index."""

    units: tuple[Unit, ...]
    worth: tuple[float, ...]  # relevance and centrality, 0 to 1
    central: tuple[float, ...]  # centrality alone, 0 to 1
    likeness: "Matrix"  # cosine of every two units
    depth: tuple[float, ...]  # place in its source: 0 its beginning, 1 its end
    paths: tuple[tuple[str, ...], ...]  # the headings that it is grouped by, outermost first
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
        return Candidates(units=(), worth=(), central=(), likeness=term_vectors([]), depth=(), paths=(), caller=())
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
        paths=heading_paths(units),
        caller=tuple(evidence.by_source_id[unit.head.source_id].kind is not SourceKind.WEB for unit in units),
    )


def heading_paths(units: Sequence[Unit]) -> tuple[tuple[str, ...], ...]:
    """Every unit's headings as deep as they still hold a section's worth of words.

    What all units of a source share (its title) is left away.
    """
    paths = [unit.head.place.headings for unit in units]
    for source_id in {unit.head.source_id for unit in units}:
        own = [i for i, unit in enumerate(units) if unit.head.source_id == source_id]
        shared = _shared(sorted({paths[i] for i in own}))
        for i in own:
            paths[i] = paths[i][shared:]
    words: Counter[tuple[str, ...]] = Counter()
    keys = [(unit.head.source_id, *path) for unit, path in zip(units, paths, strict=True)]
    for unit, key in zip(units, keys, strict=True):
        for length in range(1, len(key) + 1):
            words[key[:length]] += unit.words
    for i, key in enumerate(keys):
        depth = len(key)
        # Up only where that gathers more: the source and one heading are the least.
        while depth > 2 and words[key[:depth]] < min(SECTION_WORTH, words[key[: depth - 1]]):  # noqa: PLR2004
            depth -= 1
        paths[i] = key[1:depth]
    return tuple(paths)


def _shared(paths: Sequence[tuple[str, ...]]) -> int:
    """How many outer headings several different paths have in common."""
    if len(paths) < 2:  # noqa: PLR2004 - one path shares nothing
        return 0
    first, last = paths[0], paths[-1]
    return next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))


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


def choose_frame(brief: Brief, found: Candidates, *, words: int) -> Choice:
    """Choose what opens and closes an article of about `words` words; too short a one has neither."""
    choice = Choice()
    if words < 60 or len(found.units) < 3:  # noqa: PLR2004 - too little to divide
        return choice
    choice.opening = _opening(brief, found, budget=max(25, int(OPENING_SHARE * words)))
    closing_budget = max(20, int(CLOSING_SHARE * words))
    choice.closing = _closing(brief, found, taken=choice.taken(), budget=closing_budget)
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
        general = found.paths[i] == found.paths[first] or not found.paths[i] or is_early(" ".join(found.paths[i]))
        if general and total + unit.words <= budget * 1.25 and not unit.head.computed and not unit.quoted:
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
    named = [mentions(line.text, brief.primary_keyword) for line in unit.lines]
    topic = set(terms_of(f"{brief.primary_keyword} {brief.topic}"))
    first_words = set(terms_of(" ".join(unit.lines[0].text.split()[:8])))
    score = found.worth[index] + 0.8 * (1 - found.depth[index])
    score += 1.2 * named[0] + 0.6 * any(named)
    score += 1.0 * len(topic & first_words) / max(len(topic), 1)
    score += 0.6 * bool(not unit.head.place.headings or is_early(" ".join(unit.head.place.headings)))
    score -= 2.0 * unit.head.computed + 1.0 * unit.quoted + 0.6 * (unit.words > 1.3 * budget)
    return score


def _closing(brief: Brief, found: Candidates, *, taken: set[int], budget: int) -> list[int]:
    """The most central units that are left, late ones before early ones."""
    names = (brief.primary_keyword, *brief.keywords)

    def closes(i: int) -> float:
        unit = found.units[i]
        named = sum(mentions(unit.text, name) for name in names) / len(names)
        late = is_late(" ".join(unit.head.place.headings))
        fits = unit.words <= 1.2 * budget
        score = found.central[i] + 0.5 * found.worth[i] + 0.6 * named + 0.4 * late + 0.4 * found.depth[i]
        return score + fits + 0.5 * (len(unit.lines) > 1) - 0.8 * unit.quoted - 0.8 * unit.head.computed

    order = sorted((i for i in range(len(found.units)) if i not in taken), key=lambda i: (-closes(i), i))
    chosen: list[int] = []
    total = 0
    for i in order:
        unit = found.units[i]
        # What is added to the most central unit stays with its matter, or the end would be a heap.
        fits = chosen and len(unit.lines) > 1 and total + unit.words <= budget and _same_block(found, chosen[0], i)
        if fits or not chosen:
            chosen.append(i)
            total += unit.words
        if total >= 0.7 * budget or len(chosen) == 3:  # noqa: PLR2004 - a summary is short
            break
    return sorted(chosen, key=lambda i: (found.depth[i], i))


def _same_block(found: Candidates, first: int, second: int) -> bool:
    same_source = found.units[first].head.source_id == found.units[second].head.source_id
    return (same_source and found.paths[first] == found.paths[second]) or is_late(" ".join(found.paths[second]))

"""Fold what is said twice: within a source it goes, over sources it corroborates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from copydesk.domain.source import Passage, Source
from copydesk.evidence.duplicates import Sequences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BONUS = 0.04  # added to a score for each site that says the same
_BONUS_SITES = 2  # more voices make a statement no truer, and copies are cheap


class Scored(NamedTuple):
    """A passage with what folding and choosing need to know of it; a tuple, as there are thousands."""

    passage: Passage  # before folding without score and corroboration
    score: float
    terms: "NDArray[np.int64]"  # term ids of its text
    figures: frozenset[int]  # term ids of the numbers in its text
    size: int  # in words
    corroborated_by: tuple[str, ...] = ()  # source ids that say the same


@dataclass(frozen=True, kw_only=True)
class Folded:
    """What is left, and who says what went."""

    kept: tuple[Scored, ...]  # best first
    said_by: Mapping[str, tuple[str, ...]]  # by source id: the sources that say what was folded, most of it first


def fold(scored: Sequence[Scored], sources: Mapping[str, Source]) -> Folded:
    """Passages without repeats, best first, those that other sources say too with a bonus.

    Two that differ in their numbers say two things, however alike their words. Of two that say the same, that is
    kept which may be quoted at length, then the better, then the first.
    """
    order = sorted(scored, key=lambda entry: _keeping_order(entry, sources))
    sequences = Sequences([entry.terms for entry in order])
    earlier = sequences.nearest_earlier()
    voices: dict[int, dict[str, None]] = {}
    folded: dict[str, dict[str, int]] = {}
    kept: list[int] = []
    for number, entry in enumerate(order):
        other = earlier[number]
        if other is None or entry.figures - order[other].figures:
            kept.append(number)
            continue
        mine, theirs = entry.passage.source_id, order[other].passage.source_id
        if mine != theirs:
            voices.setdefault(other, {})[mine] = None
        said = folded.setdefault(mine, {})
        said[theirs] = said.get(theirs, 0) + 1
    ids = list(dict.fromkeys(entry.passage.source_id for entry in order))
    place = {source_id: number for number, source_id in enumerate(ids)}
    # What was folded speaks for no source: else a passage could go because of one that went because of it.
    nobody, staying = len(ids), set(kept)
    groups = [place[e.passage.source_id] if number in staying else nobody for number, e in enumerate(order)]
    others = sequences.also_said_by(kept, groups)
    same = {number: [ids[other] for other in found if other != nobody] for number, found in others.items()}
    kept = _without_contained(order, kept, sources, same, voices, folded)
    entries = [_corroborated(order[number], voices.get(number, {}), sources) for number in kept]
    said_by = {source: tuple(sorted(by, key=lambda other: (-by[other], other))) for source, by in folded.items()}
    return Folded(kept=tuple(sorted(entries, key=lambda entry: best_first(entry, sources))), said_by=said_by)


def _without_contained(
    order: Sequence[Scored],
    kept: Sequence[int],
    sources: Mapping[str, Source],
    said: Mapping[int, Sequence[str]],
    voices: dict[int, dict[str, None]],
    folded: dict[str, dict[str, int]],
) -> list[int]:
    """Passages that no better source says, though it may divide its text otherwise; the others are voices too."""
    figures: dict[str, set[int]] = {}
    for entry in order:
        if entry.figures:
            figures.setdefault(entry.passage.source_id, set()).update(entry.figures)
    left: list[int] = []
    for number in kept:
        entry = order[number]
        mine = entry.passage.source_id
        same = [other for other in said.get(number, ()) if entry.figures <= figures.get(other, set())]
        better = [other for other in same if _source_order(sources[other]) < _source_order(sources[mine])]
        if better:
            by = folded.setdefault(mine, {})
            by[better[0]] = by.get(better[0], 0) + 1
            continue
        left.append(number)
        if same:
            voices.setdefault(number, {}).update(dict.fromkeys(same))
    return left


def _corroborated(entry: Scored, voices: Mapping[str, None], sources: Mapping[str, Source]) -> Scored:
    """An entry with the sources that say the same, and its bonus for those of other sites."""
    if not voices:
        return entry
    by = sorted(voices, key=lambda source_id: sources[source_id].position)
    sites = {_site(sources[source_id]) for source_id in by} - {_site(sources[entry.passage.source_id])}
    score = min(1.0, entry.score + _BONUS * min(_BONUS_SITES, len(sites)))
    return entry._replace(score=round(score, 4), corroborated_by=tuple(by))


def _site(source: Source) -> str:
    """Pages of one host are one voice; each file is its own."""
    if source.url is None:
        return source.source_id
    return (urlsplit(source.url).hostname or "").removeprefix("www.")


def _source_order(source: Source) -> tuple[bool, int]:
    return (not source.quotable, source.position)


def _keeping_order(entry: Scored, sources: Mapping[str, Source]) -> tuple[bool, float, int, int]:
    source = sources[entry.passage.source_id]
    return (not source.quotable, -round(entry.score, 1), source.position, entry.passage.position)


def best_first(entry: Scored, sources: Mapping[str, Source]) -> tuple[float, int, int]:
    """The order of evidence: by score, then as the sources and their texts come."""
    return (-entry.score, sources[entry.passage.source_id].position, entry.passage.position)

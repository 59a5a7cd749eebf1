"""From chosen units to sections: what stands under which heading, and in what order."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import fmean, median

from copydesk.domain.brief import Brief
from copydesk.domain.source import Evidence
from copydesk.domain.words import count_words
from copydesk.writers.choosing import Candidates
from copydesk.writers.headings import (
    LONGEST_HEADING,
    fold,
    is_background,
    is_early,
    is_late,
    own_heading,
    salient_phrase,
    titled,
)
from copydesk.writers.phrases import FixedWords, fixed_words
from copydesk.writers.terms import mentions, terms_of

WORDS_PER_SECTION = 140  # aimed at; sub-headings stand every 300 words at most (quality.md, section 4)
LARGEST_SECTION = 300  # words
SMALLEST_SECTION = 40  # words; less makes no section of its own while it can join another
SECTION_OF_ITS_OWN = 60  # words; a group as large keeps its heading, however many there are
JOINS = 0.10  # cosine above which a unit without a heading joins a group that has one
SAME_MATTER = 0.16  # cosine above which a statement from a table stands with the prose on its matter
SAME_SOURCE = 0.25  # of the article's length, by which a section moves up to one of the same source
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")
_DATED = 0.7  # share of units that open with a year above which a section is told in order of time


@dataclass(kw_only=True)
class Group:
    """The units of one section while sections are being made, as indexes into the candidates."""

    heading: str | None
    members: list[int] = field(default_factory=list)
    rank: float = 0.5  # place in the article, 0 first


def group_units(
    brief: Brief, title: str, found: Candidates, chosen: Sequence[int], evidence: Evidence, *, spare: Sequence[int] = ()
) -> list[Group]:
    """Sections of the article's body, in order, each with a heading of its own and its units in order.

    Units of `spare` go to the sections that they are most like, and make none.
    """
    if not chosen:
        return []
    labels = _labels(brief, title, found, chosen, evidence)
    groups = _by_label(found, chosen, labels)
    groups = _merge(brief, found, groups)
    groups = _split(found, groups)
    _place(found, groups)
    groups = _named(brief, title, found, _chained(found, groups))
    for i in spare:
        near = _nearest(found, i, groups)
        assert near is not None  # noqa: S101 - there is a group for every chosen unit
        near.members.append(i)
    for group in groups:
        group.members = in_order(found, group.members)
    return groups


def _chained(found: Candidates, groups: Sequence[Group]) -> list[Group]:
    """By rank, but what is on the same matter or of the same source as the section before comes sooner."""
    left = sorted(groups, key=lambda group: group.rank)
    chain: list[Group] = []
    while left:
        last = chain[-1] if chain else None
        best = min(left, key=lambda group: group.rank - (_bond(found, last, group) if last else 0.0))
        left.remove(best)
        chain.append(best)
    return chain


def _bond(found: Candidates, before: Group, after: Group) -> float:
    first, second = ({found.units[i].head.source_id for i in group.members} for group in (before, after))
    return SAME_SOURCE * bool(first & second) + _closeness(found, before.members, after.members)


def _labels(
    brief: Brief, title: str, found: Candidates, chosen: Sequence[int], evidence: Evidence
) -> dict[int, str | None]:
    labels: dict[int, str | None] = {}
    for i in chosen:
        head = found.units[i].head
        source = evidence.by_source_id[head.source_id]
        taken = [title, brief.topic, source.title or ""]
        labels[i] = own_heading(found.paths[i], language=brief.language, taken=taken)
    return labels


def _by_label(found: Candidates, chosen: Sequence[int], labels: dict[int, str | None]) -> list[Group]:
    groups: dict[str, Group] = {}
    for i in chosen:
        label = labels[i]
        if label is not None and not found.units[i].head.computed:
            groups.setdefault(_label_key(label), Group(heading=label)).members.append(i)
    loose = Group(heading=None)
    figures = Group(heading=None)
    for i in (i for i in chosen if labels[i] is None or found.units[i].head.computed):
        computed = found.units[i].head.computed
        near = _nearest(found, i, list(groups.values()))
        if near is not None and _closeness(found, [i], near.members) >= (SAME_MATTER if computed else JOINS):
            near.members.append(i)
        else:
            (figures if computed else loose).members.append(i)
    return [group for group in (*groups.values(), loose, figures) if group.members]


def _label_key(label: str) -> str:
    return " ".join(sorted(set(terms_of(label)))) or fold(label)


def _nearest(found: Candidates, index: int, groups: Sequence[Group]) -> Group | None:
    return max(groups, key=lambda group: _closeness(found, [index], group.members), default=None)


def _closeness(found: Candidates, some: Sequence[int], others: Sequence[int]) -> float:
    if not some or not others:
        return 0.0
    return fmean(float(found.likeness[i, j]) for i in some for j in others)


def words_in(found: Candidates, members: Iterable[int]) -> int:
    """Words of the members together."""
    return sum(found.units[i].words for i in members)


def _all_computed(found: Candidates, group: Group) -> bool:
    return all(found.units[i].head.computed for i in group.members)


def _merge(brief: Brief, found: Candidates, groups: list[Group]) -> list[Group]:
    """Join the smallest group with the one most like it, until all are worth a heading and not too many."""
    total = sum(words_in(found, group.members) for group in groups)
    most = max(1, round(total / WORDS_PER_SECTION))
    while len(groups) > 1:
        smallest = min(groups, key=lambda group: words_in(found, group.members))
        size = words_in(found, smallest.members)
        if size >= SMALLEST_SECTION and (len(groups) <= most or size >= SECTION_OF_ITS_OWN):
            break
        others = [group for group in groups if group is not smallest]
        fits = [g for g in others if words_in(found, g.members) + size <= LARGEST_SECTION] or others
        near = max(fits, key=lambda group: _closeness(found, smallest.members, group.members))
        near.heading = _joint_heading(brief, found, near, smallest)
        near.members.extend(smallest.members)
        groups = others
    return groups


def _joint_heading(brief: Brief, found: Candidates, larger: Group, smaller: Group) -> str | None:
    """The heading of two groups in one section: both named where both are short and weigh alike."""
    if larger.heading is None or smaller.heading is None:
        return larger.heading or smaller.heading
    words = fixed_words(brief.language)
    if words is None or words_in(found, smaller.members) < 0.4 * words_in(found, larger.members):
        return larger.heading
    joint = f"{larger.heading} {words.conjunction} {smaller.heading}"
    short = count_words(larger.heading) <= 4 and count_words(smaller.heading) <= 4  # noqa: PLR2004 - else it is a list
    mixed = f" {words.conjunction} " in f"{larger.heading} {smaller.heading}" or ":" in joint or "?" in joint
    return joint if short and not mixed and len(joint) <= LONGEST_HEADING else larger.heading


def _split(found: Candidates, groups: list[Group]) -> list[Group]:
    """Cut groups that are too long for one heading into consecutive parts; later parts get made headings."""
    parts: list[Group] = []
    for group in groups:
        members = in_order(found, group.members)
        count = max(1, -(-words_in(found, members) // LARGEST_SECTION))
        share = words_in(found, members) / count
        part = Group(heading=group.heading)
        for i in members:
            if part.members and words_in(found, part.members) + found.units[i].words / 2 > share:
                parts.append(part)
                part = Group(heading=None)
            part.members.append(i)
        parts.append(part)
    return parts


def _place(found: Candidates, groups: list[Group]) -> None:
    """Rank the groups: definition, background, details in the sources' own order, figures, limits, outlook."""
    for group in groups:
        depth = median(found.depth[i] for i in group.members)
        heading = group.heading or ""
        group.rank = 0.2 + 0.6 * depth
        if is_early(heading):
            group.rank -= 1.0
        elif is_background(heading):
            group.rank -= 0.5
        if is_late(heading):
            group.rank += 1.0
        elif _all_computed(found, group):
            group.rank = max(group.rank, 0.75)
    for first, second in pairwise(list(groups)):
        if second.heading is None and not _all_computed(found, second):
            second.rank = first.rank + 0.001  # the later part of a split group


def in_order(found: Candidates, members: Sequence[int]) -> list[int]:
    """The order within a section: by date where dates lead, else source by source in their own order."""
    years = {i: _YEAR.search(found.units[i].text[:80]) for i in members}
    prose = [i for i in members if not found.units[i].head.computed]
    if len(prose) > 2 and sum(years[i] is not None for i in prose) >= _DATED * len(prose):  # noqa: PLR2004 - two are no chronicle
        last = 0
        moments: dict[int, int] = {}
        for i in sorted(prose, key=lambda i: (found.units[i].head.source_id, found.units[i].head.position)):
            match = years[i]
            last = int(match[0]) if match else last
            moments[i] = last
        told = sorted(prose, key=lambda i: (moments[i], i))
    else:
        told = sorted(prose, key=lambda i: (_source_rank(found, prose, i), found.units[i].head.position))
    return [*told, *_computed_in_order(found, members)]


def _source_rank(found: Candidates, members: Sequence[int], index: int) -> tuple[float, str]:
    """Sources in order of how early their passages stand, so that general statements come first."""
    source_id = found.units[index].head.source_id
    own = [i for i in members if found.units[i].head.source_id == source_id]
    return fmean(found.depth[i] for i in own), source_id


def _computed_in_order(found: Candidates, members: Sequence[int]) -> list[int]:
    heads = {i: found.units[i].head for i in members if found.units[i].head.computed}
    return sorted(heads, key=lambda i: (heads[i].source_id, heads[i].position))


def _named(brief: Brief, title: str, found: Candidates, groups: list[Group]) -> list[Group]:
    """Give every group a heading that no other has; one that gets none joins the group before it."""
    fixed = fixed_words(brief.language)
    spread = Counter(term for unit in found.units for term in set(terms_of(unit.text)))
    taken = [title, brief.topic, *([fixed.summary] if fixed else [])]
    taken += [group.heading for group in groups if group.heading]
    named: list[Group] = []
    for group in groups:
        heading = group.heading
        if heading is not None and fold(heading) in {fold(other.heading or "") for other in named}:
            heading = None
        heading = heading or _made_heading(brief, found, group, spread, taken, fixed)
        if heading is None and named:
            named[-1].members.extend(group.members)
            continue
        taken.append(heading or "")
        named.append(replace(group, heading=heading or titled(brief.topic, brief.language)))
    _carry_keyword(brief, named)
    return named


def _made_heading(
    brief: Brief, found: Candidates, group: Group, spread: Counter[str], taken: Sequence[str], fixed: FixedWords | None
) -> str | None:
    folded = {fold(text) for text in taken}
    if fixed and _all_computed(found, group) and fold(fixed.figures) not in folded:
        return fixed.figures
    texts = [found.units[i].text for i in group.members]
    joined = f" {fold(' '.join(texts))} "
    for keyword in brief.keywords[1:]:
        if joined.count(f" {fold(keyword)} ") > 1 and fold(keyword) not in folded:
            return titled(keyword, brief.language)
    phrase = salient_phrase(texts, spread, language=brief.language, taken=taken)
    if phrase:
        return phrase
    return next((text for text in fixed.fallbacks if fold(text) not in folded), None) if fixed else None


def _carry_keyword(brief: Brief, groups: Sequence[Group]) -> None:
    """See that one heading names the primary keyword, which search engines look for (quality.md, section 4)."""
    keyword = brief.primary_keyword
    if not groups or any(mentions(group.heading or "", keyword) for group in groups):
        return
    shortest = min(groups, key=lambda group: len(group.heading or ""))
    heading = f"{titled(keyword, brief.language)}: {shortest.heading}"
    if len(heading) <= LONGEST_HEADING:
        shortest.heading = heading

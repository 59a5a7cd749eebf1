"""The extractive article as a whole: its outline, and which sentences of it make the exact length."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from copydesk.domain.article import Outline, SectionPlan
from copydesk.domain.brief import Brief, WordRange
from copydesk.domain.source import Evidence
from copydesk.domain.words import count_words
from copydesk.errors import WorkflowError
from copydesk.writers.choosing import Candidates, candidates_for, choose_frame
from copydesk.writers.filling import fill
from copydesk.writers.grouping import group_units
from copydesk.writers.headings import fold, titled
from copydesk.writers.lengths import choose_lengths
from copydesk.writers.phrases import fixed_words
from copydesk.writers.terms import mentions
from copydesk.writers.units import Ledger, Unit, regroup

INTRODUCTION, SUMMARY = "intro", "summary"  # section ids
LONGEST_TITLE = 90  # characters


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A unit in its section, with the lengths in sentences that it may be used at."""

    section_id: str
    unit: Unit
    counts: tuple[int, ...]  # sentences, preferred first


def compose_outline(brief: Brief, evidence: Evidence) -> Outline:
    """Plan the article that the evidence carries within the brief's words.

    Raises:
        WorkflowError: There is no passage to use, too few words of them, or no whole sentences that
            make the length.
    """
    carried = 0
    for words in (brief.words.target, brief.words.maximum, 2 * brief.words.maximum):
        found = candidates_for(brief, evidence, words=words)
        if not found.units:
            raise WorkflowError(_NOTHING)
        outline, spare = _propose(brief, evidence, found, words=words)
        settled = settle(outline, evidence, brief.words, spare=spare)
        if settled is None:  # then every unit but the first of a section may go
            settled = settle(outline, evidence, brief.words, spare=_all_but_first(outline))
        if settled is not None:
            return _budgeted(outline, settled, brief.words)
        carried = max(carried, _capacity(outline, evidence))
    raise WorkflowError(_shortfall(carried, brief.words))


_NOTHING = (
    "The sources hold no passage on the topic that stands on its own in the article's language; "
    "add reference links or files about the topic, or connect a search engine."
)


def _shortfall(carried: int, words: WordRange) -> str:
    if carried < words.minimum:
        return (
            f"The evidence carries {carried} words without repetition and within quotation limits, and at least "
            f"{words.minimum} are asked for; add reference links or files about the topic, or lower min_words."
        )
    return (
        f"No choice of whole sentences makes between {words.minimum} and {words.maximum} words from the {carried} "
        "that the evidence carries; widen the range, or add reference links or files."
    )


def _propose(brief: Brief, evidence: Evidence, found: Candidates, *, words: int) -> tuple[Outline, frozenset[str]]:
    """An outline of the chosen units and of spare ones, and the passage ids that may be left out."""
    title = title_of(brief)
    heading_words = 4 * max(1, round(words / 240)) + 1
    text_words = max(words - heading_words, words // 2)
    choice = choose_frame(brief, found, words=text_words)
    used = sum(found.units[i].words for i in choice.taken())
    fill(brief, found, choice, budget=text_words - used)
    groups = group_units(brief, title, found, choice.body, evidence, spare=choice.spare)
    plans = [_plan(INTRODUCTION, None, found, choice.opening)] if choice.opening else []
    for number, group in enumerate(groups, start=1):
        heading = group.heading if choice.opening or number > 1 else None
        plans.append(_plan(f"s{number}" if heading else INTRODUCTION, heading, found, group.members))
    if choice.closing:
        fixed = fixed_words(brief.language)
        plans.append(_plan(SUMMARY, fixed.summary if fixed else _topic_heading(brief, plans), found, choice.closing))
    spare = frozenset(found.units[i].head.passage_id for i in choice.spare)
    return Outline(title=title, sections=tuple(plans)), spare


def _all_but_first(outline: Outline) -> frozenset[str]:
    return frozenset(passage_id for plan in outline.sections for passage_id in plan.passage_ids[1:])


def _topic_heading(brief: Brief, plans: Sequence[SectionPlan]) -> str:
    """A heading for the closing section in a language without fixed words: keyword or topic, if still free."""
    taken = {fold(plan.heading or "") for plan in plans}
    for text in (brief.topic, brief.primary_keyword, *brief.keywords, brief.prompt):
        if fold(text) not in taken:
            return titled(text, brief.language)
    return brief.prompt


def _plan(section_id: str, heading: str | None, found: Candidates, members: Iterable[int]) -> SectionPlan:
    ids = [passage.passage_id for i in members for passage in found.units[i].passages]
    return SectionPlan(section_id=section_id, heading=heading, level=2, words=0, passage_ids=tuple(ids))


def title_of(brief: Brief) -> str:
    """The article's title: its topic, with the primary keyword where the topic does not name it."""
    topic = brief.topic.strip().rstrip(".!:;, ") or brief.prompt.strip()
    keyword = brief.primary_keyword.strip()
    if mentions(topic, keyword):
        return titled(_shortened(topic, keyword), brief.language)
    return titled(_shortened(f"{keyword}: {topic}", keyword), brief.language)


def _shortened(text: str, keyword: str) -> str:
    """A title within its limit: cut before a clause, never inside a phrase; at worst the keyword alone."""
    if len(text) <= LONGEST_TITLE:
        return text
    cuts = [
        at
        for mark in (": ", ", ", "; ", " - ", " \u2013 ", "\uff0c", "\uff1a")
        if (at := text.rfind(mark, 1, LONGEST_TITLE)) > 0
    ]
    cut = text[: max(cuts)] if cuts else text[:LONGEST_TITLE].rpartition(" ")[0] or text[:LONGEST_TITLE]
    return keyword if len(keyword) <= LONGEST_TITLE and not mentions(cut, keyword) else cut


def settle(
    outline: Outline, evidence: Evidence, words: WordRange, *, spare: frozenset[str] = frozenset()
) -> list[tuple[Slot, int]] | None:
    """Decide how many sentences of every unit the article takes, so that its words lie in the range.

    The same outline and evidence always give the same answer: the outline is planned with it, and
    every section is written with it.

    Args:
        outline: Sections with their passage ids.
        evidence: Holds every passage that the outline names.
        words: The range to meet, headings counted.
        spare: Passage ids whose units may be left out.

    Returns:
        Every unit with its number of sentences (0: left out), in the article's order; None where no
        choice of whole sentences fits.
    """
    slots = _slots(outline, evidence, spare)
    heading_words = sum(count_words(plan.heading or "") for plan in outline.sections)
    rank = {passage.passage_id: i for i, passage in enumerate(evidence.passages)}
    order = sorted(range(len(slots)), key=lambda i: _importance(slots, i, rank, spare))
    lengths = [[slots[i].unit.prefix_words(count) for count in slots[i].counts] for i in order]
    chosen = choose_lengths(lengths, low=words.minimum - heading_words, high=words.maximum - heading_words)
    if chosen is None:
        return None
    counts = {i: slots[i].counts[option] for i, option in zip(order, chosen, strict=True)}
    return [(slot, counts[i]) for i, slot in enumerate(slots)]


def _slots(outline: Outline, evidence: Evidence, spare: frozenset[str]) -> list[Slot]:
    ledger = Ledger()
    slots: list[Slot] = []
    for plan in outline.sections:
        for found in regroup(plan.passage_ids, evidence):
            unit = ledger.admit(found)
            if not unit.lines:
                continue
            whole = tuple(range(len(unit.lines), 0, -1))
            optional = unit.head.passage_id in spare
            slots.append(Slot(section_id=plan.section_id, unit=unit, counts=(0, *whole) if optional else whole))
    return slots


def _importance(slots: Sequence[Slot], index: int, rank: dict[str, int], spare: frozenset[str]) -> tuple[int, int]:
    """What keeps its length first: the opening of each section, then by the evidence's own ranking."""
    slot = slots[index]
    opens = index == 0 or slots[index - 1].section_id != slot.section_id
    head = slot.unit.head.passage_id
    # Of spare units the worst are decided first: they stay out while better ones can make the length.
    return (2, -rank[head]) if head in spare else (1 - opens, rank[head])


def _budgeted(outline: Outline, settled: Sequence[tuple[Slot, int]], words: WordRange) -> Outline:
    """The outline with what is used alone, and with word budgets that sum to the target."""
    plans: list[SectionPlan] = []
    for plan in outline.sections:
        own = [(slot.unit, count) for slot, count in settled if slot.section_id == plan.section_id and count]
        if own:
            ids = dict.fromkeys(line.passage_id for unit, count in own for line in unit.lines[:count])
            used = sum(unit.prefix_words(count) for unit, count in own) + count_words(plan.heading or "")
            plans.append(replace(plan, words=used, passage_ids=tuple(ids)))
    plans = [replace(plan, words=share) for plan, share in zip(plans, _shares(plans, words.target), strict=True)]
    return Outline(title=outline.title, sections=tuple(plans))


def _shares(plans: Sequence[SectionPlan], target: int) -> list[int]:
    """The plans' words scaled to sum to `target` (largest remainders), each at least one word."""
    total = sum(plan.words for plan in plans)
    exact = [plan.words * target / total for plan in plans]
    shares = [max(1, int(share)) for share in exact]
    order = sorted(range(len(plans)), key=lambda i: (int(exact[i]) - exact[i], i))
    for i in order[: max(0, target - sum(shares))]:
        shares[i] += 1
    return shares


def _capacity(outline: Outline, evidence: Evidence) -> int:
    slots = _slots(outline, evidence, frozenset())
    return sum(slot.unit.words for slot in slots) + sum(count_words(plan.heading or "") for plan in outline.sections)

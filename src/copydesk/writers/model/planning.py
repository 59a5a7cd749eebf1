"""The article's shape: how many sections, how long each, and which passages carry it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from copydesk.domain.article import Outline, SectionPlan
from copydesk.domain.brief import Brief
from copydesk.domain.source import Evidence, Passage
from copydesk.domain.words import count_words
from copydesk.language.terms import content_terms
from copydesk.writers.composing import INTRODUCTION, SUMMARY
from copydesk.writers.phrases import fixed_words

SECTION_WORDS = 130  # of one section, about: the longest call is what an article waits for
LONG_SECTION_WORDS = 260  # of one section in a long article
LONG_ARTICLE = 2_000  # words from which sections grow, so that they stay few enough to oversee
MAX_SECTIONS = 40
_FRAME_SHARE = 0.1  # of the words: the opening, and as much for the summary
_FRAME_WORDS = (40, 120)  # the opening's and the summary's, least and most
_FRAME_FROM = 350  # words of an article from which it has a summary
PASSAGES_PER_SECTION = 8  # evidence of one section at most: what 150 words can use
_WORDS_PER_PASSAGE = 22  # that a writer makes of one passage, on the safe side


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """One section as a model proposed it."""

    heading: str
    passage_ids: tuple[str, ...]


def sections_wanted(words: int) -> int:
    """How many sections an article of `words` has between opening and summary."""
    each = SECTION_WORDS if words < LONG_ARTICLE else LONG_SECTION_WORDS
    return max(1, min(MAX_SECTIONS, round(_body_words(words) / each)))


def plan_article(brief: Brief, evidence: Evidence, title: str, proposed: Sequence[Proposed]) -> Outline:
    """Opening, sections and summary with budgets that sum to the target, each with passages of its own.

    Sections without evidence of their own get unused passages that share their heading's words, or go.
    """
    words = brief.words.target
    wanted = sections_wanted(words)
    bodies = _carried(proposed[: wanted + 2], evidence, brief.language)
    frame = _frame_words(words)
    summary = frame if words >= _FRAME_FROM and bodies else 0
    body_words = words - frame - summary if bodies else 0
    plans = [_section(INTRODUCTION, None, frame if bodies else words, _central(brief, evidence, bodies))]
    for number, (body, share) in enumerate(zip(bodies, _shares(body_words, len(bodies)), strict=True), start=1):
        plans.append(_section(f"s{number}", body.heading, share, body.passage_ids))
    if summary:
        fixed = fixed_words(brief.language)
        heading = fixed.summary if fixed is not None else None
        plans.append(_section(SUMMARY, heading, summary, _leading(bodies)))
    return Outline(title=title, sections=tuple(plans))


def _section(section_id: str, heading: str | None, words: int, passage_ids: Iterable[str]) -> SectionPlan:
    budget = max(1, words - count_words(heading or ""))
    return SectionPlan(
        section_id=section_id, heading=heading, level=2, words=budget, passage_ids=tuple(dict.fromkeys(passage_ids))
    )


def _body_words(words: int) -> int:
    frame = _frame_words(words)
    return words - frame - (frame if words >= _FRAME_FROM else 0)


def _frame_words(words: int) -> int:
    least, most = _FRAME_WORDS
    return max(min(least, words), min(most, round(words * _FRAME_SHARE)))


def _shares(words: int, count: int) -> list[int]:
    return [words // count + (i < words % count) for i in range(count)]


def _carried(proposed: Sequence[Proposed], evidence: Evidence, language: str) -> list[Proposed]:
    """The proposed sections with passages: their own first, then unused ones about their heading."""
    known = evidence.by_passage_id
    owned: set[str] = set()
    own: list[list[str]] = []
    for section in proposed:
        ids = [i for i in dict.fromkeys(section.passage_ids) if i in known and i not in owned][:PASSAGES_PER_SECTION]
        owned.update(ids)
        own.append(ids)
    for passage in evidence.passages:
        if passage.passage_id in owned or not proposed:
            continue
        best = _closest(passage, proposed, own, language)
        if best is not None:
            own[best].append(passage.passage_id)
            owned.add(passage.passage_id)
    return [
        Proposed(heading=section.heading, passage_ids=tuple(ids))
        for section, ids in zip(proposed, own, strict=True)
        if ids
    ]


def _closest(passage: Passage, proposed: Sequence[Proposed], own: Sequence[list[str]], language: str) -> int | None:
    """The section with room whose heading shares most words with a passage; None where none shares any."""
    terms = set(content_terms(passage.text, language))
    best: tuple[int, int] | None = None
    for index, section in enumerate(proposed):
        if len(own[index]) >= PASSAGES_PER_SECTION:
            continue
        shared = len(terms.intersection(content_terms(section.heading, language)))
        if shared and (best is None or (shared, -len(own[index])) > (best[0], -len(own[best[1]]))):
            best = shared, index
    return best[1] if best is not None else None


def _central(brief: Brief, evidence: Evidence, bodies: Sequence[Proposed]) -> list[str]:
    """Passages of the opening: the most relevant, and without sections as many as the words need."""
    count = PASSAGES_PER_SECTION // 2
    if not bodies:
        count = max(count, brief.words.target // _WORDS_PER_PASSAGE)
    return [passage.passage_id for passage in evidence.passages[:count]]


def _leading(bodies: Sequence[Proposed]) -> list[str]:
    """Passages of the summary: each section's first."""
    return [body.passage_ids[0] for body in bodies][:PASSAGES_PER_SECTION]

"""The writer without a model: it composes an article from its sources' own passages (quality.md, section 5)."""

import asyncio
from collections.abc import Iterable, Sequence

from copydesk.domain.article import (
    Notice,
    Outline,
    Paragraph,
    SectionDraft,
    SectionPlan,
    Sentence,
    SeoFields,
)
from copydesk.domain.brief import Brief, WordRange
from copydesk.domain.source import Evidence, Passage
from copydesk.ports import Bearing, Problem
from copydesk.writers.composing import Slot, compose_outline, settle
from copydesk.writers.mending import extended, shortened, without
from copydesk.writers.units import Line, Unit

NOTICE = Notice(
    code="WRITER_EXTRACTIVE",
    subject=None,
    message="This article quotes its sources passage by passage, because no language model is configured.",
)
SHORT_PARAGRAPH = 20  # words; a shorter one joins its neighbour of the same source
JOINED_PARAGRAPH = 60  # words that joined paragraphs have at most


class ExtractiveWriter:
    """Implements `ports.Writer` without model and network; the same input always gives the same text."""

    @property
    def name(self) -> str:
        """What the article records as its `writer`."""
        return "extractive"

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The label that the article carries: it quotes its sources, and no model is configured."""
        return (NOTICE,)

    @property
    def prompts(self) -> str | None:
        """None: there is no model."""
        return None

    async def plan(self, brief: Brief) -> Sequence[str]:
        """No queries beyond the prompt and keywords, which are searched for anyway."""
        del brief
        return ()

    async def outline(self, brief: Brief, evidence: Evidence) -> Outline:
        """Plan the article from whole passages; see `ports.Writer`."""
        return await asyncio.to_thread(compose_outline, brief, evidence)  # up to half a second for 10,000 words

    async def section(self, brief: Brief, outline: Outline, plan: SectionPlan, evidence: Evidence) -> SectionDraft:
        """Set the section's passages as paragraphs.

        The lengths of all sections are settled together, so that their sum lies in the range; with
        evidence that lacks other sections' passages, this section alone is brought near its budget.
        """
        return await asyncio.to_thread(_section, brief, outline, plan, evidence)

    async def repair(
        self, brief: Brief, draft: SectionDraft, problems: Sequence[Problem], passages: Sequence[Passage]
    ) -> SectionDraft:
        """Take out what a problem names, drop ends of paragraphs, or add unused passages."""
        for problem in problems:
            if problem.kind == "too_long":
                draft = shortened(draft, problem.words)
            elif problem.kind == "too_short":
                draft = extended(draft, problem.words, passages, language=brief.language)
            elif problem.sentence is not None and problem.kind != "wording":  # wording is its sources' own
                draft = without(draft, problem.sentence)
        return draft

    async def judge(
        self, brief: Brief, sentences: Sequence[Sentence], passages: Sequence[Passage]
    ) -> Sequence[Bearing | None]:
        """None for each: without a model nothing but the words can bear a sentence out."""
        del brief, passages
        return [None] * len(sentences)

    async def seo(self, brief: Brief, outline: Outline) -> SeoFields | None:
        """None: the pipeline makes them from the article's own sentences."""
        del brief, outline
        return None


def _section(brief: Brief, outline: Outline, plan: SectionPlan, evidence: Evidence) -> SectionDraft:
    named = {passage_id for section in outline.sections for passage_id in section.passage_ids}
    settled = settle(outline, evidence, brief.words) if named <= evidence.by_passage_id.keys() else None
    if settled is None:
        settled = _alone(plan, evidence)
    own = [(slot.unit, count) for slot, count in settled if slot.section_id == plan.section_id]
    return SectionDraft(section_id=plan.section_id, heading=plan.heading, level=plan.level, paragraphs=_paragraphs(own))


def _alone(plan: SectionPlan, evidence: Evidence) -> list[tuple[Slot, int]]:
    """All of the section's own passages that are there, as near its budget as whole sentences come."""
    ids = tuple(passage_id for passage_id in plan.passage_ids if passage_id in evidence.by_passage_id)
    single = Outline(
        title="",
        sections=(
            SectionPlan(
                section_id=plan.section_id, heading=plan.heading, level=plan.level, words=plan.words, passage_ids=ids
            ),
        ),
    )
    wide = WordRange(minimum=0, maximum=2 * plan.words)
    return settle(single, evidence, wide) or []


def _paragraphs(units: Iterable[tuple[Unit, int]]) -> tuple[Paragraph, ...]:
    """A paragraph for every passage; very short neighbours of one source are set together."""
    paragraphs: list[list[Line]] = []
    last: tuple[str, bool] | None = None
    quoted: dict[str, bool] = {}
    for unit, count in units:
        for passage in unit.passages:
            lines = [line for line in unit.lines[:count] if line.passage_id == passage.passage_id]
            if not lines:
                continue
            quoted[passage.passage_id] = unit.quoted
            kind = (passage.source_id, passage.computed)
            if last == kind and not unit.quoted and _joins(paragraphs[-1], lines):
                paragraphs[-1].extend(lines)
            else:
                paragraphs.append(list(lines))
            last = kind
    return tuple(
        Paragraph(
            sentences=tuple(
                Sentence(text=line.text, passage_ids=(line.passage_id,), quoted=quoted[line.passage_id])
                for line in lines
            )
        )
        for lines in paragraphs
    )


def _joins(before: Sequence[Line], after: Sequence[Line]) -> bool:
    first, second = sum(line.words for line in before), sum(line.words for line in after)
    return min(first, second) < SHORT_PARAGRAPH and first + second <= JOINED_PARAGRAPH

"""Drafting: sections made true, clean and of the right length, or an honest failure."""

import asyncio
from collections.abc import Sequence

from copydesk.domain.article import Assembled, Drafted, Outline, SectionDraft, SectionPlan, SupportCounts, SupportStatus
from copydesk.domain.brief import Brief
from copydesk.domain.source import Evidence
from copydesk.errors import WorkflowError
from copydesk.pipeline.assemble import assemble
from copydesk.pipeline.fit import fit_to_range
from copydesk.pipeline.judging import judged
from copydesk.pipeline.mend import mend
from copydesk.pipeline.origin import origin_notices
from copydesk.pipeline.polish import polished
from copydesk.pipeline.review import review
from copydesk.pipeline.rights import respect_rights
from copydesk.ports import Problem, Writer

ROUNDS = 3  # of mending and fitting; each may undo a little of what the other did
_SHOWN = 3  # problems named in the failure


async def draft_article(
    writer: Writer, brief: Brief, outline: Outline, sections: Sequence[SectionDraft], evidence: Evidence
) -> Drafted:
    """Judge, mend, fit and review the sections until the article passes the gate of quality.md, sections 1 to 3.

    Then what a rewrite can do for search is tried once, and kept where the article still passes.

    Raises:
        WorkflowError: It cannot be brought through; says what fails.
    """
    current = await judged(writer, brief, sections, evidence)
    repaired, removed = sum(s.repaired for s in sections), sum(s.removed for s in sections)
    problems: list[Problem] = []
    for attempt in range(ROUNDS):
        # The writer is asked once; later rounds only take away what new text brought in.
        mended = await mend(writer if attempt == 0 else None, brief, outline.title, current, evidence)
        whole = await _filled(writer, brief, outline, mended.sections, evidence) if attempt == 0 else mended.sections
        lawful = respect_rights(whole, evidence)
        fitted = await fit_to_range(writer, brief, lawful, evidence, certain=attempt > 0)
        current = fitted.sections
        repaired += mended.repaired  # what fitting trims was true, only too long: it does not count here
        removed += mended.removed
        assembled = assemble(current, evidence, language=brief.language)
        problems = await asyncio.to_thread(review, assembled, brief, outline.title, evidence)
        if not problems:
            assembled = await polished(writer, brief, outline, current, assembled, evidence)
            return Drafted(
                outline=outline,
                assembled=assembled,
                support=_counts(assembled, repaired, removed),
                notices=(*writer.notices, *origin_notices(writer.name, assembled)),
            )
    named = " ".join(problem.message for problem in problems[:_SHOWN])
    message = f"The article did not pass its checks and was not stored: {named} Add sources, or widen the word range."
    raise WorkflowError(message)


async def _filled(
    writer: Writer, brief: Brief, outline: Outline, sections: Sequence[SectionDraft], evidence: Evidence
) -> tuple[SectionDraft, ...]:
    """The sections, with those that were planned and lost all of their text written once more."""
    planned = {plan.section_id for plan in outline.sections}
    there = {section.section_id: section for section in sections if section.paragraphs}
    if not there.keys() <= planned:  # a writer that names its sections otherwise: which are lost cannot be known
        return tuple(sections)
    used = {i for s in there.values() for p in s.paragraphs for sentence in p.sentences for i in sentence.passage_ids}
    lost = [plan for plan in outline.sections if plan.section_id not in there]
    written = await asyncio.gather(*(_again(writer, brief, plan, used, evidence) for plan in lost))
    there.update((section.section_id, section) for section in written if section.paragraphs)
    return tuple(there[plan.section_id] for plan in outline.sections if plan.section_id in there)


async def _again(writer: Writer, brief: Brief, plan: SectionPlan, used: set[str], evidence: Evidence) -> SectionDraft:
    empty = SectionDraft(section_id=plan.section_id, heading=plan.heading, level=plan.level, paragraphs=())
    own = [evidence.by_passage_id[i] for i in plan.passage_ids if i in evidence.by_passage_id and i not in used]
    problem = Problem(kind="too_short", message="Nothing of the section held.", words=plan.words, certain=True)
    return await writer.repair(brief, empty, [problem], own) if own else empty


def _counts(assembled: Assembled, repaired: int, removed: int) -> SupportCounts:
    supported = sum(sentence.support is SupportStatus.SUPPORTED for sentence in assembled.evidence)
    return SupportCounts(supported=supported, repaired=repaired, removed=removed)

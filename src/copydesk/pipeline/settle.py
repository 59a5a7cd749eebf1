"""A section is checked and mended as soon as it is written, beside the others that are still being written."""

from dataclasses import replace

from copydesk.domain.article import SectionDraft
from copydesk.domain.brief import Brief
from copydesk.domain.source import Evidence
from copydesk.pipeline.mend import mend
from copydesk.ports import Writer


async def settle_section(
    writer: Writer, brief: Brief, title: str, section: SectionDraft, evidence: Evidence
) -> SectionDraft:
    """The section with every sentence that fails by itself mended, exchanged or removed; doubtful ones stay.

    What only shows beside the other sections (repetitions, the share of uncited sentences, the length) is left to
    the draft.
    """
    if not section.paragraphs:
        return section
    mended = await mend(writer, brief, title, [section], evidence, undecided=True)
    paragraphs = mended.sections[0].paragraphs if mended.sections else ()
    return replace(section, paragraphs=paragraphs, repaired=mended.repaired, removed=mended.removed)

"""From written sections to an article that passes the gate: mend, fit, assemble, review, until all holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from copydesk.domain.article import Assembled, SectionDraft, SupportCounts, SupportStatus
from copydesk.domain.brief import Brief
from copydesk.domain.source import Evidence
from copydesk.errors import WorkflowError
from copydesk.pipeline.assemble import assemble
from copydesk.pipeline.fit import fit_to_range
from copydesk.pipeline.mend import mend
from copydesk.pipeline.review import review
from copydesk.pipeline.rights import respect_rights
from copydesk.ports import Writer

ROUNDS = 4  # mending shortens, lengthening may bring new flaws; what is not whole after four never will be


@dataclass(frozen=True, kw_only=True)
class Edited:
    """An article that passes the gate."""

    sections: tuple[SectionDraft, ...]
    assembled: Assembled
    support: SupportCounts


async def edit(
    writer: Writer, brief: Brief, title: str, sections: Sequence[SectionDraft], evidence: Evidence
) -> Edited:
    """Bring written sections to what quality.md's sections 1 to 3 demand, whatever the writer returned.

    Raises:
        WorkflowError: It cannot be done from this text and evidence; says what fails and what would help.
    """
    current = tuple(sections)
    repaired = removed = 0
    for _ in range(ROUNDS):
        mended = await mend(writer, brief, title, respect_rights(current, evidence), evidence)
        repaired += mended.repaired
        removed += mended.removed
        fitted = await fit_to_range(writer, brief, mended.sections, evidence)
        current = fitted.sections
        assembled = assemble(current, evidence, language=brief.language)
        problems = review(assembled, brief, title, evidence)
        if not problems and current == respect_rights(current, evidence):
            return Edited(sections=current, assembled=assembled, support=_counts(assembled, repaired, removed))
    reasons = "; ".join(dict.fromkeys(problem.message for problem in problems[:3])) or "quotations are too long"
    message = (
        f"The article could not be brought to the required quality: {reasons} Another try, or more sources, may help."
    )
    raise WorkflowError(message, retryable=True)


def _counts(assembled: Assembled, repaired: int, removed: int) -> SupportCounts:
    supported = sum(sentence.support is SupportStatus.SUPPORTED for sentence in assembled.evidence)
    repaired = min(repaired, supported)
    return SupportCounts(supported=supported - repaired, repaired=repaired, removed=removed)

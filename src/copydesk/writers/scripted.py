"""A writer whose answers are given: the fake of `ports.Writer` for tests and trials."""

from collections.abc import Iterable, Mapping, Sequence

from copydesk.domain.article import Notice, Outline, Paragraph, SectionDraft, SectionPlan, Sentence, SeoFields
from copydesk.domain.brief import Brief
from copydesk.domain.source import Evidence, Passage
from copydesk.errors import CopydeskError
from copydesk.ports import Bearing, Problem


class ScriptedWriter:
    """Answers what it was given, and notes what it was asked; with nothing given it copies passages.

    Args:
        queries: What `plan` answers.
        outline: What `outline` answers; an error is raised; None: one section a source.
        sections: What `section` answers, by section id; sections not named are their passages, copied.
        repairs: What `repair` answers, in order; afterwards sections come back as they are.
        borne_out: What bears out the sentences that `judge` finds so, by their texts.
        fields: What `seo` answers; None leaves them to the pipeline.
    """

    def __init__(
        self,
        *,
        queries: Sequence[str] = (),
        outline: Outline | CopydeskError | None = None,
        sections: Mapping[str, SectionDraft] | None = None,
        repairs: Iterable[SectionDraft] = (),
        borne_out: Mapping[str, Bearing] | None = None,
        fields: SeoFields | None = None,
    ) -> None:
        self._queries = tuple(queries)
        self._outline = outline
        self._sections = dict(sections or {})
        self._repairs = list(repairs)
        self._borne_out = dict(borne_out or {})
        self._fields = fields
        self.asked: list[tuple[str, str]] = []  # method and section id (or empty), in order
        self.problems: list[Problem] = []  # all that `repair` was told

    @property
    def name(self) -> str:
        """What the article records as its `writer`."""
        return "scripted"

    @property
    def notices(self) -> tuple[Notice, ...]:
        """That the text was given."""
        return (Notice(code="WRITER_SCRIPTED", subject=None, message="The text was given to a scripted writer."),)

    @property
    def prompts(self) -> str | None:
        """None: there is no model."""
        return None

    async def plan(self, brief: Brief) -> Sequence[str]:
        """The given queries."""
        del brief
        self.asked.append(("plan", ""))
        return self._queries

    async def outline(self, brief: Brief, evidence: Evidence) -> Outline:
        """The given outline, or one section a source with its passages in order."""
        self.asked.append(("outline", ""))
        if isinstance(self._outline, CopydeskError):
            raise self._outline
        return self._outline or _outline_by_source(brief, evidence)

    async def section(self, brief: Brief, outline: Outline, plan: SectionPlan, evidence: Evidence) -> SectionDraft:
        """The given section, or the section's passages, a paragraph each."""
        del brief, outline
        self.asked.append(("section", plan.section_id))
        return self._sections.get(plan.section_id) or copied(plan, evidence)

    async def repair(
        self, brief: Brief, draft: SectionDraft, problems: Sequence[Problem], passages: Sequence[Passage]
    ) -> SectionDraft:
        """The next given repair, or the section as it is."""
        del brief, passages
        self.asked.append(("repair", draft.section_id))
        self.problems.extend(problems)
        return self._repairs.pop(0) if self._repairs else draft

    async def judge(
        self, brief: Brief, sentences: Sequence[Sentence], passages: Sequence[Passage]
    ) -> Sequence[Bearing | None]:
        """What was given for each sentence; None for others."""
        del brief, passages
        self.asked.append(("judge", ""))
        return [self._borne_out.get(sentence.text) for sentence in sentences]

    async def seo(self, brief: Brief, outline: Outline) -> SeoFields | None:
        """The given fields, if any."""
        del brief, outline
        self.asked.append(("seo", ""))
        return self._fields


def copied(plan: SectionPlan, evidence: Evidence) -> SectionDraft:
    """The section's passages as they stand, a paragraph each, cited; brief quotations in quotation marks."""
    paragraphs = tuple(
        Paragraph(
            sentences=tuple(
                Sentence(text=sentence, passage_ids=(passage_id,), quoted=not evidence.source_of(passage_id).quotable)
                for sentence in evidence.by_passage_id[passage_id].sentences
            )
        )
        for passage_id in plan.passage_ids
    )
    return SectionDraft(section_id=plan.section_id, heading=plan.heading, level=plan.level, paragraphs=paragraphs)


def _outline_by_source(brief: Brief, evidence: Evidence) -> Outline:
    plans: list[SectionPlan] = []
    for source in evidence.sources:
        own = [passage for passage in evidence.passages if passage.source_id == source.source_id]
        ids = tuple(passage.passage_id for passage in sorted(own, key=lambda passage: passage.position))
        if ids:
            number = len(plans)
            heading = f"{source.title or source.site or 'Source'} ({number})" if number else None
            plans.append(
                SectionPlan(
                    section_id=f"s{number}" if number else "intro", heading=heading, level=2, words=0, passage_ids=ids
                )
            )
    share, rest = divmod(brief.words.target, max(1, len(plans)))
    budgets = [share + (i < rest) for i in range(len(plans))]
    return Outline(
        title=brief.topic,
        sections=tuple(
            SectionPlan(
                section_id=plan.section_id, heading=plan.heading, level=2, words=words, passage_ids=plan.passage_ids
            )
            for plan, words in zip(plans, budgets, strict=True)
        ),
    )

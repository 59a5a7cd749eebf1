"""The model writer: every answer of the model is read leniently, and where it is of no use the sources speak."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from copydesk.domain.article import Notice, Outline, Paragraph, SectionDraft, SectionPlan, Sentence, SeoFields
from copydesk.domain.brief import Brief
from copydesk.domain.source import Evidence, Passage
from copydesk.domain.words import count_words
from copydesk.errors import UnusableAnswer
from copydesk.language.written import written_in
from copydesk.ports import Bearing, LanguageModel, Problem, TextListener
from copydesk.writers.extractive import ExtractiveWriter
from copydesk.writers.model.answers import lines_of, plain
from copydesk.writers.model.calls import Calls, Shown, answer_tokens
from copydesk.writers.model.fencing import Fenced, defused
from copydesk.writers.model.forms import OutlineAnswer, SeoAnswer
from copydesk.writers.model.free import Free
from copydesk.writers.model.judging import judge
from copydesk.writers.model.planning import Proposed, asked_words, plan_article, sections_wanted, titled
from copydesk.writers.model.prompts import fill, prompts_version
from copydesk.writers.model.repairs import Repairs
from copydesk.writers.model.wording import heading_of, language_name, part_of, parts_of, request_of, wishes_of

MAX_QUERIES = 4  # further searches that the model may plan
_OUTLINE_WORDS = 22  # shown of each passage to the planner: enough to see what it is about
_OUTLINE_PASSAGES = 32
_OVER = 1.2  # times its budget that a section may be long before it counts as too long


class ModelWriter:
    """Implements `ports.Writer` with a language model.

    Args:
        model: Answers the calls; its endpoint's failures are raised, unusable answers are not.
        known: How each model is best asked for structure, by name; kept up, and shared by a process's writers.
        hear: Gives each section, by its id, who hears its text as it streams.
    """

    def __init__(
        self,
        model: LanguageModel,
        *,
        known: dict[str, str],
        hear: Callable[[str], TextListener] | None = None,
    ) -> None:
        self._calls = Calls(model, known)
        self._hear = hear
        self._sources = ExtractiveWriter()  # what the sources say themselves, where the model fails
        self._free = Free(self._calls)
        self._repairs = Repairs(self._calls, self._sources, self._free)

    @property
    def name(self) -> str:
        """What the article records as its `writer`."""
        return "model"

    @property
    def prompts(self) -> str | None:
        """The version of the prompts."""
        return prompts_version()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Nothing: every sentence was checked."""
        return ()

    async def plan(self, brief: Brief) -> Sequence[str]:
        """Further search queries, one short call of the fast model; none if it answers nothing of use."""
        prompt = fill(
            "plan",
            count=str(MAX_QUERIES),
            language_name=language_name(brief.language),
            topic=defused(brief.topic),
            request=request_of(brief),
            queries="\n".join((brief.topic, *brief.keywords)),
        )
        answer = await self._calls.bare("plan", prompt, max_tokens=120, fast=True)
        queries = [line for line in lines_of(answer.text) if count_words(line) in range(2, 16)]
        return tuple(dict.fromkeys(queries))[:MAX_QUERIES]

    async def outline(self, brief: Brief, evidence: Evidence) -> Outline:
        """Title and sections over the best passages; the sources' own order where the answer is of no use."""
        if not evidence.passages and brief.allow_ungrounded:
            return await self._free.outline(brief)
        wanted = sections_wanted(brief.words.target)
        try:
            answer, fenced = await self._calls.form(
                "outline",
                "outline",
                Shown(passages=evidence.passages[:_OUTLINE_PASSAGES], evidence=evidence, words=_OUTLINE_WORDS),
                OutlineAnswer,
                max_tokens=40 * wanted + 120,
                count=str(wanted),
                language_name=language_name(brief.language),
                keyword_rule=f', with the phrase "{defused(brief.primary_keyword)}"' if brief.keywords else "",
                topic=defused(brief.topic),
                request=request_of(brief),
                wishes=wishes_of(brief),
            )
        except UnusableAnswer:
            return await self._sources.outline(brief, evidence)
        proposed = [
            Proposed(heading=heading, passage_ids=tuple(_chosen(section.passages, fenced)))
            for section in answer.sections
            if (heading := heading_of(section.heading))
        ]
        title = titled(brief, heading_of(answer.title))
        outline = await asyncio.to_thread(plan_article, brief, evidence, title, proposed)
        if len(outline.sections) == 1 and proposed:  # nothing that it planned has evidence
            return await self._sources.outline(brief, evidence)
        return outline

    async def section(self, brief: Brief, outline: Outline, plan: SectionPlan, evidence: Evidence) -> SectionDraft:
        """Write one section, streamed; its sources' own sentences where two answers hold none of use."""
        passages = [evidence.by_passage_id[i] for i in plan.passage_ids if i in evidence.by_passage_id]
        on_text = self._hear(plan.section_id) if self._hear is not None else None
        if not passages and brief.allow_ungrounded:
            return await self._free.section(brief, outline, plan, on_text=on_text)
        words = asked_words(brief, plan)
        most = round(words * _OVER)
        again: str | None = ""
        while again is not None:
            paragraphs = await self._calls.written(
                f"section:{plan.section_id}",
                "section",
                Shown(passages=passages, evidence=evidence),
                language=brief.language,
                max_tokens=answer_tokens(most),
                on_text=on_text,
                words=str(words),
                most=str(most),
                title=defused(outline.title),
                request=request_of(brief),
                wishes=wishes_of(brief),
                parts=parts_of(outline),
                part=part_of(brief, outline, plan),
                again=again,
            )
            reason = _unusable(paragraphs, brief.language)
            if reason is None:
                return SectionDraft(
                    section_id=plan.section_id, heading=plan.heading, level=plan.level, paragraphs=paragraphs
                )
            again = f"Your last answer could not be used: {reason}. Keep to the rules above." if not again else None
        return await self._sources.section(brief, outline, plan, evidence)

    async def repair(
        self, brief: Brief, draft: SectionDraft, problems: Sequence[Problem], passages: Sequence[Passage]
    ) -> SectionDraft:
        """Correct failing sentences in one call; lengthen or tighten in another."""
        failing = [problem for problem in problems if problem.sentence is not None]
        if failing:
            draft = await self._repairs.corrected(brief, draft, failing, passages)
        for problem in problems:
            if problem.kind == "too_short":
                draft = await self._repairs.longer(brief, draft, problem, passages)
            elif problem.kind == "too_long":
                draft = await self._repairs.shorter(brief, draft, problem, passages)
        return draft

    async def judge(
        self, brief: Brief, sentences: Sequence[Sentence], passages: Sequence[Passage]
    ) -> Sequence[Bearing | None]:
        """The passages whose words the model copied to bear the sentences out, all in one call."""
        return await judge(self._calls, brief, sentences, passages)

    async def seo(self, brief: Brief, outline: Outline) -> SeoFields | None:
        """Search fields from the outline; None where the answer is of no use."""
        prompt = fill(
            "seo",
            language_name=language_name(brief.language),
            keyword=defused(brief.primary_keyword),
            title=defused(outline.title),
            sections="\n".join(defused(plan.heading) for plan in outline.sections if plan.heading),
            request=request_of(brief),
        )
        try:
            answer = await self._calls.bare_form("seo", prompt, SeoAnswer, max_tokens=260)
        except UnusableAnswer:
            return None
        return SeoFields(
            seo_title=plain(answer.title),
            seo_description=plain(answer.description),
            slug=answer.slug,
            excerpt=plain(answer.excerpt),
            keywords=brief.keywords,
        )


def _chosen(numbers: Iterable[int], fenced: Fenced) -> list[str]:
    return [fenced.ids[n - 1] for n in numbers if 1 <= n <= len(fenced.ids)]


def _unusable(paragraphs: Sequence[Paragraph], language: str) -> str | None:
    """Why a written section is of no use, as its model is told; None where it is of use."""
    sentences = [sentence for paragraph in paragraphs for sentence in paragraph.sentences]
    if not sentences:
        return "it held no sentence"
    if not written_in(" ".join(sentence.text for sentence in sentences), language):
        return f"it was not written in {language_name(language)}"
    if not any(sentence.passage_ids for sentence in sentences):
        return "no sentence ended with the number of a passage, as in [3]"
    return None

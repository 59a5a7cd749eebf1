"""The model writer: every answer of the model is read leniently, and where it is of no use the sources speak."""

import asyncio
import string
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

import regex

from copydesk.domain.article import Notice, Outline, Paragraph, SectionDraft, SectionPlan, Sentence, SeoFields
from copydesk.domain.brief import Brief
from copydesk.domain.source import Evidence, Passage, Source
from copydesk.domain.words import count_words
from copydesk.errors import ContextOverflow, UnusableAnswer
from copydesk.ports import LanguageModel, ModelAnswer, ModelCall, Problem
from copydesk.writers.composing import title_of
from copydesk.writers.extractive import ExtractiveWriter
from copydesk.writers.model.answers import lines_of, paragraphs_of, plain
from copydesk.writers.model.fencing import Fenced, defused, estimate_tokens, fence
from copydesk.writers.model.forms import OutlineAnswer, SeoAnswer
from copydesk.writers.model.planning import Proposed, plan_article, sections_wanted
from copydesk.writers.model.prompts import Prompt, fill
from copydesk.writers.model.structured import Asker
from copydesk.writers.model.wording import (
    heading_of,
    language_name,
    part_of,
    parts_of,
    request_of,
    text_of,
    wishes_of,
)

T = TypeVar("T")

MAX_QUERIES = 4  # further searches that the model may plan
_TITLE_CHARACTERS = 90
_OUTLINE_WORDS = 26  # shown of each passage to the planner: enough to see what it is about
_OUTLINE_PASSAGES = 48
_TOKENS_PER_WORD = 2.0  # of an answer, on the safe side; English takes 1.3, other languages more
_OVERHEAD_TOKENS = 60  # of an answer: thoughts, marks, a remark
_OVER = 1.2  # times its budget that a section may be long before it counts as too long
_SHARES = (1.0, 0.5, 0.25, 0.1, 0.03)  # of the window: windows are stated wrongly, and tokens are estimated
_EXTEND_PASSAGES = 6  # shown, at least, to the one who lengthens a section
_WORDS_PER_PASSAGE = 25  # that a writer makes of one passage, on the safe side
_EXTEND_FROM = 12  # words; fewer than these missing are not asked of a model


class ModelWriter:
    """Implements `ports.Writer` with a language model.

    Args:
        model: Answers the calls; its endpoint's failures are raised, unusable answers are not.
        known: How each model is best asked for structure, by name; kept up, and shared by a process's writers.
        on_text: Told of each section's text as it streams: section id, piece.
    """

    def __init__(
        self,
        model: LanguageModel,
        *,
        known: dict[str, str],
        on_text: Callable[[str, str], None] | None = None,
    ) -> None:
        self._model = model
        self._asker = Asker(model, known)
        self._on_text = on_text
        self._sources = ExtractiveWriter()  # what the sources say themselves, where the model fails

    @property
    def name(self) -> str:
        """What the article records as its `writer`."""
        return "model"

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
        answer = await self._model.complete(self._call("plan", prompt, max_tokens=120, fast=True))
        queries = [line for line in lines_of(answer.text) if count_words(line) in range(2, 16)]
        return tuple(dict.fromkeys(queries))[:MAX_QUERIES]

    async def outline(self, brief: Brief, evidence: Evidence) -> Outline:
        """Title and sections over the best passages; the sources' own order where the answer is of no use."""
        wanted = sections_wanted(brief.words.target)
        limit = 40 * wanted + 120

        async def ask(share: float) -> tuple[OutlineAnswer, Fenced]:
            prompt, fenced = self._with_passages(
                "outline",
                evidence.passages[:_OUTLINE_PASSAGES],
                evidence,
                share=share,
                answer_tokens=limit,
                shown=_OUTLINE_WORDS,
                count=str(wanted),
                language_name=language_name(brief.language),
                keyword_rule=f', with the phrase "{defused(brief.primary_keyword)}"' if brief.keywords else "",
                topic=defused(brief.topic),
                request=request_of(brief),
                wishes=wishes_of(brief),
            )
            call = self._call("outline", prompt, max_tokens=limit, fast=True)
            return await self._asker.ask(call, OutlineAnswer), fenced

        try:
            answer, fenced = await _in_less_room(ask)
        except UnusableAnswer:
            return await self._sources.outline(brief, evidence)
        proposed = [
            Proposed(heading=heading, passage_ids=tuple(_chosen(section.passages, fenced)))
            for section in answer.sections
            if (heading := heading_of(section.heading))
        ]
        title = heading_of(answer.title)
        if not title or len(title) > _TITLE_CHARACTERS:
            title = title_of(brief)
        outline = await asyncio.to_thread(plan_article, brief, evidence, title, proposed)
        if len(outline.sections) == 1 and proposed:  # nothing that it planned has evidence
            return await self._sources.outline(brief, evidence)
        return outline

    async def section(self, brief: Brief, outline: Outline, plan: SectionPlan, evidence: Evidence) -> SectionDraft:
        """Write one section, streamed; its sources' own sentences where the answer holds none of use."""
        passages = [evidence.by_passage_id[i] for i in plan.passage_ids if i in evidence.by_passage_id]
        most = round(plan.words * _OVER)
        paragraphs = await self._written(
            f"section:{plan.section_id}",
            "section",
            passages,
            evidence,
            language=brief.language,
            answer_tokens=_answer_tokens(most),
            on_text=self._listener(plan.section_id),
            words=str(plan.words),
            most=str(most),
            title=defused(outline.title),
            request=request_of(brief),
            wishes=wishes_of(brief),
            parts=parts_of(outline),
            part=part_of(outline, plan),
        )
        if not any(sentence.passage_ids for paragraph in paragraphs for sentence in paragraph.sentences):
            return await self._sources.section(brief, outline, plan, evidence)
        return SectionDraft(section_id=plan.section_id, heading=plan.heading, level=plan.level, paragraphs=paragraphs)

    async def repair(
        self, brief: Brief, draft: SectionDraft, problems: Sequence[Problem], passages: Sequence[Passage]
    ) -> SectionDraft:
        """Correct failing sentences in one call; lengthen or tighten in another."""
        failing = [problem for problem in problems if problem.sentence is not None]
        if failing:
            draft = await self._corrected(brief, draft, failing, passages)
        for problem in problems:
            if problem.kind == "too_short":
                draft = await self._longer(brief, draft, problem, passages)
            elif problem.kind == "too_long":
                draft = await self._shorter(brief, draft, problem, passages)
        return draft

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
            answer = await self._asker.ask(self._call("seo", prompt, max_tokens=260, fast=True), SeoAnswer)
        except UnusableAnswer:
            return None
        return SeoFields(
            seo_title=plain(answer.title),
            seo_description=plain(answer.description),
            slug=answer.slug,
            excerpt=plain(answer.excerpt),
            keywords=brief.keywords,
        )

    async def _corrected(
        self, brief: Brief, draft: SectionDraft, failing: Sequence[Problem], passages: Sequence[Passage]
    ) -> SectionDraft:
        """The section with each failing sentence corrected, or without it where no passage bears it out."""
        shown = failing[: len(string.ascii_lowercase)]
        lines = [
            f"{letter}: {defused(problem.sentence or '')} ({defused(problem.message)})"
            for letter, problem in zip(string.ascii_lowercase, shown, strict=False)
        ]
        words = sum(count_words(problem.sentence or "") for problem in shown)

        async def ask(share: float) -> tuple[ModelAnswer, Fenced]:
            prompt, fenced = self._with_passages(
                "mend",
                passages,
                _alone(passages),
                share=share,
                answer_tokens=_answer_tokens(2 * words),
                language_name=language_name(brief.language),
                problems="\n".join(lines),
            )
            call = self._call(f"mend:{draft.section_id}", prompt, max_tokens=_answer_tokens(2 * words))
            return await self._model.complete(call), fenced

        answer, fenced = await _in_less_room(ask)
        corrected = dict(_lettered(answer.text, fenced, brief.language))
        by_text = {
            problem.sentence or "": corrected.get(letter)
            for letter, problem in zip(string.ascii_lowercase, shown, strict=False)
        }
        return replace(draft, paragraphs=tuple(_exchanged(draft.paragraphs, by_text)))

    async def _longer(
        self, brief: Brief, draft: SectionDraft, problem: Problem, passages: Sequence[Passage]
    ) -> SectionDraft:
        """The section with more sentences from unused passages; the passages' own where the model adds nothing."""
        if problem.certain:
            return await self._sources.repair(brief, draft, [problem], passages)
        used = {i for paragraph in draft.paragraphs for sentence in paragraph.sentences for i in sentence.passage_ids}
        fresh = [passage for passage in passages if passage.passage_id not in used] or list(passages)
        added: tuple[Paragraph, ...] = ()
        if problem.words >= _EXTEND_FROM and fresh:
            shown = fresh[: max(_EXTEND_PASSAGES, problem.words // _WORDS_PER_PASSAGE)]
            added = await self._written(
                f"extend:{draft.section_id}",
                "extend",
                shown,
                _alone(shown),
                language=brief.language,
                answer_tokens=_answer_tokens(2 * problem.words),
                words=str(problem.words),
                text=text_of(draft),
            )
            added = tuple(_cited_alone(added))
        if not added:
            return await self._sources.repair(brief, draft, [problem], passages)
        return replace(draft, paragraphs=(*draft.paragraphs, *added))

    async def _shorter(
        self, brief: Brief, draft: SectionDraft, problem: Problem, passages: Sequence[Passage]
    ) -> SectionDraft:
        """The section said in fewer words; whole sentences go where the model does not shorten it."""
        now = sum(count_words(sentence.text) for paragraph in draft.paragraphs for sentence in paragraph.sentences)
        goal = max(1, now - problem.words)
        numbers = {passage.passage_id: n for n, passage in enumerate(passages, start=1)}
        prompt = fill(
            "tighten",
            language_name=language_name(brief.language),
            words=str(goal),
            text=text_of(draft, numbers),
        )
        answer = await self._model.complete(
            self._call(f"tighten:{draft.section_id}", prompt, max_tokens=_answer_tokens(now))
        )
        ids = tuple(passage.passage_id for passage in passages)
        paragraphs = tuple(_cited_alone(paragraphs_of(answer.text, ids, brief.language, complete=answer.complete)))
        counted = sum(count_words(sentence.text) for paragraph in paragraphs for sentence in paragraph.sentences)
        if not 0 < counted < now:
            return await self._sources.repair(brief, draft, [problem], passages)
        return replace(draft, paragraphs=paragraphs)

    async def _written(
        self,
        purpose: str,
        name: str,
        passages: Sequence[Passage],
        evidence: Evidence,
        *,
        language: str,
        answer_tokens: int,
        on_text: Callable[[str], None] | None = None,
        **values: str,
    ) -> tuple[Paragraph, ...]:
        """Paragraphs that the model writes from passages."""

        async def ask(share: float) -> tuple[ModelAnswer, Fenced]:
            prompt, fenced = self._with_passages(
                name,
                passages,
                evidence,
                share=share,
                answer_tokens=answer_tokens,
                shown=None,
                language_name=language_name(language),
                **values,
            )
            call = self._call(purpose, prompt, max_tokens=answer_tokens)
            return await self._model.complete(call, on_text=on_text), fenced

        answer, fenced = await _in_less_room(ask)
        return paragraphs_of(answer.text, fenced.ids, language, complete=answer.complete)

    def _with_passages(
        self,
        name: str,
        passages: Sequence[Passage],
        evidence: Evidence,
        *,
        share: float,
        answer_tokens: int,
        shown: int | None = None,
        **values: str,
    ) -> tuple[Prompt, Fenced]:
        """A prompt with as many passages as `share` of the model's window holds beside it and its answer."""
        bare = fill(name, passages="", **values)
        room = self._model.window - answer_tokens - estimate_tokens(bare.instructions) - estimate_tokens(bare.task)
        fenced = fence(passages, evidence, tokens=round(room * share), words=shown)
        return fill(name, passages=fenced.text, **values), fenced

    def _call(self, purpose: str, prompt: Prompt, *, max_tokens: int, fast: bool = False) -> ModelCall:
        return ModelCall(
            purpose=purpose, instructions=prompt.instructions, prompt=prompt.task, max_tokens=max_tokens, fast=fast
        )

    def _listener(self, section_id: str) -> Callable[[str], None] | None:
        told = self._on_text
        return (lambda piece: told(section_id, piece)) if told is not None else None


async def _in_less_room(ask: Callable[[float], Awaitable[T]]) -> T:
    """Ask; where the prompt is longer than the model's window after all, ask again with fewer passages.

    Raises:
        ContextOverflow: Even the least of the room is too much.
    """
    for share in _SHARES[:-1]:
        try:
            return await ask(share)
        except ContextOverflow:
            continue
    return await ask(_SHARES[-1])


def _answer_tokens(words: int) -> int:
    return round(words * _TOKENS_PER_WORD) + _OVERHEAD_TOKENS


def _chosen(numbers: Iterable[int], fenced: Fenced) -> list[str]:
    return [fenced.ids[n - 1] for n in numbers if 1 <= n <= len(fenced.ids)]


def _alone(passages: Sequence[Passage]) -> Evidence:
    """Passages without what is known of their sources."""
    sources: tuple[Source, ...] = ()
    return Evidence(sources=sources, passages=tuple(passages))


def _lettered(text: str, fenced: Fenced, language: str) -> Iterable[tuple[str, tuple[Sentence, ...]]]:
    """The corrected sentences by letter; a dash is none."""
    for line in plain(text).splitlines():
        found = regex.match(r"\s*[(\[]?([a-z])[)\]]?\s*[:.)]\s*(.*)$", line, flags=regex.IGNORECASE)
        if found is None:
            continue
        paragraphs = paragraphs_of(found[2], fenced.ids, language, complete=True)
        sentences = tuple(sentence for paragraph in paragraphs for sentence in paragraph.sentences)
        yield found[1].lower(), tuple(sentence for sentence in sentences if sentence.passage_ids)


def _exchanged(paragraphs: Iterable[Paragraph], by_text: dict[str, tuple[Sentence, ...] | None]) -> Iterable[Paragraph]:
    """Paragraphs with failing sentences exchanged; those that the model passed over stay, and are dealt with later."""
    for paragraph in paragraphs:
        sentences: list[Sentence] = []
        for sentence in paragraph.sentences:
            corrected = by_text.get(sentence.text)
            sentences.extend([sentence] if corrected is None else corrected)
        yield replace(paragraph, sentences=tuple(sentences))


def _cited_alone(paragraphs: Iterable[Paragraph]) -> Iterable[Paragraph]:
    """Paragraphs with their cited sentences alone: what is added must be borne out."""
    for paragraph in paragraphs:
        sentences = tuple(sentence for sentence in paragraph.sentences if sentence.passage_ids)
        if sentences:
            yield replace(paragraph, sentences=sentences)

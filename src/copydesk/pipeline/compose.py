"""The durable steps that write: outline, sections, draft, search fields."""

import asyncio
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter
from sqlalchemy.exc import IntegrityError

from copydesk.domain.article import (
    Article,
    Assembled,
    Drafted,
    Outline,
    PublicationStatus,
    SectionDraft,
    SeoFields,
)
from copydesk.domain.brief import Brief
from copydesk.domain.clock import new_id, now
from copydesk.domain.source import Disposition, Source
from copydesk.domain.task import StageName, Task
from copydesk.errors import WorkflowError
from copydesk.evidence.rank import Ranked, rank_evidence
from copydesk.pipeline.events import decide, tell_final, tell_outline
from copydesk.pipeline.parts import Parts
from copydesk.pipeline.progress import TaskEnded, begin_stage, end_stage
from copydesk.pipeline.settle import settle_section
from copydesk.pipeline.stages.draft import draft_article
from copydesk.pipeline.stages.outline import check_evidence
from copydesk.pipeline.stages.research import SEARCH_FAILED
from copydesk.pipeline.stages.seo import Finished, optimize
from copydesk.pipeline.vectors import Vectors
from copydesk.ports import Writer
from copydesk.seo.slugs import unique_slug
from copydesk.store import evidence as evidence_store
from copydesk.store.articles import insert_article
from copydesk.store.slugs import list_slugs
from copydesk.store.tasks import add_warnings, complete_task, is_running

T = TypeVar("T")

_FIELDS = "fields"  # the name of the proposed search fields among a task's results

_SLUG_TRIES = 5  # two tasks of one account may finish with the same slug at once


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """The search fields that a writer proposed, if any."""

    fields: SeoFields | None


class Composer:
    """Turns stored evidence into the stored article, each result kept under its name."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._vectors = (
            None
            if parts.embedder is None
            else Vectors(
                embedder=parts.embedder,
                database=parts.database,
                seconds=parts.settings.embedding_seconds,
                purses=parts.purses,
            )
        )
        self._ranked: dict[str, Ranked] = {}  # by task id, while its workflow runs here; else ranked again

    def forget(self, task_id: str) -> None:
        """Drop what is held in memory for a task."""
        self._ranked.pop(task_id, None)

    async def outline(self, task: Task, brief: Brief) -> Sequence[str]:
        """Rank the evidence, record dispositions, plan; answers the sections' ids."""
        async with self._parts.database.write() as connection:
            await begin_stage(connection, task.task_id, StageName.OUTLINE)
        ranked = await self._evidence(task, brief)
        async with self._parts.database.write() as connection:
            await decide(connection, task.task_id, ranked.dispositions)
            await add_warnings(connection, task_id=task.task_id, notices=ranked.notices)
        sources = await self._sources(task)
        failed = [notice for notice in task.warnings if notice.code == SEARCH_FAILED]
        check_evidence(ranked.evidence, sources, allow_ungrounded=brief.allow_ungrounded, failed_searches=failed)
        outline = await self._kept(task, "outline", Outline, lambda: self._writer(task).outline(brief, ranked.evidence))
        passages, cited = len(ranked.evidence.passages), len({p.source_id for p in ranked.evidence.passages})
        async with self._parts.database.write() as connection:
            await tell_outline(connection, task.task_id, outline)
            detail = f"{len(outline.sections)} sections from {passages} passages of {cited} sources."
            await end_stage(connection, task.task_id, StageName.OUTLINE, detail)
            await begin_stage(connection, task.task_id, StageName.DRAFT)
        return [section.section_id for section in outline.sections]

    async def section(self, task: Task, brief: Brief, section_id: str) -> str:
        """Write one section and mend what fails by itself; answers its id."""
        outline = await self._result(task, "outline", Outline)
        plan = next(section for section in outline.sections if section.section_id == section_id)
        evidence = (await self._evidence(task, brief)).evidence

        async def write() -> SectionDraft:
            writer = self._writer(task)
            written = await writer.section(brief, outline, plan, evidence)
            return await settle_section(writer, brief, outline.title, written, evidence)

        draft = await self._kept(task, f"section:{section_id}", SectionDraft, write)
        self._parts.texts.written(task.task_id, draft)
        return section_id

    async def fields(self, task: Task, brief: Brief) -> None:
        """Have the search fields proposed from the outline, while the sections are written."""
        outline = await self._result(task, "outline", Outline)

        async def propose() -> Proposed:
            return Proposed(fields=await self._writer(task).seo(brief, outline))

        await self._kept(task, _FIELDS, Proposed, propose)

    async def draft(self, task: Task, brief: Brief) -> int:
        """Fit, check and repair the sections; answers the words."""
        outline = await self._result(task, "outline", Outline)
        written = [
            await self._result(task, f"section:{section.section_id}", SectionDraft) for section in outline.sections
        ]
        evidence = (await self._evidence(task, brief)).evidence
        drafted = await self._kept(
            task, "draft", Drafted, lambda: draft_article(self._writer(task), brief, outline, written, evidence)
        )
        words = drafted.assembled.word_count
        await self._parts.texts.stop(task.task_id)
        async with self._parts.database.write() as connection:
            await tell_final(connection, task.task_id, drafted.outline, drafted.assembled)
            await end_stage(connection, task.task_id, StageName.DRAFT, f"{words} words, every sentence checked.")
            await begin_stage(connection, task.task_id, StageName.SEO)
        return words

    async def finish(self, task: Task, brief: Brief) -> str:
        """Make the search fields, score, and store the article; answers its id."""
        drafted = await self._result(task, "draft", Drafted)
        proposed = await self._result(task, _FIELDS, Proposed)
        finished = optimize(brief, drafted, proposed=proposed.fields, writer=self._writer(task).name)
        for _ in range(_SLUG_TRIES):
            try:
                return await self._store(task, brief, drafted, finished)
            except IntegrityError:
                continue  # another task took the slug between our look and our insert
        message = "The article's address (slug) was taken again and again; try once more."
        raise WorkflowError(message, retryable=True)

    async def _store(self, task: Task, brief: Brief, drafted: Drafted, finished: Finished) -> str:
        """Article, evidence, dispositions and status in one transaction: all or nothing."""
        cited = {source.source_id for source in drafted.assembled.data_sources}
        async with self._parts.database.write() as connection:
            sources = await evidence_store.list_sources(connection, task.task_id)
            used: dict[str, tuple[Disposition, str | None]] = {
                source.source_id: (Disposition.USED, None) for source in sources if source.source_id in cited
            }
            await decide(connection, task.task_id, used)
            taken = await list_slugs(connection, account_id=task.account_id, beginning=finished.fields.slug[:60])
            slug = unique_slug(finished.fields.slug, taken)
            article = _article(task, brief, drafted, finished, slug=slug, prompts=self._writer(task).prompts)
            await insert_article(connection, article)
            await add_warnings(connection, task_id=task.task_id, notices=article.warnings)
            detail = f"Search score {finished.report.score} of 100."
            await end_stage(connection, task.task_id, StageName.SEO, detail)
            if not await complete_task(connection, task_id=task.task_id, at=now()):
                raise TaskEnded
        return article.article_id

    def _writer(self, task: Task) -> Writer:
        return self._parts.writer_of(task)

    async def _evidence(self, task: Task, brief: Brief) -> Ranked:
        """The ranked evidence: the same each time, since ranking depends on what is stored alone."""
        known = self._ranked.get(task.task_id)
        if known is not None:
            return known
        async with self._parts.database.read() as connection:
            sources = await evidence_store.list_sources(connection, task.task_id)
            passages = await evidence_store.list_passages(connection, task.task_id)
        meaning = None if self._vectors is None else await self._vectors.of_task(task, brief, passages)
        ranked = await asyncio.to_thread(rank_evidence, brief, sources, passages, meaning)
        self._ranked[task.task_id] = ranked
        return ranked

    async def _sources(self, task: Task) -> list[Source]:
        async with self._parts.database.read() as connection:
            return await evidence_store.list_sources(connection, task.task_id)

    async def _kept(self, task: Task, name: str, shape: type[T], make: Any) -> T:
        """A result that is stored already, else made now: nothing finished is made, or paid for, twice."""
        adapter = _adapter(cast("Hashable", shape))
        async with self._parts.database.read() as connection:
            stored = await evidence_store.get_result(connection, task.task_id, name)
            if stored is None and not await is_running(connection, task.task_id):
                raise TaskEnded
        if stored is not None:
            known: T = adapter.validate_python(stored)
            return known
        made: T = await make()
        async with self._parts.database.write() as connection:
            await evidence_store.put_result(connection, task.task_id, name, adapter.dump_python(made, mode="json"))
        return made

    async def _result(self, task: Task, name: str, shape: type[T]) -> T:
        async with self._parts.database.read() as connection:
            stored = await evidence_store.get_result(connection, task.task_id, name)
        result: T = _adapter(cast("Hashable", shape)).validate_python(stored)
        return result


@cache
def _adapter(shape: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast("Any", shape))


def _article(
    task: Task, brief: Brief, drafted: Drafted, finished: Finished, *, slug: str, prompts: str | None
) -> Article:
    instant = now()
    assembled: Assembled = drafted.assembled
    return Article(
        article_id=new_id(),
        account_id=task.account_id,
        task_id=task.task_id,
        title=drafted.outline.title,
        content=assembled.content,
        slug=slug,
        seo_title=finished.fields.seo_title,
        seo_description=finished.fields.seo_description,
        excerpt=finished.fields.excerpt,
        keywords=finished.fields.keywords,
        data_sources=assembled.data_sources,
        language=brief.language,
        word_count=assembled.word_count,
        words_asked_min=brief.words.minimum,
        words_asked_max=brief.words.maximum,
        seo=finished.report,
        json_ld=finished.json_ld,
        outline=drafted.outline,
        writer=finished.writer,
        prompts=prompts,
        support=drafted.support,
        warnings=(*drafted.notices, *finished.notices),
        metadata=task.input.metadata,
        publication_status=PublicationStatus.DRAFT,
        published_at=None,
        version=1,
        revision=1,
        created_at=instant,
        updated_at=instant,
        evidence=assembled.evidence,
    )

"""The durable steps that read: research, references and files, side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from copydesk.domain.brief import Brief
from copydesk.domain.clock import new_id
from copydesk.domain.links import canonical_link
from copydesk.domain.source import Disposition, Source, SourceKind
from copydesk.domain.task import StageName, Task
from copydesk.pipeline.parts import Parts
from copydesk.pipeline.progress import begin_stage, end_stage
from copydesk.pipeline.stages.files import read_upload
from copydesk.pipeline.stages.reading import Reading, unused
from copydesk.pipeline.stages.references import read_link
from copydesk.pipeline.stages.research import Found, find_pages, first_queries
from copydesk.ports import SearchResult
from copydesk.store import evidence as evidence_store
from copydesk.store.inputs import list_upload_names, load_upload
from copydesk.store.tasks import add_warnings

# Where each kind's positions begin within a task: they can be given out side by side and sort as a reader expects.
_FIRST_POSITION = {SourceKind.REFERENCE: 0, SourceKind.FILE: 100, SourceKind.WEB: 1_000}

Read = Callable[[Source], Awaitable[Reading]]


class Gatherer:
    """Reads what a task was given and what it finds, and stores sources and passages as they come."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def references(self, task: Task, brief: Brief) -> str:
        """Read the caller's links; answers the stage's detail."""
        links = task.input.reference_links
        sources = [_new(SourceKind.REFERENCE, index, url=url) for index, url in enumerate(links)]

        async def read(source: Source) -> Reading:
            return await read_link(
                source, fetcher=self._parts.fetcher, reader=self._parts.reader, language=brief.language
            )

        return await self._read_all(task, StageName.REFERENCES, sources, read, none="No reference links were given.")

    async def files(self, task: Task, brief: Brief) -> str:
        """Read the caller's files; answers the stage's detail."""
        file_ids = task.input.file_ids
        async with self._parts.database.read() as connection:
            names = await list_upload_names(connection, account_id=task.account_id, file_ids=file_ids)
        sources = [
            _new(SourceKind.FILE, index, file_id=file_id, title=names.get(file_id))
            for index, file_id in enumerate(file_ids)
        ]

        async def read(source: Source) -> Reading:
            return await self._read_file(task, brief, source)

        return await self._read_all(task, StageName.FILES, sources, read, none="No files were given.")

    async def research(self, task: Task, brief: Brief) -> str:
        """Search the web and read the best pages; answers the stage's detail."""
        engines = self._parts.searches
        if not engines:
            return await self._read_all(
                task, StageName.RESEARCH, [], _never, none="No search engine is configured (SEARCH=none)."
            )
        async with self._parts.database.write() as connection:
            await begin_stage(connection, task.task_id, StageName.RESEARCH)
        found = await self._search(task, brief)
        given = {canonical_link(url) for url in task.input.reference_links}
        fresh = [result for result in found.results if canonical_link(result.url) not in given]
        sources = [_new(SourceKind.WEB, i, url=r.url, title=r.title or None) for i, r in enumerate(fresh)]

        async def read(source: Source) -> Reading:
            return await read_link(
                source, fetcher=self._parts.fetcher, reader=self._parts.reader, language=brief.language
            )

        nothing = "No search engine answered." if found.failed else "The search found no pages."
        return await self._read_all(task, StageName.RESEARCH, sources, read, none=nothing)

    async def _search(self, task: Task, brief: Brief) -> Found:
        settings = self._parts.settings
        at_once, planned = await asyncio.gather(self._find(first_queries(brief), brief), self._planned(task, brief))
        found = _merged([at_once, planned], limit=settings.max_results)
        if found.notices:
            async with self._parts.database.write() as connection:
                await add_warnings(connection, task_id=task.task_id, notices=found.notices)
        return found

    async def _planned(self, task: Task, brief: Brief) -> Found:
        """Search what the writer plans beyond the prompt, while the prompt itself is searched."""
        known = {query.casefold() for query in first_queries(brief)}
        queries = [query for query in await self._parts.writer_of(task).plan(brief) if query.casefold() not in known]
        return await self._find(queries, brief)

    async def _find(self, queries: Sequence[str], brief: Brief) -> Found:
        return await find_pages(
            queries,
            engines=self._parts.searches,
            language=brief.language,
            limit=self._parts.settings.max_results,
        )

    async def _read_file(self, task: Task, brief: Brief, source: Source) -> Reading:
        assert source.file_id is not None  # noqa: S101 - made so by files()
        async with self._parts.database.read() as connection:
            upload = await load_upload(connection, account_id=task.account_id, file_id=source.file_id)
        if upload is None:
            return unused(source, Disposition.UNREACHABLE, "The file was deleted before the task read it.")
        return await read_upload(
            source, data=upload.data, kind=upload.kind, reader=self._parts.reader, language=brief.language
        )

    async def _read_all(self, task: Task, stage: StageName, sources: Sequence[Source], read: Read, *, none: str) -> str:
        """Read sources side by side, each stored as it comes; those an earlier run has read are left alone."""
        if not sources:
            async with self._parts.database.write() as connection:
                await end_stage(connection, task.task_id, stage, none, skipped=True)
            return none
        async with self._parts.database.write() as connection:
            await begin_stage(connection, task.task_id, stage)
            await evidence_store.put_sources(connection, task.task_id, sources)
        positions = {source.position for source in sources}
        async with self._parts.database.read() as connection:
            known = [s for s in await evidence_store.list_sources(connection, task.task_id) if s.position in positions]
        waiting = [source for source in known if source.disposition is None and source.accessed_at is None]
        await self._read_until_deadline(task, waiting, read)
        return await self._finish(task, stage, positions)

    async def _read_until_deadline(self, task: Task, waiting: Sequence[Source], read: Read) -> None:
        seconds = self._parts.settings.stage_deadline
        running = {asyncio.create_task(self._read_one(task, source, read)): source for source in waiting}
        if not running:
            return
        try:
            _, late = await asyncio.wait(running, timeout=seconds)
        except asyncio.CancelledError:
            await _stop(running)
            raise
        await _stop(late)
        for source in (running[job] for job in late):
            message = f"It did not arrive within the stage's {seconds:g} seconds."
            await self._store(task, unused(source, Disposition.UNREACHABLE, message))
        for job in running.keys() - late:
            job.result()

    async def _read_one(self, task: Task, source: Source, read: Read) -> None:
        await self._store(task, await read(source))

    async def _store(self, task: Task, reading: Reading) -> None:
        async with self._parts.database.write() as connection:
            await evidence_store.update_source(connection, reading.source)
            await evidence_store.put_passages(connection, task.task_id, reading.source.source_id, reading.passages)
            if reading.notices:
                await add_warnings(connection, task_id=task.task_id, notices=reading.notices)

    async def _finish(self, task: Task, stage: StageName, positions: set[int]) -> str:
        async with self._parts.database.write() as connection:
            sources = await evidence_store.list_sources(connection, task.task_id)
            mine = [source for source in sources if source.position in positions]
            good = sum(source.disposition is None for source in mine)
            detail = f"Read {good} of {len(mine)}."
            await end_stage(connection, task.task_id, stage, detail)
        return detail


def _new(
    kind: SourceKind, index: int, *, url: str | None = None, file_id: str | None = None, title: str | None = None
) -> Source:
    return Source(
        source_id=new_id(), position=_FIRST_POSITION[kind] + index, kind=kind, url=url, file_id=file_id, title=title
    )


def _merged(found: Sequence[Found], *, limit: int) -> Found:
    results: dict[str, SearchResult] = {}
    for answer in found:
        for result in answer.results:
            results.setdefault(canonical_link(result.url), result)
    notices = tuple(dict.fromkeys(notice for answer in found for notice in answer.notices))
    return Found(
        results=tuple(results.values())[:limit],
        notices=notices,
        failed=any(answer.failed for answer in found) and not results,
    )


async def _stop(
    jobs: "Sequence[asyncio.Task[None]] | set[asyncio.Task[None]] | dict[asyncio.Task[None], Source]",
) -> None:
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)


async def _never(source: Source) -> Reading:
    raise AssertionError(source)

"""The durable steps that read: research, references and files, side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from copydesk.domain.brief import Brief
from copydesk.domain.clock import new_id
from copydesk.domain.source import Disposition, Source, SourceKind
from copydesk.domain.task import StageName, Task
from copydesk.errors import DatabaseError
from copydesk.evidence.meaning import query_text
from copydesk.pipeline.events import tell_found, tell_queries, tell_read
from copydesk.pipeline.pages import Pages
from copydesk.pipeline.parts import Parts
from copydesk.pipeline.progress import begin_stage, end_stage
from copydesk.pipeline.stages.files import read_upload
from copydesk.pipeline.stages.reading import Reading, unused
from copydesk.pipeline.stages.references import read_link
from copydesk.pipeline.stages.research import Early, Found, first_queries, search_web
from copydesk.pipeline.waiting import Arrived, Further, Patience, read_side_by_side
from copydesk.ports import SearchProvider, SearchResult
from copydesk.store import evidence as evidence_store
from copydesk.store.files import get_file
from copydesk.store.inputs import list_upload_names
from copydesk.store.tasks import add_warnings

# Where each kind's positions begin within a task: they can be given out side by side and sort as a reader expects.
_FIRST_POSITION = {SourceKind.REFERENCE: 0, SourceKind.FILE: 100, SourceKind.WEB: 1_000}

_SEARCH_SHARE = 0.5  # of the stage's time for searching, so that as much is left for reading

Read = Callable[[Source, Arrived], Awaitable[Reading]]


class Gatherer:
    """Reads what a task was given and what it finds, and stores sources and passages as they come."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._pages = Pages(fetcher=parts.fetcher, database=parts.database, settings=parts.settings)

    async def references(self, task: Task, brief: Brief) -> str:
        """Read the caller's links; answers the stage's detail."""
        links = task.input.reference_links
        sources = [_new(SourceKind.REFERENCE, index, url=url) for index, url in enumerate(links)]

        nothing = "No reference links were given."
        return await self._read_all(task, StageName.REFERENCES, sources, self._link_reader(brief), none=nothing)

    async def files(self, task: Task, brief: Brief) -> str:
        """Read the caller's files; answers the stage's detail."""
        file_ids = task.input.file_ids
        async with self._parts.database.read() as connection:
            names = await list_upload_names(connection, account_id=task.account_id, file_ids=file_ids)
        sources = [
            _new(SourceKind.FILE, index, file_id=file_id, title=names.get(file_id))
            for index, file_id in enumerate(file_ids)
        ]

        async def read(source: Source, arrived: Arrived) -> Reading:
            arrived()
            return await self._read_file(task, brief, source)

        return await self._read_all(task, StageName.FILES, sources, read, none="No files were given.")

    async def research(self, task: Task, brief: Brief) -> str:
        """Search the web and read the best pages, the first of them while the plan is made; answers the detail."""
        engines = self._parts.searches_of(task)
        if not engines:
            return await self._read_all(
                task, StageName.RESEARCH, [], _never, none="No search engine is configured (SEARCH=none)."
            )
        patience = self._patience(grace=self._parts.settings.research_grace)
        async with self._parts.database.write() as connection:
            await begin_stage(connection, task.task_id, StageName.RESEARCH)
            await tell_queries(connection, task.task_id, first_queries(brief))
        early: asyncio.Future[Sequence[SearchResult]] = asyncio.get_running_loop().create_future()
        searching = asyncio.create_task(self._search(task, brief, engines, early.set_result))
        try:
            either: set[asyncio.Future[Any]] = {early, searching}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            begun = early.result() if early.done() else ()
            waiting = await self._registered(task, _pages(begun))

            async def further() -> Sequence[Source]:
                others = _pages((await asyncio.shield(searching)).results)[len(begun) :]
                found = await self._registered(task, others)
                waiting.extend(found)
                return found

            await self._read_in_time(task, waiting, self._link_reader(brief), patience, further())
            found = await searching
        finally:
            searching.cancel()
            await asyncio.gather(searching, return_exceptions=True)
        nothing = "No search engine answered." if found.failed else "The search found no pages."
        positions = {source.position for source in _pages(found.results)}
        return await self._finish(task, StageName.RESEARCH, positions, none=nothing)

    async def _search(self, task: Task, brief: Brief, engines: Sequence[SearchProvider], early: Early) -> Found:
        settings = self._parts.settings

        async def plan() -> Sequence[str]:
            planned = await self._parts.writer_of(task).plan(brief)
            with suppress(DatabaseError):  # then nobody is told; the search goes on
                async with self._parts.database.write() as connection:
                    await tell_queries(connection, task.task_id, [*first_queries(brief), *planned] if planned else [])
            return planned

        found = await search_web(
            brief,
            plan=plan,
            engines=engines,
            given=task.input.reference_links,
            seconds=settings.stage_deadline * _SEARCH_SHARE,
            limit=settings.max_results,
            early=early,
        )
        if found.notices:
            async with self._parts.database.write() as connection:
                await add_warnings(connection, task_id=task.task_id, notices=found.notices)
        return found

    async def _read_file(self, task: Task, brief: Brief, source: Source) -> Reading:
        assert source.file_id is not None  # noqa: S101 - made so by files()
        async with self._parts.database.read() as connection:
            file = await get_file(connection, account_id=task.account_id, file_id=source.file_id)
        if file is None:
            return unused(source, Disposition.UNREACHABLE, "The file was deleted before the task read it.")
        return await read_upload(
            source,
            file=file,
            data=await self._parts.blobs.get(file.key),
            reader=self._parts.reader,
            language=brief.language,
            about=query_text(brief),
        )

    def _link_reader(self, brief: Brief) -> Read:
        async def read(source: Source, arrived: Arrived) -> Reading:
            return await read_link(
                source,
                pages=self._pages,
                reader=self._parts.reader,
                language=brief.language,
                arrived=arrived,
                about=query_text(brief),
            )

        return read

    def _patience(self, *, grace: float | None = None) -> Patience:
        """To the deadline of a stage that begins now."""
        seconds = self._parts.settings.stage_deadline
        return Patience(until=asyncio.get_running_loop().time() + seconds, seconds=seconds, grace=grace)

    async def _read_all(
        self,
        task: Task,
        stage: StageName,
        sources: Sequence[Source],
        read: Read,
        *,
        none: str,
    ) -> str:
        """Read sources side by side, each stored as it comes; those an earlier run has read are left alone."""
        if sources:
            async with self._parts.database.write() as connection:
                await begin_stage(connection, task.task_id, stage)
            waiting = await self._registered(task, sources)
            await self._read_in_time(task, waiting, read, self._patience())
        return await self._finish(task, stage, {source.position for source in sources}, none=none)

    async def _registered(self, task: Task, sources: Sequence[Source]) -> list[Source]:
        """Store sources as found; answers those at their positions that are to be read yet."""
        if not sources:
            return []
        async with self._parts.database.write() as connection:
            fresh = await evidence_store.put_sources(connection, task.task_id, sources)
            await tell_found(connection, task.task_id, fresh)
            known = await evidence_store.list_sources(connection, task.task_id)
        positions = {source.position for source in sources}
        mine = (source for source in known if source.position in positions)
        return [source for source in mine if source.disposition is None and source.accessed_at is None]

    async def _read_in_time(
        self,
        task: Task,
        waiting: Sequence[Source],
        read: Read,
        patience: Patience,
        further: Further | None = None,
    ) -> None:
        """Read what waits, and what `further` adds to it."""

        async def read_one(source: Source, arrived: Arrived) -> bool:
            reading = await read(source, arrived)
            await self._store(task, reading)
            return reading.source.disposition is None

        late = await read_side_by_side(waiting, read_one, patience, further)
        for source in waiting:
            if source.source_id in late:
                await self._store(task, unused(source, Disposition.UNREACHABLE, late[source.source_id]))

    async def _store(self, task: Task, reading: Reading) -> None:
        async with self._parts.database.write() as connection:
            await evidence_store.update_source(connection, reading.source)
            await evidence_store.put_passages(connection, task.task_id, reading.source.source_id, reading.passages)
            await tell_read(connection, task.task_id, reading.source, passages=len(reading.passages))
            if reading.notices:
                await add_warnings(connection, task_id=task.task_id, notices=reading.notices)

    async def _finish(self, task: Task, stage: StageName, positions: set[int], *, none: str) -> str:
        async with self._parts.database.write() as connection:
            if not positions:
                await end_stage(connection, task.task_id, stage, none, skipped=True)
                return none
            sources = await evidence_store.list_sources(connection, task.task_id)
            mine = [source for source in sources if source.position in positions]
            good = sum(source.disposition is None for source in mine)
            detail = f"Read {good} of {len(mine)}."
            await end_stage(connection, task.task_id, stage, detail)
        return detail


def _pages(results: Sequence[SearchResult]) -> list[Source]:
    return [_new(SourceKind.WEB, i, url=r.url, title=r.title or None) for i, r in enumerate(results)]


def _new(
    kind: SourceKind, index: int, *, url: str | None = None, file_id: str | None = None, title: str | None = None
) -> Source:
    return Source(
        source_id=new_id(), position=_FIRST_POSITION[kind] + index, kind=kind, url=url, file_id=file_id, title=title
    )


async def _never(source: Source, _arrived: Arrived) -> Reading:
    raise AssertionError(source)

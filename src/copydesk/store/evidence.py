"""What a task has read and made so far: sources, passages, and the results of its stages."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.clock import now
from copydesk.domain.source import Brevity, Disposition, Passage, Source, SourceKind
from copydesk.store.calls import forget_answers
from copydesk.store.events import forget_events
from copydesk.store.schema import passages, sources, stage_results

OUTLINE = "outline"  # the name of the plan among a task's results: with it the evidence has been weighed


async def put_sources(connection: AsyncConnection, task_id: str, found: Sequence[Source]) -> list[Source]:
    """Store sources at their positions; positions that are there already keep their row (a recovery).

    Answers those that are new.
    """
    query = select(sources.c.position).where(sources.c.task_id == task_id)
    taken = set((await connection.execute(query)).scalars())
    fresh = [source for source in found if source.position not in taken]
    if fresh:
        await connection.execute(insert(sources), [_source_row(task_id, source) for source in fresh])
    return fresh


async def update_source(connection: AsyncConnection, source: Source) -> None:
    """Record what was learned of a source, and its disposition."""
    values = _source_row("", source)
    for name in ("task_id", "source_id", "position", "kind", "url", "file_id"):
        del values[name]
    await connection.execute(update(sources).where(sources.c.source_id == source.source_id).values(**values))


async def set_dispositions(connection: AsyncConnection, changes: dict[str, tuple[Disposition, str | None]]) -> None:
    """Set disposition and message by source id."""
    for source_id, (disposition, message) in changes.items():
        await connection.execute(
            update(sources)
            .where(sources.c.source_id == source_id)
            .values(disposition=disposition.value, message=message)
        )


async def list_sources(connection: AsyncConnection, task_id: str) -> list[Source]:
    """The sources of a task, in order."""
    query = select(sources).where(sources.c.task_id == task_id).order_by(sources.c.position)
    return [_source(row) for row in (await connection.execute(query)).all()]


async def put_passages(connection: AsyncConnection, task_id: str, source_id: str, found: Sequence[Passage]) -> None:
    """Store the passages of one source, in place of those it had."""
    await connection.execute(delete(passages).where(passages.c.task_id == task_id, passages.c.source_id == source_id))
    rows = [
        {
            "task_id": task_id,
            "passage_id": passage.passage_id,
            "source_id": source_id,
            "position": passage.position,
            "sentences": passage.sentences,
            "place": passage.place,
            "language": passage.language,
            "stands_alone": passage.stands_alone,
            "computed": passage.computed,
            "brevity": passage.brevity.value if passage.brevity else None,
        }
        for passage in found
    ]
    if rows:
        await connection.execute(insert(passages), rows)


async def list_passages(connection: AsyncConnection, task_id: str) -> list[Passage]:
    """The passages of a task, by source and position."""
    query = (
        select(passages)
        .join(sources, passages.c.source_id == sources.c.source_id)
        .where(passages.c.task_id == task_id)
        .order_by(sources.c.position, passages.c.position)
    )
    return [
        Passage(
            passage_id=row.passage_id,
            source_id=row.source_id,
            sentences=row.sentences,
            place=row.place,
            language=row.language,
            position=row.position,
            stands_alone=row.stands_alone,
            computed=row.computed,
            brevity=Brevity(row.brevity) if row.brevity else None,
        )
        for row in (await connection.execute(query)).all()
    ]


async def get_result(connection: AsyncConnection, task_id: str, name: str) -> Any | None:
    """A stage's stored result as plain JSON, or None."""
    query = select(stage_results.c.value).where(stage_results.c.task_id == task_id, stage_results.c.name == name)
    return (await connection.execute(query)).scalar_one_or_none()


async def list_results(connection: AsyncConnection, task_id: str, beginning: str) -> dict[str, Any]:
    """All of a task's stored results whose names begin so, by name."""
    query = select(stage_results.c.name, stage_results.c.value).where(
        stage_results.c.task_id == task_id, stage_results.c.name.startswith(beginning, autoescape=True)
    )
    return {row.name: row.value for row in (await connection.execute(query)).all()}


async def put_result(connection: AsyncConnection, task_id: str, name: str, value: Any) -> None:
    """Store a stage's result, plain JSON; one that is there stays as it is."""
    if await get_result(connection, task_id, name) is None:
        row = {"task_id": task_id, "name": name, "value": value, "created_at": now()}
        await connection.execute(insert(stage_results).values(row))


async def forget_text(connection: AsyncConnection, task_id: str) -> None:
    """Delete passages, stage results, model answers and told text of a task: all text it was made from."""
    await connection.execute(delete(passages).where(passages.c.task_id == task_id))
    await connection.execute(delete(stage_results).where(stage_results.c.task_id == task_id))
    await forget_answers(connection, task_id)
    await forget_events(connection, task_id)


def _source_row(task_id: str, source: Source) -> dict[str, Any]:
    return {
        "source_id": source.source_id,
        "task_id": task_id,
        "position": source.position,
        "kind": source.kind.value,
        "url": source.url,
        "file_id": source.file_id,
        "title": source.title,
        "site": source.site,
        "author": source.author,
        "published_at": source.published_at,
        "accessed_at": source.accessed_at,
        "license": source.license,
        "language": source.language,
        "disposition": source.disposition.value if source.disposition else None,
        "message": source.message,
        "canonical_url": source.canonical_url,
        "left_out": source.left_out,
    }


def _source(row: Row[tuple[object, ...]]) -> Source:
    return Source(
        source_id=row.source_id,
        position=row.position,
        kind=SourceKind(row.kind),
        url=row.url,
        file_id=row.file_id,
        title=row.title,
        site=row.site,
        author=row.author,
        published_at=row.published_at,
        accessed_at=row.accessed_at,
        license=row.license,
        language=row.language,
        disposition=Disposition(row.disposition) if row.disposition else None,
        message=row.message,
        canonical_url=row.canonical_url,
        left_out=row.left_out,
    )

"""What is deleted after a time. Each function is one short transaction's worth and says whether there may be more.

On Postgres one process deletes at a time; the others find nothing to do.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, exists, func, select, text, tuple_, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.file import BlobKey
from copydesk.domain.task import TaskStatus
from copydesk.store.schema import (
    accounts,
    files,
    idempotency_keys,
    model_calls,
    page_cache,
    passages,
    stage_results,
    task_events,
    task_files,
    tasks,
)
from copydesk.store.tasks import lock_account

ROWS = 500  # that one transaction deletes, or those of one task if it has more
_TASKS = 20  # that one transaction looks at
_LOCK = 7_221_946_004  # advisory lock: one process deletes at a time
_ENDED = [status.value for status in TaskStatus if status.terminal]


async def may_delete(connection: AsyncConnection) -> bool:
    """Whether this transaction is the one that deletes; on Postgres held until it ends."""
    if connection.dialect.name != "postgresql":
        return True
    return bool((await connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK})).scalar_one())


async def forget_tasks(connection: AsyncConnection, *, before: datetime, at: datetime) -> int:
    """Delete the text that tasks which ended `before` then were made from; answers how many tasks; 0: none is left.

    Their rows stay, with sources, dispositions, usage and what each call cost; so do their articles with the
    evidence of their own.
    """
    chosen = await _next_tasks(connection, before)
    if not chosen:
        return 0
    # Marked first: a retry that came in between has made the task active, and what it needs stays.
    marked = (
        update(tasks)
        .where(tasks.c.task_id.in_(chosen), _forgettable(before))
        .values(forgotten_at=at)
        .returning(tasks.c.task_id)
    )
    task_ids = list((await connection.execute(marked)).scalars())
    for table in (passages, stage_results):
        await connection.execute(delete(table).where(table.c.task_id.in_(task_ids)))
    await connection.execute(delete(task_events).where(task_events.c.task_id.in_(task_ids), _is_followed()))
    await connection.execute(
        update(model_calls).where(model_calls.c.task_id.in_(task_ids), model_calls.c.text != "").values(text="")
    )
    return len(chosen)


async def _next_tasks(connection: AsyncConnection, before: datetime) -> list[str]:
    """The tasks that ended first, as many as have `ROWS` rows together, at least one."""
    query = select(tasks.c.task_id).where(_forgettable(before)).order_by(tasks.c.finished_at).limit(_TASKS)
    candidates = list((await connection.execute(query)).scalars())
    counts = dict.fromkeys(candidates, 0)
    for row in (await connection.execute(_rows_of(candidates))).all():
        counts[row.task_id] += row.found
    chosen: list[str] = []
    total = 0
    for task_id, count in counts.items():
        total += count
        if chosen and total > ROWS:
            break
        chosen.append(task_id)
    return chosen


def _rows_of(task_ids: Sequence[str]) -> Select[tuple[str, int]]:
    """How many rows each of the tasks has in each table."""
    each = [
        select(table.c.task_id, func.count().label("found"))
        .where(table.c.task_id.in_(task_ids))
        .group_by(table.c.task_id)
        for table in (passages, stage_results, task_events)
    ]
    found = union_all(*each).subquery()
    return select(found.c.task_id, found.c.found)


def _forgettable(before: datetime) -> ColumnElement[bool]:
    return tasks.c.forgotten_at.is_(None) & (tasks.c.finished_at < before) & tasks.c.status.in_(_ENDED)


def _is_followed() -> ColumnElement[bool]:
    """All events but a task's last, by which a late listener learns how it ended."""
    later = task_events.alias()
    return exists().where(later.c.task_id == task_events.c.task_id, later.c.sequence > task_events.c.sequence)


async def delete_expired_keys(connection: AsyncConnection, *, before: datetime) -> int:
    """Delete idempotency keys that were used `before` then; answers how many; 0: none is left."""
    expired = idempotency_keys.c.created_at <= before
    key = tuple_(idempotency_keys.c.account_id, idempotency_keys.c.key)
    some = select(idempotency_keys.c.account_id, idempotency_keys.c.key).where(expired).limit(ROWS)
    return (await connection.execute(delete(idempotency_keys).where(key.in_(some), expired))).rowcount


async def delete_expired_pages(connection: AsyncConnection, *, before: datetime, limit: int = 100) -> int:
    """Delete fetched pages that no site has confirmed since `before`; answers how many; 0: none is left."""
    expired = page_cache.c.fetched_at < before
    key = tuple_(page_cache.c.kind, page_cache.c.link_sha256)
    some = select(page_cache.c.kind, page_cache.c.link_sha256).where(expired).limit(limit)
    return (await connection.execute(delete(page_cache).where(key.in_(some), expired))).rowcount


async def delete_unused_files(connection: AsyncConnection, *, before: datetime, limit: int = 200) -> list[BlobKey]:
    """Delete the records of files that were uploaded `before` then and that no task has used, of one account.

    Answers their keys, whose bytes are the caller's to delete; none: no file is left.
    """
    unused = (files.c.created_at < before) & ~exists().where(task_files.c.file_id == files.c.file_id)
    account_id = (await connection.execute(select(files.c.account_id).where(unused).limit(1))).scalar_one_or_none()
    if account_id is None:
        return []
    await lock_account(connection, account_id)  # a task that is being accepted may name one of them
    mine = unused & (files.c.account_id == account_id)
    some = select(files.c.file_id).where(mine).limit(limit)
    gone = await connection.execute(
        delete(files).where(files.c.file_id.in_(some), mine).returning(files.c.account_id, files.c.file_id)
    )
    return [BlobKey(account_id=row.account_id, file_id=row.file_id) for row in gone.all()]


async def without_record(connection: AsyncConnection, keys: Sequence[BlobKey]) -> list[BlobKey]:
    """Those of the keys, at most 1,000, under which no file is recorded.

    Keys of accounts that are unknown here are left out: another installation may keep its files in the same place.
    """
    named = {key.account_id for key in keys}
    ours = set(
        (await connection.execute(select(accounts.c.account_id).where(accounts.c.account_id.in_(named)))).scalars()
    )
    wanted = [key.file_id for key in keys]
    query = select(files.c.account_id, files.c.file_id).where(files.c.file_id.in_(wanted))
    known = {(row.account_id, row.file_id) for row in (await connection.execute(query)).all()}
    return [key for key in keys if key.account_id in ours and (key.account_id, key.file_id) not in known]

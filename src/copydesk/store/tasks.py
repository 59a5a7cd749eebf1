"""Tasks: accepted, listed, run, ended. A status changes only by conditional UPDATE."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import JSON, Row, and_, func, insert, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.article import Notice
from copydesk.domain.clock import now
from copydesk.domain.task import StageState, StageStatus, Task, TaskFailure, TaskStatus
from copydesk.store import counters
from copydesk.store.counters import Counted
from copydesk.store.events import append_events, insert_events
from copydesk.store.schema import accounts, articles, task_files, tasks
from copydesk.wire.events import EndEvent, StageEvent, StatusEvent

_ACTIVE = (TaskStatus.PENDING.value, TaskStatus.PROCESSING.value)
_LISTED = [column for column in tasks.c if column is not tasks.c.warnings]


async def lock_account(connection: AsyncConnection, account_id: str) -> None:
    """Make concurrent writers of one account wait for each other until the transaction ends.

    SQLite's write transactions already do; Postgres locks the account's row, in the mode that leaves alone whoever
    only refers to it: a worker that stores an article does not wait for requests.
    """
    query = select(accounts.c.account_id).where(accounts.c.account_id == account_id)
    await connection.execute(query.with_for_update(key_share=True))


async def count_active(connection: AsyncConnection, account_id: str) -> int:
    """How many tasks of the account are pending or processing."""
    query = select(func.count()).where(tasks.c.account_id == account_id, tasks.c.status.in_(_ACTIVE))
    return (await connection.execute(query)).scalar_one()


async def insert_task(connection: AsyncConnection, task: Task) -> None:
    """Store an accepted task and which files it uses."""
    await connection.execute(
        insert(tasks).values(
            task_id=task.task_id,
            account_id=task.account_id,
            input=task.input,
            status=task.status.value,
            stages=task.stages,
            percent=task.percent,
            message=task.message,
            warnings=task.warnings,
            failure=task.failure,
            usage=task.usage,
            attempt=task.attempt,
            workflow_id=task.workflow_id,
            created_at=task.created_at,
            started_at=task.started_at,
            finished_at=task.finished_at,
            last_event=1,
        )
    )
    await insert_events(connection, task.task_id, [StatusEvent.of(task, task.created_at)], first=1)
    rows = [{"task_id": task.task_id, "file_id": file_id} for file_id in task.input.file_ids]
    if rows:
        await connection.execute(insert(task_files), rows)


async def get_task(connection: AsyncConnection, *, account_id: str, task_id: str) -> Task | None:
    """One task of the account, or None."""
    query = select(tasks).where(tasks.c.task_id == task_id, tasks.c.account_id == account_id)
    found = await _with_articles(connection, (await connection.execute(query)).all())
    return found[0] if found else None


async def load_task(connection: AsyncConnection, task_id: str) -> Task | None:
    """One task of whichever account: for the worker, never for a request."""
    found = await _with_articles(
        connection, (await connection.execute(select(tasks).where(tasks.c.task_id == task_id))).all()
    )
    return found[0] if found else None


async def list_tasks(
    connection: AsyncConnection, *, account_id: str, status: TaskStatus | None, limit: int, offset: int
) -> tuple[list[Task], int]:
    """A page of the account's tasks, newest first then by id, and how many there are in all.

    Their `warnings` are left empty: a list does not show them.
    """
    states = () if status is None else (status.value,)
    total = await counters.total(connection, account_id, Counted.TASKS, *states)
    if offset >= total:  # also keeps offsets away from Postgres that its integers cannot hold
        return [], total
    where = and_(tasks.c.account_id == account_id, *(tasks.c.status == state for state in states))
    order = (tasks.c.created_at.desc(), tasks.c.task_id.desc())
    # The indexes alone find the page: rows that are skipped are never read.
    page = select(tasks.c.task_id).where(where).order_by(*order).limit(limit).offset(offset)
    query = select(*_LISTED).where(tasks.c.task_id.in_(page)).order_by(*order)
    return await _with_articles(connection, (await connection.execute(query)).all()), total


async def list_prompts(
    connection: AsyncConnection, *, account_id: str, status: TaskStatus | None, limit: int
) -> list[tuple[str, str]]:
    """The newest tasks of the account by id, with their prompts, newest first."""
    prompt = type_coerce(tasks.c.input, JSON)["user_prompt"].as_string()
    query = select(tasks.c.task_id, prompt).where(tasks.c.account_id == account_id)
    if status is not None:
        query = query.where(tasks.c.status == status.value)
    query = query.order_by(tasks.c.created_at.desc(), tasks.c.task_id.desc()).limit(limit)
    return [(task_id, text) for task_id, text in (await connection.execute(query)).all()]


async def list_by_ids(connection: AsyncConnection, *, account_id: str, task_ids: Sequence[str]) -> list[Task]:
    """Those of the tasks that are the account's, newest first, as `list_tasks` gives them."""
    query = select(*_LISTED).where(tasks.c.account_id == account_id, tasks.c.task_id.in_(task_ids))
    query = query.order_by(tasks.c.created_at.desc(), tasks.c.task_id.desc())
    return await _with_articles(connection, (await connection.execute(query)).all())


async def cancel_task(connection: AsyncConnection, *, account_id: str, task_id: str, at: datetime) -> Task | None:
    """Cancel a pending or processing task; answer the task as it is afterwards, whatever its status."""
    cancelled = await connection.execute(
        update(tasks)
        .where(tasks.c.task_id == task_id, tasks.c.account_id == account_id, tasks.c.status.in_(_ACTIVE))
        .values(status=TaskStatus.CANCELLED.value, finished_at=at, message="Cancelled by the user.")
    )
    task = await get_task(connection, account_id=account_id, task_id=task_id)
    if task is None or cancelled.rowcount != 1:
        return task
    stages = tuple(replace(s, status=StageStatus.SKIPPED, finished_at=at) if _running(s) else s for s in task.stages)
    if stages != task.stages:
        await connection.execute(update(tasks).where(tasks.c.task_id == task_id).values(stages=stages))
    await _tell_end(connection, task_id, at, before=task.stages)
    return replace(task, stages=stages)


async def begin_task(connection: AsyncConnection, *, workflow_id: str, at: datetime) -> Task | None:
    """Move a task from pending to processing.

    Answers the task, also when it is already processing under this workflow (a recovery); None
    when it is cancelled, ended, or run by another workflow.
    """
    begun = await connection.execute(
        update(tasks)
        .where(tasks.c.workflow_id == workflow_id, tasks.c.status == TaskStatus.PENDING.value)
        .values(status=TaskStatus.PROCESSING.value, started_at=func.coalesce(tasks.c.started_at, at))
    )
    query = select(tasks).where(tasks.c.workflow_id == workflow_id, tasks.c.status == TaskStatus.PROCESSING.value)
    found = await _with_articles(connection, (await connection.execute(query)).all())
    if found and begun.rowcount == 1:
        await append_events(connection, found[0].task_id, [StatusEvent.of(found[0], at)])
    return found[0] if found else None


async def tell_status(connection: AsyncConnection, task_id: str, at: datetime) -> None:
    """Tell the status of a task that is active again; the other changes of status tell themselves."""
    task = await load_task(connection, task_id)
    if task is not None:
        await append_events(connection, task_id, [StatusEvent.of(task, at)])


async def is_running(connection: AsyncConnection, task_id: str) -> bool:
    """Whether the task is processing: nothing more may be spent on one that is not."""
    query = select(tasks.c.status).where(tasks.c.task_id == task_id)
    return (await connection.execute(query)).scalar_one_or_none() == TaskStatus.PROCESSING.value


async def update_stage(
    connection: AsyncConnection, *, task_id: str, stage: StageState, percent: int, message: str | None
) -> bool:
    """Record a stage of a processing task; `percent` never falls. Answers whether the task still runs."""
    query = select(tasks.c.stages, tasks.c.percent).where(
        tasks.c.task_id == task_id, tasks.c.status == TaskStatus.PROCESSING.value
    )
    row = (await connection.execute(query.with_for_update())).one_or_none()
    if row is None:
        return False
    stages = tuple(_merge(old, stage) if old.name is stage.name else old for old in row.stages)
    percent = max(row.percent, percent)
    await connection.execute(
        update(tasks).where(tasks.c.task_id == task_id).values(stages=stages, percent=percent, message=message)
    )
    await append_events(connection, task_id, _changed_stages(task_id, row.stages, stages, percent, at=now()))
    return True


async def add_warnings(connection: AsyncConnection, *, task_id: str, notices: Sequence[Notice]) -> None:
    """Append warnings to a task; those it already has are not repeated."""
    query = select(tasks.c.warnings).where(tasks.c.task_id == task_id)
    row = (await connection.execute(query.with_for_update())).one_or_none()
    if row is None:
        return
    merged = tuple(dict.fromkeys((*row.warnings, *notices)))
    await connection.execute(update(tasks).where(tasks.c.task_id == task_id).values(warnings=merged))


async def note_message(connection: AsyncConnection, *, task_id: str, message: str) -> None:
    """Show what a processing task does, or waits for."""
    await connection.execute(
        update(tasks)
        .where(tasks.c.task_id == task_id, tasks.c.status == TaskStatus.PROCESSING.value)
        .values(message=message)
    )
    await tell_status(connection, task_id, now())


async def complete_task(connection: AsyncConnection, *, task_id: str, at: datetime) -> bool:
    """Move a task from processing to completed; False when it is not processing any more."""
    changed = await connection.execute(
        update(tasks)
        .where(tasks.c.task_id == task_id, tasks.c.status == TaskStatus.PROCESSING.value)
        .values(status=TaskStatus.COMPLETED.value, finished_at=at, percent=100, message="The article is ready.")
    )
    if changed.rowcount != 1:
        return False
    await _tell_end(connection, task_id, at)
    return True


async def fail_task(
    connection: AsyncConnection, *, task_id: str, failure: TaskFailure, at: datetime, workflow_id: str | None = None
) -> bool:
    """Move a task from pending or processing to failed; False when it has ended already.

    With `workflow_id` only the attempt that this workflow runs is failed, not a later one.
    """
    query = select(tasks.c.stages).where(tasks.c.task_id == task_id, tasks.c.status.in_(_ACTIVE))
    if workflow_id is not None:
        query = query.where(tasks.c.workflow_id == workflow_id)
    row = (await connection.execute(query.with_for_update())).one_or_none()
    if row is None:
        return False
    stages = tuple(
        replace(s, status=StageStatus.FAILED if s.name is failure.stage else StageStatus.SKIPPED, finished_at=at)
        if _running(s) or s.name is failure.stage
        else s
        for s in row.stages
    )
    await connection.execute(
        update(tasks)
        .where(tasks.c.task_id == task_id)
        .values(status=TaskStatus.FAILED.value, failure=failure, finished_at=at, stages=stages, message=failure.message)
    )
    await _tell_end(connection, task_id, at, before=row.stages)
    return True


async def list_unqueued(connection: AsyncConnection, *, older_than: datetime, limit: int) -> list[Task]:
    """Pending tasks accepted before `older_than`, oldest first: their enqueue may have been missed."""
    query = (
        select(tasks)
        .where(tasks.c.status == TaskStatus.PENDING.value, tasks.c.created_at < older_than)
        .order_by(tasks.c.created_at)
        .limit(limit)
    )
    return [_task(row) for row in (await connection.execute(query)).all()]


async def list_overdue(connection: AsyncConnection, *, now: datetime, deadline: timedelta) -> list[Task]:
    """Processing tasks that started longer than `deadline` ago."""
    query = select(tasks).where(tasks.c.status == TaskStatus.PROCESSING.value, tasks.c.started_at < now - deadline)
    return [_task(row) for row in (await connection.execute(query)).all()]


async def list_running(connection: AsyncConnection, *, before: datetime) -> dict[str, str]:
    """The workflows of processing tasks that started before that time, with their tasks' ids: nothing is loaded."""
    query = select(tasks.c.workflow_id, tasks.c.task_id).where(
        tasks.c.status == TaskStatus.PROCESSING.value, tasks.c.started_at < before
    )
    return {row.workflow_id: row.task_id for row in (await connection.execute(query)).all()}


async def list_stalled(connection: AsyncConnection, *, before: datetime) -> list[Task]:
    """Processing tasks that an executor owns and whose run wrote nothing since `before`."""
    query = select(tasks).where(
        tasks.c.status == TaskStatus.PROCESSING.value, tasks.c.owner.is_not(None), tasks.c.progress_at < before
    )
    return [_task(row) for row in (await connection.execute(query)).all()]


async def _tell_end(
    connection: AsyncConnection, task_id: str, at: datetime, *, before: Sequence[StageState] | None = None
) -> None:
    """Tell how a task has ended, and what became of stages that were otherwise `before`."""
    task = await load_task(connection, task_id)
    assert task is not None  # noqa: S101 - its row was changed in this transaction
    cut = _changed_stages(task_id, before or task.stages, task.stages, task.percent, at=at)
    await append_events(connection, task_id, [*cut, EndEvent.of(task, at)])


def _changed_stages(
    task_id: str, before: Sequence[StageState], after: Sequence[StageState], percent: int, *, at: datetime
) -> list[StageEvent]:
    """The stages that are otherwise than before, but for their times."""
    return [
        StageEvent.of(task_id, new, percent, at)
        for old, new in zip(before, after, strict=True)
        if (old.status, old.detail) != (new.status, new.detail)
    ]


def _running(stage: StageState) -> bool:
    return stage.status is StageStatus.RUNNING


def _merge(old: StageState, new: StageState) -> StageState:
    """Keep when the stage first started, though a recovery starts it again."""
    return replace(new, started_at=old.started_at or new.started_at)


async def _with_articles(connection: AsyncConnection, rows: Sequence[Row[tuple[object, ...]]]) -> list[Task]:
    found = [_task(row) for row in rows]
    if not found:
        return found
    query = (
        select(articles.c.task_id, articles.c.article_id)
        .where(articles.c.task_id.in_([task.task_id for task in found]))
        .order_by(articles.c.created_at, articles.c.article_id)
    )
    owned: dict[str, list[str]] = {}
    for task_id, article_id in (await connection.execute(query)).all():
        owned.setdefault(task_id, []).append(article_id)
    return [replace(task, article_ids=tuple(owned.get(task.task_id, ()))) for task in found]


def _task(row: Row[tuple[object, ...]]) -> Task:
    return Task(
        task_id=row.task_id,
        account_id=row.account_id,
        input=row.input,
        status=TaskStatus(row.status),
        stages=row.stages,
        percent=row.percent,
        message=row.message,
        warnings=row.warnings if "warnings" in row._fields else (),
        failure=row.failure,
        usage=row.usage,
        article_ids=(),
        attempt=row.attempt,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )

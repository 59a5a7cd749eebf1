"""Further attempts of failed tasks."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import case, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.source import Disposition
from copydesk.domain.task import StageState, StageStatus, Task, TaskStatus
from copydesk.store.events import append_events
from copydesk.store.evidence import OUTLINE, get_result
from copydesk.store.schema import sources, tasks
from copydesk.wire.events import StatusEvent

_DONE = (StageStatus.COMPLETED, StageStatus.SKIPPED)
_CAREFULLY = 2  # deaths of workers that a further attempt begins with, at most: it runs alone, and fails with the next


async def retry_task(connection: AsyncConnection, task: Task, *, at: datetime) -> Task | None:
    """Make a failed task pending again, as its next attempt; None when it is not failed any more.

    What it has read and made stays. Sources that could not be reached are read again, unless the article is planned
    already; all are, where retention has deleted what was read.
    """
    kept = select(tasks.c.forgotten_at).where(tasks.c.task_id == task.task_id).with_for_update()
    forgotten = (await connection.execute(kept)).scalar_one_or_none() is not None
    weighed = await get_result(connection, task.task_id, OUTLINE) is not None
    if not weighed:
        await connection.execute(
            update(sources)
            .where(
                sources.c.task_id == task.task_id,
                true() if forgotten else sources.c.disposition == Disposition.UNREACHABLE.value,
            )
            .values(disposition=None, message=None, accessed_at=None)
        )
    again = replace(
        task,
        status=TaskStatus.PENDING,
        stages=tuple(_kept(stage, weighed=weighed) for stage in task.stages),
        percent=0,
        message="Waiting to start again.",
        failure=None,
        attempt=task.attempt + 1,
        started_at=None,
        finished_at=None,
    )
    changed = await connection.execute(
        update(tasks)
        .where(
            tasks.c.task_id == task.task_id,
            tasks.c.status == TaskStatus.FAILED.value,
            tasks.c.workflow_id == task.workflow_id,
        )
        .values(
            status=again.status.value,
            stages=again.stages,
            percent=again.percent,
            message=again.message,
            failure=None,
            attempt=again.attempt,
            workflow_id=again.workflow_id,
            started_at=None,
            finished_at=None,
            forgotten_at=None,
            owner=None,
            progress_at=at,
            deaths=case((tasks.c.deaths > _CAREFULLY, _CAREFULLY), else_=tasks.c.deaths),
        )
    )
    if changed.rowcount != 1:
        return None
    await append_events(connection, task.task_id, [StatusEvent.of(again, at)])
    return again


def _kept(stage: StageState, *, weighed: bool) -> StageState:
    """Stages that need not run again stay as they are."""
    return stage if weighed and stage.status in _DONE else StageState(name=stage.name)

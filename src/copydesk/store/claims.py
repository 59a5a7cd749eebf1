"""Claims: which executor runs a task, and how often executors died running it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.clock import now
from copydesk.domain.task import TaskStatus
from copydesk.store.fence import Claim, ClaimLost
from copydesk.store.schema import leases, model_calls, sources, stage_results, tasks

_ACTIVE = (TaskStatus.PENDING.value, TaskStatus.PROCESSING.value)


async def claim_task(connection: AsyncConnection, *, workflow_id: str, owner: str, leased: bool) -> Claim | None:
    """Claim the task of a workflow for the executor `owner`; None where the task has ended or runs under another.

    Raises:
        ClaimLost: `leased`, and the executor's own lease is gone: its work may be run elsewhere.
    """
    if leased:
        # Locked, so that a take-over waits until the claim stands, or the claim finds the lease gone.
        held = select(leases.c.executor_id).where(leases.c.executor_id == owner).with_for_update(read=True)
        if (await connection.execute(held)).one_or_none() is None:
            raise ClaimLost
    claimed = await connection.execute(
        update(tasks)
        .where(tasks.c.workflow_id == workflow_id, tasks.c.status.in_(_ACTIVE))
        .values(owner=owner, progress_at=now())
        .returning(tasks.c.task_id)
    )
    task_id = claimed.scalar_one_or_none()
    return None if task_id is None else Claim(task_id=task_id, owner=owner)


async def release_claims(connection: AsyncConnection, owner: str) -> None:
    """Let go of everything that an executor ran: it hands its work over in good order."""
    await connection.execute(update(tasks).where(tasks.c.owner == owner).values(owner=None))


async def count_deaths(connection: AsyncConnection, owners: Iterable[str], *, limit: int) -> Sequence[str]:
    """Enter the deaths of executors with the tasks that they ran; answers the tasks that are to fail.

    A death counts against a task if the task has not got on since the one before; else it is the first again. A task
    fails at the `limit`-th if nothing else ran in that executor: then nothing else can have been the cause.
    """
    doomed: list[str] = []
    for owner in owners:
        mark = _mark()
        counted = await connection.execute(
            update(tasks)
            .where(tasks.c.owner == owner, tasks.c.status == TaskStatus.PROCESSING.value)
            .values(owner=None, deaths=case((mark > tasks.c.death_mark, 1), else_=tasks.c.deaths + 1), death_mark=mark)
            .returning(tasks.c.task_id, tasks.c.deaths)
        )
        ran = counted.all()
        if len(ran) == 1 and ran[0].deaths >= limit:
            doomed.append(ran[0].task_id)
        await release_claims(connection, owner)
    return doomed


async def deaths_of(connection: AsyncConnection, task_id: str) -> int:
    """How many workers died running the task, one after another, without its getting on."""
    query = select(tasks.c.deaths).where(tasks.c.task_id == task_id)
    return (await connection.execute(query)).scalar_one_or_none() or 0


def _mark() -> ColumnElement[int]:
    """How far a task is: what its runs have finished for good, whichever of them did."""
    results = select(func.count()).where(stage_results.c.task_id == tasks.c.task_id).scalar_subquery()
    calls = select(func.count()).where(model_calls.c.task_id == tasks.c.task_id).scalar_subquery()
    read = (
        select(func.count())
        .where(
            sources.c.task_id == tasks.c.task_id,
            sources.c.accessed_at.is_not(None) | sources.c.disposition.is_not(None),
        )
        .scalar_subquery()
    )
    return results + calls + read

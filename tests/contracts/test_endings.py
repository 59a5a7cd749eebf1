"""One ending of a task wins, whoever races, on both databases."""

import asyncio

import pytest
from support.stored import stored_account, stored_task

from copydesk.domain.clock import now
from copydesk.domain.task import TaskFailure, TaskStatus
from copydesk.store.database import Database
from copydesk.store.tasks import begin_task, cancel_task, complete_task, fail_task, load_task

RACES = 30
FAILURE = TaskFailure(code="WORKFLOW_ERROR", message="No.", stage=None, retryable=False)


async def test_exactly_one_ending_wins_when_cancel_completion_and_failure_meet(database: Database) -> None:
    """Raced many times: what the winner was told is what the task stays; a cancelled one is never completed."""
    account_id = await stored_account(database)
    seen = set()
    for number in range(RACES):
        task_id = await stored_task(database, account_id)
        async with database.write() as connection:
            await begin_task(connection, workflow_id=f"{task_id}:1", at=now())

        async def complete(task_id: str = task_id) -> bool:
            async with database.write() as connection:
                return await complete_task(connection, task_id=task_id, at=now())

        async def fail(task_id: str = task_id) -> bool:
            async with database.write() as connection:
                return await fail_task(connection, task_id=task_id, failure=FAILURE, at=now())

        async def cancel(task_id: str = task_id) -> bool:
            async with database.write() as connection:
                task = await cancel_task(connection, account_id=account_id, task_id=task_id, at=now())
            return task is not None and task.status is TaskStatus.CANCELLED

        enders = [(TaskStatus.COMPLETED, complete), (TaskStatus.FAILED, fail), (TaskStatus.CANCELLED, cancel)]
        turn = number % len(enders)
        order = enders[turn:] + enders[:turn]
        won = await asyncio.gather(*(end() for _, end in order))
        winners = [status for (status, _), has in zip(order, won, strict=True) if has]
        async with database.read() as connection:
            task = await load_task(connection, task_id)
        assert task is not None
        assert winners == [task.status]
        seen.add(task.status)
    assert len(seen) > 1


@pytest.mark.parametrize("ending", ["cancel", "fail"])
async def test_completion_is_refused_when_the_task_has_ended(database: Database, ending: str) -> None:
    """Nothing follows."""
    account_id = await stored_account(database)
    task_id = await stored_task(database, account_id)
    async with database.write() as connection:
        await begin_task(connection, workflow_id=f"{task_id}:1", at=now())
        if ending == "cancel":
            await cancel_task(connection, account_id=account_id, task_id=task_id, at=now())
        else:
            await fail_task(connection, task_id=task_id, failure=FAILURE, at=now())
    async with database.write() as connection:
        assert not await complete_task(connection, task_id=task_id, at=now())

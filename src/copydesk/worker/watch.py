"""The watch over tasks: every accepted one runs, every one ends."""

from collections.abc import Callable
from datetime import timedelta

from copydesk.domain.clock import now
from copydesk.domain.task import Task, TaskFailure
from copydesk.engine.durable import DurableEngine
from copydesk.ports import TaskQueue
from copydesk.settings import Settings
from copydesk.store import counters
from copydesk.store import tasks as task_store
from copydesk.store.database import Database

WATCH_SECONDS = 5.0  # between two looks at accepted, overdue, stalled and stranded tasks
_MISSED_AFTER = timedelta(seconds=2)  # a pending task this old should be in the queue
_BATCH = 200  # tasks one look enqueues at most
_KEEP_ENDED = timedelta(hours=1)  # how long the engine's records of an ended task are kept
_FOLD_EVERY = timedelta(minutes=1)  # sums up what connections have counted apart
_OVER = ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "SUCCESS", "CANCELLED")  # workflows that will not go on


class Watch:
    """Looks after tasks of every worker; any number of processes may do so side by side.

    Args:
        settings: The deadlines.
        database: The application's database.
        queue: Where missed tasks are handed over, and workflows of failed ones are cancelled.
        engine: The engine of this process, as it is now.
        steady: Whether the database was there for a while: what did not get on without it has not stalled.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        queue: TaskQueue,
        engine: Callable[[], DurableEngine],
        steady: Callable[[], bool],
    ) -> None:
        self._settings = settings
        self._database = database
        self._queue = queue
        self._engine = engine
        self._steady = steady
        self._fold_at = now()

    async def look(self) -> None:
        """Look once.

        Raises:
            DatabaseError: A database cannot be reached.
        """
        await self._enqueue_missed()
        await self._fail_overdue()
        if self._steady():
            await self._fail_stalled()
        await self._fail_stranded()
        await self._engine().forget_ended(before=now() - _KEEP_ENDED)
        if now() >= self._fold_at:
            self._fold_at = now() + _FOLD_EVERY
            async with self._database.write() as connection:
                await counters.fold(connection)

    async def fail(self, task: Task, message: str, *, retryable: bool = True) -> None:
        """Fail the attempt that `task` is of, unless it has ended; what still runs of it is cancelled."""
        failure = TaskFailure(code="WORKFLOW_ERROR", message=message, stage=task.stage, retryable=retryable)
        async with self._database.write() as connection:
            await task_store.fail_task(
                connection, task_id=task.task_id, failure=failure, at=now(), workflow_id=task.workflow_id
            )
        await self._queue.cancel(task.workflow_id)

    async def _enqueue_missed(self) -> None:
        """Repair a crash between accepting a task and handing it over."""
        async with self._database.read() as connection:
            waiting = await task_store.list_unqueued(connection, older_than=now() - _MISSED_AFTER, limit=_BATCH)
        if not waiting:
            return
        known = await self._engine().statuses([task.workflow_id for task in waiting])
        for task in waiting:
            if task.workflow_id not in known:
                await self._queue.enqueue(
                    task_id=task.task_id, account_id=task.account_id, workflow_id=task.workflow_id
                )

    async def _fail_overdue(self) -> None:
        deadline = timedelta(seconds=self._settings.task_deadline)
        async with self._database.read() as connection:
            overdue = await task_store.list_overdue(connection, now=now(), deadline=deadline)
        for task in overdue:
            message = (
                f"The task ran longer than its deadline of {self._settings.task_deadline:g} seconds; "
                "ask for fewer words or sources, or raise COPYDESK_TASK_DEADLINE."
            )
            await self.fail(task, message)

    async def _fail_stalled(self) -> None:
        """End tasks that a worker holds and does not get on with."""
        silence = timedelta(seconds=self._settings.stall_after)
        async with self._database.read() as connection:
            stalled = await task_store.list_stalled(connection, before=now() - silence)
        for task in stalled:
            message = (
                f"The task made no progress for {self._settings.stall_after:g} seconds; retry it, "
                "or raise COPYDESK_STALL_AFTER where the model is that slow."
            )
            await self.fail(task, message)

    async def _fail_stranded(self) -> None:
        """End tasks whose workflow is over without having said so: no task may hang."""
        async with self._database.read() as connection:
            running = await task_store.list_running(connection, before=now() - _MISSED_AFTER)
        if not running:
            return
        statuses = await self._engine().statuses(list(running))
        for workflow_id, task_id in running.items():
            if statuses.get(workflow_id, "") in _OVER:
                async with self._database.read() as connection:
                    task = await task_store.load_task(connection, task_id)
                if task is not None and task.workflow_id == workflow_id:
                    await self.fail(task, "The pipeline stopped unexpectedly; the log says why. Retry the task.")

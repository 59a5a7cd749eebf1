"""A worker: runs tasks, and keeps watch that every accepted task runs and every task ends."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

from filelock import FileLock, Timeout

from copydesk.domain.clock import now
from copydesk.domain.task import Task, TaskFailure
from copydesk.engine.durable import DurableEngine
from copydesk.errors import DatabaseError, WorkerRunning
from copydesk.ports import TaskQueue
from copydesk.settings import Settings
from copydesk.store import leases
from copydesk.store import tasks as task_store
from copydesk.store.database import Database
from copydesk.telemetry import get_logger

WATCH_SECONDS = 5.0  # between two looks at accepted, overdue and stranded tasks
MISSED_AFTER = timedelta(seconds=2)  # a pending task this old should be in the queue
BATCH = 200  # tasks one look enqueues at most
KEEP_ENDED = timedelta(hours=1)  # how long the engine's records of an ended task are kept
LEASE_FRACTION = 3  # renewals within one lease

log = get_logger(__name__)


class Worker:
    """One per process; on SQLite one per `DATA_DIR`, which a lock file enforces.

    Args:
        settings: Limits and deadlines.
        database: The application's database, migrated.
        queue: Where accepted tasks are handed over.
        run: Runs one task by `(task_id, workflow_id)` inside a durable workflow.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        queue: TaskQueue,
        run: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._database = database
        self._queue = queue
        self._run = run
        self._engine = DurableEngine(settings, run=self._run_to_its_end)
        self._lock = FileLock(settings.data_dir / "worker.lock", thread_local=False) if settings.embedded else None
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take the lock or the lease, launch the engine, take up what a dead predecessor left.

        Raises:
            WorkerRunning: Another process is the worker of this `DATA_DIR`.
            DatabaseError: The database cannot be reached.
        """
        self._take_lock()
        if self._lock is None:
            await self._renew()
        await self._engine.start()
        await self._take_over()
        self._loops.append(asyncio.create_task(self._repeat(self._watch, WATCH_SECONDS)))
        if self._lock is None:
            every = self._settings.lease / LEASE_FRACTION
            self._loops.append(asyncio.create_task(self._repeat(self._renew, every)))
            self._loops.append(asyncio.create_task(self._repeat(self._take_over, every)))

    async def stop(self, *, grace: float = 0) -> None:
        """Take no new work, give running steps `grace` seconds, leave the rest to the next start."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await self._engine.stop(grace=grace)
        if self._lock is None:
            with contextlib.suppress(DatabaseError):  # the lease then runs out by itself
                async with self._database.write() as connection:
                    await leases.end_lease(connection, self._engine.executor_id)
        else:
            self._lock.release()

    async def _run_to_its_end(self, task_id: str, workflow_id: str) -> None:
        """Run a task; a defect of ours fails it with a sentence, and leaves the traceback in the log."""
        try:
            await self._run(task_id, workflow_id)
        except Exception:  # the engine's own signals, a cancel above all, are no Exceptions and pass
            log.exception("pipeline defect", task_id=task_id, workflow_id=workflow_id)
            message = f"The pipeline met a defect of its own; the log has the details under the task's id {task_id}."
            async with self._database.read() as connection:
                task = await task_store.load_task(connection, task_id)
            if task is not None:
                await self._fail(task, message, retryable=False)

    def _take_lock(self) -> None:
        if self._lock is None:
            return
        try:
            self._lock.acquire(blocking=False)
        except Timeout as error:
            message = (
                f"Another Copydesk process works on {str(self._settings.data_dir)!r}; "
                "stop it, or set COPYDESK_DATA_DIR to another folder."
            )
            raise WorkerRunning(message) from error

    async def _repeat(self, look: Callable[[], Awaitable[None]], seconds: float) -> None:
        while True:
            try:
                await look()
            except DatabaseError as error:
                log.warning("database away", error=error.message)
            await asyncio.sleep(seconds)

    async def _renew(self) -> None:
        async with self._database.write() as connection:
            await leases.renew_lease(connection, self._engine.executor_id, seconds=self._settings.lease)

    async def _take_over(self) -> None:
        """Put the unfinished work of dead processes back into the queue."""
        executors = await self._engine.pending_executors()
        if not executors:
            return
        if self._lock is not None:  # the lock proves that every other executor is dead
            await self._recover(sorted(executors))
            return
        async with self._database.write() as connection:
            if await leases.may_take_over(connection):
                await self._recover(await leases.without_lease(connection, executors))

    async def _recover(self, executors: list[str]) -> None:
        if executors:
            count = await self._engine.recover(executors)
            log.info("taken over", workflows=count, executors=executors)

    async def _watch(self) -> None:
        await self._enqueue_missed()
        await self._fail_overdue()
        await self._fail_stranded()
        await self._engine.forget_ended(before=now() - KEEP_ENDED)

    async def _enqueue_missed(self) -> None:
        """Repair a crash between accepting a task and handing it over."""
        async with self._database.read() as connection:
            waiting = await task_store.list_unqueued(connection, older_than=now() - MISSED_AFTER, limit=BATCH)
        if not waiting:
            return
        known = await self._engine.statuses([task.workflow_id for task in waiting])
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
            await self._fail(task, message)
            await self._queue.cancel(task.workflow_id)

    async def _fail_stranded(self) -> None:
        """End tasks whose workflow is over without having said so: no task may hang."""
        async with self._database.read() as connection:
            running = await task_store.list_overdue(connection, now=now(), deadline=MISSED_AFTER)
        if not running:
            return
        statuses = await self._engine.statuses([task.workflow_id for task in running])
        for task in running:
            if statuses.get(task.workflow_id, "") in ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "SUCCESS"):
                await self._fail(task, "The pipeline stopped unexpectedly; the log says why. Post the task again.")

    async def _fail(self, task: Task, message: str, *, retryable: bool = True) -> None:
        failure = TaskFailure(code="WORKFLOW_ERROR", message=message, stage=task.stage, retryable=retryable)
        async with self._database.write() as connection:
            await task_store.fail_task(connection, task_id=task.task_id, failure=failure, at=now())

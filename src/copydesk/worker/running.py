"""The worker of a process: it claims tasks, runs them, and takes up what dead workers left."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial

from filelock import FileLock, Timeout

from copydesk.domain.clock import new_id, now
from copydesk.domain.task import TaskFailure
from copydesk.engine.cancel import hear_cancels
from copydesk.engine.durable import DurableEngine, DurableQueue
from copydesk.engine.lease import RENEWALS, Lease
from copydesk.errors import DatabaseError, WorkerRunning
from copydesk.settings import Settings
from copydesk.store import claims, leases
from copydesk.store import tasks as task_store
from copydesk.store.database import Database, patiently
from copydesk.store.fence import Claim, ClaimLost, holding
from copydesk.telemetry import get_logger
from copydesk.worker.company import Company
from copydesk.worker.watch import WATCH_SECONDS, Watch

DEATHS_IN_COMPANY = 2  # of workers, one after another, after which a task runs alone
DEATHS = 3  # after which, if it was alone, it fails
_AGAIN_SECONDS = 1.0  # between two tries to start afresh while the database is away

log = get_logger(__name__)


class Worker:
    """One per process; on SQLite one per `DATA_DIR`, which a lock file enforces.

    On Postgres it lives under a lease. Where it finds that the lease is gone (it was frozen, or cut off from the
    database, and others have taken its work over), it drops its work and starts afresh as another executor.

    Args:
        settings: Limits and deadlines.
        database: The application's database, migrated.
        queue: Where accepted tasks are handed over, and who tells of cancels.
        run: Runs one task by `(task_id, workflow_id)` inside a durable workflow.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        queue: DurableQueue,
        run: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._database = database
        self._queue = queue
        self._run = run
        self._engine = self._new_engine()
        self._lease: Lease | None = None
        self._lock = FileLock(settings.data_dir / "worker.lock", thread_local=False) if settings.embedded else None
        self._company = Company()
        self._loops: list[asyncio.Task[None]] = []
        self._afresh: asyncio.Task[None] | None = None
        self._watch = Watch(
            settings=settings, database=database, queue=queue, engine=lambda: self._engine, steady=self._steady
        )
        self._deaf: Callable[[], None] = lambda: None  # ends listening for cancels

    async def start(self) -> None:
        """Take the lock or the lease, launch the engine, take up what a dead predecessor left.

        Raises:
            WorkerRunning: Another process is the worker of this `DATA_DIR`.
            DatabaseError: The database cannot be reached.
        """
        self._take_lock()
        await self._open()
        self._deaf = self._queue.signals.listen(self._cut)
        log.info("worker ready", executor_id=self._engine.executor_id)

    async def stop(self, *, grace: float = 0) -> None:
        """Take no new work, give running steps `grace` seconds, hand the rest over."""
        self._deaf()
        if self._afresh is not None:
            self._afresh.cancel()
            await asyncio.gather(self._afresh, return_exceptions=True)
        await self._stop_loops()
        await self._engine.stop(grace=grace)
        with contextlib.suppress(DatabaseError):  # then others find out when the lease has run out
            await self._hand_over()
        if self._lease is not None:
            await asyncio.to_thread(self._lease.end)
        if self._lock is not None:
            self._lock.release()

    def _new_engine(self) -> DurableEngine:
        executor_id = new_id()
        return DurableEngine(
            self._settings,
            executor_id=executor_id,
            run=lambda task_id, workflow_id: self._run_to_its_end(task_id, workflow_id, executor_id),
        )

    async def _open(self) -> None:
        url = self._settings.database_url
        if url is not None:
            loop = asyncio.get_running_loop()
            self._lease = Lease(
                url.get_secret_value(),
                self._engine.executor_id,
                seconds=self._settings.lease,
                on_lost=partial(loop.call_soon_threadsafe, self._lose),
            )
            await asyncio.to_thread(self._lease.begin)  # before the launch: work without a lease would be taken over
        try:
            await self._engine.start()
            await self._take_over()
        except BaseException:
            if self._lease is not None:
                await asyncio.to_thread(self._lease.end)
            raise
        self._repeat(self._watch.look, WATCH_SECONDS)
        if url is not None:
            self._repeat(self._take_over, self._settings.lease / RENEWALS)
            hearing = hear_cancels(url.get_secret_value(), self._queue.signals)
            self._loops.append(asyncio.create_task(hearing))

    def _cut(self, workflow_id: str) -> None:
        self._engine.cut(workflow_id)  # of the engine as it is now

    def _lose(self) -> None:
        """The lease is gone: drop everything at once, then start afresh."""
        log.warning("lease lost", executor_id=self._engine.executor_id)
        self._engine.cut_all()
        self._afresh = asyncio.create_task(self._start_afresh())

    async def _start_afresh(self) -> None:
        while True:
            await self._stop_loops()
            await self._engine.stop(grace=0)
            self._engine = self._new_engine()
            try:
                await self._open()
            except DatabaseError as error:
                log.warning("database away", error=error.message)
            except Exception:  # whatever it is: a worker that does not come back is the worst of all
                log.exception("not started afresh")
            else:
                log.info("started afresh", executor_id=self._engine.executor_id)
                return
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _hand_over(self) -> None:
        """Let others go on at once with what is unfinished here; that is no death of its tasks."""
        async with self._database.write() as connection:
            await claims.release_claims(connection, self._engine.executor_id)
        count = await self._queue.hand_over(self._engine.executor_id)
        if count:
            log.info("handed over", workflows=count)

    async def _run_to_its_end(self, task_id: str, workflow_id: str, owner: str) -> None:
        """Claim a task and run it; a defect of ours fails it with a sentence, and leaves the traceback in the log."""
        alone = await patiently(lambda: self._must_be_alone(task_id))
        async with self._company.entered(alone=alone):
            claim = await patiently(lambda: self._claim(workflow_id, owner))
            if claim is None:
                return
            with holding(claim):
                await self._run_claimed(task_id, workflow_id)

    async def _run_claimed(self, task_id: str, workflow_id: str) -> None:
        try:
            await self._run(task_id, workflow_id)
        except ClaimLost:
            raise
        except Exception:  # the engine's own signals, a cancel above all, are no Exceptions and pass
            log.exception("pipeline defect", task_id=task_id, workflow_id=workflow_id)
            message = f"The pipeline met a defect of its own; the log has the details under the task's id {task_id}."
            async with self._database.read() as connection:
                task = await task_store.load_task(connection, task_id)
            if task is not None:
                await self._watch.fail(task, message, retryable=False)

    async def _must_be_alone(self, task_id: str) -> bool:
        async with self._database.read() as connection:
            return await claims.deaths_of(connection, task_id) >= DEATHS_IN_COMPANY

    async def _claim(self, workflow_id: str, owner: str) -> Claim | None:
        async with self._database.write() as connection:
            return await claims.claim_task(
                connection, workflow_id=workflow_id, owner=owner, leased=not self._settings.embedded
            )

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

    def _steady(self) -> bool:
        return self._lease is None or self._lease.steady()

    async def _take_over(self) -> None:
        """Put the unfinished work of dead processes back into the queue, and enter the deaths with their tasks."""
        if not self._steady():
            return
        executors = await self._engine.pending_executors()
        async with self._database.write() as connection:
            if self._lease is not None:
                if not await leases.may_take_over(connection, lease=self._settings.lease):
                    return
                await leases.end_expired(connection)
                executors = set(await leases.without_lease(connection, executors))
            # Without leases the lock proves that every other executor is dead.
            doomed = await claims.count_deaths(connection, sorted(executors), limit=DEATHS)
            for task_id in doomed:
                await task_store.fail_task(connection, task_id=task_id, failure=_POISON, at=now())
        if executors:
            count = await self._engine.recover(sorted(executors))
            log.info("taken over", workflows=count, executors=sorted(executors))

    def _repeat(self, look: Callable[[], Awaitable[None]], seconds: float) -> None:
        self._loops.append(asyncio.create_task(repeat(look, seconds)))

    async def _stop_loops(self) -> None:
        loops, self._loops = self._loops, []
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


async def repeat(look: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Look again and again, `seconds` apart, until cancelled; whatever goes wrong is logged."""
    while True:
        try:
            await look()
        except DatabaseError as error:
            log.warning("database away", error=error.message)
        except Exception:  # a watch that ends watches nothing: what it met is in the log, and it looks again
            log.exception("watch failed", look=look.__qualname__)
        await asyncio.sleep(seconds)


_POISON = TaskFailure(
    code="WORKFLOW_ERROR",
    message=f"{DEATHS} workers died one after another at the same point of this task, the last with nothing else "
    "running: something in its links or files makes them crash. Leave them out one by one to find which.",
    stage=None,
    retryable=False,
)

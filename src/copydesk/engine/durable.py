"""DBOS, set up: where durable work is kept, handed over, run, and taken up again after a crash."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig
from dbos import error as dbos_error
from sqlalchemy.exc import SQLAlchemyError

from copydesk.engine.cancel import CancelSignals, notify_cancel
from copydesk.engine.database import SCHEMA, away, engine_database, engine_url
from copydesk.errors import DatabaseError
from copydesk.settings import Settings
from copydesk.store.fence import ClaimLost
from copydesk.telemetry import get_logger

T = TypeVar("T")

log = get_logger(__name__)

APP = "copydesk"
QUEUE = "articles"
WORKFLOW = "write_article"
WORKFLOW_VERSION = "1"  # pinned: DBOS's default hashes the source, so that any edit would strand work in flight
POLL_SECONDS = 0.2  # a poll every 0.05 s was measured at 5 % of a core, idle or not
EXECUTOR_THREADS = 8  # the default grows without bound and was measured slower
MAX_RECOVERIES = 1_000  # deaths are counted by us, not by the engine
DATABASE_ATTEMPTS = 1_800  # tries of one step while the database is away: an hour, a task's deadline
CLOSE_SECONDS = 5.0  # that closing waits for statements that still run
FORGET_BATCH = 500  # ended workflows deleted in one go
_CANCELS = (
    dbos_error.DBOSWorkflowCancelledError,
    dbos_error.DBOSAwaitedWorkflowCancelledError,
    asyncio.CancelledError,
)
_SAID_OF_CANCELS = (
    "was cancelled during execution",
    "is no longer owned by this execution",
    "Asyncio task cancelled for workflow or step",
)
DATABASE_BACKOFF = 2.0  # seconds between two tries


@dataclass(frozen=True, kw_only=True)
class _Run:
    """One run of a workflow in this process."""

    draining: asyncio.Event  # the engine's: set when no further step may begin
    started: "set[asyncio.Task[Any]]" = field(default_factory=set)  # what ends with it


_run: ContextVar[_Run | None] = ContextVar("copydesk_run", default=None)


class DurableQueue:
    """The `TaskQueue` of every process: it talks to the engine's database and runs nothing itself."""

    def __init__(self, settings: Settings) -> None:
        self.signals = CancelSignals()  # what is cancelled, for the workflows of this process
        self._embedded = settings.embedded
        self._pool = engine_database(settings)
        self._client = DBOSClient(
            system_database_engine=self._pool, application_name=APP, lazy=True, retry_connection_errors=False
        )

    async def enqueue(self, *, task_id: str, account_id: str, workflow_id: str) -> None:
        """Hand a task over; the account is the partition that keeps waiting fair."""
        await self._translated(
            self._client.enqueue_async(
                {
                    "queue_name": QUEUE,
                    "workflow_name": WORKFLOW,
                    "workflow_id": workflow_id,
                    "app_version": WORKFLOW_VERSION,
                    "queue_partition_key": account_id,
                },
                task_id,
                workflow_id,
            )
        )

    async def cancel(self, workflow_id: str) -> None:
        """Stop a workflow, queued or running; steps in flight here, or on the same Postgres, end at once."""
        self.signals.send(workflow_id)
        if not self._embedded:
            await self._translated(asyncio.to_thread(notify_cancel, self._pool, workflow_id))
        await self._translated(self._client.cancel_workflow_async(workflow_id))

    async def hand_over(self, executor_id: str) -> int:
        """Put the unfinished workflows of an executor that has stopped back into the queue; answers how many.

        Raises:
            DatabaseError: The engine's database cannot be reached.
        """
        try:
            found = await self._client.list_workflows_async(
                executor_id=executor_id, status="PENDING", load_input=False, load_output=False
            )
            for workflow in found:
                # A private name: the public resume_workflow resets recovery counts and changes the queue.
                await asyncio.to_thread(
                    self._client._sys_db.reenqueue_for_recovery,  # noqa: SLF001
                    workflow.workflow_id,
                    [executor_id],
                    QUEUE,
                )
        except (SQLAlchemyError, dbos_error.DBOSInitializationError, OSError) as error:
            raise away() from error
        return len(found)

    async def forget(self, workflow_id: str) -> None:
        """Delete the engine's records of an ended workflow."""
        await self._translated(self._client.delete_workflow_async(workflow_id))

    async def ping(self) -> None:
        """Ask the engine's database for a sign of life."""
        await self._translated(self._client.check_connection_async())

    async def close(self) -> None:
        """Close every connection."""
        await asyncio.to_thread(self._client.destroy)
        await _close_pool(self._pool)

    @staticmethod
    async def _translated(call: Coroutine[Any, Any, object]) -> None:
        try:
            await call
        except dbos_error.DBOSNonExistentWorkflowError:
            return
        except (SQLAlchemyError, dbos_error.DBOSInitializationError, OSError) as error:
            raise away() from error


class DurableEngine:
    """Runs workflows in this process. One per process: DBOS keeps its state in the module."""

    def __init__(self, settings: Settings, *, executor_id: str, run: Callable[[str, str], Awaitable[None]]) -> None:
        self.executor_id = executor_id  # never used before: a name of this life of the process
        self._settings = settings
        self._run = run
        self._pool: sa.Engine | None = None
        self._running: dict[str, asyncio.Task[Any]] = {}  # the workflows that run on our loop, by id
        self._draining = asyncio.Event()

    async def start(self) -> None:
        """Launch on the running loop, so that workflows share it with everything else.

        Raises:
            DatabaseError: The engine's database cannot be reached.
        """
        try:
            await self._launch()
        except (SQLAlchemyError, dbos_error.DBOSInitializationError) as error:
            raise away() from error

    async def _launch(self) -> None:
        self._pool = engine_database(self._settings)
        config: DBOSConfig = {
            "name": APP,
            "system_database_url": engine_url(self._settings),
            "system_database_engine": self._pool,
            "dbos_system_schema": SCHEMA,
            "executor_id": self.executor_id,
            "application_version": WORKFLOW_VERSION,
            "max_executor_threads": EXECUTOR_THREADS,
            "notification_listener_polling_interval_sec": 0.1,
            "log_level": "WARNING",
            "run_migrations": False,
        }
        DBOS(config=config)
        _quiet_log()
        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MAX_RECOVERIES)(self._workflow())
        DBOS.listen_queues([QUEUE])
        DBOS.launch()
        await DBOS.register_queue_async(
            QUEUE,
            worker_concurrency=self._settings.worker_concurrency,
            partition_concurrency=self._settings.account_concurrency,
            polling_interval_sec=POLL_SECONDS,
            on_conflict="always_update",
        )

    async def recover(self, executor_ids: list[str]) -> int:
        """Put the unfinished workflows of dead processes back into the queue; answers how many."""
        # A private name: the public resume_workflow resets recovery counts and moves work to another queue.
        handles = await asyncio.to_thread(DBOS._recover_pending_workflows, executor_ids)  # noqa: SLF001
        return len(handles)

    async def pending_executors(self) -> set[str]:
        """The executors that unfinished workflows belong to, this process's own left out."""
        found = await DBOS.list_workflows_async(status="PENDING", load_input=False, load_output=False)
        return {w.executor_id for w in found if w.executor_id} - {self.executor_id}

    async def statuses(self, workflow_ids: list[str]) -> dict[str, str]:
        """What the engine says of each workflow it knows: ENQUEUED, PENDING, SUCCESS, ERROR, CANCELLED, ..."""
        found = await DBOS.list_workflows_async(workflow_ids=workflow_ids, load_input=False, load_output=False)
        return {w.workflow_id: str(w.status) for w in found}

    async def forget_ended(self, *, before: datetime) -> None:
        """Delete the engine's records of workflows that were created before `before` and have ended."""
        found = await DBOS.list_workflows_async(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            end_time=before.isoformat(),
            limit=FORGET_BATCH,
            load_input=False,
            load_output=False,
        )
        if found:
            await DBOS.delete_workflows_async([w.workflow_id for w in found])

    def cut(self, workflow_id: str) -> None:
        """End a workflow that runs here at once, with the calls that it waits for; nothing of it is recorded."""
        workflow = self._running.get(workflow_id)
        if workflow is not None:
            workflow.cancel()

    def cut_all(self) -> None:
        """End every workflow that runs here."""
        for workflow in tuple(self._running.values()):
            workflow.cancel()

    async def stop(self, *, grace: float) -> None:
        """Take no new work, give running steps `grace` seconds, then leave what is unfinished to others.

        No further step begins meanwhile. What ends so counts as never ended, and goes on where it is recovered.
        """
        self._draining.set()
        wait = max(1, round(grace)) if grace and self._running else 0  # DBOS looks once a second
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True, workflow_completion_timeout_sec=wait)
        # DBOS made its own thread pool the loop's and has shut it down: others still need one.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(thread_name_prefix="copydesk"))
        await self._end_workflows()
        if self._pool is not None:
            await _close_pool(self._pool)

    async def _end_workflows(self) -> None:
        """Cancel what still runs and wait: connections that it holds must be given back before they are closed."""
        running = tuple(self._running.values())
        self.cut_all()
        if running:
            _, late = await asyncio.wait(running, timeout=CLOSE_SECONDS)
            if late:
                log.warning("workflows still running", count=len(late))

    def _workflow(self) -> Callable[[str, str], Coroutine[Any, Any, None]]:
        async def write_article(task_id: str, workflow_id: str) -> None:
            workflow = asyncio.current_task()
            assert workflow is not None  # noqa: S101 - a coroutine runs in a task
            self._running[workflow_id] = workflow
            run = _Run(draining=self._draining)
            _run.set(run)
            try:
                await self._run(task_id, workflow_id)
            except ClaimLost:
                log.warning("claim lost", task_id=task_id, workflow_id=workflow_id)
                raise asyncio.CancelledError from None  # not an outcome: whoever runs it now records one
            finally:
                if self._running.get(workflow_id) is workflow:
                    del self._running[workflow_id]
                for started in tuple(run.started):
                    started.cancel()

        return write_article


async def _close_pool(pool: sa.Engine) -> None:
    """Close every connection; those that a thread of DBOS still uses are waited for, or they would stay open."""
    deadline = asyncio.get_running_loop().time() + CLOSE_SECONDS
    while isinstance(pool.pool, sa.QueuePool) and pool.pool.checkedout():
        if asyncio.get_running_loop().time() > deadline:
            log.warning("connections still in use", count=pool.pool.checkedout())
            break
        await asyncio.sleep(POLL_SECONDS)
    pool.dispose()


async def durable_step(name: str, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
    """Run a step of the current workflow: its result is checkpointed and never computed again.

    The step is cancelled with its workflow, and tried again while the database is away. It leaves no result, and
    ends its workflow here, where the process drains before it begins or has lost the task.
    """
    workflow_id = DBOS.workflow_id
    run = _run.get()
    if run is not None and run.draining.is_set():
        raise asyncio.CancelledError

    async def logged(*args: Any) -> T:
        log.debug("step begins", step=name, workflow_id=workflow_id)
        try:
            result = await function(*args)
        except ClaimLost:
            log.warning("claim lost", step=name, workflow_id=workflow_id)
            raise asyncio.CancelledError from None
        log.debug("step ends", step=name, workflow_id=workflow_id)
        return result

    return await DBOS.run_step_async(
        {
            "name": name,
            "preemptible": True,
            "retries_allowed": True,
            "max_attempts": DATABASE_ATTEMPTS,
            "interval_seconds": DATABASE_BACKOFF,
            "backoff_rate": 1.0,
            "should_retry": _is_database_error,
        },
        logged,
        *args,
    )


def start_in_run(work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    """Start work that may outlive the step that wanted it, but not the run of its workflow in this process."""
    started = asyncio.ensure_future(work)
    run = _run.get()
    if run is not None:
        run.started.add(started)
        started.add_done_callback(run.started.discard)
    return started


def _is_database_error(error: BaseException) -> bool:
    return isinstance(error, DatabaseError)


def _quiet_log() -> None:
    """Send DBOS's log through ours, without the traceback that each cancel leaves."""
    logger = logging.getLogger("dbos")
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel(logging.WARNING)
    logger.addFilter(_not_a_cancel)


def _not_a_cancel(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    said = record.getMessage()
    return not isinstance(error, _CANCELS) and not any(phrase in said for phrase in _SAID_OF_CANCELS)

"""Tasks: accepted, listed, shown, cancelled, retried."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.article import Article
from copydesk.domain.clock import new_id, now
from copydesk.domain.source import Source
from copydesk.domain.task import Task, TaskInput, TaskStatus, Usage, fresh_stages
from copydesk.errors import Conflict, DatabaseError, RateLimited, TaskNotFound
from copydesk.ports import TaskQueue
from copydesk.services.identity import is_id, shown
from copydesk.services.replay import RequestIdentity, content_digest, keep, look_up
from copydesk.settings import Settings
from copydesk.store import articles, attempts, evidence, files, tasks
from copydesk.store.database import Database
from copydesk.store.idempotency import Answer
from copydesk.telemetry import get_logger
from copydesk.wire.problems import parse_model, validation_error
from copydesk.wire.tasks import TaskCreate, TaskOut

SOUGHT = 5_000  # tasks looked through for words of their prompts, newest first
RETRY_AFTER = 30  # seconds: what a client at its limit of active tasks is told to wait
_CREATE = "POST /api/v1/tasks"
_RETRY = "POST /api/v1/tasks/{task_id}/retry"


@dataclass(frozen=True, kw_only=True)
class FoundTasks:
    """A page of tasks that were sought."""

    tasks: Sequence[Task]
    total: int  # of all pages
    complete: bool  # False: only the newest `SOUGHT` tasks were looked through


class TaskService:
    """What an account does with its tasks."""

    def __init__(
        self,
        *,
        database: Database,
        queue: TaskQueue,
        settings: Settings,
        unpriced: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """Take what is needed; `unpriced` names the models that write here and whose price is not known."""
        self._database = database
        self._queue = queue
        self._settings = settings
        self._unpriced = unpriced

    def check(self, body: Any) -> TaskCreate:
        """Read the POST body, parsed JSON.

        Raises:
            ValidationError: With every broken rule.
        """
        return parse_model(TaskCreate, body, context={"allow": self._settings.outbound_allow})

    async def submit(self, *, account_id: str, request: TaskCreate) -> Task:
        """Accept a task: store it, then hand it to the engine.

        Raises:
            ValidationError: A file is not the account's.
            RateLimited: The account has `MAX_ACTIVE_TASKS` active tasks.
            DatabaseError: Nothing was stored.
        """
        async with self._database.write() as connection:
            await tasks.lock_account(connection, account_id)
            task = await self._accept(connection, account_id, request)
        await self._enqueue(task)
        return task

    async def create(self, *, account_id: str, body: Any, idempotency_key: str | None = None) -> Answer:
        """Accept a task from a POST body, parsed JSON; the answer is kept under the key with the task.

        Raises:
            ValidationError: The body breaks rules, or a file is not the account's.
            Conflict: The key was used with another request.
            RateLimited: The account has `MAX_ACTIVE_TASKS` active tasks.
            DatabaseError: Nothing was stored.
        """
        request = self.check(body)
        identity = _identity(account_id, idempotency_key, _CREATE, body)
        async with self._database.write() as connection:
            await tasks.lock_account(connection, account_id)
            replayed = await look_up(connection, identity)
            if replayed is not None:
                return replayed
            task = await self._accept(connection, account_id, request)
            answer = _accepted(task)
            await keep(connection, identity, answer)
        await self._enqueue(task)
        return answer

    async def list(
        self, *, account_id: str, status: TaskStatus | None, limit: int, offset: int
    ) -> tuple[Sequence[Task], int]:
        """A page of the account's tasks, newest first, and how many there are in all."""
        async with self._database.read() as connection:
            return await tasks.list_tasks(connection, account_id=account_id, status=status, limit=limit, offset=offset)

    async def find(
        self, *, account_id: str, status: TaskStatus | None = None, prompt: str = "", limit: int, offset: int
    ) -> FoundTasks:
        """A page of the account's tasks, newest first, by words of their prompts; without words it is `list`.

        The newest `SOUGHT` tasks are looked through: no index holds prompts, and they compare as Unicode does on
        every database.
        """
        words = prompt.casefold().split()
        if not words:
            found, total = await self.list(account_id=account_id, status=status, limit=limit, offset=offset)
            return FoundTasks(tasks=found, total=total, complete=True)
        async with self._database.read() as connection:
            prompts = await tasks.list_prompts(connection, account_id=account_id, status=status, limit=SOUGHT + 1)
            ids = await asyncio.to_thread(_holding, prompts[:SOUGHT], words)
            page = await tasks.list_by_ids(connection, account_id=account_id, task_ids=ids[offset : offset + limit])
        return FoundTasks(tasks=page, total=len(ids), complete=len(prompts) <= SOUGHT)

    async def get(self, *, account_id: str, task_id: str) -> tuple[Task, Sequence[Source]]:
        """A task and its sources. Raises TaskNotFound."""
        async with self._database.read() as connection:
            task = await _find(connection, account_id, task_id)
            return task, await evidence.list_sources(connection, task.task_id)

    async def cancel(self, *, account_id: str, task_id: str) -> tuple[Task, Sequence[Source]]:
        """Cancel a pending or processing task; a cancelled one stays as it is.

        The task's row decides: where the engine cannot be told now, its workflow stops itself at
        its next step.

        Raises:
            TaskNotFound: It is not the account's.
            Conflict: It is completed or failed.
        """
        async with self._database.write() as connection:
            before = await _find(connection, account_id, task_id)
            task = await tasks.cancel_task(connection, account_id=account_id, task_id=task_id, at=now())
            found = await evidence.list_sources(connection, task_id)
        if task is None or task.status is not TaskStatus.CANCELLED:
            status = before.status if task is None else task.status
            message = f"The task is {status.value}; only a pending or processing task can be cancelled."
            raise Conflict(message)
        if before.status.active:
            await self._stop(task)
        return task, found

    async def retry(self, *, account_id: str, task_id: str, idempotency_key: str | None = None) -> Answer:
        """Let a failed task go on from what it has, as its next attempt; the answer is kept under the key.

        Raises:
            TaskNotFound: It is not the account's.
            Conflict: It is not failed, or the key was used with another request.
            RateLimited: The account has `MAX_ACTIVE_TASKS` active tasks.
        """
        identity = _identity(account_id, idempotency_key, _RETRY, task_id)
        async with self._database.write() as connection:
            await tasks.lock_account(connection, account_id)
            replayed = await look_up(connection, identity)
            if replayed is not None:
                return replayed
            before = await _find(connection, account_id, task_id)
            task = None
            if before.status is TaskStatus.FAILED:
                await self._refuse_too_many(connection, account_id)
                task = await attempts.retry_task(connection, before, at=now())
            if task is None:
                message = f"The task is {before.status.value}; only a failed task can be retried."
                raise Conflict(message)
            answer = _accepted(task, await evidence.list_sources(connection, task_id))
            await keep(connection, identity, answer)
        await self._enqueue(task)
        return answer

    async def articles(self, *, account_id: str, task_id: str) -> Sequence[Article]:
        """The articles of a task, in full. Raises TaskNotFound."""
        async with self._database.read() as connection:
            await _find(connection, account_id, task_id)
            return await articles.list_task_articles(connection, account_id=account_id, task_id=task_id)

    async def _accept(self, connection: AsyncConnection, account_id: str, request: TaskCreate) -> Task:
        await _refuse_foreign_files(connection, account_id, request)
        await self._refuse_unpriced(request)
        await self._refuse_too_many(connection, account_id)
        task = _new_task(account_id, request.accepted())
        await tasks.insert_task(connection, task)
        return task

    async def _refuse_unpriced(self, request: TaskCreate) -> None:
        """A ceiling needs the price of every model that may be called (contract.md, max_cost_usd)."""
        if request.max_cost_usd is None:
            return
        names = await asyncio.to_thread(self._unpriced)
        if names:
            message = (
                f"A ceiling cannot be held: no price of {', '.join(names)} is known. Leave it out, or have the "
                "operator state the price in COPYDESK_MODEL_PRICE"
            )
            raise validation_error([{"field": "max_cost_usd", "message": message, "type": "price_unknown"}])

    async def _refuse_too_many(self, connection: AsyncConnection, account_id: str) -> None:
        limit = self._settings.max_active_tasks
        if await tasks.count_active(connection, account_id) >= limit:
            message = f"The account has {limit} active tasks, which is its limit; wait for one to end or cancel one."
            raise RateLimited(message, retry_after=RETRY_AFTER)

    async def _enqueue(self, task: Task) -> None:
        """Hand over an accepted task; one that is missed here is found by the worker's repair."""
        try:
            await self._queue.enqueue(task_id=task.task_id, account_id=task.account_id, workflow_id=task.workflow_id)
        except DatabaseError as error:
            get_logger(__name__).warning("task_not_enqueued", task_id=task.task_id, reason=error.message)

    async def _stop(self, task: Task) -> None:
        try:
            await self._queue.cancel(task.workflow_id)
        except DatabaseError as error:
            get_logger(__name__).warning("workflow_not_cancelled", task_id=task.task_id, reason=error.message)


async def _find(connection: AsyncConnection, account_id: str, task_id: str) -> Task:
    task = None
    if is_id(task_id):
        task = await tasks.get_task(connection, account_id=account_id, task_id=task_id)
    if task is None:
        message = f"There is no task {shown(task_id)}, or you do not have access to it."
        raise TaskNotFound(message)
    return task


async def _refuse_foreign_files(connection: AsyncConnection, account_id: str, request: TaskCreate) -> None:
    """Unknown files and those of other accounts are refused alike."""
    named = request.uploaded_files or []
    ids = [file_id for file_id in named if is_id(file_id)]
    owned = await files.owned_file_ids(connection, account_id=account_id, file_ids=ids) if ids else set()
    missing = [index for index, file_id in enumerate(named) if file_id not in owned]
    if missing:
        raise validation_error(
            [
                {
                    "field": f"uploaded_files.{index}.file_id",
                    "message": "There is no such file, or you do not have access to it",
                    "type": "file_not_found",
                }
                for index in missing
            ]
        )


def _holding(prompts: Sequence[tuple[str, str]], words: Sequence[str]) -> list[str]:
    """The ids of the prompts that hold every word, in whatever case."""
    folded = ((task_id, prompt.casefold()) for task_id, prompt in prompts)
    return [task_id for task_id, prompt in folded if all(word in prompt for word in words)]


def _new_task(account_id: str, given: TaskInput) -> Task:
    return Task(
        task_id=new_id(),
        account_id=account_id,
        input=given,
        status=TaskStatus.PENDING,
        stages=fresh_stages(),
        percent=0,
        message="Waiting to start.",
        warnings=(),
        failure=None,
        usage=Usage(),
        article_ids=(),
        attempt=1,
        created_at=now(),
        started_at=None,
        finished_at=None,
    )


def _accepted(task: Task, sources: Sequence[Source] = ()) -> Answer:
    headers = {"Location": f"/api/v1/tasks/{task.task_id}"}
    return Answer(status=202, headers=headers, body=TaskOut.of(task, sources).to_json())


def _identity(account_id: str, key: str | None, operation: str, content: Any) -> RequestIdentity | None:
    if key is None:
        return None
    return RequestIdentity(account_id=account_id, key=key, operation=operation, content_sha256=content_digest(content))

"""Routes of tasks."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from copydesk.api.access import Caller, ServicesOf
from copydesk.api.answers import kept, shown
from copydesk.api.bodies import IdempotencyKey, JsonBody, no_query, query_of
from copydesk.api.documents import accepts_json, answers, idempotent, links_to, parameters
from copydesk.wire.articles import ArticleOut, TaskArticles
from copydesk.wire.tasks import TaskCreate, TaskItem, TaskList, TaskListQuery, TaskOut

router = APIRouter(prefix="/api/v1/tasks", tags=["Tasks"])


@router.post(
    "",
    operation_id="createTask",
    summary="Start an article",
    status_code=202,
    dependencies=[no_query],
    responses=answers(
        {202: TaskOut},
        *(400, 409, 413, 415, 422, 429, 503),
        writes=True,
        links=links_to("task_id", "getTask", "cancelTask", "listTaskArticles"),
    ),
    openapi_extra=accepts_json(TaskCreate, idempotent=True),
)
async def create_task(caller: Caller, services: ServicesOf, key: IdempotencyKey, body: JsonBody) -> Response:
    """Accept a generation task; poll it by `Location` until it has ended."""
    answer = await services.tasks.create(account_id=caller.account_id, body=body, idempotency_key=key)
    return kept(answer)


@router.get(
    "",
    operation_id="listTasks",
    summary="List tasks",
    responses=answers({200: TaskList}, 422, 429, 503),
    openapi_extra=parameters(TaskListQuery),
)
async def list_tasks(
    caller: Caller, services: ServicesOf, query: Annotated[TaskListQuery, Depends(query_of(TaskListQuery))]
) -> Response:
    """The account's tasks, newest first, without stages, sources and warnings."""
    found, total = await services.tasks.list(
        account_id=caller.account_id, status=query.status, limit=query.limit, offset=query.offset
    )
    return shown(
        TaskList(tasks=[TaskItem.of(task) for task in found], total=total, limit=query.limit, offset=query.offset)
    )


@router.get(
    "/{task_id}",
    operation_id="getTask",
    summary="Show a task",
    dependencies=[no_query],
    responses=answers({200: TaskOut}, 404, 422, 429, 503, missing="TASK_NOT_FOUND"),
)
async def get_task(caller: Caller, services: ServicesOf, task_id: str) -> Response:
    """A task with its progress, its sources and what became of them."""
    task, sources = await services.tasks.get(account_id=caller.account_id, task_id=task_id)
    return shown(TaskOut.of(task, sources))


@router.delete(
    "/{task_id}",
    operation_id="cancelTask",
    summary="Cancel a task",
    dependencies=[no_query],
    responses=answers({200: TaskOut}, 404, 409, 422, 429, 503, missing="TASK_NOT_FOUND", writes=True),
)
async def cancel_task(caller: Caller, services: ServicesOf, task_id: str) -> Response:
    """Cancel a pending or processing task; a cancelled one stays as it is."""
    task, sources = await services.tasks.cancel(account_id=caller.account_id, task_id=task_id)
    return shown(TaskOut.of(task, sources))


@router.post(
    "/{task_id}/retry",
    operation_id="retryTask",
    summary="Retry a failed task",
    status_code=202,
    dependencies=[no_query],
    responses=answers(
        {202: TaskOut},
        *(404, 409, 422, 429, 503),
        missing="TASK_NOT_FOUND",
        writes=True,
        links=links_to("task_id", "getTask", "cancelTask", "listTaskArticles"),
    ),
    openapi_extra=idempotent(),
)
async def retry_task(caller: Caller, services: ServicesOf, key: IdempotencyKey, task_id: str) -> Response:
    """Let a failed task go on from what it has, as its next attempt: finished model calls are not paid for again."""
    answer = await services.tasks.retry(account_id=caller.account_id, task_id=task_id, idempotency_key=key)
    return kept(answer)


@router.get(
    "/{task_id}/articles",
    operation_id="listTaskArticles",
    summary="Show a task's articles",
    dependencies=[no_query],
    responses=answers({200: TaskArticles}, 404, 422, 429, 503, missing="TASK_NOT_FOUND"),
)
async def list_task_articles(caller: Caller, services: ServicesOf, task_id: str) -> Response:
    """All articles of the task in full; none before it is completed."""
    found = await services.tasks.articles(account_id=caller.account_id, task_id=task_id)
    return shown(TaskArticles(articles=await asyncio.to_thread(lambda: [ArticleOut.of(article) for article in found])))

"""Tasks: the list, with its filter."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from copydesk.domain.task import TaskStatus
from copydesk.web.access import ServicesOf, Visitor
from copydesk.web.rendering import renderer_of

router = APIRouter()

PAGE = 20  # rows of a page


@router.get("/tasks")
async def list_tasks(
    request: Request, services: ServicesOf, session: Visitor, status: TaskStatus | None = None, offset: int = 0
) -> Response:
    """The account's tasks, newest first."""
    offset = max(0, min(offset, 2**31 - 1))
    tasks, total = await services.tasks.list(
        account_id=session.key.account_id, status=status, limit=PAGE, offset=offset
    )
    return renderer_of(request).page(
        request,
        "tasks.html",
        tasks=tasks,
        total=total,
        status=status,
        statuses=list(TaskStatus),
        offset=offset,
        page_size=PAGE,
    )

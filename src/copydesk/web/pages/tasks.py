"""Tasks: the list, live, with its filter and search."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from copydesk.domain.task import TaskStatus
from copydesk.errors import ValidationError
from copydesk.services.tasks import SOUGHT
from copydesk.web.access import ServicesOf, Visitor
from copydesk.web.problems import is_part
from copydesk.web.rendering import renderer_of
from copydesk.web.texts import text

router = APIRouter()

PAGE = 20  # rows of a page
_LONGEST_QUERY = 200  # characters that are looked for
_MAX_OFFSET = 2**31 - 1


@router.get("/tasks")
async def list_tasks(request: Request, services: ServicesOf, session: Visitor) -> Response:
    """The account's tasks, newest first; for a script the parts of the page that change."""
    status = _status(request.query_params.get("status", ""))
    query = request.query_params.get("q", "").replace("\0", "").strip()[:_LONGEST_QUERY]
    offset = _offset(request.query_params.get("offset", ""))
    found = await services.tasks.find(
        account_id=session.key.account_id, status=status, prompt=query, limit=PAGE, offset=offset
    )
    chosen = {name: value for name, value in (("status", status), ("q", query)) if value}
    return renderer_of(request).page(
        request,
        "tasks_parts.html" if is_part(request) else "tasks.html",
        tasks=found.tasks,
        total=found.total,
        complete=found.complete,
        sought=SOUGHT,
        status=status,
        query=query,
        statuses=list(TaskStatus),
        offset=offset,
        page_size=PAGE,
        filtered=urlencode(chosen),
        here=urlencode({**chosen, "offset": offset} if offset else chosen),
    )


def _status(given: str) -> TaskStatus | None:
    """The status to show; none chosen is all of them.

    Raises:
        ValidationError: There is no such status.
    """
    if not given:
        return None
    try:
        return TaskStatus(given)
    except ValueError as error:
        raise ValidationError(text("tasks.unknown_status")) from error


def _offset(given: str) -> int:
    """Where the page begins; what is no number is the beginning."""
    number = given.isascii() and given.isdecimal() and len(given) <= len(str(_MAX_OFFSET))
    return min(int(given), _MAX_OFFSET) if number else 0

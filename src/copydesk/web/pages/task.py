"""One task, live: how far it is, what it reads and writes, and how it ended."""

import re
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.responses import RedirectResponse, Response

from copydesk.domain.clock import now, rfc3339
from copydesk.errors import Conflict
from copydesk.services.events import unknown_event
from copydesk.web.access import ServicesOf, Visitor
from copydesk.web.problems import is_part
from copydesk.web.rendering import renderer_of
from copydesk.web.texts import text
from copydesk.web.told import Told
from copydesk.wire.events import Event

router = APIRouter()

_SEQUENCE = re.compile(r"[0-9]{1,9}", re.ASCII)
_HEADERS = {"X-Accel-Buffering": "no"}  # nginx holds answers back otherwise


@router.get("/tasks/{task_id}")
async def show_task(request: Request, services: ServicesOf, session: Visitor, task_id: str) -> Response:
    """The task as it is now; its page, or for a script the parts of it that change."""
    task, sources, events = await services.events.told(account_id=session.key.account_id, task_id=task_id)
    return renderer_of(request).page(
        request,
        "task_parts.html" if is_part(request) else "task.html",
        task=task,
        sources=sources,
        told=Told.of(events),
        now=rfc3339(now()),
        lasted=lasted,
    )


@router.get("/tasks/{task_id}/events")
async def follow_task(request: Request, services: ServicesOf, session: Visitor, task_id: str) -> Response:
    """What the task tells beyond the browser's last event: `Last-Event-ID` where it reconnects, else `?after=`."""
    given = request.headers.get("Last-Event-ID") or request.query_params.get("after")
    if given and _SEQUENCE.fullmatch(given) is None:
        raise unknown_event()
    followed = await services.events.follow(
        account_id=session.key.account_id, task_id=task_id, after=int(given) if given else None
    )
    if followed is None:
        return Response(status_code=204)
    if request.scope["state"].get("bodiless"):  # HEAD: the headers are all
        return EventSourceResponse(iter(()), headers=_HEADERS)
    return EventSourceResponse(_framed(followed), headers=_HEADERS)


@router.post("/tasks/{task_id}/cancel")
async def cancel_task(request: Request, services: ServicesOf, session: Visitor, task_id: str) -> Response:
    """Cancel, and show what there is then: also where the task has just ended by itself."""
    with suppress(Conflict):
        await services.tasks.cancel(account_id=session.key.account_id, task_id=task_id)
    return await _back(request, task_id)


@router.post("/tasks/{task_id}/retry")
async def retry_task(request: Request, services: ServicesOf, session: Visitor, task_id: str) -> Response:
    """Let a failed task go on, and show it: also where it goes on already."""
    with suppress(Conflict):
        await services.tasks.retry(account_id=session.key.account_id, task_id=task_id)
    return await _back(request, task_id)


def lasted(since: datetime, until: datetime | None) -> str:
    """How long something took, or takes: hours and minutes, or minutes and seconds."""
    seconds = max(0, int(((until or now()) - since).total_seconds()))
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return text("task.lasted.hours", hours=hours, minutes=minutes)
    return text("task.lasted.minutes" if minutes else "task.lasted.seconds", minutes=minutes, seconds=rest)


async def _framed(events: AsyncIterator[Event | None]) -> AsyncIterator[bytes]:
    async for event in events:
        if event is None:
            yield KEEPALIVE_COMMENT
        else:
            yield format_sse_event(data_str=event.json, event=event.kind.value, id=str(event.sequence))


async def _back(request: Request, task_id: str) -> Response:
    """To the task, or to the list where the form stood in it: its field `back` holds the list's query."""
    root = request.scope.get("root_path", "")
    query = (await request.form()).get("back")
    target = f"{root}/tasks/{task_id}" if not isinstance(query, str) else f"{root}/tasks?{query}"
    return RedirectResponse(target, status_code=303)

"""The route of a task's events."""

import re
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.responses import Response

from copydesk.api.access import Caller, ServicesOf
from copydesk.api.bodies import no_query
from copydesk.api.documents import answers, streams
from copydesk.services.events import unknown_event
from copydesk.wire.events import EVENTS, Event

router = APIRouter(prefix="/api/v1/tasks", tags=["Tasks"])

LAST_EVENT_ID = "Last-Event-ID"
_SEQUENCE = re.compile(r"[0-9]{1,9}", re.ASCII)
_PARAMETER = {
    "name": LAST_EVENT_ID,
    "in": "header",
    "required": False,
    "description": "The id of the last event that was heard: what follows it is sent.",
    "schema": {"type": "string", "pattern": "^[0-9]{0,9}$"},
}
_HEADERS = {"X-Accel-Buffering": "no"}  # nginx holds answers back otherwise


@router.get(
    "/{task_id}/events",
    operation_id="followTask",
    summary="Follow a task",
    dependencies=[no_query],
    status_code=204,  # of the answer that the framework describes by itself; the stream describes itself below
    openapi_extra={"parameters": [_PARAMETER]},
    responses=answers({}, 404, 422, 429, 503, missing="TASK_NOT_FOUND")
    | streams({kind.value: model for kind, model in EVENTS.items()}),
)
async def follow_task(caller: Caller, services: ServicesOf, request: Request, task_id: str) -> Response:
    """What the task does, as Server-Sent Events: first what was, then what comes, to its `end`.

    Ids are numbers in order, with gaps where an article was deleted. Each event's data are JSON. Where the task has
    ended and `Last-Event-ID` is its last event, the answer is 204, which ends a browser's reconnecting.
    """
    followed = await services.events.follow(
        account_id=caller.account_id, task_id=task_id, after=_sequence(request.headers.get(LAST_EVENT_ID))
    )
    if followed is None:
        return Response(status_code=204)
    if request.scope["state"].get("bodiless"):  # HEAD: the headers are all
        return EventSourceResponse(iter(()), headers=_HEADERS)
    return EventSourceResponse(_framed(followed), headers=_HEADERS)


async def _framed(events: AsyncIterator[Event | None]) -> AsyncIterator[bytes]:
    async for event in events:
        if event is None:
            yield KEEPALIVE_COMMENT
        else:
            yield format_sse_event(data_str=event.json, event=event.kind.value, id=str(event.sequence))


def _sequence(given: str | None) -> int | None:
    """The sequence that `Last-Event-ID` names; an empty one names none (HTML standard, 9.2)."""
    if not given:
        return None
    if _SEQUENCE.fullmatch(given) is None:
        raise unknown_event()
    return int(given)

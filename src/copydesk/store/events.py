"""What tasks tell of their progress: rows in an order that every reader sees alike.

Whoever appends holds the lock of its task's row until its transaction ends. So the sequence has no twins, and no event
becomes visible after one with a higher sequence.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

import psycopg
from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.task import TaskStatus
from copydesk.store.database import Database
from copydesk.store.schema import task_events, tasks
from copydesk.telemetry import get_logger
from copydesk.wire.events import EndEvent, Event, EventKind, EventOut, as_status, event_of, kept_data

CHANNEL = "copydesk_events"  # of NOTIFY; the payload is the task's id
PAGE = 200  # events that one look answers at most
_ACTIVE = (TaskStatus.PENDING.value, TaskStatus.PROCESSING.value)
_TEXTS = (EventKind.OUTLINE.value, EventKind.SECTION.value)  # the kinds that hold text of the article
_RETRY_SECONDS = 1.0  # between two tries to listen

log = get_logger(__name__)


async def append_events(connection: AsyncConnection, task_id: str, events: Sequence[EventOut]) -> bool:
    """Append events of one task, in order; answers whether they were.

    A task that has ended tells nothing more: only events that close with its `end` are taken then, and they come from
    the transaction that ends it.
    """
    if not events:
        return False
    counting = update(tasks).where(tasks.c.task_id == task_id)
    if not isinstance(events[-1], EndEvent):
        counting = counting.where(tasks.c.status.in_(_ACTIVE))
    counted = await connection.execute(
        counting.values(last_event=tasks.c.last_event + len(events)).returning(tasks.c.last_event)
    )
    last = counted.scalar_one_or_none()
    if last is None:
        return False
    await insert_events(connection, task_id, events, first=last - len(events) + 1)
    return True


async def insert_events(connection: AsyncConnection, task_id: str, events: Sequence[EventOut], *, first: int) -> None:
    """Store events at sequences that the caller has counted into its task's `last_event`; wakes those who listen."""
    rows = [
        {
            "task_id": task_id,
            "sequence": sequence,
            "kind": event.kind.value,
            "data": kept_data(event),
            "created_at": event.at,
        }
        for sequence, event in enumerate(events, start=first)
    ]
    await connection.execute(insert(task_events), rows)
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_notify(CHANNEL, task_id)))


async def list_events(connection: AsyncConnection, task_id: str, *, after: int, limit: int = PAGE) -> list[Event]:
    """The events of a task with a sequence beyond `after`, in order, at most `limit`."""
    return (await list_news(connection, {task_id: after}, limit=limit)).get(task_id, [])


async def list_news(
    connection: AsyncConnection, seen: Mapping[str, int], *, limit: int = PAGE
) -> dict[str, list[Event]]:
    """The events of several tasks beyond what of each was seen, by task; `limit` counts all of them together.

    The end of an attempt that a retry has gone on from is told as a status: a stream has one `end`.
    """
    query = (
        select(task_events, tasks.c.last_event)
        .join(tasks, tasks.c.task_id == task_events.c.task_id)
        .where(or_(*(and_(task_events.c.task_id == t, task_events.c.sequence > n) for t, n in seen.items())))
        .order_by(task_events.c.task_id, task_events.c.sequence)
        .limit(limit)
    )
    found: dict[str, list[Event]] = {}
    for row in (await connection.execute(query)).all() if seen else ():
        event = event_of(row.kind, task_id=row.task_id, sequence=row.sequence, at=row.created_at, data=row.data)
        passed = event.kind is EventKind.END and row.sequence != row.last_event
        found.setdefault(row.task_id, []).append(as_status(event) if passed else event)
    return found


async def last_events(connection: AsyncConnection, task_ids: Iterable[str]) -> dict[str, tuple[int, bool]]:
    """By task the sequence of its newest event (0: it has none), and whether it has ended."""
    query = select(tasks.c.task_id, tasks.c.last_event, tasks.c.status).where(tasks.c.task_id.in_(list(task_ids)))
    rows = (await connection.execute(query)).all()
    return {row.task_id: (row.last_event, TaskStatus(row.status).terminal) for row in rows}


async def find_standing(connection: AsyncConnection, *, account_id: str, task_id: str) -> tuple[int, bool] | None:
    """As `last_events`, of one task of the account; None where it has no such task."""
    query = select(tasks.c.last_event, tasks.c.status).where(
        tasks.c.task_id == task_id, tasks.c.account_id == account_id
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else (row.last_event, TaskStatus(row.status).terminal)


async def forget_events(connection: AsyncConnection, task_id: str) -> None:
    """Delete the events of a task that hold text of its article; what else it told stays."""
    await connection.execute(
        delete(task_events).where(task_events.c.task_id == task_id, task_events.c.kind.in_(_TEXTS))
    )


async def delete_events(connection: AsyncConnection, task_ids: Sequence[str]) -> None:
    """Delete all events of ended tasks: a listener is told their end alone."""
    await connection.execute(delete(task_events).where(task_events.c.task_id.in_(task_ids)))


async def hear_events(database: Database, heard: Callable[[str | None], None]) -> None:
    """Have `heard` called with the id of each task that tells something, until cancelled; Postgres alone.

    It takes a connection of its own, opened again where it is lost. What is told meanwhile is not heard: `heard` gets
    None each time it is open again, and when to look without a call is the caller's to say.
    """
    address = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
                await connection.execute(f"LISTEN {CHANNEL}".encode())
                heard(None)
                async for notification in connection.notifies():
                    heard(notification.payload)
        except psycopg.Error as error:
            log.warning("events_not_heard", reason=str(error).strip())
        await asyncio.sleep(_RETRY_SECONDS)

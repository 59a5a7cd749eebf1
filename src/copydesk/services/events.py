"""Events of tasks, for whoever may see the task."""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.source import Source
from copydesk.domain.task import Task
from copydesk.errors import TaskNotFound
from copydesk.services.following import HEARTBEAT, Following
from copydesk.services.identity import is_id, shown
from copydesk.store.database import Database
from copydesk.store.events import find_standing, list_events
from copydesk.store.evidence import list_sources
from copydesk.store.tasks import get_task
from copydesk.wire.events import Event
from copydesk.wire.problems import validation_error


class EventService:
    """What an account hears of its tasks.

    Args:
        database: Where the events are.
        heartbeat: Seconds of silence until a listener is given a sign of life.
    """

    def __init__(self, *, database: Database, heartbeat: float = HEARTBEAT) -> None:
        self._database = database
        self._following = Following(database, heartbeat=heartbeat)

    async def follow(self, *, account_id: str, task_id: str, after: int | None) -> AsyncIterator[Event | None] | None:
        """The events of a task, those that were and those to come, to its `end`; None among them is a sign of life.

        Answers None where nothing can follow `after`: the task has ended, and the caller was told.

        Args:
            account_id: Whose task.
            task_id: Which.
            after: The sequence of the last event that the caller has; None: none.

        Raises:
            TaskNotFound: It is not the account's.
            ValidationError: It has told no event with that sequence.
        """
        found, known = None, []
        if is_id(task_id):
            async with self._database.read() as connection:  # once: many may come at the same time
                found = await find_standing(connection, account_id=account_id, task_id=task_id)
                known = await list_events(connection, task_id, after=after or 0) if found is not None else []
        if found is None:
            raise _not_found(task_id)
        last, ended = found
        if after is not None and ended and after == max(last, 1):
            return None
        if after is not None and after > last:
            raise unknown_event()
        return self._following.follow(task_id, after=after or 0, known=known)

    async def told(self, *, account_id: str, task_id: str) -> tuple[Task, Sequence[Source], Sequence[Event]]:
        """A task, its sources, and all it has told: whoever follows it beyond the last of these misses nothing.

        The events are read first: what the task then shows is never older than they are.

        Raises:
            TaskNotFound: It is not the account's.
        """
        task, events = None, list[Event]()
        if is_id(task_id):
            async with self._database.read() as connection:
                if await find_standing(connection, account_id=account_id, task_id=task_id) is not None:
                    events = await _all_events(connection, task_id)
                task = await get_task(connection, account_id=account_id, task_id=task_id)
                found = await list_sources(connection, task_id) if task is not None else []
        if task is None:
            raise _not_found(task_id)
        return task, found, events

    def close(self) -> None:
        """End every listening: the process stops."""
        self._following.close()


async def _all_events(connection: AsyncConnection, task_id: str) -> list[Event]:
    events: list[Event] = []
    while found := await list_events(connection, task_id, after=events[-1].sequence if events else 0):
        events += found
    return events


def _not_found(task_id: str) -> TaskNotFound:
    message = f"There is no task {shown(task_id)}, or you do not have access to it."
    return TaskNotFound(message)


def unknown_event() -> Exception:
    """What is said of a `Last-Event-ID` that no event of the task has."""
    message = "It is none of this task's events; leave it out to hear all of them"
    return validation_error([{"field": "Last-Event-ID", "message": message, "type": "event_unknown"}])

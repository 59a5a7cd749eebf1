"""Events of tasks, for whoever may see the task."""

from collections.abc import AsyncIterator

from copydesk.services.following import HEARTBEAT, Following
from copydesk.services.tasks import TaskService
from copydesk.store.database import Database
from copydesk.store.events import last_events
from copydesk.wire.events import Event
from copydesk.wire.problems import validation_error


class EventService:
    """What an account hears of its tasks.

    Args:
        database: Where the events are.
        tasks: Knows whose a task is.
        heartbeat: Seconds of silence until a listener is given a sign of life.
    """

    def __init__(self, *, database: Database, tasks: TaskService, heartbeat: float = HEARTBEAT) -> None:
        self._database = database
        self._tasks = tasks
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
        await self._tasks.get(account_id=account_id, task_id=task_id)
        async with self._database.read() as connection:
            last, ended = (await last_events(connection, [task_id]))[task_id]
        if after is not None and ended and after == max(last, 1):
            return None
        if after is not None and after > last:
            raise unknown_event()
        return self._following.follow(task_id, after=after or 0)

    def close(self) -> None:
        """End every listening: the process stops."""
        self._following.close()


def unknown_event() -> Exception:
    """What is said of a `Last-Event-ID` that no event of the task has."""
    message = "It is none of this task's events; leave it out to hear all of them"
    return validation_error([{"field": "Last-Event-ID", "message": message, "type": "event_unknown"}])

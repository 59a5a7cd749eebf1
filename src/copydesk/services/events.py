"""Events of tasks, for whoever may see the task."""

from collections.abc import AsyncIterator

from copydesk.errors import TaskNotFound
from copydesk.services.following import HEARTBEAT, Following
from copydesk.services.identity import is_id, shown
from copydesk.store.database import Database
from copydesk.store.events import find_standing, list_events
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
            message = f"There is no task {shown(task_id)}, or you do not have access to it."
            raise TaskNotFound(message)
        last, ended = found
        if after is not None and ended and after == max(last, 1):
            return None
        if after is not None and after > last:
            raise unknown_event()
        return self._following.follow(task_id, after=after or 0, known=known)

    def close(self) -> None:
        """End every listening: the process stops."""
        self._following.close()


def unknown_event() -> Exception:
    """What is said of a `Last-Event-ID` that no event of the task has."""
    message = "It is none of this task's events; leave it out to hear all of them"
    return validation_error([{"field": "Last-Event-ID", "message": message, "type": "event_unknown"}])

"""The queue's fake: remembers what it was told, and can be told to fail."""

from dataclasses import dataclass, field

from copydesk.errors import DatabaseError


@dataclass(kw_only=True)
class ScriptedQueue:
    """A `TaskQueue` that runs nothing."""

    enqueued: list[str] = field(default_factory=list)  # workflow ids, in order, each once
    cancelled: list[str] = field(default_factory=list)  # workflow ids, in order
    forgotten: list[str] = field(default_factory=list)  # workflow ids, in order
    away: bool = False  # whether the engine's database is to be unreachable

    async def enqueue(self, *, task_id: str, account_id: str, workflow_id: str) -> None:
        """Remember the workflow, once."""
        del task_id, account_id
        self._check()
        if workflow_id not in self.enqueued:
            self.enqueued.append(workflow_id)

    async def cancel(self, workflow_id: str) -> None:
        """Remember the cancel."""
        self._check()
        self.cancelled.append(workflow_id)

    async def forget(self, workflow_id: str) -> None:
        """Remember the deletion."""
        self._check()
        self.forgotten.append(workflow_id)

    async def ping(self) -> None:
        """Answer, unless told to be away."""
        self._check()

    def _check(self) -> None:
        if self.away:
            message = "The queue cannot be reached; try again in a few seconds."
            raise DatabaseError(message)

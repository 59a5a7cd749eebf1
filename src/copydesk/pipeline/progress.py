"""What a task shows while it runs."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.clock import now
from copydesk.domain.task import StageName, StageState, StageStatus
from copydesk.store.tasks import update_stage

# Percent done when a stage begins and ends. The first three run side by side, so they share a span.
_SPANS = {
    StageName.RESEARCH: (2, 30),
    StageName.REFERENCES: (2, 20),
    StageName.FILES: (2, 20),
    StageName.OUTLINE: (35, 45),
    StageName.DRAFT: (45, 80),
    StageName.SEO: (80, 95),
}
_BEGUN = {
    StageName.RESEARCH: "Searching the web.",
    StageName.REFERENCES: "Reading the reference links.",
    StageName.FILES: "Reading the files.",
    StageName.OUTLINE: "Weighing the evidence and planning the sections.",
    StageName.DRAFT: "Writing and checking the sections.",
    StageName.SEO: "Optimizing for search.",
}


class TaskEnded(Exception):
    """The task was cancelled or ended elsewhere: this workflow has nothing more to do."""


async def begin_stage(connection: AsyncConnection, task_id: str, name: StageName) -> None:
    """Show a stage as running. Raises TaskEnded."""
    state = StageState(name=name, status=StageStatus.RUNNING, started_at=now())
    await _record(connection, task_id, state, percent=_SPANS[name][0], message=_BEGUN[name])


async def end_stage(
    connection: AsyncConnection, task_id: str, name: StageName, detail: str, *, skipped: bool = False
) -> None:
    """Show a stage as completed, or skipped, with what came of it. Raises TaskEnded."""
    instant = now()
    state = StageState(name=name, status=StageStatus.COMPLETED, started_at=instant, finished_at=instant, detail=detail)
    if skipped:
        state = replace(state, status=StageStatus.SKIPPED, started_at=None)
    await _record(connection, task_id, state, percent=_SPANS[name][1], message=detail)


async def _record(connection: AsyncConnection, task_id: str, state: StageState, *, percent: int, message: str) -> None:
    if not await update_stage(connection, task_id=task_id, stage=state, percent=percent, message=message):
        raise TaskEnded

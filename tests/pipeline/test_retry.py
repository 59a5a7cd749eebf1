"""Tasks that fail and go on: by themselves, and by request. What was paid for is not paid again, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from support.desk import SAMPLES, Desk, open_desk

from copydesk.adapters.llm.faults import Fault
from copydesk.adapters.llm.scripted import ScriptedEndpoint, serve_endpoint
from copydesk.adapters.llm.scripted_text import Asked
from copydesk.domain.task import StageName, StageStatus, Task, TaskStatus
from copydesk.errors import Conflict
from copydesk.settings import Settings

BODY = {"user_prompt": "The Keeling Curve", "keywords": ["Keeling Curve"], "min_words": 250, "max_words": 330}


class Breaking:
    """A choice of faults: calls of one kind fail while `broken`."""

    def __init__(self, kind: str, fault: Fault = Fault.UNAVAILABLE) -> None:
        self.kind = kind
        self.fault = fault
        self.broken = True

    def __call__(self, number: int, asked: Asked) -> Fault | None:
        """The fault of a call."""
        del number
        return self.fault if self.broken and asked.kind == self.kind else None


@asynccontextmanager
async def desk_with(settings: Settings, endpoint: ScriptedEndpoint, **changes: object) -> AsyncIterator[Desk]:
    """A service that writes by the endpoint; failed calls are not tried again, failed tasks once and at once."""
    async with serve_endpoint(endpoint) as url:
        own = {"model": "scripted", "model_base_url": url, "model_tries": 1, "model_silence": 60.0, "task_tries": 2}
        async with open_desk(settings.model_copy(update={**own, "retry_pause": 0.0, **changes})) as desk:
            yield desk


async def submitted(desk: Desk) -> Task:
    """A task over a sample file."""
    return await desk.submit(**BODY, uploaded_files=[{"file_id": await desk.upload(SAMPLES / "carbon-cycle.docx")}])


async def retried(desk: Desk, task: Task) -> None:
    """Ask for another attempt."""
    answer = await desk.services.tasks.retry(account_id=desk.key.account_id, task_id=task.task_id)
    assert answer.status == 202


def finished_twice(endpoint: ScriptedEndpoint) -> list[str]:
    """The calls that were answered well more than once."""
    done = [served.asked for served in endpoint.served if served.answered and served.fault is None]
    return [asked.kind for i, asked in enumerate(done) if asked in done[:i]]


@pytest.mark.parametrize("kind", ["outline", "section"])
async def test_task_completes_by_itself_when_the_reason_passes(desk_settings: Settings, kind: str) -> None:
    """Its reader never sees it failed, and nothing is paid for twice."""
    breaking = Breaking(kind)
    endpoint = ScriptedEndpoint(choose=breaking)
    async with desk_with(desk_settings, endpoint, retry_pause=1.5) as desk:
        task = await submitted(desk)
        seen = await says(desk, task, "Trying again in 1.5 seconds")
        assert seen.status is TaskStatus.PROCESSING
        breaking.broken = False
        task = await desk.ended(task.task_id)
    assert (task.status, task.failure, task.attempt) == (TaskStatus.COMPLETED, None, 1)
    assert finished_twice(endpoint) == []


async def test_task_goes_on_from_what_it_has_when_it_is_retried(desk_settings: Settings) -> None:
    """A failed task of two tries, then a request: the next attempt completes, and each finished call was made once."""
    breaking = Breaking("section")
    endpoint = ScriptedEndpoint(choose=breaking)
    async with desk_with(desk_settings, endpoint) as desk:
        failed = await desk.ended((await submitted(desk)).task_id)
        assert failed.failure is not None
        assert (failed.status, failed.failure.code, failed.stage) == (TaskStatus.FAILED, "LLM_ERROR", None)
        calls = failed.usage.llm_calls
        breaking.broken = False
        await retried(desk, failed)
        task = await desk.ended(failed.task_id)
        sources = await desk.sources(task.task_id)
    assert (task.status, task.failure, task.attempt) == (TaskStatus.COMPLETED, None, 2)
    assert task.usage.llm_calls > calls
    assert finished_twice(endpoint) == []
    assert len(sources) == 1
    assert {stage.status for stage in task.stages} <= {StageStatus.COMPLETED, StageStatus.SKIPPED}


async def test_completed_task_is_left_alone_when_a_retry_is_asked_for(desk_settings: Settings) -> None:
    """A conflict, and no second article."""
    async with desk_with(desk_settings, ScriptedEndpoint()) as desk:
        task = await desk.ended((await submitted(desk)).task_id)
        with pytest.raises(Conflict):
            await retried(desk, task)
        assert (await desk.get(task.task_id))[0] == task


async def test_task_fails_when_a_stage_passes_its_deadline(desk_settings: Settings) -> None:
    """A model that stays silent: the failure names the stage and the setting, and the calls in flight are ended."""
    endpoint = ScriptedEndpoint(choose=Breaking("section", Fault.SILENCE))
    async with desk_with(desk_settings, endpoint, writing_deadline=4.0, task_tries=1) as desk:
        task = await desk.ended((await submitted(desk)).task_id, seconds=40)
        async with asyncio.timeout(5):
            while endpoint.running:  # noqa: ASYNC110 - the endpoint tells nobody
                await asyncio.sleep(0.02)
    assert task.failure is not None
    assert (task.failure.code, task.failure.stage) == ("WORKFLOW_ERROR", StageName.DRAFT)
    assert "COPYDESK_WRITING_DEADLINE" in task.failure.message


async def test_task_fails_when_it_makes_no_progress(desk_settings: Settings) -> None:
    """A model that stays silent for longer than STALL_AFTER, with every other limit far away."""
    endpoint = ScriptedEndpoint(choose=Breaking("outline", Fault.SILENCE))
    async with desk_with(desk_settings, endpoint, stall_after=3.0) as desk:
        task = await desk.ended((await submitted(desk)).task_id, seconds=40)
        async with asyncio.timeout(5):
            while endpoint.running:  # noqa: ASYNC110 - the endpoint tells nobody
                await asyncio.sleep(0.02)
    assert task.failure is not None
    assert (task.failure.code, task.failure.retryable) == ("WORKFLOW_ERROR", True)
    assert "no progress for 3 seconds" in task.failure.message


async def says(desk: Desk, task: Task, beginning: str) -> Task:
    """The task as soon as its message holds the words."""
    async with asyncio.timeout(40):
        while True:
            current, _ = await desk.get(task.task_id)
            if beginning in (current.message or ""):
                return current
            assert not current.status.terminal, current
            await asyncio.sleep(0.02)

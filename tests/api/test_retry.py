"""Retrying failed tasks over REST."""

import asyncio

from support.api import Api, Caller, running
from support.paying import ANSWER

from copydesk.domain.clock import new_id, now
from copydesk.domain.source import Disposition, Source, SourceKind
from copydesk.domain.task import StageName, StageState, StageStatus, TaskFailure
from copydesk.store import calls, evidence, tasks

FAILURE = TaskFailure(code="LLM_ERROR", message="The model is away.", stage=StageName.DRAFT, retryable=True)


async def failed(api: Api, acme: Caller, *, weighed: bool = True) -> str:
    """A task that failed with its sources read, and its outline made where the evidence was weighed."""
    task_id: str = (await acme.create_task())["task_id"]
    source = Source(
        source_id=new_id(),
        position=0,
        kind=SourceKind.REFERENCE,
        url="https://example.com/",
        disposition=Disposition.UNREACHABLE,
        message="Too slow.",
        accessed_at=now(),
    )
    done = StageState(name=StageName.REFERENCES, status=StageStatus.COMPLETED, started_at=now(), finished_at=now())
    async with api.database.write() as connection:
        await tasks.begin_task(connection, workflow_id=f"{task_id}:1", at=now())
        await evidence.put_sources(connection, task_id, [source])
        await tasks.update_stage(connection, task_id=task_id, stage=done, percent=20, message="Read.")
        await calls.put_call(connection, task_id=task_id, purpose="plan", request_sha256="0" * 64, answer=ANSWER)
        if weighed:
            await evidence.put_result(connection, task_id, evidence.OUTLINE, {})
        await tasks.fail_task(connection, task_id=task_id, failure=FAILURE, at=now())
    return task_id


async def test_retry_answers_accepted_when_the_task_has_failed(api: Api) -> None:
    """202: pending again as the next attempt, its usage and what it has read kept, and its workflow in the queue."""
    acme = await api.caller()
    task_id = await failed(api, acme)
    before = (await acme.get(f"/tasks/{task_id}")).json()
    response = await acme.post(f"/tasks/{task_id}/retry")
    task = response.json()
    assert response.status_code == 202
    assert response.headers["location"] == f"/api/v1/tasks/{task_id}"
    assert (task["status"], task["attempt"], task["error"], task["finished_at"]) == ("pending", 2, None, None)
    assert task["usage"] == before["usage"]
    assert task["usage"]["llm_calls"] == 1
    assert task["sources"] == before["sources"]
    stages = {stage["name"]: stage["status"] for stage in task["progress"]["stages"]}
    assert (stages["references"], stages["draft"]) == ("completed", "pending")
    assert (await acme.get(f"/tasks/{task_id}")).json() == task
    assert api.queue.enqueued == [f"{task_id}:1", f"{task_id}:2"]


async def test_unreachable_sources_are_read_again_when_nothing_was_planned_from_them(api: Api) -> None:
    """What could not be reached a while ago may be there now."""
    acme = await api.caller()
    task_id = await failed(api, acme, weighed=False)
    task = (await acme.post(f"/tasks/{task_id}/retry")).json()
    assert [source["disposition"] for source in task["sources"]] == [None]
    assert {stage["status"] for stage in task["progress"]["stages"]} == {"pending"}


async def test_retry_is_refused_when_the_task_has_not_failed(api: Api) -> None:
    """Pending, cancelled: 409 and nothing changed."""
    acme = await api.caller()
    task_id = (await acme.create_task())["task_id"]
    for status in ("pending", "cancelled"):
        before = (await acme.get(f"/tasks/{task_id}")).json()
        refused = await acme.post(f"/tasks/{task_id}/retry")
        assert (refused.status_code, refused.json()["code"]) == (409, "CONFLICT")
        assert status in refused.json()["error"]
        assert (await acme.get(f"/tasks/{task_id}")).json() == before
        await acme.delete(f"/tasks/{task_id}")


async def test_retry_is_not_found_when_the_task_is_anothers(api: Api) -> None:
    """As if it did not exist."""
    acme, other = await api.caller(), await api.caller("other")
    task_id = await failed(api, acme)
    for caller, path in ((other, task_id), (acme, new_id()), (acme, "no-id")):
        answer = await caller.post(f"/tasks/{path}/retry")
        assert (answer.status_code, answer.json()["code"]) == (404, "TASK_NOT_FOUND")


async def test_retry_is_one_when_it_is_sent_several_times_at_once(api: Api) -> None:
    """One attempt more: without a key the others are conflicts, with one all get the first answer."""
    acme = await api.caller()
    task_id = await failed(api, acme)
    answers = await asyncio.gather(*(acme.post(f"/tasks/{task_id}/retry") for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409, 409]
    again = await failed(api, acme)
    key = {"Idempotency-Key": "again"}
    answers = await asyncio.gather(*(acme.post(f"/tasks/{again}/retry", headers=key) for _ in range(5)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 4
    other = await acme.post(f"/tasks/{task_id}/retry", headers=key)
    assert other.status_code == 409


async def test_retry_counts_as_an_active_task(api: Api) -> None:
    """At the account's limit it is refused with 429, and the task stays failed."""
    async with running(api.database, max_active_tasks=1) as narrow:
        acme = await narrow.caller()
        task_id = await failed(narrow, acme)
        await acme.create_task()
        refused = await acme.post(f"/tasks/{task_id}/retry")
        assert (refused.status_code, refused.json()["code"]) == (429, "RATE_LIMIT_ERROR")
        assert "retry-after" in refused.headers
        assert (await acme.get(f"/tasks/{task_id}")).json()["status"] == "failed"


async def test_retry_is_forbidden_when_the_key_is_read_only(api: Api) -> None:
    """It writes."""
    acme = await api.caller()
    task_id = await failed(api, acme)
    reader = await api.caller(read_only=True)
    assert (await reader.post(f"/tasks/{task_id}/retry")).status_code == 403

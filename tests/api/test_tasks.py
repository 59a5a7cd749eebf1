"""Tasks: created, listed, shown, cancelled."""

import asyncio
import re
from dataclasses import replace

import pytest
from support.api import Api, running

from copydesk.domain.article import Notice
from copydesk.domain.clock import new_id, now
from copydesk.domain.source import Disposition, Source, SourceKind
from copydesk.domain.task import StageName, StageState, StageStatus, TaskFailure, TaskStatus
from copydesk.errors import RateLimited
from copydesk.store import evidence, tasks
from copydesk.store.database import Database

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
STAGES = ["research", "references", "files", "outline", "draft", "seo"]
FIELDS = {
    *("task_id", "status", "user_prompt", "keywords", "reference_links", "uploaded_files", "min_words", "max_words"),
    *("language", "tone", "audience", "metadata", "max_cost_usd", "allow_ungrounded", "progress", "sources"),
    *("warnings", "error", "usage", "article_ids", "attempt", "created_at", "started_at", "finished_at"),
}


async def test_create_answers_accepted_when_body_is_right(api: Api) -> None:
    """202 with the whole pending task as GET shows it, a relative Location, and the task in the queue."""
    acme = await api.caller()
    response = await acme.post("/tasks", json={"user_prompt": "Explain the Keeling Curve."})
    task = response.json()
    assert response.status_code == 202
    assert response.headers["location"] == f"/api/v1/tasks/{task['task_id']}"
    assert set(task) == FIELDS
    assert UUID7.fullmatch(task["task_id"])
    assert INSTANT.fullmatch(task["created_at"])
    assert (task["status"], task["attempt"], task["started_at"], task["error"]) == ("pending", 1, None, None)
    assert task["usage"] == {"llm_calls": 0, "input_tokens": 0, "output_tokens": 0, "cost_usd": 0.0}
    assert [stage["name"] for stage in task["progress"]["stages"]] == STAGES
    assert {stage["status"] for stage in task["progress"]["stages"]} == {"pending"}
    assert (await acme.get(f"/tasks/{task['task_id']}")).json() == task
    assert api.queue.enqueued == [f"{task['task_id']}:1"]


async def test_create_is_accepted_when_queue_is_away(api: Api) -> None:
    """The row is what counts: where the enqueue fails, the task is pending and the repair finds it."""
    acme = await api.caller()
    api.queue.away = True
    task = await acme.create_task()
    async with api.database.read() as connection:
        found = await tasks.list_unqueued(connection, older_than=now().replace(year=9_000), limit=10)
    assert [one.task_id for one in found] == [task["task_id"]]


async def test_get_shows_everything_when_task_has_gone_on(api: Api) -> None:
    """Progress, sources with dispositions, warnings and the failure stand in the task; lists leave three out."""
    acme = await api.caller()
    task_id = (await acme.create_task())["task_id"]
    source = Source(
        source_id=new_id(),
        position=0,
        kind=SourceKind.REFERENCE,
        url="https://example.com/",
        disposition=Disposition.BLOCKED,
        message="Not public.",
    )
    running_stage = StageState(name=StageName.REFERENCES, status=StageStatus.RUNNING, started_at=now(), detail="Reads.")
    failure = TaskFailure(code="WORKFLOW_ERROR", message="No evidence.", stage=StageName.OUTLINE, retryable=False)
    async with api.database.write() as connection:
        await tasks.begin_task(connection, workflow_id=f"{task_id}:1", at=now())
        await evidence.put_sources(connection, task_id, [source])
        await tasks.update_stage(connection, task_id=task_id, stage=running_stage, percent=20, message="Reading.")
        await tasks.add_warnings(
            connection, task_id=task_id, notices=[Notice(code="SOURCE_BLOCKED", subject=source.url, message="No.")]
        )
    seen = (await acme.get(f"/tasks/{task_id}")).json()
    assert seen["status"] == "processing"
    assert (seen["progress"]["stage"], seen["progress"]["percent"]) == ("references", 20)
    assert seen["progress"]["stages"][1]["detail"] == "Reads."
    assert seen["sources"] == [
        {
            "kind": "reference",
            "url": "https://example.com/",
            "file_id": None,
            "title": None,
            "disposition": "blocked",
            "message": "Not public.",
        }
    ]
    assert seen["warnings"] == [{"code": "SOURCE_BLOCKED", "subject": "https://example.com/", "message": "No."}]
    async with api.database.write() as connection:
        await tasks.fail_task(connection, task_id=task_id, failure=failure, at=now())
    failed = (await acme.get(f"/tasks/{task_id}")).json()
    assert failed["error"] == {
        "code": "WORKFLOW_ERROR",
        "message": "No evidence.",
        "stage": "outline",
        "retryable": False,
    }
    assert INSTANT.fullmatch(failed["finished_at"])
    (listed,) = (await acme.get("/tasks")).json()["tasks"]
    assert set(listed) == FIELDS - {"sources", "warnings"}
    assert set(listed["progress"]) == {"stage", "percent", "message"}


async def test_list_filters_by_status_when_asked(api: Api) -> None:
    """`status` selects, and `total` counts what it selects."""
    acme = await api.caller()
    ids = [(await acme.create_task())["task_id"] for _ in range(3)]
    await api.finish(ids[0], TaskStatus.FAILED)
    await acme.delete(f"/tasks/{ids[1]}")
    for status, expected in (("failed", [ids[0]]), ("cancelled", [ids[1]]), ("pending", [ids[2]]), ("completed", [])):
        page = (await acme.get(f"/tasks?status={status}")).json()
        assert ([task["task_id"] for task in page["tasks"]], page["total"]) == (expected, len(expected))


async def test_list_is_newest_first_when_paged(api: Api) -> None:
    """Pages are cut from newest to oldest; limits hold at both ends; past the end is empty with the true total."""
    acme = await api.caller()
    ids = [(await acme.create_task())["task_id"] for _ in range(5)][::-1]
    first = (await acme.get("/tasks?limit=2")).json()
    assert [task["task_id"] for task in first["tasks"]] == ids[:2]
    assert (first["total"], first["limit"], first["offset"]) == (5, 2, 0)
    assert [task["task_id"] for task in (await acme.get("/tasks?limit=100&offset=2")).json()["tasks"]] == ids[2:]
    beyond = (await acme.get("/tasks?offset=2147483647")).json()
    assert (beyond["tasks"], beyond["total"], beyond["limit"]) == ([], 5, 20)


async def test_list_hides_no_row_when_rows_are_inserted_between_pages(api: Api) -> None:
    """Whoever walks the pages while others insert sees every row that was there."""
    acme = await api.caller()
    there = {(await acme.create_task())["task_id"] for _ in range(6)}
    seen: set[str] = set()
    for offset in range(0, 12, 2):
        seen |= {task["task_id"] for task in (await acme.get(f"/tasks?limit=2&offset={offset}")).json()["tasks"]}
        await acme.create_task()
    assert there <= seen


async def test_list_orders_by_id_when_times_are_equal(api: Api) -> None:
    """Rows of the same instant have one order on every page."""
    acme = await api.caller()
    task = await api.services.tasks.submit(
        account_id=await api.account_id(acme), request=api.services.tasks.check({"user_prompt": "x"})
    )
    ids = [task.task_id]
    async with api.database.write() as connection:
        for _ in range(4):
            twin = replace(task, task_id=new_id())
            await tasks.insert_task(connection, twin)
            ids.append(twin.task_id)
    pages = [(await acme.get(f"/tasks?limit=1&offset={n}")).json()["tasks"][0]["task_id"] for n in range(5)]
    assert pages == sorted(ids, reverse=True)


@pytest.mark.parametrize("begun", [False, True])
async def test_cancel_stops_task_when_it_is_active(api: Api, begun: bool) -> None:  # noqa: FBT001 - a table
    """A pending or processing task becomes cancelled, its engine is told, and again changes nothing."""
    acme = await api.caller()
    task_id = (await acme.create_task())["task_id"]
    if begun:
        async with api.database.write() as connection:
            await tasks.begin_task(connection, workflow_id=f"{task_id}:1", at=now())
    response = await acme.delete(f"/tasks/{task_id}")
    assert response.status_code == 200
    task = response.json()
    assert task["status"] == "cancelled"
    assert INSTANT.fullmatch(task["finished_at"])
    assert api.queue.cancelled == [f"{task_id}:1"]
    again = await acme.delete(f"/tasks/{task_id}")
    assert (again.status_code, again.json()) == (200, task)
    assert (await acme.get(f"/tasks/{task_id}")).json() == task
    assert api.queue.cancelled == [f"{task_id}:1"]


@pytest.mark.parametrize("status", [TaskStatus.COMPLETED, TaskStatus.FAILED])
async def test_cancel_conflicts_when_task_has_ended(api: Api, status: TaskStatus) -> None:
    """A completed or failed task is a 409 and stays as it is."""
    acme = await api.caller()
    task_id = (await acme.create_task())["task_id"]
    await api.finish(task_id, status)
    before = (await acme.get(f"/tasks/{task_id}")).json()
    response = await acme.delete(f"/tasks/{task_id}")
    assert (response.status_code, response.json()["code"]) == (409, "CONFLICT")
    assert (await acme.get(f"/tasks/{task_id}")).json() == before
    assert api.queue.cancelled == []


async def test_cancel_holds_when_queue_is_away(api: Api) -> None:
    """The task's row decides: it is cancelled although the engine cannot be told."""
    acme = await api.caller()
    task_id = (await acme.create_task())["task_id"]
    api.queue.away = True
    assert (await acme.delete(f"/tasks/{task_id}")).json()["status"] == "cancelled"


async def test_articles_are_listed_in_full_when_task_has_some(api: Api) -> None:
    """A task's articles stand there as GET shows them; none before completion."""
    acme = await api.caller()
    task = await acme.create_task()
    assert (await acme.get(f"/tasks/{task['task_id']}/articles")).json() == {"articles": []}
    article = await api.article(acme)
    listed = (await acme.get(f"/tasks/{article.task_id}/articles")).json()
    assert listed == {"articles": [(await acme.get(f"/articles/{article.article_id}")).json()]}
    assert (await acme.get(f"/tasks/{article.task_id}")).json()["article_ids"] == [article.article_id]


async def test_active_tasks_are_limited_when_many_post_at_once(database: Database) -> None:
    """Of 20 parallel POSTs at a limit of 5, exactly 5 are accepted; an ended task makes room."""
    async with running(database, max_active_tasks=5) as api:
        acme, globex = await api.caller("acme"), await api.caller("globex")
        body = {"user_prompt": "Explain the Keeling Curve."}
        answers = await asyncio.gather(*(acme.post("/tasks", json=body) for _ in range(20)))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [202] * 5 + [429] * 15
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert refused.json()["code"] == "RATE_LIMIT_ERROR"
        assert int(refused.headers["retry-after"]) > 0
        assert (await acme.get("/tasks")).json()["total"] == 5
        assert (await globex.post("/tasks", json=body)).status_code == 202
        await acme.delete(f"/tasks/{(await acme.get('/tasks')).json()['tasks'][0]['task_id']}")
        assert (await acme.post("/tasks", json=body)).status_code == 202
        with pytest.raises(RateLimited):
            await api.services.tasks.submit(
                account_id=await api.account_id(acme), request=api.services.tasks.check(body)
            )

"""The events of a task over HTTP, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx2
import pytest
import pytest_asyncio
from support.api import Api, Caller, running
from support.listening import Heard, all_events, listening
from support.serving import serving

from copydesk.domain.clock import now
from copydesk.domain.source import Source, SourceKind
from copydesk.domain.task import StageName, StageState, StageStatus, TaskFailure
from copydesk.pipeline.events import tell_found
from copydesk.services.following import HEARTBEAT, SHARED
from copydesk.store import tasks
from copydesk.store.database import Database
from copydesk.store.events import append_events, delete_events, list_events
from copydesk.store.schema import tasks as task_table
from copydesk.wire.events import SectionEvent, SectionText


@dataclass(kw_only=True)
class Wire:
    """The application behind a real server, and somebody with a key."""

    api: Api
    caller: Caller
    client: httpx2.AsyncClient  # with the key
    port: int

    async def task(self) -> str:
        """A new task, begun as a worker begins it."""
        task_id: str = (await self.caller.create_task())["task_id"]
        async with self.api.database.write() as connection:
            await tasks.begin_task(connection, workflow_id=f"{task_id}:1", at=now())
        return task_id

    async def stage(self, task_id: str, status: StageStatus, detail: str | None = None) -> None:
        """Tell something: a stage."""
        state = StageState(name=StageName.OUTLINE, status=status, started_at=now(), detail=detail)
        async with self.api.database.write() as connection:
            await tasks.update_stage(connection, task_id=task_id, stage=state, percent=40, message=detail)

    async def fail(self, task_id: str) -> bool:
        """Fail the task."""
        failure = TaskFailure(code="LLM_ERROR", message="The model is away.", stage=StageName.OUTLINE, retryable=True)
        async with self.api.database.write() as connection:
            return await tasks.fail_task(connection, task_id=task_id, failure=failure, at=now())

    async def complete(self, task_id: str) -> bool:
        """Complete the task."""
        async with self.api.database.write() as connection:
            return await tasks.complete_task(connection, task_id=task_id, at=now())

    async def text(self, task_id: str, piece: str) -> bool:
        """Tell a piece of a section."""
        sections = [SectionText(section_id="s1", text=piece, replaces=False)]
        event = SectionEvent(task_id=task_id, at=now(), sections=sections, final=False)
        async with self.api.database.write() as connection:
            return await append_events(connection, task_id, [event])


@pytest_asyncio.fixture
async def wire(database: Database) -> AsyncIterator[Wire]:
    """The application, served."""
    async with running(database) as api, serving(api.app) as port:
        caller = await api.caller()
        headers = {"X-API-Key": caller.secret}
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as client:
            yield Wire(api=api, caller=caller, client=client, port=port)


def kinds(events: list[Heard]) -> list[str]:
    """Which they are."""
    return [heard.event for heard in events]


async def test_events_are_replayed_in_order_when_the_task_has_ended(wire: Wire) -> None:
    """From the first to the end, with ids that count up, the headers of a stream, and the task's id in all data."""
    task_id = await wire.task()
    await wire.stage(task_id, StageStatus.RUNNING)
    await wire.stage(task_id, StageStatus.COMPLETED, "3 sections.")
    await wire.complete(task_id)
    async with listening(wire.client, task_id) as listener:
        assert listener.headers["content-type"].startswith("text/event-stream")
        assert listener.headers["x-accel-buffering"] == "no"
        assert "x-ratelimit-remaining" in listener.headers
        events = await listener.rest()
    assert kinds(events) == ["status", "status", "stage", "stage", "end"]
    assert [heard.id for heard in events] == ["1", "2", "3", "4", "5"]
    assert {heard.data["task_id"] for heard in events} == {task_id}
    assert [events[0].data["status"], events[1].data["status"], events[4].data["status"]] == [
        "pending",
        "processing",
        "completed",
    ]
    assert events[3].data["detail"] == "3 sections."
    assert events[3].data["percent"] == 40
    assert events[4].data["percent"] == 100


async def test_events_arrive_while_the_task_runs_when_somebody_listens(wire: Wire) -> None:
    """What is told is heard well within half a second, and the stream ends by itself."""
    task_id = await wire.task()
    loop = asyncio.get_running_loop()
    lags: list[float] = []
    async with listening(wire.client, task_id) as listener:
        heard = aiter(listener)
        for _ in range(2):
            await anext(heard)
        for number in range(8):
            begun = loop.time()
            await wire.text(task_id, f"{number} ")
            assert (await anext(heard)).data["sections"][0]["text"] == f"{number} "
            lags.append(loop.time() - begun)
        await wire.complete(task_id)
        assert kinds([found async for found in heard]) == ["end"]
    assert sorted(lags)[len(lags) // 2] < 0.5, lags


async def test_listener_goes_on_where_it_was_when_it_names_its_last_event(wire: Wire) -> None:
    """Reconnecting loses and repeats nothing, whatever was told meanwhile; an empty id names none."""
    task_id = await wire.task()
    await wire.text(task_id, "one ")
    async with listening(wire.client, task_id) as listener:
        heard = aiter(listener)
        first = [await anext(heard) for _ in range(3)]
    await wire.text(task_id, "two ")
    async with listening(wire.client, task_id, after=first[-1].id) as listener:
        heard = aiter(listener)
        assert (await anext(heard)).data["sections"][0]["text"] == "two "
        await wire.text(task_id, "three ")
        assert (await anext(heard)).data["sections"][0]["text"] == "three "
        await wire.fail(task_id)
        rest = [found async for found in heard]
    assert kinds(rest) == ["stage", "end"]
    assert rest[0].data["status"] == "failed"
    assert rest[1].data["error"]["code"] == "LLM_ERROR"
    assert len(await all_events(wire.client, task_id, after="")) == 7


async def test_nothing_follows_when_the_end_was_heard(wire: Wire) -> None:
    """204 tells a browser to connect no more; without an id the whole story is told again."""
    task_id = await wire.task()
    await wire.complete(task_id)
    last = (await all_events(wire.client, task_id))[-1]
    answer = await wire.client.get(f"/api/v1/tasks/{task_id}/events", headers={"Last-Event-ID": last.id})
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("given", ["x", "-1", "1.0", "99", "1 2", "9" * 40])
async def test_id_is_refused_when_it_is_no_event_of_the_task(wire: Wire, given: str) -> None:
    """Only what the task has told can be gone on from: 422 that names the header, before any event."""
    task_id = await wire.task()
    answer = await wire.client.get(f"/api/v1/tasks/{task_id}/events", headers={"Last-Event-ID": given})
    assert answer.status_code == 422
    assert answer.json()["details"][0]["field"] == "Last-Event-ID"


async def test_task_is_not_found_when_it_is_another_accounts(wire: Wire) -> None:
    """404 before the stream starts, for a foreign task as for none; a key is needed; unknown parameters are refused."""
    task_id = await wire.task()
    other = await wire.api.caller("other")
    for path, caller in ((task_id, other), ("none", wire.caller)):
        answer = await caller.get(f"/tasks/{path}/events")
        assert (answer.status_code, answer.json()["code"]) == (404, "TASK_NOT_FOUND")
    assert (await wire.api.client.get(f"/api/v1/tasks/{task_id}/events")).status_code == 401
    assert (await wire.caller.get(f"/tasks/{task_id}/events?after=1")).status_code == 422


async def test_head_answers_at_once_when_the_task_runs(wire: Wire) -> None:
    """HEAD gives the headers of the stream and does not wait for the task."""
    task_id = await wire.task()
    async with asyncio.timeout(10):
        answer = await wire.client.head(f"/api/v1/tasks/{task_id}/events")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")


async def test_stream_ends_when_the_task_is_cancelled(wire: Wire) -> None:
    """One end event, after the stages that were cut, however often the task is cancelled; then nothing more is told."""
    task_id = await wire.task()
    await wire.stage(task_id, StageStatus.RUNNING)
    listeners = [asyncio.create_task(all_events(wire.client, task_id)) for _ in range(3)]
    await asyncio.sleep(0.2)
    for _ in range(2):
        assert (await wire.caller.delete(f"/tasks/{task_id}")).status_code == 200
    assert not await wire.text(task_id, "too late")
    assert not await wire.fail(task_id)
    for events in await asyncio.gather(*listeners):
        assert kinds(events) == ["status", "status", "stage", "stage", "end"]
        assert [events[3].data["status"], events[4].data["status"]] == ["skipped", "cancelled"]


async def test_story_goes_on_when_a_failed_task_is_retried(wire: Wire) -> None:
    """The sequence continues, the first attempt's end is told as a status, and there is one end."""
    task_id = await wire.task()
    await wire.fail(task_id)
    ended = (await all_events(wire.client, task_id))[-1]
    assert (await wire.caller.post(f"/tasks/{task_id}/retry")).status_code == 202
    async with wire.api.database.write() as connection:
        await tasks.begin_task(connection, workflow_id=f"{task_id}:2", at=now())
    await wire.complete(task_id)
    events = await all_events(wire.client, task_id)
    statuses = [(h.event, h.data["status"], h.data["attempt"]) for h in events if h.event in {"status", "end"}]
    assert statuses == [
        ("status", "pending", 1),
        ("status", "processing", 1),
        ("status", "failed", 1),
        ("status", "pending", 2),
        ("status", "processing", 2),
        ("end", "completed", 2),
    ]
    assert kinds(await all_events(wire.client, task_id, after=ended.id)) == ["status", "status", "end"]


@pytest.mark.parametrize("how", ["told nothing", "events deleted"])
async def test_end_is_made_of_the_row_when_no_event_tells_it(wire: Wire, how: str) -> None:
    """A task that ended under an older version, or whose events retention deleted, ends its stream all the same."""
    task_id = await wire.task()
    if how == "told nothing":
        await wire.api.finish(task_id)
    else:
        await wire.complete(task_id)
        async with wire.api.database.write() as connection:
            await delete_events(connection, [task_id])
    async with asyncio.timeout(10):
        events = await all_events(wire.client, task_id)
    assert (events[-1].event, events[-1].data["status"]) == ("end", "completed")
    if how == "events deleted":
        assert len(events) == 1
        answer = await wire.client.get(f"/api/v1/tasks/{task_id}/events", headers={"Last-Event-ID": "3"})
        assert answer.status_code == 204


async def test_late_and_slow_listeners_hear_all_when_more_is_told_than_is_shared(wire: Wire) -> None:
    """Beyond what is kept in memory the table is read: nothing is lost and nothing told twice."""
    task_id = await wire.task()
    async with listening(wire.client, task_id) as listener:
        heard = aiter(listener)
        await anext(heard)
        for number in range(4 * SHARED):
            await wire.text(task_id, f"{number} ")
        late = asyncio.create_task(all_events(wire.client, task_id))
        await wire.complete(task_id)
        slow = [1, *[int(found.id) async for found in heard]]
    assert slow == list(range(1, 4 * SHARED + 4))
    assert [int(found.id) for found in await late] == slow


async def test_streams_end_when_the_service_stops(wire: Wire) -> None:
    """A shutdown does not wait for tasks: the streams end, without an end event."""
    task_id = await wire.task()
    listener = asyncio.create_task(all_events(wire.client, task_id))
    await asyncio.sleep(0.3)
    wire.api.services.events.close()
    async with asyncio.timeout(5):
        assert kinds(await listener) == ["status", "status"]


async def test_nobody_looks_when_nobody_listens(wire: Wire) -> None:
    """The looking at the database, and its connection for NOTIFY, end with the last listener."""
    task_id = await wire.task()
    async with listening(wire.client, task_id) as listener:
        await anext(aiter(listener))
        assert len([job for job in asyncio.all_tasks() if "_look_on" in repr(job.get_coro())]) == 1
    async with asyncio.timeout(10):
        while any("_look_on" in repr(job.get_coro()) for job in asyncio.all_tasks()):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)


async def test_comment_is_sent_when_nothing_happens(database: Database) -> None:
    """A sign of life keeps proxies from closing the connection; by default every 15 seconds."""
    assert HEARTBEAT == 15
    async with running(database, heartbeat=0.1) as api, serving(api.app) as port:
        caller = await api.caller()
        task_id = (await caller.create_task())["task_id"]
        async with (
            httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
            listening(client, task_id, headers={"X-API-Key": caller.secret}) as listener,
        ):
            heard = aiter(listener)
            found = [await anext(heard) for _ in range(4)]
    assert [heard.comment for heard in found] == [None, "ping", "ping", "ping"]


async def test_article_text_is_gone_when_the_article_is_deleted(wire: Wire) -> None:
    """Outline and section text leave the events with the article; what else was told stays."""
    article = await wire.api.article(wire.caller)
    secret = "an unmistakable sentence"
    async with wire.api.database.write() as connection:
        await connection.execute(task_table.update().values(status="processing"))
    assert await wire.text(article.task_id, secret)
    await wire.complete(article.task_id)
    assert secret in str([h.data for h in await all_events(wire.client, article.task_id)])
    assert (await wire.caller.delete(f"/articles/{article.article_id}")).status_code == 204
    events = await all_events(wire.client, article.task_id)
    assert kinds(events) == ["status", "end"]
    assert secret not in str([heard.data for heard in events])
    async with wire.api.database.read() as connection:
        assert secret not in str(await list_events(connection, article.task_id, after=0))


async def test_sequences_have_no_twins_when_many_tell_at_once(database: Database) -> None:
    """Writers side by side wait for each other: every event is kept, numbered without a gap."""
    async with running(database) as api:
        caller = await api.caller()
        task_id = (await caller.create_task())["task_id"]

        async def tell(number: int) -> None:
            source = Source(source_id=str(number), position=number, kind=SourceKind.WEB, url=f"https://a.test/{number}")
            async with database.write() as connection:
                await tell_found(connection, task_id, [source, source])

        await asyncio.gather(*(tell(number) for number in range(20)))
        async with database.read() as connection:
            found = await list_events(connection, task_id, after=0)
    assert [event.sequence for event in found] == list(range(1, 42))

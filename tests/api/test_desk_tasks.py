"""Tasks at the desk, without a browser: the list, one task live, cancel and retry."""

import asyncio
import html
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from support.api import Api, new_article, running
from support.seated import Seat, seated
from support.serving import serving

from copydesk.domain.article import Notice
from copydesk.domain.clock import new_id, now
from copydesk.domain.source import Disposition, Source, SourceKind
from copydesk.domain.task import StageName, StageState, StageStatus, Task, TaskFailure, TaskStatus
from copydesk.services.tasks import SOUGHT
from copydesk.store import articles, evidence, tasks
from copydesk.store.database import Database
from copydesk.store.events import append_events, delete_events
from copydesk.store.schema import tasks as task_table
from copydesk.web.access import COOKIE
from copydesk.web.pages.task import lasted
from copydesk.wire.events import EventOut, OutlineEvent, PlannedSection, SectionEvent, SectionText, SourceEvent

MARKUP = "<img src=x onerror=alert(1)>"
SHOWN = html.escape(MARKUP)
FAILURE = TaskFailure(code="LLM_ERROR", message="The model is away.", stage=None, retryable=True)


@dataclass(frozen=True, kw_only=True)
class Worked:
    """A task, and what a worker does with it."""

    seat: Seat
    task_id: str

    async def begin(self) -> "Worked":
        """Begin it."""
        async with self.seat.api.database.write() as connection:
            await tasks.begin_task(connection, workflow_id=f"{self.task_id}:1", at=now())
        return self

    async def tell(self, *events: EventOut) -> None:
        """Tell events."""
        async with self.seat.api.database.write() as connection:
            assert await append_events(connection, self.task_id, events)

    async def stage(self, name: StageName, status: StageStatus, detail: str | None = None, percent: int = 40) -> None:
        """Tell of a stage."""
        state = StageState(name=name, status=status, started_at=now(), detail=detail)
        async with self.seat.api.database.write() as connection:
            await tasks.update_stage(
                connection, task_id=self.task_id, stage=state, percent=percent, message=detail or "At work."
            )

    async def outline(self, *headings: str | None) -> None:
        """Plan sections s0, s1, ..."""
        sections = [
            PlannedSection(section_id=f"s{number}", heading=heading, level=2, words=90)
            for number, heading in enumerate(headings)
        ]
        await self.tell(OutlineEvent(task_id=self.task_id, at=now(), title="The Bicycles", sections=sections))

    async def write(self, *texts: str, final: bool = False, replaces: bool = False) -> None:
        """Write text of sections s0, s1, ..."""
        pieces = [SectionText(section_id=f"s{n}", text=text, replaces=replaces) for n, text in enumerate(texts)]
        await self.tell(SectionEvent(task_id=self.task_id, at=now(), sections=pieces, final=final))

    async def fail(self, failure: TaskFailure = FAILURE) -> "Worked":
        """Fail it."""
        async with self.seat.api.database.write() as connection:
            assert await tasks.fail_task(connection, task_id=self.task_id, failure=failure, at=now())
        return self

    async def complete(self, **changes: Any) -> str:
        """Complete it with an article; answers that one's id."""
        article = new_article(self.task_id, self.seat.account_id, **changes)
        async with self.seat.api.database.write() as connection:
            await articles.insert_article(connection, article)
            assert await tasks.complete_task(connection, task_id=self.task_id, at=now())
        return article.article_id

    async def task(self) -> Task:
        """As it is."""
        task, _ = await self.seat.api.services.tasks.get(account_id=self.seat.account_id, task_id=self.task_id)
        return task

    async def page(self, *, part: bool = False) -> str:
        """Its page."""
        response = await self.seat.get(f"/tasks/{self.task_id}", part=part)
        assert response.status_code == 200, response.text
        return response.text


async def worked(seat: Seat, **fields: Any) -> Worked:
    """A new task."""
    request = seat.api.services.tasks.check({"user_prompt": "How our town keeps its bicycles.", **fields})
    task = await seat.api.services.tasks.submit(account_id=seat.account_id, request=request)
    return Worked(seat=seat, task_id=task.task_id)


async def test_list_shows_each_task_with_what_may_be_done(api: Api) -> None:
    """Status, message and the one thing to do next: cancel, try again, read, start again."""
    seat = await seated(api)
    pending, failed, done, cancelled = [
        await worked(seat, user_prompt=prompt) for prompt in ("Waits.", "Fails.", "Ends.", "Stops.")
    ]
    await (await failed.begin()).fail()
    await done.begin()
    article_id = await done.complete()
    await api.services.tasks.cancel(account_id=seat.account_id, task_id=cancelled.task_id)
    page = (await seat.get("/tasks")).text
    for part in (
        f'href="/desk/tasks/{pending.task_id}"',
        f'action="/desk/tasks/{pending.task_id}/cancel"',
        f'action="/desk/tasks/{failed.task_id}/retry"',
        "The model is away.",
        f'href="/desk/articles/{article_id}"',
        f'href="/desk/new?from={cancelled.task_id}"',
        "data-active",
    ):
        assert part in page, part
    assert f'action="/desk/tasks/{done.task_id}/' not in page


@pytest.mark.parametrize("query", ["", "?status=", "?status=&q=", "?offset=x", "?offset=-1", "?offset=", "?other=1"])
async def test_list_shows_all_when_nothing_is_chosen(api: Api, query: str) -> None:
    """An empty filter, as a form without choice sends it, is no error; nor is an offset that is none."""
    seat = await seated(api)
    await worked(seat)
    response = await seat.get(f"/tasks{query}")
    assert response.status_code == 200
    assert "keeps its bicycles" in response.text


async def test_list_refuses_a_status_that_there_is_not(api: Api) -> None:
    """It says so, as a page."""
    response = await (await seated(api)).get("/tasks?status=lost")
    assert (response.status_code, "There is no such status" in response.text) == (422, True)


async def test_list_is_filtered_by_status_and_words(api: Api) -> None:
    """All words, in whatever case and script, together with the status; pages keep the filter."""
    seat, other = await seated(api), await seated(api, "globex")
    await worked(other, user_prompt="Straßenbahn of globex")
    await worked(seat, user_prompt="Die STRASSENBAHN von Graz")
    failed = await worked(seat, user_prompt="Straßenbahn und Bus")
    await (await failed.begin()).fail()
    found = (await seat.get("/tasks?q=strassenbahn")).text
    assert "von Graz" in found
    assert "und Bus" in found
    assert "globex" not in found
    narrower = (await seat.get("/tasks?q=BUS+straßen&status=failed")).text
    assert "und Bus" in narrower
    assert "von Graz" not in narrower
    none = (await seat.get("/tasks?q=bus&status=completed")).text
    assert "No task is like this" in none
    percent = (await seat.get("/tasks?q=%25")).text
    assert "No task is like this" in percent


async def test_list_has_pages_that_keep_the_filter(api: Api) -> None:
    """Twenty a page, newest first; past the end one is told the way back."""
    seat = await seated(api)
    for number in range(22):
        made = await worked(seat, user_prompt=f"Bicycle {number:02}")
        await api.services.tasks.cancel(account_id=seat.account_id, task_id=made.task_id)
    first = (await seat.get("/tasks?q=bicycle&status=cancelled")).text
    assert "Bicycle 21" in first
    assert "Bicycle 01" not in first
    assert 'href="/desk/tasks?status=cancelled&amp;q=bicycle&amp;offset=20"' in first
    second = (await seat.get("/tasks?status=cancelled&q=bicycle&offset=20")).text
    assert "Bicycle 01" in second
    assert 'href="/desk/tasks?status=cancelled&amp;q=bicycle&amp;offset=0"' in second
    past = (await seat.get("/tasks?q=bicycle&offset=40")).text
    assert "no tasks so far back" in past


async def test_list_says_so_when_there_are_more_tasks_than_it_looks_through(api: Api) -> None:
    """The newest thousands are looked through; who has more is told."""
    seat = await seated(api)
    kept = await worked(seat, user_prompt="The newest bicycle.")
    async with api.database.write() as connection:
        row = (await connection.execute(task_table.select().where(task_table.c.task_id == kept.task_id))).one()._mapping
        old = [
            {**row, "task_id": new_id(), "workflow_id": new_id(), "created_at": now() - timedelta(days=1)}
            for _ in range(SOUGHT)
        ]
        await connection.execute(task_table.insert(), old)
    found = await api.services.tasks.find(account_id=seat.account_id, prompt="bicycle", limit=5, offset=0)
    assert (found.total, found.complete) == (SOUGHT, False)
    assert found.tasks[0].task_id == kept.task_id
    assert "looked through" in (await seat.get("/tasks?q=bicycle")).text
    assert "looked through" not in (await seat.get("/tasks")).text


async def test_list_is_asked_for_in_parts_while_a_task_is_active(api: Api) -> None:
    """A script gets the rows alone, and sees whether to ask again."""
    seat = await seated(api)
    one = await (await worked(seat)).begin()
    active = (await seat.get("/tasks", part=True)).text
    assert "<html" not in active
    assert "data-part data-active" in active
    await one.fail()
    assert "data-active" not in (await seat.get("/tasks", part=True)).text


async def test_task_shows_how_far_it_is(api: Api) -> None:
    """Stages with details, queries, sources with what became of them, the outline, the text so far, and the usage."""
    seat = await seated(api)
    one = await (await worked(seat, keywords=["bicycle"], min_words=300)).begin()
    await one.stage(StageName.RESEARCH, StageStatus.RUNNING, "Reading the web.")
    page = Source(source_id=new_id(), position=0, kind=SourceKind.WEB, url="https://town.test/survey", title="Survey")
    blocked = Source(
        source_id=new_id(), position=1, kind=SourceKind.REFERENCE, url="http://intranet.test/",
        disposition=Disposition.BLOCKED, message="The address is not public.",
    )  # fmt: skip
    async with api.database.write() as connection:
        await evidence.put_sources(connection, one.task_id, [page, blocked])
    await one.tell(SourceEvent.of(one.task_id, page, now(), passages=7))
    await one.outline(None, "The count")
    await one.write("Four hundred ", "They are ")
    await one.write("bicycles.", "counted.")
    shown = await one.page()
    for part in (
        "Reading the web.", "Web research", "Survey", "https://town.test/survey", "7 passages", "Blocked",
        "The address is not public.", "The Bicycles", "The count", ">Four hundred bicycles.<", ">They are counted.<",
        "40 %", "bicycle", "300 to 450", 'data-since="', "not yet checked",
        f'action="/desk/tasks/{one.task_id}/cancel"', '<meta http-equiv="refresh" content="5">',
    ):  # fmt: skip
        assert part in shown, part


async def test_task_shows_the_checked_text_when_it_is_final(api: Api) -> None:
    """Markdown as sanitized HTML, without footnote marks; it is another version of the part than what was written."""
    seat = await seated(api)
    one = await (await worked(seat)).begin()
    await one.outline(None)
    await one.write("draft words")
    before = await one.page(part=True)
    await one.write(f"Four **hundred**.[^1] {MARKUP} [x](javascript:alert(1))", final=True, replaces=True)
    after = await one.page(part=True)
    assert "<strong>hundred</strong>." in after
    assert "[^1]" not in after
    assert "draft words" not in after
    assert "<img" not in after
    assert 'href="javascript' not in after
    assert 'data-version="3.0"' in before
    assert 'data-version="3.5"' in after
    await one.write("written anew", replaces=True)
    again = await one.page(part=True)
    assert ">written anew<" in again
    assert 'data-version="3.0"' in again


async def test_task_leads_to_its_article_when_it_is_completed(api: Api) -> None:
    """There is nothing to cancel, nothing to follow, and no reload any more."""
    seat = await seated(api)
    one = await (await worked(seat)).begin()
    article_id = await one.complete()
    shown = await one.page()
    assert f'href="/desk/articles/{article_id}"' in shown
    assert "/cancel" not in shown
    assert "data-active" not in shown
    assert "http-equiv" not in shown
    await api.services.articles.delete(account_id=seat.account_id, article_id=article_id)
    assert "It has been deleted since" in await one.page()


@pytest.mark.parametrize("retryable", [True, False])
async def test_task_says_what_to_do_when_it_has_failed(api: Api, *, retryable: bool) -> None:
    """The reason, its stage, whether trying again helps, and the way to start again with changes."""
    seat = await seated(api)
    one = await (await worked(seat)).begin()
    await one.fail(
        TaskFailure(code="WORKFLOW_ERROR", message=f"Too little. {MARKUP}", stage=StageName.DRAFT, retryable=retryable)
    )
    shown = await one.page()
    assert f"Too little. {SHOWN}" in shown
    assert MARKUP not in shown
    assert "WORKFLOW_ERROR · Draft" in shown
    assert ("not paid for again" in shown) is retryable
    assert f'action="/desk/tasks/{one.task_id}/retry"' in shown
    assert f'href="/desk/new?from={one.task_id}"' in shown


async def test_task_shows_warnings(api: Api) -> None:
    """Each with what it is about."""
    seat = await seated(api)
    one = await (await worked(seat)).begin()
    async with api.database.write() as connection:
        notice = Notice(code="SOURCE_NOT_READ", subject="https://town.test/", message="It was too large.")
        change = task_table.update().where(task_table.c.task_id == one.task_id).values(warnings=(notice,))
        await connection.execute(change)
    shown = await one.page()
    assert "1 warning" in shown
    assert "<strong>https://town.test/</strong>: It was too large." in shown


async def test_task_is_shown_when_its_events_are_gone(api: Api) -> None:
    """After retention has deleted them the row tells how it ended."""
    seat = await seated(api)
    one = await (await worked(seat)).begin()
    await one.outline(None)
    await one.fail()
    async with api.database.write() as connection:
        await delete_events(connection, [one.task_id])
    shown = await one.page()
    assert "The model is away." in shown
    assert "There is no text to show" in shown


async def test_task_of_another_account_is_not_found(api: Api) -> None:
    """To look at, to follow, to cancel and to retry: like one that does not exist."""
    seat, other = await seated(api), await seated(api, "globex")
    theirs = await (await worked(other, user_prompt="A secret of globex.")).begin()
    for task_id in (theirs.task_id, new_id(), "x", "%00"):
        for response in (
            await seat.get(f"/tasks/{task_id}"),
            await seat.get(f"/tasks/{task_id}/events"),
            await seat.post(f"/tasks/{task_id}/cancel"),
            await seat.post(f"/tasks/{task_id}/retry"),
        ):
            assert response.status_code == 404, response.url
            assert "A secret" not in response.text
    assert (await theirs.task()).status is TaskStatus.PROCESSING
    assert "A secret" not in (await seat.get("/tasks")).text


async def test_cancel_ends_the_task_and_shows_it(api: Api) -> None:
    """From its page one comes back to it, from the list to the same page of the list."""
    seat = await seated(api)
    one, two = await worked(seat), await (await worked(seat)).begin()
    response = await seat.post(f"/tasks/{one.task_id}/cancel")
    assert (response.status_code, response.headers["location"]) == (303, f"/desk/tasks/{one.task_id}")
    assert (await one.task()).status is TaskStatus.CANCELLED
    listed = await seat.post(f"/tasks/{two.task_id}/cancel", {"back": "status=processing&offset=20"})
    assert listed.headers["location"] == "/desk/tasks?status=processing&offset=20"
    assert (await two.task()).status is TaskStatus.CANCELLED
    assert "The task was cancelled" in await one.page()


async def test_cancel_shows_the_end_when_the_task_was_quicker(api: Api) -> None:
    """Nothing is changed, and the page says how it ended."""
    seat = await seated(api)
    one = await (await worked(seat)).begin()
    await one.complete()
    response = await seat.post(f"/tasks/{one.task_id}/cancel")
    assert response.status_code == 303
    assert (await one.task()).status is TaskStatus.COMPLETED


async def test_list_cannot_lead_elsewhere_when_its_query_is_made_up(api: Api) -> None:
    """What `back` holds stays a query of the list."""
    seat = await seated(api)
    one = await worked(seat)
    response = await seat.post(f"/tasks/{one.task_id}/cancel", {"back": "\r\nSet-Cookie: a=b//evil.test"})
    assert response.headers["location"].startswith("/desk/tasks?")
    assert "set-cookie" not in response.headers


async def test_retry_lets_a_failed_task_go_on(api: Api) -> None:
    """Twice is once; what has not failed is left alone; its page says which attempt it is."""
    seat = await seated(api)
    one = await (await worked(seat)).begin()
    await one.fail()
    for _ in range(2):
        response = await seat.post(f"/tasks/{one.task_id}/retry")
        assert (response.status_code, response.headers["location"]) == (303, f"/desk/tasks/{one.task_id}")
    task = await one.task()
    assert (task.status, task.attempt) == (TaskStatus.PENDING, 2)
    assert "attempt 2" in await one.page()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_retry_says_so_when_the_account_is_at_its_limit(database: Database) -> None:
    """The task stays failed."""
    async with running(database, max_active_tasks=1) as api:
        seat = await seated(api)
        one = await (await worked(seat)).begin()
        await one.fail()
        await worked(seat)
        response = await seat.post(f"/tasks/{one.task_id}/retry")
        assert (response.status_code, "active tasks" in response.text) == (429, True)
        assert (await one.task()).status is TaskStatus.FAILED


async def test_reader_looks_and_changes_nothing(api: Api) -> None:
    """A key that may only read sees the pages without buttons, and is refused."""
    writer, reader = await seated(api), await seated(api, read_only=True)
    one = await (await worked(writer)).begin()
    for path in ("/tasks", f"/tasks/{one.task_id}"):
        shown = await reader.get(path)
        assert shown.status_code == 200
        assert "/cancel" not in shown.text
    for action in ("cancel", "retry"):
        assert (await reader.post(f"/tasks/{one.task_id}/{action}")).status_code == 403
    await one.fail()
    for path in ("/tasks", f"/tasks/{one.task_id}"):
        assert "/retry" not in (await reader.get(path)).text
    assert (await one.task()).status is TaskStatus.FAILED


@pytest.mark.parametrize("token", ["", "0" * 64])
async def test_form_of_another_site_changes_nothing(api: Api, token: str) -> None:
    """Neither cancel nor retry work without the session's token."""
    seat = await seated(api)
    one = await (await worked(seat)).begin()
    assert (await seat.post(f"/tasks/{one.task_id}/cancel", {"csrf": token})).status_code == 403
    assert (await one.task()).status is TaskStatus.PROCESSING
    await one.fail()
    assert (await seat.post(f"/tasks/{one.task_id}/retry", {"csrf": token})).status_code == 403
    assert (await one.task()).status is TaskStatus.FAILED


async def test_markup_is_shown_as_text(api: Api) -> None:
    """From prompt, keyword, stage, query, source, outline and text; an address that is no page's is no link."""
    seat = await seated(api)
    one = await (await worked(seat, user_prompt=MARKUP, keywords=[MARKUP], tone=MARKUP)).begin()
    await one.stage(StageName.RESEARCH, StageStatus.RUNNING, MARKUP)
    odd = Source(
        source_id=new_id(), position=0, kind=SourceKind.WEB, url="javascript:alert(1)", title=MARKUP, message=MARKUP
    )
    async with api.database.write() as connection:
        await evidence.put_sources(connection, one.task_id, [odd])
    await one.outline(MARKUP)
    await one.write(MARKUP)
    for shown in (await one.page(), await one.page(part=True), (await seat.get(f"/tasks?q={MARKUP}")).text):
        assert SHOWN in shown
        assert "<img" not in shown
        assert 'href="javascript' not in shown


async def test_stranger_is_led_to_the_sign_in(api: Api) -> None:
    """A page leads there, a script is told, a stream is not opened."""
    one = await worked(await seated(api))
    for path in (f"/desk/tasks/{one.task_id}", f"/desk/tasks/{one.task_id}/events"):
        assert (await api.client.get(path)).status_code == 303
    part = await api.client.get(f"/desk/tasks/{one.task_id}", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/desk/sign-in?next=/desk/tasks")


async def listen(client: httpx2.AsyncClient, task_id: str, query: str = "", **headers: str) -> list[tuple[str, str]]:
    """What a browser's event source hears to the stream's end: id and kind."""
    heard: list[tuple[str, str]] = []
    async with client.stream("GET", f"/desk/tasks/{task_id}/events{query}", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-accel-buffering"] == "no"
        kind = ""
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            if name == "id":
                heard.append((value, kind))
            if name == "data":
                assert json.loads(value)["task_id"] == task_id
    return heard


async def test_events_go_on_where_the_page_was_made(api: Api) -> None:
    """Beyond `?after=`, or beyond what a reconnecting browser names; at the end there is nothing more to hear."""
    seat = await seated(api)
    one = await (await worked(seat)).begin()
    await one.outline(None)
    assert 'data-after="3"' in await one.page()
    async with serving(api.app) as port:
        cookie = {"Cookie": f"{COOKIE}={seat.token}"}
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=cookie, timeout=30) as client:
            listening = asyncio.create_task(listen(client, one.task_id, "?after=3"))
            await asyncio.sleep(0.2)
            await one.write("word")
            await one.fail()
            assert await listening == [("4", "section"), ("5", "end")]
            assert await listen(client, one.task_id, "?after=1", **{"Last-Event-ID": "4"}) == [("5", "end")]
            assert len(await listen(client, one.task_id)) == 5
            ended = await client.get(f"/desk/tasks/{one.task_id}/events?after=5")
            assert ended.status_code == 204
            head = await client.head(f"/desk/tasks/{one.task_id}/events")
            assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("query", ["?after=x", "?after=99", "?after=-1", "?after=" + "9" * 30])
async def test_events_are_refused_when_there_is_no_such_event(api: Api, query: str) -> None:
    """A number that is no event's is a 422, never a crash."""
    seat = await seated(api)
    one = await worked(seat)
    assert (await seat.get(f"/tasks/{one.task_id}/events{query}")).status_code == 422


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3_660, "1 h 1 min")])
def test_lasted_is_said_in_two_units(seconds: int, shown: str) -> None:
    """Seconds, minutes with seconds, hours with minutes; a clock that went back shows nothing negative."""
    begun = now()
    assert lasted(begun, begun + timedelta(seconds=seconds)) == shown
    assert lasted(begun, begun - timedelta(seconds=5)) == "0 s"

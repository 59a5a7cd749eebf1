"""What is deleted after a time and what stays, on every database."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, delete, func, insert, select, update
from support.api import new_article
from support.stored import new_file, stored_account, stored_task

from copydesk.adapters.blobs.database import DatabaseBlobs
from copydesk.domain.clock import new_id, now
from copydesk.domain.file import BlobKey, UploadedFile
from copydesk.domain.source import Disposition, Passage, Place, Source, SourceKind
from copydesk.domain.task import TaskStatus
from copydesk.errors import DatabaseError
from copydesk.pipeline.retention import Deleted, Retention, retaining
from copydesk.settings import Settings
from copydesk.store import articles, evidence, files, idempotency
from copydesk.store import retention as store
from copydesk.store.attempts import retry_task
from copydesk.store.database import Database
from copydesk.store.idempotency import Answer, KeyRecord
from copydesk.store.schema import files as file_rows
from copydesk.store.schema import (
    idempotency_keys,
    model_calls,
    page_cache,
    passages,
    sources,
    stage_results,
    task_events,
    task_files,
    tasks,
)
from copydesk.store.tasks import load_task

DAY = timedelta(days=1)
MONTH = timedelta(days=30)


def retention(database: Database, **settings: Any) -> Retention:
    """Retention with the defaults, or others."""
    return Retention(settings=Settings(_env_file=None, **settings), database=database, blobs=DatabaseBlobs(database))


async def count(database: Database, table: Table, *where: Any) -> int:
    """How many rows a table has."""
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(table).where(*where))).scalar_one()


async def ended_task(
    database: Database,
    account_id: str,
    at: datetime,
    *,
    status: TaskStatus = TaskStatus.COMPLETED,
    passages_of: int = 3,
) -> str:
    """A task that ended then, with a source, passages, a result, a model call and events."""
    task_id = await stored_task(database, account_id)
    source = Source(
        source_id=new_id(), position=0, kind=SourceKind.WEB, url="https://site.test/", file_id=None, title=None
    )
    found = [
        Passage(
            passage_id=f"s1p{number}",
            source_id=source.source_id,
            sentences=("The station stands at 3,397 metres.",),
            place=Place(),
            language="en",
            position=number,
            stands_alone=True,
        )
        for number in range(passages_of)
    ]
    async with database.write() as connection:
        await evidence.put_sources(connection, task_id, [source])
        await evidence.set_dispositions(connection, {source.source_id: (Disposition.USED, None)})
        await evidence.put_passages(connection, task_id, source.source_id, found)
        await evidence.put_result(connection, task_id, "outline", {"title": "Air"})
        await connection.execute(insert(model_calls).values(_call(task_id, at)))
        events: list[dict[str, Any]] = [  # beside the one of its acceptance
            {"task_id": task_id, "sequence": n, "kind": "stage", "data": {}, "created_at": at} for n in (2, 3)
        ]
        await connection.execute(insert(task_events), events)
        await connection.execute(
            update(tasks).where(tasks.c.task_id == task_id).values(status=status.value, finished_at=at, last_event=3)
        )
    return task_id


def _call(task_id: str, at: datetime) -> dict[str, Any]:
    return {
        "task_id": task_id,
        "purpose": "outline",
        "request_sha256": "a" * 64,
        "model": "m",
        "text": "An answer.",
        "complete": True,
        "input_tokens": 10,
        "output_tokens": 5,
        "cached_tokens": 0,
        "cost_usd": 0.25,
        "seconds": 1.0,
        "retries": 0,
        "created_at": at,
    }


async def stored_file(database: Database, account_id: str, at: datetime) -> UploadedFile:
    """A file that was uploaded then, with its bytes."""
    file = new_file(account_id, created_at=at)
    await DatabaseBlobs(database).put(file.key, b"abc")
    async with database.write() as connection:
        await files.insert_file(connection, file)
    return file


async def text_left(database: Database, task_id: str) -> Sequence[int]:
    """Rows of passages, results and events of a task, and of calls with their text."""
    return (
        await count(database, passages, passages.c.task_id == task_id),
        await count(database, stage_results, stage_results.c.task_id == task_id),
        await count(database, task_events, task_events.c.task_id == task_id),
        await count(database, model_calls, model_calls.c.task_id == task_id, model_calls.c.text != ""),
    )


@pytest.mark.parametrize("status", [TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED])
async def test_text_of_a_task_goes_when_it_ended_long_ago(database: Database, status: TaskStatus) -> None:
    """Passages, results, answers and events go; the task, its sources, what it cost and how it ended stay."""
    account_id, at = await stored_account(database), now()
    old = await ended_task(database, account_id, at - MONTH - DAY, status=status)
    new = await ended_task(database, account_id, at - MONTH + DAY, status=status)
    deleted = await retention(database).run_once(at)
    assert replace(deleted, longest=0) == Deleted(tasks=1)
    assert await text_left(database, old) == (0, 0, 1, 0)  # the last event stays
    assert await text_left(database, new) == (3, 1, 3, 1)
    async with database.read() as connection:
        (source,) = await evidence.list_sources(connection, old)
        assert (source.url, source.disposition) == ("https://site.test/", Disposition.USED)
        last = select(task_events.c.sequence).where(task_events.c.task_id == old)
        assert (await connection.execute(last)).scalar_one() == 3
        cost = select(model_calls.c.cost_usd).where(model_calls.c.task_id == old)
        assert (await connection.execute(cost)).scalar_one() == 0.25
        row = select(tasks.c.status, tasks.c.forgotten_at).where(tasks.c.task_id == old)
        assert (await connection.execute(row)).one() == (status.value, at)


async def test_article_keeps_its_evidence_when_the_text_of_its_task_goes(database: Database) -> None:
    """Its sentences and their passages are the article's own."""
    account_id, at = await stored_account(database), now()
    task_id = await ended_task(database, account_id, at - 2 * MONTH)
    article = new_article(task_id, account_id)
    async with database.write() as connection:
        await articles.insert_article(connection, article)
    assert (await retention(database).run_once(at)).tasks == 1
    async with database.read() as connection:
        kept = await articles.get_article(connection, account_id=account_id, article_id=article.article_id)
    assert kept is not None
    assert kept.evidence == article.evidence


async def test_task_reads_all_again_when_it_is_retried_after_its_text_went(database: Database) -> None:
    """Before, only what could not be reached is read again; the text of a task that was retried stays."""
    account_id, at = await stored_account(database), now()
    for age, expected in ((DAY, Disposition.USED), (2 * MONTH, None)):
        task_id = await ended_task(database, account_id, at - age, status=TaskStatus.FAILED)
        await retention(database).run_once(at)
        async with database.write() as connection:
            await connection.execute(delete(stage_results).where(stage_results.c.task_id == task_id))
            failed = await load_task(connection, task_id)
            assert failed is not None
            assert await retry_task(connection, failed, at=at) is not None
            (source,) = await evidence.list_sources(connection, task_id)
            assert source.disposition is expected
        assert await count(database, tasks, tasks.c.task_id == task_id, tasks.c.forgotten_at.is_not(None)) == 0
        assert (await retention(database).run_once(at + 100 * MONTH)).tasks == 0


async def test_active_task_keeps_its_text_when_it_is_old(database: Database) -> None:
    """A task that was retried, or waits for ever, is none of retention's business."""
    account_id, at = await stored_account(database), now()
    for status in (TaskStatus.PENDING, TaskStatus.PROCESSING):
        task_id = await ended_task(database, account_id, at - 2 * MONTH, status=status)
        assert (await retention(database).run_once(at)).tasks == 0
        assert await text_left(database, task_id) == (3, 1, 3, 1)


async def test_everything_is_kept_when_retention_is_off(database: Database) -> None:
    """0 days: evidence and uploads stay; what has expired by itself goes all the same."""
    account_id, at = await stored_account(database), now()
    task_id = await ended_task(database, account_id, at - 100 * MONTH)
    await stored_file(database, account_id, at - 100 * MONTH)
    await kept_key(database, account_id, "old", at - 2 * DAY)
    deleted = await retention(database, retention_days=0).run_once(at)
    assert replace(deleted, longest=0) == Deleted(keys=1)
    assert await text_left(database, task_id) == (3, 1, 3, 1)


async def kept_key(database: Database, account_id: str, key: str, at: datetime) -> None:
    """An idempotency key that was used then."""
    record = KeyRecord(
        operation="POST /x", content_sha256="a" * 64, answer=Answer(status=202, headers={}, body=b"{}"), created_at=at
    )
    async with database.write() as connection:
        await idempotency.claim_key(connection, account_id=account_id, key=key, record=record)


async def test_idempotency_keys_go_when_they_are_a_day_old(database: Database) -> None:
    """They answer for 24 hours; of every account, also one that never comes back."""
    at = now()
    for name in ("acme", "globex"):
        account_id = await stored_account(database, name)
        await kept_key(database, account_id, "new", at - DAY + timedelta(seconds=1))
        async with database.write() as connection:
            old = {"account_id": account_id, "key": "old", "operation": "x", "content_sha256": "a" * 64}
            await connection.execute(insert(idempotency_keys).values(**old, created_at=at - DAY))
    assert (await retention(database).run_once(at)).keys == 2
    assert await count(database, idempotency_keys) == 2
    assert await count(database, idempotency_keys, idempotency_keys.c.key == "new") == 2


@pytest.mark.parametrize(("hours", "left"), [(24, 1), (0, 0), (8_760, 2)])
async def test_pages_go_when_they_have_expired(database: Database, hours: float, left: int) -> None:
    """A stale page is kept for seven lifetimes, to be asked for by its validators; with the cache off none is."""
    at = now()
    async with database.write() as connection:
        for number, age in enumerate((7 * DAY - timedelta(minutes=1), 7 * DAY + timedelta(minutes=1))):
            await connection.execute(insert(page_cache).values(_page(number, at - age)))
    deleted = await retention(database, page_cache_hours=hours).run_once(at)
    assert (deleted.pages, await count(database, page_cache)) == (2 - left, left)


def _page(number: int, at: datetime) -> dict[str, Any]:
    return {
        "kind": "page",
        "link_sha256": f"{number:064}",
        "link": "https://site.test/",
        "final_url": "https://site.test/",
        "status": 200,
        "content_type": "text/html",
        "fetched_at": at,
        "used_at": at,
        "stored_bytes": 1,
        "body": b"x",
    }


async def test_files_go_when_no_task_has_used_them(database: Database) -> None:
    """An old upload that no task was given goes with its bytes; a used one stays, whatever became of its task."""
    account_id, other, at = await stored_account(database), await stored_account(database, "globex"), now()
    unused = [await stored_file(database, owner, at - MONTH - DAY) for owner in (account_id, account_id, other)]
    used = await stored_file(database, account_id, at - MONTH - DAY)
    new = await stored_file(database, account_id, at - MONTH + DAY)
    task_id = await ended_task(database, account_id, at - 2 * MONTH)
    async with database.write() as connection:
        await connection.execute(insert(task_files).values(task_id=task_id, file_id=used.file_id))
    assert (await retention(database).run_once(at)).files == 3
    blobs = DatabaseBlobs(database)
    assert [await blobs.get(file.key) for file in (*unused, used, new)] == [None, None, None, b"abc", b"abc"]
    assert await count(database, file_rows) == 2


async def test_bytes_go_when_their_record_is_missing(database: Database) -> None:
    """What a crash between bytes and record left is found once it is an hour old; a stranger's is left alone."""
    account_id, at = await stored_account(database), now()
    blobs = DatabaseBlobs(database)
    recorded = await stored_file(database, account_id, at)
    lost, strange = (BlobKey(account_id=owner, file_id=new_id()) for owner in (account_id, new_id()))
    for key in (lost, strange):
        await blobs.put(key, b"abc")
    keeper = retention(database)
    assert (await keeper.run_once(at + timedelta(minutes=59))).blobs == 0
    assert (await keeper.run_once(at + timedelta(hours=20))).blobs == 0  # every file is looked at once a day
    assert (await keeper.run_once(at + timedelta(hours=25))).blobs == 1
    assert [await blobs.get(key) for key in (recorded.key, lost, strange)] == [b"abc", None, b"abc"]


async def test_all_goes_in_small_transactions_when_there_is_much(database: Database) -> None:
    """More tasks and rows than one transaction takes: all go, the large one too, and a second run finds nothing."""
    account_id, at = await stored_account(database), now()
    for size in (1, 1_500, 2_500, *[1] * 10):
        await ended_task(database, account_id, at - 2 * MONTH, passages_of=size)
    keeper = retention(database)
    async with database.write() as connection:
        assert await store.forget_tasks(connection, before=at - MONTH, at=at) < 13
    assert 0 < (await keeper.run_once(at)).tasks < 13
    assert await count(database, passages) == 0
    assert await count(database, sources) == 13
    assert await count(database, tasks, tasks.c.forgotten_at.is_(None)) == 0
    assert (await keeper.run_once(at)).tasks == 0


async def test_run_goes_on_where_it_was_when_it_was_cut(database: Database) -> None:
    """Each transaction leaves a whole number of tasks; the next run takes the others."""
    account_id, at = await stored_account(database), now()
    for _ in range(150):
        await ended_task(database, account_id, at - 2 * MONTH, passages_of=1)
    running = asyncio.create_task(retention(database).run_once(at))
    async with asyncio.timeout(30):
        while not await count(database, tasks, tasks.c.forgotten_at.is_not(None)):  # noqa: ASYNC110 - a table has no event
            await asyncio.sleep(0.002)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    done = await count(database, tasks, tasks.c.forgotten_at.is_not(None))
    assert await count(database, passages) == 150 - done
    assert 0 < done < 150
    assert (await retention(database).run_once(at)).tasks == 150 - done


async def test_two_runs_do_no_harm_when_they_are_at_the_same_time(database: Database) -> None:
    """On Postgres one deletes at a time; nothing is counted twice, and nobody fails."""
    account_id, at = await stored_account(database), now()
    for _ in range(30):
        await ended_task(database, account_id, at - 2 * MONTH)
    both = await asyncio.gather(*(retention(database).run_once(at) for _ in range(2)))
    assert sum(deleted.tasks for deleted in both) == 30
    assert await count(database, passages) == 0


async def test_retention_runs_by_itself_when_a_worker_lives(database: Database) -> None:
    """Now and then, until the worker ends; a failure is tried again."""
    account_id = await stored_account(database)
    old = now() - 2 * MONTH
    first = await ended_task(database, account_id, old)

    class Failing(DatabaseBlobs):
        failures = 1

        async def tidy(self, *, before: datetime) -> int:
            if self.failures:
                self.failures -= 1
                message = "The file store is away."
                raise DatabaseError(message)
            return await super().tidy(before=before)

    blobs = Failing(database)
    keeper = Retention(settings=Settings(_env_file=None), database=database, blobs=blobs)
    async with retaining(keeper, first_after=0, every=0.05), asyncio.timeout(30):
        while (await text_left(database, first))[0] or blobs.failures:  # noqa: ASYNC110 - a table has no event
            await asyncio.sleep(0.02)
        second = await ended_task(database, account_id, old)
        while (await text_left(database, second))[0]:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.02)

"""The totals that triggers keep are what counting would say, whatever happens, on every database."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from support.api import new_article
from support.stored import new_file, stored_account, stored_task

from copydesk.domain.article import PublicationStatus
from copydesk.domain.clock import now
from copydesk.domain.task import TaskFailure, TaskStatus
from copydesk.store import articles as article_store
from copydesk.store import counters as counter_store
from copydesk.store import files as file_store
from copydesk.store import tasks as task_store
from copydesk.store.counters import Counted
from copydesk.store.database import Database
from copydesk.store.schema import articles, counters, files, tasks

FAILURE = TaskFailure(code="WORKFLOW_ERROR", message="No.", stage=None, retryable=False)
STEPS = 120


class Desk:
    """Two accounts and what is done in them at random."""

    def __init__(self, database: Database, accounts: list[str], seed: int) -> None:
        self._database = database
        self._accounts = accounts
        self._random = random.Random(seed)  # noqa: S311 - nothing secret

    async def step(self) -> None:
        """Do one thing; where there is nothing to do it to, nothing."""
        doing: list[Callable[[str], Awaitable[None]]] = [
            self._create,
            self._create,
            self._begin,
            self._complete,
            self._fail,
            self._cancel,
            self._publish,
            self._delete_article,
            self._upload,
            self._delete_file,
            self._undone,
            self._fold,
        ]
        await self._random.choice(doing)(self._random.choice(self._accounts))

    async def _create(self, account_id: str) -> None:
        await stored_task(self._database, account_id)

    async def _begin(self, account_id: str) -> None:
        task_id = await self._any_task(account_id)
        async with self._database.write() as connection:
            await task_store.begin_task(connection, workflow_id=f"{task_id}:1", at=now())

    async def _complete(self, account_id: str) -> None:
        task_id = await self._any_task(account_id)
        async with self._database.write() as connection:
            if await task_store.complete_task(connection, task_id=task_id, at=now()):
                await article_store.insert_article(connection, new_article(task_id, account_id))

    async def _fail(self, account_id: str) -> None:
        task_id = await self._any_task(account_id)
        async with self._database.write() as connection:
            await task_store.fail_task(connection, task_id=task_id, failure=FAILURE, at=now())

    async def _cancel(self, account_id: str) -> None:
        task_id = await self._any_task(account_id)
        async with self._database.write() as connection:
            await task_store.cancel_task(connection, account_id=account_id, task_id=task_id, at=now())

    async def _publish(self, account_id: str) -> None:
        article_id = await self._any(select(articles.c.article_id).where(articles.c.account_id == account_id))
        async with self._database.write() as connection:
            found = await article_store.get_article(connection, account_id=account_id, article_id=article_id)
            if found is not None:
                status = self._random.choice(list(PublicationStatus))
                after = replace(found, publication_status=status, revision=found.revision + 1)
                await article_store.update_article(connection, after, revision=found.revision)

    async def _delete_article(self, account_id: str) -> None:
        article_id = await self._any(select(articles.c.article_id).where(articles.c.account_id == account_id))
        async with self._database.write() as connection:
            await article_store.delete_article(connection, article_id)

    async def _upload(self, account_id: str) -> None:
        async with self._database.write() as connection:
            await file_store.insert_file(connection, new_file(account_id, size=self._random.randrange(9_000_000)))

    async def _delete_file(self, account_id: str) -> None:
        file_id = await self._any(select(files.c.file_id).where(files.c.account_id == account_id))
        async with self._database.write() as connection:
            await file_store.delete_file(connection, file_id)

    async def _undone(self, account_id: str) -> None:
        """A change that is rolled back counts for nothing."""
        with suppress(ZeroDivisionError):
            async with self._database.write() as connection:
                await connection.execute(
                    update(tasks).where(tasks.c.account_id == account_id).values(status=TaskStatus.CANCELLED.value)
                )
                raise ZeroDivisionError

    async def _fold(self, account_id: str) -> None:
        del account_id
        async with self._database.write() as connection:
            await counter_store.fold(connection)

    async def _any_task(self, account_id: str) -> str:
        return await self._any(select(tasks.c.task_id).where(tasks.c.account_id == account_id))

    async def _any(self, query: "select[tuple[str]]") -> str:  # type: ignore[valid-type] # its class has no short name
        async with self._database.read() as connection:
            found = sorted((await connection.execute(query)).scalars())
        return self._random.choice(found) if found else ""


async def counted(connection: AsyncConnection, account_id: str) -> dict[str, int]:
    """By counting, what the totals should be."""
    expected = {}
    for status in TaskStatus:
        query = select(func.count()).where(tasks.c.account_id == account_id, tasks.c.status == status.value)
        expected[f"tasks {status.value}"] = (await connection.execute(query)).scalar_one()
    for published in PublicationStatus:
        query = select(func.count()).where(
            articles.c.account_id == account_id, articles.c.publication_status == published.value
        )
        expected[f"articles {published.value}"] = (await connection.execute(query)).scalar_one()
    sums = select(func.count(), func.coalesce(func.sum(files.c.size), 0)).where(files.c.account_id == account_id)
    expected["files "], expected["bytes "] = (await connection.execute(sums)).one()
    return expected


async def assert_true(database: Database, account_id: str) -> dict[str, int]:
    """Check every total of the account against counting; answers them."""
    async with database.read() as connection:
        expected = await counted(connection, account_id)
        for name, amount in expected.items():
            noun, _, state = name.partition(" ")
            states = (state,) if state else ()
            assert await counter_store.total(connection, account_id, Counted(noun), *states) == amount, name
        every = sum(amount for name, amount in expected.items() if name.startswith("tasks "))
        assert await counter_store.total(connection, account_id, Counted.TASKS) == every
        assert await counter_store.find_drift(connection) == []
    return expected


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_totals_are_what_counting_says_when_much_has_happened(database: Database, seed: int) -> None:
    """After random changes, some rolled back, each total of both accounts is the count."""
    accounts = [await stored_account(database, name) for name in ("acme", "globex")]
    desk = Desk(database, accounts, seed)
    for _ in range(STEPS):
        await desk.step()
    totals = [await assert_true(database, account_id) for account_id in accounts]
    assert sum(sum(each.values()) for each in totals) > 0


async def test_totals_are_what_counting_says_when_changes_come_at_once(database: Database) -> None:
    """Changes side by side, and folds between them, neither lose a count nor wait in a circle."""
    account_id = await stored_account(database)
    desks = [Desk(database, [account_id], seed) for seed in range(10, 18)]

    async def work(desk: Desk) -> None:
        for _ in range(STEPS // 4):
            await desk.step()

    await asyncio.gather(*(work(desk) for desk in desks))
    assert (await assert_true(database, account_id))["tasks pending"] >= 0


async def test_totals_follow_when_many_rows_change_in_one_statement(database: Database) -> None:
    """Bulk changes of any process count row by row, those of several accounts each for its own."""
    first, second = [await stored_account(database, name) for name in ("acme", "globex")]
    for account_id in (first, first, second):
        await stored_task(database, account_id)
    async with database.write() as connection:
        await connection.execute(insert(files), [_file_row(first, size) for size in (1, 10, 100)])
        await connection.execute(update(tasks).values(status=TaskStatus.COMPLETED.value))
    totals = await assert_true(database, first)
    assert (totals["tasks completed"], totals["files "], totals["bytes "]) == (2, 3, 111)
    assert (await assert_true(database, second))["tasks completed"] == 1
    async with database.write() as connection:
        await connection.execute(delete(tasks))
        await connection.execute(delete(files).where(files.c.size > 1))
    totals = await assert_true(database, first)
    assert (totals["tasks completed"], totals["files "], totals["bytes "]) == (0, 1, 1)


async def test_slots_are_summed_up_when_folded(database: Database) -> None:
    """However many connections have counted, a fold leaves one row a total, and the total."""
    account_id = await stored_account(database)
    await asyncio.gather(*(stored_task(database, account_id) for _ in range(8)))
    async with database.write() as connection:
        await counter_store.fold(connection)
    async with database.read() as connection:
        rows = (await connection.execute(select(counters).where(counters.c.account_id == account_id))).all()
        assert [(row.noun, row.state, row.slot, row.amount) for row in rows] == [("tasks", "pending", 0, 8)]
    await stored_task(database, account_id)
    assert (await assert_true(database, account_id))["tasks pending"] == 9


async def test_drift_is_named_and_mended_when_a_counter_is_wrong(database: Database) -> None:
    """What somebody broke by hand is found with what it lacks, and right after a repair."""
    account_id = await stored_account(database)
    for _ in range(3):
        await stored_task(database, account_id)
    async with database.write() as connection:
        await connection.execute(delete(counters))
        lost = {"account_id": account_id, "noun": "files", "state": "", "slot": 0, "amount": 7}
        await connection.execute(insert(counters), lost)
        found = await counter_store.find_drift(connection)
        assert [(drift.noun, drift.state, drift.missing) for drift in found] == [
            (Counted.FILES, "", -7),
            (Counted.TASKS, "pending", 3),
        ]
        assert await counter_store.repair(connection) == found
    assert (await assert_true(database, account_id))["tasks pending"] == 3


def _file_row(account_id: str, size: int) -> dict[str, object]:
    file = new_file(account_id, size=size)
    return {column.name: getattr(file, column.name) for column in files.c if column.name != "kind"} | {
        "kind": file.kind.value
    }

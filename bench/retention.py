"""Retention over 100,000 rows: the longest transaction, and what it costs others, beside deleting all at once.

Usage: `python bench/retention.py [ROWS]`; on SQLite, and on Postgres where COPYDESK_TEST_POSTGRES names one.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import delete, insert, update

from copydesk.adapters.blobs.database import DatabaseBlobs
from copydesk.domain.account import Account
from copydesk.domain.clock import new_id, now
from copydesk.domain.source import Place
from copydesk.domain.task import Task, TaskInput, TaskStatus, Usage, fresh_stages
from copydesk.pipeline.retention import Retention
from copydesk.settings import Settings
from copydesk.store import keys, tasks
from copydesk.store.database import Database
from copydesk.store.migrate import migrate
from copydesk.store.schema import accounts, passages, sources
from copydesk.store.schema import tasks as task_rows
from copydesk.telemetry import configure_logging

PASSAGES = 100  # of each task
SENTENCES = (
    "The station stands at 3,397 metres, above the trees and towns.",
    "Air was first measured there in 1958.",
) * 2
OLD = timedelta(days=60)


async def fill(database: Database, rows: int) -> str:
    """Tasks that ended long ago, with so many passages in all; answers their account."""
    account_id = new_id()
    async with database.write() as connection:
        account = Account(account_id=account_id, name=account_id, created_at=now())
        await keys.insert_account(connection, account)
    for _ in range(rows // PASSAGES):
        task_id, source_id = new_id(), new_id()
        async with database.write() as connection:
            await tasks.insert_task(connection, _task(account_id, task_id))
            source = {"source_id": source_id, "task_id": task_id, "position": 0, "kind": "web", "left_out": ()}
            await connection.execute(insert(sources).values(source))
            found = [_passage(task_id, source_id, number) for number in range(PASSAGES)]
            await connection.execute(insert(passages), found)
            ended = {"status": TaskStatus.COMPLETED.value, "finished_at": now() - OLD}
            await connection.execute(update(task_rows).where(task_rows.c.task_id == task_id).values(ended))
    return account_id


def _task(account_id: str, task_id: str) -> Task:
    return Task(
        task_id=task_id,
        account_id=account_id,
        input=TaskInput(user_prompt="Explain the Keeling Curve."),
        status=TaskStatus.PENDING,
        stages=fresh_stages(),
        percent=0,
        message=None,
        warnings=(),
        failure=None,
        usage=Usage(),
        article_ids=(),
        attempt=1,
        created_at=now() - OLD,
        started_at=None,
        finished_at=None,
    )


def _passage(task_id: str, source_id: str, number: int) -> dict[str, object]:
    return {
        "task_id": task_id,
        "passage_id": f"s0p{number}",
        "source_id": source_id,
        "position": number,
        "sentences": SENTENCES,
        "place": Place(),
        "language": "en",
        "stands_alone": True,
        "computed": False,
    }


async def writes(database: Database, account_id: str, stop: asyncio.Event) -> list[float]:
    """Seconds that one small write after another takes, 20 a second, until told to stop."""
    took = []
    while not stop.is_set():
        begun = time.perf_counter()
        async with database.write() as connection:
            change = update(accounts).where(accounts.c.account_id == account_id)
            await connection.execute(change.values(name=new_id()))
        took.append(time.perf_counter() - begun)
        await asyncio.sleep(0.05)
    return took


@asynccontextmanager
async def opened(kind: str) -> AsyncIterator[Database]:
    """An empty database of its own."""
    with tempfile.TemporaryDirectory() as folder, _address(kind, Path(folder)) as url:
        database = Database(url)
        await migrate(database)
        try:
            yield database
        finally:
            await database.close()


@contextmanager
def _address(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder / 'bench.sqlite'}"
        return
    server, name = os.environ["COPYDESK_TEST_POSTGRES"], f"bench_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        yield f"postgresql+psycopg://{server.partition('://')[2].rpartition('/')[0]}/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


async def beside(
    database: Database, account_id: str, work: "asyncio.Future[float] | None"
) -> tuple[float, list[float]]:
    """Small writes while `work` runs, or for three seconds; answers what the work answers, and their seconds."""
    stop = asyncio.Event()
    writing = asyncio.create_task(writes(database, account_id, stop))
    answer = 0.0
    if work is None:
        await asyncio.sleep(3)
    else:
        answer = await work
    stop.set()
    return answer, await writing


async def in_batches(database: Database) -> float:
    """Retention as it runs; answers its longest transaction."""
    keeper = Retention(settings=Settings(_env_file=None), database=database, blobs=DatabaseBlobs(database))
    return (await keeper.run_once(now())).longest


async def at_once(database: Database) -> float:
    """All passages in one transaction; answers its seconds."""
    begun = time.perf_counter()
    async with database.write() as connection:
        await connection.execute(delete(passages))
    return time.perf_counter() - begun


async def measure(kind: str, rows: int) -> None:
    """Print one database's lines."""
    for name, way in (("in batches", in_batches), ("at once", at_once)):
        async with opened(kind) as database:
            account_id = await fill(database, rows)
            _, alone = await beside(database, account_id, None)
            begun = time.perf_counter()
            longest, meanwhile = await beside(database, account_id, asyncio.ensure_future(way(database)))
            total = time.perf_counter() - begun
            figures = " ".join(
                f"{statistics.median(some) * 1e3:9.1f} {max(some) * 1e3:8.0f}" for some in (alone, meanwhile)
            )
            ratio = max(meanwhile) / max(alone)
            print(f"{kind:9} {name:11} {total:8.2f} {longest * 1e3:14.0f} {figures} {ratio:8.1f}", flush=True)


def main() -> None:
    """Measure each database that there is."""
    configure_logging(level="warning")
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(f"{rows:,} passages. A small write of another, 20 a second: alone, and meanwhile; milliseconds.")
    print("database  way          total s  longest tx ms  alone p50     max    while p50   max   max/max")
    for kind in ("sqlite", *(["postgres"] if os.environ.get("COPYDESK_TEST_POSTGRES") else [])):
        asyncio.run(measure(kind, rows))


if __name__ == "__main__":
    main()

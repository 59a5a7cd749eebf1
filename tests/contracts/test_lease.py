"""A process's lease, and cancels told between processes, on Postgres."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import psycopg
import pytest
import sqlalchemy as sa
from support.service import free_port

from copydesk.domain.clock import new_id
from copydesk.engine.cancel import CancelSignals, hear_cancels, notify_cancel
from copydesk.engine.lease import Lease
from copydesk.errors import DatabaseError

SECONDS = 1.0  # a short lease


@contextmanager
def kept(url: str, lost: threading.Event) -> Iterator[tuple[Lease, str]]:
    """A lease that is kept within the block, and its executor's id."""
    executor_id = new_id()
    lease = Lease(url, executor_id, seconds=SECONDS, on_lost=lost.set)
    lease.begin()
    try:
        yield lease, executor_id
    finally:
        lease.end()


def expiry(url: str, executor_id: str) -> float | None:
    """Seconds until the lease runs out; None where there is none."""
    query = "SELECT extract(epoch FROM expires_at - now())::float FROM leases WHERE executor_id = %s"
    with psycopg.connect(url) as connection:
        row = connection.execute(query, (executor_id,)).fetchone()
    return None if row is None else float(row[0])


async def test_lease_is_renewed_when_the_event_loop_stalls(postgres_url: str) -> None:
    """It is there from the beginning, outlives its own length while nothing else runs, and is gone at the end."""
    lost = threading.Event()
    with kept(postgres_url, lost) as (lease, executor_id):
        left = expiry(postgres_url, executor_id)
        assert left is not None
        assert 0 < left <= SECONDS
        assert not lease.steady()
        threading.Event().wait(2.5 * SECONDS)  # the loop stands still
        left = expiry(postgres_url, executor_id)
        assert left is not None
        assert left > 0
        assert lease.steady()
        assert not lost.is_set()
    assert expiry(postgres_url, executor_id) is None


async def test_holder_is_told_once_when_the_lease_is_taken(postgres_url: str) -> None:
    """Whoever takes over deletes it: it is not written anew."""
    lost = threading.Event()
    with kept(postgres_url, lost) as (_, executor_id):
        with psycopg.connect(postgres_url) as connection:
            connection.execute("DELETE FROM leases WHERE executor_id = %s", (executor_id,))
        assert await asyncio.to_thread(lost.wait, 10)
        assert expiry(postgres_url, executor_id) is None


async def test_holder_judges_nobody_when_it_was_cut_off(postgres_url: str) -> None:
    """Its connection is broken and comes back: for one lease it is not steady, then it is again."""
    lost = threading.Event()
    with kept(postgres_url, lost) as (lease, _):
        await asyncio.sleep(1.5 * SECONDS)
        assert lease.steady()
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'copydesk lease'"
            )
        async with asyncio.timeout(10):
            while lease.steady():  # noqa: ASYNC110 - the thread finds it out
                await asyncio.sleep(0.02)
            while not lease.steady():  # noqa: ASYNC110 - likewise
                await asyncio.sleep(0.02)
        assert not lost.is_set()


def test_beginning_fails_when_the_database_is_away() -> None:
    """A worker does not start without its lease."""
    lease = Lease(
        f"postgresql://nobody@127.0.0.1:{free_port()}/nothing", new_id(), seconds=SECONDS, on_lost=lambda: None
    )
    with pytest.raises(DatabaseError):
        lease.begin()


async def test_cancel_is_heard_when_another_process_tells_it(postgres_url: str) -> None:
    """By NOTIFY, within a moment; also after the connection was broken."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    signals = CancelSignals()
    deaf = signals.listen(heard.put_nowait)
    pool = sa.create_engine(f"postgresql+psycopg://{postgres_url.partition('://')[2]}")
    async with hearing(postgres_url, signals):
        await told(pool, heard, "first:1")
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN copydesk_cancel%'"
            )
        await told(pool, heard, "second:1")
        deaf()
    signals.send("nobody:1")
    pool.dispose()


@asynccontextmanager
async def hearing(url: str, signals: CancelSignals) -> AsyncIterator[None]:
    """Hear what other processes tell."""
    ears = asyncio.create_task(hear_cancels(url, signals))
    try:
        yield
    finally:
        ears.cancel()
        await asyncio.gather(ears, return_exceptions=True)


async def told(pool: sa.Engine, heard: "asyncio.Queue[str]", workflow_id: str) -> None:
    """Tell it until it is heard: while nobody listens it is lost."""
    async with asyncio.timeout(20):
        while heard.empty() or heard.get_nowait() != workflow_id:
            await asyncio.to_thread(notify_cancel, pool, workflow_id)
            await asyncio.sleep(0.1)

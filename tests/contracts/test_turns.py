"""Runs in flight wait for the database as long as it takes, and leave room for requests."""

import asyncio

import pytest
from sqlalchemy import text

from copydesk.errors import DatabaseError
from copydesk.store.database import POOL_SIZE, Database
from copydesk.store.fence import Claim, holding
from copydesk.store.turns import REQUEST_CONNECTIONS, Turns

CLAIM = Claim(task_id="t", owner="o")


async def test_request_is_answered_when_every_run_reads(database: Database) -> None:
    """However many runs hold or want a connection, some are left to requests; all runs get their turn."""
    gate = asyncio.Event()
    held = 0

    async def run() -> None:
        nonlocal held
        with holding(CLAIM):
            async with database.read() as connection:
                await connection.execute(text("SELECT 1"))
                held += 1
                await gate.wait()

    runs = [asyncio.create_task(run()) for _ in range(3 * POOL_SIZE)]
    async with asyncio.timeout(5):
        while held < POOL_SIZE - REQUEST_CONNECTIONS:  # noqa: ASYNC110 - they tell by the number alone
            await asyncio.sleep(0.01)
        await database.ping()
        assert held == POOL_SIZE - REQUEST_CONNECTIONS
        gate.set()
        await asyncio.gather(*runs)
    assert held == len(runs)


async def test_request_writes_next_when_many_runs_wait_to_write() -> None:
    """Where there is one writer at a time, a request waits for one run and not for the queue of them."""
    turns = Turns(connections=POOL_SIZE, one_writer=True, patience=5)
    order: list[str] = []

    async def write(name: str) -> None:
        async with turns.taken(writes=True):
            order.append(name)
            await asyncio.sleep(0.01)

    async def run(number: int) -> None:
        with holding(CLAIM):
            await write(f"run {number}")

    runs = [asyncio.create_task(run(number)) for number in range(6)]
    await asyncio.sleep(0)
    await write("request")
    await asyncio.gather(*runs)
    assert order.index("request") <= 2
    assert len(order) == 7


async def test_request_is_told_to_come_again_when_a_writer_takes_too_long() -> None:
    """A request's patience ends in a DatabaseError; a run's does not."""
    turns = Turns(connections=POOL_SIZE, one_writer=True, patience=0.05)
    gate, done = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with turns.taken(writes=True):
            await gate.wait()

    async def run() -> None:
        with holding(CLAIM):
            async with turns.taken(writes=True):
                done.set()

    first = asyncio.create_task(slow())
    await asyncio.sleep(0)
    waiting = asyncio.create_task(run())
    with pytest.raises(DatabaseError):
        async with turns.taken(writes=True):
            pass
    gate.set()
    await asyncio.gather(first, waiting)
    assert done.is_set()


async def test_turn_within_a_turn_is_the_same_when_nested() -> None:
    """Who holds a turn does not wait for another: no two can wait for each other."""
    turns = Turns(connections=REQUEST_CONNECTIONS + 1, one_writer=True, patience=0.05)
    with holding(CLAIM):
        async with turns.taken(writes=True), turns.taken(writes=True), turns.taken(writes=False):
            pass
        async with asyncio.timeout(1), turns.taken(writes=True):
            pass

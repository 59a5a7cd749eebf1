"""Claims fence what a run writes, and deaths are counted with the tasks that ran, on both databases."""

import asyncio

import pytest
from sqlalchemy import insert, text, update
from support.stored import stored_account, stored_task

from copydesk.domain.clock import now
from copydesk.domain.task import TaskStatus
from copydesk.store.claims import claim_task, count_deaths, deaths_of, release_claims
from copydesk.store.database import Database
from copydesk.store.fence import Claim, ClaimLost, holding, look_at_claim
from copydesk.store.leases import anyone_alive, end_expired, may_take_over, without_lease
from copydesk.store.schema import model_calls, tasks
from copydesk.store.tasks import add_warnings, begin_task, list_stalled, load_task


async def running(database: Database, owner: str, account_id: str) -> Claim:
    """A processing task that `owner` has claimed."""
    task_id = await stored_task(database, account_id)
    async with database.write() as connection:
        claim = await claim_task(connection, workflow_id=f"{task_id}:1", owner=owner, leased=False)
        await begin_task(connection, workflow_id=f"{task_id}:1", at=now())
    assert claim is not None
    return claim


async def died(database: Database, owner: str) -> list[str]:
    """The tasks that are to fail when the executor has died."""
    async with database.write() as connection:
        return list(await count_deaths(connection, [owner], limit=3))


async def claimed_by(database: Database, claim: Claim, owner: str) -> None:
    """Let another executor claim the task."""
    async with database.write() as connection:
        assert await claim_task(connection, workflow_id=f"{claim.task_id}:1", owner=owner, leased=False)


async def test_write_is_refused_when_another_executor_has_claimed_the_task(database: Database) -> None:
    """Nothing of the transaction is stored, and reading before something is spent says so too."""
    claim = await running(database, "first", await stored_account(database))
    with holding(claim):
        async with database.write() as connection:
            await add_warnings(connection, task_id=claim.task_id, notices=())
        async with database.read() as connection:
            await look_at_claim(connection)
    await claimed_by(database, claim, "second")
    with holding(claim):
        with pytest.raises(ClaimLost):
            async with database.write() as connection:
                await connection.execute(update(tasks).values(message="written by nobody"))
        with pytest.raises(ClaimLost):
            async with database.read() as connection:
                await look_at_claim(connection)
    async with database.read() as connection:
        task = await load_task(connection, claim.task_id)
    assert task is not None
    assert task.message != "written by nobody"


async def test_claim_is_not_given_when_the_task_has_ended_or_runs_as_another_attempt(database: Database) -> None:
    """A workflow that is no more the task's has nothing to run."""
    task_id = await stored_task(database, await stored_account(database))
    async with database.write() as connection:
        assert await claim_task(connection, workflow_id=f"{task_id}:2", owner="first", leased=False) is None
        await connection.execute(update(tasks).values(status=TaskStatus.CANCELLED.value))
        assert await claim_task(connection, workflow_id=f"{task_id}:1", owner="first", leased=False) is None


async def test_progress_is_noted_when_a_run_writes(database: Database) -> None:
    """A task whose run wrote lately has not stalled; one that nobody owns waits, and has not either."""
    claim = await running(database, "first", await stored_account(database))
    before = now()
    await asyncio.sleep(0.01)
    with holding(claim):
        async with database.write():
            pass
    async with database.read() as connection:
        assert await list_stalled(connection, before=before) == []
    await asyncio.sleep(0.01)
    async with database.write() as connection:
        assert [task.task_id for task in await list_stalled(connection, before=now())] == [claim.task_id]
        await release_claims(connection, "first")
        assert await list_stalled(connection, before=now()) == []


async def test_task_fails_when_a_third_worker_dies_with_it_alone(database: Database) -> None:
    """Two deaths in company, a third alone; the company is left in peace."""
    account_id = await stored_account(database)
    poison, other = [await running(database, "w1", account_id) for _ in range(2)]
    assert await died(database, "w1") == []
    for claim in (poison, other):
        await claimed_by(database, claim, "w2")
    assert await died(database, "w2") == []
    async with database.read() as connection:
        assert await deaths_of(connection, poison.task_id) == 2
    await claimed_by(database, poison, "w3")
    assert await died(database, "w3") == [poison.task_id]
    async with database.read() as connection:
        assert await deaths_of(connection, other.task_id) == 2


async def test_third_death_fails_nobody_when_it_comes_in_company(database: Database) -> None:
    """Which of the two was the cause cannot be told."""
    account_id = await stored_account(database)
    claims = [await running(database, "w1", account_id) for _ in range(2)]
    for owner in ("w1", "w2", "w3"):
        for claim in claims:
            await claimed_by(database, claim, owner)
        assert await died(database, owner) == []


async def test_deaths_begin_anew_when_the_task_has_got_on(database: Database) -> None:
    """A task that machines fail under, but that gets further each time, is no poison."""
    claim = await running(database, "w0", await stored_account(database))
    for number in range(4):
        owner = f"w{number}"
        await claimed_by(database, claim, owner)
        async with database.write() as connection:
            await connection.execute(insert(model_calls).values(**call(claim.task_id, number)))
        assert await died(database, owner) == []
        async with database.read() as connection:
            assert await deaths_of(connection, claim.task_id) == 1


async def test_handing_over_is_no_death(database: Database) -> None:
    """Who lets go in good order leaves nothing to count."""
    claim = await running(database, "w1", await stored_account(database))
    async with database.write() as connection:
        await release_claims(connection, "w1")
    assert await died(database, "w1") == []
    async with database.read() as connection:
        assert await deaths_of(connection, claim.task_id) == 0


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_lease_decides_when_there_are_several_workers(database: Database) -> None:
    """No claim without a lease; expired ones end for good, and their executors count as dead."""
    task_id = await stored_task(database, await stored_account(database))
    with pytest.raises(ClaimLost):
        async with database.write() as connection:
            await claim_task(connection, workflow_id=f"{task_id}:1", owner="alive", leased=True)
    async with database.write() as connection:
        assert not await anyone_alive(connection)
        await connection.execute(
            text("INSERT INTO leases VALUES ('alive', now() + interval '1 minute'), ('late', now())")
        )
    async with database.write() as connection:
        assert await anyone_alive(connection)
        await end_expired(connection)
        assert await without_lease(connection, {"alive", "late", "unknown"}) == ["late", "unknown"]
        assert await claim_task(connection, workflow_id=f"{task_id}:1", owner="alive", leased=True)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_nobody_takes_over_when_the_server_has_just_started(database: Database) -> None:
    """Everybody gets one lease's time to renew: here a lease longer than the server's life."""
    async with database.write() as connection:
        assert await may_take_over(connection, lease=0.01)
        assert not await may_take_over(connection, lease=10 * 365 * 86_400)


def call(task_id: str, number: int) -> dict[str, object]:
    """A row of the ledger."""
    numbers = dict.fromkeys(("input_tokens", "output_tokens", "cached_tokens", "seconds", "retries"), 0)
    return {
        "task_id": task_id,
        "purpose": f"section:s{number}",
        "request_sha256": "0" * 64,
        "model": "scripted",
        "text": "",
        "complete": True,
        "created_at": now(),
        **numbers,
    }

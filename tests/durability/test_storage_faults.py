"""Storage that is away, locked or full in the middle of everything: requests are told so, work waits and goes on."""

import asyncio
import sqlite3
from pathlib import Path

import httpx2
import psutil
import pytest
from support.fleet import Fleet, own_postgres, sail

from copydesk.adapters.llm.scripted import Pace, ScriptedEndpoint

pytestmark = pytest.mark.timeout(300)  # real processes start here, on busy machines too
TASKS = 6
PACE = Pace(first_token=0.4)
AWAY = 4.0  # seconds, two leases


async def test_nothing_is_lost_or_bought_twice_when_postgres_restarts(tmp_path: Path) -> None:
    """The server crashes with calls in flight and is back after two leases: 503 meanwhile, and each call made once."""
    endpoint = ScriptedEndpoint(pace=PACE)
    with own_postgres() as cluster:
        async with sail(tmp_path, endpoint, url=cluster.url) as fleet:
            task_ids = await fleet.post(TASKS)
            await fleet.asked(2)
            await asyncio.to_thread(cluster.run, "down")
            await asyncio.sleep(AWAY / 2)
            await refused(fleet)
            await asyncio.sleep(AWAY / 2)
            await asyncio.to_thread(cluster.run, "up")
            await fleet.completed(task_ids)
            assert fleet.repeated() == ([], [])
            for worker in fleet.workers:
                assert not worker.logged("taken over")
                assert not worker.logged("lease lost")
            await fleet.completed(await fleet.post(1))


async def test_work_goes_on_when_a_backup_locks_the_files(tmp_path: Path) -> None:
    """Both SQLite files locked for seconds: everything waits, nothing is lost or bought twice."""
    endpoint = ScriptedEndpoint(pace=PACE)
    async with sail(tmp_path, endpoint) as fleet:
        task_ids = await fleet.post(TASKS)
        await fleet.asked(2)
        locks = [sqlite3.connect(tmp_path / "data" / name) for name in ("copydesk.sqlite", "engine.sqlite")]
        for lock in locks:
            lock.execute("BEGIN EXCLUSIVE")
        waiting = asyncio.create_task(fleet.post(1))
        await asyncio.sleep(3)
        assert not waiting.done()
        for lock in locks:
            lock.rollback()
            lock.close()
        await fleet.completed([*task_ids, *await waiting])
        assert fleet.repeated() == ([], [])


async def test_request_is_told_so_when_the_disk_is_full(tmp_path: Path) -> None:
    """No file may grow any more: 503 with Retry-After, reading goes on; with room again the tasks complete."""
    endpoint = ScriptedEndpoint(pace=PACE)
    async with sail(tmp_path, endpoint) as fleet:
        task_ids = await fleet.post(2)
        await fleet.asked(1)
        assert fleet.front.process is not None
        process = psutil.Process(fleet.front.process.pid)
        process.rlimit(psutil.RLIMIT_FSIZE, (4_096, psutil.RLIM_INFINITY))
        await refused(fleet, writes=True)
        async with fleet.api as api:
            assert (await api.get("/healthz")).status_code == 200
            assert (await api.get(f"/api/v1/tasks/{task_ids[0]}")).status_code == 200
        await asyncio.sleep(2)
        process.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
        await fleet.completed([*task_ids, *await fleet.post(1)])
        assert fleet.repeated() == ([], [])


async def refused(fleet: Fleet, *, writes: bool = False) -> None:
    """Requests are answered 503 DATABASE_ERROR with Retry-After."""
    async with fleet.api as api:
        answers: list[httpx2.Response] = [await api.post("/api/v1/tasks", json={"user_prompt": "Tea"})]
        if not writes:
            answers += [await api.get("/api/v1/tasks"), await api.get("/readyz")]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (503, "DATABASE_ERROR"), answer.text
        assert int(answer.headers["retry-after"]) > 0

"""Many tasks in flight against a model that takes 5 s a call, on Postgres.

First a thousand tasks of fifty accounts on one worker process, with the API in another: how many were in flight, the
worker's memory, processor seconds a task, how late its event loop was, and what a cancel took meanwhile: to be
answered, and until the model's connection was closed. Then 1, 2 and 4 worker processes: tasks a minute, beside what
the model alone would allow.

    COPYDESK_TEST_POSTGRES=$(scripts/postgres.sh start) .venv/bin/python bench/in_flight.py [IN_FLIGHT] [TASKS] [SHARE]

IN_FLIGHT: of the first part (1,000); TASKS: a worker count of the second (120); SHARE: tasks that one worker of it
runs at a time (40).
"""

import asyncio
import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx2
import sqlalchemy as sa
from load import (
    POSTGRES,
    Call,
    Process,
    SlowModel,
    a_database,
    an_account,
    desk,
    fleet,
    lag_line,
    model_settings,
    quantile,
    slow_model,
)

from copydesk.store.database import Database

SECONDS_A_CALL = 5.0
ACCOUNTS = 50
CANCELS = 40
CANCEL_PAUSE = 0.5  # seconds between two: each call that is closed belongs to the cancel before it
LONGEST = 1_500.0  # seconds that a part may take


@dataclass(kw_only=True)
class Posted:
    """Tasks that wait for a worker."""

    keys: list[str] = field(default_factory=list)  # of the accounts
    tasks: dict[str, str] = field(default_factory=dict)  # the key by the task's id


async def post(env: dict[str, str], count: int, accounts: int = ACCOUNTS) -> Posted:
    """Post tasks of so many accounts in turn, before any worker runs."""
    posted = Posted()
    async with desk(env) as (shared, services):
        made = [await an_account(shared, services, f"account {number}") for number in range(min(accounts, count))]
        posted.keys = [secret for _, secret, _ in made]
        for number in range(count):
            account_id, secret, body = made[number % len(made)]
            answer = await services.tasks.create(account_id=account_id, body=body)
            posted.tasks[json.loads(answer.body)["task_id"]] = secret
    return posted


async def by_status(database: Database) -> Counter[str]:
    """How many tasks there are in each status."""
    async with database.read() as connection:
        rows = await connection.execute(sa.text("SELECT status, count(*) AS amount FROM tasks GROUP BY status"))
        return Counter({row.status: row.amount for row in rows.all()})


async def until_ended(env: dict[str, str], workers: Sequence[Process]) -> tuple[Counter[str], float, float]:
    """Wait for all tasks; answers how they ended, and the seconds of the clock at the first and the last end."""
    begun = time.monotonic()
    async with desk(env) as (shared, _):
        while True:
            found = await by_status(shared.database)
            if not found["pending"] + found["processing"]:
                break
            if time.monotonic() - begun > LONGEST or any(w.popen and w.popen.poll() is not None for w in workers):
                print(f"given up: {dict(found)}")
                break
            await asyncio.sleep(1)
        query = "SELECT min(started_at), max(finished_at) FROM tasks WHERE status = 'completed'"
        async with shared.database.read() as connection:
            first, last = (await connection.execute(sa.text(query))).one()
    return found, first.timestamp() if first else 0.0, last.timestamp() if last else 0.0


@dataclass(kw_only=True)
class Seen:
    """What the first part looked at from outside."""

    most: int = 0  # tasks in flight at once
    calls: int = 0  # of the model, at once
    memory_mb: float = 0.0
    answered: list[float] = field(default_factory=list)  # seconds of each cancel
    cancelled: list[float] = field(default_factory=list)  # when each was sent, by the monotonic clock


async def watch(env: dict[str, str], worker: Process, model: SlowModel, seen: Seen) -> None:
    """Keep the largest numbers, until cancelled."""
    async with desk(env) as (shared, _):
        while True:
            found = await by_status(shared.database)
            seen.most = max(seen.most, found["processing"])
            seen.calls = max(seen.calls, await asyncio.to_thread(model.running))
            seen.memory_mb = max(seen.memory_mb, worker.memory_mb())
            await asyncio.sleep(1)


async def cancel_some(api: Process, env: dict[str, str], posted: Posted, seen: Seen) -> None:
    """Cancel tasks one after another while the others run."""
    async with desk(env) as (shared, _), httpx2.AsyncClient(base_url=api.url, timeout=60) as http:
        enough = 0.9 * len(posted.tasks)
        begun = time.monotonic()
        while (await by_status(shared.database))["processing"] < enough and time.monotonic() - begun < LONGEST / 4:  # noqa: ASYNC110 - elsewhere
            await asyncio.sleep(0.5)
        for _ in range(min(CANCELS, len(posted.tasks) // 4)):
            task_id = await _one_running(shared.database)
            if task_id is None:
                return
            headers = {"X-API-Key": posted.tasks[task_id]}
            sent = time.monotonic()
            answer = await http.delete(f"/api/v1/tasks/{task_id}", headers=headers)
            if answer.status_code == 200:
                seen.answered.append(time.monotonic() - sent)
                seen.cancelled.append(sent)
            await asyncio.sleep(CANCEL_PAUSE)


async def _one_running(database: Database) -> str | None:
    """One that is being written, so that a call of it is likely to be in flight."""
    query = "SELECT task_id FROM tasks WHERE status = 'processing' ORDER BY percent DESC, random() LIMIT 1"
    async with database.read() as connection:
        found: str | None = (await connection.execute(sa.text(query))).scalar_one_or_none()
        return found


async def _first(env: dict[str, str], worker: Process, api: Process, model: SlowModel, posted: Posted) -> Seen:
    seen = Seen()
    watching = asyncio.create_task(watch(env, worker, model, seen))
    cancelling = asyncio.create_task(cancel_some(api, env, posted, seen))
    found, first, last = await until_ended(env, [worker])
    for task in (watching, cancelling):
        task.cancel()
    await asyncio.gather(watching, cancelling, return_exceptions=True)
    ended = found["completed"] + found["failed"] + found["cancelled"]
    print(f"ended as                        {dict(found)}")
    print(f"tasks in flight at once         {seen.most:,}")
    print(f"calls in flight at once         {seen.calls:,}")
    print(f"first begun to last completed   {last - first:.0f} s")
    print(f"memory of the worker, most      {seen.memory_mb:.0f} MiB, its readers apart")
    print(f"processor seconds a task        {worker.cpu() / max(1, ended):.2f} (start-up included)")
    print(f"lateness of its event loop      {lag_line(worker.lags())}")
    print(f"lateness of the API's           {lag_line(api.lags())}")
    return seen


def thousand(count: int) -> None:
    """The first part."""
    settings = {"COPYDESK_TASK_DEADLINE": "3600", "COPYDESK_STALL_AFTER": "3600"}
    with (
        slow_model(SECONDS_A_CALL) as model,
        a_database("Postgres", **model_settings(model, at_once=min(count, 1_000)), **settings) as (env, folder),
    ):
        begun = time.monotonic()
        posted = asyncio.run(post(env, count))
        print(f"{count:,} tasks of {len(posted.keys)} accounts, posted in {time.monotonic() - begun:.0f} s", flush=True)
        worker, api = (Process(kind=kind, env=env, folder=folder) for kind in ("worker", "api"))
        with fleet(api, worker):
            seen = asyncio.run(_first(env, worker, api, model, posted))
        if seen.answered:
            print(
                f"{len(seen.answered)} cancels, answered in        "
                f"{statistics.median(seen.answered) * 1e3:.0f} ms median, {max(seen.answered) * 1e3:.0f} ms worst"
            )
            closed = after_cancels(model.calls(), seen.cancelled)
            if closed:
                print(
                    f"their {len(closed)} calls closed after       {statistics.median(closed) * 1e3:.0f} ms median, "
                    f"{max(closed) * 1e3:.0f} ms worst"
                )


def after_cancels(calls: Sequence[Call], cancelled: Sequence[float]) -> list[float]:
    """How long after the cancel before it each call was cut that was not answered to its end."""
    found = []
    for call in calls:
        before = [moment for moment in cancelled if moment <= call.ended]
        if not call.answered and before:
            found.append(call.ended - before[-1])
    return found


def chain(model: SlowModel) -> float:
    """The seconds that a task's calls take one after another, by the model alone."""
    with a_database("Postgres", **model_settings(model, at_once=8)) as (env, folder):
        asyncio.run(post(env, 1))
        worker = Process(kind="worker", env=env, folder=folder)
        with fleet(worker):
            asyncio.run(until_ended(env, [worker]))
        calls = model.calls()
    lasted = max(call.ended for call in calls) - min(call.started for call in calls)
    return SECONDS_A_CALL * round(lasted / SECONDS_A_CALL)


def scale(count: int, share: int) -> None:
    """The second part."""
    with slow_model(SECONDS_A_CALL) as model:
        alone = chain(model)
        print(f"\na task's calls in a row take {alone:.0f} s; {share} tasks at a time a worker; {os.cpu_count()} cores")
        print(
            f"{'workers':<10} {'tasks':>6} {'tasks/min':>10} {'model alone':>12} {'cpu s/task':>11} {'lag p99 ms':>11}"
        )
        for workers in (1, 2, 4):
            print(_scaled(model, workers, count, share, alone), flush=True)


def _scaled(model: SlowModel, workers: int, count: int, share: int, alone: float) -> str:
    with a_database("Postgres", **model_settings(model, at_once=share)) as (env, folder):
        asyncio.run(post(env, count))
        processes = [Process(kind="worker", env=env, folder=folder) for _ in range(workers)]
        with fleet(*processes):
            found, first, last = asyncio.run(until_ended(env, processes))
            cpu = sum(process.cpu() for process in processes) / count
            late = quantile([lag for process in processes for lag in process.lags()] or [0.0], 0.99)
        model.calls()
        rate = found["completed"] / max(0.1, last - first) * 60
        # The last tasks of a worker's share end one chain after they began, whatever the model allows.
        rounds = -(-count // (share * workers))
        limit = count / (rounds * alone) * 60
    return f"{workers:<10} {count:>6} {rate:>10.0f} {limit:>12.0f} {cpu:>11.2f} {late * 1e3:>11.0f}"


def main() -> None:
    """Run both parts."""
    if not POSTGRES:
        print("COPYDESK_TEST_POSTGRES is not set; see scripts/postgres.sh")
        return
    numbers = [int(argument) for argument in sys.argv[1:]]
    in_flight, count, share = (numbers + [1_000, 120, 40][len(numbers) :])[:3]
    if in_flight:
        thousand(in_flight)
    if count:
        scale(count, share)


if __name__ == "__main__":
    main()

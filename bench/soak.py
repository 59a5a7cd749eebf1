"""The long test of durability: workers killed or frozen every few seconds, the database restarted once.

Three workers and an API on a Postgres of their own, tasks written by a scripted model. Every 5 seconds one worker is
killed and started again (the next once it works); or, with `freeze`, stopped for three leases and let go on. In the
middle the database crashes and comes back. Prints how all tasks ended, which calls were sent again although they had
finished (none may be), which were sent again because a cut had caught them in flight (each once at most), how long
their workers' work took to be taken over (the limit is LEASE + 2 s, but for the outage) and the calls to be sent again
(which waits for a free place too), and the longest time in which no call began. The seed repeats the moments.

    .venv/bin/python bench/soak.py [kill|freeze] [TASKS] [SEED]
"""

import asyncio
import statistics
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.fleet import LEASE, Cluster, Fleet, own_postgres, sail, seeded

from copydesk.adapters.llm.scripted import Pace, ScriptedEndpoint

EVERY = 5.0  # seconds between two cuts
AWAY = 3.0  # seconds that the database is away
WORKERS = 3
HOURS = 3_600.0  # seconds that all of it may take


Dead = dict[str, datetime]  # when the executor of that id was killed or frozen


async def cut(fleet: Fleet, chance: Random, mode: str, dead: Dead) -> None:
    """Kill workers and start them again, or freeze and thaw them, until cancelled."""
    while True:
        await asyncio.sleep(EVERY * chance.uniform(0.5, 1.5))
        victim = chance.choice(fleet.workers)
        if victim.process is None:
            continue
        ready = await asyncio.to_thread(victim.logged, "worker ready")
        if ready:
            dead[ready[-1]["executor_id"]] = datetime.now(UTC)
        if mode == "kill":
            lives = len(await asyncio.to_thread(victim.logged, "worker ready"))
            await fleet.kill(victim)
            await fleet.start(victim)
            while len(await asyncio.to_thread(victim.logged, "worker ready")) == lives:  # noqa: ASYNC110 - a file
                await asyncio.sleep(0.1)  # on a busy machine nothing else would ever run
        else:
            fleet.freeze(victim)
            await asyncio.sleep(3 * LEASE)
            fleet.thaw(victim)


async def restart(fleet: Fleet, cluster: Cluster, task_ids: list[str]) -> None:
    """Crash the database when half of the calls that one task makes, times all tasks, have been made."""
    await fleet.asked(3 * len(task_ids), seconds=HOURS)
    fleet.cuts.append(monotonic())  # a worker that is started meanwhile fails, and is started again
    await asyncio.to_thread(cluster.run, "down")
    await asyncio.sleep(AWAY)
    await asyncio.to_thread(cluster.run, "up")


async def keep(fleet: Fleet) -> None:
    """Start every worker again that has ended by itself, as a supervisor does: without a database none can start."""
    while True:
        for worker in fleet.workers:
            if worker.process is not None and worker.process.poll() is not None:
                await fleet.start(worker)
        await asyncio.sleep(0.5)


async def soak(
    cluster: Cluster, folder: Path, mode: str, count: int, chance: Random
) -> tuple[Fleet, dict[str, Any], list[float]]:
    """Run it; answers the fleet, the tasks, and the seconds from each death to its take-over."""
    dead: Dead = {}
    endpoint = ScriptedEndpoint(pace=Pace(first_token=3.0))
    limits = {"COPYDESK_ACCOUNT_CONCURRENCY": "24", "COPYDESK_WORKER_CONCURRENCY": "8"}
    async with sail(folder, endpoint, workers=WORKERS, url=cluster.url, **limits) as fleet:
        task_ids = await fleet.post(count)
        loops = [
            asyncio.create_task(work)
            for work in (cut(fleet, chance, mode, dead), restart(fleet, cluster, task_ids), keep(fleet))
        ]
        tasks = await fleet.ended(task_ids, seconds=HOURS)
        for loop in loops:
            loop.cancel()
        for outcome in await asyncio.gather(*loops, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
    return fleet, tasks, taken_over_after(fleet, dead)


def taken_over_after(fleet: Fleet, dead: Dead) -> list[float]:
    """Seconds until another worker took the work over, as the logs say; those that held none are left out."""
    waits = []
    for worker in fleet.workers:
        for entry in worker.logged("taken over"):
            for executor_id in entry["executors"]:
                if executor_id in dead and entry["workflows"]:
                    at = datetime.fromisoformat(entry["timestamp"])
                    waits.append((at - dead.pop(executor_id)).total_seconds())
    return waits


def went_on_after(fleet: Fleet) -> list[float]:
    """Seconds from each cut until the calls that it had caught in flight were sent again."""
    _, in_flight = fleet.repeated()
    waits = []
    for caught in in_flight:
        cuts = [moment for moment in fleet.cuts if caught.started <= moment]
        again = [
            one.started
            for one in fleet.endpoint.served
            if one.asked.key == caught.asked.key and one.started > caught.started
        ]
        if cuts and again:
            waits.append(min(again) - min(cuts))
    return waits


def main() -> None:
    """Run it and print the table; fails where a promise is broken."""
    mode = sys.argv[1] if len(sys.argv) > 1 else "kill"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    chance = seeded(int(sys.argv[3]) if len(sys.argv) > 3 else None)
    begun = monotonic()
    with tempfile.TemporaryDirectory() as folder, own_postgres() as cluster:
        fleet, tasks, taken = asyncio.run(soak(cluster, Path(folder), mode, count, chance))
    finished, in_flight = fleet.repeated()
    starts = sorted(served.started for served in fleet.endpoint.served)
    waits = went_on_after(fleet) or [0.0]
    thrice = [key for key, sent in Counter(one.asked.key for one in in_flight).items() if sent > 1]
    print(f"mode                                  {mode}, {len(fleet.cuts)} cuts, database away once for {AWAY:g} s")
    print(f"tasks                                 {len(tasks)} in {monotonic() - begun:.0f} s")
    print(f"ended as                              {dict(Counter(str(task['status']) for task in tasks.values()))}")
    print(f"articles                              {sum(len(task['article_ids']) for task in tasks.values())}")
    print(f"model calls                           {len(fleet.endpoint.served)}")
    print(f"finished calls sent again             {len(finished)}")
    print(f"calls in flight at a cut, sent again  {len(in_flight)}, more than once: {len(thrice)}")
    print(
        f"work taken over after (median, worst) {statistics.median(taken or [0.0]):.1f} s, {max(taken or [0.0]):.1f} s"
    )
    print(f"calls went on after (with the queue)  {statistics.median(waits):.1f} s, {max(waits):.1f} s")
    print(f"longest gap between two calls         {max((b - a for a, b in pairwise(starts)), default=0.0):.1f} s")
    for task in tasks.values():
        if task["status"] != "completed":
            print(f"  {task['task_id']}: {task['error']}")
    if finished or {task["status"] for task in tasks.values()} != {"completed"}:
        sys.exit(1)


if __name__ == "__main__":
    main()

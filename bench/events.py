"""How far listeners are behind the events of tasks, and what they cost the process that serves them.

A process of `copydesk api` on a new Postgres; this process tells text as a worker does, four events a second and task,
and holds the listeners. Lag is from an event's own time to the moment when a listener has read it, by the same clock;
beside it the lag of one bare connection that waits for NOTIFY, in the same run: what the database alone takes.

    export COPYDESK_TEST_POSTGRES=$(scripts/postgres.sh start)
    .venv/bin/python bench/events.py [SECONDS]
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.desk import fresh_postgres
from support.service import Service, client, create_key, environment, run, running

from copydesk.domain.clock import now
from copydesk.store.database import Database
from copydesk.store.events import CHANNEL, append_events
from copydesk.store.tasks import begin_task
from copydesk.wire.events import SectionEvent, SectionText

TEXT = "The air over Mauna Loa holds more carbon dioxide each year than the year before. "
INTERVAL = 0.25  # seconds between two events of one task
AT_ONCE = 50  # listeners that connect at the same time
SETTINGS = {"COPYDESK_REQUESTS_PER_MINUTE": "100000", "COPYDESK_MAX_ACTIVE_TASKS": "1000"}


@dataclass(kw_only=True)
class Listener:
    """One open stream, spoken by hand: an HTTP client's own work would count as lag."""

    lags: list[float] = field(default_factory=list)  # seconds

    async def listen(
        self, turn: asyncio.Semaphore, service: Service, key: str, task_id: str, opened: Callable[[], None]
    ) -> None:
        """Read events until cancelled."""
        await turn.acquire()
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        head = f"GET /api/v1/tasks/{task_id}/events HTTP/1.1\r\nHost: bench\r\nX-API-Key: {key}\r\n\r\n"
        writer.write(head.encode())
        try:
            while line := await reader.readline():
                if line.startswith(b"HTTP/1.1"):
                    if b" 200 " not in line:
                        raise SystemExit(line.decode())
                    opened()
                    turn.release()
                if line.startswith(b"data: ") and b'"sections"' in line:
                    told = datetime.fromisoformat(json.loads(line[6:])["at"])
                    self.lags.append((datetime.now(UTC) - told).total_seconds())
        finally:
            writer.close()


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one setting gave."""

    listeners: int
    tasks: int
    events: int  # heard by all listeners together
    expected: int
    median: float  # seconds
    p99: float
    worst: float
    bare: float  # seconds, median of the bare connection
    megabytes: float  # that the process grew by
    cpu: float  # share of one core
    connections: int  # of the process to the database


async def tell(database: Database, task_ids: list[str], seconds: float) -> int:
    """Tell text of every task, evenly spread; answers the events of each."""
    rounds = round(seconds / INTERVAL)
    begun = time.monotonic()

    async def one(task_id: str, offset: float) -> None:
        for number in range(rounds):
            await asyncio.sleep(max(0.0, begun + offset + number * INTERVAL - time.monotonic()))
            sections = [SectionText(section_id="s1", text=TEXT, replaces=False)]
            async with database.write() as connection:  # timed within: waiting for a connection is no lag of listeners
                event = SectionEvent(task_id=task_id, at=now(), sections=sections, final=False)
                await append_events(connection, task_id, [event])

    await asyncio.gather(*(one(task_id, INTERVAL * n / len(task_ids)) for n, task_id in enumerate(task_ids)))
    return rounds


async def hear_bare(url: str, arrived: asyncio.Queue[float]) -> None:
    """Note when notifications arrive."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(f"LISTEN {CHANNEL}".encode())
        async for _ in connection.notifies():
            arrived.put_nowait(time.time())


async def bare_lag(url: str) -> float:
    """The median seconds from before a transaction that notifies to its arrival at a bare connection."""
    arrived: asyncio.Queue[float] = asyncio.Queue()
    hearing = asyncio.create_task(hear_bare(url, arrived))
    await asyncio.sleep(0.3)
    lags = []
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for number in range(40):
            begun = time.time()
            async with connection.transaction():
                await connection.execute("SELECT 1")
                await connection.execute(f"NOTIFY {CHANNEL}, '{number}'".encode())
            lags.append(await arrived.get() - begun)
    hearing.cancel()
    await asyncio.wait({hearing})
    return statistics.median(lags)


async def new_tasks(service: Service, key: str, database: Database, count: int) -> list[str]:
    """Tasks that are processing, though nobody works on them."""
    async with client(service, key) as api:
        answers = [await api.post("/api/v1/tasks", json={"user_prompt": f"Tea {n}"}) for n in range(count)]
    task_ids = [answer.raise_for_status().json()["task_id"] for answer in answers]
    for task_id in task_ids:
        async with database.write() as connection:
            await begin_task(connection, workflow_id=f"{task_id}:1", at=now())
    return task_ids


async def measure(service: Service, key: str, url: str, *, listeners: int, tasks: int, seconds: float) -> Measured:
    """Let so many listen while text is told."""
    process = _process(service)
    database = Database(f"postgresql+psycopg://{url.partition('://')[2]}")
    task_ids = await new_tasks(service, key, database, tasks)
    before = process.memory_info().rss
    opened, turn = asyncio.Semaphore(0), asyncio.Semaphore(AT_ONCE)
    held = [Listener() for _ in range(listeners)]
    jobs = [
        asyncio.create_task(listener.listen(turn, service, key, task_ids[n % tasks], opened.release))
        for n, listener in enumerate(held)
    ]
    async with asyncio.timeout(60):
        for _ in held:
            await opened.acquire()
    bare = await bare_lag(url)
    spent, begun = sum(process.cpu_times()[:2]), time.monotonic()
    told = await tell(database, task_ids, seconds)
    await asyncio.sleep(1)
    cpu = (sum(process.cpu_times()[:2]) - spent) / (time.monotonic() - begun)
    memory = process.memory_info().rss
    port = int(url.rpartition(":")[2].partition("/")[0])
    connections = sum(getattr(c.raddr, "port", 0) == port for c in process.net_connections())
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)
    await database.close()
    lags = sorted(lag for listener in held for lag in listener.lags)
    return Measured(
        listeners=listeners,
        tasks=tasks,
        events=len(lags),
        expected=told * listeners,
        median=statistics.median(lags),
        p99=lags[int(len(lags) * 0.99)],
        worst=lags[-1],
        bare=bare,
        megabytes=(memory - before) / 2**20,
        cpu=cpu,
        connections=connections,
    )


def _process(service: Service) -> psutil.Process:
    if service.process is None:
        msg = "the service has ended"
        raise SystemExit(msg)
    return psutil.Process(service.process.pid)


async def bench(service: Service, key: str, url: str, seconds: float) -> None:
    """Measure and print every setting."""
    print(
        f"{'listeners':>9} {'tasks':>6} {'heard':>13} {'median':>8} {'p99':>8} {'worst':>8} {'bare':>8} {'x bare':>7}"
        f" {'+MB':>6} {'CPU':>6} {'db conn.':>8}"
    )
    for listeners, tasks in ((1, 1), (500, 1), (500, 20)):
        found = await measure(service, key, url, listeners=listeners, tasks=tasks, seconds=seconds)
        print(
            f"{found.listeners:>9} {found.tasks:>6} {found.events:>6}/{found.expected:<6}"
            f" {found.median * 1e3:>5.0f} ms {found.p99 * 1e3:>5.0f} ms {found.worst * 1e3:>5.0f} ms"
            f" {found.bare * 1e3:>5.1f} ms {found.median / found.bare:>7.1f} {found.megabytes:>6.1f}"
            f" {found.cpu:>6.0%} {found.connections:>8}"
        )


def main() -> None:
    """Run it."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 15.0
    with tempfile.TemporaryDirectory() as folder, fresh_postgres() as url:
        env = environment(Path(folder) / "data", COPYDESK_DATABASE_URL=url, **SETTINGS)
        run("migrate", env=env).check_returncode()
        key = create_key("bench", env)
        with running(Service(env=env, log=Path(folder) / "api.log", command=("api",))) as service:
            asyncio.run(bench(service, key, url, seconds))


if __name__ == "__main__":
    main()

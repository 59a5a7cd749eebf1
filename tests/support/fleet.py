"""Several processes of the real service on one database, writing by a scripted endpoint that keeps the log."""

import asyncio
import os
import random
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import httpx2
from pydantic import SecretStr
from support.desk import SAMPLES, fresh_postgres
from support.service import Service, client, environment, upload

from copydesk.adapters.llm.scripted import ScriptedEndpoint, Served, serve_endpoint
from copydesk.settings import Settings
from copydesk.wiring import migrate_all, open_access

LEASE = 2.0  # seconds; of the fleets of tests
BODY = {"user_prompt": "The Keeling Curve", "keywords": ["Keeling Curve"], "min_words": 250, "max_words": 330}
SLACK = 1.0  # seconds that an answer may have needed from the endpoint to the ledger
POSTGRES_SH = Path(__file__).parents[2] / "scripts" / "postgres.sh"


def seeded(default: int | None = None) -> random.Random:
    """Random moments, repeatable: the seed is printed, and `COPYDESK_TEST_SEED` sets it."""
    seed = int(os.environ.get("COPYDESK_TEST_SEED") or default or random.randrange(10**6))  # noqa: S311 - no secret
    print(f"COPYDESK_TEST_SEED={seed}")  # noqa: T201 - pytest shows it where the test fails
    return random.Random(seed)  # noqa: S311 - likewise


@dataclass(kw_only=True)
class Fleet:
    """Processes, the endpoint that they ask, and one account."""

    endpoint: ScriptedEndpoint
    front: Service  # serves the API; on SQLite it works, too
    workers: list[Service]
    key: str
    cuts: list[float] = field(default_factory=list)  # when a process was killed or frozen, by the monotonic clock
    thaws: list[float] = field(default_factory=list)

    @property
    def api(self) -> httpx2.AsyncClient:
        """A client of the API."""
        return client(self.front, self.key)

    async def post(self, count: int, **changes: Any) -> list[str]:
        """Post tasks over a sample file; answers their ids."""
        async with self.api as api:
            file_id = await upload(api, SAMPLES / "carbon-cycle.docx")
            body = {**BODY, "uploaded_files": [{"file_id": file_id}], **changes}
            answers = await asyncio.gather(*(api.post("/api/v1/tasks", json=body) for _ in range(count)))
        return [answer.raise_for_status().json()["task_id"] for answer in answers]

    async def ended(self, task_ids: list[str], *, seconds: float = 240) -> dict[str, Any]:
        """The tasks when all have ended; the API, or its database, may be away meanwhile."""
        tasks: dict[str, Any] = {}
        async with asyncio.timeout(seconds), self.api as api:
            while waiting := [task_id for task_id in task_ids if task_id not in tasks]:
                with suppress(httpx2.TransportError):
                    for task_id in waiting:
                        answer = await api.get(f"/api/v1/tasks/{task_id}")
                        if answer.status_code == 200 and answer.json()["finished_at"]:
                            tasks[task_id] = answer.json()
                await asyncio.sleep(0.2)
        return tasks

    async def completed(self, task_ids: list[str], *, seconds: float = 240) -> dict[str, Any]:
        """The tasks when all have ended, which all did well, with one article each."""
        tasks = await self.ended(task_ids, seconds=seconds)
        said = Counter((task["status"], (task["error"] or {}).get("message")) for task in tasks.values())
        assert said == {("completed", None): len(task_ids)}
        assert all(len(task["article_ids"]) == 1 for task in tasks.values())
        return tasks

    async def asked(self, count: int, *, seconds: float = 60) -> None:
        """Wait until the endpoint has begun so many calls."""
        async with asyncio.timeout(seconds):
            while self.endpoint.running + len(self.endpoint.served) < count:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)

    async def kill(self, service: Service) -> None:
        """End a process without a word."""
        self.cuts.append(monotonic())
        await asyncio.to_thread(service.kill)

    async def start(self, service: Service) -> None:
        """Start a process, again or for the first time."""
        await asyncio.to_thread(service.start)

    def freeze(self, service: Service) -> None:
        """Stop a process."""
        self.cuts.append(monotonic())
        service.freeze()

    def thaw(self, service: Service) -> None:
        """Let it go on."""
        self.thaws.append(monotonic())
        service.thaw()

    def repeated(self) -> tuple[list[Served], list[Served]]:
        """The calls that were sent again although they had finished, and those that a cut had caught in flight.

        Two requests with one key are the same call. It had finished if its answer was sent to the end well before
        any process was cut.
        """
        by_key: dict[str | None, list[Served]] = defaultdict(list)
        for served in self.endpoint.served:
            by_key[served.asked.key].append(served)
        finished: list[Served] = []
        in_flight: list[Served] = []
        for calls in by_key.values():
            for earlier in sorted(calls, key=lambda one: one.started)[:-1]:
                (in_flight if self._cut(earlier) else finished).append(earlier)
        return finished, in_flight

    def _cut(self, served: Served) -> bool:
        return any(served.started <= cut <= served.ended + SLACK for cut in self.cuts)


@asynccontextmanager
async def sail(
    folder: Path, endpoint: ScriptedEndpoint, *, workers: int = 2, url: str | None = None, **settings: str
) -> AsyncIterator[Fleet]:
    """A fleet on a new database: SQLite, with one process; Postgres at `url`, with an API and `workers`."""
    async with serve_endpoint(endpoint) as address:
        env = environment(
            folder / "data",
            COPYDESK_MODEL="scripted",
            COPYDESK_MODEL_BASE_URL=address,
            COPYDESK_LOG_LEVEL="debug",
            COPYDESK_MAX_ACTIVE_TASKS="1000",
            COPYDESK_LEASE=f"{LEASE:g}",
            COPYDESK_RETRY_PAUSE="1",
            **({"COPYDESK_DATABASE_URL": url} if url else {}),
            **settings,
        )
        key = await _key(folder / "data", url)
        fleet = Fleet(
            endpoint=endpoint,
            front=Service(env=env, log=folder / "front.log", command=("api",) if url else ("serve",)),
            workers=[
                Service(env=env, log=folder / f"worker{number}.log", command=("worker",)) for number in range(workers)
            ]
            if url
            else [],
            key=key,
        )
        try:
            for service in (fleet.front, *fleet.workers):
                await fleet.start(service)
            yield fleet
        finally:
            for service in (fleet.front, *fleet.workers):
                if service.process is not None:
                    service.thaw()
                    await asyncio.to_thread(service.kill)


async def _key(data_dir: Path, url: str | None) -> str:
    """The key of an account in a new database, made in this process: each command would take seconds to start."""
    settings = Settings(_env_file=None, data_dir=data_dir, database_url=SecretStr(url) if url else None)
    if url:
        await migrate_all(settings)
    async with open_access(settings) as access:
        _, key = await access.create_key("acme")
    return key


@contextmanager
def own_postgres() -> Iterator["Cluster"]:
    """A Postgres server of one's own, that may be taken away."""
    # Not in a test's own folder, which root's server user may not enter.
    cluster = Cluster(home=Path(tempfile.gettempdir()) / f"copydesk-postgres-{uuid4().hex}")
    address = cluster.run("start").strip()
    try:
        with fresh_postgres(address) as url:
            cluster.url = url
            yield cluster
    finally:
        cluster.run("stop")


@dataclass(kw_only=True)
class Cluster:
    """A Postgres server."""

    home: Path
    url: str = ""  # of a database of its own in it

    def run(self, command: str) -> str:
        """`down` ends it as a crash does, `up` starts it again."""
        env = {**os.environ, "COPYDESK_POSTGRES_HOME": str(self.home)}
        done = subprocess.run(
            ["bash", str(POSTGRES_SH), command], env=env, capture_output=True, text=True, timeout=90, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

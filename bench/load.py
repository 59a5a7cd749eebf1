"""Processes under load, for other benchmarks: a slow model in one, Copydesk in others whose event loops are watched.

    .venv/bin/python bench/load.py serve|api|worker PORT LAGS

runs one Copydesk process as its command line would, and adds to the file LAGS, once a second, how late the event
loop was at each of 50 looks (seconds, one JSON array a line).
"""

import asyncio
import json
import multiprocessing
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import httpx2
import psutil
import psycopg
from support.service import environment, free_port

from copydesk.adapters.llm.scripted import Pace, ScriptedEndpoint, serve_endpoint
from copydesk.app import serve, work
from copydesk.domain.account import Account
from copydesk.domain.clock import new_id, now
from copydesk.services import Services
from copydesk.settings import Settings, load_settings
from copydesk.store import keys
from copydesk.telemetry import configure_logging
from copydesk.wiring import Shared, build_services, migrate_all, open_shared

POSTGRES = os.environ.get("COPYDESK_TEST_POSTGRES", "")
LOOKS = 50  # at the event loop, a second
START_SECONDS = 180.0
NOTES = (
    "The Keeling Curve is a graph of the carbon dioxide in the air at Mauna Loa, kept since 1958. "
    "Charles Keeling found that the air holds less carbon dioxide in summer, when plants grow. "
    "The curve rose from 315 parts per million in 1958 to 421 parts per million in 2022. "
    "The station stands at 3,397 metres above the sea, far from towns and forests. "
    "An infrared analyser measures the air against bottles of known mixtures every hour. "
    "The Scripps Institution of Oceanography keeps the record and publishes it every month. "
    "Ice cores show that the air held 280 parts per million before the steam engine. "
    "The ocean takes up about a quarter of the carbon dioxide that people release each year. "
    "Forests and soils take up another quarter, more in wet years than in dry ones. "
    "The curve shows growth of 2.4 parts per million a year in the last decade.\n"
)
BODY = {"user_prompt": "The Keeling Curve", "keywords": ["Keeling Curve"], "min_words": 150, "max_words": 260}


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least that share of the values does not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-round(share * len(ordered) * 1_000) // 1_000) - 1))]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call as the endpoint saw it."""

    started: float  # seconds of the system's monotonic clock
    ended: float
    answered: bool
    kind: str


class SlowModel:
    """An endpoint in a process of its own."""

    def __init__(self, connection: Connection, url: str) -> None:
        self._connection = connection
        self.url = url

    def calls(self) -> list[Call]:
        """The calls that have ended since this was last asked."""
        self._connection.send("calls")
        found: list[Call] = self._connection.recv()
        return found

    def running(self) -> int:
        """How many are in flight."""
        self._connection.send("running")
        number: int = self._connection.recv()
        return number


@contextmanager
def slow_model(seconds: float) -> Iterator[SlowModel]:
    """Run an endpoint whose answers begin after so many seconds, and then come at once."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve_model, args=(theirs, seconds), daemon=True)
    process.start()
    if not ours.poll(START_SECONDS):
        message = "The endpoint did not start."
        raise TimeoutError(message)
    try:
        yield SlowModel(ours, ours.recv())
    finally:
        ours.send("end")
        process.join(10)
        process.kill()


def _serve_model(connection: Connection, seconds: float) -> None:
    asyncio.run(_model(connection, seconds))


async def _model(connection: Connection, seconds: float) -> None:
    endpoint = ScriptedEndpoint(pace=Pace(first_token=seconds))
    async with serve_endpoint(endpoint) as url:
        connection.send(url)
        while True:
            command = await asyncio.to_thread(connection.recv)
            if command == "end":
                return
            if command == "running":
                connection.send(endpoint.running)
                continue
            served, endpoint.served[:] = endpoint.served[:], []
            connection.send(
                [Call(started=s.started, ended=s.ended, answered=s.answered, kind=s.asked.kind) for s in served]
            )


@dataclass(kw_only=True)
class Process:
    """One Copydesk process."""

    kind: str  # "serve", "api" or "worker"
    env: dict[str, str]
    folder: Path
    port: int = field(default_factory=free_port)
    popen: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where its API is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ps(self) -> psutil.Process:
        """The process as the system sees it."""
        assert self.popen is not None  # noqa: S101 - it runs
        return psutil.Process(self.popen.pid)

    @property
    def lags_file(self) -> Path:
        """Where it writes how late its loop was."""
        return self.folder / f"lags-{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers where it has an API."""
        with (self.folder / f"{self.kind}-{self.port}.log").open("ab") as log:
            self.popen = subprocess.Popen(
                [sys.executable, __file__, self.kind, str(self.port), str(self.lags_file)],
                env={**self.env, "COPYDESK_LOG_FORMAT": "json"},
                stderr=log,
                start_new_session=True,
            )
        begun = time.monotonic()
        while self.kind != "worker":
            assert self.popen.poll() is None and time.monotonic() - begun < START_SECONDS, self._log()  # noqa: S101, PT018
            try:
                if httpx2.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.05)

    def _log(self) -> str:
        return (self.folder / f"{self.kind}-{self.port}.log").read_text()[-2_000:]

    def end(self) -> None:
        """Kill it, with its sandbox workers."""
        if self.popen is None:
            return
        for process in [*self.ps.children(recursive=True), self.ps] if self.popen.poll() is None else []:
            process.kill()
        self.popen.wait()

    def cpu(self) -> float:
        """Seconds of processor time that the process itself has used."""
        times = self.ps.cpu_times()
        return float(times.user + times.system)

    def memory_mb(self) -> float:
        """Its resident memory, without its sandbox workers."""
        return float(self.ps.memory_info().rss) / 2**20

    def lags(self, *, skip: int = 0) -> list[float]:
        """How late the loop was, in seconds, from the `skip`-th line on."""
        lines = self.lags_file.read_text().splitlines() if self.lags_file.exists() else []
        return [lag for line in lines[skip:] for lag in json.loads(line)]

    def lag_lines(self) -> int:
        """How many lines there are."""
        return len(self.lags_file.read_text().splitlines()) if self.lags_file.exists() else 0


@contextmanager
def fleet(*processes: Process) -> Iterator[None]:
    """Run processes, and kill them in the end."""
    try:
        for process in processes:
            process.start()
        yield
    finally:
        for process in processes:
            process.end()


@contextmanager
def a_database(kind: str, **settings: str) -> Iterator[tuple[dict[str, str], Path]]:
    """An empty, migrated database of that kind ("SQLite", "Postgres"): an environment for processes, and a folder."""
    name = f"bench_{uuid4().hex}"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        env = environment(Path(folder) / "data", COPYDESK_REQUESTS_PER_MINUTE="1000000", **settings)
        if kind == "Postgres":
            with psycopg.connect(POSTGRES, autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "{name}"'.encode())
            env["COPYDESK_DATABASE_URL"] = f"{POSTGRES.rpartition('/')[0]}/{name}"
        try:
            asyncio.run(migrate_all(settings_of(env)))
            yield env, Path(folder)
        finally:
            if kind == "Postgres":
                with psycopg.connect(POSTGRES, autocommit=True) as connection:
                    connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def settings_of(env: dict[str, str]) -> Settings:
    """The settings that an environment says."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(env)
    try:
        return load_settings()
    finally:
        os.environ.clear()
        os.environ.update(before)


@asynccontextmanager
async def desk(env: dict[str, str]) -> AsyncIterator[tuple[Shared, Services]]:
    """The services in this process: it posts and looks, and runs nothing."""
    async with open_shared(settings_of(env)) as shared:
        yield shared, build_services(shared)


async def an_account(shared: Shared, services: Services, name: str) -> tuple[str, str, dict[str, Any]]:
    """A new account with a file: its id, a key, and the body of a task that reads the file."""
    account = Account(account_id=new_id(), name=name, created_at=now())
    async with shared.database.write() as connection:
        await keys.insert_account(connection, account)
    _, secret = await services.access.create_key(name)
    file = await services.files.add(account_id=account.account_id, filename="notes.txt", data=NOTES.encode())
    return account.account_id, secret, BODY | {"uploaded_files": [{"file_id": file.file_id}]}


def model_settings(model: SlowModel, *, at_once: int) -> dict[str, str]:
    """Settings that let so many tasks run at once, however many accounts post them."""
    return {
        "COPYDESK_MODEL": "scripted",
        "COPYDESK_MODEL_BASE_URL": model.url,
        "COPYDESK_MODEL_CONCURRENCY": "1000",
        "COPYDESK_MODEL_WINDOW": "128000",
        "COPYDESK_WORKER_CONCURRENCY": str(at_once),
        "COPYDESK_ACCOUNT_CONCURRENCY": str(at_once),
        "COPYDESK_MAX_ACTIVE_TASKS": "100000",
        "COPYDESK_LOG_LEVEL": "warning",
    }


def lag_line(lags: Sequence[float]) -> str:
    """How late a loop was, in milliseconds."""
    if not lags:
        return "-"
    median, high, worst = statistics.median(lags), quantile(lags, 0.99), max(lags)
    return f"median {median * 1e3:.0f}, p99 {high * 1e3:.0f}, worst {worst * 1e3:.0f} ms"


async def _watched(kind: str, port: int, lags: Path) -> None:
    settings = load_settings()
    configure_logging(level=settings.log_level, style=settings.log_format)
    watching = asyncio.create_task(_watch(lags))
    try:
        if kind == "worker":
            await work(settings)
        else:
            await serve(settings, host="127.0.0.1", port=port, worker=kind == "serve")
    finally:
        watching.cancel()


async def _watch(lags: Path) -> None:
    """Look at the loop so often, and write down how late each look was."""
    clock, pause = asyncio.get_running_loop().time, 1 / LOOKS
    while True:
        late = []
        for _ in range(LOOKS):
            due = clock() + pause
            await asyncio.sleep(pause)
            late.append(round(clock() - due, 5))
        with lags.open("a") as file:
            file.write(json.dumps(late) + "\n")


def main() -> None:
    """Run one process."""
    if len(sys.argv) < 4:
        return
    profile = os.environ.get("BENCH_PROFILE")
    if profile:
        import cProfile  # noqa: PLC0415 - on demand

        profiler = cProfile.Profile(time.thread_time)
        signal.signal(signal.SIGUSR2, lambda *_: profiler.dump_stats(profile))
        profiler.enable()
    asyncio.run(_watched(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))


if __name__ == "__main__":
    main()

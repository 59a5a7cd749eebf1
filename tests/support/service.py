"""The real service as a process of its own, spoken to over HTTP and killed for real."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

START_SECONDS = 60.0
TASK_SECONDS = 240.0
_COMMAND = (sys.executable, "-c", "from copydesk.cli import main; main()")


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """The environment of a service: the caller's without its Copydesk settings, and those given."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("COPYDESK_")}
    own = {"COPYDESK_DATA_DIR": str(data_dir), "COPYDESK_SEARCH": "none", **settings}
    return {**outer, **_bytecode(), **own}


def _bytecode() -> dict[str, str]:
    """Where Python writes no bytecode, every start would compile everything anew: three times as slow."""
    if not sys.dont_write_bytecode:
        return {}
    kept = Path(tempfile.gettempdir()) / f"copydesk-bytecode-{os.getuid()}"
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(kept)}


def run(*arguments: str, env: dict[str, str], timeout: float = 120) -> "subprocess.CompletedProcess[str]":
    """Run one command of the CLI to its end."""
    return subprocess.run(
        [*_COMMAND, *arguments], env=env, capture_output=True, text=True, timeout=timeout, check=False
    )


def create_key(account: str, env: dict[str, str]) -> str:
    """A new key, as `copydesk keys create` prints it."""
    done = run("keys", "create", account, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(kw_only=True)
class Service:
    """A `copydesk` process that serves."""

    env: dict[str, str]
    log: Path  # standard error of all its lives, JSON lines
    port: int = field(default_factory=free_port)
    command: Sequence[str] = ("serve",)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> float:
        """Start it and wait until it is ready; answers the seconds that took."""
        begun = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*_COMMAND, *self.command, *(["--port", str(self.port)] if "worker" not in self.command else [])],
                env={**self.env, "COPYDESK_LOG_FORMAT": "json"},
                stderr=log,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        while "worker" not in self.command:
            assert self.process.poll() is None, self.log.read_text()[-2_000:]
            assert time.monotonic() - begun < START_SECONDS, self.log.read_text()[-2_000:]
            try:
                if httpx2.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    break
            except httpx2.TransportError:
                time.sleep(0.02)
        return time.monotonic() - begun

    def kill(self) -> None:
        """End it at once, without a word (SIGKILL)."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Let it do nothing more (SIGSTOP), until it is thawed."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def terminate(self) -> None:
        """Ask it to end (SIGTERM), and do not wait."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        """Ask it to end (SIGTERM); answers its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: int) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(timeout=30)
        self.process = None
        return code

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The log lines of one event."""
        found = []
        for line in self.log.read_text().splitlines():
            if f'"{event}"' in line and line.startswith("{"):
                entry = json.loads(line)
                if entry.get("event") == event:
                    found.append(entry)
        return found


@contextmanager
def running(service: Service) -> Iterator[Service]:
    """Start a service; kill what is left of it in the end."""
    service.start()
    try:
        yield service
    finally:
        if service.process is not None:
            service.kill()


def client(service: Service, key: str) -> httpx2.AsyncClient:
    """An HTTP client with a key."""
    return httpx2.AsyncClient(base_url=service.url, headers={"X-API-Key": key}, timeout=60)


async def upload(api: httpx2.AsyncClient, path: Path) -> str:
    """Upload a file over HTTP; answers its id."""
    data = await asyncio.to_thread(path.read_bytes)
    answer = await api.post("/api/v1/files", files={"file": (path.name, data)})
    assert answer.status_code == 201, answer.text
    file_id: str = answer.json()["file_id"]
    return file_id


async def ended(
    api: httpx2.AsyncClient, task_ids: Sequence[str], *, seconds: float = TASK_SECONDS, pause: float = 0.2
) -> dict[str, Any]:
    """Wait until all the tasks have ended; answers them by id."""
    tasks: dict[str, Any] = {}
    async with asyncio.timeout(seconds):
        while len(tasks) < len(task_ids):
            for task_id in task_ids:
                if task_id not in tasks:
                    task = (await api.get(f"/api/v1/tasks/{task_id}")).json()
                    if task["status"] in ("completed", "failed", "cancelled"):
                        tasks[task_id] = task
            await asyncio.sleep(pause)
    return tasks

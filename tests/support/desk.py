"""A whole service in the test's process: database, durable engine, sandbox, pipeline and services."""

import asyncio
import os
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from pydantic import SecretStr
from support.database import POSTGRES

from copydesk.domain.account import ApiKey
from copydesk.domain.article import Article
from copydesk.domain.source import Disposition, Source
from copydesk.domain.task import Task
from copydesk.services import Services
from copydesk.settings import Settings
from copydesk.wiring import Shared, build_services, migrate_all, open_shared, open_worker

SAMPLES = Path(__file__).parents[2] / "samples"
PATIENCE = 60.0  # seconds a task may take on a busy machine


@dataclass(kw_only=True)
class Desk:
    """A running service and one account in it."""

    shared: Shared
    services: Services
    key: ApiKey
    secret: str

    async def upload(self, path: Path) -> str:
        """Upload a file; answers its id."""
        data = await asyncio.to_thread(path.read_bytes)
        file = await self.services.files.add(account_id=self.key.account_id, filename=path.name, data=data)
        return file.file_id

    async def submit(self, **body: Any) -> Task:
        """Post a task, its body as the API takes it."""
        request = self.services.tasks.check(body)
        return await self.services.tasks.submit(account_id=self.key.account_id, request=request)

    async def submit_samples(self, **changes: Any) -> Task:
        """Post the sample brief with its five files."""
        brief = sample_brief()
        files = [{"file_id": await self.upload(SAMPLES / name)} for name in brief.pop("files")]
        prompt = brief.pop("prompt")
        return await self.submit(**{"user_prompt": prompt, "uploaded_files": files, **brief, **changes})

    async def get(self, task_id: str) -> tuple[Task, dict[str, Disposition | None]]:
        """The task and the dispositions of its sources, by link or file name."""
        task, sources = await self.services.tasks.get(account_id=self.key.account_id, task_id=task_id)
        return task, {source.url or source.title or "": source.disposition for source in sources}

    async def sources(self, task_id: str) -> list[Source]:
        """The task's sources, in order."""
        return list((await self.services.tasks.get(account_id=self.key.account_id, task_id=task_id))[1])

    async def ended(self, task_id: str, *, seconds: float = PATIENCE) -> Task:
        """Wait until the task has ended."""
        async with asyncio.timeout(seconds):
            while True:
                task, _ = await self.get(task_id)
                if task.status.terminal:
                    return task
                await asyncio.sleep(0.05)

    async def article(self, task_id: str) -> Article:
        """The task's only article, with its evidence."""
        (article,) = await self.services.tasks.articles(account_id=self.key.account_id, task_id=task_id)
        return await self.services.articles.get(account_id=self.key.account_id, article_id=article.article_id)


def sample_brief() -> dict[str, Any]:
    """The sample brief, as a dictionary."""
    return tomllib.loads((SAMPLES / "brief.toml").read_text())


@contextmanager
def fresh_postgres(server: str | None = None) -> Iterator[str]:
    """The address of a new, empty database on the tests' server, or another; dropped afterwards."""
    server = server or os.environ.get(POSTGRES)
    if not server:
        pytest.fail(f"{POSTGRES} is not set: run the tests by `make test`, which starts a Postgres for them")
    name = f"copydesk_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture(params=["sqlite", "postgres"])
def desk_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a fresh service on SQLite and on Postgres, without search."""
    if request.param == "sqlite":
        yield Settings(data_dir=tmp_path / "data", search=("none",))
        return
    with fresh_postgres() as url:
        yield Settings(data_dir=tmp_path / "data", search=("none",), database_url=SecretStr(url), lease=1)


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """Run a service with a worker until the block ends."""
    if not settings.embedded:
        await migrate_all(settings)
    async with open_shared(settings) as shared, open_worker(shared):
        services = build_services(shared)
        key, secret = await services.access.create_key("acme", read_only=False, expires_at=None)
        yield Desk(shared=shared, services=services, key=key, secret=secret)

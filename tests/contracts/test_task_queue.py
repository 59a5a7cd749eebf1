"""Every `TaskQueue` keeps the port's word: the durable one on both databases, and the shipped fake."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr
from support.desk import fresh_postgres
from support.service import free_port

from copydesk.domain.clock import new_id
from copydesk.engine.database import migrate_engine
from copydesk.engine.durable import DurableQueue
from copydesk.engine.scripted import ScriptedQueue
from copydesk.errors import DatabaseError
from copydesk.ports import TaskQueue
from copydesk.settings import Settings


@pytest_asyncio.fixture(params=["scripted", "sqlite", "postgres"])
async def queue(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[TaskQueue]:
    """An empty queue of each kind."""
    if request.param == "scripted":
        yield ScriptedQueue()
    elif request.param == "sqlite":
        async for opened in _durable(Settings(_env_file=None, data_dir=tmp_path)):
            yield opened
    else:
        with fresh_postgres() as url:
            async for opened in _durable(Settings(_env_file=None, data_dir=tmp_path, database_url=SecretStr(url))):
                yield opened


async def _durable(settings: Settings) -> AsyncIterator[TaskQueue]:
    await asyncio.to_thread(migrate_engine, settings)
    durable = DurableQueue(settings)
    yield durable
    await durable.close()


class TestTaskQueue:
    """What `ports.TaskQueue` promises."""

    async def test_same_workflow_is_taken_once_when_handed_over_twice(self, queue: TaskQueue) -> None:
        """Handing over again does nothing and raises nothing: the repairer relies on it."""
        task_id = new_id()
        for _ in range(2):
            await queue.enqueue(task_id=task_id, account_id="acme", workflow_id=f"{task_id}:1")

    async def test_unknown_workflow_is_left_alone_when_cancelled_or_forgotten(self, queue: TaskQueue) -> None:
        """A task may be cancelled before it was handed over, and forgotten twice."""
        await queue.cancel("unknown:1")
        await queue.forget("unknown:1")

    async def test_workflow_is_gone_when_forgotten(self, queue: TaskQueue) -> None:
        """Cancelled, forgotten, forgotten again."""
        await queue.enqueue(task_id="t", account_id="acme", workflow_id="t:1")
        await queue.cancel("t:1")
        await queue.forget("t:1")
        await queue.forget("t:1")

    async def test_ping_is_answered_when_the_queue_is_there(self, queue: TaskQueue) -> None:
        """A sign of life."""
        await queue.ping()


@pytest.mark.parametrize("kind", ["scripted", "durable"])
async def test_queue_says_so_when_its_database_is_away(kind: str, tmp_path: Path) -> None:
    """Every call raises DatabaseError, at once."""
    away = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=SecretStr(away))
    queue: TaskQueue = ScriptedQueue(away=True) if kind == "scripted" else DurableQueue(settings)
    for call in (
        queue.ping(),
        queue.enqueue(task_id="t", account_id="a", workflow_id="t:1"),
        queue.cancel("t:1"),
        queue.forget("t:1"),
    ):
        with pytest.raises(DatabaseError):
            await call
    if isinstance(queue, DurableQueue):
        await queue.close()

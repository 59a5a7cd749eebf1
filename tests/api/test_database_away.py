"""A database that is gone or full: 503, and what was accepted is there afterwards."""

from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from psycopg import sql
from support.api import Api, running

from copydesk.store.database import Database

BODY = {"user_prompt": "Explain the Keeling Curve."}


def assert_away(response: httpx2.Response) -> None:
    """Check that the answer is a 503 that says when to come back."""
    assert response.status_code == 503, response.text
    assert response.json()["code"] == "DATABASE_ERROR"
    assert int(response.headers["retry-after"]) > 0


async def test_requests_are_unavailable_when_postgres_is_gone(postgres_url: str) -> None:
    """Every route is a 503 while connections are refused; afterwards the task is there and new ones are taken."""
    name = postgres_url.rpartition("/")[2]
    server = f"{postgres_url.rpartition('/')[0]}/postgres"
    database = Database(f"postgresql+psycopg://{postgres_url.partition('://')[2]}")
    async with running(database) as api:
        acme = await api.caller("gone")
        task = await acme.create_task()
        _allow_connections(server, name, allowed=False)
        try:
            for method, path in (("GET", "/tasks"), ("POST", "/tasks"), ("GET", f"/tasks/{task['task_id']}")):
                assert_away(await acme.request(method, path, json=BODY if method == "POST" else None))
            assert_away(await api.client.get("/readyz"))
            assert (await api.client.get("/healthz")).status_code == 200
        finally:
            _allow_connections(server, name, allowed=True)
        assert (await api.client.get("/readyz")).status_code == 200
        assert (await acme.get(f"/tasks/{task['task_id']}")).json() == task
        assert (await acme.post("/tasks", json=BODY)).status_code == 202
    await database.close()


async def test_writes_are_unavailable_when_disk_is_full(sqlite_template: Path, tmp_path: Path) -> None:
    """SQLite without room for a page answers 503 to writes, and goes on reading; afterwards it takes tasks again."""
    async with _embedded(sqlite_template, tmp_path) as api:
        acme = await api.caller()
        task = await acme.create_task()
        pages = await _pragma(api, "page_count")
        await _pragma(api, f"max_page_count={pages}")
        big = {**BODY, "metadata": {"k": "x" * 10_000, "l": "y" * 10_000}}
        answers = [await acme.post("/tasks", json=big) for _ in range(10)]
        assert_away(answers[-1])
        accepted = {answer.json()["task_id"] for answer in answers if answer.status_code == 202} | {task["task_id"]}
        assert_away(await acme.upload("a.txt", b"word " * 100_000))
        assert (await acme.get(f"/tasks/{task['task_id']}")).json() == task
        await _pragma(api, "max_page_count=1000000")
        assert {one["task_id"] for one in (await acme.get("/tasks")).json()["tasks"]} == accepted
        assert (await acme.post("/tasks", json=big)).status_code == 202


async def test_readiness_fails_when_queue_is_away(api: Api) -> None:
    """/readyz needs both, database and queue; /healthz neither."""
    assert (await api.client.get("/readyz")).json() == {"status": "ok"}
    api.queue.away = True
    assert_away(await api.client.get("/readyz"))
    assert (await api.client.get("/healthz")).json() == {"status": "ok"}


class _embedded:  # noqa: N801 - reads as a function at its use
    """The application on one SQLite connection, so that its page limit holds for all."""

    def __init__(self, template: Path, folder: Path) -> None:
        path = folder / "small.sqlite"
        path.write_bytes(template.read_bytes())
        self._database = Database(f"sqlite+aiosqlite:///{path}")
        self._running = running(self._database)

    async def __aenter__(self) -> Api:
        return await self._running.__aenter__()

    async def __aexit__(self, *error: object) -> None:
        await self._running.__aexit__(*error)
        await self._database.close()


async def _pragma(api: Api, pragma: str) -> Any:
    """Set or ask a pragma on the pooled connection; requests come one after the other, so there is one."""
    async with api.database.engine.connect() as connection:
        return (await connection.exec_driver_sql(f"PRAGMA {pragma}")).scalar()


def _allow_connections(server: str, name: str, *, allowed: bool) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        switch = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(sql.Identifier(name), sql.Literal(allowed))
        connection.execute(switch)
        if not allowed:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            if not ended.fetchall():
                pytest.fail("no connection was open to be ended")

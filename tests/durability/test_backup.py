"""Backups of a service at work, restored into one that finishes what was begun and pays for nothing twice."""

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from support.desk import SAMPLES, fresh_postgres
from support.service import Service, client, create_key, ended, environment, run, running, upload

from copydesk.adapters.llm.scripted import Pace, ScriptedEndpoint, serve_endpoint

TASKS = 3
CALLS = "SELECT count(*) FROM model_calls"
FILES = ("carbon-cycle.docx", "reading-the-record.txt")
GUIDE = Path(__file__).parents[2] / "docs/backup.md"


def model(url: str) -> dict[str, str]:
    """Settings of a service that writes by the scripted endpoint."""
    return {
        "COPYDESK_MODEL": "scripted",
        "COPYDESK_MODEL_BASE_URL": url,
        "COPYDESK_BLOBS": "directory",
        "COPYDESK_ACCOUNT_CONCURRENCY": "2",
    }


async def post(service: Service, key: str) -> list[str]:
    """Post tasks, more than run at the same time; answers their ids."""
    async with client(service, key) as api:
        files = [{"file_id": await upload(api, SAMPLES / name)} for name in FILES]
        body = {"user_prompt": "The Keeling Curve", "uploaded_files": files, "min_words": 100, "max_words": 180}
        answers = await asyncio.gather(*(api.post("/api/v1/tasks", json=body) for _ in range(TASKS)))
        return [answer.raise_for_status().json()["task_id"] for answer in answers]


async def some_calls(endpoint: ScriptedEndpoint, least: int) -> None:
    """Wait until so many calls were answered."""
    async with asyncio.timeout(90):
        while sum(served.answered for served in endpoint.served) < least:  # noqa: ASYNC110 - the endpoint tells nobody
            await asyncio.sleep(0.02)


async def finished(service: Service, key: str, task_ids: list[str]) -> Counter[str]:
    """The statuses of tasks when all have ended."""
    async with client(service, key) as api:
        return Counter(task["status"] for task in (await ended(api, task_ids)).values())


@pytest.mark.timeout(300)
@pytest.mark.parametrize("after", [2, 6])
async def test_tasks_are_finished_when_a_backup_of_their_middle_is_restored(tmp_path: Path, after: int) -> None:
    """All of them, and no call is made again that the backup has the answer of."""
    endpoint = ScriptedEndpoint(pace=Pace(first_token=0.3))
    async with serve_endpoint(endpoint) as url:
        env = environment(tmp_path / "data", **model(url))
        key = create_key("acme", env)
        archive = tmp_path / "backup.tar.zst"
        service = Service(env=env, log=tmp_path / "first.log")
        await asyncio.to_thread(service.start)
        try:
            task_ids = await post(service, key)
            await some_calls(endpoint, after)
            done = await asyncio.to_thread(run, "backup", str(archive), env=env)
            assert done.returncode == 0, done.stderr
            refused = await asyncio.to_thread(run, "restore", str(archive), "--force", env=env)
            assert (refused.returncode, "stop it" in refused.stderr) == (2, True)
        finally:
            service.kill()
        again = environment(tmp_path / "restored", **model(url))
        restored = await asyncio.to_thread(run, "restore", str(archive), env=again)
        assert restored.returncode == 0, restored.stderr
        known = _sqlite(tmp_path / "restored", CALLS)
        endpoint.served.clear()
        with running(Service(env=again, log=tmp_path / "second.log")) as second:
            assert await finished(second, key, task_ids) == {"completed": TASKS}
            assert second.stop() == 0
    assert _sqlite(tmp_path / "restored", "SELECT count(*) FROM articles") == TASKS
    assert len(endpoint.served) == _sqlite(tmp_path / "restored", CALLS) - known


@pytest.mark.timeout(300)
async def test_tasks_are_finished_when_a_dump_of_their_middle_is_restored(tmp_path: Path) -> None:
    """The same on Postgres, by the commands that docs/backup.md gives."""
    endpoint = ScriptedEndpoint(pace=Pace(first_token=0.3))
    async with serve_endpoint(endpoint) as url:
        with fresh_postgres() as live, fresh_postgres() as other:
            shared = {"COPYDESK_LEASE": "2", **model(url), "COPYDESK_BLOBS": "database"}
            env = environment(tmp_path / "data", COPYDESK_DATABASE_URL=live, **shared)
            again = environment(tmp_path / "data", COPYDESK_DATABASE_URL=other, **shared)
            assert run("migrate", env=env).returncode == 0
            key = create_key("acme", env)
            service = Service(env=env, log=tmp_path / "first.log")
            await asyncio.to_thread(service.start)
            try:
                task_ids = await post(service, key)
                await some_calls(endpoint, 5)
                dump, restore = _commands()
                await asyncio.to_thread(_shell, dump, tmp_path, env)
            finally:
                service.kill()
            await asyncio.to_thread(_shell, restore, tmp_path, again)
            known = _postgres(other, CALLS)
            endpoint.served.clear()
            with running(Service(env=again, log=tmp_path / "second.log")) as second:
                assert await finished(second, key, task_ids) == {"completed": TASKS}
                assert second.stop() == 0
            assert _postgres(other, "SELECT count(*) FROM articles") == TASKS
            assert len(endpoint.served) == _postgres(other, CALLS) - known


def _commands() -> tuple[str, str]:
    """The commands of the guide for Postgres: to dump, and to restore."""
    part = GUIDE.read_text().partition("## Postgres")[2].partition("\n## ")[0]
    dump, restore = re.findall(r"```sh\n(.*?)```", part, re.DOTALL)
    assert dump.startswith("pg_dump ")
    assert restore.startswith("pg_restore ")
    return dump, restore


def _shell(commands: str, folder: Path, env: dict[str, str]) -> None:
    """Run commands as a reader of the guide does, with `copydesk` and Postgres's own on the path."""
    script = folder / "bin" / "copydesk"
    script.parent.mkdir(exist_ok=True)
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m copydesk.cli "$@"\n')
    script.chmod(0o700)
    done = subprocess.run(
        ["/bin/sh", "-ec", commands],
        cwd=folder,
        env={**env, "PATH": os.pathsep.join([str(script.parent), _postgres_bin(), env["PATH"]])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _postgres_bin() -> str:
    """The folder of the server's own programs: those on the path may be of another version."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return str(folders[-1]) if folders else ""


def _sqlite(folder: Path, query: str) -> int:
    with closing(sqlite3.connect(folder / "copydesk.sqlite")) as connection:
        count: int = connection.execute(query).fetchone()[0]
        return count


def _postgres(url: str, query: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return int(row[0])

"""Several processes on one Postgres: the work of a killed worker goes on elsewhere."""

import asyncio
from collections import Counter
from pathlib import Path

from support.desk import SAMPLES, fresh_postgres
from support.service import Service, client, create_key, ended, environment, run, running, upload

TASKS = 6


def test_tasks_go_on_elsewhere_when_their_worker_is_killed(tmp_path: Path) -> None:
    """One API and two workers: kill -9 of one loses no task, and a rolling restart goes on."""
    with fresh_postgres() as url:
        env = environment(tmp_path / "data", COPYDESK_DATABASE_URL=url, COPYDESK_LEASE="2", COPYDESK_LOG_LEVEL="debug")
        migrated = run("migrate", env=env)
        assert migrated.returncode == 0, migrated.stderr
        key = create_key("acme", env)
        api = Service(env=env, log=tmp_path / "api.log", command=("api",))
        first = Service(env=env, log=tmp_path / "first.log", command=("worker",))
        second = Service(env=env, log=tmp_path / "second.log", command=("worker",))
        with running(api), running(first):
            task_ids = asyncio.run(_post(api, first, key))
            with running(second):
                first.kill()
                tasks = asyncio.run(_ended(api, key, task_ids))
                assert Counter(task["status"] for task in tasks.values()) == {"completed": TASKS}
                assert second.logged("taken over")
                assert second.stop() == 0


def test_start_is_refused_when_the_tables_are_missing(tmp_path: Path) -> None:
    """On Postgres migrations are the operator's step: an API without them says the command and ends."""
    with fresh_postgres() as url:
        env = environment(tmp_path / "data", COPYDESK_DATABASE_URL=url)
        done = run("api", "--port", "0", env=env)
        assert done.returncode not in (0, 1)
        assert "copydesk migrate" in done.stderr


async def _post(api: Service, worker: Service, key: str) -> list[str]:
    async with client(api, key) as http:
        names = ("carbon-cycle.docx", "reading-the-record.txt")
        files = [{"file_id": await upload(http, SAMPLES / name)} for name in names]
        body = {"user_prompt": "The Keeling Curve", "uploaded_files": files, "min_words": 300, "max_words": 500}
        answers = await asyncio.gather(*(http.post("/api/v1/tasks", json=body) for _ in range(TASKS)))
        async with asyncio.timeout(60):
            while not await asyncio.to_thread(worker.logged, "step begins"):  # noqa: ASYNC110 - a file has no event
                await asyncio.sleep(0.02)
        return [answer.raise_for_status().json()["task_id"] for answer in answers]


async def _ended(api: Service, key: str, task_ids: list[str]) -> dict[str, dict[str, str]]:
    async with client(api, key) as http:
        return await ended(http, task_ids)

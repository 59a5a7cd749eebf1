"""The service killed for real, and what is left of its work."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.desk import SAMPLES
from support.service import Service, client, create_key, ended, environment, running, upload

TASKS = 8


def test_every_task_completes_when_the_service_is_killed_in_the_middle(tmp_path: Path) -> None:
    """After kill -9 and a restart all tasks complete, and no step that had finished runs again."""
    env = environment(tmp_path / "data", COPYDESK_LOG_LEVEL="debug", COPYDESK_MAX_ACTIVE_TASKS="50")
    key = create_key("acme", env)
    with running(Service(env=env, log=tmp_path / "service.log")) as service:
        task_ids = asyncio.run(_post(service, key))
        service.kill()
        service.start()
        tasks = asyncio.run(_ended(service, key, task_ids))
        assert Counter(task["status"] for task in tasks.values()) == {"completed": TASKS}
        assert all(len(task["article_ids"]) == 1 for task in tasks.values())
        finished = Counter((entry["workflow_id"], entry["step"]) for entry in service.logged("step ends"))
        # A step that ended and was not yet checkpointed at the kill is the one that may run again.
        again = Counter(workflow_id for (workflow_id, _), count in finished.items() if count > 1)
        assert all(count <= 3 for count in again.values()), again  # three run side by side at most here
        assert sum(again.values()) < TASKS
        assert service.stop() == 0


@pytest.mark.parametrize("moment", [0.0, 0.3, 1.0])
def test_accepted_task_is_there_when_the_service_is_killed_after_its_answer(tmp_path: Path, moment: float) -> None:
    """202 means accepted: the task runs after the restart, whenever the kill came."""
    env = environment(tmp_path / "data")
    key = create_key("acme", env)
    with running(Service(env=env, log=tmp_path / "service.log")) as service:
        task_id = asyncio.run(_post_one(service, key, moment))
        service.kill()
        service.start()
        tasks = asyncio.run(_ended(service, key, [task_id]))
        assert tasks[task_id]["status"] == "failed"  # it ran, and found no evidence
        assert tasks[task_id]["error"]["code"] == "WORKFLOW_ERROR"


def test_second_worker_is_refused_when_one_holds_the_folder(tmp_path: Path) -> None:
    """On SQLite one process works: the second says which folder is taken, and ends."""
    env = environment(tmp_path / "data")
    with running(Service(env=env, log=tmp_path / "first.log")):
        second = Service(env=env, log=tmp_path / "second.log")
        with pytest.raises(AssertionError, match="COPYDESK_DATA_DIR"):
            second.start()


async def _post(service: Service, key: str) -> list[str]:
    async with client(service, key) as api:
        files = [
            {"file_id": await upload(api, SAMPLES / name)} for name in ("carbon-cycle.docx", "reading-the-record.txt")
        ]
        body = {"user_prompt": "The Keeling Curve", "uploaded_files": files, "min_words": 300, "max_words": 500}
        answers = await asyncio.gather(*(api.post("/api/v1/tasks", json=body) for _ in range(TASKS)))
        assert {answer.status_code for answer in answers} == {202}
        await asyncio.sleep(1.0)  # some are running by now, some are queued
        return [answer.json()["task_id"] for answer in answers]


async def _post_one(service: Service, key: str, moment: float) -> str:
    async with client(service, key) as api:
        answer = await api.post("/api/v1/tasks", json={"user_prompt": "The history of tea"})
        assert answer.status_code == 202
        await asyncio.sleep(moment)
        task_id: str = answer.json()["task_id"]
        return task_id


async def _ended(service: Service, key: str, task_ids: list[str]) -> dict[str, Any]:
    async with client(service, key) as api:
        return await ended(api, task_ids)

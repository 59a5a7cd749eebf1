"""`kill -9` of the service with twenty tasks in flight, a restart, and what it cost.

Prints: how many tasks completed, the seconds from the restart to the first step and to the last task,
how many steps had ended before the kill, how many of those ran again (they had ended but were not
checkpointed yet), and how many that were running at the kill began a second time.

    .venv/bin/python bench/crash.py [TASKS]
"""

import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.desk import SAMPLES
from support.service import Service, client, create_key, ended, environment, running, upload

BODY = {"user_prompt": "The Keeling Curve", "keywords": ["Keeling Curve"], "min_words": 400, "max_words": 600}


async def post(service: Service, key: str, count: int) -> list[str]:
    """Post tasks; answers their ids."""
    async with client(service, key) as api:
        files = [
            {"file_id": await upload(api, SAMPLES / name)} for name in ("carbon-cycle.docx", "reading-the-record.txt")
        ]
        body = {**BODY, "uploaded_files": files}
        answers = await asyncio.gather(*(api.post("/api/v1/tasks", json=body) for _ in range(count)))
    return [answer.raise_for_status().json()["task_id"] for answer in answers]


async def wait(service: Service, key: str, ids: list[str]) -> dict[str, Any]:
    """Wait until all tasks have ended."""
    async with client(service, key) as api:
        return await ended(api, ids, seconds=600)


def steps(entries: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """How often each step of each workflow stands in the log lines."""
    return Counter((entry["workflow_id"], entry["step"]) for entry in entries)


def main() -> None:
    """Run it and print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as folder:
        env = environment(
            Path(folder) / "data",
            COPYDESK_LOG_LEVEL="debug",
            COPYDESK_MAX_ACTIVE_TASKS="100",
            COPYDESK_ACCOUNT_CONCURRENCY=str(count),
            COPYDESK_WORKER_CONCURRENCY=str(count),
        )
        key = create_key("acme", env)
        with running(Service(env=env, log=Path(folder) / "service.log")) as service:
            ids = asyncio.run(post(service, key, count))
            while len(service.logged("step ends")) < 3 * count:
                time.sleep(0.02)
            service.kill()
            begun_before = steps(service.logged("step begins"))
            ended_before = steps(service.logged("step ends"))
            restarted = time.monotonic()
            started_in = service.start()
            lines = len(service.logged("step begins"))
            while len(service.logged("step begins")) == lines:
                time.sleep(0.02)
            first_step = time.monotonic() - restarted
            tasks = asyncio.run(wait(service, key, ids))
            seconds = time.monotonic() - restarted
            begun, finished = steps(service.logged("step begins")), steps(service.logged("step ends"))
    again = sum(finished[step] > 1 for step in ended_before)
    in_flight = [step for step in begun_before if step not in ended_before]
    print(f"tasks                               {len(tasks)}")
    print(f"ended as                            {dict(Counter(str(t['status']) for t in tasks.values()))}")
    print(f"ready again after                   {started_in:.1f} s")
    print(f"first step after                    {first_step:.1f} s")
    print(f"last task after                     {seconds:.1f} s")
    print(f"steps ended before the kill         {sum(ended_before.values())}, of these run again: {again}")
    print(f"steps in flight at the kill         {len(in_flight)}, begun again: {sum(begun[s] > 1 for s in in_flight)}")
    print(f"steps in all                        {len(finished)}")


if __name__ == "__main__":
    main()

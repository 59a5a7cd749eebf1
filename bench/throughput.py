"""Fifty tasks posted at once by two accounts, on SQLite, against the real service.

Prints: seconds until the last is completed, tasks a second, how the two accounts were served in turn
(the mean place in the order of completion of each account's tasks: equal shares give equal means),
and whether any line of the service's log speaks of a locked database.

    .venv/bin/python bench/throughput.py [TASKS_PER_ACCOUNT]
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.desk import SAMPLES
from support.service import Service, client, create_key, ended, environment, running, upload

FILES = ("carbon-cycle.docx", "reading-the-record.txt")
BODY = {"user_prompt": "The Keeling Curve", "keywords": ["Keeling Curve"], "min_words": 400, "max_words": 600}


async def post(service: Service, keys: list[str], count: int) -> tuple[dict[str, list[str]], float]:
    """Post `count` tasks for each key at once; answers the ids by key, and the seconds until all were accepted."""
    clients = {key: client(service, key) for key in keys}
    bodies = {}
    for key, api in clients.items():
        bodies[key] = {**BODY, "uploaded_files": [{"file_id": await upload(api, SAMPLES / name)} for name in FILES]}
    begun = time.monotonic()
    jobs = [(key, clients[key].post("/api/v1/tasks", json=bodies[key])) for _ in range(count) for key in keys]
    answers = await asyncio.gather(*(job for _, job in jobs))
    accepted = time.monotonic() - begun
    ids: dict[str, list[str]] = {key: [] for key in keys}
    for (key, _), answer in zip(jobs, answers, strict=True):
        answer.raise_for_status()
        ids[key].append(answer.json()["task_id"])
    for api in clients.values():
        await api.aclose()
    return ids, accepted


async def wait(service: Service, ids: dict[str, list[str]]) -> dict[str, Any]:
    """Wait until all tasks have ended; answers them by id."""
    tasks: dict[str, Any] = {}
    for key, mine in ids.items():
        async with client(service, key) as api:
            tasks |= await ended(api, mine, seconds=600)
    return tasks


def main() -> None:
    """Run it and print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    with tempfile.TemporaryDirectory() as folder:
        env = environment(Path(folder) / "data", COPYDESK_MAX_ACTIVE_TASKS="100")
        keys = [create_key(name, env) for name in ("first", "second")]
        log = Path(folder) / "service.log"
        with running(Service(env=env, log=log)) as service:
            begun = time.monotonic()
            ids, accepted = asyncio.run(post(service, keys, count))
            tasks = asyncio.run(wait(service, ids))
            seconds = time.monotonic() - begun
        locked = log.read_text().count("database is locked")
    order = sorted(tasks, key=lambda task_id: str(tasks[task_id]["finished_at"]))
    places = [statistics.mean(order.index(task_id) for task_id in mine) for mine in ids.values()]
    print(f"tasks                      {len(tasks)}")
    print(f"ended as                   {dict(Counter(str(task['status']) for task in tasks.values()))}")
    print(f"all accepted after         {accepted:.2f} s")
    print(f"all completed after        {seconds:.1f} s ({len(tasks) / seconds:.2f} tasks/s)")
    print(f"mean place by account      {places[0]:.1f} and {places[1]:.1f} of {len(order)}")
    print(f"'database is locked'       {locked} times")


if __name__ == "__main__":
    main()

"""A hundred cancels of tasks with a model call in flight: how long the answer takes, and how long the call lives on.

On SQLite (one process) and on Postgres (an API and a worker apart). Prints, as median and worst: the answer to DELETE,
beside a GET of the same task just before as the limit; the time from the answer until the endpoint sees its connection
closed; and how many calls began after an answer.

    COPYDESK_TEST_POSTGRES=$(scripts/postgres.sh start) .venv/bin/python bench/cancel.py [CANCELS]
"""

import asyncio
import statistics
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import httpx2

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.desk import fresh_postgres
from support.fleet import Fleet, sail

from copydesk.adapters.llm.scripted import Pace, ScriptedEndpoint


@dataclass(kw_only=True)
class Measured:
    """Seconds, one of each a cancel."""

    get: list[float] = field(default_factory=list)
    delete: list[float] = field(default_factory=list)
    closed: list[float] = field(default_factory=list)
    late: int = 0  # calls that began after an answer


async def cancel_one(fleet: Fleet, api: httpx2.AsyncClient, measured: Measured) -> None:
    """Post a task, wait for its call, cancel it, and watch the endpoint."""
    endpoint = fleet.endpoint
    before = len(endpoint.served)
    (task_id,) = await fleet.post(1)
    await fleet.asked(before + 1)
    path = f"/api/v1/tasks/{task_id}"
    begun = perf_counter()
    (await api.get(path)).raise_for_status()
    asked = perf_counter()
    measured.get.append(asked - begun)
    begun = perf_counter()
    (await api.delete(path)).raise_for_status()
    answered = perf_counter()
    measured.delete.append(answered - begun)
    calls = len(endpoint.served) + endpoint.running
    while endpoint.running:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.001)
    measured.closed.append(perf_counter() - answered)
    await asyncio.sleep(0.2)
    measured.late += len(endpoint.served) + endpoint.running - calls


async def measure(url: str | None, folder: Path, count: int) -> Measured:
    """Cancel so many tasks."""
    measured = Measured()
    endpoint = ScriptedEndpoint(pace=Pace(first_token=60.0))
    async with sail(folder, endpoint, url=url, workers=1) as fleet, fleet.api as api:
        for _ in range(count):
            await cancel_one(fleet, api, measured)
    return measured


def shown(seconds: list[float]) -> str:
    """Median and worst, in milliseconds."""
    return f"{statistics.median(seconds) * 1000:8.1f}{max(seconds) * 1000:8.1f}"


def main() -> None:
    """Run it and print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    print(f"{count} cancels; milliseconds, median and worst")
    print(f"{'':10}{'GET':>16}{'DELETE':>18}{'ratio':>8}{'closed after':>18}{'late calls':>12}")
    for kind in ("sqlite", "postgres"):
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            url = stack.enter_context(fresh_postgres()) if kind == "postgres" else None
            one = asyncio.run(measure(url, Path(folder), count))
        ratio = statistics.median(one.delete) / statistics.median(one.get)
        print(f"{kind:10}{shown(one.get)}  {shown(one.delete)}{ratio:8.1f}  {shown(one.closed)}{one.late:12}")


if __name__ == "__main__":
    main()

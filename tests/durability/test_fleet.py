"""Processes killed and frozen at random moments: nothing is lost, and nothing is paid for twice.

The endpoint's own log says what was called how often.
"""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.desk import SAMPLES, fresh_postgres
from support.fleet import LEASE, Fleet, sail, seeded
from support.service import Service, run

from copydesk.adapters.llm.faults import Fault
from copydesk.adapters.llm.scripted import Pace, ScriptedEndpoint
from copydesk.adapters.llm.scripted_text import Asked

pytestmark = pytest.mark.timeout(300)  # real processes start here, on busy machines too
TASKS = 8
PACE = Pace(first_token=0.4)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The address of an empty Postgres database; None for SQLite."""
    with ExitStack() as stack:
        yield None if request.param == "sqlite" else stack.enter_context(fresh_postgres())


async def test_nothing_is_lost_or_repeated_when_processes_are_killed(tmp_path: Path, url: str | None) -> None:
    """Two kills at random moments: all complete, finished calls are made once, those in flight twice at most."""
    chance = seeded()
    async with sail(tmp_path, ScriptedEndpoint(pace=PACE), url=url) as fleet:
        task_ids = await fleet.post(TASKS)
        await fleet.asked(2)
        for _ in range(2):
            await asyncio.sleep(chance.uniform(0.2, 2.0))
            victim = chance.choice(fleet.workers or [fleet.front])
            await fleet.kill(victim)
            await fleet.start(victim)
        await fleet.completed(task_ids)
        finished, in_flight = fleet.repeated()
        assert finished == []
        assert len(in_flight) <= 2 * 16  # what one process may have in flight


async def test_woken_worker_drops_its_work_when_others_have_taken_it_over(tmp_path: Path) -> None:
    """Frozen for three leases and woken, it writes nothing of its old work, and works on as a new executor."""
    with fresh_postgres() as url:
        async with sail(tmp_path, ScriptedEndpoint(pace=PACE), url=url) as fleet:
            frozen = fleet.workers[0]
            task_ids = await fleet.post(TASKS)
            await working(frozen)
            fleet.freeze(frozen)
            await asyncio.sleep(3 * LEASE)
            fleet.thaw(frozen)
            await fleet.completed(task_ids)
            finished, _ = fleet.repeated()
            assert finished == []
            await logs(frozen, "started afresh")
            assert frozen.logged("lease lost")
            await fleet.kill(fleet.workers[1])
            await fleet.completed(await fleet.post(2))


async def test_work_goes_on_elsewhere_at_once_when_a_worker_is_told_to_stop(tmp_path: Path) -> None:
    """SIGTERM: what does not end within the grace is handed over, which no task counts as a death."""
    endpoint = ScriptedEndpoint(pace=Pace(first_token=60.0))
    with fresh_postgres() as url:
        async with sail(tmp_path, endpoint, url=url, workers=1, COPYDESK_SHUTDOWN_GRACE="1") as fleet:
            first = fleet.workers[0]
            task_ids = await fleet.post(2)
            await fleet.asked(2)
            second = Service(env=first.env, log=tmp_path / "second.log", command=("worker",))
            fleet.workers.append(second)
            await fleet.start(second)
            await logs(second, "worker ready")
            endpoint.pace = Pace()  # of the calls to come
            assert await asyncio.to_thread(first.stop) == 0
            await fleet.asked(4, seconds=10)
            await fleet.completed(task_ids)
            assert first.logged("handed over")
            assert not second.logged("taken over")


async def test_poison_task_fails_alone_when_it_kills_every_worker(tmp_path: Path, url: str | None) -> None:
    """Each worker that asks for its outline dies: the third death, alone, fails it, and the others complete."""
    marked = "POISON"
    victims: list[Fleet] = []

    def choose(number: int, asked: Asked) -> Fault | None:
        del number
        if marked in asked.prompt and asked.kind == "outline":
            service = (victims[0].workers or [victims[0].front])[0]
            if service.process is not None:
                service.process.send_signal(signal.SIGKILL)
            return Fault.SILENCE
        return None

    async with sail(tmp_path, ScriptedEndpoint(choose=choose), url=url, workers=1) as fleet:
        victims.append(fleet)
        service = (fleet.workers or [fleet.front])[0]
        others = await fleet.post(3)
        poison = await fleet.post(1, user_prompt=f"The Keeling Curve {marked}")
        keeper = asyncio.create_task(keep_alive(service))
        try:
            tasks = await fleet.ended([*poison, *others])
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
        assert {tasks[task_id]["status"] for task_id in others} == {"completed"}
        failed = tasks[poison[0]]
        assert (failed["status"], failed["error"]["code"]) == ("failed", "WORKFLOW_ERROR")
        assert "3 workers died" in failed["error"]["message"]
        assert len(fleet.endpoint.served) + fleet.endpoint.running >= 3


async def test_call_in_flight_is_closed_when_another_process_cancels(tmp_path: Path) -> None:
    """The API answers, the worker's connection to the model ends, and no further call begins."""
    endpoint = ScriptedEndpoint(pace=Pace(first_token=30.0))
    with fresh_postgres() as url:
        async with sail(tmp_path, endpoint, url=url, workers=1) as fleet, fleet.api as api:
            (task_id,) = await fleet.post(1)
            await fleet.asked(1)
            answer = await api.delete(f"/api/v1/tasks/{task_id}")
            assert answer.json()["status"] == "cancelled"
            async with asyncio.timeout(1.0):
                while endpoint.running:  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0.01)
            calls = len(endpoint.served)
            await asyncio.sleep(1.5)
            assert (endpoint.running, len(endpoint.served)) == (0, calls)


async def test_write_watches_when_a_worker_lives_on_the_database(tmp_path: Path) -> None:
    """On Postgres the command submits to the workers that are there, and runs none of its own."""
    file = SAMPLES / "reading-the-record.txt"
    words = ("--min-words", "100", "--max-words", "160")
    with fresh_postgres() as url:
        async with sail(tmp_path, ScriptedEndpoint(), url=url, workers=1) as fleet:
            await logs(fleet.workers[0], "worker ready")
            env = fleet.front.env
            done = await asyncio.to_thread(run, "write", "The Keeling Curve", "--file", str(file), *words, env=env)
            assert done.returncode == 0, done.stderr
            assert "Another Copydesk process does the work" in done.stderr
            assert fleet.workers[0].logged("step ends")


async def working(worker: Service) -> None:
    """Wait until the worker has begun a step."""
    await logs(worker, "step begins")


async def logs(worker: Service, event: str, *, seconds: float = 60) -> None:
    """Wait until the worker has logged the event."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(worker.logged, event):  # noqa: ASYNC110 - a file has no event
            await asyncio.sleep(0.05)


async def keep_alive(service: Service) -> None:
    """Start the process again whenever it has died."""
    while True:
        process = service.process
        if process is not None and process.poll() is not None:
            await asyncio.to_thread(service.start)
        await asyncio.sleep(0.1)

"""Equal requests with one Idempotency-Key, at once and across crashes: one task, one bill; one file."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import update
from support.desk import SAMPLES, fresh_postgres
from support.fleet import BODY, Fleet, sail, seeded
from support.service import upload

from copydesk.adapters.llm.scripted import Pace, ScriptedEndpoint
from copydesk.domain.clock import now
from copydesk.store.database import Database
from copydesk.store.schema import idempotency_keys

pytestmark = pytest.mark.timeout(300)  # real processes start here, on busy machines too

AT_ONCE = 50
CRASHES = 3
LONGEST = 0.25  # seconds from sending the requests to the kill: the first answers come within it
FILE = b"The Keeling Curve is a graph of the carbon dioxide in the air at Mauna Loa, kept since 1958."


@contextmanager
def address(kind: str) -> Iterator[str | None]:
    """The address of a new Postgres database, or None for SQLite."""
    if kind == "sqlite":
        yield None
        return
    with fresh_postgres() as url:
        yield url


kinds = pytest.mark.parametrize("kind", ["sqlite", "postgres"])


async def post(api: httpx2.AsyncClient, path: str, key: str, **content: Any) -> httpx2.Response:
    """Send one request under a key."""
    return await api.post(f"/api/v1{path}", headers={"Idempotency-Key": key}, **content)


async def flood(api: httpx2.AsyncClient, path: str, key: str, **content: Any) -> list[httpx2.Response]:
    """Send equal requests at once; answers those answers that arrived.

    Who is told that the first takes longer than ten seconds, as on a busy machine it may, asks again.
    """
    answers = await asyncio.gather(*(post(api, path, key, **content) for _ in range(AT_ONCE)), return_exceptions=True)
    broken = [answer for answer in answers if not isinstance(answer, httpx2.Response | httpx2.TransportError)]
    assert not broken, broken
    arrived = [answer for answer in answers if isinstance(answer, httpx2.Response)]
    late = sum(answer.status_code == 409 and "retry-after" in answer.headers for answer in arrived)
    again = [await post(api, path, key, **content) for _ in range(late)]
    return [*(answer for answer in arrived if answer.status_code != 409), *again]


def assert_one(answers: list[httpx2.Response], status: int) -> None:
    """Check that all are the first one's answer, byte for byte, and all but one say that they replay it."""
    assert {answer.status_code for answer in answers} == {status}, [answer.text for answer in answers]
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) <= 1


async def total(api: httpx2.AsyncClient, noun: str) -> int:
    """How many the account has."""
    number: int = (await api.get(f"/api/v1/{noun}")).json()["total"]
    return number


@kinds
async def test_one_task_and_one_bill_when_fifty_equal_requests_come_at_once(kind: str, tmp_path: Path) -> None:
    """Fifty requests make one task, one answer, and no call of the model twice; fifty uploads make one file."""
    with address(kind) as url:
        async with sail(tmp_path, ScriptedEndpoint(), workers=1, url=url) as fleet, fleet.api as api:
            body = {**BODY, "uploaded_files": [{"file_id": await upload(api, SAMPLES / "carbon-cycle.docx")}]}
            uploaded = await flood(api, "/files", "file", files={"file": ("notes.txt", FILE)})
            assert_one(uploaded, 201)
            assert await total(api, "files") == 2
            answers = await flood(api, "/tasks", "task", json=body)
            assert_one(answers, 202)
            assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
            await fleet.completed([answers[0].json()["task_id"]])
            assert await total(api, "tasks") == 1
            assert await total(api, "articles") == 1
            assert_paid_once(fleet)


@kinds
async def test_one_attempt_is_added_when_fifty_equal_retries_come_at_once(kind: str, tmp_path: Path) -> None:
    """A failed task that is retried fifty times under one key gets on to its second attempt, and no further."""
    with address(kind) as url:
        async with sail(tmp_path, ScriptedEndpoint(), workers=1, url=url) as fleet, fleet.api as api:
            made = await post(api, "/tasks", "task", json={"user_prompt": "Nothing to read"})
            task_id = made.json()["task_id"]
            assert (await fleet.ended([task_id]))[task_id]["status"] == "failed"  # it has no evidence
            answers = await flood(api, f"/tasks/{task_id}/retry", "retry")
            assert_one(answers, 202)
            assert answers[0].json()["attempt"] == 2
            assert (await fleet.ended([task_id]))[task_id]["attempt"] == 2


@kinds
async def test_one_task_and_one_bill_when_the_service_is_killed_before_it_has_answered(
    kind: str, tmp_path: Path
) -> None:
    """Whenever kill -9 comes between accept and answer, the client that asks again gets the same task."""
    chance = seeded()
    with address(kind) as url:
        endpoint = ScriptedEndpoint(pace=Pace(first_token=0.2))
        async with sail(tmp_path, endpoint, workers=1, url=url) as fleet:
            async with fleet.api as api:
                file_id = await upload(api, SAMPLES / "carbon-cycle.docx")
            tasks = []
            for number in range(CRASHES):
                body = {**BODY, "uploaded_files": [{"file_id": file_id}], "metadata": {"n": str(number)}}
                async with fleet.api as api:
                    early = await killed_during(fleet, chance.uniform(0, LONGEST), api, f"task-{number}", body)
                async with fleet.api as api:
                    late = await flood(api, "/tasks", f"task-{number}", json=body)
                    assert len(late) == AT_ONCE
                    assert_one([*early, *late], 202)
                    assert await total(api, "tasks") == number + 1
                tasks.append(late[0].json()["task_id"])
            await fleet.completed(tasks)
            async with fleet.api as api:
                assert await total(api, "articles") == CRASHES
            finished, _ = fleet.repeated()
            assert not finished


@kinds
async def test_one_file_is_kept_when_the_service_is_killed_during_uploads(kind: str, tmp_path: Path) -> None:
    """A crash during an upload leaves a claim that blocks for a minute, then gives way: one file in the end."""
    chance = seeded()
    content: dict[str, Any] = {"files": {"file": ("notes.txt", FILE)}}
    with address(kind) as url:
        async with sail(tmp_path, ScriptedEndpoint(), workers=0, url=url) as fleet:
            async with fleet.api as api:
                sent = asyncio.create_task(flood(api, "/files", "file", **content))
                await asyncio.sleep(chance.uniform(0, LONGEST))
                await fleet.kill(fleet.front)
                early = await sent
            await fleet.start(fleet.front)
            await let_claims_age(fleet)
            async with fleet.api as api:
                late = await flood(api, "/files", "file", **content)
                assert_one([*early, *late], 201)
                assert await total(api, "files") == 1


async def killed_during(
    fleet: Fleet, moment: float, api: httpx2.AsyncClient, key: str, body: dict[str, Any]
) -> list[httpx2.Response]:
    """Send the requests, kill what answers them at that moment, start it again; what was answered before."""
    sent = asyncio.create_task(flood(api, "/tasks", key, json=body))
    await asyncio.sleep(moment)
    await fleet.kill(fleet.front)
    early = await sent
    await fleet.start(fleet.front)
    return early


async def let_claims_age(fleet: Fleet) -> None:
    """Make the crashed process's claims as old as they are a minute later."""
    url = fleet.front.env.get("COPYDESK_DATABASE_URL")
    local = f"sqlite+aiosqlite:///{fleet.front.env['COPYDESK_DATA_DIR']}/copydesk.sqlite"
    database = Database(f"postgresql+psycopg://{url.partition('://')[2]}" if url else local)
    async with database.write() as connection:
        aged = update(idempotency_keys).where(idempotency_keys.c.status.is_(None))
        await connection.execute(aged.values(created_at=now() - timedelta(seconds=61)))
    await database.close()


def assert_paid_once(fleet: Fleet) -> None:
    """Check that the endpoint saw each call once."""
    finished, in_flight = fleet.repeated()
    assert (finished, in_flight) == ([], [])

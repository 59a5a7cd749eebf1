"""Idempotency-Key: the same request again gets the first answer again."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import update
from support.api import Api, Caller, ScriptedReader, build_services, running

from copydesk.domain.clock import now
from copydesk.domain.task import TaskStatus
from copydesk.errors import Conflict, ReadError
from copydesk.services.replay import content_digest
from copydesk.store import idempotency
from copydesk.store.database import Database
from copydesk.store.schema import idempotency_keys

BODY = {"user_prompt": "Explain the Keeling Curve."}
JSON = {"Content-Type": "application/json"}
DATA = b"Air on Mauna Loa."


def keyed(key: str = "key-1", **headers: str) -> dict[str, Any]:
    """Request options with an Idempotency-Key."""
    return {"headers": {"Idempotency-Key": key, **headers}}


def assert_replayed(first: httpx2.Response, again: httpx2.Response) -> None:
    """Check that the second answer is the first, byte for byte."""
    assert first.status_code == again.status_code
    assert first.content == again.content
    assert first.headers["location"] == again.headers["location"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"


async def test_create_is_replayed_when_content_is_the_same_as_parsed(api: Api) -> None:
    """White space, member order and escapes make no difference; the answer is the first one's bytes."""
    acme = await api.caller()
    first = await acme.post("/tasks", content=b'{"user_prompt":"a\xc3\xa9","min_words":500}', **keyed(**JSON))
    await api.finish(first.json()["task_id"], TaskStatus.FAILED)
    again = await acme.post("/tasks", content=b' {"min_words": 500, "user_prompt": "a\\u00e9"}', **keyed(**JSON))
    assert_replayed(first, again)
    assert again.json()["status"] == "pending"
    assert (await acme.get("/tasks")).json()["total"] == 1
    assert len(api.queue.enqueued) == 1


@pytest.mark.parametrize("other", [{"user_prompt": "Else."}, {**BODY, "min_words": 500}, {**BODY, "min_words": None}])
async def test_create_conflicts_when_content_differs(api: Api, other: dict[str, Any]) -> None:
    """Other content under the same key is a 409 and creates nothing."""
    acme = await api.caller()
    await acme.post("/tasks", json=BODY, **keyed())
    response = await acme.post("/tasks", json=other, **keyed())
    assert (response.status_code, response.json()["code"]) == (409, "CONFLICT")
    assert (await acme.get("/tasks")).json()["total"] == 1


async def test_key_belongs_to_account_when_two_use_the_same(api: Api) -> None:
    """Accounts do not meet in a key; two keys of one account do."""
    acme, second_key, globex = await api.caller("acme"), await api.caller("acme"), await api.caller("globex")
    first = await acme.post("/tasks", json=BODY, **keyed())
    assert_replayed(first, await second_key.post("/tasks", json=BODY, **keyed()))
    assert (await globex.post("/tasks", json=BODY, **keyed())).json()["task_id"] != first.json()["task_id"]


@pytest.mark.parametrize("key", ["x", "~" * 255, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}"])
async def test_key_is_accepted_when_inside_its_rule(api: Api, key: str) -> None:
    """1 to 255 visible ASCII characters are a key."""
    acme = await api.caller()
    assert_replayed(
        await acme.post("/tasks", json=BODY, **keyed(key)), await acme.post("/tasks", json=BODY, **keyed(key))
    )


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "a\tb", "\xe9", "\x7f"])
async def test_key_is_refused_when_outside_its_rule(api: Api, key: str) -> None:
    """Anything else is a 422 that names the header."""
    acme = await api.caller()
    headers = [
        (b"Idempotency-Key", key.encode("latin-1")),
        (b"X-API-Key", acme.secret.encode()),
        (b"Content-Type", b"application/json"),
    ]
    response = await api.client.post("/api/v1/tasks", content=b'{"user_prompt": "x"}', headers=headers)
    assert response.status_code == 422
    assert response.json()["details"][0]["field"] == "Idempotency-Key"


async def test_error_is_not_kept_when_first_request_fails(database: Database) -> None:
    """Only successes are kept: after a 422 and a 429 the key is free."""
    async with running(database, max_active_tasks=1) as api:
        acme = await api.caller()
        assert (await acme.post("/tasks", json={"user_prompt": ""}, **keyed())).status_code == 422
        running_task = await acme.create_task()
        assert (await acme.post("/tasks", json=BODY, **keyed())).status_code == 429
        await acme.delete(f"/tasks/{running_task['task_id']}")
        first = await acme.post("/tasks", json=BODY, **keyed())
        assert first.status_code == 202
        assert_replayed(first, await acme.post("/tasks", json=BODY, **keyed()))


async def test_one_task_is_made_when_many_post_the_same_at_once(api: Api) -> None:
    """Ten parallel requests with one key make one task and get one answer."""
    acme = await api.caller()
    answers = await asyncio.gather(*(acme.post("/tasks", json=BODY, **keyed()) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert (await acme.get("/tasks")).json()["total"] == 1


async def test_answer_is_forgotten_when_a_day_has_passed(api: Api) -> None:
    """After 24 h the key is free, and old keys of the account are gone."""
    acme = await api.caller()
    first = await acme.post("/tasks", json=BODY, **keyed())
    await acme.post("/tasks", json=BODY, **keyed("key-2"))
    await age(api, timedelta(hours=24))
    later = await acme.post("/tasks", json=BODY, **keyed())
    assert later.json()["task_id"] != first.json()["task_id"]
    async with api.database.read() as connection:
        assert len((await connection.execute(idempotency_keys.select())).all()) == 1


async def test_upload_is_replayed_when_bytes_and_name_are_the_same(api: Api) -> None:
    """An upload is the same by its bytes and its name; the sandbox reads it once."""
    acme = await api.caller()
    first = await acme.upload("a.txt", DATA, **keyed())
    assert_replayed(first, await acme.upload("a.txt", DATA, **keyed()))
    assert api.reader.calls == 1
    for name, data in (("a.txt", DATA + b"!"), ("b.txt", DATA)):
        assert (await acme.upload(name, data, **keyed())).status_code == 409
    assert (await acme.post("/tasks", json=BODY, **keyed())).status_code == 409
    assert (await acme.get("/files")).json()["total"] == 1


async def test_duplicate_waits_when_first_upload_is_in_flight(api: Api) -> None:
    """A duplicate gets the first one's answer as soon as there is one."""
    acme = await api.caller()
    gate = asyncio.Event()
    api.reader.before = gate.wait
    first = asyncio.create_task(_upload(acme))
    await api.reader.started.wait()
    second = asyncio.create_task(_upload(acme))
    await asyncio.sleep(0.25)
    assert not second.done()
    gate.set()
    assert_replayed(await first, await second)
    assert api.reader.calls == 1


async def test_duplicate_conflicts_when_first_upload_takes_too_long(api: Api) -> None:
    """When its patience is over, a duplicate is a 409 that says when to come back."""
    acme = await api.caller()
    gate = asyncio.Event()
    reader = ScriptedReader(before=gate.wait)
    files = build_services(api.database, api.queue, reader, api.settings, patience=0.2).files
    account_id = await api.account_id(acme)

    async def upload() -> Any:
        return await files.upload(account_id=account_id, filename="a.txt", data=DATA, idempotency_key="key-1")

    first = asyncio.create_task(upload())
    await reader.started.wait()
    with pytest.raises(Conflict) as caught:
        await upload()
    assert caught.value.retry_after
    gate.set()
    assert (await first).status == 201


async def test_key_is_free_when_upload_could_not_be_read(api: Api) -> None:
    """A file that cannot be read leaves no claim behind."""
    acme = await api.caller()
    api.reader.error = ReadError("The file is damaged.", reason="damaged")
    assert (await acme.upload("a.txt", DATA, **keyed())).status_code == 422
    api.reader.error = None
    assert (await acme.upload("a.txt", DATA + b"!", **keyed())).status_code == 201


async def test_claim_is_taken_over_when_its_process_has_crashed(api: Api) -> None:
    """A claim that nobody completes blocks for a minute, not for a day; a late first request stores nothing."""
    acme = await api.caller()
    gate = asyncio.Event()
    api.reader.before = gate.wait
    late = asyncio.create_task(_upload(acme))
    await api.reader.started.wait()
    await age(api, timedelta(seconds=61))
    api.reader.before = None
    second = await _upload(acme)
    assert second.status_code == 201
    gate.set()
    assert (await late).status_code == 409
    assert (await acme.get("/files")).json()["total"] == 1
    assert_replayed(second, await _upload(acme))


async def test_task_may_use_key_when_a_crashed_upload_claimed_it(api: Api) -> None:
    """An orphaned claim blocks no other operation either."""
    acme = await api.caller()
    account_id = await api.account_id(acme)
    claim = idempotency.KeyRecord(operation="x", content_sha256="x", answer=None, created_at=now())
    async with api.database.write() as connection:
        await idempotency.claim_key(connection, account_id=account_id, key="key-1", record=claim)
    assert (await acme.post("/tasks", json=BODY, **keyed())).status_code == 409
    await age(api, timedelta(seconds=61))
    assert (await acme.post("/tasks", json=BODY, **keyed())).status_code == 202


async def test_task_conflicts_when_the_same_request_is_in_flight(api: Api) -> None:
    """A claim on the very same request, by a version that works longer, is a 409 that says when to come back."""
    acme = await api.caller()
    claim = idempotency.KeyRecord(
        operation="POST /api/v1/tasks", content_sha256=content_digest(BODY), answer=None, created_at=now()
    )
    async with api.database.write() as connection:
        account_id = await api.account_id(acme)
        await idempotency.claim_key(connection, account_id=account_id, key="key-1", record=claim)
    response = await acme.post("/tasks", json=BODY, **keyed())
    assert response.status_code == 409
    assert response.headers["retry-after"] == "2"


async def age(api: Api, by: timedelta) -> None:
    """Make every key as old as that."""
    async with api.database.write() as connection:
        await connection.execute(update(idempotency_keys).values(created_at=now() - by))


async def _upload(caller: Caller) -> httpx2.Response:
    return await caller.upload("a.txt", DATA, **keyed())

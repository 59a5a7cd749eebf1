"""Keys, accounts and rates."""

import asyncio
from datetime import timedelta

import pytest
from support.api import Api, running

from copydesk.domain.clock import now
from copydesk.errors import ConfigurationError
from copydesk.store.database import Database


async def test_key_opens_when_sent_in_either_header(api: Api) -> None:
    """X-API-Key and a Bearer token are the same key; the scheme's case does not matter."""
    key = await api.key()
    for headers in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}, {"authorization": f"bearer {key}"}):
        assert (await api.client.get("/api/v1/tasks", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": "x"},
        {"X-API-Key": "cd_" + "A" * 43},
        {"X-API-Key": "cd_\xe9"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic Y2Q6eA=="},
        {"Authorization": "Bearer cd_" + "A" * 43},
    ],
)
async def test_key_is_refused_when_missing_or_malformed(api: Api, headers: dict[str, str]) -> None:
    """Without a valid key the answer is 401 with WWW-Authenticate."""
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    response = await api.client.get("/api/v1/tasks", headers=raw)
    assert response.status_code == 401
    assert response.json()["code"] == "UNAUTHORIZED"
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert "x-ratelimit-limit" not in response.headers


async def test_key_is_refused_when_expired_or_revoked(api: Api) -> None:
    """A key opens until it expires or is revoked, by id or prefix, and never again."""
    expired = await api.key(expires_at=now() - timedelta(seconds=1))
    later = await api.key(expires_at=now() + timedelta(hours=1))
    by_id, by_prefix = await api.key(), await api.key()
    access = api.services.access
    found = await access.authenticate(by_id)
    assert [key.key_id for key in await access.revoke_key(found.key_id)] == [found.key_id]
    assert len(await access.revoke_key(by_prefix[:11])) == 1
    assert await access.revoke_key("unknown") == []
    for key, status in ((expired, 401), (by_id, 401), (by_prefix, 401), (later, 200)):
        assert (await api.client.get("/api/v1/tasks", headers={"X-API-Key": key})).status_code == status


async def test_keys_are_listed_when_made_without_their_secrets(api: Api) -> None:
    """The list names accounts and prefixes; a secret stands nowhere, and the hash is not it."""
    secret = await api.key("acme")
    await api.key("acme", read_only=True)
    await api.key("beta")
    listed = await api.services.access.list_keys()
    assert [(key.account_name, key.read_only) for key in listed] == [("acme", False), ("acme", True), ("beta", False)]
    assert len({key.account_id for key in listed}) == 2
    assert listed[0].prefix == secret[:11]
    assert secret not in repr(listed)


async def test_account_is_made_once_when_many_keys_are_created_at_once(api: Api) -> None:
    """Parallel creations of the first keys of an account end in one account."""
    made = await asyncio.gather(*(api.services.access.create_key("acme") for _ in range(8)))
    assert len({key.account_id for key, _ in made}) == 1
    assert len({secret for _, secret in made}) == 8


@pytest.mark.parametrize("name", ["", "  ", "x" * 256, "a\nb", "a\0b"])
async def test_account_is_refused_when_its_name_is_unfit(api: Api, name: str) -> None:
    """An account's name has 1 to 255 printable characters."""
    with pytest.raises(ConfigurationError):
        await api.services.access.create_key(name)


async def test_read_only_key_is_forbidden_when_it_writes(api: Api) -> None:
    """A read-only key reads all and writes nothing."""
    writer, reader = await api.caller(), await api.caller(read_only=True)
    article = await api.article(writer)
    file_id = (await writer.upload()).json()["file_id"]
    for path in ("/tasks", f"/articles/{article.article_id}", f"/files/{file_id}"):
        assert (await reader.get(path)).status_code == 200
    for response in (
        await reader.post("/tasks", json={"user_prompt": "x"}),
        await reader.delete(f"/tasks/{article.task_id}"),
        await reader.patch(f"/articles/{article.article_id}", {"title": "x"}),
        await reader.delete(f"/articles/{article.article_id}"),
        await reader.upload(),
        await reader.delete(f"/files/{file_id}"),
    ):
        assert (response.status_code, response.json()["code"]) == (403, "FORBIDDEN")
    assert (await reader.get(f"/articles/{article.article_id}")).json()["title"] == article.title


async def test_accounts_see_nothing_of_each_other_when_both_have_everything(api: Api) -> None:
    """Both ways: another account's ids answer exactly like unknown ones, and lists hold only one's own."""
    pair = await api.caller("acme"), await api.caller("globex")
    owned = []
    for caller in pair:
        article = await api.article(caller)
        owned.append((article, (await caller.upload()).json()["file_id"]))
    for caller, (article, file_id) in zip(pair, reversed(owned), strict=True):
        unknown = "0199a3c8-7d1e-7c3a-9b52-0f6d1c2e4a11"
        for method, path, wanted in (
            ("GET", "/tasks/{}", article.task_id),
            ("DELETE", "/tasks/{}", article.task_id),
            ("GET", "/tasks/{}/articles", article.task_id),
            ("GET", "/articles/{}", article.article_id),
            ("GET", "/articles/{}/evidence", article.article_id),
            ("GET", "/articles/{}/versions", article.article_id),
            ("DELETE", "/articles/{}", article.article_id),
            ("GET", "/files/{}", file_id),
            ("DELETE", "/files/{}", file_id),
        ):
            foreign = await caller.request(method, path.format(wanted))
            absent = await caller.request(method, path.format(unknown))
            assert foreign.status_code == absent.status_code == 404
            assert foreign.json()["error"].replace(wanted, "") == absent.json()["error"].replace(unknown, "")
        patched = await caller.patch(f"/articles/{article.article_id}", {"title": "stolen"})
        assert (patched.status_code, patched.json()["code"]) == (404, "ARTICLE_NOT_FOUND")
        for noun in ("tasks", "articles", "files"):
            assert (await caller.get(f"/{noun}")).json()["total"] == 1


async def test_rate_is_limited_when_a_key_sends_too_much(database: Database) -> None:
    """REQUESTS_PER_MINUTE counts per key, is told on every answer, and a 429 says when to come back."""
    async with running(database, requests_per_minute=3) as api:
        acme, other = await api.caller(), await api.caller()
        left = []
        for path in ("/tasks", "/tasks/x", "/tasks?limit=0"):
            response = await acme.get(path)
            left.append(response.headers["x-ratelimit-remaining"])
            assert response.headers["x-ratelimit-limit"] == "3"
        refused = await acme.get("/tasks")
        assert left == ["2", "1", "0"]
        assert (refused.status_code, refused.json()["code"]) == (429, "RATE_LIMIT_ERROR")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["x-ratelimit-remaining"] == "0"
        assert (await other.get("/tasks")).status_code == 200
        assert (await api.client.get("/healthz")).status_code == 200

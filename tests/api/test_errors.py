"""The flat error shape, from every layer."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import HTTPException
from fastapi.responses import StreamingResponse
from support.api import Api, Caller, running

from copydesk.store.database import Database

JSON = {"Content-Type": "application/json"}
BODY = b'{"user_prompt": "x"}'


def assert_problem(response: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """Check the shape of an error, and answer it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    answer: dict[str, Any] = response.json()
    assert set(answer) == {"error", "code", "details", "request_id"}
    assert isinstance(answer["error"], str)
    assert answer["error"]
    assert isinstance(answer["details"], list)
    assert answer["code"] == code
    assert answer["request_id"] == response.headers["x-request-id"]
    return answer


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/api", "/api/v1", "/api/v1/", "/api/v1/tasks/", "/api/v2/tasks", "/api/v1/tasks/a/b/c"]
)
async def test_router_answers_not_found_when_path_is_unknown(api: Api, path: str) -> None:
    """An unknown path is NOT_FOUND, with and without a key; nothing is redirected."""
    assert_problem(await api.client.get(path), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/api/v1/tasks", "GET, HEAD, POST"),
        ("OPTIONS", "/api/v1/tasks", "GET, HEAD, POST"),
        ("POST", "/api/v1/tasks/x", "DELETE, GET, HEAD"),
        ("POST", "/api/v1/tasks/x/articles", "GET, HEAD"),
        ("DELETE", "/api/v1/articles", "GET, HEAD"),
        ("PUT", "/api/v1/articles/x", "DELETE, GET, HEAD, PATCH"),
        ("PATCH", "/api/v1/files/x", "DELETE, GET, HEAD"),
        ("POST", "/healthz", "GET, HEAD"),
        ("DELETE", "/docs", "GET, HEAD"),
    ],
)
async def test_router_lists_methods_when_method_is_wrong(api: Api, method: str, path: str, allow: str) -> None:
    """405 names all methods of the path in Allow."""
    response = await api.client.request(method, path)
    assert_problem(response, 405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == allow


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"user_prompt": "x",}',
        b"{'user_prompt': 'x'}",
        b"NaN",
        b"\xff\xfe",
        b"[" * 100000,
        b'{"a": "\x01"}',
        '{"user_prompt": "x"}'.encode("utf-16"),
        b'\xef\xbb\xbf{"user_prompt": "x"}',
        b'{"user_prompt": "\xc3("}',
    ],
)
async def test_create_answers_malformed_when_body_is_no_json(api: Api, body: bytes) -> None:
    """What is not JSON in UTF-8 is a 400."""
    acme = await api.caller()
    assert_problem(await acme.post("/tasks", content=body, headers=JSON), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "", "json"]
)
async def test_create_answers_unsupported_when_type_is_no_json(api: Api, kind: str) -> None:
    """Another media type is a 415."""
    acme = await api.caller()
    assert_problem(await acme.post("/tasks", content=BODY, headers={"Content-Type": kind}), 415, "VALIDATION_ERROR")


async def test_create_answers_unsupported_when_body_is_compressed(api: Api) -> None:
    """A Content-Encoding is not undone, but refused."""
    acme = await api.caller()
    response = await acme.post("/tasks", content=BODY, headers={**JSON, "Content-Encoding": "gzip"})
    assert_problem(response, 415, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
async def test_create_accepts_type_when_it_is_json_in_another_spelling(api: Api, kind: str) -> None:
    """Case and quotes of the media type do not matter."""
    acme = await api.caller()
    assert (await acme.post("/tasks", content=BODY, headers={"Content-Type": kind})).status_code == 202


async def test_create_counts_bytes_when_body_is_at_its_limit(api: Api) -> None:
    """A body of exactly 2 MiB is read; one byte more is a 413."""
    acme = await api.caller()
    inside = BODY + b" " * (2 * 2**20 - len(BODY))
    assert (await acme.post("/tasks", content=inside, headers=JSON)).status_code == 202
    assert_problem(await acme.post("/tasks", content=inside + b" ", headers=JSON), 413, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "path",
    [
        "/tasks?limit=0",
        "/tasks?limit=101",
        "/tasks?limit=ten",
        "/tasks?limit=1.0",
        "/tasks?limit=",
        "/tasks?limit=%201",
        "/tasks?limit=+1",
        "/tasks?limit=1_0",
        "/tasks?limit=%D9%A1",
        "/tasks?limit=true",
        "/tasks?limit=1&limit=1",
        "/tasks?offset=-1",
        "/tasks?offset=2147483648",
        "/tasks?offset=" + "9" * 5_000,
        "/tasks?status=done",
        "/tasks?status=",
        "/tasks?page=1",
        "/tasks?%00=1",
        "/articles?page=0",
        "/articles?page=2147483648",
        "/articles?page_size=0",
        "/articles?page_size=1001",
        "/articles?publication_status=Draft",
        "/articles?limit=1",
        "/files?limit=101",
        "/files?status=pending",
        "/tasks/x?verbose=1",
        "/tasks/x/articles?citations=none",
        "/articles/x?citations=endnotes",
        "/articles/x/versions?page_size=101",
        "/articles/x/evidence?page=1",
        "/files/x?a=b",
    ],
)
async def test_query_is_refused_when_it_breaks_a_rule(api: Api, path: str) -> None:
    """A query parameter outside its rule, unknown, or repeated is a 422 that names it."""
    acme = await api.caller()
    answer = assert_problem(await acme.get(path), 422, "VALIDATION_ERROR")
    assert len(answer["details"]) == 1


async def test_create_refuses_query_when_there_is_one(api: Api) -> None:
    """A POST takes no query parameters either."""
    acme = await api.caller()
    assert_problem(await acme.post("/tasks?dry_run=1", content=BODY, headers=JSON), 422, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "path_id",
    [
        "x",
        "1",
        "%00",
        "%ff",
        "%ED%A0%80",
        "null",
        "' OR 1=1 --",
        "\U0001f600",
        "0199a3c8-7d1e-7c3a-9b52-0f6d1c2e4a11",
        "0199A3C8-7D1E-7C3A-9B52-0F6D1C2E4A11",
        "0199a3c87d1e7c3a9b520f6d1c2e4a11",
        "{0199a3c8-7d1e-7c3a-9b52-0f6d1c2e4a11}",
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "9" * 5_000,
    ],
)
async def test_id_is_not_found_when_it_has_any_shape(api: Api, path_id: str) -> None:
    """A path id of any other shape, or unknown, is that noun's 404."""
    acme = await api.caller()
    for noun, code in (("tasks", "TASK"), ("articles", "ARTICLE"), ("files", "FILE")):
        assert_problem(await acme.get(f"/{noun}/{path_id}"), 404, f"{code}_NOT_FOUND")
        assert_problem(await acme.delete(f"/{noun}/{path_id}"), 404, f"{code}_NOT_FOUND")
    assert_problem(await acme.get(f"/tasks/{path_id}/articles"), 404, "TASK_NOT_FOUND")
    assert_problem(await acme.get(f"/articles/{path_id}/evidence"), 404, "ARTICLE_NOT_FOUND")
    assert_problem(await acme.get(f"/articles/{path_id}/versions"), 404, "ARTICLE_NOT_FOUND")
    assert_problem(await acme.patch(f"/articles/{path_id}", {"title": "x"}), 404, "ARTICLE_NOT_FOUND")


async def test_crash_is_answered_flat_when_a_service_breaks(api: Api) -> None:
    """A defect is an INTERNAL_ERROR in the flat shape, with the request id and without its cause."""

    async def broken() -> None:
        message = "a secret of ours"
        raise RuntimeError(message)

    object.__setattr__(api.services, "ready", broken)
    response = await api.client.get("/readyz", headers={"X-Request-Id": "trace-1"})
    answer = assert_problem(response, 500, "INTERNAL_ERROR")
    assert answer["request_id"] == "trace-1"
    assert "secret" not in response.text


async def test_framework_errors_are_flat_when_a_route_raises_them(database: Database) -> None:
    """What FastAPI itself raises, and a crash after the answer has begun, never shows another shape."""
    async with running(database) as api:
        app = api.app

        async def typed(number: int) -> int:
            return number

        async def teapot() -> None:
            raise HTTPException(418, "short and stout")

        async def breaks_off() -> StreamingResponse:
            async def chunks() -> AsyncIterator[bytes]:
                yield b"begun"
                message = "a defect in the middle"
                raise RuntimeError(message)

            return StreamingResponse(chunks())

        for name, route in (("typed", typed), ("teapot", teapot), ("breaks", breaks_off)):
            app.add_api_route(f"/{name}", route)
        assert_problem(await api.client.get("/typed?number=x"), 422, "VALIDATION_ERROR")
        assert_problem(await api.client.get("/teapot"), 500, "INTERNAL_ERROR")
        with pytest.raises(RuntimeError):
            await api.client.get("/breaks")


@pytest.mark.parametrize(("given", "kept"), [("abc-1.2_3", True), ("x" * 64, True), ("x" * 65, False), ("a b", False)])
async def test_request_id_is_kept_when_it_is_sane(api: Api, given: str, kept: bool) -> None:  # noqa: FBT001 - a table
    """A caller's request id is taken over when it is short and plain, else replaced."""
    answered = (await api.client.get("/healthz", headers={"X-Request-Id": given})).headers["x-request-id"]
    assert (answered == given) is kept
    assert answered


async def test_headers_protect_when_anything_is_answered(api: Api) -> None:
    """Every answer forbids sniffing, framing and caching."""
    acme = await api.caller()
    for response in (await acme.get("/tasks"), await api.client.get("/nothing"), await api.client.get("/healthz")):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]


async def test_head_has_no_body_when_get_has_one(api: Api) -> None:
    """HEAD answers as GET, without the body."""
    get, head = await api.client.get("/healthz"), await api.client.head("/healthz")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


async def test_cors_is_silent_when_no_origin_is_set(api: Api) -> None:
    """Without CORS_ORIGINS no answer allows an origin."""
    response = await api.client.get("/healthz", headers={"Origin": "https://app.example"})
    assert "access-control-allow-origin" not in response.headers


async def test_cors_allows_origin_when_it_is_set(database: Database) -> None:
    """An allowed origin may call and read the headers; another's preflight is refused in the flat shape."""
    preflight = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "X-API-Key, If-Match"}
    async with running(database, cors_origins="https://app.example") as api:
        allowed = await api.client.options("/api/v1/tasks", headers={"Origin": "https://app.example", **preflight})
        refused = await api.client.options("/api/v1/tasks", headers={"Origin": "https://evil.example", **preflight})
        failed = await api.client.get("/api/v1/tasks", headers={"Origin": "https://app.example"})
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == "https://app.example"
    assert_problem(refused, 400, "VALIDATION_ERROR")
    assert "access-control-allow-origin" not in refused.headers
    assert_problem(failed, 401, "UNAUTHORIZED")
    assert failed.headers["access-control-allow-origin"] == "https://app.example"
    assert "X-Request-Id" in failed.headers["access-control-expose-headers"]


async def test_errors_are_alike_when_a_caller_has_no_key(api: Api) -> None:
    """Without a key nothing is told but that: neither a broken body nor an unknown id."""
    nobody = Caller(client=api.client, secret="")
    for response in (
        await nobody.post("/tasks", content=b"{", headers=JSON),
        await nobody.get("/tasks/x?unknown=1"),
        await nobody.get("/tasks?limit=0"),
        await nobody.upload(),
    ):
        assert_problem(response, 401, "UNAUTHORIZED")

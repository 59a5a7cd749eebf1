"""What only a real connection shows: chunked bodies, early answers, kept connections."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
from support.serving import serving_api

from copydesk.store.database import Database

BODY = b'{"user_prompt": "Explain the Keeling Curve."}'


@pytest_asyncio.fixture
async def server(database: Database) -> AsyncIterator[tuple[int, str]]:
    """Port and key of a running server."""
    async with serving_api(database) as found:
        yield found


async def test_body_is_read_when_chunked(server: tuple[int, str]) -> None:
    """A body without Content-Length is read chunk by chunk."""
    port, key = server
    head = _head("POST /api/v1/tasks", key, "Transfer-Encoding: chunked", "Connection: close")
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:10], BODY[10:])) + b"0\r\n\r\n"
    status, answer = await _exchange(port, head + chunks)
    assert (status, answer["status"]) == (202, "pending")


@pytest.mark.parametrize(("path", "limit"), [("/api/v1/tasks", 2 * 2**20), ("/api/v1/files", 25_000_000)])
async def test_body_is_refused_when_chunks_pass_the_limit(server: tuple[int, str], path: str, limit: int) -> None:
    """A body that does not say its length is a 413, also for a client that looks only when it has sent all."""
    port, key = server
    kind = "application/json" if path.endswith("tasks") else "multipart/form-data; boundary=x"

    async def long() -> AsyncIterator[bytes]:
        yield b"--x\r\nContent-Disposition: form-data; name=file; filename=a.txt\r\n\r\n" if "files" in path else b" "
        for _ in range(2 * limit // 65_536):
            yield b" " * 65_536

    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        response = await client.post(path, content=long(), headers={"X-API-Key": key, "Content-Type": kind})
    assert (response.status_code, response.json()["code"]) == (413, "VALIDATION_ERROR")


async def test_body_is_cut_when_it_never_ends(server: tuple[int, str]) -> None:
    """A body without end is not read without end."""
    port, key = server
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1_048_576
            yield b" " * 1_048_576

    headers = {"X-API-Key": key, "Content-Type": "application/json"}
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        try:
            response = await client.post("/api/v1/tasks", content=endless(), headers=headers)
        except httpx2.NetworkError:
            pass  # closed while we were still sending
        else:
            assert response.status_code == 413
    assert sent < 200 * 2**20


async def test_body_is_refused_unread_when_its_length_is_told(server: tuple[int, str]) -> None:
    """A Content-Length over the limit is a 413 before any byte of the body."""
    port, key = server
    status, answer = await _exchange(
        port, _head("POST /api/v1/tasks", key, "Content-Length: 2097153", "Expect: 100-continue")
    )
    assert (status, answer["code"]) == (413, "VALIDATION_ERROR")
    status, answer = await _exchange(
        port, _head("POST /api/v1/files", key, "Content-Length: 30000000", "Expect: 100-continue")
    )
    assert (status, answer["code"]) == (413, "VALIDATION_ERROR")


async def test_connection_is_kept_when_answers_are_errors(server: tuple[int, str]) -> None:
    """Errors of every kind leave the connection usable."""
    port, key = server
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"X-API-Key": key}) as client:
        for method, path, content, status in (
            ("POST", "/api/v1/tasks", b"{", 415),
            ("PUT", "/api/v1/tasks", b"x" * 100_000, 405),
            ("POST", "/nothing", b"x" * 100_000, 404),
            ("GET", "/api/v1/tasks/%00", None, 404),
            ("GET", "/api/v1/tasks/%2e%2e", None, 404),
            ("HEAD", "/api/v1/tasks", None, 200),
            ("GET", "/api/v1/tasks", None, 200),
        ):
            response = await client.request(method, path, content=content)
            assert response.status_code == status
            assert response.headers["x-request-id"]


def _head(line: str, key: str, *headers: str) -> bytes:
    lines = [f"{line} HTTP/1.1", "Host: copydesk.test", f"X-API-Key: {key}", *headers]
    kind = "multipart/form-data; boundary=x" if "files" in line else "application/json"
    return "\r\n".join([*lines, f"Content-Type: {kind}", "", ""]).encode()


async def _exchange(port: int, request: bytes) -> tuple[int, dict[str, str | None]]:
    """Send bytes and read the answer until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(), timeout=10)
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    return status, json.loads(body) if body.startswith(b"{") else {"code": None}

"""Real HTTP servers on loopback, each answer written byte by byte as the test wants it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

from copydesk.settings import AllowedRange

CERTIFICATE = Path(__file__).with_name(
    "site.test.pem"
)  # made for tests: key and self-signed certificate, valid to 2120
LOOPBACK = (AllowedRange(ip_network("127.0.0.1/32"), None),)  # 127.0.0.2 stays closed

Handler = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request as it arrived."""

    target: str
    headers: Mapping[str, str]  # by lower-case name
    method: str = "GET"
    body: bytes = b""


@dataclass(kw_only=True)
class LocalServer:
    """A running server."""

    host: str
    port: int
    requests: list[Received] = field(default_factory=list)
    server_names: list[str | None] = field(default_factory=list)  # by TLS SNI

    def url(self, path: str = "/", *, host: str | None = None, scheme: str = "http") -> str:
        """An address on this server, by its own or another host name."""
        return f"{scheme}://{host or self.host}:{self.port}{path}"


def answer(
    body: bytes = b"<html><p>Hello.</p></html>",
    *,
    status: int = 200,
    content_type: str | None = "text/html; charset=utf-8",
    headers: Sequence[tuple[str, str]] = (),
) -> bytes:
    """A complete answer with its length."""
    lines = [f"HTTP/1.1 {status} {_phrase(status)}", f"Content-Length: {len(body)}"]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def redirect(location: str, status: int = 302) -> bytes:
    """An answer that sends elsewhere."""
    return answer(b"", status=status, content_type=None, headers=[("Location", location)])


def _phrase(status: int) -> str:
    with suppress(ValueError):
        return HTTPStatus(status).phrase
    return "Odd"


@asynccontextmanager
async def serve(
    routes: Mapping[str, bytes | Handler], *, host: str = "127.0.0.1", port: int = 0, tls: bool = False
) -> AsyncIterator[LocalServer]:
    """Serve `routes` by path (without query), 404 elsewhere; a handler writes its answer itself."""
    running: set[asyncio.Task[None]] = set()
    local = LocalServer(host=host, port=port)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await _answer(reader, writer, routes, local)
        running.discard(task)
        writer.close()

    server = await asyncio.start_server(handle, host, port, ssl=_server_context(local) if tls else None)
    local.port = server.sockets[0].getsockname()[1]
    try:
        yield local
    finally:
        server.close()
        for task in tuple(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await server.wait_closed()


async def _answer(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    routes: Mapping[str, bytes | Handler],
    local: LocalServer,
) -> None:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, target, _ = lines[0].split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    local.requests.append(Received(target=target, headers=headers, method=method, body=body))
    route = routes.get(target.partition("?")[0], answer(b"nothing here", status=404))
    if isinstance(route, bytes):
        writer.write(route)
    else:
        await route(writer)
    await writer.drain()


def _server_context(local: LocalServer) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    def note(_socket: ssl.SSLObject | ssl.SSLSocket, name: str | None, _context: ssl.SSLContext) -> None:
        local.server_names.append(name)

    context.sni_callback = note
    return context


def client_context() -> ssl.SSLContext:
    """A context that trusts the test certificate alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(CERTIFICATE)
    return context


@dataclass(kw_only=True)
class ScriptedResolver:
    """Answers names from a script, one list of addresses after another; the last one stays."""

    script: Mapping[str, Sequence[Sequence[str]]]
    asked: list[str] = field(default_factory=list)
    delay: float = 0.0  # seconds before each answer

    async def resolve(self, host: str, port: int) -> Sequence[IPv4Address | IPv6Address]:
        """The next answer for `host`; OSError for a name that is not in the script."""
        assert port > 0
        await asyncio.sleep(self.delay)
        if host not in self.script:
            raise OSError(-2, "Name or service not known")
        answers = self.script[host]
        turn = min(self.asked.count(host), len(answers) - 1)
        self.asked.append(host)
        return [ip_address(text) for text in answers[turn]]

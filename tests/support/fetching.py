"""Fetchers for tests and what they are expected to refuse."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import pytest
from support.servers import LOOPBACK, LocalServer, Received, client_context

from copydesk.errors import FetchError
from copydesk.outbound.addresses import Resolver
from copydesk.outbound.fetch import Fetcher
from copydesk.settings import AllowedRange

MIB = 1024 * 1024


def fetcher(
    *,
    allow: Sequence[AllowedRange] = LOOPBACK,
    seconds: float = 10,
    max_bytes: int = MIB,
    contact: str | None = "mailto:desk@site.test",
    proxy: str | None = None,
    resolver: Resolver | None = None,
) -> AbstractAsyncContextManager[Fetcher]:
    """A fetcher that may reach 127.0.0.1 on every port, and trusts the test certificate."""
    return Fetcher(
        allow=allow,
        seconds=seconds,
        max_bytes=max_bytes,
        contact=contact,
        proxy=proxy,
        resolver=resolver,
        ssl_context=client_context(),
    )


async def refused(url: str, reason: str, message: str, *, by: AbstractAsyncContextManager[Fetcher]) -> FetchError:
    """Fetch `url`, expecting `reason` and a sentence that matches the pattern `message`."""
    async with by as instance:
        with pytest.raises(FetchError, match=message) as caught:
            await instance.fetch(url)
    assert caught.value.reason == reason
    assert caught.value.message.endswith(".")
    return caught.value


@asynccontextmanager
async def tunnelling(to: LocalServer) -> AsyncIterator[LocalServer]:
    """An HTTP proxy that tunnels every CONNECT to one server, whatever it was asked for."""
    running: set[asyncio.Task[None]] = set()
    proxy = LocalServer(host="127.0.0.1", port=0)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)}
        method, target, _ = lines[0].split(" ")
        proxy.requests.append(Received(target=target, headers=headers, method=method))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        there, back = await asyncio.open_connection(to.host, to.port)
        await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
        running.discard(task)

    async with await asyncio.start_server(handle, proxy.host, 0) as server:
        proxy.port = server.sockets[0].getsockname()[1]
        yield proxy
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
    finally:
        writer.transport.abort()

"""The library's own network, with one leak mended."""

import ssl
from collections.abc import Iterable
from contextlib import AsyncExitStack
from typing import Any

import httpcore2


class PlainBackend(httpcore2.AsyncNetworkBackend):
    """Opens connections without any check; those closed in the middle of a TLS handshake are closed for good."""

    def __init__(self) -> None:
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to `host`.

        Raises:
            httpcore2.ConnectError, httpcore2.ConnectTimeout: It does not answer.
        """
        return _Stream(await self._inner.connect_tcp(host.strip("[]"), port, timeout, local_address, socket_options))


class _Stream(httpcore2.AsyncNetworkStream):
    """A connection that is closed when its handshake is cancelled: the library closes it on errors only."""

    def __init__(self, inner: httpcore2.AsyncNetworkStream) -> None:
        self._inner = inner

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - likewise
        return await self._inner.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - likewise
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - likewise
    ) -> httpcore2.AsyncNetworkStream:
        async with AsyncExitStack() as on_failure:
            on_failure.push_async_callback(self._inner.aclose)
            encrypted = await self._inner.start_tls(ssl_context, server_hostname, timeout)
            on_failure.pop_all()
            return encrypted

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

"""One request and its answer, within limits: no cookies, no proxies, no redirects, nothing logged."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpcore2
from ada_url import URL

from copydesk.domain.links import port_of
from copydesk.domain.source import Disposition
from copydesk.errors import FetchError
from copydesk.outbound.failures import translated
from copydesk.outbound.inflate import ACCEPT_ENCODING, Inflater

MAX_HEADER_BYTES = 64 * 1024
MAX_RATIO = 200  # times that content may grow: prose grows 3 to 10 times, repetitive tables up to about 100
RATIO_FROM_BYTES = 1024 * 1024  # below this size growth harms nobody


class Answer:
    """Status and headers of an answer whose body has not been read yet."""

    def __init__(self, response: httpcore2.Response, host: str) -> None:
        self.status = response.status
        self.host = host  # for sentences
        self.headers = _headers(response.headers)
        self._response = response

    async def read(self, max_bytes: int) -> bytes:
        """Read and decompress the body.

        Raises:
            FetchError: `too_large` over `max_bytes` before or after decompression, or for growing more than
                `MAX_RATIO` times; `unsupported` for an unknown compression; `unreachable` if it is cut or damaged.
        """
        if int(self.headers.get("content-length", "0")) > max_bytes:
            raise self._too_large(max_bytes)
        body = await self._receive(max_bytes)
        if body is None:
            raise self._too_large(max_bytes)
        return body

    async def read_start(self, max_bytes: int) -> bytes:
        """Read and decompress the body's first `max_bytes`, and leave the rest.

        Raises:
            FetchError: As `read`, but not for the size of the body.
        """
        body = bytearray()
        await self._receive(max_bytes, body)
        return bytes(body[:max_bytes])

    async def _receive(self, max_bytes: int, body: bytearray | None = None) -> bytes | None:
        """Fill `body` until it is complete; None if it grows over `max_bytes`, packed or unpacked."""
        body = bytearray() if body is None else body
        inflater = Inflater(self.headers.get("content-encoding", ""), self.host)
        received = 0
        with translated(self.host):
            async for chunk in self._response.aiter_stream():
                received += len(chunk)
                if received > max_bytes:
                    return None
                for piece in inflater.feed(chunk):
                    body += piece
                    if len(body) > max_bytes:
                        return None
                    self._check_growth(len(body), received)
        if received and not inflater.finished:
            msg = f"{self.host} sent a page that is cut off."
            raise FetchError(msg, reason=Disposition.UNREACHABLE)
        return bytes(body)

    def _check_growth(self, size: int, received: int) -> None:
        if size > RATIO_FROM_BYTES and size > MAX_RATIO * received:
            msg = f"{self.host} sent a page that grows more than {MAX_RATIO} times when it is decompressed."
            raise FetchError(msg, reason=Disposition.TOO_LARGE)

    def _too_large(self, max_bytes: int) -> FetchError:
        mebibytes = f"{max_bytes / 1024 / 1024:.3g}"
        return FetchError(f"{self.host} sent more than {mebibytes} MiB.", reason=Disposition.TOO_LARGE)


@asynccontextmanager
async def exchange(
    pool: httpcore2.AsyncConnectionPool, url: URL, headers: Mapping[str, str], *, posted: bytes | None = None
) -> AsyncIterator[Answer]:
    """GET `url`, or POST to it what is `posted`, and yield the answer, its body unread.

    Raises:
        FetchError: `unreachable` if no answer comes, `too_large` for its headers, and what the pool's network raises.
    """
    host = url.hostname.strip("[]")
    target = httpcore2.URL(
        scheme=url.protocol.removesuffix(":").encode(),
        host=url.hostname.encode(),  # an IPv6 address with its brackets, as a proxy must see it
        port=port_of(url),
        target=f"{url.pathname}{url.search}".encode(),
    )
    named = {"sni_hostname": host}  # TLS knows names and addresses, but no brackets
    sent = [("Host", url.host), *headers.items(), ("Accept-Encoding", ACCEPT_ENCODING)]
    with translated(host):
        method = "GET" if posted is None else "POST"
        async with pool.stream(method, target, headers=sent, content=posted, extensions=named) as response:
            if sum(len(name) + len(value) for name, value in response.headers) > MAX_HEADER_BYTES:
                msg = f"{host} sent more headers than are read."
                raise FetchError(msg, reason=Disposition.TOO_LARGE)
            yield Answer(response, host)


def _headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name; of a repeated one the first, but every coding of the content."""
    headers: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), _text(value)
        if key == "content-encoding" and headers.get(key):
            text = f"{headers.pop(key)}, {text}"
        headers.setdefault(key, text)
    return headers


def _text(value: bytes) -> str:
    """Header bytes as text: UTF-8, as many servers send in `Location`, else Latin-1, which fits any bytes."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")

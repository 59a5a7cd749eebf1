"""One request and its answer, within limits: no cookies, no proxies, no redirects, nothing logged."""

import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager

import httpcore2
from ada_url import URL

from copydesk.domain.links import port_of
from copydesk.domain.source import Disposition
from copydesk.errors import FetchError
from copydesk.outbound.failures import translated

MAX_HEADER_BYTES = 64 * 1024
MAX_RATIO = 200  # times that content may grow: prose grows 3 to 10 times, repetitive tables up to about 100
RATIO_FROM_BYTES = 1024 * 1024  # below this size growth harms nobody
_PIECE_BYTES = 256 * 1024  # decompressed at a time
ACCEPT_ENCODING = "gzip, deflate"  # what Inflater reads

_ENGINES = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


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
        inflater = Inflater(self.headers.get("content-encoding", ""), self.host)
        body = bytearray()
        received = 0
        with translated(self.host):
            async for chunk in self._response.aiter_stream():
                received += len(chunk)
                if received > max_bytes:
                    raise self._too_large(max_bytes)
                for piece in inflater.feed(chunk):
                    body += piece
                    self._check_growth(len(body), received, max_bytes)
        if received and not inflater.finished:
            msg = f"{self.host} sent a page that is cut off."
            raise FetchError(msg, reason=Disposition.UNREACHABLE)
        return bytes(body)

    def _check_growth(self, size: int, received: int, max_bytes: int) -> None:
        if size > max_bytes:
            raise self._too_large(max_bytes)
        if size > RATIO_FROM_BYTES and size > MAX_RATIO * received:
            msg = f"{self.host} sent a page that grows more than {MAX_RATIO} times when it is decompressed."
            raise FetchError(msg, reason=Disposition.TOO_LARGE)

    def _too_large(self, max_bytes: int) -> FetchError:
        mebibytes = f"{max_bytes / 1024 / 1024:.3g}"
        return FetchError(f"{self.host} sent more than {mebibytes} MiB.", reason=Disposition.TOO_LARGE)


class Inflater:
    """Decompresses one content coding piece by piece, so that a small input cannot fill the memory.

    Several codings on top of one another are refused: no honest site sends them, and each multiplies the work
    that one byte can cause. What follows the end of the compressed data is ignored.
    """

    def __init__(self, coding: str, host: str) -> None:
        self._coding = coding.strip().lower().removeprefix("identity")
        self._host = host
        self._engine: zlib._Decompress | None = None
        if self._coding and self._coding not in _ENGINES:
            msg = f"{host} sent a page with a compression ({self._coding[:40]}) that is not read."
            raise FetchError(msg, reason=Disposition.UNSUPPORTED)

    @property
    def finished(self) -> bool:
        """Whether the data is complete, as far as its coding can tell."""
        return not self._coding or (self._engine is not None and self._engine.eof)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decompress `data`, at most `_PIECE_BYTES` at a time.

        Raises:
            FetchError: `unreachable` if it is damaged.
        """
        if not self._coding:
            yield data
            return
        if self._engine is None:
            self._engine = zlib.decompressobj(self._window(data))
        try:
            while data and not self._engine.eof:
                yield self._engine.decompress(data, _PIECE_BYTES)
                data = self._engine.unconsumed_tail
        except zlib.error as error:
            msg = f"{self._host} sent a page whose compression is damaged."
            raise FetchError(msg, reason=Disposition.UNREACHABLE) from error

    def _window(self, data: bytes) -> int:
        # "deflate" means zlib's format (RFC 9110, 8.4.1.2); some servers send the raw one, whose first byte differs.
        raw = self._coding == "deflate" and data[0] & 0x0F != zlib.DEFLATED
        return -zlib.MAX_WBITS if raw else _ENGINES[self._coding]


@asynccontextmanager
async def exchange(pool: httpcore2.AsyncConnectionPool, url: URL, headers: Mapping[str, str]) -> AsyncIterator[Answer]:
    """GET `url` and yield the answer, its body unread.

    Raises:
        FetchError: `unreachable` if no answer comes, `too_large` for its headers, and what the pool's network raises.
    """
    host = url.hostname.strip("[]")
    target = httpcore2.URL(
        scheme=url.protocol.removesuffix(":").encode(),
        host=host.encode(),
        port=port_of(url),
        target=f"{url.pathname}{url.search}".encode(),
    )
    sent = [("Host", url.host), *headers.items(), ("Accept-Encoding", ACCEPT_ENCODING)]
    with translated(host):
        async with pool.stream("GET", target, headers=sent) as response:
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

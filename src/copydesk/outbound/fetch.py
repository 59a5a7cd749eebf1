"""Pages and files from addresses that a user, a page or a search result supplied."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from http import HTTPStatus
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import unquote

import httpcore2
from ada_url import URL

from copydesk.domain.clock import now
from copydesk.domain.links import check_link, port_of
from copydesk.domain.page import Page
from copydesk.domain.source import Disposition
from copydesk.errors import FetchError
from copydesk.outbound import content
from copydesk.outbound.addresses import CheckedBackend, Resolver, SystemResolver
from copydesk.outbound.agent import user_agent
from copydesk.outbound.exchange import Answer, exchange
from copydesk.outbound.network import PlainBackend
from copydesk.outbound.robots import MAX_ROBOTS_BYTES, RobotsFile
from copydesk.outbound.turns import HostTurns
from copydesk.settings import AllowedRange

MAX_REDIRECTS = 5
_MAX_CONNECTIONS = 128  # at the same time, over all tasks of the process
_REDIRECTS = (301, 302, 303, 307, 308)  # RFC 9110, 15.4
_MAX_VALIDATOR = 1_024  # characters of an ETag or date that is kept

_Taken = TypeVar("_Taken")


Gate = Callable[[str], Awaitable[float]]
"""Asked before each request of a fetch, redirects included: answers the seconds to leave between two requests to the
host, or raises FetchError if the address should not be asked for."""


class Fetcher:
    """Fetches untrusted addresses: public ones only, within limits of time and size.

    Each name is resolved once, all of its addresses are checked, and the connection goes to one of them; a redirect
    is checked like a new address. No cookie is kept, no proxy of the environment is used.

    Args:
        allow: Ranges that may be fetched although they are not public, on any port or their own.
        seconds: Time one fetch may take in all, redirects included, the waiting for its turn at a host not.
        max_bytes: Size a body may have, before and after decompression.
        contact: What the user agent gives site owners to complain to.
        proxy: An HTTP proxy for everything outside of `allow`, as `http://user:password@host:port`. Names are checked
            before it is asked, but it resolves them itself, so it must refuse private addresses too.
        resolver: Looks names up; the system's by default.
        ssl_context: Which certificates are trusted; the system's by default.
    """

    def __init__(
        self,
        *,
        allow: Sequence[AllowedRange],
        seconds: float,
        max_bytes: int,
        contact: str | None,
        proxy: str | None = None,
        resolver: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._allow = tuple(allow)
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._headers = {"User-Agent": user_agent(contact), "Accept": content.ACCEPT}
        self._backend = CheckedBackend(allow=self._allow, resolver=resolver or SystemResolver())
        self._turns = HostTurns()
        trust = ssl_context or httpcore2.default_ssl_context()
        self._pool = _pool(self._backend, trust)
        self._proxied = None if proxy is None else _pool(PlainBackend(), trust, proxy=_proxy(proxy))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()
        if self._proxied is not None:
            await self._proxied.aclose()

    async def fetch(self, url: str, *, known: Page | None = None, gate: Gate | None = None) -> Page:
        """Read what stands at `url`.

        Args:
            url: A web address.
            known: What it answered earlier: sent again only if it has changed, else answered as of now.
            gate: Asked before each request; with it, requests also wait for their turn at the host.

        Raises:
            FetchError: `blocked` (the address, a redirect's, or the port is not allowed), `unreachable` (name,
                connection, TLS, time, status 400 and above, redirects without end), `too_large`, `unsupported` (no
                reader reads it), `empty`; and what `gate` raises.
        """

        async def take(target: URL, answer: Answer) -> Page:
            if known is not None and answer.status == HTTPStatus.NOT_MODIFIED and target.href == known.final_url:
                return replace(known, url=url.strip(), fetched_at=now(), keepable=_keepable(answer))
            return await self._page(url.strip(), target, answer)

        return await self._follow(self.check(url), take, seconds=self._seconds, known=known, gate=gate)

    async def fetch_robots(self, url: str, *, seconds: float) -> RobotsFile:
        """Read the robots.txt at `url` whatever its type; of a long one the start.

        Raises:
            FetchError: As `fetch`, but no status is an error.
        """

        async def take(_target: URL, answer: Answer) -> RobotsFile:
            good = HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES
            body = await answer.read_start(MAX_ROBOTS_BYTES) if good else b""
            return RobotsFile(status=answer.status, body=body)

        return await self._follow(self.check(url), take, seconds=seconds)

    def check(self, url: str) -> URL:
        """The address that a link means, if its spelling alone does not forbid it.

        Raises:
            FetchError: `blocked`.
        """
        return self._checked(url, "The link may not be fetched")

    async def _follow(
        self,
        target: URL,
        take: Callable[[URL, Answer], Awaitable[_Taken]],
        *,
        seconds: float,
        known: Page | None = None,
        gate: Gate | None = None,
    ) -> _Taken:
        """Ask, and follow redirects, until an answer can be taken."""
        left = seconds
        seen: list[str] = []
        while len(seen) <= MAX_REDIRECTS:
            if target.href in seen:
                msg = f"{target.hostname} redirects in a circle."
                raise FetchError(msg, reason=Disposition.UNREACHABLE)
            seen.append(target.href)
            async with self._turn(target, gate), _in_time(left, target, seconds) as begun:
                async with exchange(await self._route(target), target, self._sent(target, known)) as answer:
                    if answer.status not in _REDIRECTS:
                        return await take(target, answer)
                    target = self._redirect(target, answer)
                left -= asyncio.get_running_loop().time() - begun
        msg = f"{target.hostname} redirects more than {MAX_REDIRECTS} times."
        raise FetchError(msg, reason=Disposition.UNREACHABLE)

    @asynccontextmanager
    async def _turn(self, target: URL, gate: Gate | None) -> AsyncIterator[None]:
        """What good manners ask for before a request; nothing without a gate."""
        if gate is None:
            yield
            return
        pause = await gate(target.href)
        host = target.hostname
        if pause and await self._backend.is_inside(host, port_of(target)):
            pause = 0.0  # the operator's own network
        async with self._turns.turn(host, pause=pause):
            yield

    async def _route(self, target: URL) -> httpcore2.AsyncConnectionPool:
        """The way to `target`: through the proxy, if there is one, unless it lies in the operator's ranges."""
        if self._proxied is None:
            return self._pool
        host, port = target.hostname, port_of(target)
        await self._backend.checked(host, port)
        return self._pool if await self._backend.is_inside(host, port) else self._proxied

    def _sent(self, target: URL, known: Page | None) -> dict[str, str]:
        """The request's headers; the validators only to where they came from."""
        if known is None or target.href != known.final_url:
            return self._headers
        validators = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
        return self._headers | {name: value for name, value in validators.items() if value}

    async def _page(self, asked: str, target: URL, answer: Answer) -> Page:
        _check_status(answer)
        header = answer.headers.get("content-type", "")
        declared = content.declared_type(header)
        content.check_readable(declared, answer.host)
        body = await answer.read(self._max_bytes)
        if not body.strip():
            msg = f"{answer.host} sent an empty page."
            raise FetchError(msg, reason=Disposition.EMPTY)
        return Page(
            url=asked,
            final_url=target.href,
            status=answer.status,
            content_type=content.decide_type(declared, target.pathname, body, answer.host),
            charset=content.declared_charset(header),
            body=body,
            fetched_at=now(),
            etag=_validator(answer, "etag"),
            last_modified=_validator(answer, "last-modified"),
            keepable=_keepable(answer),
        )

    def _redirect(self, source: URL, answer: Answer) -> URL:
        location = answer.headers.get("location", "").strip()
        if not location:
            msg = f"{answer.host} redirects without saying where to."
            raise FetchError(msg, reason=Disposition.UNREACHABLE)
        try:
            joined = URL(location, base=source.href).href
        except ValueError as error:
            msg = f"{answer.host} redirects to something that is not an address."
            raise FetchError(msg, reason=Disposition.UNREACHABLE) from error
        return self._checked(joined, f"{answer.host} redirects to where nothing may be fetched")

    def _checked(self, url: str, outcome: str) -> URL:
        """The address that `url` means, without its fragment and the dot that ends a rooted name."""
        try:
            target = URL(check_link(url, self._allow))
        except ValueError as error:
            msg = f"{outcome}: {error}"
            raise FetchError(msg, reason=Disposition.BLOCKED) from error
        target.hash = ""
        target.hostname = target.hostname.rstrip(".")
        return target


def _pool(
    backend: httpcore2.AsyncNetworkBackend, trust: ssl.SSLContext, *, proxy: httpcore2.Proxy | None = None
) -> httpcore2.AsyncConnectionPool:
    return httpcore2.AsyncConnectionPool(
        ssl_context=trust,
        network_backend=backend,
        proxy=proxy,
        max_connections=_MAX_CONNECTIONS,
        max_keepalive_connections=0,  # one page a site is the rule; a kept connection may be dead when needed
    )


def _proxy(address: str) -> httpcore2.Proxy:
    parsed = URL(address)
    auth = (unquote(parsed.username), unquote(parsed.password)) if parsed.username else None
    return httpcore2.Proxy(f"{parsed.protocol}//{parsed.host}", auth=auth)


@asynccontextmanager
async def _in_time(left: float, target: URL, seconds: float) -> AsyncIterator[float]:
    """Let a request take the `left` seconds of the `seconds` that the whole may take; answers when it begins.

    Raises:
        FetchError: `unreachable`, when they are over.
    """
    try:
        async with asyncio.timeout(left):
            yield asyncio.get_running_loop().time()
    except TimeoutError as error:
        msg = f"{target.hostname} did not deliver the page within {seconds:g} seconds."
        raise FetchError(msg, reason=Disposition.UNREACHABLE) from error


def _validator(answer: Answer, name: str) -> str | None:
    """A header to send back later, if it is of a sane length and can be sent."""
    value = answer.headers.get(name, "")
    return value if value.isascii() and value.isprintable() and 0 < len(value) <= _MAX_VALIDATOR else None


def _keepable(answer: Answer) -> bool:
    """Whether a shared cache may keep the answer (RFC 9111, 5.2.2.5 and 5.2.2.7)."""
    directives = {part.partition("=")[0].strip().lower() for part in answer.headers.get("cache-control", "").split(",")}
    return directives.isdisjoint({"no-store", "private"})


def _check_status(answer: Answer) -> None:
    """Refuse an answer that is not a page.

    Raises:
        FetchError: `empty` for a success without content, else `unreachable` with the status.
    """
    if answer.status in (HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT):
        msg = f"{answer.host} sent an empty page."
        raise FetchError(msg, reason=Disposition.EMPTY)
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        try:
            phrase = f" {HTTPStatus(answer.status).phrase}"
        except ValueError:
            phrase = ""
        msg = f"{answer.host} answered with status {answer.status}{phrase}."
        raise FetchError(msg, reason=Disposition.UNREACHABLE)

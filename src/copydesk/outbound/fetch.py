"""Pages and files from addresses that a user, a page or a search result supplied."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self

import httpcore2
from ada_url import URL

from copydesk.domain.clock import now
from copydesk.domain.file import FileKind
from copydesk.domain.links import check_link
from copydesk.domain.source import Disposition
from copydesk.errors import FetchError
from copydesk.outbound import content
from copydesk.outbound.addresses import CheckedBackend, Resolver, SystemResolver
from copydesk.outbound.agent import user_agent
from copydesk.outbound.exchange import Answer, exchange
from copydesk.settings import AllowedRange

MAX_REDIRECTS = 5
_MAX_CONNECTIONS = 128  # at the same time, over all tasks of the process
_REDIRECTS = (301, 302, 303, 307, 308)  # RFC 9110, 15.4


@dataclass(frozen=True, kw_only=True)
class Page:
    """What one address answered."""

    url: str  # as asked for
    final_url: str  # after redirects, normalized, without its fragment
    status: int
    content_type: str  # one of the readable media types, lower case, without parameters
    charset: str | None  # what the header says, if it is a known encoding
    body: bytes = field(repr=False)  # decompressed, never blank
    fetched_at: datetime

    @property
    def file_kind(self) -> FileKind | None:
        """The kind it is read as; None: an HTML page."""
        return content.kind_of(self.content_type)


class Fetcher:
    """Fetches untrusted addresses: public ones only, within limits of time and size.

    Each name is resolved once, all of its addresses are checked, and the connection goes to one of them; a redirect
    is checked like a new address. No cookie is kept, no proxy of the environment is used.

    Args:
        allow: Ranges that may be fetched although they are not public, on any port or their own.
        seconds: Time one fetch may take in all, redirects included.
        max_bytes: Size a body may have, before and after decompression.
        contact: What the user agent gives site owners to complain to.
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
        resolver: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._allow = tuple(allow)
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._headers = {"User-Agent": user_agent(contact), "Accept": content.ACCEPT}
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=ssl_context or httpcore2.default_ssl_context(),
            network_backend=CheckedBackend(allow=self._allow, resolver=resolver or SystemResolver()),
            max_connections=_MAX_CONNECTIONS,
            max_keepalive_connections=0,  # one page a site is the rule; a kept connection may be dead when needed
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def fetch(self, url: str) -> Page:
        """Read what stands at `url`.

        Raises:
            FetchError: `blocked` (the address, a redirect's, or the port is not allowed), `unreachable` (name,
                connection, TLS, time, status 400 and above, redirects without end), `too_large`, `unsupported` (no
                reader reads it), `empty`.
        """
        target = self._checked(url, "The link may not be fetched")
        try:
            async with asyncio.timeout(self._seconds):
                return await self._follow(url.strip(), target)
        except TimeoutError as error:
            msg = f"{target.hostname} did not deliver the page within {self._seconds:g} seconds."
            raise FetchError(msg, reason=Disposition.UNREACHABLE) from error

    async def _follow(self, asked: str, target: URL) -> Page:
        seen: list[str] = []
        while len(seen) <= MAX_REDIRECTS:
            if target.href in seen:
                msg = f"{target.hostname} redirects in a circle."
                raise FetchError(msg, reason=Disposition.UNREACHABLE)
            seen.append(target.href)
            async with exchange(self._pool, target, self._headers) as answer:
                if answer.status not in _REDIRECTS:
                    return await self._page(asked, target, answer)
                target = self._redirect(target, answer)
        msg = f"{target.hostname} redirects more than {MAX_REDIRECTS} times."
        raise FetchError(msg, reason=Disposition.UNREACHABLE)

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

"""What sites ask of programs, asked for once a day."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from weakref import WeakValueDictionary

from ada_url import URL

from copydesk.domain.clock import now
from copydesk.domain.page import TEXT, Page
from copydesk.domain.source import Disposition
from copydesk.errors import FetchError
from copydesk.outbound.fetch import Fetcher
from copydesk.outbound.robots import RobotsRules, robots_link
from copydesk.pipeline.page_cache import PageCache
from copydesk.store.pages import PageUse

LIFETIME = timedelta(hours=24)  # RFC 9309, 2.4: a file is not to be used longer
_FAILURE_LIFETIME = timedelta(minutes=1)  # so that not each page of a silent site waits for it again
_SECONDS = 5.0  # that a site may take for its file
_LARGE = 16_384  # bytes of a file above which it is parsed beside the event loop


@dataclass(frozen=True, kw_only=True)
class _Known:
    rules: RobotsRules | None  # None: nothing may be read
    reason: str  # then: the disposition of the site's pages
    message: str  # and the sentence on it
    until: datetime


class SiteRules:
    """The robots.txt of every site that is asked, from memory, the cache or the site.

    After RFC 9309, 2.3.1: a status from 400 to 499 means that everything may be read; one of 500 and above, or no
    answer, that nothing may.

    Args:
        fetcher: Asks the sites.
        cache: Keeps what they answered.
        seconds: Time that a site may take; at most 5 are given.
        remembered: Sites whose rules are held in memory.
    """

    def __init__(self, *, fetcher: Fetcher, cache: PageCache, seconds: float, remembered: int = 1_000) -> None:
        self._fetcher = fetcher
        self._cache = cache
        self._seconds = min(seconds, _SECONDS)
        self._remembered = remembered
        self._known: dict[str, _Known] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def of(self, url: str) -> RobotsRules:
        """The rules of the site of `url`.

        Raises:
            FetchError: `blocked` or `unreachable`: nothing of the site may be read for now.
            DatabaseError: The cache cannot be read.
        """
        link = robots_link(url)
        lock = self._locks.setdefault(link, asyncio.Lock())  # the pages of one site ask once
        async with lock:
            known = self._known.get(link)
            if known is None or known.until <= now():
                known = await self._learn(link)
                self._remember(link, known)
        if known.rules is None:
            raise FetchError(known.message, reason=known.reason)
        return known.rules

    async def _learn(self, link: str) -> _Known:
        kept = await self._cache.find(link, PageUse.ROBOTS)
        if kept is None or now() - kept.fetched_at >= LIFETIME:
            try:
                kept = await self._ask(link)
            except FetchError as error:
                blocked = error.reason == Disposition.BLOCKED
                return _refused(
                    error.message if blocked else f"The site's robots.txt could not be read: {error.message}",
                    reason=Disposition.BLOCKED if blocked else Disposition.UNREACHABLE,
                )
        if kept.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            host = URL(link).hostname
            message = f"{host} answered for its robots.txt with status {kept.status}, so none of its pages may be read."
            return _refused(message, reason=Disposition.BLOCKED)
        parse = asyncio.to_thread(RobotsRules.read, kept.body) if len(kept.body) > _LARGE else None
        rules = RobotsRules.read(kept.body) if parse is None else await parse
        return _Known(rules=rules, reason="", message="", until=kept.fetched_at + LIFETIME)

    async def _ask(self, link: str) -> Page:
        answer = await self._fetcher.fetch_robots(link, seconds=self._seconds)
        page = Page(
            url=link,
            final_url=link,
            status=answer.status,
            content_type=TEXT,
            charset=None,
            body=answer.body,
            fetched_at=now(),
        )
        if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            await self._cache.keep(link, PageUse.ROBOTS, page)
        return page

    def _remember(self, link: str, known: _Known) -> None:
        if len(self._known) >= self._remembered:
            del self._known[next(iter(self._known))]  # the one known longest
        self._known[link] = known


def _refused(message: str, *, reason: Disposition) -> _Known:
    return _Known(rules=None, reason=reason, message=message, until=now() + _FAILURE_LIFETIME)

"""Pages for tasks: from the cache while fresh, else from their sites, with the manners that the occasion asks for."""

import asyncio
from dataclasses import dataclass, replace

from ada_url import URL

from copydesk.domain.clock import now
from copydesk.domain.page import Page
from copydesk.domain.source import Disposition
from copydesk.errors import FetchError
from copydesk.outbound.fetch import Fetcher, Gate
from copydesk.pipeline.page_cache import PageCache
from copydesk.pipeline.robots import SiteRules
from copydesk.settings import Settings
from copydesk.store.database import Database
from copydesk.store.pages import PageUse

_MIB = 2**20
_PATIENCE = 0.5  # seconds that a page which is here waits for its site's robots.txt


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A page that the caller asked for."""

    page: Page
    overridden: bool  # whether the site's robots.txt asks programs not to read it


class Pages:
    """Reads addresses for tasks.

    Args:
        fetcher: For what is not in the cache.
        database: Keeps the cache.
        settings: Times and sizes.
    """

    def __init__(self, *, fetcher: Fetcher, database: Database, settings: Settings) -> None:
        self._fetcher = fetcher
        self._cache = PageCache(
            database=database, hours=settings.page_cache_hours, max_bytes=settings.page_cache_mb * _MIB
        )
        self._rules = SiteRules(fetcher=fetcher, cache=self._cache, seconds=settings.fetch_seconds)
        self._pause = settings.host_pause

    async def found(self, url: str) -> Page:
        """A page that research found: only if its site's robots.txt lets programs read it, and in turn.

        Raises:
            FetchError: As `Fetcher.fetch`, and `blocked` by robots.txt.
            DatabaseError: The cache cannot be used.
        """
        return await self._get(url, gate=self._ask)

    async def given(self, url: str) -> Visit:
        """A page that the caller named, at once and whatever its site's robots.txt says; says whether it says no.

        Raises:
            FetchError: As `Fetcher.fetch`.
            DatabaseError: The cache cannot be used.
        """
        asking = asyncio.create_task(self._is_unwelcome(url))
        try:
            page = await self._get(url, gate=None)
            await asyncio.wait({asking}, timeout=_PATIENCE)
            return Visit(page=page, overridden=asking.done() and asking.result())
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    async def _get(self, url: str, *, gate: Gate | None) -> Page:
        target = self._fetcher.check(url)
        kept = await self._cache.find(target.href, PageUse.PAGE)
        if kept is not None and self._cache.is_fresh(kept, at=now()):
            for address in dict.fromkeys((target.href, kept.final_url)):
                self._fetcher.check(address)  # the ranges may have changed since
                if gate is not None:
                    await gate(address)
            return replace(kept, url=url.strip())
        page = await self._fetcher.fetch(url, known=kept, gate=gate)
        await self._cache.keep(target.href, PageUse.PAGE, page)
        return page

    async def _ask(self, url: str) -> float:
        """The gate of research: what robots.txt says of an address, and the pause that the site gets."""
        rules = await self._rules.of(url)
        if not await asyncio.to_thread(rules.allow, url):  # a hostile file's rules take a tenth of a second
            msg = f"{URL(url).hostname} asks programs in its robots.txt not to read this page."
            raise FetchError(msg, reason=Disposition.BLOCKED)
        return max(self._pause, rules.crawl_delay)

    async def _is_unwelcome(self, url: str) -> bool:
        try:
            address = self._fetcher.check(url).href
            rules = await self._rules.of(address)
            return not await asyncio.to_thread(rules.allow, address)
        except FetchError:
            return False  # a site without an answer asks for nothing

"""Pages of earlier tasks: used again while fresh, asked for by their validators when stale."""

import asyncio
from datetime import datetime, timedelta

from copydesk.domain.clock import now
from copydesk.domain.links import canonical_link
from copydesk.domain.page import Page
from copydesk.store import pages as page_store
from copydesk.store.database import Database
from copydesk.store.pages import PageUse

KEPT_LIFETIMES = 7  # a stale page is kept this many times as long as it is fresh: most will not have changed
_LARGEST = 8  # one page may take an eighth of the cache
_TRIMMED = 16  # room is made whenever a sixteenth of the cache was added, and that much is left free


class PageCache:
    """What the database keeps of fetched pages, for all accounts: nothing of it was fetched with anyone's credentials.

    Args:
        database: The application's database.
        hours: How long a page is fresh; 0 turns the cache off.
        max_bytes: Size of all pages, compressed.
    """

    def __init__(self, *, database: Database, hours: float, max_bytes: int) -> None:
        self._database = database
        self._fresh = timedelta(hours=hours)
        self._max_bytes = max_bytes
        self._added = max_bytes  # bytes since room was made; the first page makes some

    async def find(self, url: str, use: PageUse) -> Page | None:
        """The kept page of an address, fresh or stale, or None. Raises DatabaseError."""
        if not self._fresh:
            return None
        async with self._database.read() as connection:
            kept = await page_store.find_page(connection, use=use, link=canonical_link(url))
        if kept is None:
            return None
        if page_store.is_touch_due(kept, at=now()):
            async with self._database.write() as connection:
                await page_store.touch_page(connection, kept, at=now())
        return await asyncio.to_thread(page_store.unpack_page, kept, url=url)

    def is_fresh(self, page: Page, *, at: datetime) -> bool:
        """Whether a page may be used at that time without asking its site."""
        return at - page.fetched_at < self._fresh

    async def keep(self, url: str, use: PageUse, page: Page) -> None:
        """Keep what an address answered; where its site forbids that, what was kept goes. Raises DatabaseError."""
        if not self._fresh:
            return
        link = canonical_link(url)
        kept = await asyncio.to_thread(page_store.pack_page, page, use=use, link=link)
        async with self._database.write() as connection:
            if not page.keepable or len(kept.packed) > self._max_bytes // _LARGEST:
                await page_store.drop_page(connection, use=use, link=link)
                return
            await page_store.put_page(connection, kept)
        self._added += len(kept.packed)
        await self._make_room()

    async def _make_room(self) -> None:
        share = self._max_bytes // _TRIMMED
        if self._added < share:
            return
        self._added = 0
        async with self._database.write() as connection:
            await page_store.trim_pages(
                connection, max_bytes=self._max_bytes - share, fetched_before=now() - KEPT_LIFETIMES * self._fresh
            )

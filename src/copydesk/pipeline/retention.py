"""Retention: what nobody needs any more is deleted by itself, a little at a time."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.clock import now
from copydesk.domain.file import BlobKey
from copydesk.errors import DatabaseError
from copydesk.pipeline.page_cache import KEPT_LIFETIMES
from copydesk.ports import BlobStore
from copydesk.settings import Settings
from copydesk.store import retention as store
from copydesk.store.database import Database
from copydesk.store.idempotency import LIFETIME
from copydesk.telemetry import get_logger

FIRST_AFTER = 60.0  # seconds after the start: not while a worker takes up its work
EVERY = 3_600.0  # seconds between two runs
AGAIN_AFTER = 300.0  # seconds after a run that failed
FILES_EVERY = timedelta(days=1)  # between two looks at every file that is kept
BEING_STORED = timedelta(hours=1)  # no upload takes this long: bytes this old without a record stay without one
LEAST_PAUSE = 0.05  # seconds between two transactions, in which others get the database

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Deleted:
    """What one run deleted."""

    tasks: int = 0  # whose text went
    files: int = 0  # never used by a task
    keys: int = 0  # of idempotent requests
    pages: int = 0  # of the cache
    blobs: int = 0  # bytes without a record, and what interrupted writes left
    longest: float = 0.0  # seconds of the longest transaction


class Retention:
    """Deletes, in short transactions with pauses between them; a run that is cut goes on with the next one.

    Args:
        settings: `RETENTION_DAYS` and how long pages are fresh.
        database: The application's database.
        blobs: Where the bytes of files are kept.
    """

    def __init__(self, *, settings: Settings, database: Database, blobs: BlobStore) -> None:
        self._settings = settings
        self._database = database
        self._blobs = blobs
        self._files_seen: datetime | None = None
        self._longest = 0.0

    async def run_once(self, at: datetime) -> Deleted:
        """Delete all that is due at that time; answers what it was.

        Raises:
            DatabaseError: The database or the files cannot be reached; what was deleted is deleted.
        """
        self._longest = 0.0
        days = self._settings.retention_days
        kept_pages = timedelta(hours=self._settings.page_cache_hours) * KEPT_LIFETIMES
        before = at - timedelta(days=days)
        keys = await self._all(lambda c: store.delete_expired_keys(c, before=at - LIFETIME))
        pages = await self._all(lambda c: store.delete_expired_pages(c, before=at - kept_pages))
        tasks = await self._all(lambda c: store.forget_tasks(c, before=before, at=at)) if days else 0
        files = await self._unused_files(before) if days else 0
        blobs = await self._left_over(at)
        deleted = Deleted(tasks=tasks, files=files, keys=keys, pages=pages, blobs=blobs, longest=self._longest)
        if any((tasks, files, keys, pages, blobs)):
            log.info("retention", **asdict(deleted))
        return deleted

    async def _all(self, some: Callable[[AsyncConnection], Awaitable[int]]) -> int:
        """Delete until there is no more, a transaction at a time."""
        total = 0
        while True:
            count = await self._short(some)
            if not count:
                return total
            total += count

    async def _short(self, work: Callable[[AsyncConnection], Awaitable[int]]) -> int:
        """One transaction, and a pause as long as it took."""
        begun = time.monotonic()
        async with self._database.write() as connection:
            count = await work(connection) if await store.may_delete(connection) else 0
        took = time.monotonic() - begun
        self._longest = max(self._longest, took)
        if count:
            await asyncio.sleep(max(LEAST_PAUSE, took))
        return count

    async def _unused_files(self, before: datetime) -> int:
        total = 0
        while True:
            gone: list[BlobKey] = []

            async def delete_some(connection: AsyncConnection, gone: list[BlobKey] = gone) -> int:
                gone += await store.delete_unused_files(connection, before=before)
                return len(gone)

            if not await self._short(delete_some):
                return total
            total += len(gone)
            for key in gone:  # where this is cut, the bytes are found without a record the next time
                await self._blobs.delete(key)

    async def _left_over(self, at: datetime) -> int:
        """Delete bytes that were never recorded, or whose record is gone."""
        if self._files_seen is not None and at - self._files_seen < FILES_EVERY:
            return 0
        count = await self._blobs.tidy(before=at - BEING_STORED)
        async for batch in self._blobs.list_keys():
            old = [key for key in batch if key.made_at < at - BEING_STORED]
            async with self._database.read() as connection:
                orphans = await store.without_record(connection, old)
            for key in orphans:
                await self._blobs.delete(key)
            count += len(orphans)
        self._files_seen = at
        return count


@asynccontextmanager
async def retaining(
    retention: Retention, *, first_after: float = FIRST_AFTER, every: float = EVERY
) -> AsyncIterator[None]:
    """Run retention now and then until the block ends."""
    running = asyncio.create_task(_repeat(retention, first_after, every))
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def _repeat(retention: Retention, pause: float, every: float) -> None:
    while True:
        await asyncio.sleep(pause)
        try:
            await retention.run_once(now())
            pause = every
        except DatabaseError as error:
            log.warning("retention not done", reason=error.message)
            pause = min(AGAIN_AFTER, every)

"""The pages of tasks over a real cache, fetched from servers on loopback."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from sqlalchemy import update
from support.fetching import MIB, fetcher
from support.servers import LOOPBACK

from copydesk.domain.clock import now
from copydesk.pipeline.pages import Pages
from copydesk.settings import AllowedRange, Settings
from copydesk.store.database import Database
from copydesk.store.schema import page_cache

TWO_HOSTS = (*LOOPBACK, AllowedRange(ip_network("127.0.0.2/32"), None))

OpenPages = Callable[..., AbstractAsyncContextManager[Pages]]
"""Opens pages over the test's database, with changes to the settings, and `allow` for the ranges."""


@pytest.fixture
def open_pages(sqlite_template: Path, tmp_path: Path) -> OpenPages:
    """Pages over one SQLite file, `copydesk.sqlite` in the test's folder; 127.0.0.1 and 127.0.0.2 are open."""
    path = tmp_path / "copydesk.sqlite"
    path.write_bytes(sqlite_template.read_bytes())

    @asynccontextmanager
    async def open_one(*, allow: tuple[AllowedRange, ...] = TWO_HOSTS, **changes: object) -> AsyncIterator[Pages]:
        settings = Settings(_env_file=None, **changes)  # type: ignore[arg-type] # any of its fields
        database = Database(f"sqlite+aiosqlite:///{path}")
        try:
            async with fetcher(allow=allow, seconds=settings.fetch_seconds, max_bytes=4 * MIB) as instance:
                yield Pages(fetcher=instance, database=database, settings=settings)
        finally:
            await database.close()

    return open_one


async def age(path: Path, by: timedelta) -> None:
    """Let everything in the cache have been fetched that long ago."""
    database = Database(f"sqlite+aiosqlite:///{path}")
    async with database.write() as connection:
        await connection.execute(update(page_cache).values(fetched_at=now() - by))
    await database.close()

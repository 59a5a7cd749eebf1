"""Fetched pages and robots.txt files, kept so that a site is asked once for many articles."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

import zstandard
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from copydesk.domain.page import Page
from copydesk.store.schema import page_cache

_TRIM = 7_221_946_003  # advisory lock: one process trims at a time
_TOUCHED_EVERY = timedelta(hours=1)  # how exactly the last use is known: a use is a write


class PageUse(StrEnum):
    """What an entry is read as; one address may be both."""

    PAGE = "page"
    ROBOTS = "robots"  # its status and text, whatever the status


@dataclass(frozen=True, kw_only=True)
class KeptPage:
    """An entry of the cache."""

    use: PageUse
    link: str  # canonical
    page: Page  # its body empty: that is `packed`
    used_at: datetime
    packed: bytes = field(repr=False)  # the body, compressed


def pack_page(page: Page, *, use: PageUse, link: str) -> KeptPage:
    """The entry for a page under its canonical link. Pure computation, up to a tenth of a second."""
    packed = zstandard.compress(page.body)
    return KeptPage(use=use, link=link, page=replace(page, body=b""), used_at=page.fetched_at, packed=packed)


def unpack_page(kept: KeptPage, *, url: str) -> Page:
    """The page of an entry, as asked for by `url`."""
    return replace(kept.page, url=url, body=zstandard.decompress(kept.packed))


async def find_page(connection: AsyncConnection, *, use: PageUse, link: str) -> KeptPage | None:
    """The entry of a canonical link, or None."""
    query = select(page_cache).where(page_cache.c.kind == use.value, page_cache.c.link_sha256 == _digest(link))
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    page = Page(
        url=row.link,
        final_url=row.final_url,
        status=row.status,
        content_type=row.content_type,
        charset=row.charset,
        body=b"",
        fetched_at=row.fetched_at,
        etag=row.etag,
        last_modified=row.last_modified,
    )
    return KeptPage(use=use, link=row.link, page=page, used_at=row.used_at, packed=row.body)


async def put_page(connection: AsyncConnection, kept: KeptPage) -> None:
    """Store an entry in place of the one that its link has."""
    page = kept.page
    values = {
        "link": kept.link,
        "final_url": page.final_url,
        "status": page.status,
        "content_type": page.content_type,
        "charset": page.charset,
        "etag": page.etag,
        "last_modified": page.last_modified,
        "fetched_at": page.fetched_at,
        "used_at": kept.used_at,
        "stored_bytes": len(kept.packed),
        "body": kept.packed,
    }
    key = {"kind": kept.use.value, "link_sha256": _digest(kept.link)}
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(page_cache).values(**key, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


async def touch_page(connection: AsyncConnection, kept: KeptPage, *, at: datetime) -> None:
    """Note that an entry was used."""
    await connection.execute(
        update(page_cache)
        .where(page_cache.c.kind == kept.use.value, page_cache.c.link_sha256 == _digest(kept.link))
        .values(used_at=at)
    )


def is_touch_due(kept: KeptPage, *, at: datetime) -> bool:
    """Whether a use at that time is worth a write."""
    return at - kept.used_at >= _TOUCHED_EVERY


async def drop_page(connection: AsyncConnection, *, use: PageUse, link: str) -> None:
    """Delete the entry of a canonical link; one that is gone is left alone."""
    await connection.execute(
        delete(page_cache).where(page_cache.c.kind == use.value, page_cache.c.link_sha256 == _digest(link))
    )


async def trim_pages(connection: AsyncConnection, *, max_bytes: int, fetched_before: datetime) -> None:
    """Delete entries that are older, then the least recently used until the rest has at most `max_bytes`.

    On Postgres one process does it at a time, and the others need not: nothing waits for rows in two orders.
    """
    if connection.dialect.name == "postgresql":
        mine = await connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _TRIM})
        if not mine.scalar_one():
            return
    await connection.execute(delete(page_cache).where(page_cache.c.fetched_at < fetched_before))
    newest_first = (page_cache.c.used_at.desc(), page_cache.c.kind, page_cache.c.link_sha256)
    running = (
        select(
            page_cache.c.kind,
            page_cache.c.link_sha256,
            func.sum(page_cache.c.stored_bytes).over(order_by=newest_first, rows=(None, 0)).label("total"),
        )
    ).subquery()
    over = select(running.c.kind, running.c.link_sha256).where(running.c.total > max_bytes)
    for kind, digest in (await connection.execute(over)).all():
        await connection.execute(
            delete(page_cache).where(page_cache.c.kind == kind, page_cache.c.link_sha256 == digest)
        )


def _digest(link: str) -> str:
    return hashlib.sha256(link.encode()).hexdigest()

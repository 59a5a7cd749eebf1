"""What the store promises of cached pages, on every database."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from copydesk.domain.page import HTML, Page
from copydesk.store import pages
from copydesk.store.database import Database
from copydesk.store.pages import KeptPage, PageUse, pack_page, unpack_page
from copydesk.store.schema import page_cache

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LINK = "https://site.test/" + "%C3%A4" * 3_000  # longer than an index entry may be on Postgres


def page(**changes: object) -> Page:
    """A page as it was fetched."""
    fetched = Page(
        url=LINK,
        final_url="https://www.site.test/",
        status=200,
        content_type=HTML,
        charset="utf-8",
        body=b"<p>\x00\xff Gr\xc3\xbc\xc3\x9fe</p>",
        fetched_at=AT,
        etag='W/"1"',
        last_modified="Tue, 24 Nov 2026 11:00:00 GMT",
    )
    return replace(fetched, **changes)  # type: ignore[arg-type] # any of its fields


def entry(number: int, *, size: int = 100, **changes: object) -> KeptPage:
    """The entry of one of many pages, its body of `size` bytes that do not shrink."""
    kept = pack_page(page(), use=PageUse.PAGE, link=f"https://site.test/{number}")
    return replace(kept, packed=os.urandom(size), **changes)  # type: ignore[arg-type] # any of its fields


async def links(database: Database) -> list[str]:
    """The links that have an entry."""
    async with database.read() as connection:
        return sorted((await connection.execute(select(page_cache.c.link))).scalars())


async def test_page_comes_back_whole_when_kept(database: Database) -> None:
    """What went in comes out, as asked for by any spelling of its link; another link finds nothing."""
    async with database.write() as connection:
        await pages.put_page(connection, pack_page(page(), use=PageUse.PAGE, link=LINK))
    async with database.read() as connection:
        kept = await pages.find_page(connection, use=PageUse.PAGE, link=LINK)
        assert await pages.find_page(connection, use=PageUse.PAGE, link=LINK + "#") is None
    assert kept is not None
    assert unpack_page(kept, url="https://SITE.test") == page(url="https://SITE.test")


async def test_page_and_robots_are_apart_when_they_share_an_address(database: Database) -> None:
    """A robots.txt that somebody reads as a page is another entry than the site's rules."""
    bare = page(charset=None, etag=None, last_modified=None, body=b"", status=404)
    async with database.write() as connection:
        await pages.put_page(connection, pack_page(bare, use=PageUse.ROBOTS, link=LINK))
        assert await pages.find_page(connection, use=PageUse.PAGE, link=LINK) is None
        kept = await pages.find_page(connection, use=PageUse.ROBOTS, link=LINK)
    assert kept is not None
    assert unpack_page(kept, url=LINK) == bare


async def test_page_is_replaced_when_it_is_kept_again(database: Database) -> None:
    """One entry a link: the newest, with everything of it."""
    newer = page(body=b"newer", etag=None, fetched_at=AT + timedelta(days=1))
    async with database.write() as connection:
        for version in (page(), newer):
            await pages.put_page(connection, pack_page(version, use=PageUse.PAGE, link=LINK))
        kept = await pages.find_page(connection, use=PageUse.PAGE, link=LINK)
        count = (await connection.execute(select(func.count()).select_from(page_cache))).scalar_one()
    assert kept is not None
    assert unpack_page(kept, url=LINK) == newer
    assert count == 1


async def test_page_goes_when_it_is_dropped(database: Database) -> None:
    """Only the entry of that use and link; again is no error."""
    async with database.write() as connection:
        await pages.put_page(connection, entry(1))
        await pages.put_page(connection, entry(2))
        for _ in range(2):
            await pages.drop_page(connection, use=PageUse.PAGE, link="https://site.test/1")
        await pages.drop_page(connection, use=PageUse.ROBOTS, link="https://site.test/2")
    assert await links(database) == ["https://site.test/2"]


async def test_old_pages_go_when_room_is_made(database: Database) -> None:
    """By the time they were fetched; one fetched exactly then stays."""
    fetched = {n: page(fetched_at=AT - timedelta(days=n)) for n in range(4)}
    async with database.write() as connection:
        for number, version in fetched.items():
            await pages.put_page(connection, entry(number, page=replace(version, body=b"")))
        await pages.trim_pages(connection, max_bytes=10_000, fetched_before=AT - timedelta(days=2))
    assert await links(database) == [f"https://site.test/{n}" for n in range(3)]


async def test_least_used_pages_go_when_room_is_made(database: Database) -> None:
    """What is left fits exactly, and a use counts more than a fetch."""
    async with database.write() as connection:
        for number in range(10):
            await pages.put_page(connection, entry(number, used_at=AT + timedelta(minutes=number)))
        await pages.touch_page(connection, entry(0), at=AT + timedelta(hours=1))
        await pages.trim_pages(connection, max_bytes=400, fetched_before=AT)
    assert await links(database) == [f"https://site.test/{n}" for n in (0, 7, 8, 9)]


async def test_a_larger_page_than_all_room_goes_when_room_is_made(database: Database) -> None:
    """Nothing is kept over the limit, and an empty cache is no error."""
    async with database.write() as connection:
        await pages.trim_pages(connection, max_bytes=50, fetched_before=AT)
        await pages.put_page(connection, entry(1))
        await pages.trim_pages(connection, max_bytes=50, fetched_before=AT)
    assert await links(database) == []


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)  # SQLite has one writer at a time
async def test_room_is_made_by_one_process_at_a_time(database: Database) -> None:
    """While one trims, another has nothing to do, and neither waits for the other."""
    async with database.write() as connection:
        await pages.put_page(connection, entry(1))
    async with database.write() as first, database.write() as second:
        await pages.trim_pages(first, max_bytes=1_000, fetched_before=AT)
        await pages.trim_pages(second, max_bytes=0, fetched_before=AT)
    assert await links(database) == ["https://site.test/1"]


def test_use_is_worth_a_write_after_an_hour() -> None:
    """A page that many tasks use is not written by each of them."""
    kept = entry(1, used_at=AT)
    assert not pages.is_touch_due(kept, at=AT + timedelta(minutes=59))
    assert pages.is_touch_due(kept, at=AT + timedelta(minutes=60))

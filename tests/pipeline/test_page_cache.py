"""Pages that are kept: when they are used again, asked for anew, or not kept at all."""

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from support.pages import OpenPages, age
from support.servers import LOOPBACK, Handler, LocalServer, Received, answer, redirect, serve

from copydesk.domain.clock import now
from copydesk.errors import FetchError
from copydesk.store.database import Database
from copydesk.store.schema import page_cache

PAGE = b"<html><p>The first version.</p></html>"
ETAG = ("ETag", 'W/"one"')
DATE = ("Last-Modified", "Mon, 23 Nov 2026 10:00:00 GMT")
DAY = timedelta(hours=24)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The database of `open_pages`."""
    return tmp_path / "copydesk.sqlite"


def pages_asked(site: LocalServer) -> list[Received]:
    """The requests for anything but robots.txt."""
    return [request for request in site.requests if request.target != "/robots.txt"]


async def kept_links(path: Path) -> list[str]:
    """The pages in the cache."""
    database = Database(f"sqlite+aiosqlite:///{path}")
    async with database.read() as connection:
        query = select(page_cache.c.link).where(page_cache.c.kind == "page")
        links = sorted((await connection.execute(query)).scalars())
    await database.close()
    return links


async def test_page_is_fetched_once_a_day(open_pages: OpenPages, path: Path) -> None:
    """Found or given, in any spelling of its link, by any process: the same page, of the time it was fetched."""
    async with serve({"/a": answer(PAGE, headers=[ETAG, DATE])}) as site:
        async with open_pages() as pages:
            first = await pages.found(site.url("/a?x=1&y=2"))
            assert (await pages.given(site.url("/a?x=1&y=2"))).page == first
        await asyncio.sleep(0.01)
        async with open_pages() as pages:
            again = await pages.found(f" {site.url('/a?utm_source=mail&y=2&x=1#part')}")
        await age(path, DAY - timedelta(minutes=1))
        async with open_pages() as pages:
            await pages.found(site.url("/a?x=1&y=2"))
    assert (again.body, again.fetched_at, again.charset) == (PAGE, first.fetched_at, "utf-8")
    assert again.url == site.url("/a?utm_source=mail&y=2&x=1#part")
    assert len(pages_asked(site)) == 1


@pytest.mark.parametrize(
    ("headers", "validators"),
    [
        ([ETAG], {"if-none-match": ETAG[1]}),
        ([DATE], {"if-modified-since": DATE[1]}),
        ([ETAG, DATE], {"if-none-match": ETAG[1], "if-modified-since": DATE[1]}),
        ([], {}),
        ([("ETag", "x" * 2_000)], {}),
        ([("ETag", '"ä"')], {}),
    ],
)
async def test_page_is_asked_for_by_its_validators_when_it_is_a_day_old(
    headers: Sequence[tuple[str, str]], validators: dict[str, str], open_pages: OpenPages, path: Path
) -> None:
    """What the site gave is sent back, and nothing else."""
    async with serve({"/a": answer(PAGE, headers=headers)}) as site:
        for _ in range(2):
            async with open_pages() as pages:
                await pages.found(site.url("/a"))
            await age(path, DAY)
    first, second = pages_asked(site)
    names = ("if-none-match", "if-modified-since")
    assert not [name for name in names if name in first.headers]
    assert {name: second.headers[name] for name in names if name in second.headers} == validators


async def test_page_is_renewed_when_it_has_not_changed(open_pages: OpenPages, path: Path) -> None:
    """A 304 makes the kept page one of today, for another day."""
    routes: dict[str, bytes | Handler] = {"/a": answer(PAGE, headers=[ETAG])}
    async with serve(routes) as site:
        async with open_pages() as pages:
            await pages.found(site.url("/a"))
        await age(path, 3 * DAY)
        routes["/a"] = answer(b"", status=304, content_type=None)
        begun = now()
        async with open_pages() as pages:
            renewed = await pages.found(site.url("/a"))
            assert await pages.found(site.url("/a")) == renewed
    assert renewed.body == PAGE
    assert renewed.fetched_at >= begun
    assert len(pages_asked(site)) == 2


async def test_page_is_replaced_when_it_has_changed(open_pages: OpenPages, path: Path) -> None:
    """A 200 after a day is the page from then on; an error is an error, whatever is kept."""
    routes: dict[str, bytes | Handler] = {"/a": answer(PAGE, headers=[ETAG])}
    async with serve(routes) as site, open_pages() as pages:
        await pages.found(site.url("/a"))
        await age(path, DAY)
        routes["/a"] = answer(b"<html><p>The second version.</p></html>")
        for _ in range(2):
            assert b"second" in (await pages.found(site.url("/a"))).body
        await age(path, DAY)
        routes["/a"] = answer(b"", status=404)
        with pytest.raises(FetchError, match="status 404"):
            await pages.found(site.url("/a"))
    assert len(pages_asked(site)) == 3
    assert "if-none-match" not in pages_asked(site)[2].headers


async def test_validators_go_only_to_where_they_came_from(open_pages: OpenPages, path: Path) -> None:
    """Through a redirect the page is kept under the link that was asked for; its goal alone gets the validators."""
    routes: dict[str, bytes | Handler] = {"/a": redirect("/b"), "/b": answer(PAGE, headers=[ETAG])}
    async with serve(routes) as site, open_pages() as pages:
        page = await pages.found(site.url("/a"))
        assert page.final_url == site.url("/b")
        assert await pages.found(site.url("/a")) == page
        await age(path, DAY)
        routes["/b"] = answer(b"", status=304, content_type=None)
        assert (await pages.found(site.url("/a"))).body == PAGE
        await age(path, DAY)
        routes["/a"] = answer(b"", status=304, content_type=None)
        with pytest.raises(FetchError, match="status 304"):
            await pages.found(site.url("/a"))
    asked = [(request.target, "if-none-match" in request.headers) for request in pages_asked(site)]
    assert asked == [("/a", False), ("/b", False), ("/a", False), ("/b", True), ("/a", False)]


@pytest.mark.parametrize("control", ["no-store", "max-age=60, No-Store", "private", 'private="set-cookie"'])
async def test_page_is_not_kept_when_its_site_forbids_it(control: str, open_pages: OpenPages, path: Path) -> None:
    """`no-store`, and `private`, as the cache serves several accounts; what was kept before goes."""
    routes: dict[str, bytes | Handler] = {"/a": answer(PAGE)}
    async with serve(routes) as site, open_pages() as pages:
        await pages.found(site.url("/a"))
        assert await kept_links(path) == [site.url("/a")]
        await age(path, DAY)
        routes["/a"] = answer(PAGE, headers=[("Cache-Control", control)])
        for _ in range(2):
            await pages.found(site.url("/a"))
    assert await kept_links(path) == []
    assert len(pages_asked(site)) == 3


async def test_page_is_kept_whatever_else_its_site_says(open_pages: OpenPages, path: Path) -> None:
    """Freshness is ours to choose: a day, also for pages that call themselves old at once."""
    header = ("Cache-Control", "no-cache, max-age=0, must-revalidate")
    async with serve({"/a": answer(PAGE, headers=[header])}) as site, open_pages() as pages:
        for _ in range(2):
            await pages.found(site.url("/a"))
    assert len(pages_asked(site)) == 1
    assert await kept_links(path) == [site.url("/a")]


async def test_nothing_is_kept_when_the_cache_is_off(open_pages: OpenPages, path: Path) -> None:
    """0 hours: each task asks the site, and the database holds no page."""
    async with serve({"/a": answer(PAGE)}) as site, open_pages(page_cache_hours=0) as pages:
        for _ in range(2):
            await pages.found(site.url("/a"))
    assert len(pages_asked(site)) == 2
    assert await kept_links(path) == []


async def test_failures_are_not_kept(open_pages: OpenPages) -> None:
    """A page that was away is asked for again by the next task."""
    routes: dict[str, bytes | Handler] = {}
    async with serve(routes) as site, open_pages() as pages:
        with pytest.raises(FetchError, match="status 404"):
            await pages.found(site.url("/a"))
        routes["/a"] = answer(PAGE)
        assert (await pages.found(site.url("/a"))).body == PAGE


async def test_kept_page_is_blocked_when_its_address_is_no_longer_open(open_pages: OpenPages) -> None:
    """A range that the operator closed is closed at once, for the link and for where it led."""
    routes: dict[str, bytes | Handler] = {}
    async with serve({"/b": answer(PAGE)}, host="127.0.0.2") as inside, serve(routes) as site:
        routes["/a"] = redirect(inside.url("/b"))
        async with open_pages() as pages:
            await pages.found(site.url("/a"))
            await pages.found(inside.url("/b"))
        async with open_pages(allow=LOOPBACK) as pages:
            for url in (site.url("/a"), inside.url("/b")):
                with pytest.raises(FetchError, match="not public") as caught:
                    await pages.found(url)
                assert caught.value.reason == "blocked"


async def test_cache_keeps_to_its_size(open_pages: OpenPages, path: Path) -> None:
    """However many pages are read, no more than the limit is stored; a page over an eighth of it is not kept."""
    body = {n: b"<html>" + os.urandom(100_000).hex().encode() for n in range(16)}  # 200 kB, 100 kB compressed
    large = b"<html>" + os.urandom(150_000).hex().encode()
    routes = {f"/{n}": answer(text) for n, text in body.items()} | {"/large": answer(large)}
    async with serve(routes) as site, open_pages(page_cache_mb=1) as pages:
        await pages.found(site.url("/large"))
        for number, text in body.items():
            assert (await pages.found(site.url(f"/{number}"))).body == text
    links = await kept_links(path)
    assert site.url("/15") in links
    assert site.url("/0") not in links
    assert site.url("/large") not in links
    database = Database(f"sqlite+aiosqlite:///{path}")
    async with database.read() as connection:
        total = (await connection.execute(select(func.sum(page_cache.c.stored_bytes)))).scalar_one()
    await database.close()
    assert 2**19 < total <= 2**20


async def test_use_is_noted_once_an_hour(open_pages: OpenPages, path: Path) -> None:
    """A page that is used stays among the last used; one that was just used is not written again."""
    database = Database(f"sqlite+aiosqlite:///{path}")
    pages_only = page_cache.c.kind == "page"

    async def used_at() -> datetime:
        async with database.read() as connection:
            at: datetime = (await connection.execute(select(page_cache.c.used_at).where(pages_only))).scalar_one()
        return at

    async with serve({"/a": answer(PAGE)}) as site, open_pages() as pages:
        await pages.found(site.url("/a"))
        first = await used_at()
        await pages.found(site.url("/a"))
        assert await used_at() == first
        async with database.write() as connection:
            await connection.execute(update(page_cache).values(used_at=first - timedelta(hours=2)))
        await pages.found(site.url("/a"))
        assert await used_at() >= first
    await database.close()

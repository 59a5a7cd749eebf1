"""Manners towards sites: robots.txt for what research found, and what a caller's link may override."""

import asyncio
import time
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import pytest
from support.pages import OpenPages, age
from support.servers import Handler, answer, redirect, serve

from copydesk.errors import FetchError
from copydesk.pipeline.pages import Pages
from copydesk.pipeline.robots import SiteRules

NOTHING = b"User-agent: *\nDisallow: /"


async def refused(pages: Pages, url: str, reason: str, message: str) -> None:
    """Read as research does, expecting a refusal."""
    with pytest.raises(FetchError, match=message) as caught:
        await pages.found(url)
    assert caught.value.reason == reason


def robots(text: bytes, status: int = 200) -> bytes:
    """An answer for robots.txt."""
    return answer(text, status=status, content_type="text/plain")


async def silent(_writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.sleep(60)


async def test_robots_is_asked_once_before_the_pages_of_a_site(open_pages: OpenPages) -> None:
    """Side by side or one after another: one file for all pages, asked with our own name, before any of them."""
    routes = {"/robots.txt": robots(b"User-agent: *\nDisallow: /private")} | {f"/{n}": answer() for n in range(5)}
    async with serve(routes) as site, open_pages() as pages:
        await asyncio.gather(*(pages.found(site.url(f"/{n}")) for n in range(4)))
        await pages.found(site.url("/4"))
    asked = [request.target for request in site.requests]
    assert asked[0] == "/robots.txt"
    assert sorted(asked) == ["/0", "/1", "/2", "/3", "/4", "/robots.txt"]
    assert {request.headers["user-agent"].partition(" ")[0] for request in site.requests} == {
        f"Copydesk/{version('copydesk')}"
    }


@pytest.mark.parametrize("text", [NOTHING, b"User-agent: Copydesk\nDisallow: /a", b"User-agent: *\nDisallow: /*?q="])
async def test_page_is_blocked_when_robots_forbids_it(text: bytes, open_pages: OpenPages) -> None:
    """The page is not asked for, and the sentence names robots.txt."""
    async with serve({"/robots.txt": robots(text), "/a": answer()}) as site, open_pages() as pages:
        message = r"^127\.0\.0\.1 asks programs in its robots\.txt not to read this page\.$"
        await refused(pages, site.url("/a?q=1"), "blocked", message)
    assert [request.target for request in site.requests] == ["/robots.txt"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 451])
async def test_page_is_read_when_the_site_has_no_robots(status: int, open_pages: OpenPages) -> None:
    """RFC 9309, 2.3.1.3: a client error means that there are no rules, whatever its body says."""
    async with serve({"/robots.txt": robots(NOTHING, status), "/a": answer()}) as site, open_pages() as pages:
        assert (await pages.found(site.url("/a"))).status == 200


@pytest.mark.parametrize("status", [500, 502, 503, 599])
async def test_page_is_blocked_when_robots_is_a_server_error(status: int, open_pages: OpenPages) -> None:
    """RFC 9309, 2.3.1.4: a server error means that nothing may be read; the site is not asked again at once."""
    async with serve({"/robots.txt": robots(b"", status), "/a": answer()}) as site, open_pages() as pages:
        for _ in range(3):
            await refused(pages, site.url("/a"), "blocked", rf"robots\.txt with status {status}, so none of its pages")
    assert [request.target for request in site.requests] == ["/robots.txt"]


async def test_page_is_unreachable_when_robots_is(open_pages: OpenPages) -> None:
    """A site that does not answer for its robots.txt is not asked for pages, and waited for once only."""
    async with serve({"/robots.txt": silent, "/a": answer()}) as site, open_pages(fetch_seconds=0.3) as pages:
        begun = time.monotonic()
        urls = [site.url("/a") for _ in range(4)]
        message = r"robots\.txt could not be read: 127\.0\.0\.1 did not deliver"
        await asyncio.gather(*(refused(pages, url, "unreachable", message) for url in urls))
        assert time.monotonic() - begun < 1.1
    assert [request.target for request in site.requests] == ["/robots.txt"]
    async with open_pages() as pages:
        await refused(pages, "http://127.0.0.1:1/", "unreachable", "cannot be connected to")


async def test_robots_may_be_elsewhere(open_pages: OpenPages) -> None:
    """Redirects of robots.txt are followed, to another host too, but not to where nothing may be fetched."""
    routes = {"/a": answer()}
    async with (
        serve({"/rules": robots(NOTHING)}, host="127.0.0.2") as other,
        serve(routes) as site,
        open_pages() as pages,
    ):
        routes["/robots.txt"] = redirect(other.url("/rules"))
        await refused(pages, site.url("/a"), "blocked", "asks programs in its robots")
    async with serve({"/robots.txt": redirect("http://127.0.0.3/"), "/a": answer()}) as site, open_pages() as pages:
        await refused(pages, site.url("/a"), "blocked", "redirects to where nothing may be fetched")
    assert [request.target for request in site.requests] == ["/robots.txt"]


async def test_a_redirects_site_is_asked_for_its_own_rules(open_pages: OpenPages) -> None:
    """A page that leads to a site which forbids reading ends there."""
    routes: dict[str, bytes | Handler] = {}
    async with (
        serve({"/robots.txt": robots(NOTHING), "/b": answer()}, host="127.0.0.2") as other,
        serve(routes) as site,
        open_pages() as pages,
    ):
        routes["/a"] = redirect(other.url("/b"))
        await refused(pages, site.url("/a"), "blocked", r"^127\.0\.0\.2 asks programs in its robots\.txt")
    assert [request.target for request in other.requests] == ["/robots.txt"]


async def test_long_robots_is_read_to_its_limit(open_pages: OpenPages) -> None:
    """An endless file does no harm: its first 500 KiB count."""

    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nDisallow: /private\n")
        while True:
            writer.write(b"Disallow: /other\n" * 4_096)
            await writer.drain()

    async with serve({"/robots.txt": endless, "/a": answer(), "/private": answer()}) as site, open_pages() as pages:
        assert (await pages.found(site.url("/a"))).status == 200
        await refused(pages, site.url("/private"), "blocked", "asks programs")


async def test_robots_is_kept_for_a_day(open_pages: OpenPages, tmp_path: Path) -> None:
    """Another process, or the next start, does not ask again before 24 hours are over."""
    async with serve({"/robots.txt": robots(NOTHING), "/a": answer()}) as site:

        async def ask() -> int:
            async with open_pages() as pages:
                await refused(pages, site.url("/a"), "blocked", "asks programs")
            return len(site.requests)

        assert (await ask(), await ask()) == (1, 1)
        await age(tmp_path / "copydesk.sqlite", timedelta(hours=23, minutes=59))
        assert await ask() == 1
        await age(tmp_path / "copydesk.sqlite", timedelta(hours=24))
        assert await ask() == 2


async def test_kept_page_is_blocked_when_robots_forbids_it(open_pages: OpenPages) -> None:
    """What a caller's link brought into the cache is not given to research against the site's wish."""
    async with serve({"/robots.txt": robots(NOTHING), "/a": answer()}) as site, open_pages() as pages:
        assert (await pages.given(site.url("/a"))).overridden
        await refused(pages, site.url("/a"), "blocked", "asks programs")
        assert (await pages.given(site.url("/a"))).overridden
    assert sorted(request.target for request in site.requests) == ["/a", "/robots.txt"]


async def test_given_page_is_read_when_robots_forbids_it(open_pages: OpenPages) -> None:
    """The caller's link is fetched once all the same, and it is said."""
    async with serve({"/robots.txt": robots(NOTHING), "/a": answer()}) as site, open_pages() as pages:
        visit = await pages.given(site.url("/a"))
    assert visit.overridden
    assert visit.page.status == 200
    assert sorted(request.target for request in site.requests) == ["/a", "/robots.txt"]


@pytest.mark.parametrize(
    "rules",
    [robots(b""), robots(b"", 404), robots(b"", 500), silent, answer(b"User-agent: other\nDisallow: /")],
    ids=["empty", "missing", "error", "silent", "other"],
)
async def test_given_page_is_not_delayed_by_robots(rules: bytes | Handler, open_pages: OpenPages) -> None:
    """Whatever becomes of robots.txt, the page is here, and nothing was overridden."""
    async with serve({"/robots.txt": rules, "/a": answer()}) as site, open_pages() as pages:
        begun = time.monotonic()
        visit = await pages.given(site.url("/a"))
        assert time.monotonic() - begun < 3
    assert not visit.overridden


async def test_given_page_fails_as_ever_when_it_cannot_be_read(open_pages: OpenPages) -> None:
    """Its own failure is told, and no question about robots.txt is left behind."""
    async with serve({"/robots.txt": silent}) as site, open_pages() as pages:
        with pytest.raises(FetchError, match="status 404"):
            await pages.given(site.url("/a"))
        with pytest.raises(FetchError, match="not public"):
            await pages.given("http://127.0.0.3/")


async def test_host_has_two_connections_at_most_and_no_pause_inside(open_pages: OpenPages) -> None:
    """In an allowed range pages follow one another at once, two at a time."""
    at_once: list[int] = []
    busy = 0

    async def work(writer: asyncio.StreamWriter) -> None:
        nonlocal busy
        busy += 1
        at_once.append(busy)
        await asyncio.sleep(0.05)
        busy -= 1
        writer.write(answer())

    async with serve({f"/{n}": work for n in range(8)}) as site, open_pages(host_pause=30) as pages:
        begun = time.monotonic()
        await asyncio.gather(*(pages.found(site.url(f"/{n}")) for n in range(8)))
        assert time.monotonic() - begun < 10
    assert max(at_once) == 2


async def test_rules_are_asked_for_again_when_too_many_sites_are_known(open_pages: OpenPages) -> None:
    """Memory holds the last sites; of the others, what the cache keeps is read again, and a failure is tried again."""
    async with (
        serve({"/robots.txt": robots(b"", 500)}) as broken,
        serve({"/robots.txt": robots(NOTHING)}, host="127.0.0.2") as other,
        open_pages() as pages,
    ):
        rules = SiteRules(fetcher=pages._fetcher, cache=pages._cache, seconds=5, remembered=1)
        for _ in range(2):
            with pytest.raises(FetchError, match="status 500"):
                await rules.of(broken.url("/a"))
            assert not (await rules.of(other.url("/a"))).allow(other.url("/a"))
    assert len(broken.requests) == 2
    assert len(other.requests) == 1


async def test_large_robots_is_read_beside_the_event_loop(open_pages: OpenPages) -> None:
    """A file of hundreds of kilobytes is parsed in a thread, and its last rule counts."""
    text = b"User-agent: *\n" + b"".join(b"Disallow: /%d\n" % number for number in range(20_000))
    async with serve({"/robots.txt": robots(text), "/19999": answer(), "/a": answer()}) as site, open_pages() as pages:
        assert (await pages.found(site.url("/a"))).status == 200
        await refused(pages, site.url("/19999"), "blocked", "asks programs")

"""Fetching through a proxy that the settings name: what is checked before it is asked."""

import time

import pytest
from support.fetching import fetcher, refused, tunnelling
from support.servers import ScriptedResolver, answer, redirect, serve

PUBLIC = "93.184.215.14"  # never connected to: only the proxy could
NAMES = ScriptedResolver(
    script={"site.test": [[PUBLIC]], "inner.test": [["10.0.0.1"]], "mixed.test": [[PUBLIC, "::1"]]}
)


async def test_fetch_asks_the_proxy_when_one_is_set() -> None:
    """The whole address goes to the proxy, with its credentials; the answer is the page."""
    async with serve({"http://site.test:80/a": answer(b"<html>page")}) as proxy:
        address = proxy.url("", host="user:p%40ss@127.0.0.1")
        async with fetcher(proxy=address, resolver=NAMES) as instance:
            page = await instance.fetch("http://site.test/a?b=c")
    assert page.body == b"<html>page"
    assert page.final_url == "http://site.test/a?b=c"
    (request,) = proxy.requests
    assert request.target == "http://site.test:80/a?b=c"
    assert request.headers["host"] == "site.test"
    assert request.headers["proxy-authorization"] == "Basic dXNlcjpwQHNz"  # user:p@ss


async def test_fetch_tunnels_through_the_proxy_when_the_connection_is_encrypted() -> None:
    """The proxy sees the name and nothing of the request; the certificate is the site's."""
    async with (
        serve({"/a": answer(b"<html>page")}, tls=True) as site,
        tunnelling(site) as proxy,
        fetcher(proxy=proxy.url(""), resolver=NAMES) as instance,
    ):
        assert (await instance.fetch("https://site.test/a")).body == b"<html>page"
    assert [(request.method, request.target) for request in proxy.requests] == [("CONNECT", "site.test:443")]
    assert site.server_names == ["site.test"]
    assert "proxy-authorization" not in site.requests[0].headers


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://inner.test/", r"^inner\.test is not a public address"),
        ("https://mixed.test/", r"^mixed\.test is not a public address"),
        ("http://10.0.0.1/", "address is not public"),
        ("http://localhost/", "private network"),
        ("http://site.test:22/", r"^Port 22 of site\.test"),
    ],
)
async def test_fetch_is_blocked_before_the_proxy_is_asked(url: str, reason: str) -> None:
    """A proxy opens nothing that would be closed without it."""
    async with serve({}) as proxy:
        await refused(url, "blocked", reason, by=fetcher(proxy=proxy.url(""), resolver=NAMES))
    assert proxy.requests == []


async def test_fetch_is_blocked_when_a_redirect_through_the_proxy_is_private() -> None:
    """Each redirect is checked before the proxy hears of it."""
    async with serve({"http://site.test:80/": redirect("http://inner.test/")}) as proxy:
        by = fetcher(proxy=proxy.url(""), resolver=NAMES)
        await refused("http://site.test/", "blocked", r"^inner\.test is not a public", by=by)
    assert [request.target for request in proxy.requests] == ["http://site.test:80/"]


async def test_fetch_goes_straight_when_the_address_is_in_an_allowed_range() -> None:
    """The operator's own network is not looked for outside."""
    async with serve({"/": answer()}) as inside, serve({}) as proxy:
        async with fetcher(proxy=proxy.url("")) as instance:
            assert (await instance.fetch(inside.url())).status == 200
        assert proxy.requests == []


@pytest.mark.parametrize("status", [403, 407, 502])
async def test_fetch_is_unreachable_when_the_proxy_refuses(status: int) -> None:
    """A refused tunnel names the site and the proxy; a refusal of plain HTTP is a status like the site's own."""
    routes = {"site.test:443": answer(b"no", status=status), "http://site.test:80/": answer(b"no", status=status)}
    async with serve(routes) as proxy:
        by = fetcher(proxy=proxy.url(""), resolver=NAMES)
        message = r"^site\.test cannot be reached through the proxy\.$"
        await refused("https://site.test/", "unreachable", message, by=by)
        by = fetcher(proxy=proxy.url(""), resolver=NAMES)
        await refused("http://site.test/", "unreachable", f"answered with status {status}", by=by)


async def test_fetch_keeps_the_brackets_when_the_proxy_is_asked_for_an_ipv6_address() -> None:
    """Plain and tunnelled, the address stands in brackets before its port."""
    routes = {"http://[2606:4700::1]:80/": answer(), "[2606:4700::1]:443": answer(b"no", status=403)}
    async with serve(routes) as proxy:
        async with fetcher(proxy=proxy.url("")) as instance:
            assert (await instance.fetch("http://[2606:4700::1]/")).status == 200
        by = fetcher(proxy=proxy.url(""))
        await refused("https://[2606:4700::1]/", "unreachable", "through the proxy", by=by)
    assert [request.target for request in proxy.requests] == list(routes)


async def test_fetch_is_unreachable_when_the_proxy_is_away() -> None:
    """No connection to the proxy is no connection to the site."""
    by = fetcher(proxy="http://127.0.0.1:1", resolver=NAMES)
    await refused("http://site.test/", "unreachable", r"^site\.test cannot be connected to", by=by)


async def test_fetch_waits_for_its_turn_when_a_public_host_is_asked_again() -> None:
    """With a gate, requests to one public host begin a pause apart; another host and no gate do not wait."""
    asked: list[str] = []

    async def gate(url: str) -> float:
        asked.append(url)
        return 1.5

    resolver = ScriptedResolver(script={"site.test": [[PUBLIC]], "other.test": [[PUBLIC]]})
    routes = {f"http://{host}.test:80/": answer() for host in ("site", "other")}
    async with serve(routes) as proxy, fetcher(proxy=proxy.url(""), resolver=resolver) as instance:
        begun = time.monotonic()
        await instance.fetch("http://site.test/", gate=gate)
        await instance.fetch("http://other.test/", gate=gate)
        await instance.fetch("http://site.test/")
        assert time.monotonic() - begun < 1.5
        await instance.fetch("http://site.test/", gate=gate)
        assert time.monotonic() - begun >= 1.5
    assert asked == ["http://site.test/", "http://other.test/", "http://site.test/"]

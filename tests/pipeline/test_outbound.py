"""Fetching untrusted addresses: who is connected to, which redirects are followed, what failures mean."""

import asyncio
import logging
import time
from importlib.metadata import version
from ipaddress import ip_network

import httpcore2
import pytest
from support.fetching import fetcher, refused
from support.servers import LOOPBACK, ScriptedResolver, answer, redirect, serve

from copydesk.domain.source import Disposition
from copydesk.outbound.addresses import CheckedBackend, SystemResolver
from copydesk.outbound.failures import FAILURES, failure
from copydesk.settings import AllowedRange

PUBLIC = "93.184.215.14"  # never connected to: sockets outside of loopback are closed to tests


async def test_fetch_returns_the_page_when_all_is_well() -> None:
    """Address, status, type, charset and body of an ordinary page."""
    page_bytes = "<html><p>Grüße</p></html>".encode("latin-1")
    async with (
        serve({"/a": answer(page_bytes, content_type="Text/HTML; Charset=ISO-8859-1")}) as server,
        fetcher() as instance,
    ):
        page = await instance.fetch(f" {server.url('/a?b=c#part')} ")
    assert page.url == server.url("/a?b=c#part")
    assert page.final_url == server.url("/a?b=c")
    assert (page.status, page.content_type, page.charset) == (200, "text/html", "iso-8859-1")
    assert page.body == page_bytes
    assert page.file_kind is None
    assert page.fetched_at.tzinfo is not None
    assert server.requests[0].target == "/a?b=c"


async def test_fetch_introduces_itself_honestly() -> None:
    """The user agent names product, version and contact; only readable codings are offered; nothing is kept."""
    with_cookie = answer(headers=[("Set-Cookie", "a=b; Path=/")])
    async with serve({"/": with_cookie}) as server, fetcher(contact="mailto:(ä)desk@site.test\r\nX: y") as instance:
        await instance.fetch(server.url())
        await instance.fetch(server.url())
    for request in server.requests:
        assert request.headers["user-agent"] == f"Copydesk/{version('copydesk')} (+mailto:desk@site.testX: y)"
        assert request.headers["accept-encoding"] == "gzip, deflate, br, zstd"
        assert request.headers["host"] == f"127.0.0.1:{server.port}"
        assert set(request.headers) == {"host", "user-agent", "accept", "accept-encoding"}


async def test_fetch_ignores_proxies_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would connect to addresses that were never checked."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with serve({"/": answer()}) as server, fetcher() as instance:
        assert (await instance.fetch(server.url())).status == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.2/",
        "http://0x7f.0.0.2:8080/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.2]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost/",
        "ftp://site.test/",
        "http://user:secret@site.test/",
    ],
)
async def test_fetch_is_blocked_when_the_link_breaks_a_rule(url: str) -> None:
    """What a task would refuse at creation is refused here too, with its sentence."""
    await refused(url, "blocked", r"^The link may not be fetched: The link", by=fetcher())


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.2"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["::1"],
        ["fd00::1"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::a00:1"],
        ["64:ff9b:1::a00:1"],
        ["2002:a00:1::"],
        ["2001:0:a00:1::"],
        ["100.64.0.1"],
        ["fd00:ec2::254"],
        ["0.0.0.0"],  # noqa: S104 - refused, not bound
        ["224.0.0.1"],
        [PUBLIC, "10.0.0.1"],
        ["127.0.0.1", "127.0.0.2"],
    ],
)
async def test_fetch_is_blocked_when_a_name_resolves_to_a_private_address(addresses: list[str]) -> None:
    """One non-public answer among any number blocks the name; nothing is connected to."""
    resolver = ScriptedResolver(script={"site.test": [addresses]})
    async with serve({"/": answer()}, host="127.0.0.2") as trap:
        url = trap.url(host="site.test")
        await refused(url, "blocked", r"^site\.test is not a public address\.$", by=fetcher(resolver=resolver))
    assert trap.requests == []


async def test_fetch_connects_to_the_address_that_was_checked_when_the_name_rebinds() -> None:
    """A name is resolved once a connection; its later answers are never consulted."""
    resolver = ScriptedResolver(script={"site.test": [["127.0.0.1"], ["127.0.0.2"]]})
    async with (
        serve({"/": answer(b"<html>good")}) as server,
        serve({"/": answer(b"<html>bad")}, host="127.0.0.2", port=server.port) as trap,
    ):
        async with fetcher(resolver=resolver) as instance:
            page = await instance.fetch(server.url(host="site.test"))
            assert page.body == b"<html>good"
            assert resolver.asked == ["site.test"]
        await refused(server.url(host="site.test"), "blocked", "not a public", by=fetcher(resolver=resolver))
    assert trap.requests == []
    assert server.requests[0].headers["host"] == f"site.test:{server.port}"


async def test_fetch_tries_the_next_address_when_one_is_dead() -> None:
    """Of several checked addresses the first that answers is used."""
    allow = (*LOOPBACK, AllowedRange(ip_network("127.0.0.3/32"), None))
    resolver = ScriptedResolver(script={"site.test": [["127.0.0.3", "127.0.0.1"]]})
    async with serve({"/": answer()}) as server, fetcher(allow=allow, resolver=resolver) as instance:
        assert (await instance.fetch(server.url(host="site.test"))).status == 200


async def test_fetch_is_blocked_when_the_port_is_not_the_webs() -> None:
    """Public hosts are asked on the web's four ports only, unless a range opens another."""
    resolver = ScriptedResolver(script={"site.test": [[PUBLIC]]})
    for port in (22, 25, 6379, 9999):
        url = f"http://site.test:{port}/"
        await refused(url, "blocked", rf"^Port {port} of site\.test is not", by=fetcher(resolver=resolver))


async def test_fetch_is_blocked_when_a_range_opens_another_port() -> None:
    """A range with a port opens that port alone."""
    async with serve({"/": answer()}) as server:
        network = ip_network("127.0.0.0/8")
        async with fetcher(allow=[AllowedRange(network, server.port)]) as instance:
            assert (await instance.fetch(server.url())).status == 200
        closed = fetcher(allow=[AllowedRange(network, server.port + 1)])
        await refused(server.url(), "blocked", "address is not public", by=closed)


async def test_fetch_reads_an_ipv6_address_when_its_range_is_allowed() -> None:
    """The brackets belong to the address as it is written and sent, not to the connection or to TLS."""
    allow = [AllowedRange(ip_network("::1/128"), None)]
    async with serve({"/": answer()}, host="::1") as server, fetcher(allow=allow) as instance:
        page = await instance.fetch(server.url(host="[0:0::0:1]"))
        assert page.final_url == server.url(host="[::1]")
        assert server.requests[0].headers["host"] == f"[::1]:{server.port}"
    async with serve({"/": answer()}, host="::1", tls=True) as server:
        url = server.url(host="[::1]", scheme="https")
        await refused(url, "unreachable", "certificate that is not valid", by=fetcher(allow=allow))
    assert server.server_names == [None]


async def test_names_are_inside_when_all_their_addresses_are_in_the_ranges() -> None:
    """One address outside, or none at all, is not the operator's own network; without ranges nobody is asked."""
    resolver = ScriptedResolver(script={"in.test": [["127.0.0.1"]], "mixed.test": [["127.0.0.1", PUBLIC]]})
    backend = CheckedBackend(allow=LOOPBACK, resolver=resolver)
    assert await backend.is_inside("in.test", 80)
    assert await backend.is_inside("127.0.0.1", 80)
    for host in ("mixed.test", "gone.test", "127.0.0.2", "[::1]"):
        assert not await backend.is_inside(host, 80)
    silent = ScriptedResolver(script={})
    assert not await CheckedBackend(allow=(), resolver=silent).is_inside("in.test", 80)
    assert silent.asked == []


async def test_fetch_keeps_the_name_when_the_connection_is_encrypted() -> None:
    """TLS is told the name, and the certificate must be the name's, though the connection goes to an address."""
    resolver = ScriptedResolver(script={"site.test": [["127.0.0.1"]], "wrong.test": [["127.0.0.1"]]})
    async with serve({"/": answer()}, tls=True) as server:
        async with fetcher(resolver=resolver) as instance:
            await instance.fetch(server.url(host="site.test.", scheme="https"))
        url = server.url(host="wrong.test", scheme="https")
        await refused(
            url, "unreachable", r"wrong\.test has a certificate that is not valid", by=fetcher(resolver=resolver)
        )
        url = server.url(scheme="https")
        await refused(url, "unreachable", r"^127\.0\.0\.1 has a certificate that is not valid", by=fetcher())
    assert server.server_names == ["site.test", "wrong.test", None]
    assert server.requests[0].headers["host"] == f"site.test:{server.port}"


async def test_fetch_is_unreachable_when_encryption_meets_plain_text() -> None:
    """An https address of a server that does not speak TLS fails with a sentence of its own."""

    async def refuse(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"this is plain HTTP", status=400))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        await refused(url, "unreachable", "failed to set up an encrypted connection", by=fetcher())


async def test_fetch_is_unreachable_when_the_handshake_hangs() -> None:
    """A server that never answers the handshake is cut off in time, and its connection is closed."""
    closed = asyncio.Event()

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # to the end, which comes when the other side closes
        closed.set()
        writer.close()

    async with await asyncio.start_server(wait, "127.0.0.1", 0) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        await refused(url, "unreachable", r"within 0\.3 seconds", by=fetcher(seconds=0.3))
        async with asyncio.timeout(5):
            await closed.wait()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location", ["/b/c?d=e#f", "b/c?d=e", "//127.0.0.1:{port}/b/c?d=e", "http://127.0.0.1:{port}/b/c?d=e"]
)
async def test_fetch_follows_when_a_redirect_is_allowed(status: int, location: str) -> None:
    """Every redirect status and every form of `Location` leads on; the fragment is dropped."""
    routes = {"/a": b"", "/b/c": answer(b"<html>there")}
    async with serve(routes) as server, fetcher() as instance:
        routes["/a"] = redirect(location.format(port=server.port), status)
        page = await instance.fetch(server.url("/a"))
        assert page.url == server.url("/a")
        assert page.final_url == server.url("/b/c?d=e")
    assert page.body == b"<html>there"


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://127.0.0.2:{port}/", "not public"),
        ("http://2130706434:{port}/", "not public"),
        ("//[::ffff:127.0.0.2]:{port}/", "not public"),
        ("http://169.254.169.254/", "not public"),
        ("http://localhost:{port}/", "private network"),
        ("file:///etc/passwd", "must begin with http"),
        ("ftp://site.test/", "must begin with http"),
        ("javascript:alert(1)", "must begin with http"),
        ("http://user:secret@127.0.0.1:{port}/", "user name or password"),
    ],
)
async def test_fetch_is_blocked_when_a_redirect_leads_to_where_none_may_go(location: str, reason: str) -> None:
    """A redirect is checked like a new link, and its goal is never asked."""
    routes = {"/": b""}
    async with serve(routes) as server, serve({"/": answer()}, host="127.0.0.2", port=server.port) as trap:
        routes["/"] = redirect(location.format(port=server.port))
        message = rf"^127\.0\.0\.1 redirects to where nothing may be fetched: .*{reason}"
        await refused(server.url(), "blocked", message, by=fetcher())
    assert trap.requests == []
    assert len(server.requests) == 1


async def test_fetch_is_blocked_when_a_redirects_name_is_private() -> None:
    """The name of a redirect is resolved and checked too."""
    resolver = ScriptedResolver(script={"inner.test": [["127.0.0.2"]]})
    async with serve({"/": redirect("http://inner.test/")}) as server:
        await refused(server.url(), "blocked", r"^inner\.test is not a public", by=fetcher(resolver=resolver))


@pytest.mark.parametrize(
    ("routes", "message"),
    [
        ({"/": redirect("/")}, "redirects in a circle"),
        ({"/": redirect("/a"), "/a": redirect("/#again")}, "redirects in a circle"),
        ({"/": redirect("http://[bad/")}, "something that is not an address"),
        ({"/": redirect("http://site.test:99999/")}, "something that is not an address"),
        ({"/": redirect("")}, "without saying where"),
        ({"/": answer(b"", status=302)}, "without saying where"),
        ({"/": answer(b"", status=304)}, "status 304 Not Modified"),
        ({"/": answer(b"", status=300)}, "status 300 Multiple Choices"),
    ],
)
async def test_fetch_is_unreachable_when_redirects_lead_nowhere(routes: dict[str, bytes], message: str) -> None:
    """Circles and redirects without a goal end with their own sentence."""
    async with serve(routes) as server:
        await refused(server.url(), "unreachable", message, by=fetcher())


async def test_fetch_is_blocked_when_a_name_rebinds_between_redirects() -> None:
    """Each redirect to the same name is resolved and checked anew: its new address does not slip in."""
    script: dict[str, list[list[str]]] = {"site.test": [["127.0.0.1"], ["127.0.0.1"], ["127.0.0.2"]]}
    resolver = ScriptedResolver(script=script)
    routes = {"/": redirect("/a"), "/a": redirect("/b"), "/b": answer()}
    async with serve(routes) as server, serve(routes, host="127.0.0.2", port=server.port) as trap:
        url = server.url(host="site.test")
        await refused(url, "blocked", r"^site\.test is not a public address", by=fetcher(resolver=resolver))
    assert [request.target for request in server.requests] == ["/", "/a"]
    assert trap.requests == []
    assert resolver.asked == ["site.test"] * 3


async def test_fetch_follows_five_redirects_and_not_six() -> None:
    """The limit of redirects, just inside and just outside."""
    routes = {f"/{n}": redirect(f"/{n + 1}") for n in range(6)}
    async with serve({**routes, "/6": answer()}) as server:
        async with fetcher() as instance:
            assert (await instance.fetch(server.url("/1"))).final_url == server.url("/6")
        await refused(server.url("/0"), "unreachable", "more than 5 times", by=fetcher())


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 451, 500, 503, 599])
async def test_fetch_is_unreachable_when_the_status_is_an_error(status: int) -> None:
    """The status is named, with its phrase where it has one."""
    async with serve({"/": answer(status=status)}) as server:
        error = await refused(server.url(), "unreachable", f"answered with status {status}", by=fetcher())
    assert ("Not Found" in error.message) is (status == 404)


async def test_fetch_is_unreachable_when_a_name_does_not_resolve() -> None:
    """Unknown names, names without addresses and names that cannot be ones."""
    resolver = ScriptedResolver(script={"empty.test": [[]]})
    await refused("http://no.test/", "unreachable", r"^The name no\.test cannot be", by=fetcher(resolver=resolver))
    await refused("http://empty.test/", "unreachable", r"empty\.test has no address", by=fetcher(resolver=resolver))


async def test_system_resolver_answers_checked_names() -> None:
    """The system's resolver gives each address once, and errors for what is no name."""
    found = await SystemResolver().resolve("localhost", 80)
    assert any(address.is_loopback for address in found)
    assert len(set(found)) == len(found)
    with pytest.raises((OSError, UnicodeError)):
        await SystemResolver().resolve("a" * 64 + ".test", 80)


@pytest.mark.parametrize("raw", ["/ä".encode(), "/ä".encode("latin-1"), b"/%C3%A4"])
async def test_fetch_follows_when_a_location_is_not_ascii(raw: bytes) -> None:
    """Bare UTF-8 and Latin-1 in `Location` are taken for the letters they are."""
    route = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + raw + b"\r\n\r\n"
    async with serve({"/": route, "/%C3%A4": answer()}) as server, fetcher() as instance:
        assert (await instance.fetch(server.url())).final_url == server.url("/%C3%A4")


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _reset_within(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n<html>")
    await writer.drain()
    writer.transport.abort()


@pytest.mark.parametrize(
    ("route", "message"),
    [
        (_hang_up, "did not answer in valid HTTP"),
        (_reset_within, "(broke off|did not answer in valid HTTP)"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "did not answer in valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Length: 20\r\n\r\n", "did not answer in valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n", "did not answer in valid HTTP"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99\r\n\r\n<html>",
            "did not answer in valid HTTP",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "did not answer in valid HTTP",
        ),
    ],
)
async def test_fetch_is_unreachable_when_the_answer_is_broken(route: bytes, message: str) -> None:
    """Hang-ups, resets, cut bodies and other protocols."""
    async with serve({"/": route}) as server:
        await refused(server.url(), "unreachable", message, by=fetcher())


async def test_fetch_is_unreachable_when_nobody_listens() -> None:
    """A refused connection."""
    async with serve({}) as gone:
        url = gone.url()
    await refused(url, "unreachable", "cannot be connected to", by=fetcher())


async def test_fetch_leaks_no_query_when_it_fails(caplog: pytest.LogCaptureFixture) -> None:
    """Neither sentences nor logs (from level info on) carry what stands behind a link's question mark."""
    routes = {"/": answer(status=500), "/r": redirect("/r?token=secret")}
    with caplog.at_level(logging.INFO):
        async with serve(routes) as server:
            for path in ("/?token=secret", "/r?token=secret"):
                error = await refused(server.url(path), "unreachable", "127.0.0.1", by=fetcher())
                assert "secret" not in str(error)
        error = await refused("http://u:secret@site.test/?secret", "blocked", "user name", by=fetcher())
    assert "secret" not in str(error) + caplog.text


async def test_fetch_works_on_when_one_was_cancelled() -> None:
    """A cancelled fetch closes its connection and harms no other."""
    asked = asyncio.Event()

    async def hang(writer: asyncio.StreamWriter) -> None:
        asked.set()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>")
        await asyncio.sleep(60)

    async with serve({"/hang": hang, "/": answer()}) as server, fetcher() as instance:
        hanging = asyncio.create_task(instance.fetch(server.url("/hang")))
        async with asyncio.timeout(5):
            await asked.wait()
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
        assert (await instance.fetch(server.url())).status == 200


async def test_fetch_runs_side_by_side() -> None:
    """Fifty slow pages take the time of one, not of fifty."""

    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.3)
        writer.write(answer())

    async with serve({"/": slow}) as server, fetcher() as instance:
        begun = time.monotonic()
        pages = await asyncio.gather(*(instance.fetch(server.url()) for _ in range(50)))
    assert len(pages) == 50
    assert time.monotonic() - begun < 5


def _error_types() -> list[type[Exception]]:
    public = [getattr(httpcore2, name) for name in httpcore2.__all__]
    return [kind for kind in public if isinstance(kind, type) and issubclass(kind, Exception)]


def test_failures_are_complete() -> None:
    """Every error that the HTTP library exports has its own line in the table."""
    kinds = _error_types()
    assert len(kinds) >= 14
    assert [kind for kind in kinds if kind not in FAILURES] == []


@pytest.mark.parametrize(
    "kind", [*_error_types(), ConnectionResetError, UnicodeEncodeError], ids=lambda kind: kind.__name__
)
def test_failure_says_what_an_error_means(kind: type[Exception]) -> None:
    """Each error becomes a sentence about the host, also a subclass of one in the table."""
    error = kind("ascii", "x", 0, 1, "why") if kind is UnicodeEncodeError else kind()
    translated = failure(error, "site.test")
    assert translated.reason == Disposition.UNREACHABLE
    assert translated.message.startswith("site.test ")

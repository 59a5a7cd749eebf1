"""What every search provider promises, over all of them, each against its real answers from a local server."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import pytest
from support.search_answers import (
    TITLES,
    searxng_answer,
    searxng_nothing,
    wikipedia_answer,
    wikipedia_error,
)
from support.servers import Handler, LocalServer, answer, redirect, serve

from copydesk.adapters.search import build_search
from copydesk.adapters.search.none import NoSearch
from copydesk.adapters.search.results import plain_text
from copydesk.adapters.search.scripted import Asked, ScriptedSearch
from copydesk.adapters.search.searxng import SearxngSearch
from copydesk.adapters.search.wikipedia import WikipediaSearch
from copydesk.errors import ConfigurationError, SearchError
from copydesk.outbound.trusted import TrustedClient
from copydesk.ports import SearchProvider, SearchResult
from copydesk.settings import Settings

MIB = 1024 * 1024
SCRIPT = tuple(SearchResult(url=f"https://site.test/{n}", title=f"Page {n}", snippet="Text.") for n in range(7))
PATHS = {"wikipedia": "/en/w/api.php", "searxng": "/search"}
GOOD = {"wikipedia": wikipedia_answer(), "searxng": searxng_answer()}


def as_json(value: Any, *, status: int = 200) -> bytes:
    """An answer as these engines send it."""
    return answer(json.dumps(value).encode(), status=status, content_type="application/json; charset=utf-8")


@dataclass(kw_only=True)
class Engine:
    """A provider and the server that it asks."""

    provider: SearchProvider
    server: LocalServer
    routes: dict[str, bytes | Handler]

    def answers(self, route: bytes | Handler) -> None:
        """What the engine answers from now on."""
        self.routes[PATHS[self.provider.name]] = route

    @property
    def asked(self) -> dict[str, list[str]]:
        """The last query's parameters."""
        return parse_qs(self.server.requests[-1].target.partition("?")[2], keep_blank_values=True)


def _provider(name: str, base: str, client: TrustedClient) -> SearchProvider:
    providers: dict[str, Callable[[], SearchProvider]] = {
        "wikipedia": lambda: WikipediaSearch(client=client, base=f"{base}/{{language}}/"),
        "searxng": lambda: SearxngSearch(client=client, base=f"{base}/"),
        "none": NoSearch,
        "scripted": lambda: ScriptedSearch(SCRIPT),
    }
    return providers[name]()


async def _engine(name: str) -> AsyncIterator[Engine]:
    routes: dict[str, bytes | Handler] = {PATHS[key]: as_json(value) for key, value in GOOD.items()}
    async with (
        serve(routes) as server,
        TrustedClient(seconds=0.5, max_bytes=MIB, contact="mailto:desk@site.test") as client,
    ):
        yield Engine(provider=_provider(name, server.url(""), client), server=server, routes=routes)


@pytest.fixture(params=["wikipedia", "searxng", "none", "scripted"])
async def engine(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    """Every provider in turn."""
    async for made in _engine(request.param):
        yield made


@pytest.fixture(params=["wikipedia", "searxng"])
async def remote(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    """Every provider that asks over the network, in turn."""
    async for made in _engine(request.param):
        yield made


@pytest.fixture
async def wikipedia() -> AsyncIterator[Engine]:
    """Wikipedia alone."""
    async for made in _engine("wikipedia"):
        yield made


@pytest.fixture
async def searxng() -> AsyncIterator[Engine]:
    """SearXNG alone."""
    async for made in _engine("searxng"):
        yield made


class TestSearchProvider:
    """The port's contract."""

    async def test_search_answers_at_most_the_limit(self, engine: Engine) -> None:
        """Never more than asked for; as many as there are."""
        for limit in (1, 3, 5):
            found = await engine.provider.search("coffee", language="en", limit=limit)
            assert len(found) == (0 if engine.provider.name == "none" else limit)

    async def test_search_answers_plain_text_and_web_addresses(self, engine: Engine) -> None:
        """Titles and snippets carry no markup; addresses can be fetched; no page comes twice."""
        found = await engine.provider.search("coffee", language="en", limit=10)
        for result in found:
            assert result.url.startswith(("https://", "http://"))
            assert result.title == result.title.strip() != ""
            assert not set("<>\n") & set(result.title + result.snippet)
            assert "&amp;" not in result.title + result.snippet
        assert len({result.url.partition("?")[0] for result in found}) == len(found)

    async def test_search_is_the_same_when_asked_again(self, engine: Engine) -> None:
        """Answers depend on the query alone."""
        first = await engine.provider.search("coffee", language="en-GB", limit=4)
        assert await engine.provider.search("coffee", language="en-GB", limit=4) == first

    async def test_search_runs_side_by_side(self, engine: Engine) -> None:
        """Several queries at the same time."""
        found = await asyncio.gather(*(engine.provider.search(str(n), language="en", limit=2) for n in range(20)))
        assert len(found) == 20

    async def test_name_is_a_word(self, engine: Engine) -> None:
        """The name that warnings carry."""
        assert engine.provider.name.isidentifier()


async def _hang(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()


class TestRemoteFailures:
    """What every provider that asks over the network makes of failures."""

    @pytest.mark.parametrize(
        ("route", "retryable", "message"),
        [
            (_hang, True, r"did not answer within 0\.5 seconds"),
            (_hang_up, True, "did not answer in valid HTTP"),
            (answer(status=429), True, r"no more queries for now \(status 429\)"),
            (answer(status=500), True, "answered with status 500"),
            (answer(status=503), True, "answered with status 503"),
            (answer(status=400), False, "answered with status 400"),
            (answer(status=404), False, "answered with status 404"),
            (redirect("https://site.test/"), False, "configure the address that it redirects to"),
            (answer(b"<html>", content_type="text/html"), False, "not JSON"),
            (answer(b""), False, "not JSON"),
            (answer(b'{"results": ['), False, "not JSON"),
            (answer(b"\xff\xfe\xfd"), False, "not JSON"),
            (answer(b"[" * 200_000), False, "not JSON"),
            (answer(b"[" + b" " * MIB + b"]"), False, "more than 1 MiB"),
            (as_json([]), False, "shape"),
            (as_json(None), False, "shape"),
            (as_json({}), False, "shape"),
            (as_json({"results": {}, "query": []}), False, "shape"),
            (as_json({"results": None, "query": {"search": None}}), False, "shape"),
            (as_json({"results": [{}], "query": {"search": [{}]}}), False, "result"),
            (as_json({"results": [7], "query": {"search": [7]}}), False, "result"),
        ],
    )
    async def test_search_fails_with_a_sentence(
        self, remote: Engine, route: bytes | Handler, *, retryable: bool, message: str
    ) -> None:
        """Each failure has a sentence, and says whether a little later the same may succeed."""
        remote.answers(route)
        with pytest.raises(SearchError, match=message) as caught:
            await remote.provider.search("coffee", language="en", limit=5)
        assert caught.value.retryable is retryable

    async def test_search_fails_when_nobody_listens(self) -> None:
        """A refused connection is worth another try."""
        async with serve({}) as gone:
            base = gone.url("")
        async with TrustedClient(seconds=5, max_bytes=MIB, contact=None) as client:
            for name in PATHS:
                with pytest.raises(SearchError, match="cannot be connected to") as caught:
                    await _provider(name, base, client).search("coffee", language="en", limit=5)
                assert caught.value.retryable

    async def test_search_keeps_the_query_out_of_its_sentences(self, remote: Engine) -> None:
        """A query may be private."""
        remote.answers(answer(status=500))
        with pytest.raises(SearchError) as caught:
            await remote.provider.search("secret", language="en", limit=5)
        assert "secret" not in str(caught.value)


class TestWikipedia:
    """What is Wikipedia's own."""

    async def test_search_asks_as_the_api_wants(self, wikipedia: Engine) -> None:
        """Parameters of MediaWiki's API, and a user agent with a contact."""
        await wikipedia.provider.search("  coffee \n house ", language="en", limit=500)
        assert wikipedia.asked == {
            "action": ["query"],
            "list": ["search"],
            "srsearch": ["coffee house"],
            "srlimit": ["50"],
            "srprop": ["snippet"],
            "format": ["json"],
            "formatversion": ["2"],
        }
        agent = wikipedia.server.requests[0].headers["user-agent"]
        assert agent.startswith("Copydesk/")
        assert agent.endswith("(+mailto:desk@site.test)")

    async def test_search_answers_pages_of_the_edition(self, wikipedia: Engine) -> None:
        """Addresses as Wikipedia writes them, snippets without markup."""
        found = await wikipedia.provider.search("coffee", language="en", limit=10)
        start = wikipedia.server.url("/en/wiki/")
        assert [result.title for result in found] == list(TITLES)
        assert found[1].url == f"{start}Coffee_bean"
        assert found[3].url == f"{start}Caf%C3%A9_%26_bar:_what's_C%2B%2B%3F"
        assert found[3].snippet == 'Café & bar: what\'s C++? is "brewed" from roasted beans of the tree'

    @pytest.mark.parametrize(
        ("language", "edition"),
        [("de", "de"), ("pt-BR", "pt"), ("zh-Hant-TW", "zh"), ("EN", "en"), ("nb", "no"), ("nn", "nn"), ("ast", "ast")],
    )
    async def test_search_asks_the_edition_of_the_language(
        self, wikipedia: Engine, language: str, edition: str
    ) -> None:
        """The primary language chooses the edition."""
        wikipedia.routes[f"/{edition}/w/api.php"] = as_json(wikipedia_answer())
        found = await wikipedia.provider.search("coffee", language=language, limit=1)
        assert found[0].url == wikipedia.server.url(f"/{edition}/wiki/Coffee")

    @pytest.mark.parametrize("language", ["", "x", "evil.test/", "en.evil", "1", "klingon"])
    async def test_search_refuses_a_language_that_is_no_code(self, wikipedia: Engine, language: str) -> None:
        """Nothing but letters becomes part of a host name."""
        with pytest.raises(SearchError, match="no edition"):
            await wikipedia.provider.search("coffee", language=language, limit=1)
        assert wikipedia.server.requests == []

    async def test_search_cuts_a_query_that_is_too_long(self, wikipedia: Engine) -> None:
        """300 characters at most, cut between words where there are words."""
        await wikipedia.provider.search("coffee " * 100, language="en", limit=1)
        assert wikipedia.asked["srsearch"] == [("coffee " * 43).strip()]
        await wikipedia.provider.search("c" * 400, language="en", limit=1)
        assert wikipedia.asked["srsearch"] == ["c" * 300]
        await wikipedia.provider.search("c" * 300, language="en", limit=1)
        assert wikipedia.asked["srsearch"] == ["c" * 300]

    async def test_search_finds_nothing_when_there_is_nothing(self, wikipedia: Engine) -> None:
        """No hits are no failure."""
        wikipedia.answers(as_json(wikipedia_answer(0)))
        assert await wikipedia.provider.search("qwxyz", language="en", limit=5) == ()

    @pytest.mark.parametrize(("code", "retryable"), [("ratelimited", True), ("maxlag", True), ("nosrsearch", False)])
    async def test_search_fails_when_the_answer_is_an_error(
        self, wikipedia: Engine, code: str, *, retryable: bool
    ) -> None:
        """MediaWiki's own errors come with status 200."""
        wikipedia.answers(as_json(wikipedia_error(code, 'The "srsearch" parameter must be set')))
        with pytest.raises(SearchError, match=f"parameter must be set .{code}.") as caught:
            await wikipedia.provider.search("", language="en", limit=5)
        assert caught.value.retryable is retryable

    async def test_search_says_what_helps_when_it_is_forbidden(self, wikipedia: Engine) -> None:
        """Wikimedia refuses clients without a contact."""
        wikipedia.answers(answer(status=403))
        with pytest.raises(SearchError, match="set COPYDESK_CONTACT"):
            await wikipedia.provider.search("coffee", language="en", limit=5)


class TestSearxng:
    """What is SearXNG's own."""

    async def test_search_asks_as_the_api_wants(self, searxng: Engine) -> None:
        """Query, JSON and the primary language."""
        await searxng.provider.search("coffee & milk", language="pt-BR", limit=5)
        assert searxng.asked == {"q": ["coffee & milk"], "format": ["json"], "language": ["pt"]}

    async def test_search_answers_each_page_once_and_web_pages_only(self, searxng: Engine) -> None:
        """The same page under two addresses is one; other schemes are left out; markup is gone."""
        found = await searxng.provider.search("coffee", language="en", limit=10)
        assert [result.url for result in found] == [
            "https://en.wikipedia.org/wiki/Coffee",
            "https://www.ncausa.org/about-coffee/what-is-coffee",
            "https://www.britannica.com/topic/coffee",
            "https://coffee.test/a",
            "https://coffee.test/b",
        ]
        assert (found[0].title, found[0].snippet) == ("Title 0", "")
        assert found[1].snippet == "Coffee is a beverage & more."

    async def test_search_takes_the_address_for_a_missing_title(self, searxng: Engine) -> None:
        """Records may lack a title; those without an address are left out."""
        records = [{"url": "https://site.test/"}, {"title": "No address"}, {"url": ""}]
        searxng.answers(as_json({**searxng_answer(), "results": records}))
        found = await searxng.provider.search("coffee", language="en", limit=10)
        assert found == (SearchResult(url="https://site.test/", title="https://site.test/", snippet=""),)

    async def test_search_finds_nothing_when_its_engines_find_nothing(self, searxng: Engine) -> None:
        """No hits are no failure."""
        searxng.answers(as_json(searxng_nothing(silent=False)))
        assert await searxng.provider.search("qwxyz", language="en", limit=5) == ()

    async def test_search_fails_when_no_engine_answers(self, searxng: Engine) -> None:
        """No hits because every engine is silent are a failure, with their names."""
        searxng.answers(as_json(searxng_nothing(silent=True)))
        with pytest.raises(SearchError, match=r"\(brave, google\)") as caught:
            await searxng.provider.search("coffee", language="en", limit=5)
        assert caught.value.retryable

    async def test_search_says_what_helps_when_json_is_disabled(self, searxng: Engine) -> None:
        """SearXNG answers 403 to a format that its settings do not list."""
        searxng.answers(answer(status=403))
        with pytest.raises(SearchError, match=r"add 'json' to search\.formats") as caught:
            await searxng.provider.search("coffee", language="en", limit=5)
        assert not caught.value.retryable

    async def test_search_sends_credentials_of_its_address(self) -> None:
        """An instance behind basic authentication; the secret stays out of sentences."""
        async with (
            serve({"/sub/search": as_json(searxng_answer())}) as server,
            TrustedClient(seconds=5, max_bytes=MIB, contact=None) as client,
        ):
            base = server.url("/sub", host="desk:s%C3%A9cret@127.0.0.1")
            assert await SearxngSearch(client=client, base=base).search("coffee", language="en", limit=1)
            assert server.requests[0].headers["authorization"] == "Basic ZGVzazpzw6ljcmV0"
            assert "cret" not in server.requests[0].target
            with pytest.raises(SearchError) as caught:
                await SearxngSearch(client=client, base=f"{base}/no").search("coffee", language="en", limit=1)
        assert "cret" not in str(caught.value)

    @pytest.mark.parametrize("base", ["not an address", "ftp://127.0.0.1", "127.0.0.1:8888", "http://[x"])
    async def test_search_fails_when_its_address_is_none(self, base: str) -> None:
        """A setting that is no web address fails with a sentence."""
        async with TrustedClient(seconds=5, max_bytes=MIB, contact=None) as client:
            with pytest.raises(SearchError, match="configured address is not a valid"):
                await SearxngSearch(client=client, base=base).search("coffee", language="en", limit=1)


class TestScripted:
    """What is the scripted engine's own."""

    async def test_search_answers_by_query(self) -> None:
        """A mapping answers its queries, and nothing to others; errors are raised."""
        provider = ScriptedSearch({"a": SCRIPT[:2], "b": SearchError("No quota.", retryable=True)}, name="other")
        assert await provider.search("a", language="en", limit=1) == SCRIPT[:1]
        assert await provider.search("c", language="de", limit=5) == ()
        with pytest.raises(SearchError, match="No quota"):
            await provider.search("b", language="en", limit=5)
        assert provider.asked[1] == Asked(query="c", language="de", limit=5)
        assert (len(provider.asked), provider.name) == (3, "other")

    async def test_search_fails_when_the_script_is_an_error(self) -> None:
        """One error for every query."""
        with pytest.raises(SearchError, match="Down"):
            await ScriptedSearch(SearchError("Down.")).search("a", language="en", limit=1)

    async def test_search_waits_when_there_is_a_delay(self) -> None:
        """The delay is waited for, so that time limits can be tested."""
        with pytest.raises(TimeoutError):
            await _within(0.05, ScriptedSearch(SCRIPT, delay=30).search("a", language="en", limit=1))


async def _within(seconds: float, work: Awaitable[object]) -> object:
    async with asyncio.timeout(seconds):
        return await work


async def test_build_search_builds_each_engine_of_the_setting() -> None:
    """Every name that the setting takes has an engine of that name."""
    settings = Settings(search=("wikipedia",), searxng_url="http://127.0.0.1:8888")
    async with TrustedClient(seconds=5, max_bytes=MIB, contact=None) as client:
        for name in ("wikipedia", "searxng", "none"):
            assert build_search(name, settings, client).name == name


async def test_build_search_refuses_what_cannot_be_built() -> None:
    """An unknown name, and SearXNG without its address."""
    async with TrustedClient(seconds=5, max_bytes=MIB, contact=None) as client:
        with pytest.raises(ConfigurationError, match="'altavista'"):
            build_search("altavista", Settings(), client)
        with pytest.raises(ConfigurationError, match="COPYDESK_SEARXNG_URL"):
            build_search("searxng", Settings(), client)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<b>a</b>&nbsp;&lt;b&gt;\n c", "a <b> c"),
        ("2 < 3 and 4 > 1", "2 < 3 and 4 > 1"),
        ("<script>x</script>", "x"),
        ("", ""),
    ],
)
def test_plain_text_resolves_markup(markup: str, text: str) -> None:
    """Tags go, entities are resolved once, space is folded."""
    assert plain_text(markup) == text

"""What is each search engine's own."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from decimal import Decimal

import pytest
from ddgs import exceptions
from pydantic import ValidationError
from pydantic_ai.messages import (
    Citation,
    ModelResponse,
    ModelResponsePart,
    NativeToolCallPart,
    NativeToolReturnPart,
    TextPart,
    WebCitationSource,
)
from support.search_answers import (
    PAGES,
    TITLES,
    brave_error,
    exa_error,
    searxng_answer,
    searxng_nothing,
    serper_error,
    tavily_error,
    wikipedia_answer,
    wikipedia_error,
)
from support.search_engines import KEY, KEYED, MIB, SCRIPT, Engine, as_json, as_page, open_ddgs, open_engine
from support.servers import Handler, answer, serve
from support.web_search import LIMITS, MODEL, open_searching_model, refused, search_stream

from copydesk.adapters.llm.build import build_model
from copydesk.adapters.llm.found_pages import found_pages
from copydesk.adapters.search import build_search
from copydesk.adapters.search.ddgs import DdgsSearch
from copydesk.adapters.search.model import ModelSearch
from copydesk.adapters.search.results import Fields, plain_text, read_records
from copydesk.adapters.search.scripted import Asked, ScriptedSearch
from copydesk.adapters.search.searxng import SearxngSearch
from copydesk.errors import ConfigurationError, SearchError
from copydesk.outbound.trusted import TrustedClient
from copydesk.ports import AnswerMode, ModelCall, SearchResult
from copydesk.settings import SEARCH_ENGINES, SEARCH_KEYS, Settings


@pytest.fixture
async def wikipedia() -> AsyncIterator[Engine]:
    """Wikipedia alone."""
    async with open_engine("wikipedia") as made:
        yield made


@pytest.fixture
async def searxng() -> AsyncIterator[Engine]:
    """SearXNG alone."""
    async with open_engine("searxng") as made:
        yield made


@pytest.fixture
async def brave() -> AsyncIterator[Engine]:
    """Brave alone."""
    async with open_engine("brave") as made:
        yield made


@pytest.fixture
async def tavily() -> AsyncIterator[Engine]:
    """Tavily alone."""
    async with open_engine("tavily") as made:
        yield made


@pytest.fixture
async def exa() -> AsyncIterator[Engine]:
    """Exa alone."""
    async with open_engine("exa") as made:
        yield made


@pytest.fixture
async def serper() -> AsyncIterator[Engine]:
    """Serper alone."""
    async with open_engine("serper") as made:
        yield made


@pytest.fixture
async def model() -> AsyncIterator[Engine]:
    """The web search of a model's provider alone."""
    async with open_engine("model") as made:
        yield made


@pytest.fixture(params=("searxng", *KEYED, "ddgs"))
async def general(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    """Every engine that searches the whole web, in turn."""
    async with open_engine(request.param) as made:
        yield made


async def test_search_answers_the_pages_in_order(general: Engine) -> None:
    """The same page under two addresses is one; other schemes are left out; markup is gone."""
    found = await general.provider.search("coffee", language="en", limit=10)
    assert tuple(result.url for result in found) == PAGES
    assert [result.title for result in found[1:3]] == ["Title 3", "Title 4"]
    assert all(result.snippet.startswith("Coffee is a beverage & more.") for result in found[1:])


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
        agent = wikipedia.requests[0].headers["user-agent"]
        assert agent.startswith("Copydesk/")
        assert agent.endswith("(+mailto:desk@site.test)")

    async def test_search_answers_pages_of_the_edition(self, wikipedia: Engine) -> None:
        """Addresses as Wikipedia writes them, snippets without markup."""
        found = await wikipedia.provider.search("coffee", language="en", limit=10)
        start = f"{wikipedia.base}/en/wiki/"
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
        assert found[0].url == f"{wikipedia.base}/{edition}/wiki/Coffee"

    @pytest.mark.parametrize("language", ["", "x", "evil.test/", "en.evil", "1", "klingon"])
    async def test_search_refuses_a_language_that_is_no_code(self, wikipedia: Engine, language: str) -> None:
        """Nothing but letters becomes part of a host name."""
        with pytest.raises(SearchError, match="no edition"):
            await wikipedia.provider.search("coffee", language=language, limit=1)
        assert wikipedia.requests == []

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


class TestBrave:
    """What is Brave's own."""

    async def test_search_asks_as_the_api_wants(self, brave: Engine) -> None:
        """Web results alone, without decorations, from everywhere."""
        await brave.provider.search("  coffee \n house ", language="en", limit=500)
        assert brave.asked == {
            "q": ["coffee house"],
            "count": ["20"],
            "country": ["ALL"],
            "search_lang": ["en"],
            "result_filter": ["web"],
            "text_decorations": ["false"],
        }

    @pytest.mark.parametrize(
        ("language", "value", "country"),
        [
            ("de", "de", "ALL"),
            ("de-AT", "de", "AT"),
            ("de-LI", "de", "ALL"),
            ("pt-BR", "pt-br", "BR"),
            ("pt", "pt-pt", "ALL"),
            ("en-GB", "en-gb", "GB"),
            ("zh-Hant-TW", "zh-hant", "TW"),
            ("zh-TW", "zh-hant", "TW"),
            ("zh", "zh-hans", "ALL"),
            ("ja-JP", "jp", "JP"),
            ("nn", "nb", "ALL"),
        ],
    )
    async def test_search_asks_for_the_language_and_region(
        self, brave: Engine, language: str, value: str, country: str
    ) -> None:
        """Brave's own spellings; a region that it does not know is everywhere."""
        await brave.provider.search("coffee", language=language, limit=5)
        assert (brave.asked["search_lang"], brave.asked["country"]) == ([value], [country])

    async def test_search_names_no_language_when_brave_has_none(self, brave: Engine) -> None:
        """Another value would be refused."""
        await brave.provider.search("kafo", language="eo", limit=5)
        assert "search_lang" not in brave.asked

    async def test_search_cuts_a_query_that_is_too_long(self, brave: Engine) -> None:
        """400 characters and 50 words."""
        await brave.provider.search("a " * 60, language="en", limit=5)
        assert brave.asked["q"] == [" ".join(["a"] * 50)]
        await brave.provider.search("coffee" * 100, language="en", limit=5)
        assert len(brave.asked["q"][0]) == 400

    async def test_search_joins_extra_snippets(self, brave: Engine) -> None:
        """They come with some plans and say more of the page."""
        found = await brave.provider.search("coffee", language="en", limit=1)
        assert found[0].snippet == "Coffee is a beverage & more. It is brewed from beans. Beans are roasted."

    async def test_search_says_which_key_when_the_token_is_unknown(self, brave: Engine) -> None:
        """Brave calls it an unprocessable entity."""
        brave.answers(as_json(brave_error(422, "SUBSCRIPTION_TOKEN_INVALID"), status=422))
        with pytest.raises(SearchError, match=r"does not accept the key \(status 422\): check BRAVE_API_KEY") as caught:
            await brave.provider.search("coffee", language="en", limit=5)
        assert caught.value.reason == "key"

    async def test_search_is_refused_when_a_parameter_is_wrong(self, brave: Engine) -> None:
        """The same status for other faults is not the key's."""
        brave.answers(as_json(brave_error(422, "VALIDATION"), status=422))
        with pytest.raises(SearchError, match="refuses the query") as caught:
            await brave.provider.search("coffee", language="en", limit=5)
        assert caught.value.reason == "refused"

    @pytest.mark.parametrize(
        ("left", "reset", "wait"),
        [
            ("0, 14523", "1, 99999", 1),
            ("1, 0", "1, 99999", 99_999),
            ("0, 0", "1, 60", 60),
            ("1, 5", "1, 60", None),
        ],
    )
    async def test_search_tells_the_wait_when_a_window_is_used_up(
        self, brave: Engine, left: str, reset: str, wait: float | None
    ) -> None:
        """Brave counts by the second and by the month; the window that is used up decides."""
        headers = (("X-RateLimit-Remaining", left), ("X-RateLimit-Reset", reset))
        brave.answers(as_json(brave_error(429, "RATE_LIMITED"), status=429, headers=headers))
        with pytest.raises(SearchError, match="no more queries") as caught:
            await brave.provider.search("coffee", language="en", limit=5)
        assert caught.value.retry_after == wait


class TestTavily:
    """What is Tavily's own."""

    async def test_search_asks_as_the_api_wants(self, tavily: Engine) -> None:
        """A basic search, which costs one credit."""
        await tavily.provider.search("  coffee \n house ", language="en", limit=500)
        assert tavily.asked == {
            "query": "coffee house",
            "max_results": 20,
            "topic": "general",
            "search_depth": "basic",
        }
        assert tavily.requests[0].headers["content-type"] == "application/json"

    @pytest.mark.parametrize(("language", "country"), [("pt-BR", "brazil"), ("de", None), ("en-AQ", None)])
    async def test_search_names_the_country_of_the_tag(
        self, tavily: Engine, language: str, country: str | None
    ) -> None:
        """By its name; none for a tag without a region, or one that Tavily does not know."""
        await tavily.provider.search("coffee", language=language, limit=5)
        assert tavily.asked.get("country") == country

    @pytest.mark.parametrize("status", [432, 433])
    async def test_search_says_where_when_a_limit_is_reached(self, tavily: Engine, status: int) -> None:
        """Statuses of its own for the plan's limit and for pay-as-you-go."""
        tavily.answers(as_json(tavily_error("This request exceeds your plan's set usage limit."), status=status))
        with pytest.raises(SearchError, match=r"no quota left .* see https://app\.tavily\.com") as caught:
            await tavily.provider.search("coffee", language="en", limit=5)
        assert (caught.value.retryable, caught.value.reason) == (False, "quota")


class TestExa:
    """What is Exa's own."""

    async def test_search_asks_as_the_api_wants(self, exa: Engine) -> None:
        """Its own choice of method, with the passages that fit the query."""
        await exa.provider.search("coffee & milk", language="de-AT", limit=500)
        assert exa.asked == {
            "query": "coffee & milk",
            "type": "auto",
            "numResults": 100,
            "contents": {"highlights": True},
            "userLocation": "AT",
        }

    async def test_search_takes_the_address_for_a_missing_title(self, exa: Engine) -> None:
        """Titles may be null."""
        found = await exa.provider.search("coffee", language="en", limit=1)
        assert found[0].title == PAGES[0]
        assert found[0].snippet == "Coffee is a beverage & more. It is brewed from beans."

    async def test_search_says_which_key_when_it_is_not_accepted(self, exa: Engine) -> None:
        """Exa's own error."""
        exa.answers(as_json(exa_error("INVALID_API_KEY", "Invalid API key"), status=401))
        with pytest.raises(SearchError, match="check EXA_API_KEY"):
            await exa.provider.search("coffee", language="en", limit=1)


class TestSerper:
    """What is Serper's own."""

    async def test_search_asks_as_the_api_wants(self, serper: Engine) -> None:
        """Google's parameters."""
        await serper.provider.search("coffee", language="en", limit=7)
        assert serper.asked == {"q": "coffee", "hl": "en", "num": 7}

    @pytest.mark.parametrize(
        ("language", "interface", "region"),
        [
            ("pt-BR", "pt-br", "br"),
            ("de-AT", "de", "at"),
            ("zh", "zh-cn", None),
            ("zh-Hant-TW", "zh-tw", "tw"),
            ("nb-NO", "no", "no"),
            ("he", "iw", None),
        ],
    )
    async def test_search_asks_for_the_language_and_region(
        self, serper: Engine, language: str, interface: str, region: str | None
    ) -> None:
        """Google's own spellings."""
        await serper.provider.search("coffee", language=language, limit=5)
        assert (serper.asked["hl"], serper.asked.get("gl")) == (interface, region)

    async def test_search_finds_nothing_when_hits_are_missing(self, serper: Engine) -> None:
        """Without `organic` it is still an answer."""
        serper.answers(as_json({"searchParameters": {"q": "qwxyz"}, "credits": 1}))
        assert await serper.provider.search("qwxyz", language="en", limit=5) == ()

    async def test_search_says_where_when_credits_are_used_up(self, serper: Engine) -> None:
        """Serper calls it a bad request."""
        serper.answers(as_json(serper_error(400, "Not enough credits"), status=400))
        with pytest.raises(SearchError, match=r"no quota left .* see https://serper\.dev") as caught:
            await serper.provider.search("coffee", language="en", limit=5)
        assert caught.value.reason == "quota"


class TestDdgs:
    """What is the unofficial library's own."""

    async def test_search_fails_when_it_is_slow(self) -> None:
        """Threads cannot be stopped, so nobody waits for them."""
        async with open_ddgs(seconds=0.3) as engine:
            engine.answers(_hang)
            with pytest.raises(SearchError, match=r"ddgs did not answer within 0\.3 seconds") as caught:
                await engine.provider.search("coffee", language="en", limit=5)
        assert (caught.value.retryable, caught.value.reason) == (True, "slow")

    async def test_search_fails_when_nothing_can_be_reached(self) -> None:
        """Nobody listens at the proxy: the library's error becomes a sentence."""
        async with open_ddgs(seconds=10) as engine:
            provider = engine.provider
        with pytest.raises(SearchError, match="search engines cannot be reached; connect an engine with") as caught:
            await provider.search("coffee", language="en", limit=5)
        assert (caught.value.retryable, caught.value.reason) == (True, "unreachable")

    @pytest.mark.parametrize("page", ["<html>", "", "captcha \x00"])
    async def test_search_finds_nothing_when_the_page_is_another(self, page: str) -> None:
        """The library reads pages made for people, and cannot tell a block from no hits."""
        async with open_ddgs(seconds=10) as engine:
            engine.answers(as_page(page))
            assert await engine.provider.search("coffee", language="en", limit=5) == ()

    async def test_search_fails_when_certificates_are_not_valid(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The client that is made by default trusts no proxy that plays the engines."""
        async with open_ddgs(seconds=10) as engine:
            monkeypatch.setenv("DDGS_PROXY", engine.base)
            with pytest.raises(SearchError, match="search engines cannot be reached"):
                await DdgsSearch(seconds=10).search("coffee", language="en", limit=5)
            assert engine.requests == []

    async def test_search_fails_when_a_page_has_hits_that_it_cannot_read(self) -> None:
        """An engine whose page changed gives records without addresses."""
        async with open_ddgs(seconds=10) as engine:
            engine.answers(as_page("<ul class='results-standard'><li></li></ul>"))
            with pytest.raises(SearchError, match="results that have no address") as caught:
                await engine.provider.search("coffee", language="en", limit=5)
        assert caught.value.reason == "malformed"

    @pytest.mark.parametrize(("error", "reason"), [("RatelimitException", "quota"), ("TimeoutException", "slow")])
    async def test_search_fails_when_the_library_says_why(self, error: str, reason: str) -> None:
        """Its two named failures keep their reasons."""
        provider = DdgsSearch(seconds=5, connect=lambda _seconds: _Failing(error))
        with pytest.raises(SearchError) as caught:
            await provider.search("coffee", language="en", limit=5)
        assert (caught.value.retryable, caught.value.reason) == (True, reason)

    @pytest.mark.parametrize(
        ("language", "cookie"), [("pt-BR", "arc=br; lb=pt"), ("de", "arc=de; lb=de"), ("eo", "arc=001; lb=eo")]
    )
    async def test_search_asks_for_the_language_and_region(self, language: str, cookie: str) -> None:
        """The likeliest region where the tag names none."""
        async with open_ddgs(seconds=10) as engine:
            await engine.provider.search("coffee", language=language, limit=5)
            cookies = {request.headers.get("cookie", "") for request in engine.requests}
        assert set(cookie.split("; ")) in [set(sent.split("; ")) for sent in cookies]


class _Failing:
    """A client of the library that fails as `error` says."""

    def __init__(self, error: str) -> None:
        self._error = error

    def text(self, query: str, **options: object) -> list[dict[str, object]]:
        """Fail."""
        raise getattr(exceptions, self._error)(query, options)


async def _hang(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


CALL = ModelCall(purpose="search", instructions="Search.", prompt="tea", max_tokens=2_000, mode=AnswerMode.SEARCH)
ANTHROPIC = [  # as the web search tool of the Messages API answers
    NativeToolCallPart(tool_name="web_search", tool_call_id="s1", args={"query": "tea"}, provider_name="anthropic"),
    NativeToolReturnPart(
        tool_name="web_search",
        tool_call_id="s1",
        provider_name="anthropic",
        content=[
            {
                "type": "web_search_result",
                "url": f"https://tea.test/{n}",
                "title": f"Tea {n}",
                "encrypted_content": "x",
                "page_age": None,
            }
            for n in range(3)
        ],
    ),
    TextPart(
        content="Tea is drunk hot.",
        citations=[
            Citation(sources=[WebCitationSource("https://tea.test/2", title="Tea 2", excerpts=["Tea is drunk hot."])])
        ],
    ),
]
GOOGLE = [  # grounding of Gemini: addresses that lead on to the pages
    TextPart(content="Tea is drunk hot, see https://told.test/ for more."),
    NativeToolCallPart(tool_name="web_search", tool_call_id="s1", args={"queries": ["tea"]}, provider_name="google"),
    NativeToolReturnPart(
        tool_name="web_search",
        tool_call_id="s1",
        provider_name="google",
        content=[{"domain": None, "title": "tea.test", "uri": "https://vertexaisearch.cloud.google.com/redirect/a"}],
    ),
]


class TestModel:
    """What is own to the web search of a model's provider."""

    async def test_search_asks_as_the_api_wants(self, model: Engine) -> None:
        """The tool, its sources, a limit for the answer; the key in a header; the query is data."""
        await model.provider.search("  coffee \n house ", language="pt-BR", limit=7)
        asked = model.asked
        assert asked["tools"] == [{"type": "web_search", "search_context_size": "low"}]
        assert "web_search_call.action.sources" in asked["include"]
        assert (asked["model"], asked["max_output_tokens"]) == (MODEL, 2_000)
        assert "the 7 best of them, in Portuguese" in asked["instructions"]
        assert str(asked["input"]).count("coffee house") == 1
        assert model.requests[-1].headers["authorization"] == f"Bearer {KEY}"
        assert KEY not in repr(vars(model.provider))

    async def test_search_answers_cited_pages_first(self, model: Engine) -> None:
        """What it cites has titles; what it only found comes after, each page once."""
        model.answers(search_stream(PAGES, cited=2))
        found = await model.provider.search("coffee", language="en", limit=10)
        assert tuple(result.url for result in found) == PAGES
        assert [result.title for result in found[:3]] == ["Title 0", "Title 1", PAGES[2]]

    async def test_search_reads_the_words_when_there_is_nothing_else(self, model: Engine) -> None:
        """Addresses that the model wrote down: they are fetched, and checked, like all others."""
        model.answers(search_stream([], text="See https://a.test/x, (https://b.test/y) and https://a.test/x."))
        found = await model.provider.search("coffee", language="en", limit=10)
        assert [result.url for result in found] == ["https://a.test/x", "https://b.test/y"]

    @pytest.mark.parametrize(
        ("status", "code", "message", "retryable"),
        [
            (401, "invalid_api_key", "refused the key", False),
            (404, "model_not_found", "knows no model", False),
            (429, "rate_limit_exceeded", "answers no more calls for now", True),
            (500, "server_error", "failed", True),
        ],
    )
    async def test_search_fails_with_the_models_sentence(
        self, model: Engine, status: int, code: str, message: str, *, retryable: bool
    ) -> None:
        """What the writer would say of the same model, and whether a little later it may succeed."""
        model.answers(refused(status, code, "No."))
        with pytest.raises(SearchError, match=f"web search failed: .*{message}") as caught:
            await model.provider.search("coffee", language="en", limit=5)
        assert caught.value.retryable is retryable

    @pytest.mark.parametrize("route", [answer(b"<html>"), answer(b""), as_json({}), as_json([])])
    async def test_search_fails_when_the_answer_is_another(self, model: Engine, route: bytes) -> None:
        """Anything but a stream of events."""
        model.answers(route)
        with pytest.raises(SearchError, match="web search failed"):
            await model.provider.search("coffee", language="en", limit=5)

    async def test_search_fails_when_it_is_slow(self) -> None:
        """The model's own limits of time hold."""
        async with serve({"/v1/responses": _hang}) as server:
            limits = replace(LIMITS, seconds=0.3)
            async with open_searching_model(server.url(""), key=KEY, limits=limits) as slow:
                with pytest.raises(SearchError, match=r"did not answer within 0\.3 seconds"):
                    await ModelSearch(slow).search("coffee", language="en", limit=5)

    async def test_search_is_asked_again_as_often_as_a_call_may_be(self) -> None:
        """Tries are the model's own; no other patience is put on top."""
        routes: dict[str, bytes | Handler] = {"/v1/responses": refused(503, "server_error", "Overloaded.")}
        async with serve(routes) as server:
            limits = replace(LIMITS, tries=2)
            async with open_searching_model(server.url(""), key=KEY, limits=limits) as busy:
                with pytest.raises(SearchError):
                    await ModelSearch(busy).search("coffee", language="en", limit=5)
                assert len(server.requests) == 2

    async def test_search_is_priced_with_its_fee_and_the_pages_that_are_read(self) -> None:
        """A search costs what the provider asks for it, beside its tokens; at worst several, and long pages."""
        async with (
            serve({"/v1/responses": search_stream()}) as server,
            open_searching_model(server.url(""), key=KEY) as made,
        ):
            answered = await made.complete(CALL)
            worst = made.worst_price(CALL)
            plain = made.worst_price(replace(CALL, mode=AnswerMode.TEXT))
        assert worst is not None
        assert plain is not None
        assert answered.usage.cost_usd is not None
        assert plain < answered.usage.cost_usd < worst
        assert answered.usage.cost_usd > Decimal("0.01")  # the fee alone

    @pytest.mark.parametrize(
        ("parts", "pages"),
        [
            (ANTHROPIC, ["https://tea.test/2", "https://tea.test/0", "https://tea.test/1"]),
            (GOOGLE, ["https://vertexaisearch.cloud.google.com/redirect/a"]),
            ([TextPart(content="Nothing.")], []),
        ],
        ids=["anthropic", "google", "nothing"],
    )
    def test_pages_are_read_from_each_providers_answer(self, parts: list[ModelResponsePart], pages: list[str]) -> None:
        """Citations first, then what the tool returned; words alone are passed over where there is more."""
        found = json.loads(found_pages(ModelResponse(parts=parts)))
        assert [page["url"] for page in found] == pages
        assert all(page["title"] for page in found)

    def test_model_without_web_search_is_refused_at_the_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A model whose provider has no such tool, by its name."""
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        settings = Settings(_env_file=None, model="openai-chat:gpt-4o", search=("model",))
        with pytest.raises(ConfigurationError, match="openai-chat:gpt-4o cannot search the web"):
            build_model(settings)
        fast = settings.model_copy(update={"model_fast": "openai:gpt-5-mini"})
        assert build_model(fast).searches

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({}, "COPYDESK_MODEL must name one of a provider that searches the web"),
            ({"model": "ollama:qwen3"}, "the server of ollama:qwen3 has no web search of its own"),
            ({"model": "some", "model_base_url": "http://127.0.0.1:1/v1"}, "the server of some has no web search"),
        ],
        ids=["extractive", "ollama", "compatible"],
    )
    def test_setting_is_refused_when_no_provider_searches(self, changes: dict[str, str], message: str) -> None:
        """The writer without a model, and servers of one's own."""
        with pytest.raises(ValidationError, match=message):
            Settings.model_validate({"search": ("wikipedia", "model"), **changes})


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
    values = {f"{name}_api_key": "key" for name in SEARCH_KEYS}
    settings = Settings.model_validate({"searxng_url": "http://127.0.0.1:8888", **values})
    async with TrustedClient(seconds=5, max_bytes=MIB, contact=None) as client:
        for name in SEARCH_ENGINES:
            if name != "model":  # has a language model behind it
                assert build_search(name, settings, client).name == name


async def test_build_search_refuses_what_cannot_be_built() -> None:
    """An unknown name, SearXNG without its address, an engine without its key or its model."""
    async with TrustedClient(seconds=5, max_bytes=MIB, contact=None) as client:
        with pytest.raises(ConfigurationError, match="SEARCH names model, so COPYDESK_MODEL must"):
            build_search("model", Settings(), client)
        with pytest.raises(ConfigurationError, match="'altavista'"):
            build_search("altavista", Settings(), client)
        with pytest.raises(ConfigurationError, match="COPYDESK_SEARXNG_URL"):
            build_search("searxng", Settings(_env_file=None), client)
        for name, variable in SEARCH_KEYS.items():
            with pytest.raises(ConfigurationError, match=f"SEARCH names {name}, so {variable} must be set"):
                build_search(name, Settings(_env_file=None), client)


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


def test_read_records_cuts_what_is_too_long() -> None:
    """A title of 500 characters and a snippet of 2,000 are hints enough."""
    record = {"u": "https://a.test/", "t": "t" * 9_000, "s": ["s" * 9_000, "more"]}
    fields = Fields(url="u", title="t", snippets=("s", "none"))
    (result,) = read_records([record], fields, engine="X", limit=3)
    assert (len(result.title), len(result.snippet)) == (500, 2_000)

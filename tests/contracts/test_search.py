"""What every search provider promises, over all of them, each against its real answers from a local server."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from support.search_engines import ALL, EMPTY, KEY, KEYED, MIB, REMOTE, WEB, Engine, as_json, build, open_engine
from support.servers import Handler, answer, redirect, serve

from copydesk.errors import SearchError
from copydesk.outbound.trusted import TrustedClient


@pytest.fixture(params=ALL)
async def engine(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    """Every provider in turn."""
    async with open_engine(request.param) as made:
        yield made


@pytest.fixture(params=WEB)
async def web(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    """Every provider that asks over the network, in turn."""
    async with open_engine(request.param) as made:
        yield made


@pytest.fixture(params=REMOTE)
async def remote(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    """Every provider that is answered in JSON, in turn."""
    async with open_engine(request.param) as made:
        yield made


@pytest.fixture(params=KEYED)
async def keyed(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    """Every provider that needs a key, in turn."""
    async with open_engine(request.param) as made:
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
        found = await asyncio.gather(*(engine.provider.search(str(n), language="en", limit=2) for n in range(12)))
        assert len(found) == 12

    async def test_search_takes_any_language(self, engine: Engine) -> None:
        """Tags with script and region, languages without a region of their own, and rare ones."""
        for language in ("de", "pt-BR", "zh-Hant-TW", "sr-Latn-RS", "es-419", "eo", "yue"):
            if engine.provider.name == "wikipedia":
                engine.routes[f"/{language.partition('-')[0]}/w/api.php"] = engine.routes["/en/w/api.php"]
            found = await engine.provider.search("coffee", language=language, limit=1)
            assert len(found) == (0 if engine.provider.name == "none" else 1)

    async def test_search_takes_any_query(self, engine: Engine) -> None:
        """Long ones, several lines, other scripts, and what looks like syntax."""
        for query in ("coffee " * 400, "a\nb\tc", "咖啡 " * 20, '"&q=x#?%00<b>', "x" * 5_000):
            found = await engine.provider.search(query, language="en", limit=1)
            assert len(found) == (0 if engine.provider.name == "none" else 1)

    async def test_name_is_a_word(self, engine: Engine) -> None:
        """The name that warnings carry."""
        assert engine.provider.name.isidentifier()


class TestNothingFound:
    """No hits are no failure."""

    async def test_search_finds_nothing_when_there_is_nothing(self, web: Engine) -> None:
        """Each engine says it in its own way."""
        web.answers(EMPTY[web.provider.name])
        assert await web.provider.search("qwxyz", language="en", limit=5) == ()


async def _hang(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()


ODD = {"results": [{}], "query": {"search": [{}]}, "web": {"results": [{}]}, "organic": [{}]}
NUMBERS = {"results": [7], "query": {"search": [7]}, "web": {"results": [7]}, "organic": [7]}
NULLS = {"results": None, "query": {"search": None}, "web": {"results": None}, "organic": None}
MAPS: dict[str, object] = {"results": {}, "query": [], "web": [], "organic": {}}


class TestFailures:
    """What every provider that is answered in JSON makes of failures."""

    @pytest.mark.parametrize(
        ("route", "retryable", "reason", "message"),
        [
            pytest.param(_hang_up, True, "unreachable", "did not answer in valid HTTP", id="hung up"),
            pytest.param(answer(status=429), True, "quota", r"no more queries for now \(status 429\)", id="429"),
            pytest.param(answer(status=500), True, "failed", "answered with status 500", id="500"),
            pytest.param(answer(status=503), True, "failed", "answered with status 503", id="503"),
            pytest.param(answer(status=400), False, "refused", "status 400", id="400"),
            pytest.param(answer(status=404), False, "refused", "status 404", id="404"),
            pytest.param(redirect("https://site.test/"), False, "refused", "status 302", id="redirect"),
            pytest.param(answer(b"<html>"), False, "malformed", "not JSON", id="html"),
            pytest.param(answer(b""), False, "malformed", "not JSON", id="empty"),
            pytest.param(answer(b'{"results": ['), False, "malformed", "not JSON", id="cut"),
            pytest.param(answer(b"\xff\xfe\xfd"), False, "malformed", "not JSON", id="bytes"),
            pytest.param(answer(b"[" * 200_000), False, "malformed", "not JSON", id="deep"),
            pytest.param(answer(b"[" + b" " * MIB + b"]"), False, "malformed", "more than 1 MiB", id="huge"),
            pytest.param(as_json([]), False, "malformed", "shape", id="list"),
            pytest.param(as_json(None), False, "malformed", "shape", id="null"),
            pytest.param(as_json({}), False, "malformed", "shape", id="nothing"),
            pytest.param(as_json(MAPS), False, "malformed", "shape", id="maps"),
            pytest.param(as_json(NULLS), False, "malformed", "shape", id="nulls"),
            pytest.param(as_json(ODD), False, "malformed", "results that have no address", id="odd records"),
            pytest.param(as_json(NUMBERS), False, "malformed", "results that have no address", id="numbers"),
        ],
    )
    async def test_search_fails_with_a_sentence(
        self, remote: Engine, route: bytes | Handler, *, retryable: bool, reason: str, message: str
    ) -> None:
        """Each failure has its reason and a sentence, and says whether a little later the same may succeed."""
        remote.answers(route)
        with pytest.raises(SearchError, match=message) as caught:
            await remote.provider.search("coffee", language="en", limit=5)
        assert (caught.value.retryable, caught.value.reason) == (retryable, reason)

    @pytest.mark.parametrize("name", REMOTE)
    async def test_search_fails_when_it_is_slow(self, name: str) -> None:
        """The client's limit of time holds, and a little later the same may succeed."""
        async with open_engine(name, seconds=0.2) as slow:
            slow.answers(_hang)
            with pytest.raises(SearchError, match=r"did not answer within 0\.2 seconds") as caught:
                await slow.provider.search("coffee", language="en", limit=5)
        assert (caught.value.retryable, caught.value.reason) == (True, "slow")

    async def test_search_fails_when_nobody_listens(self) -> None:
        """A refused connection is worth another try."""
        async with serve({}) as gone:
            base = gone.url("")
        async with TrustedClient(seconds=5, max_bytes=MIB, contact=None) as client:
            for name in REMOTE:
                with pytest.raises(SearchError, match="cannot be connected to") as caught:
                    await build(name, base, client).search("coffee", language="en", limit=5)
                assert (caught.value.retryable, caught.value.reason) == (True, "unreachable")

    async def test_search_keeps_the_query_out_of_its_sentences(self, remote: Engine) -> None:
        """A query may be private."""
        remote.answers(answer(b"secret", status=500))
        with pytest.raises(SearchError) as caught:
            await remote.provider.search("secret", language="en", limit=5)
        assert "secret" not in str(caught.value)

    async def test_search_leaves_out_records_that_are_no_results(self, remote: Engine) -> None:
        """One damaged record does not cost the others."""
        good = {"url": "https://a.test/", "link": "https://a.test/", "title": "A"}
        records = [None, 7, "x", {"url": 7, "link": []}, {"url": " ", "link": "", "title": " "}, good]
        remote.answers(
            as_json({"results": records, "query": {"search": records}, "web": {"results": records}, "organic": records})
        )
        found = await remote.provider.search("coffee", language="en", limit=5)
        assert [(result.title, result.snippet) for result in found] == [("A", "")]


class TestKeys:
    """What every provider with a key makes of it."""

    @pytest.mark.parametrize("status", [401, 403])
    async def test_search_says_which_key_when_it_is_not_accepted(self, keyed: Engine, status: int) -> None:
        """The variable and the page where keys are made."""
        keyed.answers(as_json({"error": f"bad key {KEY}"}, status=status))
        with pytest.raises(SearchError, match=f"does not accept the key .status {status}.: check ") as caught:
            await keyed.provider.search("coffee", language="en", limit=5)
        assert f"{keyed.provider.name.upper()}_API_KEY at https://" in str(caught.value)
        assert (caught.value.retryable, caught.value.reason) == (False, "key")

    async def test_search_says_where_when_the_quota_is_used_up(self, keyed: Engine) -> None:
        """Waiting does not help; the page of the plan does."""
        keyed.answers(answer(status=402))
        with pytest.raises(SearchError, match=r"no quota left \(status 402\): see https://") as caught:
            await keyed.provider.search("coffee", language="en", limit=5)
        assert (caught.value.retryable, caught.value.reason) == (False, "quota")

    async def test_search_tells_the_wait_when_the_engine_names_it(self, keyed: Engine) -> None:
        """`Retry-After` stands in the sentence and in the error."""
        keyed.answers(answer(status=429, headers=[("Retry-After", "7")]))
        with pytest.raises(SearchError, match=r"\(status 429\): it says to try again in 7 seconds") as caught:
            await keyed.provider.search("coffee", language="en", limit=5)
        assert (caught.value.retryable, caught.value.reason, caught.value.retry_after) == (True, "quota", 7)

    @pytest.mark.parametrize("header", ["Wed, 21 Oct 2026 07:28:00 GMT", "-1", "", "soon"])
    async def test_search_promises_nothing_when_the_wait_cannot_be_read(self, keyed: Engine, header: str) -> None:
        """Any other `Retry-After` is left alone."""
        keyed.answers(answer(status=429, headers=[("Retry-After", header)]))
        with pytest.raises(SearchError, match="try again later") as caught:
            await keyed.provider.search("coffee", language="en", limit=5)
        assert caught.value.retry_after is None

    @pytest.mark.parametrize("status", [401, 402, 404, 429, 500])
    async def test_key_stays_hidden_when_a_search_fails(self, keyed: Engine, status: int) -> None:
        """Neither sentences nor what is shown of the provider carry the key, even if the engine sends it back."""
        keyed.answers(answer(KEY.encode(), status=status))
        with pytest.raises(SearchError) as caught:
            await keyed.provider.search("coffee", language="en", limit=5)
        error: BaseException | None = caught.value
        while error is not None:
            assert KEY not in str(error) + repr(error)
            error = error.__cause__
        assert KEY not in repr(vars(keyed.provider))

    async def test_key_is_sent_as_the_engine_wants(self, keyed: Engine) -> None:
        """In a header, never in the address."""
        await keyed.provider.search("coffee", language="en", limit=5)
        request = keyed.requests[0]
        header = {"brave": "x-subscription-token", "tavily": "authorization", "exa": "x-api-key", "serper": "x-api-key"}
        value = request.headers[header[keyed.provider.name]]
        assert value == (f"Bearer {KEY}" if keyed.provider.name == "tavily" else KEY)
        assert KEY not in request.target + request.body.decode()

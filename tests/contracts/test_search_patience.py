"""When an engine is asked a second time, and when it is given up."""

import asyncio
import sys
from collections.abc import Sequence

import pytest
from support.search_answers import brave_answer, brave_error
from support.search_engines import PATHS, SCRIPT, as_json, open_engine
from support.servers import Handler, answer

from copydesk.adapters.search import build_search
from copydesk.adapters.search.patience import PatientSearch
from copydesk.adapters.search.scripted import ScriptedSearch
from copydesk.errors import ConfigurationError, SearchError
from copydesk.outbound.trusted import TrustedClient
from copydesk.ports import SearchResult
from copydesk.settings import Settings


class Moody:
    """An engine that makes the next of its answers each time."""

    name = "moody"

    def __init__(self, *answers: SearchError | Sequence[SearchResult]) -> None:
        self._answers = list(answers)
        self.times: list[float] = []  # of the loop, when it was asked

    async def search(self, query: str, *, language: str, limit: int) -> Sequence[SearchResult]:
        """The next answer."""
        assert (query, language) == ("coffee", "en")
        self.times.append(asyncio.get_running_loop().time())
        made = self._answers.pop(0)
        if isinstance(made, SearchError):
            raise made
        return made[:limit]


async def ask(engine: Moody, *, seconds: float = 10) -> Sequence[SearchResult]:
    """Ask it with patience."""
    return await PatientSearch(engine, seconds=seconds).search("coffee", language="en", limit=2)


async def test_engine_is_asked_again_when_that_may_help() -> None:
    """After a short pause of a random length."""
    engine = Moody(SearchError("Busy.", retryable=True), SCRIPT)
    assert await ask(engine) == SCRIPT[:2]
    first, second = engine.times
    assert 0.1 <= second - first < 5


async def test_engine_is_asked_once_when_it_answers() -> None:
    """No second query, which would cost."""
    engine = Moody(SCRIPT)
    assert await ask(engine) == SCRIPT[:2]
    assert len(engine.times) == 1


async def test_engine_is_asked_once_when_asking_again_cannot_help() -> None:
    """A refused key stays refused."""
    engine = Moody(SearchError("Bad key.", reason="key"))
    with pytest.raises(SearchError, match="Bad key"):
        await ask(engine)
    assert len(engine.times) == 1


async def test_engine_is_asked_twice_at_the_most() -> None:
    """The second failure is what is told."""
    engine = Moody(SearchError("Busy.", retryable=True), SearchError("Still busy.", retryable=True), SCRIPT)
    with pytest.raises(SearchError, match="Still busy"):
        await ask(engine)
    assert len(engine.times) == 2


async def test_engine_is_not_asked_before_the_time_that_it_names() -> None:
    """`Retry-After` is honoured."""
    engine = Moody(SearchError("Too fast.", retryable=True, reason="quota", retry_after=1), SCRIPT)
    assert await ask(engine) == SCRIPT[:2]
    first, second = engine.times
    assert second - first >= 1.1


async def test_refusal_stands_at_once_when_the_wait_is_too_long() -> None:
    """Nobody waits for an engine that answers again after the time is over."""
    engine = Moody(SearchError("Quota.", retryable=True, reason="quota", retry_after=30), SCRIPT)
    loop = asyncio.get_running_loop()
    start = loop.time()
    with pytest.raises(SearchError, match="Quota") as caught:
        await ask(engine, seconds=20)
    assert loop.time() - start < 10
    assert (len(engine.times), caught.value.retry_after) == (1, 30)


async def test_engine_is_given_up_when_the_time_is_over() -> None:
    """Its own name stands in the sentence."""
    slow = PatientSearch(ScriptedSearch(SCRIPT, delay=60, name="snail"), seconds=0.1)
    with pytest.raises(SearchError, match=r"snail did not answer within 0\.1 seconds") as caught:
        await slow.search("coffee", language="en", limit=1)
    assert (caught.value.retryable, caught.value.reason) == (True, "slow")


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(answer(status=503), id="503"),
        pytest.param(answer(status=429), id="429"),
        pytest.param(answer(status=429, headers=[("Retry-After", "1")]), id="retry-after"),
        pytest.param(
            as_json(
                brave_error(429, "RATE_LIMITED"),
                status=429,
                headers=(("X-RateLimit-Remaining", "0, 14523"), ("X-RateLimit-Reset", "1, 99999")),
            ),
            id="window of a second",
        ),
    ],
)
async def test_real_engine_answers_the_second_time(refusal: bytes) -> None:
    """Over HTTP: one refusal, then the answer."""
    answers = [refusal, as_json(brave_answer())]

    async def in_turn(writer: asyncio.StreamWriter) -> None:
        writer.write(answers.pop(0))

    async with open_engine("brave", seconds=5) as engine:
        handler: Handler = in_turn
        engine.routes[PATHS["brave"]] = handler
        found = await PatientSearch(engine.provider, seconds=20).search("coffee", language="en", limit=3)
        assert len(found) == 3
        assert len(engine.requests) == 2


async def test_built_engine_keeps_to_the_time_of_the_settings() -> None:
    """`SEARCH_SECONDS` holds for every engine that is built."""

    async def hang(_writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async with open_engine("searxng") as engine:
        engine.answers(hang)
        settings = Settings(search=("searxng",), searxng_url=f"{engine.base}/searxng", search_seconds=0.2)
        async with TrustedClient(seconds=30, max_bytes=1_000, contact=None) as client:
            with pytest.raises(SearchError, match=r"searxng did not answer within 0\.2 seconds"):
                await build_search("searxng", settings, client).search("coffee", language="en", limit=3)


async def test_unofficial_engine_names_its_package_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ddgs is an extra."""
    monkeypatch.setitem(sys.modules, "ddgs", None)
    async with TrustedClient(seconds=5, max_bytes=1_000, contact=None) as client:
        with pytest.raises(ConfigurationError, match=r"pip install 'copydesk\[ddgs\]'"):
            build_search("ddgs", Settings(search=("ddgs",)), client)


async def test_status_is_told_when_a_refusal_cannot_be_read() -> None:
    """A refusal that is too long, or compressed in an unknown way, still says its status."""
    for refusal in (
        answer(b"x" * 100_000, status=402),
        answer(b"x", status=402, headers=[("Content-Encoding", "odd")]),
    ):
        async with open_engine("exa") as engine:
            engine.answers(refusal)
            with pytest.raises(SearchError, match="status 402"):
                await engine.provider.search("coffee", language="en", limit=3)

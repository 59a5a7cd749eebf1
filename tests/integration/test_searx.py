"""A real metasearch engine over local data: searched through our adapter, and a whole task researched through it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

import pytest
import pytest_asyncio
from support.desk import open_desk
from support.searx import LocalPage, run_searx, serve_pages
from support.service import environment, run

from copydesk.adapters.search.searxng import SearxngSearch
from copydesk.domain.source import Disposition, SourceKind
from copydesk.domain.task import TaskStatus
from copydesk.errors import SearchError
from copydesk.outbound.trusted import TrustedClient
from copydesk.settings import AllowedRange, Settings

MIB = 1024 * 1024
LIGHTHOUSES = (
    LocalPage(
        title="Lighthouses",
        paragraphs=(
            (
                "A lighthouse is a tower with a bright light that warns ships of rocks and guides them into harbours. The"
                " light is placed high above the sea so that it can be seen from far away. Each lighthouse shows a rhythm"
                " of its own, by which sailors recognize it."
            ),
            (
                "Most lighthouses were built of stone or brick, and later ones of iron and concrete. A lighthouse on a"
                " rock in the sea had to resist waves that reached the lantern in winter storms."
            ),
        ),
    ),
    LocalPage(
        title="The Pharos of Alexandria",
        paragraphs=(
            (
                "The Pharos of Alexandria was the most famous lighthouse of the ancient world. It was built in the third"
                " century BC and stood for more than a thousand years. The tower was about 100 metres high."
            ),
            (
                "Earthquakes damaged the lighthouse of Alexandria between the tenth and the fourteenth century. Its last"
                " stones were used for a fort that still stands at the entrance of the harbour."
            ),
        ),
    ),
    LocalPage(
        title="The Fresnel lens",
        paragraphs=(
            (
                "Augustin Fresnel invented a lens made of rings of prisms for lighthouses in 1822. The Fresnel lens"
                " gathers the light of the lamp into a narrow beam. Ships could see the beam of a lighthouse from more"
                " than 30 kilometres away."
            ),
            (
                "Lighthouse lenses were made in six orders of size. A lens of the first order was taller than a man and"
                " floated on a bath of mercury so that clockwork could turn it."
            ),
        ),
    ),
    LocalPage(
        title="Keepers of the light",
        paragraphs=(
            (
                "The keeper of a lighthouse trimmed the wick of the lamp every four hours of the night. Keepers wound the"
                " clockwork that turned the lens by hand, and carried oil up the stairs in brass cans."
            ),
            (
                "Families of keepers lived beside the lighthouse for decades. They kept a log of the weather, of passing"
                " ships and of every hour in which the lamp burned."
            ),
        ),
    ),
    LocalPage(
        title="Fog signals",
        paragraphs=(
            (
                "In fog the beam of a lighthouse cannot be seen, so many stations sounded bells, guns or sirens. The"
                " diaphone gave a low tone that ended in a grunt and carried for many kilometres."
            ),
            (
                "A fog signal at a lighthouse had a rhythm of its own like the light. Keepers started the engines when a"
                " mark on the coast disappeared from sight."
            ),
        ),
    ),
    LocalPage(
        title="Automation of lighthouses",
        paragraphs=(
            (
                "Gustaf Dalén invented a valve that lit the gas of a lighthouse at dusk and put it out at dawn. His sun"
                " valve made lighthouses without keepers possible, and he received the Nobel Prize in 1912."
            ),
            (
                "Electric lamps and radio links completed the automation of lighthouses in the twentieth century. Most"
                " lighthouses are watched today from a control room far inland."
            ),
        ),
    ),
)
OTHERS = (
    LocalPage(
        title="History of coffee",
        paragraphs=(
            "Coffee was first drunk in Yemen in the fifteenth century. Merchants brought the beans to Venice.",
        ),
    ),
    LocalPage(
        title="Bicycle gears",
        paragraphs=("A derailleur moves the chain of a bicycle between sprockets. It became common after 1930.",),
    ),
    LocalPage(
        title="Growing tomatoes",
        paragraphs=("Tomatoes need six hours of sun each day. Gardeners tie the stems to stakes as they grow.",),
    ),
)
PAGES = (*LIGHTHOUSES, *OTHERS)


@dataclass(frozen=True, kw_only=True)
class Web:
    """A small web and its search engine."""

    searx: str  # address
    titles: dict[str, str]  # of pages, by address


@pytest_asyncio.fixture
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    """Nine pages on three sites, six of them about lighthouses, and a searx over them."""
    async with serve_pages(PAGES) as titles, run_searx(tmp_path, titles, PAGES) as address:
        yield Web(searx=address, titles=titles)


@pytest_asyncio.fixture
async def engine(web: Web) -> AsyncIterator[SearxngSearch]:
    """Our adapter before the real engine."""
    async with TrustedClient(seconds=20, max_bytes=MIB, contact=None) as client:
        yield SearxngSearch(client=client, base=web.searx)


async def test_search_finds_pages_by_what_they_say(web: Web, engine: SearxngSearch) -> None:
    """Real answers in the real shape: addresses, titles and snippets of the pages that fit, the best first."""
    found = await engine.search("Fresnel lens lighthouse", language="en", limit=3)
    assert web.titles[found[0].url] == "The Fresnel lens"
    assert len(found) == 3
    assert found[0].title == "The Fresnel lens"
    assert found[0].snippet.startswith("Augustin Fresnel invented a lens")
    assert {web.titles[result.url] for result in found} <= {page.title for page in LIGHTHOUSES}


async def test_search_finds_nothing_when_no_page_fits(engine: SearxngSearch) -> None:
    """No hits are no failure."""
    assert await engine.search("xylophone", language="en", limit=5) == ()


async def test_search_takes_other_languages(engine: SearxngSearch) -> None:
    """A language that the engine does not tell apart."""
    assert await engine.search("Fresnel", language="de-AT", limit=5)


async def test_search_fails_when_no_engine_answers(engine: SearxngSearch) -> None:
    """The real engine says that its only engine for the query failed."""
    with pytest.raises(SearchError, match=r"None of SearXNG's engines answered \(broken\)") as caught:
        await engine.search("!br lighthouse", language="en", limit=5)
    assert caught.value.retryable


async def test_search_runs_side_by_side(engine: SearxngSearch) -> None:
    """Eight queries at once, as for one article."""
    queries = ["lighthouse", "coffee", "tomatoes", "bicycle", "keepers", "fog", "Pharos", "automation"]
    found = await asyncio.gather(*(engine.search(query, language="en", limit=5) for query in queries))
    assert all(found)


async def test_article_is_researched_through_the_real_engine(web: Web, tmp_path: Path) -> None:
    """A whole task without links or files: what the engine found is read, used and cited, nothing else."""
    settings = Settings(
        data_dir=tmp_path / "data",
        search=("searxng",),
        searxng_url=web.searx,
        outbound_allow=(AllowedRange(ip_network("127.0.0.0/8"), None),),
    )
    async with open_desk(settings) as desk:
        submitted = await desk.submit(
            user_prompt="Write about lighthouses",
            keywords=["lighthouse", "Fresnel lens"],
            min_words=200,
            max_words=400,
        )
        task = await desk.ended(submitted.task_id)
        assert (task.status, task.failure) == (TaskStatus.COMPLETED, None)
        sources = await desk.sources(task.task_id)
        article = await desk.article(task.task_id)
    assert {source.kind for source in sources} == {SourceKind.WEB}
    assert {web.titles[source.url or ""] for source in sources} == {page.title for page in LIGHTHOUSES}
    assert sum(source.disposition is Disposition.USED for source in sources) >= 3
    assert not [notice for notice in task.warnings if notice.code == "SEARCH_FAILED"]
    assert 200 <= article.word_count <= 400
    assert {source.url for source in article.data_sources} <= set(web.titles)
    assert article.evidence


async def test_doctor_reaches_the_real_engine(web: Web, tmp_path: Path) -> None:
    """The operator sees that it answers and how fast."""
    env = environment(tmp_path / "doctor", COPYDESK_SEARCH="searxng", COPYDESK_SEARXNG_URL=web.searx)
    done = await asyncio.to_thread(run, "doctor", "--json", env=env)
    findings = {finding["name"]: finding for finding in json.loads(done.stdout)}
    assert next(iter(findings)) == "search searxng"
    assert findings["search searxng"]["ok"], findings["search searxng"]["message"]

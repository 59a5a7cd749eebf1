"""A real metasearch engine over local data: searched through our adapter, and a whole task researched through it."""

import asyncio
import json
import tomllib
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
_WRITTEN = tomllib.loads(Path(__file__).with_name("pages.toml").read_text(encoding="utf-8"))
LIGHTHOUSES, OTHERS = (
    [LocalPage(title=page["title"], paragraphs=tuple(page["paragraphs"])) for page in _WRITTEN[about]]
    for about in ("lighthouses", "others")
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

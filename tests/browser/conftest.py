"""A browser for each test process, a served desk for each module, an account of its own for each test."""

from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page
from support.browsing import Served, Visits, Watch, open_browser, serve_desk
from support.desk import Desk

_FAILED = pytest.StashKey[bool]()
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run every test here in the loop that the browser lives in."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed, for its pictures."""
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests of a process: its start takes seconds."""
    async with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def writer() -> str:
    """Who writes the articles: a module whose language model should be the scripted endpoint answers "model"."""
    return "extractive"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def served(writer: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A served desk: the engine allows one a process at a time."""
    async with serve_desk(Path(tmp_path_factory.mktemp("desk")), writer=writer) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def desk(served: Served) -> Desk:
    """The desk of an account that nobody else has."""
    return await served.own()


@pytest_asyncio.fixture(loop_scope="session")
async def watch(served: Served) -> Watch:
    """What no page may do."""
    return Watch(host=f"127.0.0.1:{served.port}")


@pytest_asyncio.fixture(loop_scope="session")
async def visits(
    browser: Browser, served: Served, watch: Watch, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Visits]:
    """Opens pages; the test fails if one of them errs or asks another host, with pictures of all of them."""
    opened = Visits(browser=browser, served=served, watch=watch)
    yield opened
    failed = request.node.stash.get(_FAILED, False) or bool(watch.problems)
    taken = await opened.close(tmp_path if failed else None)
    if taken:
        request.node.add_report_section("teardown", "pictures", "\n".join(str(path) for path in taken))
    assert not watch.problems, watch.problems


@pytest_asyncio.fixture(loop_scope="session")
async def page(visits: Visits, desk: Desk) -> Page:
    """An empty page of somebody who is signed in with the key of `desk`."""
    return await visits.open(desk)

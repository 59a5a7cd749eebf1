"""ddgs, an unofficial library that reads the result pages of public search engines; needs no key.

It comes with `copydesk[ddgs]` and asks by its own HTTP client, which poses as a browser, outside of `outbound`; the
pages that it finds are fetched through `outbound` like all others. Engines may block it at any time, and what it does
may break their terms: it is for trying things out, which is why nobody gets it without choosing it.
"""

import asyncio
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from typing import Any, Protocol

from copydesk.adapters.search.places import likely_region
from copydesk.adapters.search.results import Fields, read_records, shorten
from copydesk.domain.language import primary_language
from copydesk.errors import ConfigurationError, SearchError
from copydesk.ports import SearchResult

# Without the encyclopedias (Wikipedia has an engine of its own here, and a generated one is no source) and without
# Startpage, which it asks for English pages alone.
_BACKENDS = "duckduckgo, brave, mojeek, yahoo"
_PAGE = 10  # results of one page of an engine: fewer cost as much
_THREADS = 4  # queries side by side: more look like a robot's
_MAX_CHARACTERS = 400  # of a query
_NOTHING = "No results found."  # how it says that there are no hits
_FIELDS = Fields(url="href", title="title", snippets=("body",))


class Client(Protocol):
    """What is used of `ddgs.DDGS`."""

    def text(self, query: str, **options: Any) -> list[dict[str, Any]]:
        """Search; blocks until there are results."""


class DdgsSearch:
    """Searches by the library, in threads.

    Args:
        seconds: Time one query may take.
        connect: Makes a client whose requests take `seconds` at most.

    Raises:
        ConfigurationError: The library is not installed.
    """

    name = "ddgs"

    def __init__(self, *, seconds: float, connect: Callable[[int], Client] | None = None) -> None:
        if find_spec("ddgs") is None:
            msg = "SEARCH names ddgs, whose library is not installed: run pip install 'copydesk[ddgs]'."
            raise ConfigurationError(msg)
        self._seconds = seconds
        self._connect = connect or _connect
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="ddgs")

    async def search(self, query: str, *, language: str, limit: int) -> Sequence[SearchResult]:
        """Ask for at most `limit` pages, best first. Engines that block it look like engines without hits.

        Raises:
            SearchError: No engine can be reached, or none answers in time.
        """
        ask = partial(self._ask, shorten(query, characters=_MAX_CHARACTERS), _region(language), limit)
        try:
            async with asyncio.timeout(self._seconds):
                records = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        except TimeoutError as error:
            raise self._slow() from error
        return read_records(records, _FIELDS, engine="ddgs", limit=limit)

    def _ask(self, query: str, region: str, limit: int) -> list[dict[str, Any]]:
        from ddgs.exceptions import DDGSException, RatelimitException, TimeoutException  # noqa: PLC0415 - optional

        client = self._connect(math.ceil(self._seconds))
        try:
            return client.text(query, region=region, max_results=max(limit, _PAGE), backend=_BACKENDS)
        except TimeoutException as error:
            raise self._slow() from error
        except RatelimitException as error:
            msg = "ddgs: the search engines answer no more queries for now; connect an engine with a key instead."
            raise SearchError(msg, retryable=True, reason="quota") from error
        except DDGSException as error:
            if str(error) == _NOTHING:
                return []
            msg = "ddgs found nothing because search engines cannot be reached; connect an engine with a key instead."
            raise SearchError(msg, retryable=True, reason="unreachable") from error

    def _slow(self) -> SearchError:
        return SearchError(f"ddgs did not answer within {self._seconds:g} seconds.", retryable=True, reason="slow")


def _connect(seconds: int) -> Client:
    from ddgs import DDGS  # noqa: PLC0415 - optional

    return DDGS(timeout=seconds)


def _region(tag: str) -> str:
    """The library's region for a BCP 47 tag: `br-pt` of `pt-BR`."""
    return f"{likely_region(tag)}-{primary_language(tag)}".lower()

"""SearXNG, a metasearch engine that the operator runs.

Shape: https://docs.searxng.org/dev/search_api.html.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from copydesk.adapters.search.results import Fields, other_shape, read_records
from copydesk.errors import ConfigurationError, SearchError
from copydesk.outbound.trusted import StatusError, TrustedClient
from copydesk.ports import SearchResult

_ENGINE = "SearXNG"  # in sentences
_FIELDS = Fields(url="url", title="title", snippets=("content",))


class SearxngSearch:
    """Searches the engines that a SearXNG asks.

    Args:
        client: Asks it.
        base: Its base address, with the JSON format enabled in its settings.

    Raises:
        ConfigurationError: `base` is missing.
    """

    name = "searxng"

    def __init__(self, *, client: TrustedClient, base: str | None) -> None:
        if not base:
            msg = "SEARCH names searxng, so COPYDESK_SEARXNG_URL must be set."
            raise ConfigurationError(msg)
        self._client = client
        self._address = f"{base.rstrip('/')}/search"

    async def search(self, query: str, *, language: str, limit: int) -> Sequence[SearchResult]:
        """Ask for the first page of results, cut to `limit`, best first.

        Raises:
            SearchError: It is unreachable, refuses, none of its engines answers, or it answers in another shape.
        """
        parameters = {"q": query, "format": "json", "language": language.partition("-")[0].lower()}
        answer = await self._ask(parameters)
        return read_records(_records(answer), _FIELDS, engine=_ENGINE, limit=limit)

    async def _ask(self, parameters: Mapping[str, str]) -> Any:
        try:
            return await self._client.get_json(self._address, parameters)
        except StatusError as error:
            if error.status != HTTPStatus.FORBIDDEN:
                raise
            msg = "SearXNG refuses JSON (status 403): add 'json' to search.formats in its settings.yml."
            raise SearchError(msg, reason="refused") from error


def _records(answer: Any) -> Sequence[Any]:
    """The results of an answer; an empty answer is a failure if engines did not respond."""
    match answer:
        case {"results": [], "unresponsive_engines": [_, *_] as silent}:
            names = ", ".join(sorted({str(engine[0]) for engine in silent if isinstance(engine, list) and engine}))
            msg = f"None of SearXNG's engines answered ({names})."
            raise SearchError(msg, retryable=True)
        case {"results": [*records]}:
            return records
    raise other_shape(_ENGINE)

"""Exa, a search engine by meaning.

Shape: https://exa.ai/docs/reference/search; errors: https://exa.ai/docs/reference/error-codes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import SecretStr

from copydesk.adapters.search.places import region_of
from copydesk.adapters.search.refusals import Account, explained
from copydesk.adapters.search.results import Fields, other_shape, read_records
from copydesk.outbound.trusted import StatusError, TrustedClient
from copydesk.ports import SearchResult

ACCOUNT = Account(engine="Exa", variable="EXA_API_KEY", dashboard="https://dashboard.exa.ai")
_MAX_RESULTS = 100
_FIELDS = Fields(url="url", title="title", snippets=("highlights", "summary", "text"))


class ExaSearch:
    """Searches by Exa; the language of results follows the query's.

    Args:
        client: Asks the API.
        key: The API key.
        base: Address of the API or of a proxy before it.
    """

    name = "exa"

    def __init__(self, *, client: TrustedClient, key: SecretStr, base: str = "https://api.exa.ai") -> None:
        self._client = client
        self._key = key
        self._address = f"{base.rstrip('/')}/search"

    async def search(self, query: str, *, language: str, limit: int) -> Sequence[SearchResult]:
        """Ask for at most `limit` pages (100 at the most), best first.

        Raises:
            SearchError: It is unreachable, refuses, or answers in another shape.
        """
        content: dict[str, Any] = {
            "query": " ".join(query.split()),
            "type": "auto",
            "numResults": max(1, min(limit, _MAX_RESULTS)),
            "contents": {"highlights": True},
        }
        if (region := region_of(language)) is not None:
            content["userLocation"] = region
        match await self._ask(content):
            case {"results": [*records]}:
                return read_records(records, _FIELDS, engine=ACCOUNT.engine, limit=limit)
        raise other_shape(ACCOUNT.engine)

    async def _ask(self, content: Mapping[str, Any]) -> Any:
        headers = {"x-api-key": self._key.get_secret_value()}
        try:
            return await self._client.post_json(self._address, content, headers=headers)
        except StatusError as error:
            raise explained(error, ACCOUNT) from error

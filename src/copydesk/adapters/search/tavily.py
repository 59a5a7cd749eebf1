"""Tavily, a search API made for language models.

Shape: https://docs.tavily.com/documentation/api-reference/endpoint/search.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import SecretStr

from copydesk.adapters.search.places import region_of
from copydesk.adapters.search.refusals import Account, explained
from copydesk.adapters.search.results import Fields, other_shape, read_records, shorten
from copydesk.outbound.trusted import StatusError, TrustedClient
from copydesk.ports import SearchResult

ACCOUNT = Account(engine="Tavily", variable="TAVILY_API_KEY", dashboard="https://app.tavily.com")
_MAX_CHARACTERS = 400  # of `query`
_MAX_RESULTS = 20
_QUOTA = (432, 433)  # Tavily's own statuses: the plan's limit, the pay-as-you-go limit
_FIELDS = Fields(url="url", title="title", snippets=("content",))
# Values of `country`, which favours pages from there: the names of those whose tags are written most.
_COUNTRIES = {
    "AR": "argentina", "AT": "austria", "AU": "australia", "BE": "belgium", "BR": "brazil", "CA": "canada",
    "CH": "switzerland", "CL": "chile", "CN": "china", "CO": "colombia", "CZ": "czech republic", "DE": "germany",
    "DK": "denmark", "EG": "egypt", "ES": "spain", "FI": "finland", "FR": "france", "GB": "united kingdom",
    "GR": "greece", "HU": "hungary", "ID": "indonesia", "IE": "ireland", "IL": "israel", "IN": "india", "IT": "italy",
    "JP": "japan", "KR": "south korea", "MX": "mexico", "MY": "malaysia", "NL": "netherlands", "NO": "norway",
    "NZ": "new zealand", "PE": "peru", "PH": "philippines", "PL": "poland", "PT": "portugal", "RO": "romania",
    "RU": "russia", "SA": "saudi arabia", "SE": "sweden", "SG": "singapore", "TH": "thailand", "TR": "turkey",
    "TW": "taiwan", "UA": "ukraine", "US": "united states", "VN": "vietnam", "ZA": "south africa",
}  # fmt: skip


class TavilySearch:
    """Searches by Tavily; the language of results follows the query's.

    Args:
        client: Asks the API.
        key: The API key.
        base: Address of the API or of a proxy before it.
    """

    name = "tavily"

    def __init__(self, *, client: TrustedClient, key: SecretStr, base: str = "https://api.tavily.com") -> None:
        self._client = client
        self._key = key
        self._address = f"{base.rstrip('/')}/search"

    async def search(self, query: str, *, language: str, limit: int) -> Sequence[SearchResult]:
        """Ask for at most `limit` pages (20 at the most), best first; `query` is cut at 400 characters.

        Raises:
            SearchError: It is unreachable, refuses, or answers in another shape.
        """
        content: dict[str, Any] = {
            "query": shorten(query, characters=_MAX_CHARACTERS),
            "max_results": max(1, min(limit, _MAX_RESULTS)),
            "topic": "general",
            "search_depth": "basic",  # one credit; "advanced" costs two
        }
        if (country := _COUNTRIES.get(region_of(language) or "")) is not None:
            content["country"] = country
        match await self._ask(content):
            case {"results": [*records]}:
                return read_records(records, _FIELDS, engine=ACCOUNT.engine, limit=limit)
        raise other_shape(ACCOUNT.engine)

    async def _ask(self, content: Mapping[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {self._key.get_secret_value()}"}
        try:
            return await self._client.post_json(self._address, content, headers=headers)
        except StatusError as error:
            raise explained(error, ACCOUNT, reason="quota" if error.status in _QUOTA else None) from error

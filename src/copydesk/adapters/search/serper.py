"""Serper, Google's results by an API.

Shape: https://serper.dev (its playground; there is no other reference).
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import SecretStr

from copydesk.adapters.search.places import region_of
from copydesk.adapters.search.refusals import Account, explained
from copydesk.adapters.search.results import Fields, other_shape, read_records, shorten
from copydesk.domain.language import primary_language
from copydesk.outbound.trusted import StatusError, TrustedClient
from copydesk.ports import SearchResult

ACCOUNT = Account(engine="Serper", variable="SERPER_API_KEY", dashboard="https://serper.dev/dashboard")
_MAX_CHARACTERS = 2_048  # of a query to Google
_MAX_RESULTS = 100
_FIELDS = Fields(url="link", title="title", snippets=("snippet",))
# Google's interface languages that carry more than the primary language.
_WITH_REGION = frozenset({"zh-cn", "zh-tw", "zh-hk", "pt-br", "pt-pt", "es-419", "fr-ca", "en-gb"})
_SPELLED = {"zh": "zh-cn", "zh-hans": "zh-cn", "zh-hant": "zh-tw", "nb": "no", "nn": "no", "he": "iw", "fil": "tl"}


class SerperSearch:
    """Searches Google by Serper.

    Args:
        client: Asks the API.
        key: The API key.
        base: Address of the API or of a proxy before it.
    """

    name = "serper"

    def __init__(self, *, client: TrustedClient, key: SecretStr, base: str = "https://google.serper.dev") -> None:
        self._client = client
        self._key = key
        self._address = f"{base.rstrip('/')}/search"

    async def search(self, query: str, *, language: str, limit: int) -> Sequence[SearchResult]:
        """Ask for at most `limit` pages (100 at the most; more than 10 cost twice), best first.

        Raises:
            SearchError: It is unreachable, refuses, or answers in another shape.
        """
        content: dict[str, Any] = {
            "q": shorten(query, characters=_MAX_CHARACTERS),
            "hl": _interface(language),
            "num": max(1, min(limit, _MAX_RESULTS)),
        }
        if (region := region_of(language)) is not None:
            content["gl"] = region.lower()
        match await self._ask(content):
            case {"organic": [*records]}:
                return read_records(records, _FIELDS, engine=ACCOUNT.engine, limit=limit)
            case {"searchParameters": {}}:  # without hits there may be no `organic`
                return ()
        raise other_shape(ACCOUNT.engine)

    async def _ask(self, content: Mapping[str, Any]) -> Any:
        headers = {"X-API-KEY": self._key.get_secret_value()}
        try:
            return await self._client.post_json(self._address, content, headers=headers)
        except StatusError as error:
            # Credits that are used up come as a bad request.
            spent = error.status == HTTPStatus.BAD_REQUEST and "not enough credits" in error.body.lower()
            raise explained(error, ACCOUNT, reason="quota" if spent else None) from error


def _interface(tag: str) -> str:
    """Google's `hl` for a BCP 47 tag."""
    start = "-".join(tag.lower().split("-")[:2])
    if (spelled := _SPELLED.get(start, start)) in _WITH_REGION:
        return spelled
    primary = primary_language(tag)
    return _SPELLED.get(primary, primary)

"""Wikipedia's own search, by MediaWiki's API; needs no key.

Shape: https://www.mediawiki.org/wiki/API:Search; manners: https://www.mediawiki.org/wiki/API:Etiquette.
"""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from copydesk.adapters.search.results import distinct, plain_text
from copydesk.errors import SearchError
from copydesk.outbound.trusted import StatusError, TrustedClient
from copydesk.ports import SearchResult

_MAX_QUERY = 300  # characters; CirrusSearch refuses longer ones
_MAX_LIMIT = 50  # results; API:Search's own for clients that are not bots
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_EDITIONS = {"nb": "no"}  # languages whose edition has another code
_RETRYABLE = ("maxlag", "ratelimited", "readonly", "internal_api_error", "search-error", "search-is-too-busy")
_IN_TITLES = "/:@!$*(),;'"  # characters that Wikipedia leaves bare in addresses


class WikipediaSearch:
    """Searches the edition of the article's language.

    Args:
        client: Asks the API.
        base: Address of Wikipedia or a mirror; `{language}` is filled in.
    """

    name = "wikipedia"

    def __init__(self, *, client: TrustedClient, base: str) -> None:
        self._client = client
        self._base = base.rstrip("/")

    async def search(self, query: str, *, language: str, limit: int) -> Sequence[SearchResult]:
        """Ask for at most `limit` pages (50 at the most), best first; `query` is cut at 300 characters.

        Raises:
            SearchError: There is no such edition, it is unreachable, refuses, or answers in another shape.
        """
        base = self._base.replace("{language}", _edition(language))
        parameters = {
            "action": "query",
            "list": "search",
            "srsearch": _shorten(query),
            "srlimit": str(max(1, min(limit, _MAX_LIMIT))),
            "srprop": "snippet",
            "format": "json",
            "formatversion": "2",
        }
        answer = await self._ask(f"{base}/w/api.php", parameters)
        return distinct((_result(base, record) for record in _records(answer)), limit)

    async def _ask(self, url: str, parameters: Mapping[str, str]) -> Any:
        try:
            return await self._client.get_json(url, parameters)
        except StatusError as error:
            if error.status != HTTPStatus.FORBIDDEN:
                raise
            msg = "Wikipedia refuses the request (status 403); it asks for a contact: set COPYDESK_CONTACT."
            raise SearchError(msg) from error


def _edition(language: str) -> str:
    """The code of the edition for a BCP 47 tag; it becomes part of a host name, so only letters pass."""
    primary = language.partition("-")[0].lower()
    if not _LANGUAGE.fullmatch(primary):
        msg = f"Wikipedia has no edition for the language {language!r}."
        raise SearchError(msg)
    return _EDITIONS.get(primary, primary)


def _shorten(query: str) -> str:
    flat = " ".join(query.split())
    if len(flat) <= _MAX_QUERY:
        return flat
    return flat[: _MAX_QUERY + 1].rpartition(" ")[0] or flat[:_MAX_QUERY]


def _records(answer: Any) -> Sequence[Any]:
    match answer:
        case {"error": {"code": str(code), "info": str(info)}}:
            msg = f"Wikipedia refuses the query: {plain_text(info)} ({code})."
            raise SearchError(msg, retryable=code in _RETRYABLE)
        case {"query": {"search": [*records]}}:
            return records
    msg = "Wikipedia answered in a shape that is not its API's."
    raise SearchError(msg)


def _result(base: str, record: Any) -> SearchResult:
    match record:
        case {"title": str(title), "snippet": str(snippet)}:
            address = f"{base}/wiki/{quote(title.replace(' ', '_'), safe=_IN_TITLES)}"
            return SearchResult(url=address, title=title, snippet=plain_text(snippet))
    msg = "Wikipedia answered with a result that has no title or snippet."
    raise SearchError(msg)

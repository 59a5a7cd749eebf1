"""Wikipedia's own search, by MediaWiki's API; needs no key.

Shape: https://www.mediawiki.org/wiki/API:Search; manners: https://www.mediawiki.org/wiki/API:Etiquette.
"""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from copydesk.adapters.search.results import Fields, other_shape, plain_text, read_records, shorten
from copydesk.errors import SearchError
from copydesk.outbound.trusted import StatusError, TrustedClient
from copydesk.ports import SearchResult

_MAX_QUERY = 300  # characters; CirrusSearch refuses longer ones
_MAX_LIMIT = 50  # results; API:Search's own for clients that are not bots
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_EDITIONS = {"nb": "no"}  # languages whose edition has another code
_RETRYABLE = ("maxlag", "ratelimited", "readonly", "internal_api_error", "search-error", "search-is-too-busy")
_QUOTA = "ratelimited"
_IN_TITLES = "/:@!$*(),;'"  # characters that Wikipedia leaves bare in addresses
_ENGINE = "Wikipedia"  # in sentences
_FIELDS = Fields(url="url", title="title", snippets=("snippet",))


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
            "srsearch": shorten(query, characters=_MAX_QUERY),
            "srlimit": str(max(1, min(limit, _MAX_LIMIT))),
            "srprop": "snippet",
            "format": "json",
            "formatversion": "2",
        }
        answer = await self._ask(f"{base}/w/api.php", parameters)
        records = [_addressed(base, record) for record in _records(answer)]
        return read_records(records, _FIELDS, engine=_ENGINE, limit=limit)

    async def _ask(self, url: str, parameters: Mapping[str, str]) -> Any:
        try:
            return await self._client.get_json(url, parameters)
        except StatusError as error:
            if error.status != HTTPStatus.FORBIDDEN:
                raise
            msg = "Wikipedia refuses the request (status 403); it asks for a contact: set COPYDESK_CONTACT."
            raise SearchError(msg, reason="refused") from error


def _edition(language: str) -> str:
    """The code of the edition for a BCP 47 tag; it becomes part of a host name, so only letters pass."""
    primary = language.partition("-")[0].lower()
    if not _LANGUAGE.fullmatch(primary):
        msg = f"Wikipedia has no edition for the language {language!r}."
        raise SearchError(msg, reason="refused")
    return _EDITIONS.get(primary, primary)


def _records(answer: Any) -> Sequence[Any]:
    match answer:
        case {"error": {"code": str(code), "info": str(info)}}:
            msg = f"Wikipedia refuses the query: {plain_text(info)} ({code})."
            reason = "quota" if code == _QUOTA else "failed" if code in _RETRYABLE else "refused"
            raise SearchError(msg, retryable=code in _RETRYABLE, reason=reason)
        case {"query": {"search": [*records]}}:
            return records
    raise other_shape(_ENGINE)


def _addressed(base: str, record: Any) -> Any:
    """A record with the address of its page, which the API leaves to be made from the title."""
    match record:
        case {"title": str(title)} if title.strip():
            return {**record, "url": f"{base}/wiki/{quote(title.replace(' ', '_'), safe=_IN_TITLES)}"}
    return record

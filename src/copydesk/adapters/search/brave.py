"""Brave Search, an index of its own, by its API.

Shape: https://api-dashboard.search.brave.com/api-reference/web/search/get.
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

ACCOUNT = Account(engine="Brave Search", variable="BRAVE_API_KEY", dashboard="https://api-dashboard.search.brave.com")
_MAX_CHARACTERS, _MAX_WORDS = 400, 50  # of `q`
_MAX_COUNT = 20  # results of one page
_FIELDS = Fields(url="url", title="title", snippets=("description", "extra_snippets"))
# Values of `search_lang` and `country`; another one is refused with status 422.
_LANGUAGES = frozenset({
    "ar", "eu", "bn", "bg", "ca", "zh-hans", "zh-hant", "hr", "cs", "da", "nl", "en", "en-gb", "et", "fi", "fr", "gl",
    "de", "el", "gu", "he", "hi", "hu", "is", "it", "jp", "kn", "ko", "lv", "lt", "ms", "ml", "mr", "nb", "pl",
    "pt-br", "pt-pt", "pa", "ro", "ru", "sr", "sk", "sl", "es", "sv", "ta", "te", "th", "tr", "uk", "vi",
})  # fmt: skip
_COUNTRIES = frozenset({
    "AR", "AU", "AT", "BE", "BR", "CA", "CL", "CN", "DE", "DK", "ES", "FI", "FR", "GB", "GR", "HK", "ID", "IN", "IT",
    "JP", "KR", "MX", "MY", "NL", "NO", "NZ", "PH", "PL", "PT", "RU", "SA", "SE", "CH", "TR", "TW", "US", "ZA",
})  # fmt: skip
_EVERYWHERE = "ALL"
# Tags whose value is spelled otherwise.
_SPELLED = {
    "ja": "jp", "no": "nb", "nn": "nb", "pt": "pt-pt", "zh": "zh-hans", "zh-tw": "zh-hant", "zh-hk": "zh-hant",
    "zh-mo": "zh-hant",
}  # fmt: skip


class BraveSearch:
    """Searches Brave's index.

    Args:
        client: Asks the API.
        key: The subscription token.
        base: Address of the API or of a proxy before it.
    """

    name = "brave"

    def __init__(self, *, client: TrustedClient, key: SecretStr, base: str = "https://api.search.brave.com") -> None:
        self._client = client
        self._key = key
        self._address = f"{base.rstrip('/')}/res/v1/web/search"

    async def search(self, query: str, *, language: str, limit: int) -> Sequence[SearchResult]:
        """Ask for at most `limit` pages (20 at the most), best first; `query` is cut at 400 characters or 50 words.

        Raises:
            SearchError: It is unreachable, refuses, or answers in another shape.
        """
        region = region_of(language)
        parameters = {
            "q": shorten(query, characters=_MAX_CHARACTERS, words=_MAX_WORDS),
            "count": str(max(1, min(limit, _MAX_COUNT))),
            "country": region if region in _COUNTRIES else _EVERYWHERE,
            "result_filter": "web",
            "text_decorations": "false",
        }
        if (known := _search_language(language)) is not None:
            parameters["search_lang"] = known
        answer = await self._ask(parameters)
        return read_records(_records(answer), _FIELDS, engine=ACCOUNT.engine, limit=limit)

    async def _ask(self, parameters: Mapping[str, str]) -> Any:
        headers = {"X-Subscription-Token": self._key.get_secret_value()}
        try:
            return await self._client.get_json(self._address, parameters, headers=headers)
        except StatusError as error:
            # A token that it does not know is one of the faults of status 422.
            unknown = error.status == HTTPStatus.UNPROCESSABLE_ENTITY and "SUBSCRIPTION_TOKEN" in error.body
            wait = _reset(error.headers) if error.retry_after is None else None
            raise explained(error, ACCOUNT, reason="key" if unknown else None, retry_after=wait) from error


def _search_language(tag: str) -> str | None:
    """The value of `search_lang` for a BCP 47 tag, or None for a language that Brave does not tell apart."""
    tag = tag.lower()
    for name in (tag, "-".join(tag.split("-")[:2]), primary_language(tag)):
        if (known := _SPELLED.get(name, name)) in _LANGUAGES:
            return known
    return None


def _reset(headers: Mapping[str, str]) -> float | None:
    """Seconds until the used-up quotas are full again: of several windows (a second, a month) the longest counts."""
    left, resets = (
        [part.strip() for part in headers.get(f"x-ratelimit-{name}", "").split(",")] for name in ("remaining", "reset")
    )
    used_up = [reset for remaining, reset in zip(left, resets, strict=False) if remaining == "0"]
    return max((float(reset) for reset in used_up if reset.isascii() and reset.isdigit()), default=None)


def _records(answer: Any) -> Sequence[Any]:
    match answer:
        case {"web": {"results": [*records]}}:
            return records
        case {"type": "search"}:  # without hits there is no `web`
            return ()
    raise other_shape(ACCOUNT.engine)

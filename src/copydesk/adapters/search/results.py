"""From an engine's records to results: one page once, only what can be fetched."""

import html
import re
from collections.abc import Iterable, Sequence

from ada_url import URL

from copydesk.domain.links import canonical_link
from copydesk.ports import SearchResult

_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
_SPACE = re.compile(r"\s+")


def plain_text(markup: str) -> str:
    """The text of a fragment of HTML on one line: without its tags, its entities resolved."""
    return _SPACE.sub(" ", html.unescape(_TAG.sub("", markup))).strip()


def distinct(results: Iterable[SearchResult], limit: int) -> Sequence[SearchResult]:
    """The first `limit` results with http(s) addresses, each page once, in order."""
    by_page: dict[str, SearchResult] = {}
    for result in results:
        if URL.can_parse(result.url) and URL(result.url).protocol in ("http:", "https:"):
            by_page.setdefault(canonical_link(result.url), result)
    return tuple(by_page.values())[:limit]

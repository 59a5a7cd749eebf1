"""From an engine's records to results: one page once, only what can be fetched."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ada_url import URL

from copydesk.domain.links import canonical_link
from copydesk.errors import SearchError
from copydesk.ports import SearchResult

_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
_SPACE = re.compile(r"\s+")
_MAX_TITLE = 500  # characters; longer ones are no titles
_MAX_SNIPPET = 2_000  # characters; a hint for ranking needs no more


@dataclass(frozen=True, kw_only=True)
class Fields:
    """Where an engine's record keeps what a result is made of."""

    url: str
    title: str
    snippets: tuple[str, ...]  # texts, or lists of texts; those that are there are joined


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


def read_records(records: Sequence[Any], fields: Fields, *, engine: str, limit: int) -> Sequence[SearchResult]:
    """The first `limit` results of an answer; records without an address are left out.

    Raises:
        SearchError: `malformed`: not one of the records has an address.
    """
    results = [result for record in records if (result := _result(record, fields)) is not None]
    if records and not results:
        msg = f"{engine} answered with results that have no address; this version may not know its present API."
        raise SearchError(msg, reason="malformed")
    return distinct(results, limit)


def other_shape(engine: str) -> SearchError:
    """What to raise where an answer is not what the engine's documentation says."""
    msg = f"{engine} answered in a shape that is not its API's; this version may not know its present API."
    return SearchError(msg, reason="malformed")


def shorten(query: str, *, characters: int, words: int | None = None) -> str:
    """A query on one line within an engine's limits, cut between words where there are words."""
    flat = " ".join(query.split()[:words])
    if len(flat) <= characters:
        return flat
    return flat[: characters + 1].rpartition(" ")[0] or flat[:characters]


def _result(record: Any, fields: Fields) -> SearchResult | None:
    if not isinstance(record, Mapping) or not isinstance(url := record.get(fields.url), str) or not url.strip():
        return None
    title = plain_text(" ".join(_texts(record.get(fields.title))))[:_MAX_TITLE]
    snippet = " ".join(text for name in fields.snippets for text in _texts(record.get(name)))
    return SearchResult(url=url.strip(), title=title or url.strip(), snippet=plain_text(snippet)[:_MAX_SNIPPET])


def _texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case [*parts]:
            return [part for part in parts if isinstance(part, str)]
    return []

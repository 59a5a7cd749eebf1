"""Web research: which pages to read, from several search engines asked side by side."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from copydesk.domain.article import Notice
from copydesk.domain.brief import Brief
from copydesk.domain.links import canonical_link
from copydesk.errors import SearchError
from copydesk.ports import SearchProvider, SearchResult

FUSION_CONSTANT = 60  # reciprocal rank fusion, Cormack, Clarke and Buettcher, SIGIR 2009
PER_QUERY = 10  # results asked of each engine for each query
PER_SITE = 5  # pages of one site at most, so that several voices are heard
MAX_QUERIES = 8  # queries to each engine for one article


@dataclass(frozen=True, kw_only=True)
class Found:
    """Pages worth reading, best first, and which engines failed."""

    results: tuple[SearchResult, ...]
    notices: tuple[Notice, ...]
    failed: bool  # whether every search failed


def first_queries(brief: Brief) -> list[str]:
    """The queries that need no plan: the topic, and each keyword."""
    return _distinct((brief.topic, *brief.keywords))[:MAX_QUERIES]


async def find_pages(queries: Sequence[str], *, engines: Sequence[SearchProvider], language: str, limit: int) -> Found:
    """Ask every engine every query at once and fuse the answers; `limit` pages at most.

    An engine that fails is a warning; only if all fail is `failed` set.
    """
    asked = [(engine, query) for engine in engines for query in _distinct(queries)[:MAX_QUERIES]]
    answers = await asyncio.gather(*(_ask(engine, query, language) for engine, query in asked))
    lists = [answer for answer in answers if not isinstance(answer, Notice)]
    notices = tuple(dict.fromkeys(answer for answer in answers if isinstance(answer, Notice)))
    return Found(results=_fused(lists, limit=limit), notices=notices, failed=bool(asked) and not lists)


async def _ask(engine: SearchProvider, query: str, language: str) -> Sequence[SearchResult] | Notice:
    try:
        return await engine.search(query, language=language, limit=PER_QUERY)
    except SearchError as error:
        return Notice(code="SEARCH_FAILED", subject=engine.name, message=error.message)


def _fused(lists: Iterable[Sequence[SearchResult]], *, limit: int) -> tuple[SearchResult, ...]:
    """Reciprocal rank fusion over canonical addresses, cut by domain variety."""
    scores: dict[str, float] = {}
    first: dict[str, SearchResult] = {}
    for results in lists:
        for rank, result in enumerate(results, start=1):
            key = canonical_link(result.url)
            first.setdefault(key, result)
            scores[key] = scores.get(key, 0.0) + 1 / (FUSION_CONSTANT + rank)
    chosen: list[SearchResult] = []
    per_site: dict[str, int] = {}
    for key in sorted(scores, key=lambda k: (-scores[k], k)):
        site = urlsplit(key).hostname or ""
        if len(chosen) < limit and per_site.get(site, 0) < PER_SITE:
            per_site[site] = per_site.get(site, 0) + 1
            chosen.append(first[key])
    return tuple(chosen)


def _distinct(queries: Iterable[str]) -> list[str]:
    return list({query.casefold().strip(): query for query in reversed([q for q in queries if q.strip()])}.values())[
        ::-1
    ]

"""Web research: which pages to read, from several search engines asked side by side."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from ada_url import URL

from copydesk.domain.article import Notice
from copydesk.domain.brief import Brief
from copydesk.domain.sites import is_edition, page_key, site_of
from copydesk.errors import LlmError, SearchError
from copydesk.language.terms import content_terms
from copydesk.ports import SearchProvider, SearchResult

FUSION_CONSTANT = 60  # reciprocal rank fusion, Cormack, Clarke and Buettcher, SIGIR 2009
PER_QUERY = 10  # results asked of each engine for each query
PER_SITE = 3  # pages of one site before those of others, so that several voices are heard
MAX_QUERIES = 8  # queries to each engine for one article
SEARCH_FAILED = "SEARCH_FAILED"  # the notice of an engine that failed

Plan = Callable[[], Awaitable[Sequence[str]]]
Early = Callable[[Sequence[SearchResult]], None]

# Endings of files that no reader reads.
_UNREADABLE = frozenset({
    "7z", "apk", "avi", "bz2", "dmg", "doc", "epub", "exe", "flac", "gif", "gz", "iso", "jpeg", "jpg", "m4a", "m4v",
    "mkv", "mov", "mp3", "mp4", "mpeg", "mpg", "msi", "odp", "ods", "odt", "ogg", "ogv", "png", "ppt", "pptx", "rar",
    "svg", "tar", "tgz", "wav", "webm", "webp", "wmv", "xls", "xz", "zip",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Found:
    """Pages worth reading, best first, and which engines failed."""

    results: tuple[SearchResult, ...]
    notices: tuple[Notice, ...]
    failed: bool  # whether every search failed


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What one engine answered to one query."""

    engine: str
    query: str
    results: tuple[SearchResult, ...] = ()  # best first
    error: SearchError | None = None


def first_queries(brief: Brief) -> list[str]:
    """The queries that need no plan: the topic, and each keyword."""
    return _distinct((brief.topic, *brief.keywords))[:MAX_QUERIES]


async def search_web(
    brief: Brief,
    *,
    plan: Plan,
    engines: Sequence[SearchProvider],
    given: Sequence[str],
    seconds: float,
    limit: int,
    early: Early | None = None,
) -> Found:
    """Ask every engine the topic, the keywords and what is planned, and fuse the answers.

    The first queries do not wait for the plan. What has not come within `seconds` is dropped, and an engine or a plan
    that fails or is late is a notice and no more; only if every search failed is `failed` set.

    Args:
        brief: Of the article.
        plan: Further queries, best first.
        engines: Asked side by side, each with its own limit of time for one query.
        given: Links that are read anyway and need not be found.
        seconds: Time for the plan and all queries together.
        limit: Pages at most.
        early: Told of the best half of them as the first queries have it, which can be read while the plan is made;
            they come first in the answer.
    """
    asking = _Asking(engines=engines, language=brief.language, seconds=seconds)
    first = first_queries(brief)

    async def found_at_once() -> tuple[Sequence[_Answer], Sequence[SearchResult]]:
        answers = await asking.ask(first)
        await warming
        if early is None:
            return answers, ()
        best = await fused(answers, limit=-(-limit // 2))
        early(best)
        return answers, best

    async def fused(answers: Sequence[_Answer], *, limit: int) -> Sequence[SearchResult]:
        # Pure computation of up to tenths of a second: not on the event loop.
        return await asyncio.to_thread(fuse, answers, language=brief.language, given=given, limit=limit)

    warming = asyncio.create_task(asyncio.to_thread(_warm, brief))
    (at_once, begun), (later, notices) = await asyncio.gather(found_at_once(), asking.ask_planned(plan, known=first))
    answers = [*at_once, *later]
    results = _joined(begun, await fused(answers, limit=limit), limit)
    failed = bool(answers) and all(answer.error is not None for answer in answers)
    return Found(results=results, notices=(*_failures(answers), *notices), failed=failed)


def _joined(begun: Sequence[SearchResult], best: Sequence[SearchResult], limit: int) -> tuple[SearchResult, ...]:
    """The pages that are read already, then the best others."""
    known = {page_key(result.url) for result in begun}
    return (*begun, *(result for result in best if page_key(result.url) not in known))[:limit]


def _warm(brief: Brief) -> None:
    """Load what fusing needs while the engines are waited for: a dictionary takes up to a second the first time."""
    content_terms(brief.topic, brief.language)
    site_of("https://www.example.org/")


class _Asking:
    """Asks engines until a time that is set when it is made."""

    def __init__(self, *, engines: Sequence[SearchProvider], language: str, seconds: float) -> None:
        self._engines = engines
        self._language = language
        self._seconds = seconds
        self._until = asyncio.get_running_loop().time() + seconds

    async def ask(self, queries: Sequence[str]) -> Sequence[_Answer]:
        """Ask every engine every query side by side."""
        return await asyncio.gather(*(self._ask(engine, query) for query in queries for engine in self._engines))

    async def ask_planned(self, plan: Plan, *, known: Sequence[str]) -> tuple[Sequence[_Answer], Sequence[Notice]]:
        """Ask what is planned beyond the known queries."""
        searched = "topic and keywords were searched"
        try:
            async with asyncio.timeout_at(self._until):
                planned = await plan()
        except TimeoutError:
            message = f"Further queries were not planned within {self._seconds:g} seconds; {searched}."
            return (), (Notice(code="PLAN_LATE", subject=None, message=message),)
        except LlmError as error:
            message = f"No further queries were planned; {searched}. {error.message}"
            return (), (Notice(code="PLAN_FAILED", subject=None, message=message),)
        taken = {_folded(query) for query in known}
        queries = [query for query in _distinct(planned) if _folded(query) not in taken]
        return await self.ask(queries[:MAX_QUERIES]), ()

    async def _ask(self, engine: SearchProvider, query: str) -> _Answer:
        try:
            async with asyncio.timeout_at(self._until):
                results = await engine.search(query, language=self._language, limit=PER_QUERY)
        except TimeoutError:
            message = f"It did not answer within the {self._seconds:g} seconds that research has for searching."
            error = SearchError(message, retryable=True, reason="slow")
            return _Answer(engine=engine.name, query=query, error=error)
        except SearchError as error:
            return _Answer(engine=engine.name, query=query, error=error)
        return _Answer(engine=engine.name, query=query, results=tuple(results))


def _failures(answers: Sequence[_Answer]) -> list[Notice]:
    """One notice for each engine and reason, saying how many of its queries failed if some did not."""
    asked = Counter(answer.engine for answer in answers)
    failed: dict[tuple[str, str], list[SearchError]] = {}
    for answer in answers:
        if answer.error is not None:
            failed.setdefault((answer.engine, answer.error.reason), []).append(answer.error)
    notices = []
    for (engine, _), errors in failed.items():
        some = f"{len(errors)} of {asked[engine]} queries failed. " if len(errors) < asked[engine] else ""
        notices.append(Notice(code=SEARCH_FAILED, subject=engine, message=f"{some}{errors[0].message}"))
    return notices


def fuse(
    answers: Iterable[_Answer], *, language: str, limit: int, given: Sequence[str] = ()
) -> tuple[SearchResult, ...]:
    """The pages of all answers by reciprocal rank, each once, those of a site's beyond `PER_SITE` after the others.

    Pages whose title and snippet share no term with the queries that found them come last of all.
    """
    scores: dict[str, float] = {}
    shown: dict[str, SearchResult] = {}
    relevant: set[str] = set()
    for answer in answers:
        wanted = set(content_terms(answer.query, language))
        for rank, result in enumerate(filter(_is_readable, answer.results), start=1):
            key = page_key(result.url)
            scores[key] = scores.get(key, 0.0) + 1 / (FUSION_CONSTANT + rank)
            shown[key] = min(shown.get(key, result), result, key=_oddness)
            if key not in relevant and _shares(wanted, result, language):
                relevant.add(key)
    ranked = sorted(
        scores.keys() - {page_key(url) for url in given}, key=lambda key: (key not in relevant, -scores[key], key)
    )
    return tuple(shown[key] for key in _varied(ranked, shown, relevant)[:limit])


def _varied(ranked: Sequence[str], shown: dict[str, SearchResult], relevant: set[str]) -> list[str]:
    """Ranked pages, those beyond a site's share behind the others that are as relevant."""
    seen: Counter[str] = Counter()
    places: dict[str, tuple[bool, bool, int]] = {}
    for place, key in enumerate(ranked):
        site = site_of(shown[key].url)
        places[key] = (key not in relevant, seen[site] >= PER_SITE, place)
        seen[site] += 1
    return sorted(ranked, key=places.__getitem__)


def _shares(wanted: set[str], result: SearchResult, language: str) -> bool:
    """Whether a result names something of its query; one that shows nothing is not judged."""
    terms = content_terms(f"{result.title} {result.snippet}", language)
    return not terms or not wanted or not wanted.isdisjoint(terms)


def _oddness(result: SearchResult) -> tuple[bool, bool]:
    """The order in which addresses of one page are preferred for reading."""
    return is_edition(result.url), not result.url.startswith("https:")


def _is_readable(result: SearchResult) -> bool:
    return URL.can_parse(result.url) and URL(result.url).pathname.rpartition(".")[2].lower() not in _UNREADABLE


def _distinct(queries: Iterable[str]) -> list[str]:
    first: dict[str, str] = {}
    for query in queries:
        if query.strip():
            first.setdefault(_folded(query), query)
    return list(first.values())


def _folded(query: str) -> str:
    return " ".join(query.casefold().split())

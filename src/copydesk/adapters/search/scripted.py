"""A search engine that answers from a script: for tests, demonstrations and work without a network."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from copydesk.errors import SearchError
from copydesk.ports import SearchResult


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One query as it arrived."""

    query: str
    language: str
    limit: int


class ScriptedSearch:
    """Answers each query from `script`.

    Args:
        script: Answers by exact query (others find nothing), or one answer for every query. An answer is a sequence
            of results, or a SearchError, which is raised.
        delay: Seconds before each answer.
        name: What it is called.
    """

    def __init__(
        self,
        script: Mapping[str, Sequence[SearchResult] | SearchError] | Sequence[SearchResult] | SearchError,
        *,
        delay: float = 0.0,
        name: str = "scripted",
    ) -> None:
        self._script = script
        self._delay = delay
        self._name = name
        self.asked: list[Asked] = []  # in order of arrival

    @property
    def name(self) -> str:
        """What it is called."""
        return self._name

    async def search(self, query: str, *, language: str, limit: int) -> Sequence[SearchResult]:
        """The scripted answer, cut to `limit`.

        Raises:
            SearchError: The script says so.
        """
        self.asked.append(Asked(query=query, language=language, limit=limit))
        await asyncio.sleep(self._delay)
        answer = self._script.get(query, ()) if isinstance(self._script, Mapping) else self._script
        if isinstance(answer, SearchError):
            raise answer
        return tuple(answer[:limit])

"""No search engine: the article is written from the caller's links and files alone."""

from collections.abc import Sequence

from copydesk.ports import SearchResult


class NoSearch:
    """Finds nothing, on purpose."""

    name = "none"

    async def search(self, query: str, *, language: str, limit: int) -> Sequence[SearchResult]:  # noqa: ARG002
        """No results, whatever is asked."""
        return ()

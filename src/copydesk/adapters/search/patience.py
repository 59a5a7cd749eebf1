"""How long an engine is waited for, and whether it is asked once more."""

import asyncio
from collections.abc import Sequence

from tenacity import (
    AsyncRetrying,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_exception,
    wait_random,
)

from copydesk.errors import SearchError
from copydesk.ports import SearchProvider, SearchResult

_ATTEMPTS = 2
_JITTER = (0.1, 0.5)  # seconds; queries that failed together do not come back together


class PatientSearch:
    """Any engine, asked a second time where that may help and there is time for it, and given up after `seconds`.

    An engine that says when it answers again is not asked before; if that is too late, its refusal stands.

    Args:
        engine: Is asked.
        seconds: Time one query may take, the second attempt included.
    """

    def __init__(self, engine: SearchProvider, *, seconds: float) -> None:
        self._engine = engine
        self._seconds = seconds

    @property
    def name(self) -> str:
        """The engine's."""
        return self._engine.name

    async def search(self, query: str, *, language: str, limit: int) -> Sequence[SearchResult]:
        """Ask the engine.

        Raises:
            SearchError: Both attempts failed, the one cannot be repeated, or the time is over.
        """
        attempts = AsyncRetrying(
            retry=retry_if_exception(_may_succeed),
            wait=wait_exception(_told) + wait_random(*_JITTER),
            stop=stop_after_attempt(_ATTEMPTS) | stop_before_delay(self._seconds),
            reraise=True,
        )
        try:
            async with asyncio.timeout(self._seconds):
                return await attempts(self._engine.search, query, language=language, limit=limit)
        except TimeoutError as error:
            msg = f"{self.name} did not answer within {self._seconds:g} seconds."
            raise SearchError(msg, retryable=True, reason="slow") from error


def _may_succeed(error: BaseException) -> bool:
    return isinstance(error, SearchError) and error.retryable


def _told(error: BaseException) -> float:
    """Seconds that the engine asks to wait."""
    return (error.retry_after or 0.0) if isinstance(error, SearchError) else 0.0

"""Who calls, and how often: the dependencies of every route behind a key."""

import math
import time
from typing import Annotated

from fastapi import Depends, Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from copydesk.domain.account import ApiKey
from copydesk.errors import Forbidden, RateLimited
from copydesk.services import Services

_BEARER = "bearer"
_READING = ("GET", "HEAD")


class RequestLimiter:
    """Requests per minute and key, in a moving window.

    It counts in this process alone: behind several API processes a key may send so many times more.
    """

    def __init__(self, per_minute: int) -> None:
        self._item = RateLimitItemPerMinute(per_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self.per_minute = per_minute

    def count(self, key_id: str) -> tuple[bool, int, float]:
        """Count a request; answers whether it may pass, how many are left, and the seconds until one more."""
        allowed = self._limiter.hit(self._item, key_id)
        window = self._limiter.get_window_stats(self._item, key_id)
        return allowed, max(0, window.remaining), window.reset_time - time.time()


def services_of(request: Request) -> Services:
    """The services of this application."""
    services: Services = request.app.state.services
    return services


async def authenticated(request: Request) -> ApiKey:
    """The caller's key, counted against its rate.

    Raises:
        Unauthorized: There is none, or it is not valid.
        RateLimited: It has sent its requests of this minute.
        Forbidden: It is read-only, and the request writes.
    """
    key = await services_of(request).access.authenticate(_secret(request))
    limiter: RequestLimiter = request.app.state.limiter
    allowed, remaining, wait = limiter.count(key.key_id)
    request.state.headers["X-RateLimit-Limit"] = str(limiter.per_minute)
    request.state.headers["X-RateLimit-Remaining"] = str(remaining)
    if not allowed:
        message = f"This key has sent its {limiter.per_minute} requests of the minute; wait, or spread them out."
        raise RateLimited(message, retry_after=max(1, math.ceil(wait)))
    if key.read_only and request.method not in _READING:
        message = "This key is read-only; use one that may write."
        raise Forbidden(message)
    return key


Caller = Annotated[ApiKey, Depends(authenticated)]
ServicesOf = Annotated[Services, Depends(services_of)]


def _secret(request: Request) -> str | None:
    """The key as the request carries it; two that differ are none: which one is meant cannot be told."""
    header = request.headers.get("Authorization", "").strip()
    scheme, _, token = header.partition(" ")
    bearer = token.strip() if scheme.lower() == _BEARER else None
    given = request.headers.get("X-API-Key")
    if given is None:
        return bearer
    return given.strip() if bearer in (None, given.strip()) else None

"""Who sits at the desk: the session's cookie, the forms made for it, and how often a sign-in is tried."""

from typing import Annotated

from fastapi import Depends, Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.responses import Response

from copydesk.errors import Forbidden, RateLimited, Unauthorized
from copydesk.services import Services
from copydesk.services.sessions import SESSION_TIME, Session, check_form

COOKIE = "copydesk_session"
CSRF_FIELD = "csrf"
CSRF_HEADER = "X-CSRF-Token"
SIGN_INS_PER_MINUTE = 10  # of one address: a key has 256 random bits, so this is against load alone
_READING = ("GET", "HEAD")


class SignInLimiter:
    """Tries to sign in per minute and address."""

    def __init__(self) -> None:
        self._item = RateLimitItemPerMinute(SIGN_INS_PER_MINUTE)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, address: str) -> None:
        """Count a try.

        Raises:
            RateLimited: There were too many within a minute.
        """
        if not self._limiter.hit(self._item, address):
            message = "There were too many tries to sign in from this address; wait a minute and try again."
            raise RateLimited(message, retry_after=60)


def services_of(request: Request) -> Services:
    """The services of this application."""
    services: Services = request.app.state.services
    return services


async def visitor(request: Request) -> Session:
    """The session of the request; whatever changes something must carry its form token.

    Raises:
        Unauthorized: Nobody is signed in.
        Forbidden: The form was not made for this session, or its key may only read.
    """
    session = await services_of(request).sessions.resume(request.cookies.get(COOKIE))
    request.state.session = session
    if request.method in _READING:
        return session
    given = request.headers.get(CSRF_HEADER)
    if given is None:
        field = (await request.form()).get(CSRF_FIELD)
        given = field if isinstance(field, str) else None
    check_form(session, given)
    if session.key.read_only and request.url.path != f"{request.scope.get('root_path', '')}/sign-out":
        message = "Your key may only read; sign in with one that may write."
        raise Forbidden(message)
    return session


Visitor = Annotated[Session, Depends(visitor)]
ServicesOf = Annotated[Services, Depends(services_of)]


async def maybe_visitor(request: Request) -> Session | None:
    """The session, or None where nobody is signed in."""
    try:
        return await services_of(request).sessions.resume(request.cookies.get(COOKIE))
    except Unauthorized:
        return None


def give_cookie(request: Request, response: Response, token: str) -> None:
    """Hand the session to the browser: out of reach of scripts, and over TLS alone where there is TLS."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION_TIME.total_seconds()),
        path=str(request.scope.get("root_path") or "/"),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def take_cookie(request: Request, response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(
        COOKIE,
        path=str(request.scope.get("root_path") or "/"),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )

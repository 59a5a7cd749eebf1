"""Errors of every layer as the one flat answer."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from copydesk.errors import (
    BodyTooLarge,
    Conflict,
    CopydeskError,
    DatabaseError,
    InternalError,
    MalformedBody,
    MethodNotAllowed,
    NotFound,
    RateLimited,
    Unauthorized,
    UnsupportedMedia,
    ValidationError,
)
from copydesk.wire.problems import Problem, ProblemDetail

MAX_DISCARDED = 100 * 2**20  # bytes of a refused body that are read and thrown away
MAX_DISCARDING = 10.0  # seconds for that

_OF_STATUS: Mapping[int, type[CopydeskError]] = {  # what the framework itself raises
    400: MalformedBody,
    404: NotFound,
    405: MethodNotAllowed,
    413: BodyTooLarge,
    415: UnsupportedMedia,
    422: ValidationError,
}


def install(app: FastAPI) -> None:
    """Answer every error that a route or the router raises; crashes are `middleware.LastResort`'s."""

    async def deliberate(request: Request, error: Exception) -> Response:
        assert isinstance(error, CopydeskError)  # noqa: S101 - registered for nothing else
        if isinstance(error, BodyTooLarge):
            await _discard_body(request)
        return problem_response(error, request_id=request.state.request_id)

    async def of_framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - likewise
        return problem_response(_translated(request, error), request_id=request.state.request_id)

    async def of_parameters(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - likewise
        return problem_response(ValidationError(_sentence(error)), request_id=request.state.request_id)

    app.add_exception_handler(CopydeskError, deliberate)
    app.add_exception_handler(HTTPException, of_framework)
    app.add_exception_handler(RequestValidationError, of_parameters)


def problem_response(error: CopydeskError, *, request_id: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer of an error: its status, its code, and the headers that its status asks for."""
    details = error.details if isinstance(error, ValidationError) else []
    body = Problem(
        error=error.message,
        code=error.code,
        details=[ProblemDetail(**detail) for detail in details],
        request_id=request_id,
    )
    return Response(
        body.to_json(),
        status_code=error.status,
        media_type="application/json",
        headers={**_headers(error), **(headers or {})},
    )


class NotAllowed(MethodNotAllowed):
    """A method the path does not answer, with those that it does."""

    def __init__(self, message: str, *, allow: str) -> None:
        super().__init__(message)
        self.allow = allow


async def _discard_body(request: Request) -> None:
    """Read on for a while: most clients look for an answer only when all is sent, and else see a broken connection.

    A client that asked with `Expect: 100-continue` has not begun, and looks at once.
    """
    if "Expect" in request.headers:
        return
    left = MAX_DISCARDED
    with suppress(TimeoutError):
        async with asyncio.timeout(MAX_DISCARDING):
            while left > 0:
                message = await request.receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return


def _headers(error: CopydeskError) -> dict[str, str]:
    if isinstance(error, RateLimited | DatabaseError):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, Conflict) and error.retry_after is not None:
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, Unauthorized):
        return {"WWW-Authenticate": 'Bearer realm="copydesk"'}
    if isinstance(error, NotAllowed):
        return {"Allow": error.allow}
    if isinstance(error, BodyTooLarge):
        return {"Connection": "close"}  # the rest of the body is not read
    return {}


def _translated(request: Request, error: HTTPException) -> CopydeskError:
    if error.status_code == MethodNotAllowed.status:
        allow = ", ".join(_methods_of(request))
        return NotAllowed(f"{request.method} is not allowed here; allowed: {allow}.", allow=allow)
    if error.status_code == NotFound.status:
        return NotFound("There is nothing at this path; /docs lists what there is.")
    kind = _OF_STATUS.get(error.status_code, InternalError)
    return kind(f"{str(error.detail).rstrip('.')}.")


def _methods_of(request: Request) -> list[str]:
    """All methods of all routes at the request's path."""
    methods: set[str] = set()
    for route in request.app.state.routes:
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            methods |= set(getattr(route, "methods", None) or ())
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


def _sentence(error: RequestValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}."

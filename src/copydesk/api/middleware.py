"""What surrounds every request: an id, headers, and an answer even to a crash."""

import re
from secrets import token_hex

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars, get_contextvars

from copydesk.api.problems import problem_response
from copydesk.errors import CopydeskError, InternalError, ValidationError
from copydesk.telemetry import get_logger

REQUEST_ID = "X-Request-Id"
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": API_POLICY,
    "Cache-Control": "no-store",
}


class RequestContext:
    """Names every request and dresses every answer.

    A caller's own `X-Request-Id` is kept where it is 1 to 64 letters, digits, dots, dashes or underscores. Headers
    that a route or dependency puts into `request.state.headers` go out with the answer, whatever it is.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = given if _SANE_ID.fullmatch(given) else token_hex(16)
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        state["headers"] = {}

        async def dress(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                for name, value in {**_HEADERS, **state["headers"]}.items():
                    headers.setdefault(name, value)
            await send(message)

        with bound_contextvars(request_id=request_id):
            await self._app(scope, receive, dress)


class LastResort:
    """Answers a crash with the flat shape, and logs it; inside `RequestContext`, outside everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:
            get_logger(__name__).exception("request_crashed", method=scope["method"], path=scope["path"])
            if started:
                raise  # nothing can be said any more: the server drops the connection
            response = problem_response(_of_crash(error), request_id=scope["state"]["request_id"])
            await response(scope, receive, send)


class HeadAsGet:
    """Answers HEAD as GET without the body (RFC 9110, section 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        scope["state"]["bodiless"] = True  # for answers that only end when what they tell of does
        await self._app({**scope, "method": "GET"}, receive, without_body)


class FlatCors(CORSMiddleware):
    """Starlette's CORS, its refusal of a preflight in the flat shape."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer a preflight."""
        response = super().preflight_response(request_headers)
        if response.status_code < 400:  # noqa: PLR2004 - below are no errors
            return response
        error = ValidationError("This origin, method or header is not allowed; CORS_ORIGINS lists the origins.")
        error.status = response.status_code
        request_id: str = get_contextvars()["request_id"]  # Starlette hands over the headers alone
        return problem_response(error, request_id=request_id, headers={"Vary": "Origin"})


def _of_crash(error: Exception) -> CopydeskError:
    if isinstance(error, CopydeskError):
        return error
    return InternalError("Something went wrong on our side; the request id finds it in the log.")
